"""Read the council and the two registries whole, at one block.

Three looks at logs and two rounds of questions, however large the registry is. The logs of each contract must fold to the
total that the contract states at that block; else there is no answer. No party can so be left out of an inbox by an endpoint
that hides a record.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from acredita.anchoring.ledger import Block, Ledger
from acredita.anchoring.types import Address, Digest, IssuerId
from acredita.contracts import bindings
from acredita.contracts.abi import Deployment, RawLog
from acredita.contracts.bindings import Event
from acredita.registry.inbox.council_history import CouncilHistory, fold_council
from acredita.registry.ledger_facts.histories import PartyHistory, ProgrammeHistory, fold_party, fold_programme
from acredita.registry.ledger_facts.whole_records import events_of, whole_contract


@dataclass(frozen=True)
class SubmittedProgramme:
    """A programme version with its reviews. `supersedes`: an earlier document of the same owner, None where none."""

    history: ProgrammeHistory
    reviews: tuple[bindings.ProgrammeReviewed, ...]
    supersedes: Digest | None


@dataclass(frozen=True)
class WholeRegistry:
    """All that the council and the registries recorded up to one block. `holders`: the recovery set."""

    block: Block
    council: CouncilHistory
    holders: tuple[bytes, ...]
    parties: Mapping[IssuerId, PartyHistory]
    programmes: tuple[SubmittedProgramme, ...]

    @cached_property
    def institutions(self) -> tuple[PartyHistory, ...]:
        """The parties that ever applied, in the order in which they came."""
        return tuple(party for party in self.parties.values() if party.transitions)

    @cached_property
    def agencies(self) -> tuple[PartyHistory, ...]:
        """The parties that were ever recognised as a quality agency."""
        return tuple(party for party in self.parties.values() if party.recognitions)


def read_registry(ledger: Ledger, contracts: Deployment, block: Block) -> WholeRegistry:
    """Read everything up to a block. Raises PartialLedgerUnavailable where it is not whole, LedgerUnavailable."""
    council = bindings.Council(contracts.council)
    issuers = bindings.IssuerRegistry(contracts.issuer_registry)
    programmes = bindings.ProgrammeRegistry(contracts.programme_registry)
    of_council = whole_contract(ledger, Address(council.address), block, council.total())
    of_issuers = whole_contract(ledger, Address(issuers.address), block, issuers.total())
    of_programmes = whole_contract(ledger, Address(programmes.address), block, programmes.total())
    return WholeRegistry(
        block,
        fold_council(events_of(of_council)),
        ledger.read(council.recovery_members(), block.hash),
        {IssuerId(subject): fold_party(IssuerId(subject), events) for subject, events in _by_subject(of_issuers)},
        tuple(each for _, events in _by_subject(of_programmes) if (each := _submitted(events)) is not None),
    )


def _by_subject(logs: Sequence[RawLog]) -> Iterable[tuple[bytes, list[Event]]]:
    """Return the events of each subject in their order. Raises PartialLedgerUnavailable."""
    by_subject: dict[bytes, list[Event]] = {}
    for log, event in zip(logs, events_of(logs), strict=True):
        by_subject.setdefault(log.topics[1], []).append(event)
    return by_subject.items()


def _submitted(events: list[Event]) -> SubmittedProgramme | None:
    history = fold_programme(events)
    if history is None:  # the predecessor that a registry records
        return None
    supersedes = next(each.supersedes for each in events if isinstance(each, bindings.ProgrammeSubmitted))
    reviews = tuple(each for each in events if isinstance(each, bindings.ProgrammeReviewed))
    return SubmittedProgramme(history, reviews, Digest(supersedes) if any(supersedes) else None)
