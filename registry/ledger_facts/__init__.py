"""State what the chain says: histories, issuer logs, the trust file."""
