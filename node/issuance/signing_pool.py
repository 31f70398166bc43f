"""Where the credentials of a cohort are made: in this process, or in several, which have no database and no ledger.

A process that signs gets the assertion key through its pipe and keeps it in memory: nothing stands in an argument, an
environment or a file. It ignores the keyboard, and ends when the process that started it is gone, however that ended. A key
that cannot leave its place (a hardware module) signs in this process, and `alone` says so. What a process gives back was
verified there; everything that must happen once is done by whoever asked.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, fields
from functools import partial
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any, Final

from acredita.node.issuance.process_limits import MAX_PROCESSES, WORTH_PROCESSES
from acredita.node.issuance.sign_credential import Made, Maker, Order
from acredita.registry.credentials.cohort_file import RowRefused
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.programmes.programme import Programme
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

KEY_STAYS: Final = "the key cannot leave its place"
FEW_ROWS: Final = f"fewer than {WORTH_PROCESSES} rows are made sooner than processes are started"

Products = list[Made | RowRefused]
Job = Callable[[], Products]


class WorkerLostError(Exception):
    """A process that signs was ended by somebody, or by want of memory. What was stored before stays stored."""


@dataclass
class Workshop:
    """Makes orders of one programme with one maker at a time. Close it, or use it as a context.

    `alone`: why this process makes them, although more were asked for.
    """

    programme: Programme
    processes: int = 1
    least_rows: int = WORTH_PROCESSES
    alone: str | None = None
    _method: str | None = None
    _pool: ProcessPoolExecutor | None = field(default=None, repr=False)

    def __enter__(self) -> "Workshop":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def ahead(self) -> int:
        """How many jobs may be under way while one is stored: each process has one at work and one to go on with."""
        return 2 * self.processes if self.processes > 1 and self.alone is None else 0

    def expect(self, rows: int) -> None:
        """How many rows are to be made at most: for a few, no process is started."""
        if self.processes > 1 and rows < self.least_rows:
            self.alone = FEW_ROWS

    def submit(self, maker: Maker, orders: Sequence[Order]) -> Job:
        """Begin a job; calling what is returned waits for it. Raises WorkerLostError there."""
        if self._method != maker.verification_method:  # another key is in force now
            self.close()
            self._method = maker.verification_method
        pool = self._hired(maker)
        if pool is None:
            return lambda: maker.make(self.programme, orders)
        try:
            future = pool.submit(_work, tuple(orders))
        except BrokenProcessPool as error:
            raise _lost() from error
        return lambda: _result(future)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _hired(self, maker: Maker) -> ProcessPoolExecutor | None:
        if self.processes <= 1 or self.alone is not None:
            return None
        if self._pool is None:
            if not isinstance(maker.signer, PrivateKeySigner):
                self.alone = KEY_STAYS
                return None
            self._pool = ProcessPoolExecutor(
                min(self.processes, MAX_PROCESSES),
                # A forked process would have our database's connections and another thread's locks.
                mp_context=multiprocessing.get_context("spawn"),
                initializer=partial(_begin, _Carried.of(maker, maker.signer), self.programme),
            )
        return self._pool


def _lost() -> WorkerLostError:
    return WorkerLostError(
        "a process that signs was ended; what is stored stays, run it again and it goes on from there"
    )


def _result(future: "Future[Products]") -> Products:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise _lost() from error


# --- in the other process ---


@dataclass(frozen=True)
class _Carried:
    """A maker on its way through the pipe; `repr` shows nothing of its key."""

    private: bytes = field(repr=False)
    rest: dict[str, Any]

    @classmethod
    def of(cls, maker: Maker, signer: PrivateKeySigner) -> "_Carried":
        rest = {part.name: getattr(maker, part.name) for part in fields(maker) if part.name != "signer"}
        return cls(signer.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), rest)

    def unpacked(self) -> Maker:
        private = load_der_private_key(self.private, None)
        assert isinstance(private, Ed25519PrivateKey | EllipticCurvePrivateKey)
        return Maker(signer=PrivateKeySigner.of(private), **self.rest)


_hired: list[tuple[Maker, Programme]] = []  # one, once this process has begun


def _begin(carried: _Carried, programme: Programme) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the keyboard speaks to the process that asked
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _hired[:] = [(carried.unpacked(), programme)]


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)


def _work(orders: Sequence[Order]) -> Products:
    [(maker, programme)] = _hired
    return maker.make(programme, orders)
