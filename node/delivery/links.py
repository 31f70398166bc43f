"""Make links to a delivery: each opens once, for one credential, within some days.

The token of a link is 32 random bytes; only its SHA-256 is stored. Looking at a link changes nothing; taking the parcel
ends the link.
"""

import base64
import hashlib
from collections.abc import Callable
from typing import Final

from acredita.anchoring.types import Digest, IssuerId
from acredita.node.delivery.link_days import MAX_DAYS
from acredita.node.storage.models import Delivery
from acredita.node.storage.trail import HOLDER, OPERATOR, Action, record
from sqlalchemy import Connection, delete, insert, select

TOKEN_BYTES: Final = 32
TOKEN_CHARACTERS: Final = 43  # base64url without padding
_DAY_SECONDS: Final = 86_400


def create_link(
    connection: Connection,
    issuer: IssuerId,
    digest: Digest,
    *,
    now: int,
    days: int,
    random: Callable[[int], bytes],
    actor: str = OPERATOR,
) -> str:
    """Return the only copy of a token for one delivery, valid for so many days. Removes links whose days are over."""
    if not 1 <= days <= MAX_DAYS:
        raise ValueError(f"1 to {MAX_DAYS} days expected")
    token = base64.urlsafe_b64encode(random(TOKEN_BYTES)).rstrip(b"=").decode("ascii")
    connection.execute(delete(Delivery).where(Delivery.expires_at <= now))
    expires = now + days * _DAY_SECONDS
    connection.execute(
        insert(Delivery).values(token_hash=_hash(token), issuer=issuer, digest=digest, expires_at=expires)
    )
    record(connection, issuer, actor, Action.LINK_MADE, now=now, days=days)
    return token


def find_link(connection: Connection, token: str, now: int) -> tuple[IssuerId, Digest] | None:
    """Return issuer and credential of a link. Returns None for a token that is unknown, used or expired."""
    if len(token) != TOKEN_CHARACTERS:
        return None
    row = connection.execute(
        select(Delivery.issuer, Delivery.digest).where(Delivery.token_hash == _hash(token), Delivery.expires_at > now)
    ).one_or_none()
    return None if row is None else (IssuerId(row.issuer), Digest(row.digest))


def use_link(connection: Connection, token: str, *, now: int) -> bool:
    """End a link in the caller's transaction. Returns True to only one of two who take it at once."""
    ended = delete(Delivery).where(Delivery.token_hash == _hash(token)).returning(Delivery.issuer)
    issuer = connection.execute(ended).scalar_one_or_none()
    if issuer is not None:
        record(connection, IssuerId(issuer), HOLDER, Action.LINK_OPENED, now=now)
    return issuer is not None


def link_address(base: str, token: str) -> str:
    """Return the address of a link."""
    return f"{base.rstrip('/')}/entrega/{token}"


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
