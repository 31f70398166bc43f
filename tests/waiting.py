"""Wait in tests: one patience for every client, server start and process, and the few loops that need a clock.

- A test waits PATIENCE_SECONDS for anything outside its own thread: beside other jobs a machine is many times slower.
- A wait ends with its condition, so patience costs nothing where all goes well.
- tests/house/waits.py finds every shorter wait and every sleep outside this module.
"""

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

T = TypeVar("T")

PATIENCE_SECONDS: Final = 120.0
POLL_SECONDS: Final = 0.01
PULSE_SECONDS: Final = 0.02


def wait_for(condition: Callable[[], T], expected: str, *, poll_seconds: float = POLL_SECONDS) -> T:
    """Return the first value of `condition` that is true. Raises AssertionError that names what was expected."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {PATIENCE_SECONDS:.0f} s: {expected}")
        time.sleep(poll_seconds)
    return value


def pause() -> None:
    """Give up the processor for a moment between two attempts."""
    time.sleep(POLL_SECONDS)


def pulses(stop: threading.Event) -> Iterator[None]:
    """Yield fifty times a second until `stop` is set: for a host that sends a byte now and then."""
    while not stop.wait(PULSE_SECONDS):
        yield


def let_run(process: "subprocess.Popen[Any]", seconds: float) -> None:
    """Return after this many seconds, or earlier where the process ends: the life of a process before it is killed.

    The moment is an input of the test, drawn from a seed; no verdict depends on how far the process gets.
    """
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=seconds)


def kill_while(process: "subprocess.Popen[Any]", condition: Callable[[], bool], seconds: float) -> None:
    """Send SIGKILL at a moment at which `condition` holds: it is read again while the process is stopped.

    `seconds`: the time between the first sight of the condition and the stop.
    """
    while True:
        wait_for(condition, "the moment to kill at", poll_seconds=0)
        time.sleep(seconds)
        process.send_signal(signal.SIGSTOP)
        wait_for(lambda: _state(process.pid) == "T", "a stopped process")
        if condition():
            break
        process.send_signal(signal.SIGCONT)
    process.kill()


def is_alive(pid: int) -> bool:
    """Decide whether a process runs; one that has ended and waits for its parent does not."""
    return _state(pid) not in (None, "Z", "X")


def _state(pid: int) -> str | None:
    """Return the letter of proc_pid_stat(5), or None where no process has this id."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text.rsplit(")", 1)[1].split()[0]
