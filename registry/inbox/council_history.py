"""Fold the council's events into its members, open proposals and running recoveries.

The events count where they fold to the contract's total (`whole_registry`). A change of members makes every open proposal and
every running recovery void, as the contract does by its configuration number.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from acredita.anchoring.ledger import PartialLedgerUnavailable
from acredita.contracts import bindings
from acredita.contracts.bindings import Event
from acredita.registry.acts.council import PROPOSAL_LIFE_SECONDS

RECOVERY_LIFE_SECONDS: Final = 30 * 24 * 3600  # the contract's RECOVERY_LIFE, after its delay


@dataclass(frozen=True)
class PendingProposal:
    """A proposal that is neither executed nor closed. `approved_by`: every account whose approval stands."""

    number: int
    target: bytes
    calldata_hash: bytes
    act: bytes
    proposer: bytes
    proposed: int
    approved_by: frozenset[bytes]

    @property
    def ends(self) -> int:
        """Unix seconds at which it cannot be executed any more."""
        return self.proposed + PROPOSAL_LIFE_SECONDS


@dataclass(frozen=True)
class RunningRecovery:
    """A recovery that is neither executed nor cancelled. `ready`: when it may be executed, 0 before enough holders agreed."""

    number: int
    members: tuple[bytes, ...]
    threshold: int
    proposed: int
    ready: int = 0
    approved_by: frozenset[bytes] = frozenset()

    def is_over(self, now: int) -> bool:
        """Return whether its time to be executed has passed."""
        return self.ready != 0 and now >= self.ready + RECOVERY_LIFE_SECONDS


@dataclass(frozen=True)
class CouncilHistory:
    """The council after its events up to one block. `trust`: number and SHA-256 of the newest recorded trust file."""

    members: tuple[bytes, ...] = ()
    threshold: int = 0
    proposals: Mapping[int, PendingProposal] = field(default_factory=dict)
    recoveries: Mapping[int, RunningRecovery] = field(default_factory=dict)
    trust: tuple[int, bytes] | None = None

    def open_proposals(self, now: int) -> tuple[PendingProposal, ...]:
        """Return the proposals that can still be approved or executed, in their order."""
        return tuple(each for each in self.proposals.values() if now < each.ends)

    def approvals(self, proposal: PendingProposal) -> int:
        """Return how many present members approve a proposal."""
        return len(proposal.approved_by & set(self.members))

    def running_recoveries(self, now: int) -> tuple[RunningRecovery, ...]:
        """Return the recoveries that can still be approved or executed, in their order."""
        return tuple(each for each in self.recoveries.values() if not each.is_over(now))


def fold_council(events: Iterable[Event]) -> CouncilHistory:
    """Fold all events of the council, oldest first. Raises PartialLedgerUnavailable for what the contract cannot log."""
    fold = _CouncilFold()
    for event in events:
        try:
            fold.take(event)
        except KeyError as error:  # an approval of a proposal that never was
            raise PartialLedgerUnavailable(f"no council of ours logs {type(event).__name__} like this") from error
    return CouncilHistory(fold.members, fold.threshold, fold.proposals, fold.recoveries, fold.trust)


class _CouncilFold:
    """The council while its events are read. It changes in place, because a registry may have many proposals."""

    def __init__(self) -> None:
        self.members: tuple[bytes, ...] = ()
        self.threshold = 0
        self.proposals: dict[int, PendingProposal] = {}
        self.recoveries: dict[int, RunningRecovery] = {}
        self.trust: tuple[int, bytes] | None = None

    def take(self, event: Event) -> None:
        """Take the next event."""
        match event:
            case bindings.MembersSet():
                self.members, self.threshold = event.members, event.threshold
                self.proposals.clear()
                self.recoveries.clear()
            case bindings.TrustRecorded():
                self.trust = (event.number, event.digest)
            case bindings.Proposed() | bindings.Approved() | bindings.Retracted() | bindings.Executed():
                self._proposal(event)
            case _:
                self._recovery(event)

    def _proposal(self, event: Event) -> None:
        match event:
            case bindings.Proposed():
                fields = (event.target, event.calldata_hash, event.act, event.member, event.time)
                self.proposals[event.proposal] = PendingProposal(event.proposal, *fields, frozenset({event.member}))
            case bindings.Approved():
                known = self.proposals[event.proposal]
                self.proposals[event.proposal] = replace(known, approved_by=known.approved_by | {event.member})
            case bindings.Retracted() if not event.closed:
                known = self.proposals[event.proposal]
                self.proposals[event.proposal] = replace(known, approved_by=known.approved_by - {event.member})
            case bindings.Retracted() | bindings.Executed():
                del self.proposals[event.proposal]

    def _recovery(self, event: Event) -> None:
        match event:
            case bindings.RecoveryProposed():
                recovery = RunningRecovery(event.recovery, event.members, event.threshold, event.time)
                self.recoveries[event.recovery] = recovery
            case bindings.RecoveryApproved():
                known = self.recoveries[event.recovery]
                approved = known.approved_by | {event.member}
                self.recoveries[event.recovery] = replace(known, ready=event.ready, approved_by=approved)
            case bindings.RecoveryCancelled() | bindings.RecoveryExecuted():
                del self.recoveries[event.recovery]
