"""Alembic's migrations of a node's database, in order under `versions`."""
