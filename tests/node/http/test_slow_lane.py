"""Long documents take turns and are bounded; quick ones are answered meanwhile, and no result changes."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from acredita.node.http.dependencies import Node
from acredita.node.http.problems import RequestRefused
from acredita.node.http.slow_lane import LARGE_BYTES, STEPS_A_LOOK, SlowLane
from acredita.node.http.verification_queue import LedgerSnapshot, VerificationQueue
from acredita.registry.canonicalisation.canonical import canonical_nquads_slow
from acredita.registry.canonicalisation.pace import current_pace, paced_by
from acredita.registry.canonicalisation.rdfc import canonicalise

from tests.node.http.two_institution_node import Client, TwoInstitutionNode
from tests.waiting import PATIENCE_SECONDS, wait_for


class Clock:
    """Seconds that rise by a second at each look: everything is long."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        self.now += 1
        return self.now


class Counting:
    """Hooks that count, and end the work at a step."""

    def __init__(self, last: int | None = None) -> None:
        self.steps = self.under_lock = self.slow_paths = 0
        self.last = last

    def begin_slow_path(self) -> None:
        self.slow_paths += 1

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.last:
            raise LookupError("enough")

    def step_under_lock(self) -> None:
        self.under_lock += 1


def alike(count: int) -> list[tuple[str, str, str, str]]:
    """Return a dataset of so many equal blank nodes."""
    return [("<x:s>", "<x:p>", f"_:b{number}", "") for number in range(count)]


def test_hooks_are_called_and_change_no_byte() -> None:
    hooks = Counting()
    with paced_by(hooks):
        paced = canonicalise(alike(50))
    assert paced == canonicalise(alike(50))
    assert hooks.steps >= 50


def test_an_exception_of_a_hook_ends_the_work() -> None:
    with paced_by(Counting(last=10)), pytest.raises(LookupError):
        canonicalise(alike(50))
    assert current_pace().step() is None


def test_the_slow_path_calls_hooks_under_its_lock(node: TwoInstitutionNode) -> None:
    hooks, document = Counting(), json.loads(node.credential(node.digests[0]))
    del document["proof"]
    with paced_by(hooks):
        paced = canonical_nquads_slow(document)
    assert paced == canonical_nquads_slow(document)
    assert hooks.slow_paths == 1 and hooks.under_lock > 20


def long_work(inside: Callable[[], None]) -> None:
    """Take steps until the lane gives the turn, then run `inside`."""
    for _ in range(STEPS_A_LOOK):
        current_pace().step()
    inside()


def test_one_long_document_is_done_at_a_time() -> None:
    lane, running, most = SlowLane(Clock()), [], []

    def inside() -> None:
        running.append(1)
        most.append(len(running))
        running.pop()

    def work() -> None:
        with lane.paced():
            long_work(inside)

    with ThreadPoolExecutor(8) as threads:
        for future in [threads.submit(work) for _ in range(64)]:
            future.result(PATIENCE_SECONDS)
    assert (len(most), max(most), lane.long) == (64, 1, 0)


def wait_at(gate: threading.Event) -> None:
    assert gate.wait(PATIENCE_SECONDS)


@contextmanager
def one_that_lasts(lane: SlowLane) -> Iterator[None]:
    """Let a long document have the turn."""
    gate = threading.Event()

    def work() -> None:
        with lane.paced():
            long_work(partial(wait_at, gate))

    with ThreadPoolExecutor(1) as threads:
        lasting = threads.submit(work)
        wait_for(lambda: lane.long == 1, "a long document")
        try:
            yield
        finally:
            gate.set()
            lasting.result(PATIENCE_SECONDS)


def test_long_documents_beyond_their_number_are_refused() -> None:
    lane = SlowLane(Clock(), most=1)
    with one_that_lasts(lane):
        for begin in (lambda: long_work(lambda: None), lambda: current_pace().begin_slow_path()):
            with pytest.raises(RequestRefused) as refused, lane.paced():
                begin()
            assert (refused.value.status, refused.value.code) == (503, "TOO_MANY_REQUESTS")
        with lane.paced():  # what is quick is not long
            current_pace().step()
    assert lane.long == 0


def test_a_large_request_is_long_from_the_start() -> None:
    lane = SlowLane()
    for size, expected in ((LARGE_BYTES, (0, False)), (LARGE_BYTES + 1, (1, True))):
        with lane.paced(size=size):
            assert (lane.long, lane.turn.locked()) == expected
        assert (lane.long, lane.turn.locked()) == (0, False)


def test_a_document_that_raises_gives_up_its_turn() -> None:
    lane = SlowLane(Clock(), most=1)
    for _ in range(3):
        with pytest.raises(LookupError), lane.paced():
            long_work(_raise)
    assert (lane.long, lane.turn.locked()) == (0, False)


def _raise() -> None:
    raise LookupError


def test_quick_requests_pass_long_ones_in_the_queue(node: TwoInstitutionNode) -> None:
    """Queue more long requests than there are threads for quick ones, and quick ones behind them."""
    served, gate = Node(node.dependencies), threading.Event()
    long_ones = 10

    def long(_snapshot: LedgerSnapshot) -> str:
        assert gate.wait(PATIENCE_SECONDS)
        return "long"

    async def run() -> tuple[list[str], list[str]]:
        queue = VerificationQueue(served)
        poison = [asyncio.ensure_future(queue.run(long)) for _ in range(long_ones)]
        quick = await asyncio.gather(*(queue.run(lambda _snapshot: "quick") for _ in range(20)))
        assert not any(one.done() for one in poison)
        gate.set()
        slow = await asyncio.gather(*poison)
        queue.close()
        return quick, slow

    assert asyncio.run(run()) == (["quick"] * 20, ["long"] * long_ones)


def test_a_long_document_is_told_where_too_many_are_read(node: TwoInstitutionNode) -> None:
    """Send a document with many equal blank nodes while the lane is full. Our own profile has no room for so many."""
    credential: dict[str, Any] = json.loads(node.credential(node.digests[0]))
    credential["evidence"] = [{"type": ["Evidence"]}] * 2 * STEPS_A_LOOK
    body = {"verifiableCredential": credential}
    with node.client() as client:
        client.app.state.node.slow_lane = SlowLane(Clock(), most=1)
        with one_that_lasts(client.app.state.node.slow_lane):
            answer = post(client, "/credentials/verify", body)
        assert (answer.status_code, answer.json()["code"]) == (503, "TOO_MANY_REQUESTS")
        assert answer.headers["retry-after"]
        assert post(client, "/credentials/verify", body).status_code == 400


def post(client: Client, path: str, body: object) -> Any:
    return client.post(path, content=json.dumps(body), headers={"Content-Type": "application/json"})
