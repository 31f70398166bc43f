"""Published status lists under several publishers at once: every bit stays, the first list included."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from acredita.anchoring.entries import EntryKind, status_change
from acredita.anchoring.status_bits import StatusBits
from acredita.anchoring.types import IssuerId
from acredita.node.storage import credentials, institutions
from acredita.node.storage.database import Database
from acredita.registry.credentials.status_list import parse_status_list

from tests.node.publication.list_publisher import list_publisher
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
        stored = credentials.published_list(connection, issuer, 0)
    bits = b"" if stored is None else parse_status_list(json.loads(stored)).bits
    return frozenset(8 * at + bit for at, byte in enumerate(bits) if byte for bit in range(8) if byte & (0x80 >> bit))


def revoked(*positions: int) -> StatusBits:
    bits = StatusBits()
    bits.replay(status_change(EntryKind.REVOKED, position) for position in positions)
    return bits


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
