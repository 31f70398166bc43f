"""Copies of a log of some bundles: damage below its end is found and mended, and a slow source is asked for the rest only."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from acredita.anchoring.checkpoint import Checkpoint, CheckpointKind
from acredita.anchoring.entries import ENTRY_BYTES
from acredita.anchoring.merkle import Frontier, leaf_hash, root
from acredita.anchoring.types import IssuerId, Root, Word
from acredita.node.mirroring.log_copy import LogCopy
from acredita.node.mirroring.refusals import MirrorReport
from acredita.node.mirroring.sources import AskedSource, FolderSource
from acredita.node.mirroring.tiles_on_disk import DiskTiles, GrowingTiles
from acredita.node.mirroring.unfinished_step import FOLDER
from acredita.node.publication.tile_files import TileFolder
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.log_chain import LinkedCheckpoint, LinkedEpoch

ISSUER = IssuerId(b"\x11" * 32)
SIZES = (100, 700, 1_500)
ENTRIES = [number.to_bytes(ENTRY_BYTES, "big") for number in range(SIZES[-1])]
BUNDLES_OF_LAST_STEP = 6


def linked(sizes: Sequence[int]) -> LinkedEpoch:
    """Return the epoch whose checkpoints have these sizes."""
    checkpoints = [
        Checkpoint(
            kind=CheckpointKind.OPEN,
            number=number + 1,
            old_size=old,
            size=size,
            root=Root(root(map(leaf_hash, ENTRIES[:size]))),
            status_root=Root(b"\x02" * 32),
            time=100 + number,
            previous=Word(b"\x03" * 32),
        )
        for number, (old, size) in enumerate(zip((0, *sizes), sizes, strict=False))
    ]
    return LinkedEpoch(1, tuple(LinkedCheckpoint(each, None) for each in checkpoints), is_closed=False)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Publish the log as a folder."""
    base = tmp_path / "source"
    folder = TileFolder(base / LogCopy(base, ISSUER, 1).place)
    folder.extend(GrowingTiles(DiskTiles(folder.base / "tile", 0), Frontier(), ENTRIES, SIZES))
    return base


def files(base: Path) -> dict[str, bytes]:
    return {str(path.relative_to(base)): path.read_bytes() for path in base.rglob("*") if path.is_file()}


def taken(base: Path, *sources: AskedSource, sizes: Sequence[int] = SIZES) -> tuple[bool, MirrorReport]:
    """Take the log as a process does that has just started."""
    report = MirrorReport()
    return LogCopy(base, ISSUER, 1).extend(linked(sizes), sources, report), report


@dataclass
class CutShort:
    """A source that sends so many files, and then no answer. `asked`: the paths it was asked for."""

    base: Path
    most: int
    asked: list[str] = field(default_factory=list)
    name: str = "https://slow.example"
    public_name: str = "https://slow.example"

    def get(self, path: str, most: int) -> bytes | None:
        self.asked.append(path)
        return FolderSource(self.base).get(path, most)

    def asked_source(self) -> AskedSource:
        return AskedSource(self, requests=self.most)


@pytest.mark.parametrize(
    "spoiled", ["tile/0/000", "tile/0/002", "tile/0/000.p/100", "tile/entries/000.p/100", "tile/1/000.p/2"]
)
@pytest.mark.parametrize("how", ["altered", "missing"])
def test_a_damaged_tile_below_the_end_is_made_anew(tmp_path: Path, source: Path, spoiled: str, how: str) -> None:
    """Find each file of a log that a reader may ask for, and make it from the entries: no source is needed."""
    base = tmp_path / "mirror"
    assert taken(base, AskedSource(FolderSource(source)))[0]
    assert files(base) == files(source)
    path = base / LogCopy(base, ISSUER, 1).place / spoiled
    content = path.read_bytes()
    path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    if how == "missing":
        path.unlink()
    is_whole, report = taken(base)
    assert (is_whole, report.findings) == (True, [])
    assert files(base) == files(source)


def test_a_lost_marker_is_made_from_the_folder(tmp_path: Path, source: Path) -> None:
    base = tmp_path / "mirror"
    assert taken(base, AskedSource(FolderSource(source)))[0]
    marker = base / LogCopy(base, ISSUER, 1).place / "published.json"
    marker.write_bytes(b"")
    assert taken(base)[0]
    assert json.loads(marker.read_bytes())["size"] == SIZES[-1]
    assert files(base) == files(source)


def test_damaged_entries_are_asked_of_a_source(tmp_path: Path, source: Path) -> None:
    base = tmp_path / "mirror"
    assert taken(base, AskedSource(FolderSource(source)))[0]
    path = base / LogCopy(base, ISSUER, 1).place / "tile/entries/001"
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    assert not taken(base)[0]
    assert taken(base, AskedSource(FolderSource(source)))[0]
    assert files(base) == files(source)


def test_a_checkpoint_is_taken_in_several_rounds(tmp_path: Path, source: Path) -> None:
    """Ask a source that sends two bundles a round for each bundle once, as far as it was answered."""
    base, slow = tmp_path / "mirror", CutShort(source, most=2)
    for _ in range(BUNDLES_OF_LAST_STEP // 2 - 1):
        is_whole, report = taken(base, slow.asked_source(), sizes=SIZES[-1:])
        assert (is_whole, report.has_more, report.logs) == (False, True, 0)
        assert [finding.code for finding in report.findings] == [Code.MIRROR_BUDGET_SPENT]
    is_whole, report = taken(base, slow.asked_source(), sizes=SIZES[-1:])
    assert (is_whole, report.logs, report.findings) == (True, 1, [])
    assert len(slow.asked) == len(set(slow.asked)) == BUNDLES_OF_LAST_STEP
    assert not any((base / FOLDER).rglob("*-*"))


def test_what_a_slow_source_has_falsified_is_not_kept(tmp_path: Path, source: Path) -> None:
    """Begin anew with a source whose beginning does not give the root; another source's beginning is not mixed with it."""
    base, honest = tmp_path / "mirror", files(source)
    first = source / LogCopy(base, ISSUER, 1).place / "tile/entries/000"
    first.write_bytes(first.read_bytes()[:-1] + b"\x00")
    liar = CutShort(source, most=4)
    assert not taken(base, liar.asked_source(), sizes=SIZES[-1:])[0]
    is_whole, report = taken(base, liar.asked_source(), sizes=SIZES[-1:])
    assert (is_whole, report.findings[-1].code) == (False, Code.MIRROR_LOG_DIFFERS)
    assert not any((base / FOLDER).rglob("*-*"))
    first.write_bytes(honest[str(first.relative_to(source))])
    liar.most = BUNDLES_OF_LAST_STEP
    assert taken(base, liar.asked_source(), sizes=SIZES[-1:])[0]
