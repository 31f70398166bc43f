"""Questions that wait together are answered from one look, taken after they came; each gets its own answer or error."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest
from acredita.node.http.dependencies import VERIFYING_THREADS, Node
from acredita.node.http.verification_queue import ANSWERED_TOGETHER, Desk, Look

from tests.node.http.two_institution_node import TwoInstitutionNode
from tests.waiting import PATIENCE_SECONDS


def look_of(look: Look) -> Look:
    return look


def broken(_look: Look) -> Look:
    raise LookupError("this question only")


def behind_busy_threads(node: TwoInstitutionNode, ask: Callable[[Desk], Awaitable[object]]) -> object:
    """What `ask` gives when it is called while every thread is at work, all of which end after it has asked."""
    served_node, gate = Node(node.parts), threading.Event()

    async def run() -> object:
        desk = Desk(served_node)
        begun = threading.Semaphore(0)

        def busy(look: Look) -> Look:
            begun.release()
            assert gate.wait(PATIENCE_SECONDS)
            return look

        busy_ones = []
        for _ in range(VERIFYING_THREADS):
            busy_ones.append(asyncio.ensure_future(desk.ask(busy)))
            await asyncio.to_thread(begun.acquire, timeout=PATIENCE_SECONDS)
        asked = asyncio.ensure_future(ask(desk))  # type: ignore[arg-type]
        for _ in range(3):
            await asyncio.sleep(0)  # the questions are in line by now
        gate.set()
        early = await asyncio.gather(*busy_ones)
        found = await asked
        desk.close()
        assert all(look not in early for look in (found if isinstance(found, list) else []))
        return found

    return asyncio.run(run())


def test_those_who_wait_together_share_a_look_taken_after_they_came(node: TwoInstitutionNode) -> None:
    async def ask(desk: Desk) -> list[Look]:
        return await asyncio.gather(*(desk.ask(look_of) for _ in range(ANSWERED_TOGETHER)))

    looks = behind_busy_threads(node, ask)
    assert isinstance(looks, list)
    assert len({id(look) for look in looks}) == 1


def test_no_look_serves_more_than_its_number(node: TwoInstitutionNode) -> None:
    async def ask(desk: Desk) -> list[Look]:
        return await asyncio.gather(*(desk.ask(look_of) for _ in range(ANSWERED_TOGETHER + 1)))

    looks = behind_busy_threads(node, ask)
    assert isinstance(looks, list)
    assert len({id(look) for look in looks}) == 2


def test_an_error_belongs_to_who_asked(node: TwoInstitutionNode) -> None:
    async def ask(desk: Desk) -> object:
        return await asyncio.gather(desk.ask(broken), desk.ask(look_of), return_exceptions=True)

    found = behind_busy_threads(node, ask)
    assert isinstance(found, list)
    assert isinstance(found[0], LookupError)
    assert isinstance(found[1], Look)


def test_who_waits_when_the_desk_closes_is_told(node: TwoInstitutionNode) -> None:
    async def ask(desk: Desk) -> object:
        waiting = asyncio.ensure_future(desk.ask(look_of))
        await asyncio.sleep(0)
        desk.close()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        return None

    behind_busy_threads(node, ask)
