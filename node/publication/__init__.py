"""Publish what the world may read: status lists, tiles, DID documents, the folder of the trust file."""
