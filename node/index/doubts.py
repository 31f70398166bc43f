"""Find the subjects whose known events are not the ledger's whole word about them.

A registry states the history hash of each subject, the CredentialLog the newest checkpoint of each issuer and its word. So a
missing event can be laid to its subject, while the total only says that something is missing. The Council states nothing of
a single proposal.

Memory grows with the subjects, never with the events.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from acredita.anchoring.checkpoint import FIRST_HEAD, Head, opening
from acredita.anchoring.entries import log_id
from acredita.anchoring.ledger import Block, Ledger, PartialLedgerUnavailable
from acredita.anchoring.question_batch import QuestionBatch
from acredita.anchoring.types import Address, IssuerId
from acredita.contracts import bindings
from acredita.contracts.abi import Deployment, RawLog, View
from acredita.registry.ledger_facts.log_chain import checkpoint_of
from acredita.registry.ledger_facts.whole_records import events_of

MAX_DOUBTED: Final = 64  # more are a broken endpoint, not a gap
VIEWS_AT_ONCE: Final = 200  # in one round trip

Subject = tuple[Address, bytes]


@dataclass
class KnownSubjects:
    """The state of each subject after all known events. Add them in the order of the chain."""

    contracts: Deployment
    chain_id: int
    _histories: dict[Subject, bytes] = field(default_factory=dict)
    _logs: dict[bytes, tuple[Head, bytes] | None] = field(default_factory=dict)

    def add(self, log: RawLog) -> None:
        """Add an event. Raises PartialLedgerUnavailable for one of no sense."""
        if len(log.topics) < 2:  # of the Council, without a proposal
            return
        if log.address == self.contracts.credential_log:
            self._add_to_log(log)
        elif log.address in (self.contracts.issuer_registry, self.contracts.programme_registry):
            key = (Address(log.address), log.topics[1])
            known = self._histories.get(key, bindings.EMPTY_HISTORY)
            self._histories[key] = bindings.fold_history(known, bindings.record_of(log))

    def _add_to_log(self, log: RawLog) -> None:
        """Follow the words of an issuer's log; None once a checkpoint does not continue the one before it."""
        issuer = IssuerId(log.topics[1])
        first = opening(log_id(self.chain_id, Address(log.address), issuer, FIRST_HEAD.epoch)).word()
        known = self._logs.get(issuer, (FIRST_HEAD, first))
        [event] = events_of([log])
        if known is None:
            return
        if isinstance(event, bindings.EpochOpened):
            self._logs[issuer] = (Head(event.epoch, 0, 1, event.time), event.word)
        elif isinstance(event, bindings.Anchored):
            checkpoint = checkpoint_of(event)
            continues = event.previous == known[1] and event.epoch == known[0].epoch
            head = Head(event.epoch, checkpoint.number, checkpoint.size, checkpoint.time)
            self._logs[issuer] = (head, checkpoint.word()) if continues else None

    def doubted(self, ledger: Ledger, head: Block) -> list[Subject]:
        """Return the subjects of which the ledger states something else at the head. Raises LedgerUnavailable."""
        broken = [
            (Address(self.contracts.credential_log), issuer) for issuer, known in self._logs.items() if known is None
        ]
        return sorted([*broken, *self._differing(ledger, head)])

    def _differing(self, ledger: Ledger, head: Block) -> list[Subject]:
        differing: list[Subject] = []
        expected = list(self._expected())
        for first in range(0, len(expected), VIEWS_AT_ONCE):
            batch = expected[first : first + VIEWS_AT_ONCE]
            views = tuple(view for _, view, _ in batch)
            answers = ledger.batch(QuestionBatch(head.hash, views=views)).views
            differing += [
                subject for (subject, _, known), answer in zip(batch, answers, strict=True) if answer != known
            ]
        return list(dict.fromkeys(differing))

    def _expected(self) -> Iterable[tuple[Subject, View[Any], object]]:
        for (address, subject), folded in self._histories.items():
            if address == self.contracts.issuer_registry:
                yield (address, subject), bindings.IssuerRegistry(address).history(subject), folded
            else:
                yield (address, subject), bindings.ProgrammeRegistry(address).history(subject), folded
        log = bindings.CredentialLog(self.contracts.credential_log)
        for issuer, known in self._logs.items():
            if known is not None:
                newest, word = known
                log_of = (Address(log.address), issuer)
                yield log_of, log.head(issuer), packed_head(newest)
                yield log_of, log.checkpoint_word(issuer, newest.epoch, newest.number), word


def packed_head(head: Head) -> int:
    """Return the number in which the contract stores a head; 0 for a log without checkpoints."""
    packed = head.epoch << 128 | head.number << 88 | head.size << 40 | head.time
    return 0 if head == FIRST_HEAD else packed


def check_known(doubted: list[Subject]) -> None:
    """Check that the doubts are about a few subjects. Raises PartialLedgerUnavailable."""
    if len(doubted) > MAX_DOUBTED:
        raise PartialLedgerUnavailable(f"the logs of {len(doubted)} subjects are not whole")
