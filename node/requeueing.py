"""Entries the contract or the council put aside: which they are, and queueing them again.

They stay aside until somebody decides, because whoever suspended the issuer or closed the epoch had a reason. Who
decided is in the trail, in the same transaction.
"""

from dataclasses import dataclass

from acredita.anchoring.types import IssuerId
from acredita.node.storage import queue
from acredita.node.storage.database import Database
from acredita.node.trail import Action, record
from acredita.registry.codes import sentence


@dataclass(frozen=True, slots=True)
class PutAside:
    """Entries put aside with one code. `reason`: the chain's own words."""

    code: str
    count: int
    reason: str

    def document(self) -> dict[str, object]:
        return {
            "code": self.code,
            "count": self.count,
            "reason": self.reason,
            "es": sentence(self.code, "es"),
            "en": sentence(self.code, "en"),
        }


def put_aside(database: Database, issuer: IssuerId) -> list[PutAside]:
    """What waits for a decision, by code."""
    with database.read() as connection:
        return [PutAside(*row) for row in queue.refused_by_code(connection, issuer)]


def queue_again(database: Database, issuer: IssuerId, code: str, *, actor: str, now: int) -> int:
    """Queues everything put aside with this code; how many. Once is enough: a second call finds nothing."""
    with database.write() as connection:
        count = queue.requeue_refused(connection, issuer, code)
        if count:
            record(connection, issuer, actor, Action.QUEUED_AGAIN, now=now, code=code, count=count)
    return count
