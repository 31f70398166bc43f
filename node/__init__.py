"""Run a node. The rooms and their order are in docs/architecture.md.

`config`  the configuration: one frozen object, made at start
"""
