"""Read a subject's records so that none is missing: they must fold to the history hash that the contract states.

A ledger's logs are an endpoint's word. An endpoint that lags, or whose answer is cut, leaves records out and reports no
error. The contract folds the records of each subject into one hash, and all its events into a total. Logs that do not fold to
it are PartialLedgerUnavailable, unless another endpoint's do. A subject without records must have an empty history.
"""

from collections.abc import Iterable, Sequence

from acredita.anchoring.ledger import Block, Ledger, LogQuery, PartialLedgerUnavailable
from acredita.anchoring.quorum import first_whole
from acredita.anchoring.types import Address, to_hex
from acredita.contracts import bindings
from acredita.contracts.abi import AbiError, RawLog, View


def whole_records(
    ledger: Ledger, contract: Address, subject: bytes, block: Block, history: View[bytes]
) -> list[RawLog]:
    """Return every record of a subject up to `block`, in order. `history`: the contract's view of its history hash.

    Raises PartialLedgerUnavailable where the records are not the whole, LedgerUnavailable where there is no answer.
    """
    query = LogQuery(0, block.number, (contract,), (None, subject))
    return _whole(ledger, query, history, block, to_hex(subject))


def whole_contract(ledger: Ledger, contract: Address, block: Block, total: View[bytes]) -> list[RawLog]:
    """Return every log of a contract up to `block`, in order. `total`: the contract's view of the hash over all of them.

    Raises PartialLedgerUnavailable where the logs are not the whole, LedgerUnavailable where there is no answer.
    """
    return _whole(ledger, LogQuery(0, block.number, (contract,)), total, block, f"contract {to_hex(contract)}")


def _whole(ledger: Ledger, query: LogQuery, word: View[bytes], block: Block, what: str) -> list[RawLog]:
    """Return the first logs that fold to the contract's word, from the ledger or from one of its endpoints."""
    stored = ledger.read(word, block.hash)

    def check(logs: Sequence[RawLog]) -> list[RawLog]:
        folded = _fold(logs)
        if folded != stored:
            raise PartialLedgerUnavailable(
                f"the logs of {what} up to block {block.number} are not whole: "
                f"{to_hex(stored)} expected, {to_hex(folded)} found"
            )
        return list(logs)

    return first_whole(ledger, query, check)


def events_of(logs: Iterable[RawLog]) -> list[bindings.Event]:
    """Decode logs of one contract. Raises PartialLedgerUnavailable for an event that this version does not know."""
    events = []
    for log in logs:
        try:
            event = bindings.decode_event(log)
        except AbiError as error:
            raise PartialLedgerUnavailable(f"unreadable log of block {log.block_number}: {error}") from error
        if event is None:
            raise PartialLedgerUnavailable(f"block {log.block_number} has a log of an event this version does not know")
        events.append(event)
    return events


def _fold(records: Sequence[RawLog]) -> bytes:
    folded = bindings.EMPTY_HISTORY
    for log in records:
        try:
            folded = bindings.fold_history(folded, bindings.record_of(log))
        except (AbiError, IndexError) as error:  # no contract of ours logs without a topic
            raise PartialLedgerUnavailable(f"block {log.block_number} has a log that is no record") from error
    return folded
