"""Hold what travels with a credential: its evidence, and evidence bundles.

`credential`    a credential as read, its proof and its evidence
`bundle`        `acredita-evidence/1`
`build_bundle`  a bundle made from a ledger at one block
`proven_facts`  a ledger's facts, proven by a bundle
"""
