"""Two writers on one database: one is killed or frozen, the other takes over, and the thawed one is fenced off."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from acredita.node.storage.database import Database
from acredita.node.storage.models import QueueItem
from acredita.node.write_path.anchor import anchor_pending
from acredita.node.write_path.batch_report import BatchStep
from sqlalchemy import select

from tests.node.write_path.worker import ISSUED_EACH_ROUND
from tests.simulators.endpoint import endpoint, passing_on
from tests.simulators.installation import Installation, Issuer
from tests.simulators.institution import check_invariants, credential_digest, open_institution
from tests.waiting import PATIENCE_SECONDS

ROOT = Path(__file__).parents[3]
SOON_STALE_SECONDS = 1.0  # of a writer that is killed or frozen before another one starts
NEVER_STALE_SECONDS = 3_600.0
ROUNDS = 5
SENDINGS = 3  # transactions the first writer sends before its end


class Worker:
    """A writer's process and the lines it has said."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lines: list[str] = []
        self._said = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, there: Callable[[list[str]], bool]) -> None:
        with self._said:
            assert self._said.wait_for(lambda: there(self.lines), timeout=PATIENCE_SECONDS), [
                line[:60] for line in self.lines[-6:]
            ]

    def close(self) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._said:
                self.lines.append(line.strip())
                self._said.notify_all()


class Sending:
    """An endpoint that ends a writer in the middle of a run: its transaction has arrived, the answer has not."""

    def __init__(self, installation: Installation) -> None:
        self.ended = threading.Event()
        self._pass_on = passing_on(installation)
        self._left: int | None = None
        self._end: Callable[[], None] = lambda: None

    def end_at(self, sendings: int, end: Callable[[], None]) -> None:
        self._end, self._left = end, sendings

    def answer(self, request: dict[str, Any]) -> tuple[int, bytes]:
        if request["method"] == "eth_sendRawTransaction" and self._left is not None:
            self._left -= 1
            if self._left == 0:
                self._end()
                self.ended.set()
        return self._pass_on(request)


@contextmanager
def worker(
    database_url: str, rpc: str, contract: bytes, first: int, rounds: int, *, stale: float = SOON_STALE_SECONDS
) -> Iterator[Worker]:
    """Start a worker; all have the same name, as nodes with one configuration have."""
    command = [sys.executable, "-m", "tests.node.write_path.worker", "--database", database_url, "--rpc", rpc]
    command += ["--contract", contract.hex(), "--stale", str(stale)]
    command += ["--first", str(first), "--rounds", str(rounds)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    started = Worker(process)
    try:
        yield started
    finally:
        started.close()


def anchored(lines: list[str]) -> int:
    return sum(line.startswith("leave") and "anchored" in line for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP])
def test_the_second_takes_over_and_the_first_writes_no_more(
    database_url: str, installation: Installation, ut: Issuer, end: signal.Signals
) -> None:
    if end is signal.SIGSTOP and database_url.startswith("sqlite"):
        pytest.skip("a process frozen inside a SQLite transaction keeps the file locked until it thaws")
    database = Database.create(database_url)
    open_institution(installation, ut, database)
    contract = installation.deployment.credential_log
    sending = Sending(installation)
    with (
        endpoint(sending.answer) as rpc,
        worker(database_url, rpc, contract, 0, 100_000) as first,
    ):
        sending.end_at(SENDINGS, lambda: first.process.send_signal(end))
        assert sending.ended.wait(PATIENCE_SECONDS)
        with worker(database_url, rpc, contract, 500_000, 100_000) as second:
            second.wait_for(lambda lines: anchored(lines) >= ROUNDS)
            if end is signal.SIGSTOP:
                before = len(first.lines)
                first.process.send_signal(signal.SIGCONT)
                # It stood still in the middle of a run: the next write finds a newer fencing number.
                first.wait_for(lambda lines: any("lost" in line for line in lines[before:]))
    database.close()
    _check(database_url, installation, ut)


@pytest.mark.slow
def test_two_namesakes_take_turns(database_url: str, installation: Installation, ut: Issuer) -> None:
    """Run two processes with one configuration: one writes at a time, and neither takes the other's lease.

    No lease runs out, however long a busy machine lets its holder stand still.
    """
    database = Database.create(database_url)
    open_institution(installation, ut, database)
    database.close()
    contract = installation.deployment.credential_log
    with (
        endpoint(passing_on(installation)) as rpc,
        worker(database_url, rpc, contract, 0, ROUNDS, stale=NEVER_STALE_SECONDS) as first,
        worker(database_url, rpc, contract, 500_000, ROUNDS, stale=NEVER_STALE_SECONDS) as second,
    ):
        for one in (first, second):
            one.wait_for(lambda lines: "end" in lines)
        lines = [line for one in (first, second) for line in one.lines]
    assert anchored(lines)
    assert not [line for line in lines if line.startswith("lost")]
    _check(database_url, installation, ut)


def _check(database_url: str, installation: Installation, ut: Issuer) -> None:
    """Run a last time after both have ended: every queued credential is in the log exactly once."""
    database = Database.open(database_url)
    institution = open_institution(installation, ut, database)
    steps = [report.step for report in anchor_pending(institution.writer, force=True)]
    assert steps[-1] is BatchStep.IDLE
    rounds = sorted(queued_rounds(institution.writer.database, ut))
    issued = [credential_digest(100 * number + place) for number in rounds for place in range(ISSUED_EACH_ROUND)]
    check_invariants(institution, issued, len(rounds))
    database.close()


def queued_rounds(database: Database, ut: Issuer) -> set[int]:
    """Return every round that was ever queued, from the queue itself."""
    with database.read() as connection:
        rows = connection.execute(
            select(QueueItem.position).where(QueueItem.issuer == ut.id, QueueItem.position.is_not(None))
        )
        return {row[0] for row in rows}
