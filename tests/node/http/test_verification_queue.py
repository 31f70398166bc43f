"""Requests that wait together share one snapshot, taken after they arrived; each gets its own result or error."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from acredita.node.http.dependencies import VERIFYING_THREADS, Node
from acredita.node.http.verification_queue import MAX_SHARING, LedgerSnapshot, VerificationQueue

from tests.node.http.two_institution_node import TwoInstitutionNode
from tests.waiting import PATIENCE_SECONDS

T = TypeVar("T")


def snapshot_of(snapshot: LedgerSnapshot) -> LedgerSnapshot:
    return snapshot


def broken(_snapshot: LedgerSnapshot) -> LedgerSnapshot:
    raise LookupError("this request only")


def behind_busy_threads(
    node: TwoInstitutionNode, submit: Callable[[VerificationQueue], Awaitable[T]]
) -> tuple[T, list[LedgerSnapshot]]:
    """Return the result of `submit`, called while every thread works, and the snapshots of those earlier requests.

    The earlier requests end after `submit` has queued its own.
    """
    served_node, gate = Node(node.dependencies), threading.Event()

    async def run() -> tuple[T, list[LedgerSnapshot]]:
        queue = VerificationQueue(served_node)
        begun = threading.Semaphore(0)

        def busy(snapshot: LedgerSnapshot) -> LedgerSnapshot:
            begun.release()
            assert gate.wait(PATIENCE_SECONDS)
            return snapshot

        early = []
        for _ in range(VERIFYING_THREADS):
            early.append(asyncio.ensure_future(queue.run(busy)))
            await asyncio.to_thread(begun.acquire, timeout=PATIENCE_SECONDS)
        submitted = asyncio.ensure_future(submit(queue))
        for _ in range(3):
            await asyncio.sleep(0)  # the requests are in the queue by now
        gate.set()
        early_snapshots = await asyncio.gather(*early)
        result = await submitted
        queue.close()
        return result, early_snapshots

    return asyncio.run(run())


def submit_many(count: int) -> Callable[[VerificationQueue], Awaitable[list[LedgerSnapshot]]]:
    async def submit(queue: VerificationQueue) -> list[LedgerSnapshot]:
        return await asyncio.gather(*(queue.run(snapshot_of) for _ in range(count)))

    return submit


def test_requests_that_wait_together_share_a_snapshot_taken_after_they_arrived(node: TwoInstitutionNode) -> None:
    snapshots, early = behind_busy_threads(node, submit_many(MAX_SHARING))
    assert len({id(snapshot) for snapshot in snapshots}) == 1
    assert all(snapshot not in early for snapshot in snapshots)


def test_no_snapshot_is_shared_by_more_than_its_number(node: TwoInstitutionNode) -> None:
    snapshots, early = behind_busy_threads(node, submit_many(MAX_SHARING + 1))
    assert len({id(snapshot) for snapshot in snapshots}) == 2
    assert all(snapshot not in early for snapshot in snapshots)


def test_an_error_is_raised_to_its_own_caller(node: TwoInstitutionNode) -> None:
    async def submit(queue: VerificationQueue) -> list[LedgerSnapshot | BaseException]:
        return await asyncio.gather(queue.run(broken), queue.run(snapshot_of), return_exceptions=True)

    (failed, served), _ = behind_busy_threads(node, submit)
    assert isinstance(failed, LookupError)
    assert isinstance(served, LedgerSnapshot)


def test_a_request_that_waits_when_the_queue_closes_is_cancelled(node: TwoInstitutionNode) -> None:
    async def submit(queue: VerificationQueue) -> None:
        waiting = asyncio.ensure_future(queue.run(snapshot_of))
        await asyncio.sleep(0)
        queue.close()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    behind_busy_threads(node, submit)
