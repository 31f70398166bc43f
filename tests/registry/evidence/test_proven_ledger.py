"""A ledger read by proof: no view, log or header of an endpoint changes a verdict, except to indeterminate."""

import json
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.ledger import AccountProof, Block, BlockName
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.types import Address
from acredita.contracts import bindings
from acredita.registry.evidence.proven_ledger import ProofsUnavailable, ProvenLedger
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.observer import Observer, observe
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.verification.results import Verdict

from tests.anchoring.sealing import sealed
from tests.registry.evidence.test_bundle import VALIDATORS, in_force, quorum_trust
from tests.registry.verification import cases
from tests.registry.verification.asking import ask
from tests.registry.world import ACT, STATUS_ONLY, AnchoredWorld, Credential, account, party
from tests.simulators.half_endpoint import Answers, Ask, HalfProvider, Manner, drawn_manners

SEEDS = 60


def proven(anchored: AnchoredWorld, *manners: Manner, trust: Trust | None = None) -> Observer | Missing:
    """Observe the chain by proof, through an endpoint of these manners."""
    ledger = RpcLedger(HalfProvider(Answers(anchored.world.rpc), manners))
    pinned = trust or anchored.world.trust()
    return observe(ProvenLedger(ledger, pinned), pinned, anchored.world.entries_of)


def verdict(anchored: AnchoredWorld, credential: Credential, observer: Observer | Missing) -> Verdict:
    return ask(anchored.world, credential, observer=observer).verdict


def lying(random: Random) -> Manner:
    """Answer every view by another word, and every block by itself."""

    def manner(method: str, params: list[Any], ask: Ask) -> dict[str, Any]:
        answer = ask(method, params)
        if method == "eth_call" and isinstance(answer.get("result"), str):
            words = (len(answer["result"]) - 2) // 64
            false = random.choice(["00" * 32, random.randbytes(32).hex(), bytes(31).hex() + "01"])
            return answer | {"result": "0x" + false * words}
        return answer

    return manner


def spoiled_proofs(random: Random) -> Manner:
    """Replace one character of a proof now and then."""

    def manner(method: str, params: list[Any], ask: Ask) -> dict[str, Any]:
        answer = ask(method, params)
        if method != "eth_getProof" or random.random() < 0.95:
            return answer
        text = json.dumps(answer["result"])
        at = random.choice([n for n, character in enumerate(text) if character in "0123456789abcdef"])
        return answer | {"result": json.loads(text[:at] + random.choice("0123456789abcdef") + text[at + 1 :])}

    return manner


def happenings(anchored: AnchoredWorld) -> list[tuple[Credential, Verdict]]:
    """Revoke one credential and suspend the institution; return credentials with their honest verdicts."""
    world = anchored.world
    waiting = world.sign(anchored.up)
    world.anchor(anchored.up, changes=[(EntryKind.REVOKED, anchored.credentials[1].position)], kind=STATUS_ONLY)
    world.decide(world.issuers.suspend(anchored.up.id, ACT))
    rows = [anchored.good, anchored.credentials[1], waiting, world.sign(party("academy nobody accredited"))]
    verdicts = (Verdict.VALID_WITH_WARNINGS, Verdict.INVALID, Verdict.NOT_RECOGNISED, Verdict.NOT_RECOGNISED)
    return list(zip(rows, verdicts, strict=True))


def test_by_proof_the_verdicts_are_the_same(anchored: AnchoredWorld) -> None:
    rows = happenings(anchored)
    for credential, expected in rows:
        assert verdict(anchored, credential, proven(anchored)) is expected
        assert verdict(anchored, credential, anchored.world.observer()) is expected


def test_an_endpoint_that_lies_in_every_view_changes_nothing(anchored: AnchoredWorld) -> None:
    rows = happenings(anchored)
    for seed in range(5):
        observer = proven(anchored, lying(Random(seed)))
        assert [verdict(anchored, credential, observer) for credential, _ in rows] == [expected for _, expected in rows]


def test_an_endpoint_that_lies_in_everything_gives_the_honest_verdict_or_none(anchored: AnchoredWorld) -> None:
    rows = happenings(anchored)
    answered = 0
    for seed in range(SEEDS):
        random = Random(seed)
        manners = [lying(random), spoiled_proofs(random), *drawn_manners(random, None)]
        observer = proven(anchored, *manners)
        for credential, expected in rows:
            given = verdict(anchored, credential, observer)
            assert given in {expected, Verdict.INDETERMINATE, missing_verdict(anchored, credential)}, f"seed {seed}"
            answered += given is not Verdict.INDETERMINATE
    assert answered


def missing_verdict(anchored: AnchoredWorld, credential: Credential) -> Verdict:
    return verdict(anchored, credential, Missing("LEDGER_UNREACHABLE"))


class Sealing(RpcLedger):
    """A chain whose newest block some validators sealed."""

    signers: Sequence[Any] = ()

    def head(self) -> Block:
        block = super().head()
        return replace(block, header=sealed(block.header, self.signers))

    def proof(self, address: Address, slots: Sequence[bytes], block: BlockName) -> AccountProof:
        return super().proof(address, slots, super().head().number)


def sealing(anchored: AnchoredWorld, signers: Sequence[Any]) -> Sealing:
    ledger = Sealing(anchored.world.ledger._provider)
    ledger.signers = signers
    return ledger


def test_a_header_needs_the_seals_of_two_thirds_of_the_validators(anchored: AnchoredWorld) -> None:
    trust = quorum_trust(anchored.world, in_force())
    assert ProvenLedger(sealing(anchored, VALIDATORS[1:]), trust).head().number == anchored.world.chain.head.number
    for signers in (VALIDATORS[:1], [account("a stranger")] * len(VALIDATORS)):
        with pytest.raises(ProofsUnavailable, match="BLOCK_NOT_TRUSTED"):
            ProvenLedger(sealing(anchored, signers), trust).head()


def test_there_is_no_fallback_to_views(anchored: AnchoredWorld) -> None:
    world = anchored.world
    ledger = ProvenLedger(world.ledger, world.trust())
    with pytest.raises(ProofsUnavailable, match="no slot"):
        ledger.read(bindings.IssuerRegistry(world.contracts.issuer_registry).party_count())
    with pytest.raises(ProofsUnavailable, match="newest"):
        ledger.read(world.log.head(anchored.up.id), 1)
    older = cases.seen_at(world, anchored.receipt.checkpoint.time).block
    with pytest.raises(ProofsUnavailable, match="not proven"):
        ledger.block(older.number - 1)


def test_every_question_of_a_verification_is_answered_by_its_slot(anchored: AnchoredWorld) -> None:
    world, subject = anchored.world, anchored.up.id
    world.open_epoch(anchored.up, last_good=1)
    ledger = ProvenLedger(world.ledger, world.trust())
    for view in (
        world.issuers.history(subject),
        world.issuers.total(),
        world.programmes.total(),
        world.log.total(),
        world.log.head(subject),
        world.log.last_good(subject, 1),
        world.log.checkpoint_word(subject, 1, 0),
        world.log.checkpoint_word(subject, 1, 1),
        world.log.checkpoint_word(subject, 2, 0),
        world.log.checkpoint_word(subject, 9, 9),
    ):
        assert ledger.read(view) == world.ledger.read(view)
