"""Take, keep and give back the lease of an institution, so that it has one writer.

A lease is a row: holder, fencing number, beat. Every write transaction of its holder compares the fencing number and
increases the beat. A contender takes over when, by its own monotonic clock, the beat has not changed for `stale_seconds`. A
process that was frozen meanwhile finds a newer fencing number at its next write and writes no more.

Invariants: no wall clock is trusted. Each process is a holder of its own, so two processes of one configured name neither
write together nor take the lease from each other. A contender does not wait for a holder whose process, on this machine, has
certainly ended. So a node that was killed and started again continues at once.

A holder is written as `instance/machine/pid/start/token`. The token is random, so that no process mistakes another's lease
for its own. The other parts let a process on the same machine see that a holder has ended. `machine` is the boot and the
process-id namespace. `start` is the start of the process, in clock ticks since boot: a later process with the same id has
another one. A part cannot be read on another machine, on a system other than Linux, or where another account's processes are
hidden. Then the contender waits as for a holder that runs.
"""

import hashlib
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acredita.anchoring.types import IssuerId
from acredita.node.storage.database import Database, Lease, LeaseLostError, StorageUnavailable
from acredita.node.storage.models import LeaseRow
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

STALE_SECONDS: Final = 30.0
NOBODY: Final = ""
MAX_INSTANCE_CHARACTERS: Final = 48  # of 128 in the column
UNKNOWN: Final = "-"  # replaces a part of a holder's name that could not be read
_PROC: Final = Path("/proc")
_STAT_START: Final = 22  # proc_pid_stat(5): start time, counted from 1


def new_holder(instance: str) -> str:
    """Return a name for the leases of this process that no other holder has, in this process or elsewhere."""
    name = instance.replace("/", "_")[:MAX_INSTANCE_CHARACTERS]
    pid = os.getpid()
    return f"{name}/{_machine()}/{pid}/{_start(_stat(pid) or '') or UNKNOWN}/{secrets.token_hex(8)}"


def has_ended(holder: str) -> bool:
    """Decide whether the holder's process has ended. True only if that is certain."""
    parts = holder.split("/")
    if len(parts) != 5 or UNKNOWN in parts[1:4] or parts[1] != _machine() or not parts[2].isdecimal():
        return False
    pid = int(parts[2])
    stat = _stat(pid)
    return _is_unused(pid) if stat is None else _start(stat) != parts[3]


def _machine() -> str:
    """Return a hash of this boot and its process-id namespace: within both a process id means one process."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_bytes()
        namespace = (_PROC / "self/ns/pid").stat().st_ino
    except OSError:
        return UNKNOWN
    return hashlib.sha256(boot + b"%d" % namespace).hexdigest()[:16]


def _is_unused(pid: int) -> bool:
    """Decide whether no process has this id. A process of another account may be hidden (hidepid) and still run."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def _stat(pid: int) -> str | None:
    """Read the system's `stat` line of a process; None if there is none, or it is hidden."""
    try:
        return (_PROC / str(pid) / "stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None


def _start(stat: str) -> str | None:
    """Return the start of a process; None if it has ended and only its parent has not collected it yet."""
    # The command's name is in parentheses and may hold anything: fields are counted behind it.
    fields = stat.rpartition(")")[2].split()
    if len(fields) <= _STAT_START - 3 or fields[0] in ("Z", "X"):
        return None
    return fields[_STAT_START - 3]


def renew(database: Database, lease: Lease) -> None:
    """Keep the lease while there is nothing else to write. Raises LeaseLostError."""
    with database.write(lease):
        pass


@dataclass(frozen=True, slots=True)
class _Seen:
    """The state of a foreign lease, and the moment it was first seen in it."""

    fencing: int
    beat: int
    since: float


class Leases:
    """The leases of one process. Two of its threads never hold the same one.

    `ended`: decides whether a holder's process has certainly ended.
    """

    def __init__(
        self,
        database: Database,
        instance: str,
        *,
        stale_seconds: float = STALE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        ended: Callable[[str], bool] = has_ended,
    ) -> None:
        if not instance:
            raise ValueError("a lease needs its process's name")
        self._database = database
        self._holder = new_holder(instance)
        self._stale_seconds = stale_seconds
        self._clock = clock
        self._ended = ended
        self._guard = threading.Lock()
        self._held: set[IssuerId] = set()
        self._seen: dict[IssuerId, _Seen] = {}

    @contextmanager
    def held(self, issuer: IssuerId) -> Iterator[Lease | None]:
        """Hold the lease while the block runs. Yield None if another thread or process holds it."""
        lease = self.take(issuer)
        try:
            yield lease
        finally:
            if lease is not None:
                self.give_back(lease)

    def take(self, issuer: IssuerId) -> Lease | None:
        """Take the lease with a new fencing number. Return None if another thread or process holds it."""
        with self._guard:
            if issuer in self._held:
                return None
            self._held.add(issuer)
        lease = None
        try:
            lease = self._take(issuer)
        finally:
            if lease is None:
                with self._guard:
                    self._held.discard(issuer)
        return lease

    def give_back(self, lease: Lease) -> None:
        """Give the lease back, so that a contender need not wait.

        A lease that is lost already, or cannot be written now, becomes stale by itself.
        """
        with self._guard:
            self._held.discard(lease.issuer)
        try:
            with self._database.write(lease) as connection:
                connection.execute(update(LeaseRow).where(LeaseRow.issuer == lease.issuer).values(holder=NOBODY))
        except (LeaseLostError, StorageUnavailable):
            return

    def _take(self, issuer: IssuerId) -> Lease | None:
        try:
            with self._database.write() as connection:
                return self._compete(connection, issuer)
        except IntegrityError:  # another process made the first row in the same moment
            return None

    def _compete(self, connection: Connection, issuer: IssuerId) -> Lease | None:
        row = connection.execute(
            select(LeaseRow.holder, LeaseRow.fencing, LeaseRow.beat).where(LeaseRow.issuer == issuer)
        ).one_or_none()
        if row is None:
            connection.execute(insert(LeaseRow).values(issuer=issuer, holder=self._holder, fencing=1, beat=0))
            return Lease(issuer, self._holder, 1)
        is_free = row.holder in (NOBODY, self._holder) or self._ended(row.holder)
        if not is_free and not self._is_stale(issuer, row.fencing, row.beat):
            return None
        taken = connection.execute(
            update(LeaseRow)
            .where(LeaseRow.issuer == issuer, LeaseRow.fencing == row.fencing, LeaseRow.beat == row.beat)
            .values(holder=self._holder, fencing=row.fencing + 1, beat=row.beat + 1)
        )
        return Lease(issuer, self._holder, row.fencing + 1) if taken.rowcount == 1 else None

    def _is_stale(self, issuer: IssuerId, fencing: int, beat: int) -> bool:
        now = self._clock()
        seen = self._seen.get(issuer)
        if seen is None or (seen.fencing, seen.beat) != (fencing, beat):
            self._seen[issuer] = _Seen(fencing, beat, now)
            return False
        return now - seen.since >= self._stale_seconds
