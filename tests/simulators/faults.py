"""Faults at every outside call of the write path: one at a time, at a chosen call, and then everything works again.

A `Fault` says when; what stands around every outside thing of a `Writer` counts calls together and strikes at the
chosen one. What a fault leaves behind is what the real thing leaves behind: a call that failed either happened or did
not, and the caller cannot tell which; a killed process runs no line more (`Killed` is caught by nobody on the way up).
`uncounted` is the proof that nothing outside is reached past these wrappers.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from types import FrameType
from typing import Any, Final, NoReturn, TypeVar

from acredita.anchoring.ledger import Ledger, LedgerUnavailable
from acredita.anchoring.status_bits import StatusBits
from acredita.anchoring.transaction import TransactionSigner
from acredita.anchoring.types import Address, IssuerId
from acredita.node.storage.database import Database, Lease, StorageUnavailable
from acredita.node.write_path.writer import StatusPublisher
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


class DeviceGone(Exception):
    """A key's device did not answer."""


@dataclass
class Fault:
    """Strikes at call number `at` (from 0), once. `calls` tells which calls there were."""

    kind: Kind | None = None
    at: int = -1
    calls: list[str] = field(default_factory=list)
    struck: bool = False
    dead: bool = False
    turn_clock_back: Callable[[], None] | None = None
    inside: list[str] = field(default_factory=list)

    @contextmanager
    def within(self, name: str) -> Iterator[None]:
        """Mark that an outside call is in progress."""
        self.inside.append(name)
        try:
            yield
        finally:
            self.inside.pop()

    def at_call(self, name: str) -> Kind | None:
        """Return the fault of this call, None for an ordinary one."""
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
        if "database.write" in self._fault.inside:
            raise AssertionError(f"{name} is asked of the chain while a database transaction holds its locks")
        kind = self._fault.at_call(f"ledger.{name}")
        with self._fault.within(f"ledger.{name}"):
            return self._suffer(kind, call)

    def _suffer(self, kind: Kind | None, call: Callable[[], T]) -> T:
        if kind is Kind.KILLED_BEFORE:
            self._fault.kill()
        if kind is Kind.NOTHING_HAPPENED:
            raise LedgerUnavailable("simulated: nothing happened")
        if kind in AFTERWARDS:
            call()
            if kind is Kind.KILLED_AFTER:
                self._fault.kill()
            raise LedgerUnavailable("simulated: it happened")
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
        if kind is Kind.NOTHING_HAPPENED or kind in OF_STORAGE:
            raise StorageUnavailable("simulated: not published")
        with self._fault.within("publisher.publish"):
            self._publisher.publish(issuer, bits)
        if kind is Kind.KILLED_AFTER:
            self._fault.kill()
        if kind in AFTERWARDS:
            raise StorageUnavailable("simulated: published, but the answer was lost")


class FaultySigner:
    """The account it wraps, but for one signature: its key may live in a device."""

    def __init__(self, signer: TransactionSigner, fault: Fault) -> None:
        self._signer = signer
        self._fault = fault

    @property
    def address(self) -> Address:
        return self._signer.address

    def sign_hash(self, hash: bytes) -> bytes:
        kind = self._fault.at_call("signer.sign_hash")
        if kind is Kind.KILLED_BEFORE:
            self._fault.kill()
        if kind is Kind.NOTHING_HAPPENED:
            raise DeviceGone("simulated: nothing was signed")
        with self._fault.within("signer.sign_hash"):
            signature = self._signer.sign_hash(hash)
        if kind is Kind.KILLED_AFTER:
            self._fault.kill()
        if kind in AFTERWARDS:
            raise DeviceGone("simulated: signed, but the answer was lost")
        return signature


class FaultyKeyRing:
    """Key ring that finds the account in force by keystore and registry, and fails at one question."""

    def __init__(self, account: TransactionSigner, fault: Fault) -> None:
        self._account = account
        self._fault = fault

    def __call__(self) -> TransactionSigner:
        kind = self._fault.at_call("account_in_force")
        if kind in KILLED:
            self._fault.kill()
        if kind is Kind.NOTHING_HAPPENED or kind in AFTERWARDS:
            raise DeviceGone("simulated: nobody says which account")
        with self._fault.within("account_in_force"):
            return self._account


class FaultyClock:
    """The clock it wraps: it cannot fail, but the process can end beside it, and it can step back."""

    def __init__(self, clock: Callable[[], int], fault: Fault) -> None:
        self._clock = clock
        self._fault = fault

    def __call__(self) -> int:
        kind = self._fault.at_call("clock")
        if kind in KILLED:
            self._fault.kill()
        with self._fault.within("clock"):
            return self._clock()


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
        with self._fault.within("database.read"), super().read() as connection:
            yield connection

    @contextmanager
    def write(self, lease: Lease | None = None) -> Iterator[Connection]:
        kind = self._fault.at_call("database.write")
        if kind is Kind.KILLED_BEFORE:
            self._fault.kill()
        with self._fault.within("database.write"), super().write(lease) as connection:
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
            self._write_past_the_end(connection)
        if kind is Kind.READ_ONLY:
            self._write_although_read_only(connection)

    def _write_past_the_end(self, connection: Connection) -> None:
        """Raise SQLite's own error for a file that may not grow."""
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        connection.execute(text("CREATE TABLE filler AS SELECT randomblob(1000000)"))

    def _write_although_read_only(self, connection: Connection) -> None:
        """Raise SQLite's own error for a database that may not be written."""
        connection.execute(text("PRAGMA query_only = ON"))
        connection.execute(text("UPDATE leases SET beat = beat + 1"))


CHANGING = ("ledger.send_raw", "database.write", "publisher.publish")
_STORING = ("database.write", "publisher.publish")


def suffers(kind: Kind, call: str) -> bool:
    """Decide whether this fault can happen to this call at all."""
    if kind in OF_STORAGE:
        return call in _STORING
    return call != "clock" or kind in (*KILLED, Kind.CLOCK_BACK)


# Modules of the interpreter through which a process reaches anything outside itself.
_OUTSIDE: Final = frozenset(
    {"_io", "_posixsubprocess", "_socket", "_sqlite3", "_ssl", "fcntl", "mmap", "posix", "select", "sqlite3", "time"}
)
# Waiting is measured, nothing is decided by it.
_HARMLESS: Final = frozenset({"time.monotonic"})


def uncounted(fault: Fault, run: Callable[[], object]) -> list[str]:
    """Yield every call of this run that left the process outside any counted call."""
    calls: list[str] = []

    def look(_frame: FrameType, event: str, called: Any) -> None:
        if event != "c_call" or fault.inside:
            return
        module = getattr(called, "__module__", None) or type(getattr(called, "__self__", None)).__module__
        name = f"{module}.{called.__name__}"
        if module in _OUTSIDE and name not in _HARMLESS:
            calls.append(name)

    sys.setprofile(look)
    try:
        run()
    finally:
        sys.setprofile(None)
    return calls
