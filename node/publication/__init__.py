"""Publish what the world may read.

`trust_folder`   the public folder beside a trust file
`public_files`   confirmed entries and status lists in that folder
`status_lists`   signed status lists, ahead of the chain
`tiles`          the log as C2SP tlog-tiles
`did_documents`  DID documents from the ledger's key history

Nothing behind the last confirmed checkpoint is published, except status bits.
"""
