"""Who may write: a bearer token with a right for the institution it is about to write for.

401: no token, or none that is known and in force. 403: a good one without this right, or for another institution. What a
token is called stands in the log of writes; the token itself nowhere.
"""

from dataclasses import dataclass

from acredita.anchoring.types import IssuerId
from acredita.node.http.dependencies import Node
from acredita.node.http.problems import Problem
from acredita.node.storage.access_tokens import Access, Right, find_access
from fastapi import Request, Security
from fastapi.security import HTTPBearer

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="acredita"'}
_SCHEME = "bearer "

# Documents that an operation takes a token; what is let through is the gate's to say.
TOKEN = [Security(HTTPBearer(scheme_name="token", description="a token of this node", auto_error=False))]


@dataclass(frozen=True)
class Gate:
    """Lets requests through by their token."""

    node: Node

    def demand(self, request: Request, right: Right, issuer: IssuerId | None) -> Access:
        """The bearer's access where it covers the right; `issuer` None asks for the whole node."""
        access = self.known(request)
        if access is None:
            raise Problem(401, "TOKEN_MISSING", "a bearer token expected", headers=_CHALLENGE)
        if not access.allows(right, issuer):
            raise Problem(403, "RIGHT_MISSING", f"this token does not carry the right {right.value} here")
        return access

    def known(self, request: Request) -> Access | None:
        """None where no token is presented; a problem where one is that is not good."""
        header = request.headers.get("authorization")
        if header is None:
            return None
        token = header[len(_SCHEME) :].strip() if header.lower().startswith(_SCHEME) else ""
        with self.node.parts.database.read() as connection:
            access = find_access(connection, token, self.node.parts.clock())
        if access is None:
            challenge = {"WWW-Authenticate": 'Bearer realm="acredita", error="invalid_token"'}
            raise Problem(401, "TOKEN_UNKNOWN", "the token is unknown, expired or revoked", headers=challenge)
        return access
