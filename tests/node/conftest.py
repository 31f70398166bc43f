"""A fresh database for each test: SQLite always, PostgreSQL where ACREDITA_TEST_POSTGRES names a server."""

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from acredita.anchoring.types import IssuerId
from acredita.node.storage.database import Database
from acredita.node.storage.models import Base
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.left_out import Want, leave_out
from tests.simulators.installation import Installation, Issuer, install
from tests.waiting import PATIENCE_SECONDS

POSTGRES = os.environ.get("ACREDITA_TEST_POSTGRES")
STORAGE_ON_IT = "storage on a second database; ACREDITA_TEST_POSTGRES names no server"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'node.db'}?timeout={PATIENCE_SECONDS}"
        return
    if POSTGRES is None:
        leave_out(Want.POSTGRESQL, STORAGE_ON_IT)
    yield from postgres_schema(POSTGRES)


def postgres_schema(server: str) -> Iterator[str]:
    """Yield the URL of a new empty schema, and drop the schema afterwards."""
    name = f"acredita_{uuid.uuid4().hex}"
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    try:
        url = make_url(server).update_query_dict({"options": f"-csearch_path={name}"})
        yield url.render_as_string(hide_password=False)
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
        engine.dispose()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a SQLite file with the schema and nothing else, to copy: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "node.db"
    Database.create(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Database | None]:
    """Open one migrated schema for all tests, which each test empties afterwards."""
    if POSTGRES is None:
        yield None
        return
    for url in postgres_schema(POSTGRES):
        opened = Database.create(url)
        yield opened
        opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, migrated: Path, postgres: Database | None, tmp_path: Path
) -> Iterator[Database]:
    if request.param == "sqlite":
        shutil.copy(migrated, tmp_path / "node.db")
        opened = Database.open(f"sqlite:///{tmp_path / 'node.db'}?timeout={PATIENCE_SECONDS}")
        yield opened
        opened.close()
        return
    if postgres is None:
        leave_out(Want.POSTGRESQL, STORAGE_ON_IT)
    yield postgres
    with postgres.write() as connection:
        tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))


@pytest.fixture
def issuer() -> IssuerId:
    return IssuerId(b"\x11" * 32)


@pytest.fixture(scope="session")
def shared_installation() -> tuple[Installation, Issuer]:
    installation = install()
    return installation, installation.new_issuer("ut")


@pytest.fixture
def installation(shared_installation: tuple[Installation, Issuer]) -> Iterator[Installation]:
    """Return the one installation of all tests, and take it back to its first day after each."""
    whole, _ = shared_installation
    snapshot, now = whole.chain.snapshot(), whole.clock.now
    yield whole
    assert whole.chain.revert(snapshot)
    whole.clock.now = now
    whole.senders.clear()  # their nonces are of a future that did not happen


@pytest.fixture
def ut(shared_installation: tuple[Installation, Issuer]) -> Issuer:
    """Return an institution that may anchor."""
    return shared_installation[1]
