"""Store a node's data in SQLAlchemy tables keyed by issuer, on SQLite or PostgreSQL.

`models`              the tables
`database`            read and write transactions; the fencing number
`database_url`        the URL of a database
`sqlite`              files, and connections that are kept between reads
`postgresql`          sessions that lose nothing, and their pool
`replication`         how a server is replicated, and how old a standby is
`errors`              storage that cannot be used now, and why
`leases`              one writer for each institution
`institutions`        institutions, the ledger of each log, stops
`queue`               items on their way into the log
`queue_states`        items moved between their states
`refused`             refused items, and their requeue
`stored_log`          entries and subtree hashes
`stored_checkpoints`  checkpoints and their block positions
`transactions`        signed transactions and nonces
`receipts`            receipts of confirmed entries
`credentials`         sealed credentials, data keys, status positions
`status_lists`        published status lists and their versions
`list_addresses`      the address under which each list was begun
`cohort_batches`      a batch of a cohort in a few statements
`ledger_index`        the ledger's events, and the block up to which they are checked
`ledger_event_rows`   one event of the ledger as a row
`ledger_gaps`         events that are not checked yet, and subjects whose events are not whole
`ledger_words`        the ledger's events that hold a word
`documents`           documents that the ledger names, and their limits
`proposals`           proposals of the council
`withheld_lists`      signed lists of withheld documents
`former_logs`         logs of lost ledgers
`trail`               acts and their actors
`access_tokens`       access tokens by their hash
`rights`              the rights of a token
`private_files`       files that only the user of the process may read
`vc_api_status`       status positions of documents signed outside the log

Every function takes the caller's connection, so that one act is one transaction.
"""
