"""Keep keys and sealed credentials, and erase what must be forgotten.

`key_ring`  the keys in use, by keystore and ledger
`vault`     credentials sealed, each under its own data key
`erasure`   one credential forgotten
"""
