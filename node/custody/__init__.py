"""Keep keys and sealed credentials, and erase what must be forgotten."""
