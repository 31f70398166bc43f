"""Gather what each endpoint leaves out, and ask for the logs of single subjects.

Logs are checked against the totals, so they may come from any endpoint. Totals and blocks come from the ledger as it is
configured, with the agreement that it demands.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from acredita.anchoring.ledger import Block, Ledger, LedgerUnavailable, LogQuery, PartialLedgerUnavailable
from acredita.anchoring.rpc_ledger import MAX_LOG_BLOCKS, check_askable
from acredita.anchoring.types import Address
from acredita.contracts.abi import RawLog
from acredita.node.index.windows import LogWindows

LogSource = Callable[[Ledger], list[RawLog]]


def gathered(ledgers: Iterable[Ledger], ask: LogSource) -> list[RawLog]:
    """Return every log that any endpoint knows, in chain order. Raises LedgerUnavailable if none answers.

    Raises PartialLedgerUnavailable where two endpoints have different logs at one place.
    """
    known: dict[tuple[int, int], RawLog] = {}
    failure: LedgerUnavailable | None = None
    answered = False
    for ledger in ledgers:
        try:
            logs = ask(ledger)
        except LedgerUnavailable as error:
            failure = error
            continue
        answered = True
        for log in logs:
            if known.setdefault((log.block_number, log.index), log) != log:
                raise PartialLedgerUnavailable(
                    f"endpoints have different logs at one place of block {log.block_number}"
                )
    if not answered:
        raise failure or LedgerUnavailable("there is no endpoint")
    return [known[place] for place in sorted(known)]


def gathered_windows(ledgers: Sequence[Ledger], windows: LogWindows, first: int, last: int) -> Iterator[list[RawLog]]:
    """Yield, a window at a time, every log that any endpoint knows. Raises what `gathered` raises."""
    check_askable(first, last)
    for start in range(first, last + 1, MAX_LOG_BLOCKS):
        end = min(last, start + MAX_LOG_BLOCKS - 1)

        def ask(ledger: Ledger, start: int = start, end: int = end) -> list[RawLog]:
            return [log for logs in windows.each(ledger, start, end) for log in logs]

        yield gathered(ledgers, ask)


def subject_logs(head: Block, doubted: Sequence[tuple[Address, bytes]]) -> LogSource:
    """Return a source of the doubted subjects' logs, fetched whole by topic."""

    def ask(ledger: Ledger) -> list[RawLog]:
        queries = [LogQuery(0, head.number, (address,), (None, subject)) for address, subject in doubted]
        return [log for query in queries for log in ledger.logs(query)]

    return ask


def subject_of(log: RawLog) -> bytes:
    """Return the subject of a log; empty bytes for one without."""
    return log.topics[1] if len(log.topics) > 1 else b""
