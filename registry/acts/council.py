"""Read the council's proposals as the ledger has them, each with its state in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from acredita.anchoring.ledger import Ledger
from acredita.contracts.answers import StoredProposal
from acredita.contracts.bindings import Council
from acredita.registry.acts.shapes import Text

PROPOSAL_LIFE_SECONDS: Final = 30 * 24 * 3600  # the contract's PROPOSAL_LIFE


class ProposalState(StrEnum):
    """States of a proposal, as the contract would decide them at the newest block."""

    OPEN = "open"
    READY = "ready"  # enough present members approve
    EXECUTED = "executed"
    RETRACTED = "retracted"
    VOID = "void"
    EXPIRED = "expired"


STATE_TEXTS: Final = {
    ProposalState.OPEN: Text("open", "abierta"),
    ProposalState.READY: Text("ready to execute", "lista para ejecutarse"),
    ProposalState.EXECUTED: Text("executed", "ejecutada"),
    ProposalState.RETRACTED: Text("retracted", "retirada"),
    ProposalState.VOID: Text("void", "sin efecto"),
    ProposalState.EXPIRED: Text("expired", "vencida"),
}


@dataclass(frozen=True, slots=True)
class CouncilNow:
    """Members, threshold and configuration at the newest block, whose time is `time`."""

    members: tuple[bytes, ...]
    threshold: int
    configuration: int
    time: int


@dataclass(frozen=True, slots=True)
class NumberedProposal:
    """A proposal of the chain. `approvals`: of present members."""

    number: int
    stored: StoredProposal
    approvals: int
    state: ProposalState

    @property
    def ends(self) -> int:
        """Unix seconds after which it cannot be executed."""
        return self.stored.proposed + PROPOSAL_LIFE_SECONDS


def council_now(ledger: Ledger, council: Council) -> CouncilNow:
    """Read the council at the newest block. Raises LedgerUnavailable."""
    head = ledger.head()
    return CouncilNow(
        ledger.read(council.members(), head.hash),
        ledger.read(council.threshold(), head.hash),
        ledger.read(council.configuration(), head.hash),
        head.time,
    )


def numbered_proposal(ledger: Ledger, council: Council, number: int, now: CouncilNow) -> NumberedProposal:
    """Read one proposal. Raises LedgerUnavailable."""
    stored, approvals = ledger.read(council.proposal(number)), ledger.read(council.approvals(number))
    return NumberedProposal(number, stored, approvals, _state(stored, approvals, now))


def proposals(ledger: Ledger, council: Council, now: CouncilNow) -> Iterator[NumberedProposal]:
    """Read every proposal, the newest first. Raises LedgerUnavailable."""
    for number in range(ledger.read(council.proposal_count()), 0, -1):
        yield numbered_proposal(ledger, council, number, now)


def approving_members(ledger: Ledger, council: Council, number: int, now: CouncilNow) -> tuple[bytes, ...]:
    """Return the present members who approve a proposal. Raises LedgerUnavailable."""
    return tuple(member for member in now.members if ledger.read(council.approved(number, member)))


def _state(stored: StoredProposal, approvals: int, now: CouncilNow) -> ProposalState:
    if stored.executed:
        return ProposalState.EXECUTED
    if stored.closed:
        return ProposalState.RETRACTED
    if stored.configuration != now.configuration:
        return ProposalState.VOID
    if now.time >= stored.proposed + PROPOSAL_LIFE_SECONDS:
        return ProposalState.EXPIRED
    return ProposalState.READY if approvals >= now.threshold else ProposalState.OPEN
