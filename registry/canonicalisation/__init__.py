"""Lead a JSON-LD document to canonical N-Quads, with pinned contexts."""
