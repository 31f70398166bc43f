"""An institution that keeps a log and anchors it: the running log of `anchoring` on one side, the contract on the other."""

import random
from dataclasses import dataclass, field

from acredita.anchoring import entries
from acredita.anchoring.checkpoint import Checkpoint, CheckpointKind, opening
from acredita.anchoring.entries import Entry
from acredita.anchoring.log import MemoryNodes, ProposedCheckpoint, RunningLog
from acredita.anchoring.status_bits import EMPTY_STATUS_ROOT, StatusBits
from acredita.anchoring.types import Address, Digest, IssuerId, Root, Word
from acredita.contracts.abi import Call

from tests.contracts.harness import Institution, World, digest
from tests.contracts.log_evm import Outcome

PROGRAMME = Digest(digest("programme"))


def credential(name: object) -> Entry:
    return entries.issued(Digest(digest(f"credential {name}")), PROGRAMME)


def call_of(world: World, proposal: ProposedCheckpoint) -> Call:
    return world.log.anchor(
        proposal.kind,
        proposal.size,
        proposal.root,
        proposal.status_root,
        proposal.last.parts(),
        proposal.consistency_path,
    )


@dataclass
class Writer:
    """The log of one issuer in one epoch, from its opening."""

    world: World
    who: Institution
    epoch: int = 1
    status: StatusBits = field(default_factory=StatusBits)
    opened: Checkpoint | None = None
    checkpoints: list[Checkpoint] = field(init=False)
    log: RunningLog = field(init=False)

    def __post_init__(self) -> None:
        log_id = entries.log_id(
            self.world.evm.chain_id, Address(self.world.log.address), IssuerId(self.who.subject), self.epoch
        )
        self.log = RunningLog.start(MemoryNodes(), log_id, self.status)
        self.checkpoints = [self.opened or opening(log_id)]

    @property
    def last(self) -> Checkpoint:
        return self.checkpoints[-1]

    def add(self, count: int = 1) -> None:
        self.log.extend(credential((self.who.name, self.epoch, self.log.size + n)) for n in range(count))

    def propose(self, kind: int = CheckpointKind.OPEN) -> ProposedCheckpoint:
        return self.log.propose(self.last, kind)

    def attempt(self, proposal: ProposedCheckpoint, sender: bytes | None = None) -> Outcome:
        """Send it in a block of its own."""
        self.world.pass_time(1)
        outcome = self.world.attempt(sender or self.who.anchoring, call_of(self.world, proposal))
        if outcome.accepted:
            self.checkpoints.append(proposal.checkpoint(self.world.now))
        return outcome

    def anchor(self, count: int = 1, kind: int = CheckpointKind.OPEN) -> Checkpoint:
        self.add(count)
        outcome = self.attempt(self.propose(kind))
        assert outcome.accepted, outcome.reason
        return self.last

    def next_epoch(self, last_good: Checkpoint, act: bytes) -> "Writer":
        """Close the epoch at a checkpoint by the council; return the log that follows, with the status bits up to
        there.
        """
        self.world.pass_time(1)
        self.world.as_council(self.world.log.open_epoch(self.who.subject, last_good.parts(), act))
        log_id = self.world.ask(self.world.log.log_id(self.who.subject, self.epoch + 1))
        first = opening(
            entries.LogId(log_id),
            time=self.world.now,
            status_root=last_good.status_root,
            previous=last_good.word(),
        )
        return Writer(self.world, self.who, self.epoch + 1, StatusBits(), first)


def flipped(value: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(value))
    return value[:place] + bytes((value[place] ^ 1 << chance.randrange(8),)) + value[place + 1 :]


NO_STATUS = EMPTY_STATUS_ROOT
SOME_ROOT = Root(digest("some root"))
SOME_WORD = Word(digest("some word"))
