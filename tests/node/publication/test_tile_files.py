"""Tiles as files: each written once, whole after a kill at any of them, mended from the database, left by an older one."""

import json
import os
import random
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from acredita.anchoring.merkle import root
from acredita.anchoring.types import IssuerId
from acredita.node.publication import public_files
from acredita.node.publication.log_copies import FolderLog
from acredita.node.publication.public_files import log_folder, publish
from acredita.node.publication.tile_files import MARKER, TileFolder
from acredita.node.publication.tile_names import Tile, parse_path
from acredita.node.publication.tiles import StoredTiles, read_tile
from acredita.node.storage import institutions, stored_checkpoints, stored_log
from acredita.node.storage.database import Database
from sqlalchemy import Connection

from tests.node.publication.test_tiles import IDENTITY
from tests.node.stored_log import fill

SIZES = (3, 255, 256, 300, 513, 700)


@pytest.fixture
def registered(database: Database, issuer: IssuerId) -> Database:
    with database.write() as connection:
        institutions.register(connection, issuer, profile="ut", did="did:web:ut.example", identity=IDENTITY, now=1)
    return database


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Return the folder to publish in; the database is beside it."""
    return tmp_path / "public"


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def log_in(base: Path, issuer: IssuerId) -> Path:
    return log_folder(base, issuer, 1)


def every_tile(database: Database, issuer: IssuerId, most: int) -> dict[str, bytes]:
    """Return each tile that a node serves of this log, by its path."""
    tiles = {}
    with database.read() as connection:
        for level in (None, 0, 1):
            for index in range(most // 256 + 1):
                for width in range(1, 257):
                    content = read_tile(connection, issuer, 1, Tile(level, index, width))
                    if content is not None:
                        tiles[tile_file(Tile(level, index, width))] = content
    return tiles


def tile_file(tile: Tile) -> str:
    partial = f".p/{tile.width}" if tile.is_partial else ""
    return f"tile/{'entries' if tile.level is None else tile.level}/{tile.index:03d}{partial}"


def test_the_folder_has_every_tile_that_the_node_serves(registered: Database, issuer: IssuerId, base: Path) -> None:
    fill(registered, issuer, SIZES, beyond=20)
    publish(registered, base)
    written = files_in(log_in(base, issuer))
    marker = json.loads(written.pop(MARKER))
    assert (marker["format"], marker["size"]) == ("acredita-published-log/1", 700)
    assert written == every_tile(registered, issuer, 700)
    assert all(parse_path(name.removeprefix("tile/")) for name in written)


def test_each_file_is_written_once(registered: Database, issuer: IssuerId, base: Path) -> None:
    """Publish after each anchor. No file changes but the marker, not even its time or its inode."""
    before: dict[Path, tuple[int, int]] = {}
    for at in range(1, len(SIZES) + 1):
        extend(registered, issuer, SIZES[:at])
        publish(registered, base)
        after = {
            path: (path.stat().st_ino, path.stat().st_mtime_ns)
            for path in log_in(base, issuer).rglob("*")
            if path.is_file() and path.name != MARKER
        }
        assert {path: after[path] for path in before} == before
        before = after
    assert {str(path.relative_to(log_in(base, issuer))) for path in before} == set(every_tile(registered, issuer, 700))


def extend(database: Database, issuer: IssuerId, sizes: Sequence[int]) -> None:
    """Make the log one that was anchored at exactly these sizes."""
    with database.write() as connection:
        stored_log.cut_tail(connection, issuer, 1, 1)
        stored_checkpoints.unconfirm_from(connection, issuer, 1, 1)
        for number in range(1, len(SIZES) + 1):
            stored_checkpoints.forget_checkpoint(connection, issuer, 1, number)
    fill(database, issuer, sizes)


class CountedTiles(StoredTiles):
    """The tiles of a stored log, with the bytes that were read of it."""

    def __init__(self, connection: Connection, issuer: IssuerId) -> None:
        super().__init__(connection, issuer, 1)
        self.bytes = 0

    def content(self, tile: Tile) -> bytes:
        content = super().content(tile)
        self.bytes += len(content)
        return content


def test_an_anchor_costs_its_own_tiles_whatever_the_log_has(registered: Database, issuer: IssuerId, base: Path) -> None:
    """Write as many bytes for a batch behind 1,000 entries as behind 10,000, but for one level more."""
    fill(registered, issuer, [1_024, 1_324, 10_240, 10_540])
    written = {}
    with registered.read() as connection:
        for old, size in ((1_024, 1_324), (10_240, 10_540)):
            folder = TileFolder(base / str(old))
            folder.extend(UpTo(connection, issuer, old))
            log = UpTo(connection, issuer, size)
            folder.extend(log)
            written[old] = log.bytes
    assert written[10_240] <= written[1_024] + 120 * 32, "bundles and leaves are the same; level 1 is longer"
    assert written[10_240] < 300 * (72 + 32) * 2


class UpTo(CountedTiles):
    """A stored log as it was at one of its sizes."""

    def __init__(self, connection: Connection, issuer: IssuerId, size: int) -> None:
        super().__init__(connection, issuer)
        self._until = size

    @property
    def size(self) -> int:  # type: ignore[override]
        return self._until

    def sizes(self, above: int) -> list[int]:
        return [size for size in super().sizes(above) if size <= self._until]


# --- killed ---


class Killing(StoredTiles):
    """A log whose reader is killed at the tile of a number."""

    def __init__(self, connection: Connection, issuer: IssuerId, number: int) -> None:
        super().__init__(connection, issuer, 1)
        self._left = number

    def content(self, tile: Tile) -> bytes:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1
        return super().content(tile)


def test_killed_at_any_tile_the_next_run_completes_the_folder(
    registered: Database, issuer: IssuerId, base: Path
) -> None:
    fill(registered, issuer, SIZES)
    whole = base / "whole"
    publish(registered, whole)
    tiles = len(files_in(log_in(whole, issuer))) - 1
    for number in range(0, tiles, 3):
        cut = base / str(number)
        child = os.fork()
        if child == 0:
            _publish_until_killed(str(registered.engine.url.render_as_string(hide_password=False)), issuer, cut, number)
        assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
        written = files_in(log_in(cut, issuer))
        assert MARKER not in written
        complete = files_in(log_in(whole, issuer))
        assert all(complete[name] == content for name, content in written.items()), "whole or absent"
        publish(registered, cut)
        assert files_in(cut) == files_in(whole)


def _publish_until_killed(url: str, issuer: IssuerId, base: Path, number: int) -> None:
    """Publish in a child process, with connections of its own."""
    try:
        with Database.open(url).read() as connection:
            TileFolder(log_in(base, issuer)).extend(Killing(connection, issuer, number))
    finally:
        os._exit(1)  # reached only if nothing killed it


@pytest.mark.parametrize("left", [0, 1, -1])
def test_a_half_written_file_is_mended_from_the_database(
    registered: Database, issuer: IssuerId, base: Path, left: int
) -> None:
    """Mend whatever a lost write left of a file, by the run that was cut short or by `anew`."""
    fill(registered, issuer, (3, 300))
    publish(registered, base)
    folder, whole = log_in(base, issuer), files_in(base)
    for name in whole:
        path = base / name
        path.write_bytes(whole[name][:left] if left else b"")
        path.with_name(path.name + ".part").write_bytes(b"half")
        publish(registered, base, anew=True)
        assert files_in(base) == whole, name
    (folder / "tile" / "entries" / "000").write_bytes(b"")
    (folder / MARKER).unlink()  # as a run leaves it that was killed before its last write
    publish(registered, base)
    assert files_in(base) == whole


# --- another database ---


def test_an_older_database_leaves_what_it_does_not_know(registered: Database, issuer: IssuerId, base: Path) -> None:
    extend(registered, issuer, SIZES)
    publish(registered, base)
    whole = files_in(base)
    extend(registered, issuer, SIZES[:3])
    publish(registered, base)
    assert files_in(base) == whole


def test_another_log_in_the_folder_is_replaced(registered: Database, issuer: IssuerId, base: Path) -> None:
    """Publish where a longer log with other entries is, as after an epoch that a reorganisation undid."""
    fill(registered, issuer, (3, 300))
    publish(registered, base)
    mine = files_in(base)
    for path in list(log_in(base, issuer).rglob("*")):
        if path.is_file() and path.name != MARKER:
            path.write_bytes(bytes(len(path.read_bytes())))
    marker = log_in(base, issuer) / MARKER
    marker.write_text(json.dumps(json.loads(marker.read_text()) | {"size": 400, "root": "0x" + "66" * 32}))
    publish(registered, base)
    assert files_in(base) == mine


@pytest.mark.parametrize(
    "marker", [b"", b"{}", b"[]", b'{"format": "acredita-published-log/1", "size": "3", "root": "0x"}', b"\xff" * 9_999]
)
def test_an_unreadable_marker_names_nothing(registered: Database, issuer: IssuerId, base: Path, marker: bytes) -> None:
    fill(registered, issuer, (3, 300))
    publish(registered, base)
    whole = files_in(base)
    (log_in(base, issuer) / MARKER).write_bytes(marker)
    publish(registered, base)
    assert files_in(base) == whole


@pytest.fixture
def several_sizes() -> Iterator[list[int]]:
    draw = random.Random(9162)
    yield sorted(draw.sample(range(2, 3_000), 25))


def test_the_entries_of_any_range_are_read_back(
    registered: Database, issuer: IssuerId, base: Path, several_sizes: list[int]
) -> None:
    leaves = fill(registered, issuer, several_sizes)
    publish(registered, base)
    log, draw = FolderLog(base, issuer), random.Random(1)
    with registered.read() as connection:
        data = b"".join(stored_log.read_entries(connection, issuer, 1, 0, several_sizes[-1]))
        tiles = StoredTiles(connection, issuer, 1)
        assert all(tiles.root(size) == root(leaves[:size]) for size in several_sizes)
    for _ in range(200):
        end = draw.choice(several_sizes)
        start = draw.randrange(end)
        assert log.read(1, start, end) == data[start * 70 : end * 70]
    assert log.read(1, 0, several_sizes[-1] + 1_000) == data
    assert public_files.log_folder(base, issuer, 1).is_dir()
