"""Benchmarks: every figure of docs/benchmarks.md, as a ratio against a peer in the same run."""
