"""Serve `POST /v1/verify`: a credential, alone or with its evidence, and the report on it.

Every credential gets a report, also a bad one: its verdict is the answer, not an error. A body that holds no
credential, or an unusable key beside the credential, is a problem. A presentation or an array is opened, and each
credential in it is judged. Without a receipt in the request the node uses the one in its storage. Nothing that was sent
is stored.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeGuard, cast

from acredita.anchoring.receipts import Receipt, parse_receipt
from acredita.anchoring.types import FormatRefused
from acredita.node.http.dependencies import MAX_BODY_BYTES, Node
from acredita.node.http.problems import RequestRefused, documented, reading_problem
from acredita.node.http.request_bodies import Body, known_object, optional_text, read_body, time_of
from acredita.node.http.verification_queue import CurrentQueue, LedgerSnapshot, current_queue
from acredita.node.storage.receipts import load_receipt
from acredita.node.verification.answers import own_receipt, verify_opened
from acredita.node.verification.report import Answer, answer_document
from acredita.registry.codes import Code, sentence
from acredita.registry.evidence.bundle import Bundle
from acredita.registry.evidence.credential import CheckedCredential
from acredita.registry.evidence.open_document import DocumentRefused, OpenedDocument, open_document, open_value
from acredita.registry.json_documents.strict import MAX_BYTES, JsonRefused, read_json
from acredita.registry.keys.did import issuer_id
from acredita.registry.verification.case import Moment
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

MAX_IDENTIFIER_CHARS = 512  # a DID; what institutions call people is shorter
LONGEST_RESPELLING = 8  # times a JSON value may grow when it is written again: 1e15 is 1000000000000000.0

_BESIDE = ("receipt", "at", "identifier")
_OPENAPI: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "anyOf": [
                        {
                            "type": "object",
                            "required": ["credential"],
                            "additionalProperties": False,
                            "properties": {
                                "credential": {
                                    "description": "The signed credential, or a presentation or array of credentials."
                                },
                                "receipt": {
                                    "type": "object",
                                    "description": "The anchor receipt (acredita-receipt/1).",
                                },
                                "at": {
                                    "type": "string",
                                    "description": "The moment to verify at, RFC 3339 in UTC; now if absent.",
                                },
                                "identifier": {"type": "string", "maxLength": MAX_IDENTIFIER_CHARS},
                            },
                        },
                        {"description": "The signed credential, presentation, array or compact JWS alone."},
                    ]
                }
            }
        },
    }
}


@dataclass(frozen=True)
class VerificationRequest:
    """A request for verification: what holds the credential, and what was sent with it."""

    opened: OpenedDocument
    receipt: Receipt | None = None
    at: int | None = None
    identifier: str | None = None
    bundle: Bundle | None = None


def parse_verification_request(body: bytes) -> VerificationRequest:
    """Parse the request in a body; raises 400, 413 or 422. A fault inside the credential is reported by step 1."""
    nulls = False
    try:
        value = read_json(body, max_bytes=MAX_BODY_BYTES)
    except JsonRefused as error:
        beside = error.pointer.split("/")[1:2]
        if error.code == Code.JSON_TOO_LARGE or (beside and beside[0] in _BESIDE):
            raise reading_problem(error, _BESIDE) from None
        value, nulls = _read_with_nulls(body, error), True
        if not _is_request(value):
            return VerificationRequest(opened_document(body))
    if not _is_request(value):
        return VerificationRequest(
            opened_document(body) if len(body) > MAX_BYTES else _opened(lambda: open_value(value))
        )
    document = known_object(value, required=["credential"], optional=_BESIDE)
    return VerificationRequest(
        opened=_within(body, document["credential"], nulls),
        receipt=parse_known_receipt(document["receipt"]) if "receipt" in document else None,
        at=time_of(document, "at") if "at" in document else None,
        identifier=optional_text(document, "identifier", MAX_IDENTIFIER_CHARS),
    )


def opened_document(data: bytes) -> OpenedDocument:
    """Open the bytes that were sent; raises 422 if they hold no credential, 413 if they are too large."""
    return _opened(lambda: open_document(data))


def opened_bundle(bundle: Bundle) -> OpenedDocument:
    """Open the credential of an evidence bundle; raises 422 if it holds none."""
    return _opened(lambda: open_value(bundle.credential))


def _is_request(value: object) -> TypeGuard[dict[str, Any]]:
    """Return whether a body is a request around a credential, and not a credential alone."""
    return isinstance(value, dict) and "credential" in value and "@context" not in value


def _read_with_nulls(body: bytes, fault: JsonRefused) -> object:
    """Read a body whose only fault is a null, which other registries write in a credential; None of any other."""
    if fault.code != Code.JSON_NULL:
        return None
    try:
        return read_json(body, max_bytes=MAX_BODY_BYTES, with_nulls=True)
    except JsonRefused:
        return None


def _within(body: bytes, credential: object, nulls: bool) -> OpenedDocument:
    """Open what is one value of a body. Its limit counts its own bytes, as JSON spells them. `nulls`: step 1 names them."""
    if len(body) <= MAX_BYTES // LONGEST_RESPELLING and not nulls:
        return _opened(lambda: open_value(credential))
    return opened_document(json.dumps(credential, ensure_ascii=False).encode())


def _opened(opening: Callable[[], OpenedDocument]) -> OpenedDocument:
    try:
        return opening()
    except DocumentRefused as error:
        status = 422 if error.code == Code.NOT_A_CREDENTIAL else 413
        raise RequestRefused(status, error.code, sentence(error.code, "en")) from None


def examine(snapshot: LedgerSnapshot, request: VerificationRequest) -> Answer:
    """Verify each credential of a request."""
    node, at = snapshot.node, request.at
    moment = Moment(node.clock()) if at is None else Moment(at, given=True)
    verifier = snapshot.verifier(moment)
    if request.bundle is not None:
        verifier = verifier.with_bundle(request.bundle, request.opened.credentials[0])
    sent = own_receipt(request.receipt, request.opened)
    verified = verify_opened(
        verifier,
        request.opened,
        lambda credential: sent(credential) or _known_receipt(node, credential),
        moment,
        request.identifier,
    )
    for member in verified.members or (verified,):
        node.metrics.verdict(member.report)
    return verified


def verify_body(snapshot: LedgerSnapshot, body: bytes) -> Answer:
    """Verify the request in a body; raises 400, 413 or 422 if it holds none."""
    return examine(snapshot, parse_verification_request(body))


def verify_with_names(snapshot: LedgerSnapshot, body: bytes, parse: Callable[[bytes], VerificationRequest]) -> Answer:
    """Verify the request in a body, with names from approved documents, for a page."""
    return examine(snapshot, parse(body))


class DirectRoute(APIRoute):
    """The route of a handler that takes queue and body, and nothing else.

    They are handed to it without FastAPI's resolution of dependencies, which costs more than reading the body.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request of the route's method; any other as FastAPI does."""
        if scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)
            return
        request = Request(scope, receive, send)
        answer = await self.endpoint(await current_queue(request), await read_body(request))
        await cast(Response, answer)(scope, receive, send)


router = APIRouter(tags=["verification"], route_class=DirectRoute)


@router.post(
    "/v1/verify", summary="Verify a credential", openapi_extra=_OPENAPI, responses=documented(400, 408, 413, 422)
)
async def verify(queue: CurrentQueue, body: Body) -> JSONResponse:
    """Verify a credential in twelve steps.

    The answer is 200 with the verdict, also for an invalid credential. It is 422 if the body holds no credential. Of a
    presentation or an array, each credential is verified, and the verdict is that of the worst.
    """
    return JSONResponse(answer_document(await queue.run(verify_body, body)), headers={"Cache-Control": "no-store"})


def parse_known_receipt(document: object) -> Receipt:
    """Parse the receipt in a JSON value; raises 400 with the pointer."""
    try:
        return parse_receipt(document)
    except FormatRefused as error:
        where = "/receipt" + ("" if error.where == "/" else error.where)
        raise RequestRefused(400, Code.RECEIPT_MALFORMED, error.rule, pointer=where) from None


def _known_receipt(node: Node, credential: CheckedCredential) -> Receipt | None:
    """Return the receipt that this node holds for a credential of one of its own institutions."""
    parsed, digest = credential.reading.parsed, credential.digest
    if parsed is None or digest is None:
        return None
    with node.database.read() as connection:
        return load_receipt(connection, issuer_id(parsed.issuer), digest)
