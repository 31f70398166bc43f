"""A log that is extended from head to head equals the log read whole, after any history; and it reads only what is new."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
from acredita.anchoring.checkpoint import Checkpoint, CheckpointKind, opening
from acredita.anchoring.entries import Entry, EntryKind, encode, issued, log_id, opened, status_change
from acredita.anchoring.merkle import leaf_hash, root
from acredita.anchoring.status_bits import StatusBits
from acredita.anchoring.types import Address, BlockHash, Digest, IssuerId
from acredita.contracts.abi import RawLog
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.issuer_log import IssuerLog, LogName, rebuild
from acredita.registry.ledger_facts.log_chain import LinkedCheckpoint, LinkedEpoch, LogChain
from acredita.registry.ledger_facts.log_entries import EntriesAtHand

NAME = LogName(31_337, BlockHash(b"\x01" * 32), Address(b"\x02" * 20), IssuerId(b"\x03" * 32))
PROGRAMME = Digest(b"\x04" * 32)
POSITIONS = 3 << 17


@dataclass(frozen=True)
class Epoch:
    """One epoch of a written history: its entries, and the checkpoints over them."""

    entries: tuple[Entry, ...]
    checkpoints: tuple[Checkpoint, ...]
    is_closed: bool = False

    @property
    def last(self) -> Checkpoint:
        return self.checkpoints[-1]

    def encoded(self, beyond: Iterable[Entry] = ()) -> bytes:
        return b"".join(map(encode, (*self.entries, *beyond)))


@dataclass(frozen=True)
class History:
    """A log's history as the ledger holds it. Values, so that a reorganisation is an older one continued otherwise."""

    epochs: tuple[Epoch, ...] = field(default_factory=lambda: (_opened(1, opening(log_of(1))),))

    @property
    def chain(self) -> LogChain:
        linked = []
        for number, epoch in enumerate(self.epochs, start=1):
            checkpoints = tuple(_linked(number, each) for each in epoch.checkpoints)
            linked.append(LinkedEpoch(number, checkpoints, epoch.is_closed))
        return LogChain(tuple(linked))

    @property
    def time(self) -> int:
        return max(epoch.last.time for epoch in self.epochs)

    def source(self, beyond: Iterable[Entry] = ()) -> "Counted":
        """Return the entries at hand. `beyond`: provisional ones, which a node has behind the last checkpoint."""
        return Counted({number: epoch.encoded(beyond) for number, epoch in enumerate(self.epochs, start=1)})

    def status(self) -> StatusBits:
        bits = StatusBits()
        for epoch in self.epochs:
            bits.replay(epoch.entries)
        return bits

    def anchored(self, new: list[Entry], passed: int) -> "History":
        now, bits = self.epochs[-1], self.status()
        bits.replay(new)
        entries = (*now.entries, *new)
        checkpoint = Checkpoint(
            CheckpointKind.OPEN,
            now.last.number + 1,
            now.last.size,
            len(entries),
            root(leaf_hash(encode(entry)) for entry in entries),
            bits.root(),
            self.time + passed,
            now.last.word(),
        )
        return History((*self.epochs[:-1], Epoch(entries, (*now.checkpoints, checkpoint))))

    def closed(self, last_good: int, passed: int) -> "History":
        """Close the epoch at a checkpoint, and open the next."""
        now = self.epochs[-1]
        good = now.checkpoints[last_good]
        kept = Epoch(now.entries[: good.size], now.checkpoints[: last_good + 1], is_closed=True)
        number = len(self.epochs) + 1
        first = opening(log_of(number), time=self.time + passed, status_root=good.status_root, previous=good.word())
        return History((*self.epochs[:-1], kept, _opened(number, first)))


class Counted(EntriesAtHand):
    """Entries at hand, with the number of those that were read."""

    count = 0

    def read(self, epoch: int, start: int, end: int) -> bytes:
        data = super().read(epoch, start, end)
        type(self).count += len(data) // 70
        return data


def log_of(epoch: int):  # type: ignore[no-untyped-def]
    return log_id(NAME.chain_id, NAME.contract, NAME.issuer, epoch)


def _opened(number: int, first: Checkpoint) -> Epoch:
    return Epoch((opened(log_of(number)),), (first,))


def _linked(epoch: int, checkpoint: Checkpoint) -> LinkedCheckpoint:
    if epoch == 1 and checkpoint.number == 0:
        return LinkedCheckpoint(checkpoint, None)
    block = checkpoint.time.to_bytes(32, "big")
    return LinkedCheckpoint(checkpoint, RawLog(NAME.contract, (), b"", checkpoint.time, block, block, 0))


def entries(draw: random.Random, pool: list[Digest]) -> list[Entry]:
    """Draw one batch: some digests are used before, as in a log that issues one twice."""
    new = []
    for _ in range(draw.choice([1, 2, 7, 40, 300])):
        if draw.random() < 0.7:
            digest = draw.choice(pool) if pool and draw.random() < 0.05 else Digest(draw.randbytes(32))
            pool.append(digest)
            new.append(issued(digest, PROGRAMME))
        else:
            kind = draw.choice([EntryKind.REVOKED, EntryKind.SUSPENDED, EntryKind.REINSTATED, EntryKind.REPLACED])
            new.append(status_change(kind, draw.randrange(POSITIONS)))
    return new


def step(draw: random.Random, histories: list[History], pool: list[Digest]) -> History:
    """Continue a history: anchor, close the epoch, or undo some of it and go another way."""
    now, passed = histories[-1], draw.randrange(1, 100)
    chance = draw.random()
    if chance < 0.1:
        return now.closed(draw.randrange(len(now.epochs[-1].checkpoints)), passed)
    if chance < 0.2:
        now = histories[-draw.randrange(1, min(4, len(histories)) + 1)]
    return now.anchored(entries(draw, pool), passed)


def assert_equal(running: IssuerLog, whole: IssuerLog, pool: list[Digest], draw: random.Random) -> None:
    assert running.time == whole.time
    assert running.status.root() == whole.status.root()
    for digest in draw.sample(pool, min(len(pool), 25)):
        assert running.holds(digest) == whole.holds(digest)
        assert running.receipt(digest) == whole.receipt(digest)
    for position in draw.sample(range(POSITIONS), 10):
        assert running.bits(position) == whole.bits(position)


def check_history(seed: int) -> None:
    """Follow one random history. Logs of earlier heads answer as before all the while."""
    draw, pool = random.Random(seed), list[Digest]()
    histories = [History()]
    running, kept = None, list[tuple[IssuerLog, History, int]]()
    for _ in range(draw.randrange(4, 14)):
        history = step(draw, histories, pool)
        histories.append(history)
        beyond = [issued(Digest(draw.randbytes(32)), PROGRAMME)] * draw.randrange(3)
        if draw.random() < 0.1:  # refused: the source does not have what the chain has
            assert isinstance(rebuild(NAME, history.chain, EntriesAtHand(), running), Missing | IssuerLog)
        found = rebuild(NAME, history.chain, history.source(beyond), running)
        assert isinstance(found, IssuerLog), (seed, found)
        running = found
        kept.append((running, history, len(pool)))
        earlier, its_history, known = draw.choice(kept)
        for log, past, until in ((running, history, len(pool)), (earlier, its_history, known)):
            whole = rebuild(NAME, past.chain, past.source())
            assert isinstance(whole, IssuerLog)
            assert_equal(log, whole, pool[:until] or pool, draw)


def test_the_running_log_equals_the_log_read_whole() -> None:
    for seed in range(8):
        check_history(seed)


@pytest.mark.slow
def test_the_running_log_equals_the_log_read_whole_in_200_histories() -> None:
    for seed in range(100, 300):
        check_history(seed)


def test_only_what_is_new_is_read() -> None:
    history, draw = History(), random.Random(1)
    running = None
    for size in (5_000, 10, 300):
        new = [issued(Digest(draw.randbytes(32)), PROGRAMME) for _ in range(size)]
        history = history.anchored(new, 1)
        source, before = history.source(), Counted.count
        found = rebuild(NAME, history.chain, source, running)
        assert isinstance(found, IssuerLog)
        assert Counted.count - before == size + (running is None)
        running = found
    before = Counted.count
    assert isinstance(rebuild(NAME, history.chain, history.source(), running), IssuerLog)
    assert Counted.count == before


@pytest.mark.parametrize("fault", ["short", "edited", "another kind"])
def test_bad_entries_behind_the_log_leave_it_as_it_was(fault: str) -> None:
    draw, pool = random.Random(2), list[Digest]()
    history = History().anchored(entries(draw, pool), 1).anchored(entries(draw, pool), 1)
    running = rebuild(NAME, history.chain, history.source())
    assert isinstance(running, IssuerLog)
    later = history.anchored([*entries(draw, pool), issued(Digest(b"\x77" * 32), PROGRAMME)], 1)
    data = bytearray(later.epochs[0].encoded())
    if fault == "short":
        data = data[:-70]
    else:
        data[-70 + (1 if fault == "another kind" else 20)] ^= 0x40
    for _ in range(2):
        refused = rebuild(NAME, later.chain, EntriesAtHand({1: bytes(data)}), running)
        assert isinstance(refused, Missing)
        assert refused.code == "LOG_MISSING"
    assert not running.holds(Digest(b"\x77" * 32))
    whole = rebuild(NAME, history.chain, history.source())
    assert isinstance(whole, IssuerLog)
    assert_equal(running, whole, pool[:20], draw)
    honest, before = later.source(), Counted.count
    extended = rebuild(NAME, later.chain, honest, running)
    assert isinstance(extended, IssuerLog)
    assert extended.holds(Digest(b"\x77" * 32))
    assert Counted.count - before == later.epochs[0].last.size - history.epochs[0].last.size
    assert not running.holds(Digest(b"\x77" * 32)), "the log of the earlier head is as it was"
