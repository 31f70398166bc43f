"""Carry queued entries to the chain and back: catch up, draft, anchor, release."""
