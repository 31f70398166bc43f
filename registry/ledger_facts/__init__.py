"""State what the chain says.

`facts`       one ledger at one block B, as values
`histories`   the past of parties and programmes, folded from records
`issuer_log`  an issuer's log, rebuilt from entries
`observer`    facts for many credentials at one block
`trust_file`  `acredita-trust/1`
"""
