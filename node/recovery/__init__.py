"""Recover from loss.

`backup`              backup and restore
`mend`                a log restored from a mirror (`LOG_AHEAD`)
`mirrors`             another node, or a published folder
`logged_checkpoints`  an issuer's checkpoints, read from the contract's logs
`migrate`             a log moved to another ledger (`GENESIS_CHANGED`)
`migration_ledgers`   the old and the new ledger
`migration_survey`    the credentials and bits to be carried
`migration_record`    `acredita-migration/1` and the predecessor's folder
"""
