"""Access tokens: 32 random bytes shown once, kept as their SHA-256, good for named rights of one institution.

A token of no institution is the node's own and good for every one. Nothing about a token but its label is ever told
again. Looking one up by its hash tells no timing about another: whoever guesses does not choose the hash.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from acredita.anchoring.types import IssuerId
from acredita.node.storage.models import AccessToken
from acredita.node.storage.trail import OPERATOR, Action, record
from sqlalchemy import Connection, insert, select, update

TOKEN_BYTES: Final = 32
PREFIX: Final = "acr_"  # so that a leaked token is recognised by who scans for one
MAX_LABEL_CHARACTERS: Final = 64
_TOKEN_CHARACTERS: Final = len(PREFIX) + 43


class Right(StrEnum):
    """What a token may be good for."""

    ISSUE = "issue"
    REVOKE = "revoke"
    ANCHOR = "anchor"
    REGISTRY = "registry"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Access:
    """What the bearer of a token may do; `issuer` None: for every institution of the node."""

    label: str
    issuer: IssuerId | None
    rights: frozenset[Right]

    @property
    def actor(self) -> str:
        """What the trail says of who acts by this token."""
        return f"token:{self.label}"

    def allows(self, right: Right, issuer: IssuerId | None) -> bool:
        """Whether this right covers an institution; `issuer` None asks for the whole node."""
        return right in self.rights and self.issuer in (None, issuer)


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
    """A new token, stored by its hash; what is returned is the only copy. Times in Unix seconds."""
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
    record(connection, issuer, actor, Action.TOKEN_MADE, now=now, rights=" ".join(sorted(granted)))
    return token


def find_access(connection: Connection, token: str, now: int) -> Access | None:
    """What a presented token allows; None for one that is unknown, expired or revoked."""
    if len(token) != _TOKEN_CHARACTERS or not token.startswith(PREFIX):
        return None
    wanted = _hash(token)
    row = connection.execute(
        select(
            AccessToken.token_hash,
            AccessToken.label,
            AccessToken.issuer,
            AccessToken.rights,
            AccessToken.expires_at,
            AccessToken.revoked_at,
        ).where(AccessToken.token_hash == wanted)
    ).one_or_none()
    if row is None or not hmac.compare_digest(row.token_hash, wanted):
        return None
    if row.revoked_at is not None or (row.expires_at is not None and now >= row.expires_at):
        return None
    issuer = None if row.issuer is None else IssuerId(row.issuer)
    return Access(row.label, issuer, frozenset(Right(right) for right in row.rights.split()))


def revoke_token(connection: Connection, label: str, now: int, actor: str = OPERATOR) -> int:
    """Ends every token of this label; how many were still good."""
    ended = connection.execute(
        update(AccessToken).where(AccessToken.label == label, AccessToken.revoked_at.is_(None)).values(revoked_at=now)
    )
    if ended.rowcount:
        record(connection, None, actor, Action.TOKEN_ENDED, now=now, count=ended.rowcount)
    return ended.rowcount


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
