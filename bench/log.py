"""The log as a node stores it: a state's enrolment anchored batch by batch, and the same work as the log grows.

First 226,170 synthetic digests, with status changes among them, go through the write path in 221 checkpoints: from the
queue to the release, on the real contracts. Then entries drawn at random are proved from storage and the proofs verified.
After that come logs of 10^4 up to 10^6 entries beside each other (`bench.log_growth`). Database (SQLite,
synchronous=FULL) and chain are on disk, as in a node; published status lists are left out, for they belong to no log.

DESIGN: append with checkpoint, and a proof from storage, cost at 10^6 entries at most twice of what they cost at 10^4.

    python -m bench.log [--entries 226170] [--sizes 10000,…] [--rounds 12] [--only growth]
        [--plot FILE] [--scratch FOLDER]
"""

import argparse
import random
import resource
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Final

from acredita.anchoring.entries import EntryKind
from acredita.anchoring.merkle import (
    consistency_path,
    inclusion_path,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from acredita.node.storage import stored_checkpoints, stored_log
from acredita.node.storage.database import Database
from acredita.node.storage.stored_log import StoredNodes

from bench import log_growth
from bench.clocks import Clocked
from bench.log_growth import anchor
from bench.merkle import plain_hashlib
from tests.simulators.installation import install
from tests.simulators.institution import POLICY, SimulatedInstitution, open_institution
from tests.simulators.storage_work import StorageWork, counted

ENTRIES: Final = 226_170
BATCH: Final = 1_024
CHANGES: Final = 8  # status changes that go along with each batch
PROOFS: Final = 1_000
ROUNDS: Final = 12


@dataclass
class Campaign:
    """What was seen while the batches went through."""

    institution: SimulatedInstitution
    batches: list[Clocked] = field(default_factory=list)
    works: dict[int, StorageWork] = field(default_factory=dict)
    memory: list[int] = field(default_factory=list)  # peak so far, bytes

    @property
    def tenth(self) -> int:
        return max(1, len(self.batches) // 10)


def campaign(folder: Path, entries: int) -> Campaign:
    """Anchors so many digests in batches."""
    database = Database.create(f"sqlite:///{folder / 'node.db'}")
    installation = install(folder / "chain")
    policy = replace(POLICY, max_batch=BATCH + CHANGES)
    seen = Campaign(open_institution(installation, installation.new_issuer("ut"), database, policy=policy))
    total = -(-entries // BATCH)
    chance = random.Random(entries)
    positions = iter(chance.sample(range(entries), min(entries, total * CHANGES)))
    # Counted batches stand beside the ones that are compared: the second and the last but one.
    for number in range(total):
        seen.institution.issue(*range(number * BATCH, min(entries, (number + 1) * BATCH)))
        seen.institution.change(EntryKind.REVOKED, *islice(positions, CHANGES))
        _anchor(seen, number, is_counted=number in (1, total - 2))
    return seen


def _anchor(seen: Campaign, number: int, is_counted: bool) -> None:
    if is_counted:
        with counted(seen.institution.writer.database.engine) as work:
            anchor(seen.institution)
        seen.works[number] = work
        return
    clocked = Clocked()
    with clocked.running():
        anchor(seen.institution)
    seen.batches.append(clocked)
    seen.memory.append(1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def prove(institution: SimulatedInstitution, proofs: int) -> tuple[Clocked, Clocked]:
    """Random entries under the newest root, and random pairs of checkpoints: each path by itself, each verified."""
    database, issuer = institution.writer.database, institution.writer.issuer
    chance, inclusion, consistency = random.Random(proofs), Clocked(), Clocked()
    with database.read() as connection:
        anchored = [stored.checkpoint for stored in stored_checkpoints.confirmed_checkpoints(connection, issuer, 1)]
        entries = list(stored_log.read_entries(connection, issuer, 1, 0, anchored[-1].size))
        if plain_hashlib(entries) != anchored[-1].root:
            raise RuntimeError("plain hashlib finds another root")
        for _ in range(proofs):
            last, index = anchored[-1], chance.randrange(len(entries))
            with inclusion.running():
                path = inclusion_path(index, last.size, StoredNodes(connection, issuer, 1).node)
            if not verify_inclusion(leaf_hash(entries[index]), index, last.size, path, last.root):
                raise RuntimeError(f"entry {index} is not proved")
            old, new = sorted(chance.sample(anchored, 2), key=lambda checkpoint: checkpoint.size)
            with consistency.running():
                path = consistency_path(old.size, new.size, StoredNodes(connection, issuer, 1).node)
            if not verify_consistency(old.size, new.size, old.root, new.root, path):
                raise RuntimeError(f"{new.size} is not shown to extend {old.size}")
    return inclusion, consistency


def show(seen: Campaign) -> None:
    early, late = seen.batches[: seen.tenth], seen.batches[-seen.tenth :]
    print(f"| {seen.tenth} batches each, median | first tenth | last tenth | ratio |\n| --- | ---: | ---: | ---: |")
    for name, first, last in (
        ("from queue to release, wall clock", _median(early, "wall"), _median(late, "wall")),
        ("from queue to release, CPU", _median(early, "cpu"), _median(late, "cpu")),
    ):
        print(f"| {name} | {first:.0f} ms | {last:.0f} ms | {last / first:.2f} |")
    first_work, last_work = (seen.works[number] for number in sorted(seen.works))
    for name in ("statements", "rows", "steps"):
        first, last = getattr(first_work, name), getattr(last_work, name)
        print(f"| {name} (second batch, last but one) | {first:,} | {last:,} | {last / first:.2f} |")
    first, last = seen.memory[seen.tenth - 1] / 2**20, seen.memory[-1] / 2**20
    print(f"| peak memory of the process so far | {first:.0f} MiB | {last:.0f} MiB | {last / first:.2f} |")


def _median(batches: Sequence[Clocked], clock: str) -> float:
    return 1_000 * statistics.median(float(getattr(batch, clock)[0]) for batch in batches)


def _campaign(folder: Path, entries: int) -> None:
    seen = campaign(folder, entries)
    count = len(seen.batches) + len(seen.works)
    print(f"{entries:,} digests through the write path, {count} checkpoints, {CHANGES} status changes in each\n")
    show(seen)
    inclusion, consistency = prove(seen.institution, PROOFS)
    for name, clocked in (("inclusion", inclusion), ("consistency", consistency)):
        print(f"\n{PROOFS:,} {name} proofs from storage, all verified: {1_000 * clocked.medians()[0]:.2f} ms (median)")


def main() -> None:
    arguments = argparse.ArgumentParser(prog="bench.log")
    arguments.add_argument("--entries", type=int, default=ENTRIES)
    arguments.add_argument("--sizes", default=",".join(map(str, log_growth.SIZES)))
    arguments.add_argument("--rounds", type=int, default=ROUNDS)
    arguments.add_argument("--only", choices=("campaign", "growth"))
    arguments.add_argument("--plot", type=Path)
    arguments.add_argument("--scratch", type=Path)
    options = arguments.parse_args()
    if options.only != "growth":
        with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
            _campaign(Path(folder), options.entries)
    if options.only != "campaign":
        sizes = [int(size) for size in options.sizes.split(",")]
        with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
            log_growth.run(Path(folder), sizes, options.rounds, options.plot)


if __name__ == "__main__":
    main()
