"""Serve other people's credentials: sign and check them for the VC-API."""
