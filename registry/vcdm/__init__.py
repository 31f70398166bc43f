"""Check the structure of anybody's VCDM document."""
