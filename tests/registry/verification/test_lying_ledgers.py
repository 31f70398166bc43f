"""The first promise, by proof: no endpoint that lies in everything changes the honest verdict, except to indeterminate.

Each fixture of the matrix is asked by proof of seeded QBFT endpoints whose views, logs, receipts, headers and proofs lie
(`tests/simulators/qbft_lies.py`), up to a whole chain that a minority of the validators sealed. The answer must be the
honest one as of the time that the report names, or `indeterminate`. By views the endpoints are half there and speak some
dialect. `ACREDITA_SEEDS=200 make slow` asks each fixture of 200 ledgers of each kind.
"""

import os
from dataclasses import dataclass, replace

import pytest
from acredita.anchoring.ledger import Block, Ledger, LedgerUnavailable
from acredita.node.verification import files
from acredita.registry.audit.replay import Audit, replay
from acredita.registry.evidence.build_bundle import EvidenceUnavailable, bundle_block
from acredita.registry.evidence.proven_ledger import ProvenLedger
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.observer import Observer, observe
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.verification.results import Verdict

from tests.registry.audit.test_replay import lively
from tests.registry.sealed import network_of, sealed_trust, usurped_network_of
from tests.registry.verification.asking import QUESTIONS, Case, ask_offline, bundle_of
from tests.registry.verification.cases import MATRIX
from tests.registry.verification.honest_answers import HonestAnswers, build_fork, seeds_of
from tests.registry.world import AnchoredWorld, World
from tests.simulators.half_endpoint import Answers, Ask
from tests.simulators.qbft import QbftNetwork
from tests.simulators.qbft_lies import drawn_sealed_ledger

SEEDS = 2
SLOW_SEEDS = int(os.environ.get("ACREDITA_SEEDS", "20"))
AUDITS = BUNDLES = 200


@pytest.fixture(scope="module")
def fork() -> AnchoredWorld:
    return build_fork()


def usurped(anchored: AnchoredWorld, fork: AnchoredWorld) -> tuple[QbftNetwork, Ask]:
    """Return the forked chain as a minority of the validators sealed it above the last block that both have."""
    here, there = anchored.world.chain, fork.world.chain
    lowest = min(here.head.number, there.head.number)
    shared = max(number for number in range(lowest + 1) if here.header(number).hash == there.header(number).hash)
    return usurped_network_of(fork.world, shared), Answers(fork.world.rpc)


def answers_of(world: World) -> tuple[QbftNetwork, Ask]:
    """Return the network over a world, and the answers of its chain while it stands still."""
    return network_of(world), Answers(world.rpc)


@dataclass
class SealedAnswers(HonestAnswers):
    """The verdicts that honest ledgers give by views where blocks come by the clock, by the time that a report names."""

    def times_of(self, block: Block) -> tuple[int | None, ...]:
        return block.time, self.question.moment.at

    def observer_at(self, observer: Observer) -> Observer:
        assert isinstance(self.trust, Trust)
        return replace(observer, stalled_after=self.trust.chain.stalled_after)


def count_answers(
    case: Case, anchored: AnchoredWorld, fork: AnchoredWorld, seeds: range, *, by_proof: bool = True
) -> int:
    """Ask the question of one fixture of each seed's ledger; return the number of answers as of a block.

    By views the endpoints lag, leave out, invent and fork in some dialect; by proof they lie in everything.
    """
    QUESTIONS.clear()
    case.arrange(anchored)
    if not QUESTIONS:
        return 0  # a bundle, or a ledger that the fixture has altered itself
    question = QUESTIONS[0]
    world = anchored.world
    world.chain.mine()  # a head of now
    trust = sealed_trust(world) if question.trust is None else question.trust
    if isinstance(trust, Missing):
        return 0
    honest = SealedAnswers(question, trust, (world.ledger,) if by_proof else (world.ledger, fork.world.ledger))
    network, chain = answers_of(world)
    other = usurped(anchored, fork) if by_proof else answers_of(fork.world)
    answered = 0
    for seed in seeds:
        drawn = drawn_sealed_ledger(seed, network, chain, other, lies=by_proof)
        ledger = ProvenLedger(drawn, trust) if by_proof else drawn
        observer = files.observe(trust, question.entries_of, ledger, question.moment)
        report = question.answer(observer, trust)
        assert report.verdict in {Verdict.INDETERMINATE, *honest.at(report.as_of)}, f"seed {seed}: {report}"
        answered += report.as_of is not None
    return answered


@pytest.mark.parametrize("case", MATRIX, ids=lambda case: case.row.name)
def test_by_proof_a_lying_ledger_gives_the_honest_verdict_or_none(
    case: Case, anchored: AnchoredWorld, fork: AnchoredWorld
) -> None:
    count_answers(case, anchored, fork, seeds_of(case, SEEDS))


@pytest.mark.slow
@pytest.mark.parametrize("case", MATRIX, ids=lambda case: case.row.name)
def test_by_proof_many_lying_ledgers_give_the_honest_verdict_or_none(
    case: Case, anchored: AnchoredWorld, fork: AnchoredWorld
) -> None:
    count_answers(case, anchored, fork, seeds_of(case, SLOW_SEEDS))


@pytest.mark.parametrize("case", MATRIX, ids=lambda case: case.row.name)
def test_by_views_a_half_ledger_in_some_dialect_gives_the_honest_verdict_or_none(
    case: Case, anchored: AnchoredWorld, fork: AnchoredWorld
) -> None:
    count_answers(case, anchored, fork, seeds_of(case, SEEDS), by_proof=False)


@pytest.mark.slow
@pytest.mark.parametrize("case", MATRIX, ids=lambda case: case.row.name)
def test_by_views_many_half_ledgers_in_some_dialect_give_the_honest_verdict_or_none(
    case: Case, anchored: AnchoredWorld, fork: AnchoredWorld
) -> None:
    count_answers(case, anchored, fork, seeds_of(case, SLOW_SEEDS), by_proof=False)


def test_by_proof_many_lying_ledgers_tell_the_truth_all_the_same(anchored: AnchoredWorld, fork: AnchoredWorld) -> None:
    case = next(case for case in MATRIX if case.row.name == "credential_revoked")
    assert 0 < count_answers(case, anchored, fork, range(60)) < 60


# --- audit and bundle ----------------------------------------------------------------------------------------------


def test_by_proof_an_audit_of_a_lying_ledger_is_the_honest_one_or_none(
    anchored: AnchoredWorld, fork: AnchoredWorld
) -> None:
    world = lively(anchored)
    trust = sealed_trust(world)
    network, chain = answers_of(world)
    other = usurped(anchored, fork)
    honest: dict[bytes, Audit] = {}
    audits = 0
    for seed in range(AUDITS):
        ledger = ProvenLedger(drawn_sealed_ledger(seed, network, chain, other), trust)
        try:
            observer = observe(ledger, trust, world.entries_of)
            if isinstance(observer, Missing):
                continue
            audit = replay(ledger, world.contracts, observer.block, world.entries_of)
        except LedgerUnavailable:
            continue
        audits += 1
        block = audit.block
        if block.hash not in honest:
            assert _has(world.ledger, block), f"seed {seed}"
            honest[block.hash] = replace(replay(world.ledger, world.contracts, block, world.entries_of), block=block)
        assert audit == honest[block.hash], f"seed {seed}"
    assert 0 < audits < AUDITS


def _has(ledger: Ledger, block: Block) -> bool:
    if ledger.head().number < block.number:
        return False
    present = ledger.block(block.number)
    return present is not None and present.hash == block.hash


def test_by_proof_a_bundle_of_a_lying_ledger_verifies_offline_or_is_none(
    anchored: AnchoredWorld, fork: AnchoredWorld
) -> None:
    world = lively(anchored)
    world.chain.mine()
    trust = sealed_trust(world)
    network, chain = answers_of(world)
    other = usurped(anchored, fork)
    honest = ask_offline(world, bundle_of(world, anchored.good, anchored.receipt)).verdict
    bundles = 0
    for seed in range(BUNDLES):
        ledger = ProvenLedger(drawn_sealed_ledger(seed, network, chain, other), trust)
        observer = observe(ledger, trust, world.entries_of)
        if isinstance(observer, Missing):
            continue
        try:
            block = bundle_block(ledger, trust)
            bundle = bundle_of(world, anchored.good, anchored.receipt, trust, replace(observer, block=block))
        except (EvidenceUnavailable, LedgerUnavailable):
            continue
        bundles += 1
        assert _has(world.ledger, block), f"seed {seed}"
        if block.number == world.chain.head.number:
            assert ask_offline(world, bundle, trust=trust).verdict is honest, f"seed {seed}"
    assert 0 < bundles < BUNDLES
