"""The demonstration: its institutions, programmes and scenes, all fictitious."""
