"""Replay the whole ledger and compare it with what was published.

`replay`        every record, word and entry, in order
`logs`          checkpoints and roots of each log
`status_lists`  published lists against the replayed bits
`journal`       findings and the state hash
"""
