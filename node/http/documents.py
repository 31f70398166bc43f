"""Take and give out documents by the SHA-256 of their bytes.

No token is needed to send one: the ledger's records decide which are taken (`document_store`). They decide before the body
is read. A document is served as an attachment in a sandbox, because its content is anybody's.
"""

from typing import Annotated, Final

from acredita.node.http.address_rate import within_rate
from acredita.node.http.bearer_tokens import read_access
from acredita.node.http.dependencies import CurrentNode
from acredita.node.http.problems import documented, not_found
from acredita.node.http.registry import observed
from acredita.node.http.request_bodies import Hex64, digest_of, read_at_most
from acredita.node.http.revalidation import content_unless_known
from acredita.node.publication.document_store import DocumentPermit
from acredita.node.storage.rights import Right
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.named_documents import MAX_DOCUMENT_BYTES
from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import JSONResponse

ASKED_AGAIN: Final = "public, no-cache"  # a document may be withheld later
NOT_SHARED: Final = "private, no-store"
SANDBOX: Final = "default-src 'none'; sandbox"
_EXTENSIONS: Final = {"application/json": "json", "application/pdf": "pdf"}

router = APIRouter(tags=["documents"])
IfNoneMatch = Annotated[str, Header()]


def permit_of(digest: Hex64, node: CurrentNode) -> DocumentPermit:
    """Return the permission to send a document, from the ledger's records. Raises 403, 451, 503."""
    return node.document_store.permit(observed(node), digest_of(digest))


async def document_bytes(request: Request, permit: Annotated[DocumentPermit, Depends(permit_of)]) -> bytes:
    """Read the body of a permitted document; raises 408, 413."""
    return await read_at_most(request, MAX_DOCUMENT_BYTES, Code.DOCUMENT_SIZE)


@router.put(
    "/v1/documents/{digest}",
    summary="Send a document",
    responses=documented(400, 403, 408, 409, 413, 422, 429, 451, 503),
    dependencies=[Depends(within_rate)],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def put_document(
    node: CurrentNode,
    digest: Hex64,
    permit: Annotated[DocumentPermit, Depends(permit_of)],
    content: Annotated[bytes, Depends(document_bytes)],
) -> JSONResponse:
    """Store a document that a record of the ledger names. JSON is sent in its JCS form.

    The answer is 201 for a new document and 200 for a known one. `public` is false while only applicants name it.
    """
    is_new = node.document_store.store(permit, content)
    return JSONResponse({"sha256": digest, "new": is_new, "public": permit.is_public}, 201 if is_new else 200)


@router.get(
    "/v1/documents/{digest}",
    summary="Get a document by digest",
    responses=documented(400, 401, 404, 429, 451, 503),
    dependencies=[Depends(within_rate)],
)
def document(request: Request, node: CurrentNode, digest: Hex64, if_none_match: IfNoneMatch = "") -> Response:
    """Return a document by the SHA-256 of its bytes: a programme, a scope, a key statement, an act.

    A document of an applicant is returned to a token with the right `admin` for the whole node alone, until the applicant
    is activated.
    """
    access = read_access(request, node)
    sees_all = access is not None and access.allows(Right.ADMIN, None)
    known = node.document_store.read(digest_of(digest), with_applicants=sees_all)
    if known is None:
        raise not_found("no such document")
    headers = {
        "Cache-Control": NOT_SHARED if sees_all else ASKED_AGAIN,
        "ETag": f'"{digest}"',
        "Content-Security-Policy": SANDBOX,
        "Content-Disposition": f'attachment; filename="{digest}.{_EXTENSIONS.get(known.media_type, "bin")}"',
    }
    return content_unless_known(known.content, known.media_type, headers, if_none_match)
