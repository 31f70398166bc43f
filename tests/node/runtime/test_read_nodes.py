"""The process that migrates a database: a process with the passphrase, or a node that writes for no institution there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from acredita.anchoring.types import IssuerId
from acredita.node.config import Configuration, DatabaseSettings, InstitutionSettings, NodeSettings
from acredita.node.runtime.open_node import RunningNode, open_node
from acredita.node.storage.database import Database, SchemaVersionError, StorageUnavailable
from acredita.node.storage.sqlite import file_of
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

EARLIER = "0004"


def configuration(folder: Path, url: str) -> Configuration:
    return Configuration(node=NodeSettings(data=folder / "own"), database=DatabaseSettings(url=url))


@contextmanager
def opened(settings: Configuration, *, serving: bool) -> Iterator[RunningNode]:
    with open_node(settings, {}, serving=serving) as node:
        yield node


def make(url: str, issuer: IssuerId | None = None) -> None:
    """Make a database of an earlier schema, with an institution if an issuer is given."""
    database = Database(create_engine(url))
    database.migrate(EARLIER)
    if issuer is not None:
        with database.write() as connection:
            connection.execute(
                text(
                    "INSERT INTO institutions (issuer, profile, did, chain_id, genesis, contract, code_hash, created_at)"
                    " VALUES (:issuer, 'ut', 'did:web:ut.example', 1, :issuer, :issuer, :issuer, 1)"
                ),
                {"issuer": issuer},
            )
    database.close()


def schema(url: str) -> str:
    engine = create_engine(url)
    with engine.connect() as connection:
        version = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())
    engine.dispose()
    return version


def newest() -> str | None:
    return ScriptDirectory(str(Path(__file__).parents[3] / "node" / "storage" / "migrations")).get_current_head()


def test_a_server_without_a_passphrase_reads_an_institutions_database(
    database_url: str, issuer: IssuerId, tmp_path: Path
) -> None:
    make(database_url, issuer)
    with opened(configuration(tmp_path, database_url), serving=True) as node:
        assert node.database.is_reader
        with pytest.raises(SchemaVersionError), node.database.read():
            raise AssertionError("the schema is of an earlier version")
    assert schema(database_url) == EARLIER


def test_a_command_without_a_passphrase_migrates_nothing(database_url: str, issuer: IssuerId, tmp_path: Path) -> None:
    make(database_url, issuer)
    with pytest.raises(SchemaVersionError), opened(configuration(tmp_path, database_url), serving=False):
        raise AssertionError("the schema is of an earlier version")
    assert schema(database_url) == EARLIER


def test_configured_institutions_alone_make_a_read_node(database_url: str, tmp_path: Path) -> None:
    """Start before the writer's first institution is registered."""
    make(database_url)
    institution = InstitutionSettings("ut", "UT (DEMO)", tmp_path / "ut.keystore")
    with opened(replace(configuration(tmp_path, database_url), institutions=(institution,)), serving=True) as node:
        assert node.database.is_reader
    assert schema(database_url) == EARLIER


@pytest.mark.parametrize("serving", [True, False])
def test_a_node_that_writes_for_nobody_migrates_its_own(database_url: str, tmp_path: Path, serving: bool) -> None:
    make(database_url)
    with opened(configuration(tmp_path, database_url), serving=serving) as node:
        assert not node.database.is_reader
        node.database.check_schema()
    assert schema(database_url) == newest()


def test_a_first_start_makes_the_database(database_url: str, tmp_path: Path) -> None:
    with opened(configuration(tmp_path, database_url), serving=True) as node:
        assert not node.database.is_reader
    assert schema(database_url) == newest()


def test_a_replica_that_does_not_answer_is_waited_for(tmp_path: Path) -> None:
    """Open a read node before its standby is there; it is not ready, and makes nothing."""
    replica = f"sqlite:///{tmp_path / 'absent.db'}"
    settings = Configuration(node=NodeSettings(data=tmp_path / "own"), database=DatabaseSettings(replica=replica))
    with opened(settings, serving=True) as node, pytest.raises(StorageUnavailable), node.database.read():
        raise AssertionError("there is nothing to read")
    file = file_of(make_url(replica))
    assert file is not None
    assert not file.exists()
