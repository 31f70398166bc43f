"""Keep what was folded from the index while it is the same: histories, lists and checkpoints.

It is kept by a total that the contract states: of a log, the total after the issuer's newest checkpoint; of a registry, its
total. A total binds every event before it.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from acredita.anchoring.types import Address, Digest, IssuerId
from acredita.contracts import bindings
from acredita.contracts.abi import RawLog
from acredita.registry.ledger_facts.histories import PartyHistory, is_active
from acredita.registry.ledger_facts.log_chain import LogChain, LoggedCheckpoints
from acredita.registry.ledger_facts.whole_records import events_of

if TYPE_CHECKING:  # the index brings a database, which verification from files does without
    from acredita.node.index.snapshot import IndexSnapshot

KEPT_CHAINS: Final = 64  # issuers whose checkpoints are in memory; about 1 KB a checkpoint


@dataclass(frozen=True)
class FoldedChain:
    """An issuer's checkpoints and their chain. `newest`: the total after the last of `events` events."""

    newest: bytes | None
    events: int
    logged: LoggedCheckpoints
    chain: LogChain


class FoldedChains:
    """Checkpoints of issuers as they were linked last, extended by later events; a bounded number."""

    def __init__(self) -> None:
        self._chains: OrderedDict[IssuerId, FoldedChain] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, snapshot: "IndexSnapshot", chain_id: int, issuer: IssuerId) -> FoldedChain:
        """Return an issuer's checkpoints and their chain, with every event of the snapshot. Raises LedgerUnavailable."""
        newest = snapshot.newest(snapshot.contracts.credential_log, issuer)
        with self._lock:
            known = self._chains.get(issuer)
        if known is None or known.newest != newest:
            known = _chain(snapshot, chain_id, issuer, newest, known)
            with self._lock:
                self._chains[issuer] = known
                self._chains.move_to_end(issuer)
                if len(self._chains) > KEPT_CHAINS:
                    self._chains.popitem(last=False)
        return known


def _chain(
    snapshot: "IndexSnapshot", chain_id: int, issuer: IssuerId, newest: bytes | None, known: FoldedChain | None
) -> FoldedChain:
    """Link an issuer's checkpoints: those that are known and later ones, or all of them."""
    contract = Address(snapshot.contracts.credential_log)
    later = None
    if known is not None and known.newest is not None:
        later = snapshot.records_after(contract, issuer, known.events, known.newest)
    if known is None or later is None:
        records = snapshot.records(contract, issuer)
        logged, events = LoggedCheckpoints.of(chain_id, contract, issuer, records), len(records)
    else:
        logged, events = known.logged.extended(chain_id, contract, issuer, later), known.events + len(later)
    return FoldedChain(newest, events, logged, logged.link(logged.head, logged.word))


class FoldedRegistries:
    """Parties and lists of the registries, as they were folded last from the index."""

    def __init__(self) -> None:
        self._totals: tuple[bytes, bytes] = (b"", b"")
        self._parties: dict[IssuerId, PartyHistory] = {}
        self._listed: tuple[IssuerId, ...] | None = None
        self._versions: tuple[tuple[IssuerId, Digest], ...] | None = None
        self._lock = threading.Lock()

    def party(
        self, snapshot: "IndexSnapshot", subject: IssuerId, fold: Callable[[], PartyHistory | None]
    ) -> PartyHistory | None:
        """Return the history of a party, folded anew if its registry has a newer event. A stranger is not kept."""
        totals = self._begin(snapshot)
        with self._lock:
            known = self._parties.get(subject)
        if known is not None:
            return known
        party = fold()
        with self._lock:
            if party is not None and totals == self._totals:
                self._parties[subject] = party
        return party

    def listed(self, snapshot: "IndexSnapshot") -> tuple[IssuerId, ...]:
        """Return the parties that were ever active, in the order in which they became it."""
        totals = self._begin(snapshot)
        with self._lock:
            known = self._listed
        if known is None:
            registry = snapshot.contracts.issuer_registry
            topic = bindings.event_topics("IssuerRegistry")[bindings.StateRecorded.__name__]
            known = ever_active(snapshot.of_kind(registry, topic))
            with self._lock:
                self._listed = known if totals == self._totals else None
        return known

    def versions(self, snapshot: "IndexSnapshot") -> tuple[tuple[IssuerId, Digest], ...]:
        """Return the programme versions by owner and document, in the order they came."""
        totals = self._begin(snapshot)
        with self._lock:
            known = self._versions
        if known is None:
            registry = snapshot.contracts.programme_registry
            topic = bindings.event_topics("ProgrammeRegistry")[bindings.ProgrammeSubmitted.__name__]
            known = submitted(snapshot.of_kind(registry, topic))
            with self._lock:
                self._versions = known if totals == self._totals else None
        return known

    def _begin(self, snapshot: "IndexSnapshot") -> tuple[bytes, bytes]:
        """Forget what was folded of other events. Return the totals that the snapshot has."""
        contracts = snapshot.contracts
        totals = (snapshot.total(contracts.issuer_registry), snapshot.total(contracts.programme_registry))
        with self._lock:
            if self._totals[0] != totals[0]:
                self._parties, self._listed = {}, None
            if self._totals[1] != totals[1]:
                self._versions = None
            self._totals = totals
        return totals


def ever_active(logs: Iterable[RawLog], until: int | None = None) -> tuple[IssuerId, ...]:
    """Return the subjects that were ever active, in the order in which they became it. `until`: by that block time.

    Raises PartialLedgerUnavailable.
    """
    active = (
        IssuerId(event.subject)
        for event in events_of(logs)
        if isinstance(event, bindings.StateRecorded) and is_active(event) and (until is None or event.time <= until)
    )
    return tuple(dict.fromkeys(active))


def submitted(logs: Iterable[RawLog], until: int | None = None) -> tuple[tuple[IssuerId, Digest], ...]:
    """Return owner and document of each submission in order. `until`: by that block time. Raises PartialLedgerUnavailable."""
    return tuple(
        (IssuerId(event.owner), Digest(event.document))
        for event in events_of(logs)
        if isinstance(event, bindings.ProgrammeSubmitted) and (until is None or event.time <= until)
    )


@dataclass(frozen=True)
class Folded:
    """All that was folded from one index."""

    chains: FoldedChains = field(default_factory=FoldedChains)
    registries: FoldedRegistries = field(default_factory=FoldedRegistries)
