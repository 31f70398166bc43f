"""DID documents: `/1.0/identifiers/{did}` for any resolver client, and did:web documents under their own addresses.

The DID is read from the raw path, because a did:web's `%3A` is part of its name and must not be decoded on the way.
"""

from typing import Any
from urllib.parse import unquote

from acredita.anchoring.ledger import LedgerUnreachable
from acredita.node.http.parts import Node
from acredita.node.http.problems import documented, not_found
from acredita.registry.did import DidError
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

RESOLVER = "/1.0/identifiers/"
DID_JSON = "application/did+ld+json"
RESULT = 'application/ld+json;profile="https://w3id.org/did-resolution"'
_BARE = ("application/did+ld+json", "application/did+json", "application/did")
_SHORT = {"Cache-Control": "public, max-age=60"}


def routes(node: Node) -> APIRouter:
    router = APIRouter(tags=["identifiers"])

    @router.get("/1.0/identifiers/{did:path}", responses=documented(400, 404))
    def resolve(request: Request, did: str) -> JSONResponse:
        """Resolve a did:key, or a did:web of the registry (DID Resolution)."""
        name = raw_did(request.scope, did)
        try:
            document = node.documents.resolve(name)
        except DidError:
            return _result(None, "invalidDid", 400)
        if document is None:
            return _result(None, "notFound", 404)
        if request.headers.get("accept", "").split(";")[0].strip() in _BARE:
            return JSONResponse(document, headers=_SHORT, media_type=DID_JSON)
        return _result(document, None, 200)

    @router.get("/.well-known/did.json", responses=documented(404))
    def of_host(request: Request) -> JSONResponse:
        """The document of the did:web that is this host."""
        return _own(node, request, "")

    @router.get("/{path:path}/did.json", responses=documented(404), include_in_schema=False)
    def of_path(request: Request, path: str) -> JSONResponse:
        return _own(node, request, path)

    return router


def raw_did(scope: Any, decoded: str) -> str:
    """The DID as it was sent: percent-decoded once only where the client encoded its colons too."""
    raw = scope.get("raw_path", b"").decode("ascii", "replace").partition("?")[0]
    _, found, name = raw.partition(RESOLVER)
    if not found:
        return decoded
    return name if name.startswith("did:") else unquote(name)


def _own(node: Node, request: Request, path: str) -> JSONResponse:
    """The document of the address that was asked: the node's own host, or another that is passed on to it."""
    for host in (node.host, request.headers.get("host", "")):
        document = _at(node, host, path)
        if document is not None:
            return JSONResponse(document, headers=_SHORT | {"Vary": "Host"}, media_type=DID_JSON)
    raise not_found("no DID document of that name")


def _at(node: Node, host: str, path: str) -> object | None:
    """did:web 3.2: the host with its port escaped, then the path with colons for slashes."""
    did = ":".join(["did:web", host.replace(":", "%3A"), *(path.split("/") if path else [])])
    try:
        return node.documents.resolve(did)
    except (DidError, LedgerUnreachable):
        return None


def _result(document: object | None, error: str | None, status: int) -> JSONResponse:
    metadata: dict[str, Any] = {"error": error} if error else {"contentType": DID_JSON}
    body = {
        "@context": "https://w3id.org/did-resolution/v1",
        "didDocument": document,
        "didResolutionMetadata": metadata,
        "didDocumentMetadata": {},
    }
    return JSONResponse(body, status, headers=_SHORT if document else {"Cache-Control": "no-store"}, media_type=RESULT)
