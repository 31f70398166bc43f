"""Mining a block every so many seconds, in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from acredita.devnet.errors import ChainStorageError

_log = logging.getLogger("acredita.devnet")


class IntervalMining:
    """Calls `mine` at an interval until it is stopped; a block that could not be written is tried again at the next."""

    def __init__(self, mine: Callable[[], object]) -> None:
        self._mine = mine
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.seconds = 0.0

    def every(self, seconds: float) -> None:
        """Mine at this interval from now on; 0 stops."""
        self.stop()
        self.seconds = seconds
        if seconds <= 0:
            return
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(self._stop, seconds), name="interval-mining", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Begin no further block; the thread finishes the block it is making."""
        self._stop.set()
        self.seconds = 0.0

    def close(self) -> None:
        """Stop, and wait for a block that is being made. Not to be called from within `mine`."""
        self.stop()
        if self._thread is not None:
            self._thread.join()

    def _run(self, stop: threading.Event, seconds: float) -> None:
        while not stop.wait(seconds):
            try:
                self._mine()
            except ChainStorageError as error:
                _log.error("no block mined: %s", error)
