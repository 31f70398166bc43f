"""Link an issuer's checkpoints by their words, from the head that the contract states back to the opening of epoch 1.

Each word binds the word before it, so one stored word decides every checkpoint that counts: an event that is missing
breaks the chain, an invented one is in no link. Void checkpoints are above the last good one of a closed epoch and in no
chain from the head; they are looked up in the contract where a moment before the closing is asked about.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from acredita.anchoring.checkpoint import FIRST_HEAD, Checkpoint, Head, opening
from acredita.anchoring.entries import log_id
from acredita.anchoring.ledger import PartialLedgerUnavailable
from acredita.anchoring.types import Address, IssuerId, Root, Word
from acredita.contracts import bindings
from acredita.contracts.abi import RawLog
from acredita.registry.ledger_facts.whole_records import events_of


@dataclass(frozen=True)
class LinkedCheckpoint:
    """A checkpoint whose word is linked to the head. `log`: the event that carries it; None for epoch 1's opening."""

    checkpoint: Checkpoint
    log: RawLog | None


@dataclass(frozen=True)
class LinkedEpoch:
    """One epoch's checkpoints that count, from number 0 to the head or to the last good one."""

    number: int
    checkpoints: tuple[LinkedCheckpoint, ...]
    is_closed: bool

    @property
    def last(self) -> Checkpoint:
        """The newest checkpoint that counts."""
        return self.checkpoints[-1].checkpoint

    @property
    def opened(self) -> int:
        """Block time of the opening; 0 for epoch 1."""
        return self.checkpoints[0].checkpoint.time


@dataclass(frozen=True)
class LogChain:
    """The epochs of one issuer's log, oldest first, up to a head."""

    epochs: tuple[LinkedEpoch, ...]

    @property
    def newest(self) -> Checkpoint:
        """The checkpoint that the head names."""
        return self.epochs[-1].last

    @property
    def head(self) -> Head:
        """The head."""
        newest = self.newest
        return Head(self.epochs[-1].number, newest.number, newest.size, newest.time)

    def last_good(self, epoch: int) -> int | None:
        """Return the last number that counts in a closed epoch; None for the current one and for one that is not open."""
        closed = next((linked for linked in self.epochs if linked.number == epoch), None)
        return closed.last.number if closed is not None and closed.is_closed else None

    def epoch_at(self, time: int) -> LinkedEpoch:
        """Return the epoch that was current at a block time."""
        return next(epoch for epoch in reversed(self.epochs) if epoch.opened <= time)

    def cut(self, time: int, above: Iterable[LinkedCheckpoint] = ()) -> "LogChain":
        """Return the chain as it was at a block time. `above`: what the current epoch had above its last good one then."""
        current = self.epoch_at(time)
        linked = (*current.checkpoints, *above)
        kept = tuple(each for each in linked if each.checkpoint.time <= time)
        earlier = tuple(epoch for epoch in self.epochs if epoch.number < current.number)
        return LogChain((*earlier, replace(current, checkpoints=kept, is_closed=False)))


@dataclass(frozen=True)
class LoggedCheckpoints:
    """The checkpoints that an issuer's events state, by the words they give; nothing of it is proven yet.

    `head`, `word`: of the newest event, which the contract states if the events are whole. `words`: by epoch and number, as
    the contract stores them.
    """

    by_word: Mapping[Word, LinkedCheckpoint]
    head: Head
    word: Word
    words: Mapping[tuple[int, int], Word]

    @classmethod
    def of(cls, chain_id: int, contract: Address, issuer: IssuerId, logs: Iterable[RawLog]) -> "LoggedCheckpoints":
        """Compute the word of each logged checkpoint and opening. Raises PartialLedgerUnavailable."""
        first = opening(log_id(chain_id, contract, issuer, FIRST_HEAD.epoch))
        word = first.word()
        none = cls(
            {word: LinkedCheckpoint(first, None)}, FIRST_HEAD, word, {(FIRST_HEAD.epoch, FIRST_HEAD.number): word}
        )
        return none.extended(chain_id, contract, issuer, logs)

    def extended(
        self, chain_id: int, contract: Address, issuer: IssuerId, logs: Iterable[RawLog]
    ) -> "LoggedCheckpoints":
        """Return these checkpoints with those of later events. Raises PartialLedgerUnavailable."""
        head, word = self.head, self.word
        by_word, words = dict(self.by_word), dict(self.words)
        kept = list(logs)
        for event, log in zip(events_of(kept), kept, strict=True):
            if not isinstance(event, bindings.Anchored | bindings.EpochOpened):
                continue
            checkpoint = _checkpoint_of(event, chain_id, contract, issuer)
            word = checkpoint.word()
            head = Head(event.epoch, checkpoint.number, checkpoint.size, checkpoint.time)
            by_word[word] = LinkedCheckpoint(checkpoint, log)
            words[event.epoch, checkpoint.number] = word
        return LoggedCheckpoints(by_word, head, word, words)

    def named(self, word: Word) -> LinkedCheckpoint:
        """Return the checkpoint of a word. Raises PartialLedgerUnavailable where no event gives it."""
        linked = self.by_word.get(word)
        if linked is None:
            raise PartialLedgerUnavailable(f"no event of the log gives the word 0x{word.hex()} that the ledger states")
        return linked

    def link(self, head: Head, word: Word) -> LogChain:
        """Link every checkpoint that counts, from the head's word back. Raises PartialLedgerUnavailable for a gap."""
        epochs: list[LinkedEpoch] = []
        for epoch in range(head.epoch, 0, -1):
            links = self._back_to_opening(word)
            epochs.append(LinkedEpoch(epoch, tuple(reversed(links)), is_closed=epoch != head.epoch))
            word = links[-1].checkpoint.previous
        chain = LogChain(tuple(reversed(epochs)))
        if chain.head != head or chain.epochs[0].checkpoints[0].log is not None:
            raise PartialLedgerUnavailable(f"the events end at {chain.head}, the contract at {head}")
        return chain

    def _back_to_opening(self, word: Word) -> list[LinkedCheckpoint]:
        links = [self.named(word)]
        while links[-1].checkpoint.number:
            links.append(self.named(links[-1].checkpoint.previous))
        return links


def _checkpoint_of(
    event: bindings.Anchored | bindings.EpochOpened, chain_id: int, contract: Address, issuer: IssuerId
) -> Checkpoint:
    if isinstance(event, bindings.Anchored):
        return checkpoint_of(event)
    return _opening_of(event, chain_id, contract, issuer)


def checkpoint_of(event: bindings.Anchored) -> Checkpoint:
    """Return the checkpoint that an `Anchored` event states. Raises PartialLedgerUnavailable where it states none."""
    try:
        return Checkpoint(
            kind=event.kind,
            number=event.number,
            old_size=event.old_size,
            size=event.size,
            root=Root(event.root),
            status_root=Root(event.status_root),
            time=event.time,
            previous=Word(event.previous),
        )
    except ValueError as error:
        raise PartialLedgerUnavailable(f"an event states no checkpoint: {error}") from error


def _opening_of(event: bindings.EpochOpened, chain_id: int, contract: Address, issuer: IssuerId) -> Checkpoint:
    try:
        log = log_id(chain_id, contract, issuer, event.epoch)
        return opening(log, time=event.time, status_root=Root(event.status_root), previous=Word(event.previous))
    except (ValueError, OverflowError) as error:
        raise PartialLedgerUnavailable(f"an event states no opening: {error}") from error
