"""Queueing exactly once, and the order in which things leave the queue."""

import pytest
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.types import Digest, IssuerId
from acredita.node.storage.database import Database, StorageUnavailable
from acredita.node.storage.queue import (
    Backlog,
    Enqueued,
    IdempotencyKeyRefused,
    backlog,
    digest_status,
    enqueue_issued,
    enqueue_status,
    item_status,
    take_queued,
)
from acredita.node.storage.queue_states import mark_appended
from acredita.node.storage.refused import refuse_queued
from sqlalchemy import text

PROGRAMME = Digest(b"\x77" * 32)


def _digest(number: int) -> Digest:
    return Digest(number.to_bytes(32, "big"))


def _issue(database: Database, issuer: IssuerId, number: int, key: str | None = None) -> Enqueued:
    with database.write() as connection:
        return enqueue_issued(
            connection, issuer, _digest(number), PROGRAMME, key=key or f"k{number}", now=1000 + number
        )


def test_the_same_request_twice_is_one_item(database: Database, issuer: IssuerId) -> None:
    first, second = _issue(database, issuer, 1), _issue(database, issuer, 1)
    assert first.fresh
    assert second == Enqueued(first.item, fresh=False)


def test_a_digest_is_issued_once_whatever_the_key(database: Database, issuer: IssuerId) -> None:
    first = _issue(database, issuer, 1, key="one")
    assert _issue(database, issuer, 1, key="two") == Enqueued(first.item, fresh=False)


def test_a_key_used_for_something_else_is_a_conflict(database: Database, issuer: IssuerId) -> None:
    _issue(database, issuer, 1, key="one")
    with pytest.raises(IdempotencyKeyRefused):
        _issue(database, issuer, 2, key="one")
    with pytest.raises(IdempotencyKeyRefused), database.write() as connection:
        enqueue_status(connection, issuer, EntryKind.REVOKED, 5, key="one", now=1)


def test_two_institutions_share_neither_keys_nor_digests(database: Database, issuer: IssuerId) -> None:
    assert _issue(database, issuer, 1).fresh
    assert _issue(database, IssuerId(b"\x22" * 32), 1).fresh


@pytest.mark.parametrize("key", ["", "k" * 129])
def test_a_key_has_a_length(database: Database, issuer: IssuerId, key: str) -> None:
    with pytest.raises(ValueError, match="idempotency key"), database.write() as connection:
        enqueue_issued(connection, issuer, _digest(1), PROGRAMME, key=key, now=1)


def test_status_changes_leave_first_and_in_order(database: Database, issuer: IssuerId) -> None:
    for number in range(3):
        _issue(database, issuer, number)
    with database.write() as connection:
        enqueue_status(connection, issuer, EntryKind.SUSPENDED, 9, key="s", now=1)
        enqueue_status(connection, issuer, EntryKind.REINSTATED, 9, key="r", now=2)
    with database.read() as connection:
        kinds = [item.entry.kind for item in take_queued(connection, issuer, 4)]
    assert kinds == [EntryKind.SUSPENDED, EntryKind.REINSTATED, EntryKind.ISSUED, EntryKind.ISSUED]


def test_the_backlog_tells_how_much_and_since_when(database: Database, issuer: IssuerId) -> None:
    _issue(database, issuer, 5)
    _issue(database, issuer, 6)
    with database.read() as connection:
        assert backlog(connection, issuer) == Backlog(2, 0, 1005, None)
        assert backlog(connection, IssuerId(b"\x22" * 32)) == Backlog(0, 0, None, None)


def test_an_item_is_found_by_key_and_by_digest(database: Database, issuer: IssuerId) -> None:
    _issue(database, issuer, 7)
    with database.read() as connection:
        by_key, by_digest = (
            item_status(connection, issuer, "k7"),
            digest_status(connection, issuer, _digest(7)),
        )
        assert by_key == by_digest
        assert by_key is not None
        assert by_key.state == "queued"
        assert item_status(connection, issuer, "k8") is None


def test_what_a_batch_is_taking_is_nobody_elses_until_it_is_taken(database: Database, issuer: IssuerId) -> None:
    """Refuse or forget nothing in between: an excluded entry would be in the log."""
    _issue(database, issuer, 1)
    url = database.engine.url.update_query_dict({"timeout": "0.05"}) if database.is_sqlite else database.engine.url
    other = Database.open(url.render_as_string(hide_password=False))
    try:
        with database.write() as connection:
            items = take_queued(connection, issuer, 4)
            with pytest.raises(StorageUnavailable):
                _refuse(other, issuer)
            mark_appended(connection, issuer, 1, {item.id: 1 for item in items})
        assert _refuse(other, issuer) == 0
    finally:
        other.close()


def _refuse(database: Database, issuer: IssuerId) -> int:
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(text("SET LOCAL lock_timeout = '50ms'"))
        return refuse_queued(connection, issuer, code="KEY_COMPROMISED", reason="")
