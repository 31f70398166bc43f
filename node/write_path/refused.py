"""List refused entries and requeue them.

The contract refused them, or the council closed their epoch. They stay refused until an operator decides, because the
suspension of the issuer or the closing of the epoch had a reason. The audit trail names the operator, in the same
transaction.

Invariant: entries whose key is compromised or ended are never requeued. Anchored now they would never be recognised, so
their rows are issued again with another key instead.
"""

from dataclasses import dataclass

from acredita.anchoring.types import IssuerId
from acredita.node.storage.database import Database
from acredita.node.storage.refused import FOR_GOOD, refused_by_code, requeue_refused
from acredita.node.storage.trail import Action, record
from acredita.registry.codes import sentence


class RequeueRefused(Exception):
    """Entries refused with this code cannot be requeued. The message says what to do instead."""


@dataclass(frozen=True, slots=True)
class RefusedEntries:
    """The entries refused with one code. `reason`: as the contract gave it."""

    code: str
    count: int
    reason: str

    def document(self) -> dict[str, object]:
        """Return the JSON form, with the code's sentence in both languages."""
        return {
            "code": self.code,
            "count": self.count,
            "reason": self.reason,
            "es": sentence(self.code, "es"),
            "en": sentence(self.code, "en"),
        }


def refused_entries(database: Database, issuer: IssuerId) -> list[RefusedEntries]:
    """Return the entries that wait for a decision, by code."""
    with database.read() as connection:
        return [RefusedEntries(*row) for row in refused_by_code(connection, issuer)]


def requeue(database: Database, issuer: IssuerId, code: str, *, actor: str, now: int) -> int:
    """Requeue the entries refused with this code. Return how many; a second call finds none.

    Raises RequeueRefused for entries that may never be anchored.
    """
    if code in FOR_GOOD:
        raise RequeueRefused("signed with a key that holds no more: issue it again with the key in force")
    with database.write() as connection:
        count = requeue_refused(connection, issuer, code)
        if count:
            record(connection, issuer, actor, Action.REQUEUED, now=now, code=code, count=count)
    return count
