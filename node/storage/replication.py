"""Report how a database is replicated, and bound how far behind its primary a standby's answers may be.

On a primary: `synchronous` means that a commit returns when a standby has it, `asynchronous` that a failover may lose the
last commits, `none` that there is no standby. On a standby: the age of its state, in seconds.

Invariants: a standby is in step only while it receives and has replayed all that it received. The age is counted from the
later of two moments at which its state was certainly complete: it was last seen in step, or its last commit was made.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from acredita.node.storage.errors import StaleStorageUnavailable
from sqlalchemy import Connection, text

MOST_SECONDS_BEHIND: Final = 60  # as for the age of a status list
LOOK_SECONDS: Final = 1.0  # a standby's state is looked at so often at most

_ROLE: Final = text("SELECT pg_is_in_recovery()")
# Without the right `pg_read_all_stats` the state of others' sessions is NULL, but their number is shown.
_PRIMARY: Final = text(
    "SELECT current_setting('synchronous_standby_names') <> '',"
    " (SELECT count(*) FROM pg_stat_replication WHERE state IS DISTINCT FROM 'backup')"
)
_STANDBY: Final = text(
    "SELECT EXISTS (SELECT FROM pg_stat_wal_receiver)"
    " AND coalesce(pg_last_wal_receive_lsn() <= pg_last_wal_replay_lsn(), false),"
    " extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())"
)


@dataclass(frozen=True, slots=True)
class Replication:
    """The replication of a database. `standbys`: connected ones; `behind`: seconds, of a standby, None if not known."""

    engine: str
    role: str = "primary"
    mode: str | None = "none"
    standbys: int = 0
    behind: int | None = None

    def document(self) -> dict[str, object]:
        """Return the JSON form, as `/readyz` shows it."""
        if self.role == "standby":
            return {"engine": self.engine, "role": self.role, "behind_seconds": self.behind}
        return {"engine": self.engine, "role": self.role, "replication": self.mode, "standbys": self.standbys}


class StandbyAge:
    """The age of a standby's state, as the reads of one process see it. Safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._looked: float | None = None
        self._complete: float | None = None  # by our clock: when the state was certainly complete
        self._is_standby = False

    def check(self, connection: Connection) -> None:
        """Check that this database is a primary, or a standby that is not far behind. Raises StaleStorageUnavailable."""
        behind = self.look(connection)
        if self._is_standby and (behind is None or behind > MOST_SECONDS_BEHIND):
            age = "for an unknown time" if behind is None else f"for {behind:.0f} s"
            raise StaleStorageUnavailable(f"the standby has not been in step with its primary {age}")

    def look(self, connection: Connection) -> float | None:
        """Return the age in seconds, 0 on a primary, None if it is not known."""
        with self._guard:
            now = self._clock()
            if self._looked is None or now - self._looked >= LOOK_SECONDS:
                self._note(connection, now)
                self._looked = now
            if not self._is_standby:
                return 0.0
            return None if self._complete is None else max(0.0, now - self._complete)

    def _note(self, connection: Connection, now: float) -> None:
        self._is_standby = bool(connection.execute(_ROLE).scalar_one())
        if not self._is_standby:
            return
        in_step, last_commit = connection.execute(_STANDBY).one()
        moments = [] if self._complete is None else [self._complete]
        moments += [now] if in_step else []
        moments += [] if last_commit is None else [now - float(last_commit)]
        self._complete = max(moments, default=None)


def read_replication(connection: Connection, age: StandbyAge) -> Replication:
    """Return how the database of this connection is replicated."""
    engine = connection.dialect.name
    if engine == "sqlite":
        return Replication(engine)
    if connection.execute(_ROLE).scalar_one():
        behind = age.look(connection)
        return Replication(engine, "standby", None, 0, None if behind is None else round(behind))
    is_synchronous, standbys = connection.execute(_PRIMARY).one()
    mode = "synchronous" if is_synchronous else "asynchronous" if standbys else "none"
    return Replication(engine, "primary", mode, standbys)
