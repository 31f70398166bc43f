"""Ask an endpoint about itself: how far it is, whether it is syncing, how many peers it has, which validators it sees.

Not every endpoint answers these questions: a development chain has no peers, and Besu answers only the groups of methods that
its operator has switched on. What is not answered is None, "not told", and no fault. Nothing that is told here decides about
a verdict or a transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from acredita.anchoring.ledger import Ledger, LedgerUnavailable
from acredita.anchoring.rpc_answers import MAX_EXACT, read_data, read_quantity
from acredita.anchoring.types import Address

MAX_VALIDATORS = 256  # as many as a trust file has


@dataclass(frozen=True, slots=True)
class EndpointCondition:
    """One endpoint as it describes itself. `fault`: the code of the reason why it has no head; the rest: None if not told."""

    fault: str | None = None
    head: int | None = None
    syncing: bool | None = None
    peers: int | None = None
    validators: frozenset[Address] | None = None


@runtime_checkable
class TellsMore(Protocol):
    """A ledger whose endpoint may answer more than a ledger has to."""

    def told(self, method: str, *params: Any) -> Any:
        """Return the endpoint's answer, None where it gives none."""


def condition_of(ledger: Ledger) -> EndpointCondition:
    """Ask one endpoint about itself. Raises nothing."""
    try:
        head = ledger.head().number
    except LedgerUnavailable as error:
        return EndpointCondition(fault=error.code)
    if not isinstance(ledger, TellsMore):
        return EndpointCondition(head=head)
    return EndpointCondition(
        head=head,
        syncing=_syncing(ledger.told("eth_syncing")),
        peers=_peers(ledger.told("net_peerCount")),
        validators=_validators(ledger.told("qbft_getValidatorsByBlockNumber", "latest")),
    )


def _syncing(answer: Any) -> bool | None:
    """Read `eth_syncing`: false, or an object with the heights while it is syncing."""
    if isinstance(answer, Mapping):
        return True
    return False if answer is False else None


def _peers(answer: Any) -> int | None:
    try:
        return read_quantity(answer, "peers", MAX_EXACT)
    except LedgerUnavailable:
        return None


def _validators(answer: Any) -> frozenset[Address] | None:
    if not isinstance(answer, list) or len(answer) > MAX_VALIDATORS:
        return None
    try:
        return frozenset(Address(read_data(one, "validator", 20)) for one in answer)
    except LedgerUnavailable:
        return None
