"""Check bearer tokens: a write needs a token with a right, for the institution it writes for.

401: no token was presented, or the presented one is unknown, expired or revoked. 403: the token lacks the right, or it is
another institution's. The trail records the token's label; the token itself is recorded nowhere.

A route states its right in the signature of its handler: `access: Annotated[Access, Depends(require(Right.ANCHOR))]`.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

from acredita.anchoring.types import IssuerId
from acredita.node.http.dependencies import CurrentNode, Node
from acredita.node.http.problems import RequestRefused
from acredita.node.http.request_bodies import Hex64, issuer_of
from acredita.node.storage.access_tokens import Access, find_access
from acredita.node.storage.rights import Right
from acredita.registry.codes import Code
from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="acredita"'}
_SCHEME = "bearer "

# For the OpenAPI document only: the header is read here, because a malformed one is a problem of its own.
Token = Annotated[
    object, Security(HTTPBearer(scheme_name="token", description="a token of this node", auto_error=False))
]


def read_access(request: Request, node: Node) -> Access | None:
    """Return the access of the request's token, or None if no token is presented. Raises 401 for a token not in force."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    token = header[len(_SCHEME) :].strip() if header.lower().startswith(_SCHEME) else ""
    with node.database.read() as connection:
        access = find_access(connection, token, node.clock())
    if access is None:
        challenge = {"WWW-Authenticate": 'Bearer realm="acredita", error="invalid_token"'}
        raise RequestRefused(401, Code.TOKEN_UNKNOWN, "the token is unknown, expired or revoked", headers=challenge)
    return access


def check_presented(access: Access | None) -> Access:
    """Return the access; raises 401 if no token was presented."""
    if access is None:
        raise RequestRefused(401, Code.TOKEN_MISSING, "a bearer token expected", headers=_CHALLENGE)
    return access


def check_right(access: Access, right: Right, issuer: IssuerId | None) -> Access:
    """Return the access if it covers the right for this institution; `issuer` None: for the whole node. Raises 403."""
    if not access.allows(right, issuer):
        raise _right_missing(right)
    return access


@dataclass(frozen=True)
class Carries:
    """Dependency: the token carries a right, for whichever institution. Raises 401 or 403.

    A synchronous call, so that storage is read in a thread. `_token` puts the token into the OpenAPI document.
    """

    right: Right

    def __call__(self, request: Request, node: CurrentNode, _token: Token) -> Access:
        access = check_presented(read_access(request, node))
        if self.right not in access.rights:
            raise _right_missing(self.right)
        return access


async def issuer_in_path(issuer: Hex64) -> IssuerId:
    """Return the institution that the path names."""
    return issuer_of(issuer)


def require(
    right: Right, institution: Callable[..., Any] = issuer_in_path
) -> Callable[..., Coroutine[Any, Any, Access]]:
    """Return a dependency that gives the token's access and raises 401 or 403 if it does not cover `right`.

    `institution`: a dependency that finds the institution written for: its IssuerId, or None for the whole node. It runs
    only for a token that carries the right for some institution.
    """

    async def covering(
        access: Annotated[Access, Depends(Carries(right))],
        issuer: Annotated[IssuerId | None, Depends(institution)],
    ) -> Access:
        return check_right(access, right, issuer)

    return covering


def _right_missing(right: Right) -> RequestRefused:
    return RequestRefused(403, Code.RIGHT_MISSING, f"this token does not carry the right {right.value} here")
