"""Name the endpoints that may answer for logs, each in turn, and gather what each of them leaves out.

Logs are checked against the totals, so they may come from any endpoint. Totals and blocks come from the ledger as it is
configured, with the agreement that it demands.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

from acredita.anchoring.ledger import Block, Ledger, LedgerUnavailable, LogQuery, PartialLedgerUnavailable
from acredita.anchoring.quorum import endpoints_of
from acredita.anchoring.types import Address
from acredita.contracts import bindings
from acredita.contracts.abi import AbiError, Deployment, RawLog, View

MAX_DOUBTED: Final = 64  # subjects fetched whole in one run; more than these are a broken endpoint, not a gap

T = TypeVar("T")
LogSource = Callable[[Ledger], list[RawLog]]


def first_answer(ledger: Ledger, ask: Callable[[Ledger], T]) -> T:
    """Return the ledger's answer, or else the first that one of its endpoints gives alone. Raises LedgerUnavailable."""
    try:
        return ask(ledger)
    except LedgerUnavailable as error:
        failure = error
    for endpoint in endpoints_of(ledger):
        try:
            return ask(endpoint)
        except LedgerUnavailable:
            continue
    raise failure


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


def doubted_subjects(
    ledger: Ledger, contracts: Deployment, logs: Sequence[RawLog], head: Block
) -> list[tuple[Address, bytes]]:
    """Return the subjects of the two registries whose logs do not fold to the history hash at the head.

    `logs`: all that are known, from the first block on. Raises LedgerUnavailable.
    """
    histories: dict[tuple[Address, bytes], bytes] = {}
    for log in logs:
        key = (Address(log.address), subject_of(log))
        histories[key] = bindings.fold_history(histories.get(key, bindings.EMPTY_HISTORY), _record(log))
    doubted = []
    for (address, subject), folded in sorted(histories.items()):
        view = _history(contracts, address, subject)
        if view is not None and ledger.read(view, head.hash) != folded:
            doubted.append((address, subject))
    return doubted[:MAX_DOUBTED]


def subject_logs(head: Block, doubted: Sequence[tuple[Address, bytes]]) -> LogSource:
    """Return a source of the doubted subjects' logs, fetched whole by topic."""

    def ask(ledger: Ledger) -> list[RawLog]:
        queries = [LogQuery(0, head.number, (address,), (None, subject)) for address, subject in doubted]
        return [log for query in queries for log in ledger.logs(query)]

    return ask


def subject_of(log: RawLog) -> bytes:
    """Return the subject of a log; empty bytes for one without."""
    return log.topics[1] if len(log.topics) > 1 else b""


def _record(log: RawLog) -> bytes:
    try:
        return bindings.record_of(log)
    except (AbiError, IndexError) as error:
        raise PartialLedgerUnavailable(f"block {log.block_number} has a log that is no record") from error


def _history(contracts: Deployment, address: Address, subject: bytes) -> View[bytes] | None:
    if not subject:  # of the council, or no log of ours
        return None
    if address == contracts.issuer_registry:
        return bindings.IssuerRegistry(address).history(subject)
    if address == contracts.programme_registry:
        return bindings.ProgrammeRegistry(address).history(subject)
    return None
