"""A process that only reads another's database: it writes nothing, migrates nothing, and says which schema it met."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import anyio.to_thread
import pytest
from acredita.anchoring.types import FormatRefused, IssuerId
from acredita.node.http.dependencies import VERIFYING_THREADS
from acredita.node.http.slow_lane import MAX_LONG
from acredita.node.runtime.schedule import MAX_WRITERS
from acredita.node.storage.database import Database, SchemaVersionError, StorageUnavailable
from acredita.node.storage.database_url import parse_url
from acredita.node.storage.errors import ReadOnlyStorageUnavailable
from acredita.node.storage.models import AuditEvent
from acredita.node.storage.postgresql import KEPT_CONNECTIONS, MOST_THREADS
from acredita.registry.codes import Code
from sqlalchemy import func, insert, select, text

from tests.left_out import Want, leave_out
from tests.waiting import PATIENCE_SECONDS


@pytest.fixture
def writer(database_url: str) -> Iterator[Database]:
    opened = Database.create(database_url)
    yield opened
    opened.close()


@pytest.fixture
def reader(writer: Database, database_url: str) -> Iterator[Database]:
    opened = Database.open_reader(database_url)
    yield opened
    opened.close()


def note(database: Database, issuer: IssuerId) -> None:
    with database.write() as connection:
        connection.execute(insert(AuditEvent).values(issuer=issuer, time=1, actor="test", action="a", detail=""))


def count(database: Database) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(AuditEvent)).scalar_one()


def set_schema(database: Database, version: str) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})


def schema(database: Database) -> str:
    with database.write() as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def test_a_reader_sees_each_commit_and_writes_nothing(writer: Database, reader: Database, issuer: IssuerId) -> None:
    for expected in range(3):
        assert count(reader) == expected
        note(writer, issuer)
    with pytest.raises(ReadOnlyStorageUnavailable) as refused:
        note(reader, issuer)
    assert refused.value.code is Code.STORAGE_READ_ONLY
    with pytest.raises(ReadOnlyStorageUnavailable), reader.read() as connection:
        connection.execute(insert(AuditEvent).values(issuer=issuer, time=1, actor="x", action="x", detail=""))
    assert count(writer) == 3


@pytest.mark.parametrize("other", ["0004", "9999"])
def test_a_reader_beside_another_schema_says_so_until_it_is_its_own(
    writer: Database, reader: Database, other: str
) -> None:
    own = schema(writer)
    assert count(reader) == 0
    set_schema(writer, other)
    for _ in range(2):
        with pytest.raises(SchemaVersionError) as refused:
            count(reader)
        assert (refused.value.expected, refused.value.found) == (own, other)
    assert schema(writer) == other
    set_schema(writer, own)
    assert count(reader) == 0


def test_a_schema_of_later_software_is_left_alone(writer: Database, database_url: str) -> None:
    set_schema(writer, "9999")
    with pytest.raises(SchemaVersionError) as refused:
        Database.create(database_url)
    assert refused.value.found == "9999"
    assert schema(writer) == "9999"


def test_a_reader_of_a_database_without_schema_makes_none(database_url: str) -> None:
    reader = Database.open_reader(database_url)
    with pytest.raises(StorageUnavailable), reader.read():
        raise AssertionError("there is nothing to read")
    reader.close()
    assert not database_url.startswith("sqlite") or not Path(database_url.split("///")[1].split("?")[0]).exists()


def test_an_institution_is_seen_whatever_the_schema(writer: Database, reader: Database, issuer: IssuerId) -> None:
    assert not reader.has_institution()
    with writer.write() as connection:
        connection.execute(
            text(
                "INSERT INTO institutions (issuer, profile, did, chain_id, genesis, contract, code_hash, created_at)"
                " VALUES (:issuer, 'ut', 'did:web:ut.example', 1, :issuer, :issuer, :issuer, 1)"
            ),
            {"issuer": issuer},
        )
    set_schema(writer, "9999")
    assert reader.has_institution()


def test_two_processes_that_begin_at_once_make_one_schema(database_url: str) -> None:
    begin = threading.Barrier(3, timeout=PATIENCE_SECONDS)
    opened: list[Database] = []

    def create() -> None:
        begin.wait()
        opened.append(Database.create(database_url))

    threads = [threading.Thread(target=create) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [count(database) for database in opened] == [0, 0, 0]
    for database in opened:
        database.close()


def test_the_pool_has_a_connection_for_each_thread_of_a_node() -> None:
    async def web_threads() -> float:
        return anyio.to_thread.current_default_thread_limiter().total_tokens

    others = 2  # the index, and the main thread
    threads = anyio.run(web_threads) + VERIFYING_THREADS + MAX_LONG + MAX_WRITERS + others
    assert threads == MOST_THREADS


def test_more_reads_at_once_than_are_kept_do_not_wait_for_each_other(postgres: Database | None) -> None:
    if postgres is None:
        leave_out(Want.POSTGRESQL, "its pool; SQLite opens a connection for each read")
    together = threading.Barrier(KEPT_CONNECTIONS + 6, timeout=PATIENCE_SECONDS)
    counts: list[int] = []

    def read() -> None:
        with postgres.read() as connection:
            together.wait()
            counts.append(connection.execute(select(func.count()).select_from(AuditEvent)).scalar_one())

    threads = [threading.Thread(target=read) for _ in range(together.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counts) == together.parties


@pytest.mark.parametrize(
    "url",
    [
        "",
        "node.db",
        "postgresql+psycopg://acredita:secreto@db1:5432,db2:5432/acredita",
        "postgresql+psycopg2://acredita:secreto@db1/acredita",
        "mysql://acredita:secreto@db1/acredita",
    ],
)
def test_a_url_that_is_none_is_named_without_its_password(url: str) -> None:
    for opening in (Database.open, Database.create, Database.open_reader):
        with pytest.raises(FormatRefused, match=r"^database\.url: ") as refused:
            opening(url)
        assert "secreto" not in str(refused.value)


def test_several_hosts_are_read_as_the_documents_write_them() -> None:
    url = parse_url("postgresql://acredita@/acredita?host=db1:5432&host=db2:5433")
    database = Database.open_reader(url.render_as_string())
    words = database.engine.dialect.create_connect_args(url)[1]
    assert (words["host"], words["port"]) == ("db1,db2", "5432,5433")
    database.close()


def test_a_driver_that_is_not_installed_is_named() -> None:
    program = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from acredita.node.storage.database import Database, StorageUnavailable\n"
        "try: Database.open('postgresql+psycopg://acredita@/acredita')\n"
        "except StorageUnavailable as error: print(error)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "acredita[postgres]" in ended.stdout
