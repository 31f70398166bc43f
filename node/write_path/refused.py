"""Entries the contract or the council put aside: which they are, and queueing them again.

They stay aside until somebody decides, because whoever suspended the issuer or closed the epoch had a reason. Who
decided is in the trail, in the same transaction. What a compromised or ended key signed stays aside for good: anchored
now it would never be recognised, so its rows are issued again with another key instead.
"""

from dataclasses import dataclass

from acredita.anchoring.types import IssuerId
from acredita.node.storage.database import Database
from acredita.node.storage.refused import FOR_GOOD, refused_by_code, requeue_refused
from acredita.node.storage.trail import Action, record
from acredita.registry.codes import sentence


class RequeueRefused(Exception):
    """What was put aside with this code is not queued again; the message says what to do instead."""


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
        return [PutAside(*row) for row in refused_by_code(connection, issuer)]


def queue_again(database: Database, issuer: IssuerId, code: str, *, actor: str, now: int) -> int:
    """Queues everything put aside with this code; how many. Once is enough: a second call finds nothing.

    Raises RequeueRefused for what may never be anchored.
    """
    if code in FOR_GOOD:
        raise RequeueRefused("signed with a key that holds no more: issue it again with the key in force")
    with database.write() as connection:
        count = requeue_refused(connection, issuer, code)
        if count:
            record(connection, issuer, actor, Action.QUEUED_AGAIN, now=now, code=code, count=count)
    return count
