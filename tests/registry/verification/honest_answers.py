"""Verdicts of honest ledgers on one question, the seeds of a fixture, and the same world gone another way."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from acredita.anchoring.ledger import Block, Ledger
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.observer import Observer
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.verification.results import Verdict

from tests.registry.verification.asking import Case, Question
from tests.registry.verification.cases import MATRIX
from tests.registry.world import ACT, AnchoredWorld, build_anchored_world


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

    def times_of(self, block: Block) -> tuple[int | None, ...]:
        """Return the times that a report may name for an answer at this block."""
        return (block.time,)

    def _observers(self, time: int) -> Iterator[Observer]:
        plain = self.question.observer()
        for ledger in self.ledgers:
            block = newest_not_after(ledger, time)
            if block is not None and time in self.times_of(block):
                yield self.observer_at(replace(plain, ledger=ledger, block=block))

    def observer_at(self, observer: Observer) -> Observer:
        """Return the observer that answers honestly."""
        return observer


def newest_not_after(ledger: Ledger, time: int) -> Block | None:
    for number in range(ledger.head().number, -1, -1):
        block = ledger.block(number)
        assert block is not None
        if block.time <= time:
            return block
    return None


def build_fork() -> AnchoredWorld:
    """Build the anchored world once more and take it another way: its institution is suspended there."""
    other = build_anchored_world()
    for _ in range(3):
        other.world.chain.mine()
    other.world.decide(other.world.issuers.suspend(other.up.id, ACT))
    return other


def seeds_of(case: Case, count: int) -> range:
    first = 1_000_000 * MATRIX.index(case)
    return range(first, first + count)
