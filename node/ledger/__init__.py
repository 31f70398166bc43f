"""Connect this node to its ledger, and take one view of it for many requests."""
