"""Make and verify proofs: Data Integrity and JOSE."""
