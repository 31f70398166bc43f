"""Speak JSON-RPC for the embedded chain, the way Anvil does."""
