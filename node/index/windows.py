"""Ask for logs in windows of blocks that adapt to the endpoint.

An endpoint refuses a query that is too long for it, by blocks or by results, each in words of its own. So a query without
an answer is repeated over half as many blocks. The width that was answered is kept, and grows again from run to run.
"""

from collections.abc import Callable, Iterator
from typing import Final

from acredita.anchoring.ledger import Ledger, LedgerUnavailable, LogQuery, PartialLedgerUnavailable
from acredita.anchoring.rpc_ledger import MAX_LOG_BLOCKS, check_askable
from acredita.anchoring.types import Address
from acredita.contracts.abi import RawLog

MAX_FAILURES: Final = 4  # in a row and run: an endpoint that is silent, not choosy, costs no more than so many timeouts


class LogWindows:
    """The logs of some contracts, a window at a time. `between`: called before each window but the first."""

    def __init__(self, addresses: tuple[Address, ...], between: Callable[[], None] = lambda: None) -> None:
        self._addresses = addresses
        self._between = between
        self._width = MAX_LOG_BLOCKS

    @property
    def width(self) -> int:
        """The number of blocks of the next window."""
        return self._width

    def query(self, first: int, last: int) -> LogQuery:
        """Return the query about all of these blocks at once."""
        return LogQuery(first, last, self._addresses)

    def each(
        self, source: Ledger, first: int, last: int, addresses: tuple[Address, ...] | None = None
    ) -> Iterator[list[RawLog]]:
        """Yield the logs of each window from `first` to `last`, both included. Raises LedgerUnavailable.

        `addresses`: of these contracts alone.
        """
        check_askable(first, last)
        start = first
        while start <= last:
            if start > first:
                self._between()
            end, logs = self._window(source, start, last, addresses or self._addresses)
            yield logs
            start = end + 1
        self._width = min(MAX_LOG_BLOCKS, self._width * 2)

    def _window(
        self, source: Ledger, first: int, last: int, addresses: tuple[Address, ...]
    ) -> tuple[int, list[RawLog]]:
        """Return the last block of a window that the endpoint answers, and its logs."""
        failures = 0
        while True:
            end = min(last, first + self._width - 1)
            try:
                return end, list(source.logs(LogQuery(first, end, addresses)))
            except PartialLedgerUnavailable:
                raise
            except LedgerUnavailable:
                failures += 1
                width = end - first + 1
                self._width = max(1, width // 2)
                if width == 1 or failures == MAX_FAILURES:
                    raise
