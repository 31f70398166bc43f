"""Prepare what a person receives of one credential: a folder, a ZIP, or a link that opens once."""
