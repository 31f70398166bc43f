"""The log at a hundredth of a state's size, through the write path and real contracts, with everything it asks counted.

An ordinary run goes a third of the way, a slow one all of it.

`python -m bench log` is the same at full size with clocks. Here counts are held to bounds and no clock is read: a batch
costs as much behind the last checkpoint as behind the first, a proof costs by the logarithm.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import pytest
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.merkle import (
    NodeAt,
    consistency_path,
    inclusion_path,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from acredita.anchoring.types import Digest
from acredita.node.publication.tile_names import Tile
from acredita.node.publication.tiles import read_tile
from acredita.node.storage import stored_checkpoints, stored_log
from acredita.node.storage.database import Database
from acredita.node.storage.receipts import load_receipt
from acredita.node.storage.stored_checkpoints import StoredCheckpoint
from acredita.node.storage.stored_log import StoredNodes
from acredita.node.write_path.anchor import anchor_batch
from acredita.node.write_path.batch_report import BatchStep

from tests.anchoring import plain
from tests.simulators.installation import Installation, Issuer
from tests.simulators.institution import POLICY, SimulatedInstitution, open_institution
from tests.simulators.storage_work import StorageWork, counted

DIGESTS: Final = 2_262  # a hundredth of 226,170, the state's enrolment, in as many checkpoints
CHECKPOINTS: Final = 221
SHARES: Final = [pytest.param(3, id="a third"), pytest.param(1, id="whole", marks=pytest.mark.slow)]
CHANGES: Final = 1  # status changes in each batch
PROOFS: Final = 60
NODES: Final = "FROM tree_nodes"
PAGE_ROWS: Final = 64  # neighbours that storage reads with one query
PAGE_STEPS: Final = 6 * PAGE_ROWS
BATCH_STATEMENTS: Final = 60  # measured: 43 besides tree nodes
BATCH_PAGES: Final = 4  # at each level: a peak, a node of the consistency path, two of the receipts' paths
EDGE: Final = 25  # batches at the beginning and at the end that are compared


@pytest.mark.parametrize("share", SHARES)
def test_a_hundredth_of_the_state(installation: Installation, ut: Issuer, database: Database, share: int) -> None:
    count, checkpoints = DIGESTS // share, CHECKPOINTS // share
    institution = open_institution(installation, ut, database, policy=replace(POLICY, max_batch=64))
    works, digests = [], []
    for first, end in pairwise(number * count // checkpoints for number in range(checkpoints + 1)):
        digests += institution.issue(*range(first, end))
        institution.change(EntryKind.REVOKED, 7 * first)
        works.append(_anchor(institution))
    log = _Log.read(institution)
    assert len(log.checkpoints) == checkpoints + 1  # the opening is checkpoint 0
    assert log.size == 1 + count + checkpoints * CHANGES
    _check_roots(log)
    _check_batches(log, works)
    _check_receipts(log, digests)
    _check_proofs(log)
    _check_tiles(log)


def _anchor(institution: SimulatedInstitution) -> StorageWork:
    """Anchor one batch and count its work."""
    writer = institution.writer
    with counted(writer.database.engine) as work, writer.leases.held(writer.issuer) as lease:
        assert lease is not None
        assert anchor_batch(writer, lease, force=True).step is BatchStep.ANCHORED
    return work


@dataclass(frozen=True)
class _Log:
    """The log as it is stored, with the hash of every entry."""

    institution: SimulatedInstitution
    checkpoints: list[StoredCheckpoint]
    leaves: list[bytes]

    @classmethod
    def read(cls, institution: SimulatedInstitution) -> "_Log":
        issuer = institution.writer.issuer
        with institution.writer.database.read() as connection:
            checkpoints = list(stored_checkpoints.confirmed_checkpoints(connection, issuer, 1))
            entries = list(stored_log.read_entries(connection, issuer, 1, 0, checkpoints[-1].checkpoint.size))
        return cls(institution, checkpoints, [plain.leaf(entry) for entry in entries])

    @property
    def size(self) -> int:
        return len(self.leaves)

    def counted_path(self, prove: Callable[[NodeAt], list[bytes]]) -> tuple[list[bytes], StorageWork]:
        """Compute one proof with nothing cached from another."""
        database, issuer = self.institution.writer.database, self.institution.writer.issuer
        with counted(database.engine) as work, database.read() as connection:
            path = prove(StoredNodes(connection, issuer, 1).node)
        return path, work


def _check_roots(log: _Log) -> None:
    for stored in log.checkpoints:
        assert stored.checkpoint.root == plain.mth(log.leaves[: stored.checkpoint.size])


def _check_batches(log: _Log, works: list[StorageWork]) -> None:
    """Compare batches: apart from tree nodes the first and the last need the same; of nodes, a logarithm."""
    besides = [work.statements - work.on(NODES)[0] for work in works[1:]]
    assert max(besides) == min(besides) <= BATCH_STATEMENTS
    for work, stored in zip(works, log.checkpoints[1:], strict=True):
        statements, steps = work.on(NODES)
        assert statements <= BATCH_PAGES * stored.checkpoint.size.bit_length()
        assert steps <= statements * PAGE_STEPS
    early, late = (max(work.steps - work.on(NODES)[1] for work in part) for part in (works[1:EDGE], works[-EDGE:]))
    assert late <= 1.05 * early


def _check_receipts(log: _Log, digests: list[Digest]) -> None:
    writer = log.institution.writer
    ledger, issuer = writer.ledger, writer.issuer
    with writer.database.read() as connection:
        for digest in random.Random(1_024).sample(digests, PROOFS):
            receipt = load_receipt(connection, issuer, digest)
            assert receipt is not None
            assert (receipt.entry.digest, receipt.inclusion_fault()) == (digest, None)
            known = log.checkpoints[receipt.checkpoint.number].checkpoint
            assert receipt.checkpoint == known
            assert ledger.read(writer.chain.contract.checkpoint_word(issuer, 1, known.number)) == known.word()


def _check_proofs(log: _Log) -> None:
    for index, size, old in _questions(log):
        root, old_root = plain.mth(log.leaves[:size]), plain.mth(log.leaves[:old])
        path, work = log.counted_path(lambda node, index=index, size=size: inclusion_path(index, size, node))  # type: ignore[misc]
        _check_reads(work, size)
        assert path == plain.path(index, log.leaves[:size])
        assert verify_inclusion(log.leaves[index], index, size, path, root)
        assert not verify_inclusion(log.leaves[index - 1], index, size, path, root)
        assert not any(verify_inclusion(log.leaves[index], index, size, spoiled, root) for spoiled in _spoiled(path))
        path, work = log.counted_path(lambda node, old=old, size=size: consistency_path(old, size, node))  # type: ignore[misc]
        _check_reads(work, size)
        assert path == plain.consistency(old, log.leaves[:size])
        assert verify_consistency(old, size, old_root, root, path)
        assert not any(verify_consistency(old, size, old_root, root, spoiled) for spoiled in _spoiled(path))


def _questions(log: _Log) -> Iterator[tuple[int, int, int]]:
    """Draw entry, size and older size: two anchored sizes at random, the newest among them."""
    chance, sizes = random.Random(226_170), [stored.checkpoint.size for stored in log.checkpoints]
    for newer in [len(sizes) - 1] + [chance.randrange(1, len(sizes)) for _ in range(PROOFS)]:
        yield chance.randrange(1, sizes[newer]), sizes[newer], sizes[chance.randrange(newer)]


def _spoiled(path: list[bytes]) -> Iterator[list[bytes]]:
    """Yield the path with one bit turned in its first, middle and last hash, one hash short, and one too long."""
    for place in {0, len(path) // 2, len(path) - 1}:
        turned = bytes([path[place][0] ^ 1]) + path[place][1:]
        yield [*path[:place], turned, *path[place + 1 :]]
    yield path[:-1]
    yield [*path, leaf_hash(b"")]


def _check_reads(work: StorageWork, size: int) -> None:
    """Read a page of neighbours at each level, and for an incomplete subtree its peaks: two pages at most."""
    statements, steps = work.on(NODES)
    assert statements <= 2 * size.bit_length()
    assert work.rows <= PAGE_ROWS * statements
    assert steps <= PAGE_STEPS * statements


def _check_tiles(log: _Log) -> None:
    """Find a tile by its size: the oldest and the newest checkpoint need the same work."""
    database, issuer = log.institution.writer.database, log.institution.writer.issuer
    works = []
    for index, width in ((0, log.checkpoints[1].checkpoint.size), (log.size // 256, log.size % 256)):
        with counted(database.engine) as work, database.read() as connection:
            tile = read_tile(connection, issuer, 1, Tile(0, index, width))
        assert tile == b"".join(log.leaves[index * 256 : index * 256 + width])
        works.append(work)
    counts = [work.on("FROM checkpoints") for work in works]
    assert counts[0] == counts[1]
