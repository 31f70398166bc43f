"""Keep the whole public state of a registry in one file, and audit it again without a network.

`archive`          an archive written from an audit, read, unpacked
`tar_file`         the bytes of the file: a tar that has one form
`public_files`     the files of a public folder that belong to it
`recorded_ledger`  a ledger that records its answers, and one that gives them again
`ledger_files`     those answers as JSON

An archive is the word of whoever made it, but for what a signature, a root or a proof inside shows.
"""
