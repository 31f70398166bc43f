"""Issue, prove and verify microcredentials, as a library without a server. The rooms are in docs/architecture.md.

`codes`  every result code with its sentences
"""
