"""Serve verification requests from a queue, by a few threads that leave the event loop free.

A verification needs the newest block and the newest published lists. Requests that wait together share one snapshot of
both. It is taken after the last of them arrived, so that none gets an older answer than it would have got alone.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Annotated, Any, Final, TypeVar, cast

from acredita.anchoring.status_bits import Status
from acredita.anchoring.types import Digest, IssuerId
from acredita.node.http.dependencies import VERIFYING_THREADS, Node
from acredita.node.http.slow_lane import MAX_LONG
from acredita.node.ledger.view import NodeObserver
from acredita.node.verification.node_documents import NodeDocuments, requested_status
from acredita.node.verification.verifier import Verifier
from acredita.registry.canonicalisation.budget import separate_budget
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope
from acredita.registry.verification.case import Moment
from fastapi import Depends, Request
from sqlalchemy import Connection

T = TypeVar("T")

HELP_SECONDS: Final = 0.05  # a request takes some milliseconds; behind a slower one another thread takes over
MAX_SHARING: Final = 32  # requests of one snapshot: it grows older with each, by some fifty milliseconds at the last


@dataclass(frozen=True)
class SnapshotDocuments:
    """The node's document source, with each status list read once, and requested changes in one transaction.

    The requests that share it arrived before its transaction began, so each sees what was requested before it came.
    """

    source: NodeDocuments
    opened: ExitStack
    observe: Callable[[], NodeObserver | Missing]
    lists: dict[tuple[IssuerId, int], object | None] = field(default_factory=dict)

    @cached_property
    def connection(self) -> Connection:
        """The transaction of this snapshot."""
        return self.opened.enter_context(self.source.database.read())

    def end_transaction(self) -> None:
        """End the transaction, if one is open. The next reading begins another."""
        self.__dict__.pop("connection", None)
        self.opened.close()

    def programme(self, digest: Digest) -> Programme | None:
        """Return the programme document of a digest."""
        return self.source.programme(digest)

    def scope(self, digest: Digest) -> Scope | None:
        """Return the scope document of a digest."""
        return self.source.scope(digest)

    def status_list(self, issuer: IssuerId, list_number: int) -> object | None:
        """Return a published status list as it was when this snapshot first needed it."""
        key = (issuer, list_number)
        if key not in self.lists:
            self.lists[key] = self.source.status_list(issuer, list_number)
        return self.lists[key]

    def requested_status(self, issuer: IssuerId, position: int, until: int | None) -> Status:
        """Return the status after every change requested before this snapshot's transaction began."""
        return requested_status(self.connection, issuer, position, until)

    @property
    def dids(self) -> Mapping[str, object]:
        """The DID documents by DID."""
        return self.source.documents.seen_by(self.observe)


@dataclass(eq=False)
class LedgerSnapshot:
    """Ledger and published lists as one thread reads them, shared by the requests that it serves together."""

    node: Node
    opened: ExitStack

    @cached_property
    def documents(self) -> SnapshotDocuments:
        """The documents of this snapshot."""
        return SnapshotDocuments(self.node.document_source, self.opened, lambda: self._newest)

    @cached_property
    def _newest(self) -> NodeObserver | Missing:
        return self.node.observations.now()

    def verifier(self, moment: Moment) -> Verifier:
        """Return a verifier at the newest block, or at the newest block that is not after a given moment."""
        observer = self.node.observations.at(moment.at) if moment.given else self._newest
        return Verifier(self.node.observations.trust, observer, self.documents)


@dataclass(eq=False)
class _Waiting:
    """A request in the queue: `work(snapshot, *arguments)`, its number by arrival, and the future that takes its result."""

    work: Callable[..., Any]
    arguments: tuple[object, ...]
    future: "asyncio.Future[Any]"
    number: int
    result: Any = None
    error: BaseException | None = None

    def serve(self, snapshot: LedgerSnapshot) -> None:
        """Run the work and keep its result, unless the caller has given up."""
        if self.future.cancelled():
            return
        try:
            with separate_budget():
                self.result = self.work(snapshot, *self.arguments)
        # Any exception of the work is raised to its caller; the thread goes on with the next request.
        except BaseException as error:  # noqa: BLE001
            self.error = error

    def deliver(self) -> None:
        """Give the result to the caller. Called on the event loop."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class VerificationQueue:
    """The verification requests of an application, served off the event loop: long ones do not hold up reads.

    One thread serves all while each request is quick, because threads take turns at the interpreter. Results are handed
    to the event loop when the batch is done, so that it does not interrupt the thread for each.
    """

    def __init__(self, node: Node, stopwatch: Callable[[], float] = time.monotonic) -> None:
        self._node = node
        self._stopwatch = stopwatch
        self._waiting: deque[_Waiting] = deque()
        self._done: deque[_Waiting] = deque()
        self._arrived = 0
        self._is_closed = False
        self._taking = threading.Lock()
        self._taken_at: dict[int, float] = {}  # by thread, while it serves a batch: when it took its last request
        # A long document holds its thread while it waits; what is quick finds another.
        self._threads = ThreadPoolExecutor(VERIFYING_THREADS + MAX_LONG, thread_name_prefix="verify")

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        """Return the result of `work(snapshot, *arguments)`; raise what it raises."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        with self._taking:
            self._arrived += 1
            self._waiting.append(_Waiting(work, arguments, future, self._arrived))
            is_expected = self._is_served_soon()
        if not is_expected:
            self._threads.submit(self._serve_waiting, loop)
        help_later = loop.call_later(HELP_SECONDS, self._help, future)
        try:
            return cast(T, await future)
        finally:
            help_later.cancel()

    def _help(self, future: "asyncio.Future[Any]") -> None:
        """Give results to their callers, and let another thread serve what waits behind a slow request, again and again."""
        self._deliver()
        if not self._is_closed and not future.done():
            self._threads.submit(self._serve_waiting, future.get_loop())
            future.get_loop().call_later(HELP_SECONDS, self._help, future)

    def _serve_waiting(self, loop: asyncio.AbstractEventLoop) -> None:
        """Serve the requests that wait, and those that arrive meanwhile, until none is left."""
        while (last := self._begin_batch()) is not None:
            with ExitStack() as opened:
                snapshot = LedgerSnapshot(self._node, opened)
                while (waiting := self._take(last)) is not None:
                    with self._node.slow_lane.paced(partial(self._hand_on, loop, snapshot)):
                        waiting.serve(snapshot)
                    self._done.append(waiting)
            with suppress(RuntimeError):  # the loop has ended, and with it every caller
                loop.call_soon_threadsafe(self._deliver)

    def _begin_batch(self) -> int | None:
        """Return the number of the last request that may share a new snapshot, or None if nothing is to be served.

        Nothing is, too, while another thread serves quick requests, because it takes these next.
        """
        with self._taking:
            self._taken_at.pop(threading.get_ident(), None)
            if not self._waiting or self._is_served_soon():
                return None
            self._taken_at[threading.get_ident()] = self._stopwatch()
            return self._waiting[min(len(self._waiting), MAX_SHARING) - 1].number

    def _hand_on(self, loop: asyncio.AbstractEventLoop, snapshot: LedgerSnapshot) -> None:
        """Let another thread serve what waits, because this one has found its request to be long."""
        snapshot.documents.end_transaction()  # a database ends a transaction that stays idle for long
        with self._taking:
            self._taken_at.pop(threading.get_ident(), None)
        if not self._is_closed:
            loop.call_soon_threadsafe(self._deliver)
            self._threads.submit(self._serve_waiting, loop)

    def _take(self, last: int) -> _Waiting | None:
        """Take the next request, up to the one of this number."""
        with self._taking:
            if not self._waiting or self._waiting[0].number > last:
                return None
            self._taken_at[threading.get_ident()] = self._stopwatch()
            return self._waiting.popleft()

    def _is_served_soon(self) -> bool:
        """Return whether a thread has taken a request a moment ago: it takes what waits when it is done."""
        now = self._stopwatch()
        return any(now - taken_at < HELP_SECONDS for taken_at in self._taken_at.values())

    def _deliver(self) -> None:
        """Give each result to its caller. Called on the event loop."""
        while self._done:
            self._done.popleft().deliver()

    def close(self) -> None:
        """Finish the requests that have begun, and cancel the others. Called on the event loop."""
        self._is_closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._taking:
            for waiting in self._waiting:
                waiting.future.cancel()
            self._waiting.clear()


async def current_queue(request: Request) -> VerificationQueue:
    """Return the verification queue of this request's application. A coroutine, because it needs no thread."""
    return cast(VerificationQueue, request.app.state.verification_queue)


CurrentQueue = Annotated[VerificationQueue, Depends(current_queue)]
