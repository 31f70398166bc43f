"""Recover from loss: backup and restore, mending from mirrors, migration to another ledger."""
