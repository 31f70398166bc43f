"""The first promise: no lag, lie, omission or break of an endpoint changes the honest verdict, except to indeterminate.

Each fixture of the matrix is asked of seeded ledgers that are half there (`tests/simulators/half_endpoint.py`). The answer
must be the honest one as of a block that a chain behind the endpoint has at the reported time, or `indeterminate`.
`ACREDITA_SEEDS=200 make slow` asks each fixture of 200 ledgers, which are 20,000 in all.
"""

import os
from dataclasses import replace

import pytest
from acredita.anchoring.ledger import Block, Ledger, LedgerUnavailable
from acredita.node.verification import files
from acredita.registry.audit.replay import replay
from acredita.registry.evidence.build_bundle import EvidenceUnavailable, bundle_block
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.observer import observe
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.verification.results import Verdict, VerificationReport

from tests.registry.audit.test_replay import lively
from tests.registry.verification.asking import QUESTIONS, Case, Question, bundle_of
from tests.registry.verification.cases import MATRIX
from tests.registry.verification.honest_answers import HonestAnswers, build_fork, seeds_of
from tests.registry.world import AnchoredWorld
from tests.simulators.half_endpoint import Answers, drawn_ledger

SEEDS = 4
SLOW_SEEDS = int(os.environ.get("ACREDITA_SEEDS", "20"))
AUDITS = BUNDLES = 200


@pytest.fixture(scope="module")
def fork() -> AnchoredWorld:
    return build_fork()


def asked(question: Question, trust: Trust | Missing, ledger: Ledger) -> VerificationReport:
    """Ask as the command line asks."""
    observer = files.observe(trust, question.entries_of, ledger, question.moment)
    return question.answer(observer, trust)


def check_seeds(case: Case, anchored: AnchoredWorld, fork: AnchoredWorld, seeds: range) -> None:
    """Ask the question of one fixture of each seed's ledger."""
    shared = anchored.world.ledger.head()
    QUESTIONS.clear()
    case.arrange(anchored)
    if not QUESTIONS:
        return  # a bundle, or a ledger that the fixture has altered itself
    question = QUESTIONS[0]
    trust = question.trust or anchored.world.trust(blocks={shared.number: shared.hash})
    honest = HonestAnswers(question, trust, (anchored.world.ledger, fork.world.ledger))
    main, other = Answers(anchored.world.rpc), Answers(fork.world.rpc)
    for seed in seeds:
        report = asked(question, trust, drawn_ledger(seed, main, other))
        assert report.verdict in {Verdict.INDETERMINATE, *honest.at(report.as_of)}, f"seed {seed}: {report}"


@pytest.mark.parametrize("case", MATRIX, ids=lambda case: case.row.name)
def test_a_half_ledger_gives_the_honest_verdict_or_none(
    case: Case, anchored: AnchoredWorld, fork: AnchoredWorld
) -> None:
    check_seeds(case, anchored, fork, seeds_of(case, SEEDS))


@pytest.mark.slow
@pytest.mark.parametrize("case", MATRIX, ids=lambda case: case.row.name)
def test_many_half_ledgers_give_the_honest_verdict_or_none(
    case: Case, anchored: AnchoredWorld, fork: AnchoredWorld
) -> None:
    check_seeds(case, anchored, fork, seeds_of(case, SLOW_SEEDS))


# --- audit and bundle ----------------------------------------------------------------------------------------------


def test_an_audit_of_a_half_ledger_is_the_honest_one_or_none(anchored: AnchoredWorld, fork: AnchoredWorld) -> None:
    shared = anchored.world.ledger.head()
    world = lively(anchored)
    trust = world.trust(blocks={shared.number: shared.hash})
    main, other = Answers(world.rpc), Answers(fork.world.rpc)
    honest: dict[bytes, bytes] = {}
    audits = 0
    for seed in range(AUDITS):
        ledger = drawn_ledger(seed, main, other)
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
            [known] = [each for each in (world.ledger, fork.world.ledger) if _has(each, block)]
            honest[block.hash] = replay(known, world.contracts, block, world.entries_of).state_hash
        assert audit.state_hash == honest[block.hash], f"seed {seed}"
        assert audit.clean, f"seed {seed}: {audit.findings}"
    assert 0 < audits < AUDITS


def _has(ledger: Ledger, block: Block) -> bool:
    if ledger.head().number < block.number:
        return False
    present = ledger.block(block.number)
    return present is not None and present.hash == block.hash


def test_a_bundle_of_a_half_ledger_is_the_honest_one_or_none(anchored: AnchoredWorld, fork: AnchoredWorld) -> None:
    world = lively(anchored)
    pinned = world.ledger.head()
    trust = world.trust()
    honest = bundle_of(world, anchored.good, anchored.receipt, trust)
    for _ in range(3):
        world.chain.mine()
    main, other = Answers(world.rpc), Answers(fork.world.rpc)
    bundles = 0
    for seed in range(BUNDLES):
        observer = observe(drawn_ledger(seed, main, other), trust, world.entries_of)
        if isinstance(observer, Missing):
            continue
        try:
            block = bundle_block(observer.ledger, trust)
            bundle = bundle_of(world, anchored.good, anchored.receipt, trust, replace(observer, block=block))
        except (EvidenceUnavailable, LedgerUnavailable):
            continue
        bundles += 1
        assert block == pinned
        assert bundle == honest, f"seed {seed}"
    assert 0 < bundles < BUNDLES
