"""The first promise: no lag, lie, omission or break of an endpoint changes the honest verdict, except to indeterminate.

Each fixture of the matrix is asked of seeded ledgers that are half there (`tests/simulators/half_endpoint.py`). The answer
must be the honest one as of a block that a chain behind the endpoint has at the reported time, or `indeterminate`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from acredita.anchoring.ledger import Block, Ledger
from acredita.node.verification import files
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.observer import Observer
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.verification.results import Verdict, VerificationReport

from tests.registry.verification.asking import QUESTIONS, Case, Question
from tests.registry.verification.cases import MATRIX
from tests.registry.world import ACT, AnchoredWorld, build_anchored_world
from tests.simulators.half_endpoint import Answers, drawn_ledger

SEEDS = 3


@pytest.fixture(scope="module")
def fork() -> AnchoredWorld:
    """Build the same world once more and take it another way: its institution is suspended there."""
    other = build_anchored_world()
    for _ in range(3):
        other.world.chain.mine()
    other.world.decide(other.world.issuers.suspend(other.up.id, ACT))
    return other


@dataclass
class HonestAnswers:
    """The verdicts that honest ledgers give to one question, by the time of the block they are asked at."""

    question: Question
    trust: Trust | Missing
    ledgers: tuple[Ledger, ...]
    known: dict[int | None, set[Verdict]] = field(default_factory=dict)

    def at(self, time: int | None) -> set[Verdict]:
        if time not in self.known:
            observers = [Missing("LEDGER_UNREACHABLE")] if time is None else list(self._observers(time))
            self.known[time] = {self.question.answer(observer, self.trust).verdict for observer in observers}
        return self.known[time]

    def _observers(self, time: int) -> Iterator[Observer]:
        plain = self.question.world.observer()
        for ledger in self.ledgers:
            block = _block_of_time(ledger, time)
            if block is not None:
                yield replace(plain, ledger=ledger, block=block)


def _block_of_time(ledger: Ledger, time: int) -> Block | None:
    for number in range(ledger.head().number, -1, -1):
        block = ledger.block(number)
        assert block is not None
        if block.time <= time:
            return block if block.time == time else None
    return None


def asked(question: Question, trust: Trust | Missing, ledger: Ledger) -> VerificationReport:
    """Ask as the command line asks."""
    observer = files._observer(trust, question.world, ledger, question.moment)  # type: ignore[arg-type]
    return question.answer(observer, trust)


@pytest.mark.parametrize("case", MATRIX, ids=lambda case: case.row.name)
def test_a_half_ledger_gives_the_honest_verdict_or_none(
    case: Case, anchored: AnchoredWorld, fork: AnchoredWorld
) -> None:
    shared = anchored.world.ledger.head()
    QUESTIONS.clear()
    case.arrange(anchored)
    if not QUESTIONS:
        return  # a bundle, or a ledger that the fixture has altered itself
    question = QUESTIONS[0]
    trust = question.trust or anchored.world.trust(blocks={shared.number: shared.hash})
    honest = HonestAnswers(question, trust, (anchored.world.ledger, fork.world.ledger))
    main, other = Answers(anchored.world.rpc), Answers(fork.world.rpc)
    first = 1000 * MATRIX.index(case)
    for seed in range(first, first + SEEDS):
        report = asked(question, trust, drawn_ledger(seed, main, other))
        assert report.verdict in {Verdict.INDETERMINATE, *honest.at(report.as_of)}, f"seed {seed}: {report}"
