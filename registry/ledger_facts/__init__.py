"""State what the chain says.

`accreditation`      whether the registry lets an institution issue now, and by which record
`entries_in_memory`  the entries of a log in memory, shared by its heads
`facts`              one ledger at one block B, as values
`histories`          the past of parties and programmes, folded from records
`issuer_log`         an issuer's log, rebuilt from entries
`log_chain`          an issuer's checkpoints, linked by their words to the head
`log_entries`        the sources of a log's entries
`named_documents`    the documents that records name, by kind, and their bytes
`observed_block`     the choice of block B, on the chain that the trust file pins
`observer`           facts for many credentials at one block
`trust_file`         `acredita-trust/2`
`trusted_chain`      its chain: kind, pace, blocks, validators
`trust_draft`        the file before and while it is signed
`trust_succession`   which file may follow which
`withheld_list`      `acredita-withheld/1`: documents that are not given out
`whole_records`      records that fold to the hash the contract states
"""
