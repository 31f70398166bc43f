"""A real writer on a real chain, killed with SIGKILL at seeded moments, started again, and nothing is lost or doubled.

Two moments in the ordinary run, 20 marked slow, 200 marked crash; on SQLite, and on PostgreSQL where there is one. A
kill counts as hitting a running write when the worker had entered the write path and not left it.
"""

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from acredita.anchoring.entries import EntryKind, decode
from acredita.contracts.abi import Deployment
from acredita.node.storage import stored_log
from acredita.node.storage.database import Database
from acredita.node.write_path.anchor import anchor_pending
from acredita.node.write_path.batch_report import BatchStep

from tests.node.write_path.worker import ISSUED_EACH_ROUND
from tests.simulators.installation import install, issuer_named, reopen
from tests.simulators.institution import SimulatedInstitution, check_invariants, credential_digest, open_institution
from tests.waiting import let_run

ROOT = Path(__file__).parents[3]
LONGEST_LIFE_SECONDS = 0.6
SEED = 20260101
ENOUGH_HITS = 0.8


@dataclass
class Campaign:
    """Series of kills of one worker, and the rounds it reported as queued."""

    database_url: str
    chain: Path
    deployment: Deployment
    queued: set[int] = field(default_factory=set)
    hits: int = 0

    def kill_once(self, first: int, life: float) -> None:
        """Start a worker, let it live for so many seconds from its first write, and kill it."""
        with self.worker(first) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith("enter"):
                    break
            else:
                raise AssertionError("the worker ended by itself")
            self.queued.add(first)
            let_run(process, life)
            process.kill()
            last = "enter"
            for line in process.stdout:
                word, *rest = line.split()
                if word == "queued":
                    self.queued.add(int(rest[0]))
                if word in ("enter", "leave"):
                    last = word
        self.hits += last == "enter"

    @contextmanager
    def worker(self, first: int) -> Iterator["subprocess.Popen[str]"]:
        command = [sys.executable, "-m", "tests.node.write_path.worker", "--database", self.database_url]
        command += ["--chain", str(self.chain), "--contract", self.deployment.credential_log.hex()]
        command += ["--first", str(first)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            yield process
            process.kill()

    def last_run(self) -> None:
        """Run once more: it brings everything to its end."""
        installation = reopen(self.chain, self.deployment)
        database = Database.open(self.database_url)
        institution = open_institution(installation, issuer_named("ut"), database)
        steps = [report.step for report in anchor_pending(institution.writer, force=True)]
        assert steps[-1] is BatchStep.IDLE
        rounds = sorted(self._rounds(institution))
        issued = [credential_digest(100 * number + place) for number in rounds for place in range(ISSUED_EACH_ROUND)]
        check_invariants(institution, issued, len(rounds))
        assert self.queued <= set(rounds), "what was said to be queued is there"
        database.close()
        installation.chain.close()

    def _rounds(self, institution: SimulatedInstitution) -> set[int]:
        """Return the rounds whose status change is in the log: each queued its credentials in the same transaction."""
        with institution.writer.database.read() as connection:
            data = stored_log.read_entries(connection, institution.writer.issuer, 1, 0, 1 << 40)
            entries = [decode(entry) for entry in data]
        return {entry.position for entry in entries if entry.kind is EntryKind.REVOKED}


@pytest.fixture
def campaign(database_url: str, tmp_path: Path) -> Campaign:
    installation = install(tmp_path / "chain")
    issuer = installation.new_issuer("ut")
    database = Database.create(database_url)
    open_institution(installation, issuer, database)
    database.close()
    installation.chain.close()
    return Campaign(database_url, tmp_path / "chain", installation.deployment)


def kill(campaign: Campaign, times: int) -> None:
    moments = random.Random(SEED)
    for number in range(times):
        campaign.kill_once(1_000 * number, moments.uniform(0, LONGEST_LIFE_SECONDS))
    campaign.last_run()
    print(f"{campaign.hits} of {times} kills hit a running write (seed {SEED})")
    assert campaign.hits >= ENOUGH_HITS * times, f"{campaign.hits} of {times} kills hit a running write"


def test_killed_twice(campaign: Campaign) -> None:
    """Kill twice; the long tests count the hits."""
    campaign.kill_once(0, 0.02)
    campaign.kill_once(1_000, 0.15)
    campaign.last_run()


@pytest.mark.slow
def test_killed_20_times(campaign: Campaign) -> None:
    kill(campaign, 20)


@pytest.mark.crash
@pytest.mark.timeout(3_600)
def test_killed_200_times(campaign: Campaign) -> None:
    kill(campaign, 200)
