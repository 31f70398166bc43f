"""Where questions are answered: in a few threads of their own, all that wait at one look.

A verification asks for the newest block and the newest published lists. Questions that wait together are answered from
one look at both, taken after the last of them had come, so that none is told less than it would have been told alone.
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
from acredita.node.verification.node_documents import NodeShelf
from acredita.node.verification.verifier import Verifier
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope
from acredita.registry.verification.case import Moment
from fastapi import Depends, Request

T = TypeVar("T")

ANSWERED_TOGETHER: Final = 16  # a look grows older with every answer: by some tens of milliseconds at the last


@dataclass(frozen=True)
class ShelfAtOnce:
    """A node's shelf whose status lists are read once."""

    shelf: NodeShelf
    lists: dict[tuple[IssuerId, int], object | None] = field(default_factory=dict)

    def programme(self, digest: Digest) -> Programme | None:
        return self.shelf.programme(digest)

    def scope(self, digest: Digest) -> Scope | None:
        return self.shelf.scope(digest)

    def status_list(self, issuer: IssuerId, list_number: int) -> object | None:
        key = (issuer, list_number)
        if key not in self.lists:
            self.lists[key] = self.shelf.status_list(issuer, list_number)
        return self.lists[key]

    @property
    def dids(self) -> Mapping[str, object]:
        return self.shelf.dids


@dataclass(eq=False)
class Look:
    """Ledger and lists as one thread finds them, for the questions it has before it."""

    node: Node

    @cached_property
    def shelf(self) -> ShelfAtOnce:
        return ShelfAtOnce(self.node.shelf)

    @cached_property
    def _now(self) -> NodeObserver | Missing:
        return self.node.observations.now()

    def verifier(self, moment: Moment) -> Verifier:
        observer = self.node.observations.at(moment.at) if moment.given else self._now
        return Verifier(self.node.observations.trust, observer, self.shelf)


@dataclass(frozen=True)
class _Waiting:
    work: Callable[..., Any]
    arguments: tuple[object, ...]
    future: "Future[Any]" = field(default_factory=Future)

    def answer(self, look: Look) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            self.future.set_result(self.work(look, *self.arguments))
        # Whatever ends the work belongs to whoever asked; the thread goes on with the next question.
        except BaseException as error:  # noqa: BLE001
            self.future.set_exception(error)


class Desk:
    """Answers questions off the event loop, so that long ones do not hold up reads."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._waiting: deque[_Waiting] = deque()
        self._taking = threading.Lock()
        self._threads = ThreadPoolExecutor(VERIFYING_THREADS, thread_name_prefix="verify")

    async def ask(self, work: Callable[..., T], *arguments: object) -> T:
        """What `work(look, *arguments)` gives; raises what it raises."""
        waiting = _Waiting(work, arguments)
        self._waiting.append(waiting)
        self._threads.submit(self._answer_those_here)
        return await asyncio.wrap_future(waiting.future)

    def _answer_those_here(self) -> None:
        """One call comes for each question; the first to find several takes them, the others find none left."""
        with self._taking:
            taken = [self._waiting.popleft() for _ in range(min(len(self._waiting), ANSWERED_TOGETHER))]
        look = Look(self._node)
        for waiting in taken:
            waiting.answer(look)

    def close(self) -> None:
        """What has begun ends; nobody waits for the rest."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._taking:
            for waiting in self._waiting:
                waiting.future.cancel()
            self._waiting.clear()


async def current_queue(request: Request) -> Desk:
    """Return the verification queue of this request's application. A coroutine, because it needs no thread."""
    return cast(Desk, request.app.state.verification_queue)


CurrentQueue = Annotated[Desk, Depends(current_queue)]
