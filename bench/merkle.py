"""The log's trees: a root over many entries against plain hashlib, and the cost of a checkpoint as the log grows.

Ratios within one run on one machine; an absolute figure proves nothing elsewhere. Rounds alternate between the
contestants, and the median is shown with the least and the most. pymerkle and merkletools run in their own interpreter
where it is installed.

    python -m bench.merkle [--entries 1000000] [--rounds 5]
"""

import argparse
import hashlib
import json
import statistics
import subprocess
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from acredita.anchoring.checkpoint import Checkpoint, CheckpointKind, opening
from acredita.anchoring.entries import Entry, issued
from acredita.anchoring.log import MemoryNodes, RunningLog
from acredita.anchoring.merkle import leaf_hash, root
from acredita.anchoring.status_bits import StatusBits
from acredita.anchoring.types import Digest, LogId

ENTRIES = 1_000_000
ROUNDS = 5
ENTRY_BYTES = 70
GROWTH_SIZES = (10_000, 100_000, 1_000_000)
GROWTH_REPEATS = 2_000
BATCH = 16

ORACLE = Path(__file__).resolve().parents[1] / ".oracles" / "merkle" / "bin" / "python"

PEER = """
import hashlib, json, sys, time
count, entry_bytes = int(sys.argv[2]), int(sys.argv[3])
entries = [index.to_bytes(entry_bytes, "big") for index in range(count)]
if sys.argv[1] == "pymerkle":
    import pymerkle
    start = time.perf_counter()
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for entry in entries:
        tree.append_entry(entry)
    tree.get_root()
else:
    import warnings
    warnings.simplefilter("ignore")
    import merkletools
    start = time.perf_counter()
    tree = merkletools.MerkleTools(hash_type="sha256")
    tree.add_leaf([hashlib.sha256(entry).hexdigest() for entry in entries])
    tree.make_tree()
print(json.dumps(time.perf_counter() - start))
"""


@dataclass(frozen=True)
class Figure:
    """Seconds of one contestant over the rounds."""

    name: str
    seconds: Sequence[float]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def row(self, ours: "Figure") -> str:
        ratios = sorted(mine / other for mine, other in zip(ours.seconds, self.seconds, strict=False))
        middle = statistics.median(ratios)
        spread = f"{ratios[0]:.2f}–{ratios[-1]:.2f}"
        return f"| {self.name} | {self.median:.2f} s | ours takes {middle:.2f}× ({spread}) |"


def plain_hashlib(entries: Sequence[bytes]) -> bytes:
    """The least that can be done: every leaf and node hashed once, whole levels in memory."""
    sha256 = hashlib.sha256
    level = [sha256(b"\x00" + entry).digest() for entry in entries]
    while len(level) > 1:
        pairs = iter(level)
        above = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


def ours(entries: Sequence[bytes]) -> bytes:
    return root(map(leaf_hash, entries))


def roots(count: int, rounds: int) -> list[Figure]:
    entries = [index.to_bytes(ENTRY_BYTES, "big") for index in range(count)]
    if ours(entries) != plain_hashlib(entries):
        raise RuntimeError("the two roots differ: nothing to compare")
    contestants = {"ours": ours, "plain hashlib": plain_hashlib}
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, work in contestants.items():
            seconds[name].append(_timed(work, entries))
    figures = [Figure(name, times) for name, times in seconds.items()]
    if ORACLE.exists():
        figures += [Figure(peer, [_peer(peer, count)]) for peer in ("merkletools", "pymerkle")]
    return figures


def _timed(work: Callable[[Sequence[bytes]], bytes], entries: Sequence[bytes]) -> float:
    start = time.perf_counter()
    work(entries)
    return time.perf_counter() - start


def _peer(name: str, count: int) -> float:
    command = [str(ORACLE), "-c", PEER, name, str(count), str(ENTRY_BYTES)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(json.loads(answer.stdout))


def root_memory(count: int) -> int:
    """Peak bytes of our root over entries that come one by one."""
    tracemalloc.start()
    root(leaf_hash(index.to_bytes(ENTRY_BYTES, "big")) for index in range(count))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


@dataclass(frozen=True)
class Growth:
    """Median microseconds at one size of the log."""

    size: int
    checkpoint: float
    inclusion: float


def growth(sizes: Sequence[int], repeats: int = GROWTH_REPEATS) -> list[Growth]:
    """One log that grows; at each size a batch and its checkpoint, then inclusion paths of entries all over it."""
    log = RunningLog.start(MemoryNodes(), LogId(bytes(32)), StatusBits())
    last = opening(LogId(bytes(32)))
    figures = []
    for size in sizes:
        log.extend(_entries(log.size, size))
        last = log.propose(last, CheckpointKind.OPEN).checkpoint(time=1)
        checkpoint, last = _checkpoints(log, last, repeats)
        figures.append(Growth(size, checkpoint, _inclusions(log, repeats)))
    return figures


def _entries(first: int, end: int) -> list[Entry]:
    return [issued(Digest(index.to_bytes(32, "big")), Digest(bytes(32))) for index in range(first, end)]


def _checkpoints(log: RunningLog, last: Checkpoint, repeats: int) -> tuple[float, Checkpoint]:
    seconds = []
    for _ in range(repeats // BATCH):
        batch = _entries(log.size, log.size + BATCH)
        start = time.perf_counter()
        log.extend(batch)
        proposed = log.propose(last, CheckpointKind.OPEN)
        seconds.append(time.perf_counter() - start)
        last = proposed.checkpoint(time=1)
    return 1e6 * statistics.median(seconds), last


def _inclusions(log: RunningLog, repeats: int) -> float:
    seconds = []
    for number in range(repeats):
        index = number * log.size // repeats
        start = time.perf_counter()
        log.inclusion_path(index, log.size)
        seconds.append(time.perf_counter() - start)
    return 1e6 * statistics.median(seconds)


def main() -> None:
    arguments = argparse.ArgumentParser(prog="bench.merkle")
    arguments.add_argument("--entries", type=int, default=ENTRIES)
    arguments.add_argument("--rounds", type=int, default=ROUNDS)
    options = arguments.parse_args()

    mine, *others = roots(options.entries, options.rounds)
    print(f"Root over {options.entries:,} entries of {ENTRY_BYTES} bytes, {options.rounds} rounds\n")
    print("| | median | |\n| --- | ---: | --- |")
    print(f"| ours | {mine.median:.2f} s | |")
    for other in others:
        print(other.row(mine))
    print(f"\nPeak memory of our root, entries read one by one: {root_memory(options.entries) / 1024:.0f} KiB")

    print(f"\nOne log as it grows: a batch of {BATCH} with its checkpoint, an inclusion path (median)\n")
    print("| entries | batch + checkpoint | inclusion path |\n| ---: | ---: | ---: |")
    figures = growth([size for size in GROWTH_SIZES if size <= options.entries])
    for figure in figures:
        print(f"| {figure.size:,} | {figure.checkpoint:.0f} µs | {figure.inclusion:.1f} µs |")
    first, end = figures[0], figures[-1]
    print(
        f"\nFrom {first.size:,} to {end.size:,} entries: checkpoint {end.checkpoint / first.checkpoint:.2f}×,"
        f" inclusion path {end.inclusion / first.inclusion:.2f}× (limit 2×)."
    )


if __name__ == "__main__":
    main()
