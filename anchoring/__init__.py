"""Keep an append-only log and prove what is in it, without knowing of credentials or people.

`types`        domain types, and the one way between bytes and hex
`entries`      log entries of 70 bytes
`merkle`       RFC 9162 trees: roots, inclusion and consistency paths
`log`          the running log of one issuer and epoch
`status_bits`  the status tree: three bits for each position
`checkpoint`   checkpoints, their words, the packed head
`receipts`     `acredita-receipt/1`
`ledger`       the protocol of a chain, its values and errors
`question_batch`  several questions in one round trip
`rpc_ledger`   the ledger over JSON-RPC
`rpc_answers`  JSON-RPC answers parsed into the ledger's values
`rpc_batch`    several JSON-RPC requests in one round trip
`rpc_provider`  the HTTP provider of an endpoint that is not trusted
`answer_headers`  the beginning of an HTTP answer, bounded as a whole
`endpoint_condition`  what an endpoint says of itself: syncing, peers, validators
`quorum`       several endpoints as one ledger
`nonce`        the next nonce of an account: the chain's count, compared with our own
`transaction`  one transaction of one account: sign, send, its outcome at depth
`raw_transaction`  a signed transaction's bytes, read and its sender recovered
`account_signature`  an account's consent to be bound to a party: sign and check
`sender`       single calls of one account, stored and settled one after the other
`call_signer`  one call signed by a key here, or by an external signer
`account_sender`  single calls of an account without storage
`state_proof`  EIP-1186 proofs of accounts and slots
`rlp_prefix`   the prefix of an RLP item
`qbft`         headers and commit seals of QBFT networks
`note`         signed notes of C2SP
`cosignature`  cosignatures of checkpoints by a witness
"""
