"""Serve DID documents: `/1.0/identifiers/{did}` for any resolver client, and did:web documents under their own addresses.

The DID is read from the raw path, because a did:web's `%3A` is part of its name and must not be decoded. A DID URL
with a fragment is dereferenced to the verification method of that name. Keys are given as Multikey only. Errors have
the names that DID Resolution and the did:key method define.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import unquote

from acredita.anchoring.ledger import LedgerUnavailable
from acredita.node.http.dependencies import CurrentNode, Node
from acredita.node.http.problems import documented, not_found
from acredita.registry.keys.did import DidMethodRefused, DidRefused
from acredita.registry.keys.multikey import KeyKindRefused, KeyLengthRefused, KeyRefused
from acredita.registry.proofs.proof_options import ProofCheckUnavailable, ProofRefused
from acredita.registry.proofs.verification_methods import find_method
from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

RESOLVER = "/1.0/identifiers/"
DID_JSON = "application/did+ld+json"
RESULT = 'application/ld+json;profile="https://w3id.org/did-resolution"'
_BARE = ("application/did+ld+json", "application/did+json", "application/did")
_FRESH = {"Cache-Control": "public, no-cache"}  # a key that was ended is missing from the next answer
FORMAT: Final = "Multikey"
_RESOLUTION: Final = "didResolutionMetadata"
_DEREFERENCING: Final = "didDereferencingMetadata"
# did:key 3.1.3: forms that every resolver may be asked for, and those that are experimental.
_STABLE_FORMATS: Final = (FORMAT, "JsonWebKey2020", "Ed25519VerificationKey2020", "X25519KeyAgreementKey2020")
# RFC 3986 3.3-3.5: what may follow the DID in a DID URL (DID Core 3.2).
_TAIL: Final = re.compile(
    r"(?:/[\w.~!$&'()*+,;=:@%/-]*)?(?:\?[\w.~!$&'()*+,;=:@%/?-]*)?(?:#[\w.~!$&'()*+,;=:@%/?-]*)?", re.A
)
_FIRST_OF_TAIL: Final = re.compile(r"[/?#]")


router = APIRouter(tags=["identifiers"])


@router.get("/1.0/identifiers/{did:path}", summary="Resolve a DID", responses=documented(400, 404, 501))
def resolve(
    node: CurrentNode,
    request: Request,
    did: str,
    form: Annotated[str, Query(alias="publicKeyFormat", max_length=64)] = FORMAT,
) -> JSONResponse:
    """Resolve a did:key, or a did:web of this registry, as DID Resolution defines it.

    A DID URL with a fragment is dereferenced to that verification method.
    """
    name, tail = _split(raw_did(request.scope, did))
    if tail:
        return _dereferenced(node, name, tail, form)
    if form != FORMAT:
        return _result(None, "unsupportedPublicKeyType", 400)
    try:
        document = node.did_documents.resolve(name)
    except DidRefused as error:
        return _refused(error)
    if document is None:
        return _result(None, "notFound", 404)
    if request.headers.get("accept", "").split(";")[0].strip() in _BARE:
        return JSONResponse(document, headers=_FRESH, media_type=DID_JSON)
    return _result(document, None, 200)


@router.get("/.well-known/did.json", summary="Get the DID document of this host", responses=documented(404))
def of_host(node: CurrentNode, request: Request) -> JSONResponse:
    """Return the DID document of the did:web that is this host."""
    return _document_of(node, request, "")


@router.get("/{path:path}/did.json", responses=documented(404), include_in_schema=False)
def of_path(node: CurrentNode, request: Request, path: str) -> JSONResponse:
    """Return the DID document of a did:web with a path."""
    return _document_of(node, request, path)


def raw_did(scope: Any, decoded: str) -> str:
    """Return the DID as it was sent; it is percent-decoded once only if the client encoded its colons too."""
    raw = scope.get("raw_path", b"").decode("ascii", "replace").partition("?")[0]
    _, separator, name = raw.partition(RESOLVER)
    if not separator:
        return decoded
    # a fragment never reaches a server as such, so its sign is encoded even where the colons are not
    return name.replace("%23", "#") if name.startswith("did:") else unquote(name)


def _split(name: str) -> tuple[str, str]:
    """Split a DID URL into the DID and the rest."""
    tail = _FIRST_OF_TAIL.search(name)
    return (name, "") if tail is None else (name[: tail.start()], name[tail.start() :])


def _dereferenced(node: Node, did: str, tail: str, form: str) -> JSONResponse:
    if not _TAIL.fullmatch(tail):
        return _result(None, "invalidDidUrl", 400, _DEREFERENCING)
    if form != FORMAT:
        code = "unsupportedPublicKeyType" if form in _STABLE_FORMATS else "invalidPublicKeyType"
        return _result(None, code, 400, _DEREFERENCING)
    try:
        document = node.did_documents.resolve(did)
    except DidRefused as error:
        return _refused(error, _DEREFERENCING)
    try:
        named = find_method(document, did, did + tail) if isinstance(document, Mapping) else None
    except (ProofRefused, ProofCheckUnavailable):
        named = None
    if named is None:
        return _result(None, "notFound", 404, _DEREFERENCING)
    return _result(named, None, 200, _DEREFERENCING)


def _refused(error: DidRefused, metadata: str = _RESOLUTION) -> JSONResponse:
    """Answer a DID that is not resolved here: 501 for another method (DID Resolution, HTTP binding), else 400."""
    return _result(None, _fault(error), 501 if isinstance(error, DidMethodRefused) else 400, metadata)


def _fault(error: DidRefused) -> str:
    """Name the fault as DID Resolution and did:key 3.1.3 do: of the method, of the key, or of the DID."""
    if isinstance(error, DidMethodRefused):
        return "methodNotSupported"
    match error.__cause__:
        case KeyKindRefused():
            return "unsupportedPublicKeyType"
        case KeyLengthRefused():
            return "invalidPublicKeyLength"
        case KeyRefused():
            return "invalidPublicKey"
        case _:
            return "invalidDid"


def _document_of(node: Node, request: Request, path: str) -> JSONResponse:
    """Return the document of the requested address, under the node's own host or under the host of the request."""
    for host in (node.host, request.headers.get("host", "")):
        document = _resolved(node, host, path)
        if document is not None:
            return JSONResponse(document, headers=_FRESH | {"Vary": "Host"}, media_type=DID_JSON)
    raise not_found("no DID document of that name")


def _resolved(node: Node, host: str, path: str) -> object | None:
    """Resolve the did:web of an address (did:web 3.2): its port escaped, then the path with colons for slashes."""
    did = ":".join(["did:web", host.replace(":", "%3A"), *(path.split("/") if path else [])])
    try:
        return node.did_documents.resolve(did)
    except (DidRefused, LedgerUnavailable):
        return None


def _result(document: object | None, error: str | None, status: int, metadata: str = _RESOLUTION) -> JSONResponse:
    """Return the answer of DID Resolution; a missing document is an empty object, as resolvers of did:key have it."""
    result_metadata: dict[str, Any] = {"error": error} if error else {"contentType": DID_JSON}
    body = {
        "@context": "https://w3id.org/did-resolution/v1",
        "didDocument": {} if document is None else document,
        metadata: result_metadata,
        "didDocumentMetadata": {},
    }
    return JSONResponse(body, status, headers=_FRESH if document else {"Cache-Control": "no-store"}, media_type=RESULT)
