"""Make and verify proofs: Data Integrity and JOSE.

`data_integrity`  proofs added and verified; the credential digest
`cryptosuites`    the four suites: document to signed bytes
`proof_options`   options of a proof, typed
`compact_jws`     a compact JWS as text, and what it claims
`jose`            VC-JWT envelopes
`resolve_key`     a verification method to its key, without fetching
`verification_methods`  the methods of a DID document, and their keys
"""
