"""Replay the whole ledger and compare it with what was published."""
