"""Create, find, list and revoke access tokens: 32 random bytes, shown once and stored as their SHA-256.

A token carries rights for one institution, or for the whole node. Every request looks its token up, so a revoked one is
refused from the next request on, in every process. The id of a token is the beginning of its hash: it may be shown,
because it cannot be turned into the token. A lookup by hash leaks no timing, because an attacker cannot choose the hash.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import IssuerId, to_hex
from acredita.node.storage.models import AccessToken
from acredita.node.storage.rights import Right
from acredita.node.storage.trail import OPERATOR, Action, record
from sqlalchemy import ColumnElement, Connection, false, insert, select, update

TOKEN_BYTES: Final = 32
PREFIX: Final = "acr_"  # by which scanners for leaked secrets recognise a token
ID_BYTES: Final = 8
MAX_LABEL_CHARACTERS: Final = 64
_TOKEN_CHARACTERS: Final = len(PREFIX) + 43
_ID: Final = re.compile(rf"[0-9a-f]{{{2 * ID_BYTES}}}")


@dataclass(frozen=True, slots=True)
class Access:
    """The rights of a token in force. `issuer` None: for every institution of the node."""

    label: str
    issuer: IssuerId | None
    rights: frozenset[Right]

    @property
    def actor(self) -> str:
        """Name this token in the trail."""
        return f"token:{self.label}"

    def allows(self, right: Right, issuer: IssuerId | None) -> bool:
        """Return whether this right covers an institution; `issuer` None asks for the whole node."""
        return right in self.rights and self.issuer in (None, issuer)


@dataclass(frozen=True, slots=True)
class StoredToken:
    """Everything that is stored of a token but its hash. Times in Unix seconds."""

    id: str
    label: str
    issuer: IssuerId | None
    rights: frozenset[Right]
    created_at: int
    expires_at: int | None
    revoked_at: int | None

    def state(self, now: int) -> str:
        """Return `revoked`, `expired` or `in_force`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and now >= self.expires_at else "in_force"

    def document(self, now: int) -> dict[str, object]:
        """Return the JSON form for commands and routes."""
        return {
            "id": self.id,
            "label": self.label,
            "issuer": None if self.issuer is None else to_hex(self.issuer),
            "rights": sorted(self.rights),
            "state": self.state(now),
            "created": time_text(self.created_at),
            "expires": None if self.expires_at is None else time_text(self.expires_at),
            "revoked": None if self.revoked_at is None else time_text(self.revoked_at),
        }


def create_token(
    connection: Connection,
    *,
    label: str,
    rights: Iterable[Right],
    issuer: IssuerId | None,
    now: int,
    expires: int | None,
    random: Callable[[int], bytes],
    actor: str = OPERATOR,
) -> str:
    """Store a new token by its hash and return it; no other copy exists. Times in Unix seconds."""
    granted = frozenset(rights)
    if not granted or not 0 < len(label) <= MAX_LABEL_CHARACTERS:
        raise ValueError(f"a token has a right, and a label of at most {MAX_LABEL_CHARACTERS} characters")
    token = PREFIX + base64.urlsafe_b64encode(random(TOKEN_BYTES)).rstrip(b"=").decode("ascii")
    connection.execute(
        insert(AccessToken).values(
            token_hash=_hash(token),
            label=label,
            issuer=issuer,
            rights=" ".join(sorted(granted)),
            created_at=now,
            expires_at=expires,
        )
    )
    record(
        connection, issuer, actor, Action.TOKEN_MADE, now=now, token=token_id(token), rights=" ".join(sorted(granted))
    )
    return token


def token_id(token: str) -> str:
    """Return the id of a token: 16 hex digits, safe to show."""
    return _hash(token)[:ID_BYTES].hex()


def find_access(connection: Connection, token: str, now: int) -> Access | None:
    """Return the access of a presented token; None for one that is unknown, expired or revoked."""
    if len(token) != _TOKEN_CHARACTERS or not token.startswith(PREFIX):
        return None
    wanted = _hash(token)
    row = connection.execute(_STORED.where(AccessToken.token_hash == wanted)).one_or_none()
    if row is None or not hmac.compare_digest(row.token_hash, wanted):
        return None
    stored = _stored(row)
    return Access(stored.label, stored.issuer, stored.rights) if stored.state(now) == "in_force" else None


def list_tokens(connection: Connection, issuer: IssuerId | None) -> list[StoredToken]:
    """Return the tokens of one institution, or all with `issuer` None: in force, expired and revoked, oldest first."""
    query = _STORED.order_by(AccessToken.created_at, AccessToken.token_hash)
    if issuer is not None:
        query = query.where(AccessToken.issuer == issuer)
    return [_stored(row) for row in connection.execute(query)]


def find_token(connection: Connection, identifier: str) -> StoredToken | None:
    """Return the stored token of an id, or None."""
    row = connection.execute(_STORED.where(_has_id(identifier))).first()
    return None if row is None else _stored(row)


def revoke_token(connection: Connection, identifier: str, now: int, actor: str = OPERATOR) -> bool:
    """Revoke the token of an id. Return False if it is unknown, or was revoked before: then nothing changes."""
    stored = find_token(connection, identifier)
    if stored is None:
        return False
    revocation = update(AccessToken).where(_has_id(identifier), AccessToken.revoked_at.is_(None)).values(revoked_at=now)
    if not connection.execute(revocation).rowcount:
        return False
    record(connection, stored.issuer, actor, Action.TOKEN_ENDED, now=now, token=stored.id)
    return True


_STORED: Final = select(
    AccessToken.token_hash,
    AccessToken.label,
    AccessToken.issuer,
    AccessToken.rights,
    AccessToken.created_at,
    AccessToken.expires_at,
    AccessToken.revoked_at,
)


def _stored(row: Any) -> StoredToken:
    words = row.rights.split()
    return StoredToken(
        id=row.token_hash[:ID_BYTES].hex(),
        label=row.label,
        issuer=None if row.issuer is None else IssuerId(row.issuer),
        # A word that is no right any more (`registry` was one) allows nothing.
        rights=frozenset(right for right in Right if right in words),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def _has_id(identifier: str) -> ColumnElement[bool]:
    """Return the condition that a hash begins with an id, in a form that uses the primary key."""
    if not _ID.fullmatch(identifier):
        return false()
    first = bytes.fromhex(identifier)
    rest = hashlib.sha256().digest_size - ID_BYTES
    return AccessToken.token_hash.between(first + b"\x00" * rest, first + b"\xff" * rest)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
