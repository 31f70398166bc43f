"""Choose the media type of an answer that has several names for the same bytes, by the Accept of the request.

RFC 9110 12.5.1: the highest weight wins. Of equal weights the more specific range wins, then the order in which the
types are offered. A request that accepts none of them gets the first, which it may still be able to read.
"""

import re
from collections.abc import Iterable
from typing import Final

MAX_RANGES: Final = 32  # media ranges of one header; a browser sends eight
_WEIGHT: Final = re.compile(r";\s*q=([01](?:\.\d{0,3})?)\s*(?:;|$)", re.I | re.ASCII)


def accepted_type(header: str, offered: Iterable[str]) -> str:
    """Return the offered media type that a header prefers. `offered`: in order of preference, at least one."""
    ranges = [_range(text) for text in header.split(",")[:MAX_RANGES]]
    types = list(offered)
    return max(types, key=lambda name: (_weight(name, ranges), -types.index(name)))


def _weight(name: str, ranges: list[tuple[str, float]]) -> tuple[float, int]:
    """Return the weight that the most specific range gives a type, and how specific it is."""
    kind = name.partition("/")[0]
    for specific, wanted in ((2, name), (1, f"{kind}/*"), (0, "*/*")):
        weights = [weight for text, weight in ranges if text == wanted]
        if weights:
            return max(weights), specific
    return 0.0, 0


def _range(text: str) -> tuple[str, float]:
    weight = _WEIGHT.search(text)
    return text.partition(";")[0].strip().lower(), min(float(weight[1]), 1.0) if weight else 1.0
