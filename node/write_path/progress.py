"""Report the progress of each institution of a node: waiting entries and their age, newest checkpoint, stop."""

from dataclasses import dataclass
from typing import Final

from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import to_hex
from acredita.node.storage import institutions, queue, stored_checkpoints
from acredita.node.storage.database import Database
from acredita.node.storage.institutions import RegisteredInstitution, Stop
from acredita.node.storage.queue import Backlog
from acredita.node.storage.refused import refused_items
from acredita.node.storage.stored_checkpoints import StoredCheckpoint
from acredita.node.write_path.stops import with_command

LATE_SECONDS: Final = 300  # a revocation is on the chain within five minutes


def late_since(waiting: Backlog, now: int) -> int | None:
    """Return since when a status change has waited too long for its anchor, Unix seconds; None where none has."""
    oldest = waiting.oldest_status
    return oldest if oldest is not None and now - oldest > LATE_SECONDS else None


@dataclass(frozen=True)
class TenantProgress:
    """The progress of one institution at one moment. `refused`: how many entries wait for a decision."""

    registered: RegisteredInstitution
    backlog: Backlog
    refused: int
    newest: StoredCheckpoint | None
    now: int

    @property
    def stop(self) -> Stop | None:
        """The recorded stop, None where there is none."""
        return self.registered.stop

    @property
    def backlog_age(self) -> int | None:
        """The seconds the oldest waiting entry has waited; None where nothing waits."""
        waiting = [since for since in (self.backlog.oldest_issued, self.backlog.oldest_status) if since is not None]
        return max(0, self.now - min(waiting)) if waiting else None

    def document(self) -> dict[str, object]:
        """Return the JSON form, as `acredita status --json` prints it."""
        newest = self.newest
        return {
            "profile": self.registered.profile,
            "issuer": to_hex(self.registered.issuer),
            "waiting_issued": self.backlog.issued,
            "waiting_status": self.backlog.status,
            "backlog_age_seconds": self.backlog_age,
            "refused": self.refused,
            "epoch": newest.epoch if newest else None,
            "checkpoint": newest.checkpoint.number if newest else None,
            "entries": newest.checkpoint.size if newest else None,
            "anchored_at": time_text(newest.checkpoint.time) if newest and newest.checkpoint.number else None,
            "stop": self.stop.code if self.stop else None,
            "stop_detail": self.stop.detail if self.stop else None,
            "stopped_at": time_text(self.stop.since) if self.stop else None,
        }

    def sentence(self) -> str:
        """Return one line for people, with the command that ends a stop."""
        age = "" if self.backlog_age is None else f", the oldest for {self.backlog_age} s"
        stop = ""
        if self.stop is not None:
            reason = f"; STOPPED since {time_text(self.stop.since)}: {self.stop.code}: {self.stop.detail}"
            stop = with_command(reason, self.stop.code)
        where = (
            "no log yet" if self.newest is None else f"epoch {self.newest.epoch}, {self.newest.checkpoint.size} entries"
        )
        refused = f"; {self.refused} refused" if self.refused else ""
        waiting = self.backlog.issued + self.backlog.status
        return f"{self.registered.profile}: {where}; {waiting} waiting{age}{refused}{stop}"


def read_progress(database: Database, now: int) -> list[TenantProgress]:
    """Read the progress of every institution in the database. `now`: seconds since 1970."""
    with database.read() as connection:
        return [
            TenantProgress(
                registered,
                queue.backlog(connection, registered.issuer),
                len(refused_items(connection, registered.issuer)),
                stored_checkpoints.newest_confirmed(connection, registered.issuer),
                now,
            )
            for registered in institutions.institutions(connection)
        ]
