"""PostgreSQL as an engine, on servers of the test's own: what a session demands, and what a standby and a failover do."""

import threading
from collections.abc import Iterator

import pytest
from acredita.anchoring.types import IssuerId
from acredita.node.storage.database import Database, LeaseLostError, StorageUnavailable
from acredita.node.storage.errors import (
    ReadOnlyStorageUnavailable,
    StaleStorageUnavailable,
    UnsafeStorageUnavailable,
)
from acredita.node.storage.leases import Leases
from acredita.node.storage.models import AuditEvent
from acredita.node.storage.replication import MOST_SECONDS_BEHIND, StandbyAge
from acredita.registry.codes import Code
from sqlalchemy import func, insert, select, text

from tests.simulators.postgres import FIRST_PORT, Server, servers
from tests.waiting import PATIENCE_SECONDS, wait_for

pytestmark = pytest.mark.slow
SECOND_PORT = FIRST_PORT + 1


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Server, Server]]:
    """Start a primary and a standby for every test that ends neither, with the schema and no row."""
    with servers() as primary:
        Database.create(primary.url()).close()
        yield primary, primary.standby(SECOND_PORT)


@pytest.fixture
def primary(pair: tuple[Server, Server]) -> Iterator[Server]:
    """Return the shared primary, and take its settings and rows back after the test."""
    yield pair[0]
    for setting in ("fsync", "full_page_writes", "synchronous_standby_names"):
        pair[0].ask(f"ALTER SYSTEM RESET {setting}")
    pair[0].ask("SELECT pg_reload_conf()")
    pair[0].ask("ALTER ROLE acredita RESET synchronous_commit")
    pair[0].ask("TRUNCATE audit_events, leases")


@pytest.fixture
def standby(pair: tuple[Server, Server]) -> Server:
    return pair[1]


@pytest.fixture
def doomed() -> Iterator[Server]:
    """Start a primary that the test ends."""
    with servers() as started:
        Database.create(started.url()).close()
        yield started


def both(primary: Server) -> str:
    """Return the URL that names both servers, as libpq reads it."""
    return (
        primary.url()
        .replace(f"&port={FIRST_PORT}", f"&port={FIRST_PORT},{SECOND_PORT}")
        .replace(f"host={primary.folder}", f"host={primary.folder},{primary.folder}")
    )


def note(database: Database, issuer: IssuerId, action: str) -> None:
    with database.write() as connection:
        connection.execute(insert(AuditEvent).values(issuer=issuer, time=1, actor="test", action=action, detail=""))


def count(database: Database) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(AuditEvent)).scalar_one()


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_a_server_that_may_lose_commits_is_refused(primary: Server, setting: str) -> None:
    primary.set(setting, "off")
    with pytest.raises(UnsafeStorageUnavailable, match=f"{setting} = off") as refused:
        Database.open(primary.url())
    assert refused.value.code is Code.STORAGE_UNSAFE
    primary.set(setting, "on")
    Database.open(primary.url()).close()


@pytest.mark.parametrize(
    ("configured", "used"),
    [("off", "on"), ("local", "on"), ("remote_write", "on"), ("on", "on"), ("remote_apply", "remote_apply")],
)
def test_a_session_waits_for_the_disk_whatever_the_role_says(primary: Server, configured: str, used: str) -> None:
    primary.ask(f"ALTER ROLE acredita SET synchronous_commit = {configured}")
    database = Database.open(primary.url())
    with database.write() as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar_one() == used
    database.close()


def test_a_standby_is_named_and_not_written(standby: Server, issuer: IssuerId) -> None:
    with pytest.raises(ReadOnlyStorageUnavailable, match="standby") as refused:
        Database.create(standby.url())
    assert refused.value.code is Code.STORAGE_READ_ONLY
    reader = Database.open_reader(standby.url())
    assert count(reader) == 0
    with pytest.raises(ReadOnlyStorageUnavailable):
        note(reader, issuer, "never")
    with pytest.raises(ReadOnlyStorageUnavailable), reader.read() as connection:
        connection.execute(insert(AuditEvent).values(issuer=issuer, time=1, actor="x", action="x", detail=""))
    reader.close()


def test_the_report_says_which_replication_it_is(primary: Server, standby: Server) -> None:
    database, reader = Database.open(primary.url()), Database.open_reader(standby.url())
    expected = {"engine": "postgresql", "role": "primary", "replication": "asynchronous", "standbys": 1}
    assert database.replication().document() == expected
    primary.set("synchronous_standby_names", "*")
    assert database.replication().document() == expected | {"replication": "synchronous"}
    wait_for(lambda: reader.replication().behind == 0, "a standby in step")
    assert reader.replication().document() == {"engine": "postgresql", "role": "standby", "behind_seconds": 0}
    reader.close()
    database.close()


def test_a_commit_without_its_standby_is_not_reported_as_done(primary: Server, issuer: IssuerId) -> None:
    """Let an operator cancel the wait for a synchronous standby that never comes."""
    database = Database.open(primary.url())
    primary.set("synchronous_standby_names", "nobody")
    raised: list[Exception] = []

    def write() -> None:
        try:
            note(database, issuer, "alone")
        except StorageUnavailable as error:
            raised.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    [(pid,)] = wait_for(lambda: primary.ask(waiting), "a commit that waits")
    primary.ask(f"SELECT pg_cancel_backend({pid})")
    writer.join(PATIENCE_SECONDS)
    assert [str(error) for error in raised] == [
        "the commit is on this server, but its synchronous standby has not confirmed it"
    ]
    primary.set("synchronous_standby_names", "")
    note(database, issuer, "next")  # the connection is used again, and reports no old warning
    assert count(database) == 2
    database.close()


def test_the_pool_finds_the_promoted_standby_and_the_lease_holds(doomed: Server, issuer: IssuerId) -> None:
    """Kill the primary under kept connections; the same object goes on at the other server, with the same lease."""
    database = Database.open(doomed.url())
    assert (database.replication().mode, database.replication().standbys) == ("none", 0)
    database.close()
    standby = doomed.standby(SECOND_PORT)
    doomed.set("synchronous_standby_names", "*")  # not on the standby: it has none of its own
    database = Database.open(both(doomed))
    lease = Leases(database, "node").take(issuer)
    assert lease is not None
    with database.write(lease) as connection:
        connection.execute(insert(AuditEvent).values(issuer=issuer, time=1, actor="test", action="kept", detail=""))
    doomed.kill()
    with pytest.raises(StorageUnavailable):
        note(database, issuer, "never")  # the standby takes no write before it is promoted
    standby.promote()
    with database.write(lease):
        pass
    assert count(database) == 1
    successor = Leases(database, "other", stale_seconds=0.0, ended=lambda _: True).take(issuer)
    assert successor is not None
    assert successor.fencing == lease.fencing + 1
    with pytest.raises(LeaseLostError), database.write(lease):
        raise AssertionError("a fenced writer must not get this far")
    database.close()


def test_a_standby_that_is_cut_off_is_not_read_for_ever(doomed: Server, issuer: IssuerId) -> None:
    database = Database.open(doomed.url())
    standby = doomed.standby(SECOND_PORT)
    now = [0.0]
    age = StandbyAge(lambda: now[0])
    reader = Database.open_reader(standby.url())
    note(database, issuer, "seen")
    wait_for(lambda: count(reader) == 1, "the row on the standby")
    with reader.read() as connection:
        assert age.look(connection) == 0.0
    doomed.kill()
    wait_for(lambda: standby.ask("SELECT count(*) FROM pg_stat_wal_receiver") == [(0,)], "a receiver that ended")
    for moment, is_fresh in ((MOST_SECONDS_BEHIND / 2, True), (MOST_SECONDS_BEHIND + 3_600.0, False)):
        now[0] = moment
        with reader.read() as connection:
            if is_fresh:
                age.check(connection)
                continue
            standby.ask("SELECT 1")
            # The server's clock has not moved with ours, so its last commit is told to be as old as the last look.
            age._note = lambda *_: None  # type: ignore[method-assign]
            with pytest.raises(StaleStorageUnavailable) as refused:
                age.check(connection)
            assert refused.value.code is Code.STORAGE_BEHIND
    reader.close()
    database.close()
