"""Turn cohort rows into signed credentials that are sealed and queued.

`institution`       the acts of an institution's staff
`context`           the issuance context
`judgement`         a cohort file judged before it is issued; reports of rows
`cohort_run`        one run over a cohort, batch by batch
`sign_credential`   one credential: built, signed, read back
`signing_pool`      signing in several processes
`process_limits`    limits of those processes
`status_positions`  positions not drawn yet

Nothing in this room sends a transaction.
"""
