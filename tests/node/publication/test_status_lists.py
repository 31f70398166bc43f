"""Published status lists under several publishers at once: every bit stays, the first list included."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.entries import EntryKind, status_change
from acredita.anchoring.status_bits import StatusBits
from acredita.anchoring.types import IssuerId
from acredita.node.ledger.view import Observations
from acredita.node.publication.did_documents import DidDocuments
from acredita.node.publication.document_store import DocumentStore
from acredita.node.publication.public_files import publish_lists
from acredita.node.publication.trust_folder import TrustFolder, write_json
from acredita.node.publication.withheld_store import WithheldStore
from acredita.node.storage import institutions, status_lists
from acredita.node.storage.database import Database, StorageUnavailable
from acredita.node.storage.models import StatusListRow
from acredita.node.storage.status_lists import MILLISECONDS
from acredita.node.verification.node_documents import NodeDocuments
from acredita.registry.codes import Code
from acredita.registry.credentials.status_list import build_status_list, parse_status_list
from acredita.registry.keys.did import key_method
from acredita.registry.keys.multikey import parse_multikey
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.proofs.data_integrity import ProofOptions, add_proof
from sqlalchemy import update

from tests.node.publication.list_publisher import KEY, NOW, list_publisher
from tests.node.publication.test_tiles import IDENTITY
from tests.waiting import PATIENCE_SECONDS

ROOT = Path(__file__).parents[3]
PUBLISHERS = 4
EACH = 5


@pytest.fixture
def registered(database_url: str, issuer: IssuerId) -> Iterator[Database]:
    database = Database.create(database_url)
    with database.write() as connection:
        institutions.register(connection, issuer, profile="ut", did="did:web:ut.example", identity=IDENTITY, now=1)
    yield database
    database.close()


def published(database: Database, issuer: IssuerId) -> frozenset[int]:
    """Return the set bits of list 0, none where there is no list."""
    with database.read() as connection:
        stored = status_lists.read_list(connection, issuer, 0)
    bits = b"" if stored is None else parse_status_list(json.loads(stored.document)).bits
    return frozenset(8 * at + bit for at, byte in enumerate(bits) if byte for bit in range(8) if byte & (0x80 >> bit))


def revoked(*positions: int) -> StatusBits:
    bits = StatusBits()
    bits.replay(status_change(EntryKind.REVOKED, position) for position in positions)
    return bits


def signed_list(issuer: IssuerId, indexes: set[int], issued: int) -> dict[str, Any]:
    url = f"https://otra.example/status/{issuer.hex()}/0"
    document = build_status_list(url=url, issuer="did:web:otra.example", revoked=indexes, issued=issued)
    signer = PrivateKeySigner.of(KEY)
    method = key_method(parse_multikey(signer.multikey))
    return add_proof(document, ProofOptions("eddsa-rdfc-2022", method, datetime.fromtimestamp(issued, UTC)), signer)


def positions_of(publisher: int) -> list[int]:
    return [100 * (publisher + 1) + number for number in range(EACH)]


def test_publishers_at_once_lose_nothing_of_each_other(
    registered: Database, database_url: str, issuer: IssuerId
) -> None:
    """Start publishers at once, each with its own revocations only, before there is a list."""
    start = threading.Barrier(PUBLISHERS, timeout=PATIENCE_SECONDS)
    failures: list[BaseException] = []

    def publish(number: int) -> None:
        own = Database.open(database_url)
        try:
            publisher = list_publisher(own)
            start.wait()
            for position in positions_of(number):
                publisher.publish(issuer, revoked(position))
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failures.append(error)
        finally:
            own.close()

    threads = [threading.Thread(target=publish, args=(number,)) for number in range(PUBLISHERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    expected = {position for number in range(PUBLISHERS) for position in positions_of(number)}
    assert published(registered, issuer) == expected


def test_an_older_state_rolls_nothing_back(registered: Database, issuer: IssuerId) -> None:
    publisher = list_publisher(registered)
    publisher.publish(issuer, revoked(1, 2, 3))
    publisher.publish(issuer, revoked(2))
    publisher.publish(issuer, StatusBits())
    assert published(registered, issuer) == {1, 2, 3}


def test_a_list_is_replaced_only_in_place_of_the_version_that_was_read(registered: Database, issuer: IssuerId) -> None:
    list_publisher(registered).publish(issuer, revoked(1))
    with registered.read() as connection:
        stored = status_lists.read_list(connection, issuer, 0)
    assert stored is not None
    list_publisher(registered).publish(issuer, revoked(2))
    with pytest.raises(StorageUnavailable), registered.write() as connection:
        status_lists.swap_list(connection, issuer, 0, b"{}", version=stored.version + 5, stored=stored)
    assert published(registered, issuer) == {1, 2}


def test_versions_rise_while_the_clock_stands_still(registered: Database, issuer: IssuerId) -> None:
    publisher, seen = list_publisher(registered), []
    for position in range(3):
        publisher.publish(issuer, revoked(position))
        with registered.read() as connection:
            stored = status_lists.read_list(connection, issuer, 0)
        assert stored is not None
        assert parse_status_list(json.loads(stored.document)).version == stored.version
        seen.append(stored.version)
    assert seen == [NOW * MILLISECONDS, NOW * MILLISECONDS + 1, NOW * MILLISECONDS + 2]


def test_a_restored_backup_rolls_no_file_of_the_folder_back(
    registered: Database, issuer: IssuerId, tmp_path: Path
) -> None:
    publisher, file = list_publisher(registered), tmp_path / "status" / issuer.hex() / "0.json"
    publisher.publish(issuer, revoked(1))
    with registered.read() as connection:
        backup = status_lists.read_list(connection, issuer, 0)
    publisher.publish(issuer, revoked(1, 2))
    publish_lists(registered, issuer, tmp_path)
    newest = file.read_bytes()
    assert backup is not None
    with registered.write() as connection:
        connection.execute(update(StatusListRow).values(document=backup.document, version=backup.version))
    publish_lists(registered, issuer, tmp_path)
    assert file.read_bytes() == newest


def node_documents(database: Database, folder: TrustFolder) -> NodeDocuments:
    """Return the documents of a node without a ledger."""
    observations = Observations(Missing(Code.TRUST_MISSING), None, folder.entries_of)
    store = DocumentStore(
        database,
        folder,
        observations.now,
        lambda: NOW,
        withheld=WithheldStore(database, folder, Missing(Code.TRUST_MISSING), lambda: NOW),
    )
    return NodeDocuments(database, folder, DidDocuments(folder, observations, store.key_statement), store)


def test_an_own_list_never_goes_back_in_a_process(registered: Database, issuer: IssuerId, tmp_path: Path) -> None:
    """Take the row back to an older version, as a failover to a standby that lacks the newest one does."""
    folder = TrustFolder(tmp_path)
    source = node_documents(registered, folder)
    rows = []
    for positions in ((1,), (1, 2)):
        list_publisher(registered).publish(issuer, revoked(*positions))
        rows.append(source.stored_list(issuer, 0))
    older, newest = rows
    assert older is not None
    assert newest is not None
    with registered.write() as connection:
        connection.execute(update(StatusListRow).values(document=older.document, version=older.version))
    assert source.stored_list(issuer, 0) == newest
    assert source.status_list(issuer, 0) == json.loads(newest.document)
    with registered.write() as connection:
        connection.execute(update(StatusListRow).values(document=older.document, version=newest.version + 1))
    assert source.stored_list(issuer, 0) == status_lists.StoredList(older.document, newest.version + 1)


def test_a_mirror_never_goes_back(registered: Database, tmp_path: Path) -> None:
    """Replace the copy of another institution's list by an older one, then by no list at all."""
    other = IssuerId(b"\x33" * 32)
    documents = [signed_list(other, set(range(count)), issued=NOW + count) for count in (1, 2)]
    folder = TrustFolder(tmp_path)
    source = node_documents(registered, folder)
    seen = []
    for content in (documents[0], documents[1], documents[0], {}):
        write_json(tmp_path / "status" / other.hex() / "0.json", content)
        seen.append(source.status_list(other, 0))
    assert seen == [documents[0], documents[1], documents[1], documents[1]]


class CountedFolder(TrustFolder):
    """A folder that counts how often a list is read."""

    reads: list[int]

    def status_list(self, issuer: IssuerId, list_number: int) -> object | None:
        self.reads.append(list_number)
        return super().status_list(issuer, list_number)


def test_a_mirrors_list_is_read_again_after_every_change_and_not_before(registered: Database, tmp_path: Path) -> None:
    """Replace a list, and write another one in place within one tick of the file system's clock."""
    other = IssuerId(b"\x33" * 32)
    folder, file = CountedFolder(tmp_path), tmp_path / "status" / other.hex() / "0.json"
    object.__setattr__(folder, "reads", [])
    source = node_documents(registered, folder)
    first, second, third = (signed_list(other, {count}, issued=NOW + count) for count in (1, 2, 3))
    write_json(file, first)
    an_hour_ago = file.stat().st_mtime_ns - 3_600 * 10**9
    os.utime(file, ns=(an_hour_ago, an_hour_ago))
    assert [source.status_list(other, 0) for _ in range(3)] == [first] * 3
    assert len(folder.reads) == 1
    write_json(file, second)
    tick = an_hour_ago + 7_200 * 10**9  # ahead of any clock: such a file may change within its tick
    os.utime(file, ns=(tick, tick))
    assert source.status_list(other, 0) == second
    file.write_text(json.dumps(third, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    os.utime(file, ns=(tick, tick))
    assert source.status_list(other, 0) == third
    file.unlink()
    assert source.status_list(other, 0) == third, "a list that was seen is not forgotten"


@pytest.mark.slow
def test_two_processes_never_roll_a_list_back(registered: Database, database_url: str, issuer: IssuerId) -> None:
    """Read a list that only grows, whichever of the two published last."""
    command = [sys.executable, "-m", "tests.node.publication.list_publisher", database_url, issuer.hex()]
    processes = [
        subprocess.Popen([*command, *map(str, positions_of(number))], cwd=ROOT, stdout=subprocess.PIPE)
        for number in range(2)
    ]
    seen: list[frozenset[int]] = [frozenset()]
    try:
        while any(process.poll() is None for process in processes):
            seen.append(published(registered, issuer))
        assert [process.wait(PATIENCE_SECONDS) for process in processes] == [0, 0]
    finally:
        for process in processes:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()
    seen.append(published(registered, issuer))
    assert all(before <= after for before, after in pairwise(seen))
    assert seen[-1] == {*positions_of(0), *positions_of(1)}
