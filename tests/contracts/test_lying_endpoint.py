"""A council member whose endpoint lies signs nothing that the member did not read.

The endpoint shows a harmless proposal under the number of a harmful one and says that the approval would succeed. The
member's signature states what the member read, so the contract refuses it, whatever part of the proposal was forged.
"""

from dataclasses import replace
from typing import Any, TypeVar

import pytest
from acredita.anchoring.ledger import Ledger
from acredita.anchoring.sender import Sender, TransactionRevertedError
from acredita.anchoring.types import Address
from acredita.contracts import bindings
from acredita.contracts.abi import Call, View
from acredita.contracts.bindings import StoredProposal, StoredRecovery, members_hash
from eth_hash.auto import keccak

from tests.contracts.harness import ACT, MEMBERS, RECOVERY, STRANGER, UT, digest
from tests.contracts.harness import deploy as deploy_world
from tests.simulators.installation import MEMBER, SECOND_MEMBER, Installation, install
from tests.simulators.ledger import WrappedLedger

T = TypeVar("T")


class Forging(WrappedLedger):
    """An endpoint that shows another proposal under each number, and promises that every call succeeds."""

    def __init__(self, inner: Ledger, shown: StoredProposal) -> None:
        super().__init__(inner)
        self.shown = shown

    def read(self, view: View[T], block: Any = None) -> T:
        answer = super().read(view, block)
        return self.shown if isinstance(answer, StoredProposal) else answer  # type: ignore[return-value]

    def simulate(self, call: Call, sender: Address) -> bytes:
        return b""


def harmful(installation: Installation) -> tuple[int, StoredProposal]:
    """Propose, as one member, to hand the council to a stranger; return its number and what is stored."""
    council = bindings.Council(installation.deployment.council)
    call = council.set_members((STRANGER, MEMBER.address), 1)
    installation.act(MEMBER, council.propose(call.to, keccak(call.data), ACT))
    number = installation.ledger.read(council.proposal_count())
    return number, installation.ledger.read(council.proposal(number))


@pytest.mark.parametrize("forged", ["target", "calldata_hash", "act", "all of it"])
def test_a_member_with_a_lying_endpoint_approves_nothing_it_did_not_read(forged: str) -> None:
    installation = install()
    number, stored = harmful(installation)
    harmless = bindings.IssuerRegistry(installation.deployment.issuer_registry).end_agency(UT.subject, ACT)
    other = {"target": harmless.to, "calldata_hash": keccak(harmless.data), "act": digest("another act")}
    shown = replace(stored, **(other if forged == "all of it" else {forged: other[forged]}))
    council = bindings.Council(installation.deployment.council)
    endpoint = Forging(installation.ledger, shown)
    member = Sender(endpoint, SECOND_MEMBER, depth=0)

    # what a program does that believes its endpoint: read the proposal, show it, sign it
    read = endpoint.read(council.proposal(number))
    with pytest.raises(TransactionRevertedError):
        member.transact(council.approve(number, read.target, read.calldata_hash, read.act))
    assert not installation.ledger.read(council.approved(number, SECOND_MEMBER.address))
    assert installation.ledger.read(council.approvals(number)) == 1

    honest = Sender(installation.ledger, SECOND_MEMBER, depth=0)
    honest.transact(council.approve(number, stored.target, stored.calldata_hash, stored.act))
    assert installation.ledger.read(council.approvals(number)) == 2


def test_a_holder_of_the_recovery_set_agrees_to_the_members_it_read_alone() -> None:
    world = deploy_world()
    thieves, heirs = (STRANGER, RECOVERY[0], RECOVERY[1]), MEMBERS
    world.send(RECOVERY[0], world.council.propose_recovery(thieves, 2))
    for members, threshold in ((heirs, 2), (thieves, 1)):
        lied_to = world.council.approve_recovery(1, members_hash(members, threshold))
        assert world.attempt(RECOVERY[1], lied_to).reason == "recovery: other members"
    recovery: StoredRecovery = world.ask(world.council.recovery(1))
    assert (recovery.approvals, recovery.ready) == (1, 0)
    assert recovery.members_hash == members_hash(thieves, 2)


def test_an_approval_given_in_error_is_taken_back_and_the_proposer_closes_its_own() -> None:
    world = deploy_world()
    call = world.council.set_members((STRANGER, *MEMBERS[:2]), 2)
    proposal = world.propose(call)
    world.send(MEMBERS[1], world.approval(proposal))
    world.send(MEMBERS[1], world.council.retract(proposal))
    execute = world.council.execute(proposal, call.data)
    assert world.attempt(MEMBERS[0], execute).reason == "council: too few approvals"
    world.send(MEMBERS[1], world.approval(proposal))
    world.send(MEMBERS[0], world.council.retract(proposal))
    assert world.attempt(MEMBERS[1], execute).reason == "council: retracted"
    assert world.ask(world.council.members()) == MEMBERS
