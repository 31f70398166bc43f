"""Tokens: kept as hashes, good for named rights of one institution, until they end."""

import secrets

import pytest
from acredita.anchoring.types import IssuerId
from acredita.node.storage.access_tokens import (
    create_token,
    find_access,
    find_token,
    list_tokens,
    revoke_token,
    token_id,
)
from acredita.node.storage.database import Database
from acredita.node.storage.models import AccessToken
from acredita.node.storage.rights import Right
from sqlalchemy import select, update

NOW = 1_767_225_600
OTHER = IssuerId(b"\x22" * 32)


def make(database: Database, *rights: Right, issuer: IssuerId | None, expires: int | None = None) -> str:
    with database.write() as connection:
        return create_token(
            connection,
            label="registro escolar",
            rights=rights,
            issuer=issuer,
            now=NOW,
            expires=expires,
            random=secrets.token_bytes,
        )


def test_a_token_is_found_by_what_was_shown_once(database: Database, issuer: IssuerId) -> None:
    token = make(database, Right.ISSUE, Right.REVOKE, issuer=issuer)
    with database.read() as connection:
        access = find_access(connection, token, NOW)
        [row] = connection.execute(select(AccessToken.__table__)).all()
    assert access is not None
    assert access.rights == {Right.ISSUE, Right.REVOKE}
    assert (access.issuer, access.label) == (issuer, "registro escolar")
    assert token not in str(row)
    assert token.removeprefix("acr_").encode() not in row.token_hash


def test_rights_hold_for_their_institution_alone(database: Database, issuer: IssuerId) -> None:
    token, everywhere = make(database, Right.ISSUE, issuer=issuer), make(database, Right.ANCHOR, issuer=None)
    with database.read() as connection:
        own, node = find_access(connection, token, NOW), find_access(connection, everywhere, NOW)
    assert own is not None
    assert node is not None
    assert own.allows(Right.ISSUE, issuer)
    assert not own.allows(Right.ISSUE, OTHER)
    assert not own.allows(Right.ISSUE, None)
    assert not own.allows(Right.REVOKE, issuer)
    assert node.allows(Right.ANCHOR, issuer)
    assert node.allows(Right.ANCHOR, None)
    assert not node.allows(Right.ISSUE, issuer)


def test_a_token_ends(database: Database, issuer: IssuerId) -> None:
    token = make(database, Right.ISSUE, issuer=issuer, expires=NOW + 60)
    with database.read() as connection:
        assert find_access(connection, token, NOW + 59) is not None
        assert find_access(connection, token, NOW + 60) is None
    with database.write() as connection:
        assert revoke_token(connection, token_id(token), NOW)
        assert not revoke_token(connection, token_id(token), NOW + 1)
    with database.read() as connection:
        assert find_access(connection, token, NOW) is None
        assert [stored.revoked_at for stored in list_tokens(connection, issuer)] == [NOW]


def test_revoking_by_id_ends_one_token_of_a_label(database: Database, issuer: IssuerId) -> None:
    first, second = make(database, Right.ISSUE, issuer=issuer), make(database, Right.ISSUE, issuer=issuer)
    with database.write() as connection:
        assert revoke_token(connection, token_id(first), NOW)
    with database.read() as connection:
        assert find_access(connection, first, NOW) is None
        assert find_access(connection, second, NOW) is not None


@pytest.mark.parametrize("identifier", ["", "0" * 16, "0" * 15, "%", "Z" * 16, "0" * 64])
def test_no_token_has_an_id_that_was_not_shown(database: Database, issuer: IssuerId, identifier: str) -> None:
    make(database, Right.ISSUE, issuer=issuer)
    with database.write() as connection:
        assert find_token(connection, identifier) is None
        assert not revoke_token(connection, identifier, NOW)


def test_a_list_shows_state_and_id_and_no_token(database: Database, issuer: IssuerId) -> None:
    own, node = make(database, Right.ISSUE, issuer=issuer, expires=NOW), make(database, Right.ADMIN, issuer=None)
    with database.read() as connection:
        of_issuer, every = list_tokens(connection, issuer), list_tokens(connection, None)
        assert find_token(connection, token_id(own)) == of_issuer[0]
    assert [stored.id for stored in of_issuer] == [token_id(own)]
    assert {stored.id for stored in every} == {token_id(own), token_id(node)}
    assert (of_issuer[0].state(NOW - 1), of_issuer[0].state(NOW)) == ("in_force", "expired")
    assert own not in str(every)
    assert of_issuer[0].document(NOW) == {
        "id": token_id(own),
        "label": "registro escolar",
        "issuer": "0x" + issuer.hex(),
        "rights": ["issue"],
        "state": "expired",
        "created": "2026-01-01T00:00:00Z",
        "expires": "2026-01-01T00:00:00Z",
        "revoked": None,
    }


def test_a_right_of_an_earlier_version_allows_nothing(database: Database, issuer: IssuerId) -> None:
    token = make(database, Right.ISSUE, issuer=issuer)
    with database.write() as connection:
        connection.execute(update(AccessToken).values(rights="issue registry"))
    with database.read() as connection:
        access = find_access(connection, token, NOW)
    assert access is not None
    assert access.rights == {Right.ISSUE}


@pytest.mark.parametrize("token", ["", "acr_", "x" * 47, "acr_" + "A" * 43, "acr_" + "\udcff" * 43])
def test_what_nobody_was_given_is_unknown(database: Database, issuer: IssuerId, token: str) -> None:
    make(database, Right.ISSUE, issuer=issuer)
    with database.read() as connection:
        assert find_access(connection, token, NOW) is None


def test_a_token_has_a_right_and_a_label(database: Database, issuer: IssuerId) -> None:
    with pytest.raises(ValueError), database.write() as connection:
        create_token(connection, label="x", rights=[], issuer=issuer, now=NOW, expires=None, random=secrets.token_bytes)
    with pytest.raises(ValueError), database.write() as connection:
        create_token(
            connection, label="", rights=[Right.ISSUE], issuer=issuer, now=NOW, expires=None, random=secrets.token_bytes
        )
