"""Gas of one `anchor` call, by size of the log, kind and accreditors above the issuer: a markdown table.

Every row is a transaction on the real contracts in a bare EVM (Shanghai, py-evm), on a head slot already in use; the
first anchor of an issuer costs 17,100 more. Gas is counted exactly, so one run says it all. The old size is the one
within the last 1,024 entries whose consistency path is longest: no batch costs more at that size.

    python -m bench.gas_anchor
"""

from collections.abc import Sequence
from dataclasses import dataclass

from acredita.anchoring.checkpoint import Checkpoint, CheckpointKind, opening
from acredita.anchoring.entries import encode, log_id, opened
from acredita.anchoring.log import Node, RunningLog
from acredita.anchoring.merkle import consistency_path, leaf_hash, node_hash
from acredita.anchoring.status_bits import StatusBits
from acredita.anchoring.types import Address, IssuerId, LogId
from acredita.contracts.bindings import CredentialLog

from tests.contracts.harness import ACT, Institution, World, accreditor, active, below, deploy

SIZES = (10, 1_000, 100_000, 300_000, 1_000_000)
BATCH = 1_024
KINDS = (CheckpointKind.OPEN, CheckpointKind.STATUS_ONLY)
ROLES = ("direct", "one accreditor", "two accreditors")

DIRECT_LIMIT = 100_000  # at 3·10^5 entries
ACCREDITED_LIMIT = 105_000


class FilledTree:
    """Subtrees of a log whose entries, but for the opening, are all alike: any size without the work."""

    def __init__(self, log: LogId) -> None:
        self._first = [leaf_hash(encode(opened(log)))]
        self._other = [leaf_hash(bytes(70))]
        for level in range(48):
            self._first.append(node_hash(self._first[level], self._other[level]))
            self._other.append(node_hash(self._other[level], self._other[level]))

    def node(self, level: int, index: int) -> bytes:
        return self._other[level] if index else self._first[level]

    def put(self, nodes: Sequence[Node]) -> None:
        raise RuntimeError("a filled tree takes no entries")


@dataclass(frozen=True)
class Row:
    size: int
    kind: CheckpointKind
    accreditors: int
    path_hashes: int
    gas: int


def measure(sizes: Sequence[int] = SIZES) -> list[Row]:
    return [row for accreditors in range(len(ROLES)) for row in _rows(accreditors, sizes)]


def _rows(accreditors: int, sizes: Sequence[int]) -> list[Row]:
    world, issuer = deploy(), Institution("issuer")
    _accredit(world, issuer, accreditors)
    rows, last = [], None
    for kind in KINDS:
        for size in sizes:
            tree, last = _next_epoch(world, issuer, last)
            _, last = _anchor(world, issuer, tree, _old_size(tree, size), last, kind)
            row, last = _anchor(world, issuer, tree, size, last, kind)
            rows.append(Row(size, kind, accreditors, *row))
    return rows


def _accredit(world: World, issuer: Institution, accreditors: int) -> None:
    if accreditors == 0:
        active(world, issuer)
        return
    above = Institution("accreditor 0")
    accreditor(world, above)
    for number in range(1, accreditors):
        under = Institution(f"accreditor {number}")
        below(world, under, above)
        world.as_council(world.issuers.set_delegation(under.subject, True, ACT))
        above = under
    below(world, issuer, above)


def _next_epoch(world: World, issuer: Institution, last: Checkpoint | None) -> tuple[FilledTree, Checkpoint]:
    """A fresh log for the next size, in an epoch of its own."""
    log, epoch = CredentialLog(world.log.address), 1 + (world.ask(world.log.head(issuer.subject)) >> 128)
    if last is None:
        last = opening(_log_id(world, issuer, epoch - 1))
    world.pass_time(1)
    world.as_council(log.open_epoch(issuer.subject, last.parts(), ACT))
    identity = _log_id(world, issuer, epoch)
    first = opening(identity, time=world.now, status_root=last.status_root, previous=last.word())
    return FilledTree(identity), first


def _log_id(world: World, issuer: Institution, epoch: int) -> LogId:
    return log_id(world.evm.chain_id, Address(world.log.address), IssuerId(issuer.subject), epoch)


def _old_size(tree: FilledTree, size: int) -> int:
    return max(range(max(2, size - BATCH), size), key=lambda old: len(consistency_path(old, size, tree.node)))


def _anchor(
    world: World, issuer: Institution, tree: FilledTree, size: int, last: Checkpoint, kind: int
) -> tuple[tuple[int, int], Checkpoint]:
    proposed = RunningLog.open(tree, size, StatusBits()).propose(last, kind)
    world.pass_time(1)
    call = world.log.anchor(kind, size, proposed.root, proposed.status_root, last.parts(), proposed.consistency_path)
    outcome = world.send(issuer.anchoring, call)
    return (len(proposed.consistency_path), outcome.gas), proposed.checkpoint(world.now)


def per_path_hash(rows: Sequence[Row]) -> float:
    """Gas for one more path hash, calldata included, from the smallest log to the largest, kind 1, direct."""
    direct = [row for row in rows if row.kind is CheckpointKind.OPEN and row.accreditors == 0]
    least, most = (pick(direct, key=lambda row: row.path_hashes) for pick in (min, max))
    return (most.gas - least.gas) / (most.path_hashes - least.path_hashes)


def table(rows: Sequence[Row]) -> str:
    lines = [
        "| entries | path hashes | kind | direct | one accreditor | two accreditors |",
        "| ---: | ---: | --- | ---: | ---: | ---: |",
    ]
    for kind in KINDS:
        for size in sorted({row.size for row in rows}):
            same = sorted((r for r in rows if (r.size, r.kind) == (size, kind)), key=lambda r: r.accreditors)
            cells = [f"{size:,}", str(same[0].path_hashes), f"{kind:d}", *(f"{row.gas:,}" for row in same)]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    rows = measure()
    print(table(rows))
    print(f"\nOne more path hash: {per_path_hash(rows):,.0f} gas.")


if __name__ == "__main__":
    main()
