"""Sign the credentials of a cohort in this process, or in several that have no database and no ledger.

A process that signs gets the assertion key through its pipe and keeps it in memory, never in an argument, an environment or
a file. It ignores the keyboard, and ends when the process that started it has ended for any reason. A key that cannot leave
its place (a hardware module) signs in this process, and `one_process_because` says so.

Invariants: each credential was verified in the process that signed it; the process that submitted
the orders does each thing that must happen once.
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
from acredita.node.issuance.sign_credential import CredentialOrder, CredentialSigner, SignedCredential
from acredita.registry.credentials.cohort_rows import RowRefused
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

SigningResults = list[SignedCredential | RowRefused]
SigningJob = Callable[[], SigningResults]


class WorkerLostError(Exception):
    """A process that signs was ended by somebody, or by want of memory. What was stored before stays stored."""


@dataclass
class SigningPool:
    """The processes that sign orders of one programme, with one signer at a time. Close it, or use it as a context.

    `least_rows`: below it no process is started. `one_process_because`: why this process signs, although more were
    requested.
    """

    programme: Programme
    processes: int = 1
    least_rows: int = WORTH_PROCESSES
    one_process_because: str | None = None
    _method: str | None = None
    _executor: ProcessPoolExecutor | None = field(default=None, repr=False)

    def __enter__(self) -> "SigningPool":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def ahead(self) -> int:
        """The number of jobs that may be under way while one is stored: for each process one at work and one waiting."""
        return 2 * self.processes if self.processes > 1 and self.one_process_because is None else 0

    def expect(self, rows: int) -> None:
        """Set how many rows are to be signed at most: for a few, no process is started."""
        if self.processes > 1 and rows < self.least_rows:
            self.one_process_because = FEW_ROWS

    def submit(self, signer: CredentialSigner, orders: Sequence[CredentialOrder]) -> SigningJob:
        """Begin to sign. Calling the returned job waits for its results and may raise WorkerLostError."""
        if self._method != signer.verification_method:  # another key is in force now
            self.close()
            self._method = signer.verification_method
        executor = self._executor_for(signer)
        if executor is None:
            return lambda: signer.sign_credentials(self.programme, orders)
        try:
            future = executor.submit(_sign_in_worker, tuple(orders))
        except (
            BrokenProcessPool,
            OSError,
        ) as error:  # OSError: its pipe closed while another process was being started
            raise _worker_lost() from error
        return lambda: _result(future)

    def close(self) -> None:
        """End the processes, once the job each of them has begun is over."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None

    def _executor_for(self, signer: CredentialSigner) -> ProcessPoolExecutor | None:
        """Return the started processes, or None if this process signs."""
        if self.processes <= 1 or self.one_process_because is not None:
            return None
        if self._executor is None:
            if not isinstance(signer.signer, PrivateKeySigner):
                self.one_process_because = KEY_STAYS
                return None
            self._executor = ProcessPoolExecutor(
                min(self.processes, MAX_PROCESSES),
                # A forked process would have our database's connections and another thread's locks.
                mp_context=multiprocessing.get_context("spawn"),
                initializer=partial(_begin_worker, _SignerInTransit.of(signer, signer.signer), self.programme),
            )
        return self._executor


def _worker_lost() -> WorkerLostError:
    return WorkerLostError(
        "a process that signs was ended or did not start; what is stored stays, run it again and it goes on from there"
    )


def _result(future: Future[SigningResults]) -> SigningResults:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise _worker_lost() from error


# --- in the other process ---


@dataclass(frozen=True)
class _SignerInTransit:
    """A signer on its way through the pipe; `repr` shows nothing of its key."""

    private: bytes = field(repr=False)
    rest: dict[str, Any]

    @classmethod
    def of(cls, signer: CredentialSigner, key: PrivateKeySigner) -> "_SignerInTransit":
        rest = {part.name: getattr(signer, part.name) for part in fields(signer) if part.name != "signer"}
        return cls(key.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), rest)

    def unpack(self) -> CredentialSigner:
        private = load_der_private_key(self.private, None)
        assert isinstance(private, Ed25519PrivateKey | EllipticCurvePrivateKey)
        return CredentialSigner(signer=PrivateKeySigner.of(private), **self.rest)


_worker_state: list[tuple[CredentialSigner, Programme]] = []  # one, once this process has begun


def _begin_worker(in_transit: _SignerInTransit, programme: Programme) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the keyboard's signal is for the process that submits orders
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worker_state[:] = [(in_transit.unpack(), programme)]


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)


def _sign_in_worker(orders: Sequence[CredentialOrder]) -> SigningResults:
    [(signer, programme)] = _worker_state
    return signer.sign_credentials(programme, orders)
