"""Report the result of one run of the write path."""

from dataclasses import dataclass
from enum import Enum

from acredita.anchoring.checkpoint import Checkpoint
from acredita.contracts.bindings import ContractRefused


class BatchStep(Enum):
    """The point a run reached."""

    IDLE = "idle"  # nothing was due
    BUSY = "busy"  # another process or thread writes for this institution
    ANCHORED = "anchored"
    WAITING = "waiting"  # the outcome is not known yet
    REFUSED = "refused"  # the contract refused: issued entries are refused, the rest is requeued
    BLOCKED = "blocked"  # the contract accepts nothing from us now: all is requeued, the reason recorded as a stop
    REVERTED = "reverted"  # the transaction changed nothing; its entries are requeued
    VOID = "void"  # the council closed the epoch below this checkpoint


@dataclass(frozen=True, slots=True)
class BatchReport:
    """The result of a run: its checkpoint and number of entries, or the reason why there are none."""

    step: BatchStep
    checkpoint: Checkpoint | None = None
    epoch: int | None = None
    issued: int = 0
    status: int = 0
    refused: int = 0
    reason: ContractRefused | None = None
    detail: str | None = None
