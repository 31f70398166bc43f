"""Answers with proof over drawn histories and times: what is proven is what the contracts' own views say."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Final

import pytest
from acredita.contracts import bindings
from acredita.contracts.bindings import ContractRefused
from acredita.registry.evidence.registry_proof import AnswerKind, RegistryQuestion
from acredita.registry.keys.multikey import key_id
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.verification.checked_answer import ProofOutcome
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.registry.evidence.proven_registry import issuer, programme, registry_over
from tests.registry.world import ACT, DAY, HOUR, AnchoredWorld, Party, World, party, seed

HISTORIES: Final = 50
IN_EVERY_RUN: Final = 4
PAST: Final = ("then", "then_as_known_now")


class DrawnWorld:
    """Institutions one above the other, agencies and programmes, whose acts are drawn. The contracts refuse some of them."""

    def __init__(self, world: World, random: Random) -> None:
        self.world, self.random = world, random
        self.top, self.middle, self.low = (party(f"{name} {random.random()}") for name in ("top", "middle", "low"))
        self.parties = (self.top, self.middle, self.low)
        self.programmes = [seed(f"programme {random.random()}") for _ in range(2)]
        self.agency = seed(f"agency {random.random()}")

    def found(self) -> None:
        """Accredit three institutions in a chain."""
        world = self.world
        world.accredit(self.top, world.scope(self.top), days=2_000)
        world.decide(world.issuers.set_delegation(self.top.id, True, ACT))
        world.accredit(self.middle, world.scope(self.middle), days=1_000, accreditor=self.top)
        world.act(self.top.control, world.programmes.submit(self.top.id, self.programmes[0], bindings.NO_SUBJECT))

    def wander(self, acts: int) -> int:
        """Act at random; return how many acts were accepted."""
        taken = 0
        for _ in range(acts):
            self.world.pass_time(self.random.choice((1, HOUR, DAY, 30 * DAY)))
            try:
                self._act()
            except ContractRefused:
                continue
            taken += 1
        return taken

    def _act(self) -> None:
        world, issuers, programmes = self.world, self.world.issuers, self.world.programmes
        who, document = self.random.choice(self.parties[:2]), self.random.choice(self.programmes)
        now = max(world.clock.now, world.now)
        earlier, later = now - self.random.randrange(40 * DAY), now + self.random.randrange(HOUR, 90 * DAY)
        key = PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(self.random.randbytes(32)))
        decided = (
            lambda: world.decide(issuers.suspend(who.id, ACT)),
            lambda: world.decide(issuers.reinstate(who.id, ACT)),
            lambda: world.decide(issuers.amend_scope(who.id, world.scope(who, name={"es": str(now)}).digest, ACT)),
            lambda: world.decide(issuers.renew(who.id, later, ACT)),
            lambda: world.decide(issuers.set_void_from(who.id, earlier, ACT)),
            lambda: world.decide(issuers.key_compromised(who.id, who_key(who), earlier, ACT)),
            lambda: world.decide(programmes.approve(self.top.id, document, later, ACT)),
            lambda: world.decide(programmes.suspend(self.top.id, document, ACT)),
            lambda: world.act(self.top.control, programmes.submit(self.top.id, document, bindings.NO_SUBJECT)),
            lambda: world.act(self.top.control, programmes.withdraw(self.top.id, document, ACT)),
            lambda: world.add_key(who, key, bindings.KeyPurpose.NOTE),
            lambda: world.act(who.control, issuers.end_key(who.id, who_key(who))),
            lambda: world.apply(self.low, self.middle),
        )
        self.random.choice(decided)()

    def questions(self, count: int) -> list[RegistryQuestion]:
        """Draw questions about the past and the present, also about whom the registry does not know."""
        start, end = self.world.chain.header(1).timestamp, self.world.now
        drawn = []
        for _ in range(count):
            at = self.random.choice((None, self.random.randrange(start, end + 1)))
            who = self.random.choice((*self.parties, party("nobody of the registry")))
            document = self.random.choice((*self.programmes, bytes(32)))
            drawn.append(self.random.choice((issuer(who.id, at), programme(who, document, at))))
        return drawn


def who_key(who: Party) -> bytes:
    return bytes(key_id(who.key.multikey))


def check_honest(world: World, question: RegistryQuestion, answer: Mapping[str, Any]) -> None:
    """Compare an answer with what the contracts' own views say of the moment and of the newest block."""
    moments = {"now": world.now} | ({} if question.at is None else dict.fromkeys(PAST, question.at))
    assert set(answer) & {"now", *PAST} == set(moments)
    for name, at in moments.items():
        told = answer[name]
        if question.kind is AnswerKind.PROGRAMME:
            assert told["state"] == world.ledger.read(world.programmes.state_at(question.key, at)).name.lower()
            continue
        subject = question.subject
        state = world.ledger.read(world.issuers.state_at(subject, at))
        void = world.ledger.read(world.issuers.void_from(subject))
        recognised = world.ledger.read(world.issuers.recognised_at(subject, at))
        assert told["state"] == state.name.lower()
        if name != "then":  # what was declared later was not known then
            assert told["recognised"] is (recognised and not 0 < void <= at)
            for key in told["keys"]:
                holds = world.ledger.read(world.issuers.key_at(subject, bytes.fromhex(key["key"][2:]), at))
                assert key["in_force"] is bool(holds)


def check_history(drawn: DrawnWorld, *, sealed: bool) -> int:
    """Draw a history, prove the answers to drawn questions, and compare them with the contracts' views."""
    taken = drawn.wander(12)
    registry = registry_over(drawn.world, sealed=sealed)
    for question in drawn.questions(6):
        checked = registry.check(registry.prove(question))
        assert checked.outcome is ProofOutcome.PROVEN, (checked.code, checked.detail)
        assert checked.answer is not None
        check_honest(drawn.world, question, checked.answer)
    return taken


def check_histories(world: World, seeds: Sequence[int]) -> None:
    """Let each history go on from the same beginning."""
    taken = 0
    with world.branch():
        drawn = DrawnWorld(world, Random(seeds[0]))
        drawn.found()
        for number in seeds:
            drawn.random = Random(number)
            with world.branch():
                taken += check_history(drawn, sealed=number % 2 == 0)
    assert taken >= 3 * len(seeds)


def test_answers_over_drawn_histories(shared_anchored: AnchoredWorld) -> None:
    check_histories(shared_anchored.world, range(IN_EVERY_RUN))


@pytest.mark.slow
def test_answers_over_many_drawn_histories(shared_anchored: AnchoredWorld) -> None:
    check_histories(shared_anchored.world, range(IN_EVERY_RUN, HISTORIES))
