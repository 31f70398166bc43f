"""Tiles from storage: paths in one spelling, full and partial tiles of anchored sizes, nothing provisional."""

import pytest
from acredita.anchoring.merkle import leaf_hash, root
from acredita.anchoring.types import Address, BlockHash, IssuerId
from acredita.node.publication.tile_names import Tile, parse_path, tile_path
from acredita.node.publication.tiles import read_tile
from acredita.node.storage import institutions, stored_checkpoints
from acredita.node.storage.database import Database
from acredita.node.storage.institutions import LedgerIdentity
from acredita.node.storage.stored_checkpoints import newest_of_epoch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.node.stored_log import fill

IDENTITY = LedgerIdentity(31_337, BlockHash(b"\x01" * 32), Address(b"\x02" * 20), b"\x03" * 32)


@pytest.fixture
def registered(database: Database, issuer: IssuerId) -> Database:
    """Return a database with one institution whose log is open."""
    with database.write() as connection:
        institutions.register(connection, issuer, profile="ut", did="did:web:ut.example", identity=IDENTITY, now=1)
    return database


# --- paths ---


@pytest.mark.parametrize(
    ("path", "tile"),
    [
        ("0/000", Tile(0, 0, 256)),
        ("0/x001/x234/067", Tile(0, 1_234_067, 256)),  # tlog-tiles, Merkle Tree: the text's own example
        ("1/273.p/17", Tile(1, 273, 17)),
        ("entries/x001/000.p/255", Tile(None, 1_000, 255)),
        ("63/999", Tile(63, 999, 256)),
    ],
)
def test_a_path_names_a_tile(path: str, tile: Tile) -> None:
    assert parse_path(path) == tile
    assert tile_path(tile) == path


@pytest.mark.parametrize(
    "path",
    [
        "", "0", "0/", "0/0", "0/00", "0/0000", "00/000", "64/000", "-1/000", "0/x000/001", "0/001/000", "0/x001",
        "0/000.p/0", "0/000.p/256", "0/000.p/01", "0/000.p/", "0/000.p", "0/000/", "0/000\n", "entry/000", "x/000",
        "0/x001/x002", "0/٠٠٠", "entries/000.p/1.p/1", "0/000.p/-1",
    ],
)  # fmt: skip
def test_any_other_spelling_names_none(path: str) -> None:
    assert parse_path(path) is None


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.none() | st.integers(0, 63), st.integers(0, 10**14), st.integers(1, 256))
def test_a_tile_has_one_path(level: int | None, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert parse_path(tile_path(tile)) == tile


# --- storage ---


def test_tiles_hold_the_trees_hashes(registered: Database, issuer: IssuerId) -> None:
    leaves = fill(registered, issuer, [300, 600])
    with registered.read() as connection:
        assert read_tile(connection, issuer, 1, Tile(0, 0, 256)) == b"".join(leaves[:256])
        assert read_tile(connection, issuer, 1, Tile(0, 1, 44)) == b"".join(leaves[256:300])
        assert read_tile(connection, issuer, 1, Tile(0, 2, 88)) == b"".join(leaves[512:600])
        assert read_tile(connection, issuer, 1, Tile(1, 0, 1)) == root(leaves[:256])
        assert read_tile(connection, issuer, 1, Tile(1, 0, 2)) == root(leaves[:256]) + root(leaves[256:512])
        bundle = read_tile(connection, issuer, 1, Tile(None, 0, 256))
    assert bundle is not None
    entries = [bundle[at : at + 72] for at in range(0, len(bundle), 72)]
    assert {entry[:2] for entry in entries} == {b"\x00\x46"}
    assert [leaf_hash(entry[2:]) for entry in entries] == leaves[:256]


def test_partial_tiles_exist_for_anchored_sizes_and_no_others(registered: Database, issuer: IssuerId) -> None:
    fill(registered, issuer, [5, 300], beyond=30)
    with registered.read() as connection:
        widths = [w for w in range(1, 256) if read_tile(connection, issuer, 1, Tile(0, 0, w))]
        later = [w for w in range(1, 256) if read_tile(connection, issuer, 1, Tile(0, 1, w))]
        bundles = [w for w in range(1, 256) if read_tile(connection, issuer, 1, Tile(None, 1, w))]
        above = [w for w in range(1, 256) if read_tile(connection, issuer, 1, Tile(1, 0, w))]
    assert (widths, later, bundles, above) == ([1, 5], [44], [44], [1])


def test_nothing_provisional_and_no_empty_tile(registered: Database, issuer: IssuerId) -> None:
    fill(registered, issuer, [250], beyond=100)
    with registered.read() as connection:
        assert read_tile(connection, issuer, 1, Tile(0, 0, 256)) is None
        assert read_tile(connection, issuer, 1, Tile(None, 0, 256)) is None
        assert read_tile(connection, issuer, 1, Tile(0, 0, 251)) is None
        assert read_tile(connection, issuer, 1, Tile(1, 0, 1)) is None
        for level in range(2, 64):
            assert read_tile(connection, issuer, 1, Tile(level, 0, 1)) is None
        assert read_tile(connection, issuer, 2, Tile(0, 0, 1)) is None
        assert read_tile(connection, IssuerId(b"\x99" * 32), 1, Tile(0, 0, 1)) is None
        newest = newest_of_epoch(connection, issuer, 1)
        assert newest is not None
        assert newest.checkpoint.size == 250
        assert newest_of_epoch(connection, issuer, 2) is None


def test_a_size_that_ends_on_a_tile_has_no_partial_of_it(registered: Database, issuer: IssuerId) -> None:
    leaves = fill(registered, issuer, [256])
    with registered.read() as connection:
        assert read_tile(connection, issuer, 1, Tile(0, 0, 256)) == b"".join(leaves)
        assert read_tile(connection, issuer, 1, Tile(1, 0, 1)) == root(leaves)
        assert read_tile(connection, issuer, 1, Tile(0, 1, 1)) is None


def test_of_a_closed_epoch_the_last_good_checkpoint_is_the_newest(registered: Database, issuer: IssuerId) -> None:
    leaves = fill(registered, issuer, [5, 9, 12])
    with registered.write() as connection:
        stored_checkpoints.void_from(connection, issuer, 1, 2)
    with registered.read() as connection:
        newest = newest_of_epoch(connection, issuer, 1)
        assert newest is not None
        assert (newest.checkpoint.number, newest.checkpoint.size) == (1, 5)
        assert read_tile(connection, issuer, 1, Tile(0, 0, 5)) == b"".join(leaves[:5])
        assert read_tile(connection, issuer, 1, Tile(0, 0, 9)) is None


@pytest.mark.parametrize(
    "path", ["0/x999/x999/x999/x999/x999/x999/999", "entries/x999/x999/x999/x999/x999/999", "5/255"]
)
def test_a_tile_no_log_can_have_is_absent(registered: Database, issuer: IssuerId, path: str) -> None:
    fill(registered, issuer, [5])
    tile = parse_path(path)
    assert tile is not None
    with registered.read() as connection:
        assert read_tile(connection, issuer, 1, tile) is None
