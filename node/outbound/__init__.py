"""Ask other hosts over HTTP, within bounds of time, size and address."""
