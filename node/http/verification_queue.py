"""Serve verification requests from a queue, by a few threads that leave the event loop free.

A verification needs the newest block and the newest published lists. Requests that wait together share one snapshot of
both. It is taken after the last of them arrived, so that none gets an older answer than it would have got alone.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Final, TypeVar, cast

from acredita.anchoring.types import Digest, IssuerId
from acredita.node.http.dependencies import VERIFYING_THREADS, Node
from acredita.node.ledger.view import NodeObserver
from acredita.node.verification.node_documents import NodeDocuments
from acredita.node.verification.verifier import Verifier
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope
from acredita.registry.verification.case import Moment
from fastapi import Depends, Request

T = TypeVar("T")

MAX_SHARING: Final = 16  # requests of one snapshot: it grows older with each, by some tens of milliseconds at the last


@dataclass(frozen=True)
class SnapshotDocuments:
    """The node's document source, with each status list read once."""

    source: NodeDocuments
    lists: dict[tuple[IssuerId, int], object | None] = field(default_factory=dict)

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

    @property
    def dids(self) -> Mapping[str, object]:
        """The DID documents by DID."""
        return self.source.dids


@dataclass(eq=False)
class LedgerSnapshot:
    """Ledger and published lists as one thread reads them, shared by the requests that it serves together."""

    node: Node

    @cached_property
    def documents(self) -> SnapshotDocuments:
        """The documents of this snapshot."""
        return SnapshotDocuments(self.node.document_source)

    @cached_property
    def _newest(self) -> NodeObserver | Missing:
        return self.node.observations.now()

    def verifier(self, moment: Moment) -> Verifier:
        """Return a verifier at the newest block, or at the newest block that is not after a given moment."""
        observer = self.node.observations.at(moment.at) if moment.given else self._newest
        return Verifier(self.node.observations.trust, observer, self.documents)


@dataclass(frozen=True)
class _Waiting:
    """A request in the queue: `work(snapshot, *arguments)`, and the future that takes its result."""

    work: Callable[..., Any]
    arguments: tuple[object, ...]
    future: "Future[Any]" = field(default_factory=Future)

    def serve(self, snapshot: LedgerSnapshot) -> None:
        """Run the work and give its result to the caller, unless the caller has given up."""
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            self.future.set_result(self.work(snapshot, *self.arguments))
        # Any exception of the work is raised to its caller; the thread goes on with the next request.
        except BaseException as error:  # noqa: BLE001
            self.future.set_exception(error)


class VerificationQueue:
    """The verification requests of an application, served off the event loop: long ones do not hold up reads."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._waiting: deque[_Waiting] = deque()
        self._taking = threading.Lock()
        self._threads = ThreadPoolExecutor(VERIFYING_THREADS, thread_name_prefix="verify")

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        """Return the result of `work(snapshot, *arguments)`; raise what it raises."""
        waiting = _Waiting(work, arguments)
        self._waiting.append(waiting)
        self._threads.submit(self._serve_waiting)
        return await asyncio.wrap_future(waiting.future)

    def _serve_waiting(self) -> None:
        """Serve the requests that wait now. Called once a request; the first call takes several, later ones find none."""
        with self._taking:
            taken = [self._waiting.popleft() for _ in range(min(len(self._waiting), MAX_SHARING))]
        snapshot = LedgerSnapshot(self._node)
        for waiting in taken:
            waiting.serve(snapshot)

    def close(self) -> None:
        """Finish the requests that have begun, and cancel the others."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._taking:
            for waiting in self._waiting:
                waiting.future.cancel()
            self._waiting.clear()


async def current_queue(request: Request) -> VerificationQueue:
    """Return the verification queue of this request's application. A coroutine, because it needs no thread."""
    return cast(VerificationQueue, request.app.state.verification_queue)


CurrentQueue = Annotated[VerificationQueue, Depends(current_queue)]
