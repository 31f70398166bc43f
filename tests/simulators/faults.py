"""Faults at every outside call of the write path: one at a time, at a chosen call, and then everything works again.

A `Fault` says when; `FaultyLedger` and `FaultyDatabase` count calls together and strike at the chosen one. What a
fault leaves behind is what the real thing leaves behind: a call that failed either happened or did not, and the
caller cannot tell which; a killed process runs no line more (`Killed` is caught by nobody on the way up).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import NoReturn, TypeVar

from acredita.anchoring.ledger import Ledger, LedgerUnreachable
from acredita.anchoring.status import StatusBits
from acredita.anchoring.types import IssuerId
from acredita.node.storage.database import Database, Lease, StorageUnavailable
from acredita.node.writer import StatusPublisher
from sqlalchemy import Connection, text

from tests.simulators.ledger import WrappedLedger

T = TypeVar("T")


class Kind(Enum):
    NOTHING_HAPPENED = "fails and nothing happened"
    IT_HAPPENED = "fails but it happened"
    HANGS = "hangs until the timeout, and then happens"
    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"
    DISK_FULL = "disk full"
    READ_ONLY = "database read-only"
    CLOCK_BACK = "clock one hour back"


KILLED = (Kind.KILLED_BEFORE, Kind.KILLED_AFTER)
OF_STORAGE = (Kind.DISK_FULL, Kind.READ_ONLY)
AFTERWARDS = (Kind.IT_HAPPENED, Kind.HANGS, Kind.KILLED_AFTER)


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Fault:
    """Strikes at call number `at` (from 0), once. `calls` tells which calls there were."""

    kind: Kind | None = None
    at: int = -1
    calls: list[str] = field(default_factory=list)
    struck: bool = False
    dead: bool = False
    turn_clock_back: Callable[[], None] | None = None

    def at_call(self, name: str) -> Kind | None:
        """The fault this call suffers, None for an ordinary one."""
        if self.dead:  # what Python still runs on the way up, a killed process would not
            raise Killed
        number = len(self.calls)
        self.calls.append(name)
        if self.kind is None or self.struck or number < self.at:
            return None
        self.struck = True
        if self.kind is Kind.CLOCK_BACK and self.turn_clock_back is not None:
            self.turn_clock_back()
            return None
        return self.kind

    def kill(self) -> NoReturn:
        self.dead = True
        raise Killed


class FaultyLedger(WrappedLedger):
    """The ledger it wraps, but for one call."""

    def __init__(self, ledger: Ledger, fault: Fault) -> None:
        super().__init__(ledger)
        self._fault = fault

    def around(self, name: str, call: Callable[[], T]) -> T:
        kind = self._fault.at_call(f"ledger.{name}")
        if kind is Kind.KILLED_BEFORE:
            self._fault.kill()
        if kind is Kind.NOTHING_HAPPENED:
            raise LedgerUnreachable("simulated: nothing happened")
        if kind in AFTERWARDS:
            call()
            if kind is Kind.KILLED_AFTER:
                self._fault.kill()
            raise LedgerUnreachable("simulated: it happened")
        return call()


class FaultyPublisher:
    """The publisher it wraps, but for one publication."""

    def __init__(self, publisher: StatusPublisher, fault: Fault) -> None:
        self._publisher = publisher
        self._fault = fault

    def publish(self, issuer: IssuerId, bits: StatusBits) -> None:
        kind = self._fault.at_call("publisher.publish")
        if kind is Kind.KILLED_BEFORE:
            self._fault.kill()
        if kind is Kind.NOTHING_HAPPENED:
            raise StorageUnavailable("simulated: not published")
        self._publisher.publish(issuer, bits)
        if kind is Kind.KILLED_AFTER:
            self._fault.kill()
        if kind in AFTERWARDS:
            raise StorageUnavailable("simulated: published, but the answer was lost")


class FaultyDatabase(Database):
    """The database it shares the engine with, but for one transaction."""

    def __init__(self, database: Database, fault: Fault) -> None:
        super().__init__(database.engine)
        self._fault = fault

    @contextmanager
    def read(self) -> Iterator[Connection]:
        kind = self._fault.at_call("database.read")
        if kind in KILLED:
            self._fault.kill()
        if kind not in (None, *OF_STORAGE):
            raise StorageUnavailable("simulated: cannot be read")
        with super().read() as connection:
            yield connection

    @contextmanager
    def write(self, lease: Lease | None = None) -> Iterator[Connection]:
        kind = self._fault.at_call("database.write")
        if kind is Kind.KILLED_BEFORE:
            self._fault.kill()
        with super().write(lease) as connection:
            yield connection
            self._before_commit(connection, kind)
        if kind is Kind.KILLED_AFTER:
            self._fault.kill()
        if kind in AFTERWARDS:
            raise StorageUnavailable("simulated: committed, but the answer was lost")

    def _before_commit(self, connection: Connection, kind: Kind | None) -> None:
        if kind is Kind.NOTHING_HAPPENED:
            raise StorageUnavailable("simulated: rolled back")
        if kind is Kind.DISK_FULL:
            raise StorageUnavailable("simulated: database or disk is full")
        if kind is Kind.READ_ONLY:
            self._write_although_read_only(connection)

    def _write_although_read_only(self, connection: Connection) -> None:
        if self.is_sqlite:
            connection.execute(text("PRAGMA query_only = ON"))
        else:
            connection.execute(text("SET TRANSACTION READ ONLY"))
        connection.execute(text("UPDATE leases SET beat = beat + 1"))


CHANGING = ("ledger.send_raw", "database.write", "publisher.publish")


def suffers(kind: Kind, call: str) -> bool:
    """Whether this fault can happen to this call at all."""
    return kind not in OF_STORAGE or call == "database.write"


def tells(kind: Kind, call: str) -> bool:
    """Whether it leaves something behind that the same fault at another call does not.

    At a question only failing does: killed or with another clock, the system stands as after the last change; and a
    question that was answered without anybody hearing it is a question that failed.
    """
    return suffers(kind, call) and (kind is Kind.NOTHING_HAPPENED or call in CHANGING)
