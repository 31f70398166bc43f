"""JSON of strangers, read only as deep as a request can be.

Python's own guard is no guard here: py-evm raises the recursion limit of the whole process so far that the parser runs
out of stack before it is reached, and the process dies. So the depth is counted before anything is parsed.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

# Levels of brackets: a batch of calls with access lists and state overrides has eight.
MAX_DEPTH: Final = 64

# The last alternative takes an unterminated string to the end: hostile quotes cost one pass in all.
_STRINGS: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))


def read_nested(text: bytes) -> Any:
    """Read the value of a JSON text. Raises ValueError where it is none, or deeper than MAX_DEPTH."""
    # In UTF-16 and UTF-32, which the parser would take as well, brackets could hide from the count.
    decoded = text.decode("utf-8")
    if _depth(text) > MAX_DEPTH:
        raise ValueError(f"at most {MAX_DEPTH} levels of nesting")
    return json.loads(decoded)


def _depth(text: bytes) -> int:
    deepest = level = 0
    for byte in _STRINGS.sub(b"", text).translate(None, _NOT_BRACKETS):
        level += 1 if byte in b"[{" else -1
        deepest = max(deepest, level)
    return deepest
