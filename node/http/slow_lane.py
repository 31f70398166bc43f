"""Do one long document at a time, in small pieces, so that quick requests are answered between the pieces.

Threads take turns at the interpreter, so each long document that runs beside a quick one slows it down. A document that
takes longer than QUICK_SECONDS, or has more than LARGE_BYTES, therefore waits for its turn. It pauses after every
PIECE_SECONDS. Documents beyond MAX_LONG are refused, because each of them holds a thread. Seconds are processor seconds
of the thread.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from acredita.node.http.problems import RequestRefused
from acredita.registry.canonicalisation.pace import paced_by
from acredita.registry.codes import Code

QUICK_SECONDS: Final = 0.01  # a credential of ours takes less than a millisecond
LARGE_BYTES: Final = 16 * 1024  # a request of this size is long from the start; a credential of ours has 7 KB
PIECE_SECONDS: Final = 0.001
PAUSE_SECONDS: Final = 0.0005
MAX_LONG: Final = 32  # threads; the web framework has forty, which it uses for other requests too
STEPS_A_LOOK: Final = 16  # a step takes microseconds, and so does a look at the clock


def _nothing() -> None:
    """Do nothing: nobody wants to know."""


class SlowLane:
    """The turn that long documents wait for. `clock` returns processor seconds of the calling thread."""

    def __init__(self, clock: Callable[[], float] = time.thread_time, most: int = MAX_LONG) -> None:
        self._clock = clock
        self._most = most
        self._counting = threading.Lock()
        self.long = 0  # documents that are being read, or wait for their turn
        self.turn = threading.Lock()

    @contextmanager
    def paced(self, on_long: Callable[[], None] = _nothing, *, size: int = 0) -> Iterator[None]:
        """Call hooks in the canonicalisations inside. Raises RequestRefused (503) if too many documents are long.

        `on_long` is called once if the document is found to be long. `size`: of the request in bytes.
        """
        pace = _LanePace(self, self._clock, on_long)
        try:
            if size > LARGE_BYTES:
                pace.wait_for_turn()
            with paced_by(pace):
                yield
        finally:
            pace.end()

    def enter(self) -> None:
        """Count a long document. Raises RequestRefused (503)."""
        with self._counting:
            if self.long >= self._most:
                raise RequestRefused(
                    503,
                    Code.TOO_MANY_REQUESTS,
                    "too many long documents are being read",
                    headers={"Retry-After": "5"},
                )
            self.long += 1

    def leave(self) -> None:
        """Count it no longer."""
        with self._counting:
            self.long -= 1


class _LanePace:
    """The hooks of one request."""

    def __init__(self, lane: SlowLane, clock: Callable[[], float], on_long: Callable[[], None]) -> None:
        self._lane = lane
        self._on_long = on_long
        self._clock = clock
        # Set at the first look: this clock costs more than anything else here, and a quick document never looks.
        self._begun = self._paused = 0.0
        self._steps = 0
        self._is_long = False
        self._has_turn = False

    def begin_slow_path(self) -> None:
        """Count the document as long: it waits for the lock of the slow path, or holds it."""
        if not self._is_long:
            self._lane.enter()
            self._is_long = True
            self._on_long()

    def step(self) -> None:
        """Wait for the turn once the document has taken long, then pause after every piece."""
        self._steps += 1
        if self._steps % STEPS_A_LOOK:
            return
        if self._steps == STEPS_A_LOOK:
            self._begun = self._paused = self._clock()
        if not self._has_turn:
            if self._clock() - self._begun < QUICK_SECONDS:
                return
            self.wait_for_turn()
        self.step_under_lock()

    def wait_for_turn(self) -> None:
        """Wait until no other long document is read."""
        self.begin_slow_path()
        self._lane.turn.acquire()
        self._has_turn = True

    def step_under_lock(self) -> None:
        """Wait a moment after every piece."""
        if self._clock() - self._paused >= PIECE_SECONDS:
            time.sleep(PAUSE_SECONDS)
            self._paused = self._clock()

    def end(self) -> None:
        """Give the turn to the next document."""
        if self._has_turn:
            self._lane.turn.release()
        if self._is_long:
            self._lane.leave()
