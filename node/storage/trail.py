"""Record the audit trail: acts on this node with their actor and time, one row an act, in the transaction of the act.

Invariants: an act that is on disk has its row, and a row has its act; rows are only added. A row holds an action, an actor
and a few figures: counts, codes, digests of programmes and of records of ours. It never holds a credential's digest, id or
position, nor anything a person wrote, so a forgotten credential leaves no trace in it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import IssuerId, to_hex
from acredita.node.storage.models import AuditEvent
from sqlalchemy import Connection, insert, select

OPERATOR: Final = "operator"  # a person at the command line, where nothing says which
NODE: Final = "node"  # the write path by itself
HOLDER: Final = "holder"  # a person who opens a delivery link
MAX_ACTOR_CHARACTERS: Final = 128
MAX_DETAIL_CHARACTERS: Final = 2048

Figure = int | str


class Action(StrEnum):
    """The kind of an act. Stable words: programs read them."""

    ISSUED = "issued"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    REINSTATED = "reinstated"
    CORRECTED = "corrected"
    FORGOTTEN = "forgotten"
    BACKED_UP = "backed_up"
    RESTORED = "restored"
    TOKEN_MADE = "token_made"
    TOKEN_ENDED = "token_ended"
    DELIVERED = "delivered"
    LINK_MADE = "link_made"
    LINK_OPENED = "link_opened"
    REFUSED = "refused"
    STOPPED = "stopped"
    EPOCH_ENTERED = "epoch_entered"
    EPOCH_LEFT = "epoch_left"
    REQUEUED = "requeued"
    MENDED = "mended"
    MIGRATED = "migrated"
    KEY_ADDED = "key_added"
    KEY_ENDED = "key_ended"
    KEY_COMPROMISED = "key_compromised"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the trail. `issuer` None: the node as a whole. `time`: Unix seconds."""

    time: int
    issuer: IssuerId | None
    actor: str
    action: str
    detail: str

    def document(self) -> dict[str, object]:
        """Return the JSON form, as `acredita node trail --json` prints it."""
        return {
            "time": time_text(self.time),
            "issuer": None if self.issuer is None else to_hex(self.issuer),
            "actor": self.actor,
            "action": self.action,
            "detail": json.loads(self.detail) if self.detail else {},
        }

    def sentence(self) -> str:
        """Return one line for people."""
        figures = json.loads(self.detail) if self.detail else {}
        pairs = "".join(f" {name}={value}" for name, value in figures.items())
        return f"{time_text(self.time)}  {self.actor}  {self.action}{pairs}"


def record(
    connection: Connection,
    issuer: IssuerId | None,
    actor: str,
    action: Action,
    *,
    now: int,
    **detail: Figure,
) -> None:
    """Add a row in the caller's transaction. `detail`: figures and codes only, never a person's data."""
    text = json.dumps(detail, sort_keys=True, separators=(",", ":")) if detail else ""
    if not 0 < len(actor) <= MAX_ACTOR_CHARACTERS or len(text) > MAX_DETAIL_CHARACTERS:
        raise ValueError(f"an actor of at most {MAX_ACTOR_CHARACTERS} characters and a short detail expected")
    connection.execute(
        insert(AuditEvent).values(issuer=issuer, time=now, actor=actor, action=action.value, detail=text)
    )


def events(connection: Connection, issuer: IssuerId | None = None, since: int = 0) -> Iterator[Event]:
    """Yield rows in the order they were written, from a time on: of one institution, or of all and the node itself."""
    row = AuditEvent
    query = select(row.time, row.issuer, row.actor, row.action, row.detail).where(row.time >= since).order_by(row.id)
    if issuer is not None:
        query = query.where(row.issuer == issuer)
    for time, whose, actor, action, detail in connection.execute(query):
        yield Event(time, None if whose is None else IssuerId(whose), actor, action, detail)
