"""Publish what the world may read.

`trust_folder`    the public folder beside a trust file
`public_files`    confirmed logs and status lists in that folder
`status_lists`    signed status lists, ahead of the chain
`tiles`           the log as C2SP tlog-tiles
`tile_names`      the names of tiles, and the form of entry bundles
`tile_files`      the tiles of a log as files, each written once
`durable_files`   files that outlive a power failure, and a folder for one process
`log_copies`      entries read from tiles in a folder or at a host
`document_store`  documents that the ledger names
`proposal_store`  proposals of the council
`document_exchange`  documents and proposals sent to a node and fetched from one
`withheld_store`  the list of withheld documents
`did_documents`   DID documents from the ledger's key history

Nothing behind the last confirmed checkpoint is published, except status bits.
"""
