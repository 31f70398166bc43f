"""The schema, its migrations, and what a transaction promises."""

import os
import sqlite3
from pathlib import Path

import pytest
from acredita.anchoring.types import IssuerId
from acredita.node.storage.database import (
    BACKUP_SCHEMAS,
    MIGRATIONS,
    Database,
    SchemaVersionError,
    StorageUnavailable,
)
from acredita.node.storage.models import DERIVED, FOLLOWING, SHARED, AuditEvent, Base
from acredita.node.storage.sqlite import SQLITE_CACHE_KIBIBYTES
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, create_engine, func, insert, select, text


def _note(database: Database, issuer: IssuerId, action: str) -> None:
    with database.write() as connection:
        connection.execute(insert(AuditEvent).values(issuer=issuer, time=1, actor="test", action=action, detail=""))


def _count(database: Database) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(AuditEvent)).scalar_one()


def test_migrations_make_exactly_the_tables_of_the_models(database: Database) -> None:
    with database.read() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    assert difference == []


@pytest.mark.parametrize("schema", BACKUP_SCHEMAS)
def test_tables_have_the_same_columns_in_every_schema_of_a_backup(tmp_path: Path, schema: str) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'earlier.db'}")
    Database(engine).migrate(schema)
    earlier = MetaData()
    earlier.reflect(engine)
    engine.dispose()
    for name, table in Base.metadata.tables.items():
        if table.info.get(DERIVED):
            continue  # in no backup
        if table.info.keys() & {SHARED, FOLLOWING} and name not in earlier.tables:
            continue  # of a later schema; a restore leaves it empty, or fills it from others
        assert set(earlier.tables[name].columns.keys()) == set(table.columns.keys()), name


def test_a_backup_of_this_schema_is_among_them() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == BACKUP_SCHEMAS[-1]


def test_every_table_of_an_institution_is_keyed_by_issuer() -> None:
    without = {name for name, table in Base.metadata.tables.items() if "issuer" not in table.columns}
    of_all = {name for name, table in Base.metadata.tables.items() if table.info.get(DERIVED) or table.info.get(SHARED)}
    assert without == of_all


def test_migrating_twice_changes_nothing(database_url: str, issuer: IssuerId) -> None:
    first = Database.create(database_url)
    _note(first, issuer, "kept")
    first.close()
    again = Database.create(database_url)
    assert _count(again) == 1
    again.close()


def test_a_database_without_schema_is_named(database_url: str) -> None:
    with pytest.raises(SchemaVersionError) as refused:
        Database.open(database_url)
    assert refused.value.found is None


def test_a_write_is_all_or_nothing(database: Database, issuer: IssuerId) -> None:
    with pytest.raises(RuntimeError), database.write() as connection:
        connection.execute(insert(AuditEvent).values(issuer=issuer, time=1, actor="test", action="half", detail=""))
        raise RuntimeError("in the middle")
    assert _count(database) == 0


def test_a_read_sees_one_moment(database: Database, issuer: IssuerId) -> None:
    _note(database, issuer, "first")
    with database.read() as connection:
        before = connection.execute(select(func.count()).select_from(AuditEvent)).scalar_one()
        _note(database, issuer, "second")
        after = connection.execute(select(func.count()).select_from(AuditEvent)).scalar_one()
    assert (before, after, _count(database)) == (1, 1, 2)


def test_sqlite_commits_are_on_disk_and_deleted_bytes_are_overwritten(tmp_path: Path) -> None:
    database = Database.create(f"sqlite:///{tmp_path / 'node.db'}")
    with database.read() as connection:
        modes = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "cache_size")
        }
    full, cache = 2, -SQLITE_CACHE_KIBIBYTES
    expected = {"journal_mode": "wal", "synchronous": full, "secure_delete": 1, "foreign_keys": 1, "cache_size": cache}
    assert modes == expected
    database.close()


def test_a_full_database_is_unavailable_and_keeps_what_it_had(tmp_path: Path, issuer: IssuerId) -> None:
    path = tmp_path / "node.db"
    database = Database.create(f"sqlite:///{path}")
    _note(database, issuer, "kept")
    with pytest.raises(StorageUnavailable, match="full"), database.write() as connection:
        connection.execute(text("PRAGMA max_page_count = 1"))
        for _ in range(200):
            connection.execute(
                insert(AuditEvent).values(issuer=issuer, time=1, actor="x" * 128, action="a", detail="y" * 2000)
            )
    assert _count(database) == 1
    database.close()


@pytest.mark.skipif(os.name != "posix", reason="left out: file modes")
def test_a_database_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        Database.open(f"sqlite:///{tmp_path / 'missing' / 'node.db'}")


def test_a_locked_database_is_unavailable_not_corrupt(tmp_path: Path, issuer: IssuerId) -> None:
    path = tmp_path / "node.db"
    database = Database.create(f"sqlite:///{path}?timeout=0.05")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageUnavailable, match="locked"):
        _note(database, issuer, "never")
    other.execute("ROLLBACK")
    other.close()
    _note(database, issuer, "now")
    assert _count(database) == 1
    database.close()


def test_kept_readers_see_each_commit_and_write_nothing(tmp_path: Path) -> None:
    database = Database.create(f"sqlite:///{tmp_path / 'n.db'}")
    database.keep_readers()
    with database.write() as connection:
        connection.execute(text("CREATE TABLE kept (a INTEGER)"))
    for count in range(3):
        with database.read() as connection:
            assert connection.execute(text("SELECT count(*) FROM kept")).scalar() == count
        with database.write() as connection:
            connection.execute(text("INSERT INTO kept VALUES (1)"))
    with pytest.raises(StorageUnavailable), database.read() as connection:
        connection.execute(text("INSERT INTO kept VALUES (1)"))
    database.close()


def test_a_kept_reader_does_not_read_a_file_that_was_replaced(tmp_path: Path) -> None:
    path, other = tmp_path / "n.db", tmp_path / "other.db"
    for file, revision in ((path, "ours"), (other, "other")):
        made = Database.create(f"sqlite:///{file}")
        with made.write() as connection:
            connection.execute(text("CREATE TABLE named AS SELECT :name AS name"), {"name": revision})
        made.close()
    database = Database.open(f"sqlite:///{path}")
    database.keep_readers()
    assert name_in(database) == "ours"
    for beside in tmp_path.glob("n.db-*"):
        beside.unlink()
    other.replace(path)
    assert name_in(database) == "other"
    database.close()


def name_in(database: Database) -> str:
    with database.read() as connection:
        return str(connection.execute(text("SELECT name FROM named")).scalar())
