"""Name, keep and use keys: Multikey, DID, signer, keystore, key statement."""
