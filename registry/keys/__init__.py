"""Name, keep and use keys.

`multikey`       public keys as Multikey
`jwk`            public keys as JSON Web Keys
`did`            did:key, did:web and the issuer id
`key_statement`  the statement by which a key enters the registry
`signer`         the protocol of a signer, and keys in memory
`keystore`       private keys in one encrypted file
`account_file`   one ledger account in a file that wallets read
`passphrase`     the places a passphrase may come from
`scrypt_cost`    the cost of a guess
"""
