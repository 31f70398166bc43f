"""Bound the requests of each address to the routes that make the node read much: a token bucket for each.

- A bucket holds `burst` requests and is filled with `per_second`. A request that finds it empty gets 429 and the seconds
  to wait.
- An address is counted as `admission` counts it: IPv6 by its first 64 bits, a client behind a trusted proxy by itself.
- At most MAX_BUCKETS are kept. The one that was used longest ago goes first, because it is the fullest.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from acredita.node.http.admission import counted_address

MAX_BUCKETS: Final = 65_536
RECORDS_PER_SECOND: Final = 10
RECORDS_BURST: Final = 100  # a verifier asks for some five subjects, an audit of a small registry for some hundred


@dataclass(frozen=True)
class RateLimits:
    """The bounds of one address. `burst`: requests at once after a pause."""

    per_second: int = RECORDS_PER_SECOND
    burst: int = RECORDS_BURST


class RequestRate:
    """The buckets of the addresses that asked lately. Used on the event loop only. `stopwatch` returns monotonic seconds."""

    def __init__(self, limits: RateLimits, stopwatch: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._stopwatch = stopwatch
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # requests left, and when that was so

    def wait(self, address: str) -> int:
        """Count a request of an address. Return 0 if it may be answered, else the whole seconds until one may be."""
        now, counted = self._stopwatch(), counted_address(address)
        left, since = self._buckets.pop(counted, (float(self._limits.burst), now))
        left = min(self._limits.burst, left + (now - since) * self._limits.per_second)
        is_answered = left >= 1
        self._buckets[counted] = (left - 1 if is_answered else left, now)
        if len(self._buckets) > MAX_BUCKETS:
            self._buckets.popitem(last=False)
        return 0 if is_answered else math.ceil((1 - left) / self._limits.per_second)
