"""Backup while the node writes, restore elsewhere, and what was forgotten stays forgotten in both."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.merkle import leaf_hash, root
from acredita.anchoring.types import Digest
from acredita.node.custody.erasure import forget, forget_in_keys
from acredita.node.custody.vault import Vault
from acredita.node.index.follower import IndexFollower, IndexStep
from acredita.node.recovery.backup import BackupRefused, back_up, restore
from acredita.node.storage import credentials, ledger_index, queue, receipts, stored_checkpoints, stored_log
from acredita.node.storage.database import Database, read_only_url
from acredita.node.storage.leases import Leases
from acredita.node.storage.models import SHARED, AuditEvent, Base
from acredita.node.write_path.anchor import anchor_pending
from acredita.node.write_path.batch_report import BatchStep
from acredita.node.write_path.catch_up import catch_up
from acredita.node.write_path.draft import take_draft
from acredita.registry.keys.keystore import Keystore, KeystorePurpose
from acredita.registry.keys.scrypt_cost import LEAST_N
from sqlalchemy import select

from tests.node.index.followed import trust_of
from tests.simulators.installation import Installation, Issuer
from tests.simulators.institution import (
    PROGRAMME,
    SimulatedInstitution,
    check_invariants,
    credential_digest,
    open_institution,
)
from tests.simulators.ledger import Swallowing

CANARY = b"CANARIO-PERSONA-FICTICIA-7731"
NOW = 1_767_225_600


class Master:
    """The keystore's data key."""

    def __init__(self, folder: Path) -> None:
        self._keystore = Keystore.create(folder / "keys.json", b"una frase", n=LEAST_N)
        self._keystore.generate("data", KeystorePurpose.DATA)

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        return self._keystore.wrap("data", secret, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        return self._keystore.unwrap("data", wrapped, context)


@pytest.fixture
def vault(ut: Issuer, tmp_path: Path) -> Vault:
    return Vault(ut.id, Master(tmp_path))


@pytest.fixture
def institution(installation: Installation, ut: Issuer, database: Database) -> SimulatedInstitution:
    return open_institution(installation, ut, database)


def store(institution: SimulatedInstitution, vault: Vault, *numbers: int) -> list[Digest]:
    """Store credentials as an institution does: sealed, placed, queued."""
    digests = [credential_digest(number) for number in numbers]
    with institution.writer.database.write() as connection:
        for number, digest in zip(numbers, digests, strict=True):
            sealed = vault.seal(digest, PROGRAMME, CANARY + b" %d" % number)
            credentials.insert_credential(connection, vault.issuer, sealed, number, now=NOW)
            queue.enqueue_issued(connection, vault.issuer, digest, PROGRAMME, key=f"issue {number}", now=NOW)
    return digests


def rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows in the order of the keys, except the trail, to which backup and restore add their own."""
    with database.read() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in Base.metadata.sorted_tables
            if table.name != "audit_events"
        }


def test_a_restored_backup_is_equal_and_goes_on(
    institution: SimulatedInstitution, vault: Vault, installation: Installation, ut: Issuer, tmp_path: Path
) -> None:
    digests = store(institution, vault, 1, 2, 3)
    institution.change(EntryKind.REVOKED, 2)
    anchor_pending(institution.writer, force=True)
    digests += store(institution, vault, 4)
    backup = back_up(institution.writer.database, tmp_path / "backup", tmp_path / "data-keys.db", now=NOW)
    assert backup.rows["credentials"] == 4
    before = rows(institution.writer.database)

    url = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    assert restore(tmp_path / "backup", tmp_path / "data-keys.db", url, now=NOW) == backup
    restored = Database.open(url)
    assert rows(restored) == before
    again = open_institution(installation, ut, restored)
    assert [report.step for report in anchor_pending(again.writer, force=True)] == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(again, digests, 1)
    with restored.read() as connection:
        sealed = credentials.read_credential(connection, ut.id, digests[3])
    assert sealed is not None
    assert vault.open(sealed) == CANARY + b" 4"
    restored.close()


def test_a_backup_is_restored_onto_either_kind_of_database(
    institution: SimulatedInstitution, vault: Vault, installation: Installation, ut: Issuer, tmp_path: Path
) -> None:
    """Restore from SQLite onto the database of the node, emptied first."""
    small = Database.create(f"sqlite:///{tmp_path / 'small.db'}")
    source = open_institution(installation, ut, small)
    digests = store(source, vault, 1, 2)
    anchor_pending(source.writer, force=True)
    back_up(small, tmp_path / "backup", tmp_path / "keys.db", now=NOW)
    with institution.writer.database.write() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
    restore(tmp_path / "backup", tmp_path / "keys.db", _url(institution.writer.database), now=NOW)
    assert rows(institution.writer.database) == rows(small)
    more = store(institution, vault, 3)
    assert [report.step for report in anchor_pending(institution.writer, force=True)] == [
        BatchStep.ANCHORED,
        BatchStep.IDLE,
    ]
    check_invariants(institution, digests + more)
    small.close()


def _url(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


def test_a_backup_under_load_is_of_one_moment(
    institution: SimulatedInstitution, vault: Vault, ut: Issuer, tmp_path: Path
) -> None:
    stop = threading.Event()

    def work() -> None:
        number = 100
        while not stop.is_set() and number < 400:
            store(institution, vault, number, number + 1)
            anchor_pending(institution.writer, force=True)
            number += 2

    worker = threading.Thread(target=work)
    worker.start()
    try:
        for turn in range(3):
            back_up(institution.writer.database, tmp_path / f"b{turn}", tmp_path / "keys.db", now=NOW + turn)
    finally:
        stop.set()
        worker.join()
    for turn in range(3):
        copy = Database.open(read_only_url(tmp_path / f"b{turn}" / "node.db"))
        _check_whole(copy, ut)
        copy.close()


def _check_whole(copy: Database, ut: Issuer) -> None:
    """Log, queue, credentials and receipts agree with each other."""
    with copy.read() as connection:
        newest = stored_checkpoints.newest_confirmed(connection, ut.id)
        assert newest is not None
        data = list(stored_log.read_entries(connection, ut.id, 1, 0, newest.checkpoint.size))
        assert root(map(leaf_hash, data)) == newest.checkpoint.root
        for digest in credentials.digests(connection, ut.id):
            status = queue.digest_status(connection, ut.id, digest)
            assert status is not None
            receipt = receipts.load_receipt(connection, ut.id, digest)
            assert (receipt is not None) == (status.state == "anchored")
            assert receipt is None or receipt.inclusion_fault() is None


def test_a_backup_holds_no_data_key_and_nothing_in_clear(
    institution: SimulatedInstitution, vault: Vault, tmp_path: Path
) -> None:
    store(institution, vault, 1)
    back_up(institution.writer.database, tmp_path / "backup", tmp_path / "keys.db", now=NOW)
    copy = Database.open(read_only_url(tmp_path / "backup" / "node.db"))
    assert rows(copy)["data_keys"] == []
    copy.close()
    for path in [*(tmp_path / "backup").iterdir(), tmp_path / "keys.db"]:
        assert CANARY not in path.read_bytes()
    assert sorted(path.name for path in (tmp_path / "backup").iterdir()) == ["manifest.json", "node.db"]


def test_what_was_forgotten_is_in_no_backup_either(
    institution: SimulatedInstitution, vault: Vault, installation: Installation, ut: Issuer, tmp_path: Path
) -> None:
    kept, gone = store(institution, vault, 1, 2)
    anchor_pending(institution.writer, force=True)
    back_up(institution.writer.database, tmp_path / "backup", tmp_path / "keys.db", now=NOW)
    assert forget(institution.writer.database, ut.id, gone, actor="staff", now=NOW)
    assert forget_in_keys(tmp_path / "keys.db", ut.id, gone)

    url = f"sqlite:///{tmp_path / 'restored.db'}"
    restore(tmp_path / "backup", tmp_path / "keys.db", url, now=NOW)
    restored = Database.open(url)
    with restored.read() as connection:
        assert credentials.read_credential(connection, ut.id, gone) is None
        assert credentials.position_of(connection, ut.id, gone) is None
        assert 2 in credentials.used_positions(connection, ut.id, 0, 10)
        assert receipts.read_receipt(connection, ut.id, gone) is None
        assert receipts.load_receipt(connection, ut.id, kept) is not None
    again = open_institution(installation, ut, restored)
    assert [report.step for report in anchor_pending(again.writer, force=True)] == [BatchStep.IDLE]
    restored.close()


def test_files_of_an_earlier_version_are_restored_and_forget(
    institution: SimulatedInstitution, vault: Vault, ut: Issuer, tmp_path: Path
) -> None:
    kept, gone = store(institution, vault, 1, 2)
    back_up(institution.writer.database, tmp_path / "backup", tmp_path / "keys.db", now=NOW)
    for path in (tmp_path / "backup" / "node.db", tmp_path / "keys.db"):
        _make_earlier(path)
    assert forget_in_keys(tmp_path / "keys.db", ut.id, gone)

    url = f"sqlite:///{tmp_path / 'restored.db'}"
    restore(tmp_path / "backup", tmp_path / "keys.db", url, now=NOW)
    restored = Database.open(url)
    with restored.read() as connection:
        assert list(credentials.digests(connection, ut.id)) == [kept]
    restored.close()


def _make_earlier(path: Path) -> None:
    """Make a file of a backup as the version with schema 0002 wrote it."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE idempotency_keys (issuer BLOB NOT NULL, key TEXT NOT NULL)")
        for table in Base.metadata.sorted_tables:
            if table.info.get(SHARED):
                connection.execute(f"DROP TABLE {table.name}")
        connection.execute("UPDATE alembic_version SET version_num = '0002'")


def test_keys_older_than_the_backup_are_refused(
    institution: SimulatedInstitution, vault: Vault, tmp_path: Path
) -> None:
    back_up(institution.writer.database, tmp_path / "first", tmp_path / "old-keys.db", now=NOW)
    store(institution, vault, 1)
    back_up(institution.writer.database, tmp_path / "second", tmp_path / "keys.db", now=NOW + 60)
    url = f"sqlite:///{tmp_path / 'restored.db'}"
    with pytest.raises(BackupRefused, match="data keys of"):
        restore(tmp_path / "second", tmp_path / "old-keys.db", url, now=NOW)
    restore(tmp_path / "first", tmp_path / "keys.db", url, now=NOW)


def test_nothing_is_overwritten(institution: SimulatedInstitution, tmp_path: Path) -> None:
    database = institution.writer.database
    back_up(database, tmp_path / "backup", tmp_path / "keys.db", now=NOW)
    with pytest.raises(BackupRefused, match="new folder"):
        back_up(database, tmp_path / "backup", tmp_path / "keys.db", now=NOW + 1)
    url = f"sqlite:///{tmp_path / 'restored.db'}"
    restore(tmp_path / "backup", tmp_path / "keys.db", url, now=NOW)
    with pytest.raises(BackupRefused, match="empty database"):
        restore(tmp_path / "backup", tmp_path / "keys.db", url, now=NOW)


def test_an_index_that_is_there_already_gives_way_to_a_backup(
    institution: SimulatedInstitution, installation: Installation, vault: Vault, database: Database, tmp_path: Path
) -> None:
    """Restore into the database of a node that has run without an institution, and let its index begin anew."""
    store(institution, vault, 1, 2)
    anchor_pending(institution.writer, force=True)
    trust, clock = trust_of(installation), installation.clock
    IndexFollower(database, Leases(database, "old"), installation.ledger, trust, clock).advance()
    back_up(database, tmp_path / "backup", tmp_path / "keys.db", now=NOW)
    url = f"sqlite:///{tmp_path / 'restored.db'}"
    target = Database.create(url)
    IndexFollower(target, Leases(target, "new"), installation.ledger, trust, clock).advance()
    with target.read() as connection:
        assert ledger_index.event_count(connection) > 0
    restore(tmp_path / "backup", tmp_path / "keys.db", url, now=NOW)
    with target.read() as connection:
        assert ledger_index.index_state(connection).block is None
        assert ledger_index.event_count(connection) == 0
    leases = Leases(target, "newer", ended=lambda _: True)
    assert IndexFollower(target, leases, installation.ledger, trust, clock).advance().step is IndexStep.ADVANCED
    with pytest.raises(BackupRefused, match="empty database"):
        restore(tmp_path / "backup", tmp_path / "keys.db", url, now=NOW)
    with target.read() as connection:
        assert ledger_index.event_count(connection) > 0, "a refused restore deletes nothing"
    target.close()


@pytest.mark.parametrize("manifest", ["", "{}", '{"format": "acredita-backup/2"}', "[1]", "ñ"])
def test_what_is_no_backup_is_named(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(BackupRefused):
        restore(tmp_path, tmp_path / "keys.db", f"sqlite:///{tmp_path / 'restored.db'}", now=NOW)
    assert not (tmp_path / "restored.db").exists()


# Forgetting


def files(folder: Path) -> Iterator[bytes]:
    return (path.read_bytes() for path in folder.glob("node.db*"))


def test_forgetting_leaves_the_log_and_everybody_elses_proofs(
    institution: SimulatedInstitution, vault: Vault, ut: Issuer
) -> None:
    kept, gone = store(institution, vault, 1, 2)
    anchor_pending(institution.writer, force=True)
    database = institution.writer.database
    with database.read() as connection:
        before = list(stored_log.read_entries(connection, ut.id, 1, 0, 10))
    assert forget(database, ut.id, gone, actor="staff", now=NOW)
    assert not forget(database, ut.id, gone, actor="staff", now=NOW), "there is nothing left to forget"
    with database.read() as connection:
        assert list(stored_log.read_entries(connection, ut.id, 1, 0, 10)) == before
        receipt = receipts.load_receipt(connection, ut.id, kept)
        assert receipt is not None
        assert receipt.inclusion_fault() is None
        assert credentials.read_credential(connection, ut.id, gone) is None
        assert receipts.read_receipt(connection, ut.id, gone) is None
        trail = connection.execute(select(AuditEvent.action, AuditEvent.detail)).all()
    assert [tuple(row) for row in trail] == [("forgotten", "")], "that, not what"
    assert [report.step for report in anchor_pending(institution.writer, force=True)] == [BatchStep.IDLE]


def test_what_was_never_anchored_need_not_be(institution: SimulatedInstitution, vault: Vault, ut: Issuer) -> None:
    kept, gone = store(institution, vault, 1, 2)
    assert forget(institution.writer.database, ut.id, gone, actor="staff", now=NOW)
    assert [report.step for report in anchor_pending(institution.writer, force=True)] == [
        BatchStep.ANCHORED,
        BatchStep.IDLE,
    ]
    check_invariants(institution, [kept])


def test_the_bytes_are_overwritten(installation: Installation, ut: Issuer, vault: Vault, tmp_path: Path) -> None:
    database = Database.create(f"sqlite:///{tmp_path / 'node.db'}")
    institution = open_institution(installation, ut, database)
    (digest,) = store(institution, vault, 1)
    with database.read() as connection:
        sealed = credentials.read_credential(connection, ut.id, digest)
    assert sealed is not None
    assert any(sealed.wrapped_key in data for data in files(tmp_path))
    forget(database, ut.id, digest, actor="staff", now=NOW)
    for secret in (sealed.wrapped_key, sealed.ciphertext):
        assert not any(secret in data for data in files(tmp_path))
    database.close()


def test_what_is_forgotten_on_its_way_to_the_chain_gets_no_receipt(
    institution: SimulatedInstitution, vault: Vault, ut: Issuer
) -> None:
    kept, gone = store(institution, vault, 1, 2)
    waiting = institution.on(ledger=Swallowing(institution.writer.ledger))
    assert [report.step for report in anchor_pending(waiting.writer, force=True)] == [BatchStep.WAITING]
    assert forget(institution.writer.database, ut.id, gone, actor="staff", now=NOW)
    assert [report.step for report in anchor_pending(institution.writer, force=True)] == [
        BatchStep.ANCHORED,
        BatchStep.IDLE,
    ]
    with institution.writer.database.read() as connection:
        assert receipts.read_receipt(connection, ut.id, gone) is None
        assert receipts.read_receipt(connection, ut.id, kept) is not None


def test_what_is_forgotten_while_its_entry_is_provisional_does_not_enter_the_log(
    institution: SimulatedInstitution, vault: Vault, ut: Issuer
) -> None:
    kept, gone = store(institution, vault, 1, 2)
    with institution.writer.leases.held(ut.id) as lease:
        assert lease is not None
        writer = institution.writer
        record = writer.record(lease)
        newest = catch_up(record, writer.chain, writer.signer.address)
        take_draft(record, writer.status_memory, writer.policy, newest, force=True)
    assert forget(institution.writer.database, ut.id, gone, actor="staff", now=NOW)
    assert [report.step for report in anchor_pending(institution.writer, force=True)] == [
        BatchStep.ANCHORED,
        BatchStep.IDLE,
    ]
    check_invariants(institution, [kept])


def test_what_was_forgotten_before_it_was_anchored_is_not_anchored_from_a_backup(
    institution: SimulatedInstitution, vault: Vault, installation: Installation, ut: Issuer, tmp_path: Path
) -> None:
    kept, gone = store(institution, vault, 1, 2)
    back_up(institution.writer.database, tmp_path / "backup", tmp_path / "keys.db", now=NOW)
    assert forget_in_keys(tmp_path / "keys.db", ut.id, gone)
    url = f"sqlite:///{tmp_path / 'restored.db'}"
    restore(tmp_path / "backup", tmp_path / "keys.db", url, now=NOW)
    restored = Database.open(url)
    again = open_institution(installation, ut, restored)
    assert [report.step for report in anchor_pending(again.writer, force=True)] == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(again, [kept])
    restored.close()
