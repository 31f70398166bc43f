"""Serve `POST /v1/verify`: a credential, alone or with its evidence, and the report on it.

Every JSON value gets a report, also a bad credential: its verdict is the answer, not an error. A body that is no
JSON, or an unusable key beside the credential, is a problem. Without a receipt in the request the node uses the one
in its storage. Nothing that was sent is stored.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from acredita.anchoring.receipts import Receipt, parse_receipt
from acredita.anchoring.types import FormatRefused
from acredita.node.http.dependencies import MAX_BODY_BYTES, Node
from acredita.node.http.problems import RequestRefused, documented, reading_problem
from acredita.node.http.request_bodies import Body, known_object, optional_text, time_of
from acredita.node.http.verification_queue import CurrentQueue, LedgerSnapshot
from acredita.node.storage.receipts import load_receipt
from acredita.node.verification.files import answer
from acredita.node.verification.report import Answer, report_document
from acredita.node.verification.verifier import Verifier
from acredita.registry.codes import Code
from acredita.registry.evidence.bundle import Bundle
from acredita.registry.evidence.credential import CheckedCredential, CredentialReading, read_credential, read_document
from acredita.registry.json_documents.strict import MAX_BYTES, JsonRefused, read_json
from acredita.registry.keys.did import issuer_id
from acredita.registry.verification.case import Moment
from acredita.registry.verification.results import VerificationReport
from fastapi import APIRouter
from fastapi.responses import JSONResponse

MAX_IDENTIFIER_CHARS = 512  # a DID; what institutions call people is shorter
LONGEST_RESPELLING = 8  # times a JSON value may grow when it is written again: 1e15 is 1000000000000000.0

_BESIDE = ("receipt", "at", "identifier")
_NOT_JSON = frozenset({Code.JSON_MALFORMED, Code.JSON_NOT_UTF8, Code.JSON_TOO_LARGE})
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
                                "credential": {"description": "The signed credential."},
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
                        {"description": "The signed credential alone."},
                    ]
                }
            }
        },
    }
}


@dataclass(frozen=True)
class VerificationRequest:
    """A request for verification: the credential, and what was sent with it."""

    credential: CredentialReading
    receipt: Receipt | None = None
    at: int | None = None
    identifier: str | None = None
    bundle: Bundle | None = None


def parse_verification_request(body: bytes) -> VerificationRequest:
    """Parse the request in a body; raises 400 or 413. A fault inside the credential is not raised: step 1 reports it."""
    try:
        value = read_json(body, max_bytes=MAX_BODY_BYTES)
    except JsonRefused as error:
        beside = error.pointer.split("/")[1:2]
        if error.code in _NOT_JSON or (beside and beside[0] in _BESIDE):
            raise reading_problem(error, _BESIDE) from None
        return VerificationRequest(_alone(body, CredentialReading({}, None, error)))
    if not isinstance(value, dict) or "credential" not in value or "@context" in value:
        return VerificationRequest(_alone(body, read_document(value)))
    document = known_object(value, required=["credential"], optional=_BESIDE)
    return VerificationRequest(
        credential=_within(body, document["credential"]),
        receipt=parse_known_receipt(document["receipt"]) if "receipt" in document else None,
        at=time_of(document, "at") if "at" in document else None,
        identifier=optional_text(document, "identifier", MAX_IDENTIFIER_CHARS),
    )


def credential_alone(data: bytes) -> CredentialReading:
    """Read the credential in these bytes; raises 400 or 413 if they are no JSON. Step 1 reports other faults."""
    try:
        value = read_json(data, max_bytes=MAX_BODY_BYTES)
    except JsonRefused as error:
        if error.code in _NOT_JSON:
            raise reading_problem(error) from None
        return _alone(data, CredentialReading({}, None, error))
    return _alone(data, read_document(value))


def _alone(data: bytes, reading: CredentialReading) -> CredentialReading:
    """Return the reading of bytes that are a credential alone. Their limit is less than a body's."""
    return read_credential(data) if len(data) > MAX_BYTES else reading  # refused by their size


def _within(body: bytes, credential: object) -> CredentialReading:
    """Read a credential that is one value of a body. Its limit counts its own bytes, as JSON spells them."""
    if len(body) <= MAX_BYTES // LONGEST_RESPELLING:
        return read_document(credential)
    return read_credential(json.dumps(credential, ensure_ascii=False).encode())


def examine(snapshot: LedgerSnapshot, request: VerificationRequest) -> tuple[VerificationReport, Verifier]:
    """Verify the credential of a request; return the report, and the verifier that made it."""
    node, at = snapshot.node, request.at
    moment = Moment(node.clock()) if at is None else Moment(at, given=True)
    verifier = snapshot.verifier(moment)
    if request.bundle is not None:
        verifier = verifier.with_bundle(request.bundle, request.credential)
    credential = verifier.check_proof(request.credential)
    receipt = request.receipt or _known_receipt(node, credential)
    report = verifier.verify(credential, receipt, moment, request.identifier)
    node.metrics.verdict(report)
    return report, verifier


def verify_body(snapshot: LedgerSnapshot, body: bytes) -> VerificationReport:
    """Verify the request in a body; raises 400 or 413 if it holds none."""
    return examine(snapshot, parse_verification_request(body))[0]


def verify_with_names(snapshot: LedgerSnapshot, body: bytes, parse: Callable[[bytes], VerificationRequest]) -> Answer:
    """Verify the request in a body, with names from approved documents, for a page."""
    request = parse(body)
    return answer(request.credential, *examine(snapshot, request))


router = APIRouter(tags=["verification"])


@router.post("/v1/verify", summary="Verify a credential", openapi_extra=_OPENAPI, responses=documented(400, 408, 413))
async def verify(queue: CurrentQueue, body: Body) -> JSONResponse:
    """Verify a credential in twelve steps.

    The answer is 200 with the verdict, also for an invalid credential. It is 400 if the body is no JSON.
    """
    return JSONResponse(report_document(await queue.run(verify_body, body)), headers={"Cache-Control": "no-store"})


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
