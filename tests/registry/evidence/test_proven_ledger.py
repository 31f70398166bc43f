"""A ledger read by proof: no view, log or header of an endpoint changes a verdict, except to indeterminate."""

from random import Random

import pytest
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.types import BlockHash
from acredita.contracts import bindings
from acredita.registry.evidence.proven_ledger import ProofsUnavailable, ProvenLedger
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.observer import Observer, observe
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.verification.results import Verdict

from tests.registry.verification.asking import ask
from tests.registry.world import ACT, STATUS_ONLY, AnchoredWorld, Credential, party
from tests.simulators.half_endpoint import Answers, HalfProvider, Manner, drawn_manners
from tests.simulators.qbft_lies import false_proofs, false_views

SEEDS = 60


def proven(anchored: AnchoredWorld, *manners: Manner, trust: Trust | None = None) -> Observer | Missing:
    """Observe the chain by proof, through an endpoint of these manners."""
    ledger = RpcLedger(HalfProvider(Answers(anchored.world.rpc), manners))
    pinned = trust or anchored.world.trust()
    return observe(ProvenLedger(ledger, pinned), pinned, anchored.world.entries_of)


def verdict(anchored: AnchoredWorld, credential: Credential, observer: Observer | Missing) -> Verdict:
    return ask(anchored.world, credential, observer=observer).verdict


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
        observer = proven(anchored, false_views(Random(seed)))
        assert [verdict(anchored, credential, observer) for credential, _ in rows] == [expected for _, expected in rows]


def test_an_endpoint_that_lies_in_everything_gives_the_honest_verdict_or_none(anchored: AnchoredWorld) -> None:
    rows = happenings(anchored)
    answered = 0
    for seed in range(SEEDS):
        random = Random(seed)
        manners = [false_views(random), false_proofs(random, 0.05), *drawn_manners(random, None)]
        observer = proven(anchored, *manners)
        for credential, expected in rows:
            given = verdict(anchored, credential, observer)
            assert given in {expected, Verdict.INDETERMINATE, missing_verdict(anchored, credential)}, f"seed {seed}"
            answered += given is not Verdict.INDETERMINATE
    assert answered


def missing_verdict(anchored: AnchoredWorld, credential: Credential) -> Verdict:
    return verdict(anchored, credential, Missing("LEDGER_UNREACHABLE"))


def test_there_is_no_fallback_to_views(anchored: AnchoredWorld) -> None:
    world = anchored.world
    ledger = ProvenLedger(world.ledger, world.trust())
    with pytest.raises(ProofsUnavailable, match="no slot"):
        ledger.read(bindings.IssuerRegistry(world.contracts.issuer_registry).control_of(anchored.up.id))
    with pytest.raises(ProofsUnavailable, match="newest"):
        ledger.read(world.log.head(anchored.up.id), 1)
    with pytest.raises(ProofsUnavailable, match="nonce"):
        ledger.nonce(anchored.up.control.address, ledger.head().number)
    with pytest.raises(ProofsUnavailable, match="not proven"):
        ProvenLedger(world.ledger, world.trust(blocks={1: BlockHash(world.chain.header(1).hash)})).block(2)


def test_every_question_of_a_verification_is_answered_by_its_slot(anchored: AnchoredWorld) -> None:
    world, subject = anchored.world, anchored.up.id
    council = bindings.Council(world.contracts.council)
    world.open_epoch(anchored.up, last_good=1)
    world.decide(council.record_trust(7, b"\x07" * 32))
    ledger = ProvenLedger(world.ledger, world.trust())
    for view in (
        world.issuers.history(subject),
        world.issuers.total(),
        world.issuers.party_count(),
        world.issuers.subject_of(1),
        world.issuers.subject_of(99),
        council.total(),
        council.trust_number(),
        council.trust_file(7),
        council.trust_file(8),
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
