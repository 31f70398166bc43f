"""One writer per institution: taking, keeping and giving back its lease.

A lease is a row: holder, fencing number, beat. Every write transaction of its holder compares the fencing
number and moves the beat on. Nobody's wall clock is trusted: a contender takes over when, by its own
monotonic clock, the beat has stood still for `stale_seconds`. A process that was frozen meanwhile finds a
newer fencing number at its next write and is out. Every process is a holder of its own, whatever it is called: two
of the same name neither write together nor take the lease from each other. Only a holder whose process has certainly
ended, on this machine, is not waited for: a node that was killed and started again goes on at once.

A holder is written as `instance/place/pid/start/token`. The token is random, so that two processes never take each
other's lease for their own. The rest lets a process on the same machine see that a holder has ended, and take over at
once instead of waiting: place is the boot and the process-id namespace, start the process's start in clock ticks since
boot, so a number that was given to another process since is not mistaken. Where any of it cannot be read (another
machine, another system than Linux, another account's process kept from sight) nothing is said to have ended, and the
holder is waited for.
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
UNKNOWN: Final = "-"  # a part of a holder's name that could not be read
_PROC: Final = Path("/proc")
_STAT_START: Final = 22  # proc_pid_stat(5): start time, counted from 1


def new_holder(instance: str) -> str:
    """A name for the leases of this process that no other holder has, in this process or elsewhere."""
    name = instance.replace("/", "_")[:MAX_INSTANCE_CHARACTERS]
    pid = os.getpid()
    return f"{name}/{_place()}/{pid}/{_start(_stat(pid) or '') or UNKNOWN}/{secrets.token_hex(8)}"


def has_ended(holder: str) -> bool:
    """True only where it is certain that the holder's process is no more."""
    parts = holder.split("/")
    if len(parts) != 5 or UNKNOWN in parts[1:4] or parts[1] != _place() or not parts[2].isdecimal():
        return False
    pid = int(parts[2])
    told = _stat(pid)
    return _is_nobodys(pid) if told is None else _start(told) != parts[3]


def _place() -> str:
    """The boot of this machine and its process-id namespace: within both a process id means one process."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_bytes()
        namespace = (_PROC / "self/ns/pid").stat().st_ino
    except OSError:
        return UNKNOWN
    return hashlib.sha256(boot + b"%d" % namespace).hexdigest()[:16]


def _is_nobodys(pid: int) -> bool:
    """Whether no process has this id. Another account's may be kept from sight (hidepid), and be at work."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def _stat(pid: int) -> str | None:
    """What the system tells of a process; None where there is none, or none it lets us see."""
    try:
        return (_PROC / str(pid) / "stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None


def _start(told: str) -> str | None:
    """When the process began; None where only its parent has not collected it yet."""
    # The command's name stands in parentheses and may hold anything: fields are counted behind it.
    fields = told.rpartition(")")[2].split()
    if len(fields) <= _STAT_START - 3 or fields[0] in ("Z", "X"):
        return None
    return fields[_STAT_START - 3]


@dataclass(frozen=True, slots=True)
class _Seen:
    """When a foreign lease was first seen in the state it still has."""

    fencing: int
    beat: int
    since: float


class Leases:
    """The leases of one process. Two threads of it never hold the same one. `ended`: whether a holder certainly is
    no more.
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
        """The lease while the block runs, None when another holds it."""
        lease = self.take(issuer)
        try:
            yield lease
        finally:
            if lease is not None:
                self.give_back(lease)

    def take(self, issuer: IssuerId) -> Lease | None:
        """The lease with a new fencing number, None when another thread or process holds it."""
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
        """Lets the next one in at once. A lease that is lost already, or cannot be written now, runs out by
        itself.
        """
        with self._guard:
            self._held.discard(lease.issuer)
        try:
            with self._database.write(lease) as connection:
                connection.execute(update(LeaseRow).where(LeaseRow.issuer == lease.issuer).values(holder=NOBODY))
        except (LeaseLostError, StorageUnavailable):
            return

    def renew(self, lease: Lease) -> None:
        """Moves the beat on while there is nothing else to write; raises LeaseLostError."""
        with self._database.write(lease):
            pass

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
