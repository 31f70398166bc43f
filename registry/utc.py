"""Unix seconds as every time of ours is written: UTC, whole seconds, RFC 3339."""

import time


def utc(seconds: int) -> str:
    """`YYYY-MM-DDThh:mm:ssZ`."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
