"""Hold what travels with a credential: its evidence, and evidence bundles.

`credential`    a credential as read, its proof and its evidence
`foreign`       a credential of another profile or form, and its proofs
`open_document`  the credentials in what was handed in: one, a presentation, an array
`holder_proof`  the proof of a presentation
`bundle`        `acredita-evidence/1`
`build_bundle`  a bundle made from a ledger at one block
`vouched_block`  the headers that a trust file vouches for
`proven_state`  the pinned contracts' state at one block, by trie nodes
`proven_facts`  a ledger's facts, proven by a bundle
`proven_ledger`  a ledger whose state is read by proof alone
`registry_answer`  what the registry holds of an issuer or a programme version, in JSON
`registry_proof`  `acredita-registry-proof/1`
`build_registry_proof`  an answer with proof, made from a ledger
`proven_answer`  an answer with proof, checked
"""
