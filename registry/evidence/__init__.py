"""Hold what travels with a credential: its evidence, and evidence bundles."""
