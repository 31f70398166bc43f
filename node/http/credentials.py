"""Issue credentials, change their status, and answer what a digest may reveal.

A caller who knows a digest has the credential or its QR code. The digest reveals programme, issuer and status, never
the person. The credential itself needs the token of its institution. Credential ids never appear in an address. The
institution judges the rows; a report names rows, columns and rules, not values.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, cast

from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import Digest, IssuerId, to_hex
from acredita.node.http.bearer_tokens import require
from acredita.node.http.dependencies import CurrentNode, Node
from acredita.node.http.problems import RequestRefused, documented, not_found
from acredita.node.http.request_bodies import Body, Hex64, digest_of, json_object, text_of
from acredita.node.issuance.institution import RowOutcome, RowReport
from acredita.node.runtime.preflight import recognition_fault
from acredita.node.runtime.tenant import Tenant
from acredita.node.storage import institutions, queue
from acredita.node.storage.access_tokens import Access
from acredita.node.storage.credentials import anchored_changes, position_of, status_changes
from acredita.node.storage.institutions import RegisteredInstitution
from acredita.node.storage.models import CredentialRow
from acredita.node.storage.queue import ItemState
from acredita.node.storage.receipts import read_receipt
from acredita.node.storage.rights import Right
from acredita.registry.codes import Code
from acredita.registry.credentials.cohort_columns import COLUMNS
from acredita.registry.credentials.cohort_rows import RowRefused
from acredita.registry.json_documents.schema_faults import pointer
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.programmes.achievement import programme_digest
from acredita.registry.programmes.programme import Programme
from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from sqlalchemy import Connection, select

MAX_ROWS = 1_000  # rows of one request; `acredita issue` takes a whole cohort file
MAX_ID_CHARS = 256
_ACTIONS = ("revoke", "suspend", "reinstate")
_ISSUE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["issuer", "programme", "rows"],
                    "additionalProperties": False,
                    "properties": {
                        "issuer": {"type": "string", "pattern": "^0x[0-9a-f]{64}$"},
                        "programme": {
                            "type": "string",
                            "description": "The digest of a programme version: 0x… or ni:///sha-256;…",
                        },
                        "rows": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": MAX_ROWS,
                            "items": {
                                "type": "object",
                                "additionalProperties": False,
                                "properties": {column: {"type": "string"} for column in COLUMNS},
                            },
                        },
                        "reissue": {"type": "boolean"},
                    },
                }
            }
        },
    }
}
_STATUS: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["action"],
                    "additionalProperties": False,
                    "properties": {"action": {"enum": list(_ACTIONS)}},
                }
            }
        },
    }
}


router = APIRouter(tags=["credentials"])
_WRITES = documented(400, 401, 403, 404, 408, 409, 413, 503)


def order_in_body(body: Body) -> Mapping[str, Any]:
    """Parse an order to issue; raises 400 or 413."""
    return json_object(body, required=["issuer", "programme", "rows"], optional=["reissue"])


IssueBody = Annotated[Mapping[str, Any], Depends(order_in_body)]


async def issuer_in_body(order: IssueBody, node: CurrentNode) -> IssuerId:
    """Return the institution that an order to issue names. Raises 400, or 404 if this node does not write for it."""
    return _tenant(node, _issuer(order)).issuer


def issuer_of_digest(digest: Hex64, node: CurrentNode) -> IssuerId:
    """Return the institution that has issued a digest. Raises 404 if no institution of this node has."""
    with node.database.read() as connection:
        for one in institutions.institutions(connection):
            if queue.digest_status(connection, one.issuer, digest_of(digest)) is not None:
                return one.issuer
    raise not_found("this node has issued no such credential")


HolderIssuer = Annotated[IssuerId, Depends(issuer_of_digest)]


@router.post("/v1/credentials", summary="Issue credentials", openapi_extra=_ISSUE, responses=_WRITES)
def issue(
    access: Annotated[Access, Depends(require(Right.ISSUE, issuer_in_body))], order: IssueBody, node: CurrentNode
) -> JSONResponse:
    """Issue credentials for the rows of an order. Each row has its own outcome.

    The answer is 201 if any credential is new, else 200. The same order twice issues each credential once.
    """
    tenant = _tenant(node, _issuer(order))
    staff = tenant.institution.acting(access.actor)
    reports = list(
        staff.issue(
            _programme(node, tenant, order),
            _rows(order["rows"]),
            label=secrets.token_hex(8) if _flag(order, "reissue") else None,
        )
    )
    status = 201 if any(report.outcome is RowOutcome.ISSUED for report in reports) else 200
    return JSONResponse({"rows": [_row(report) for report in reports]}, status)


@router.get(
    "/v1/credentials/{digest}", summary="Get the public summary of a credential", responses=documented(400, 404)
)
def summary(digest: Hex64, node: CurrentNode) -> JSONResponse:
    """Return programme, issuer, state and status of a credential. The answer holds nothing about the person."""
    with node.database.read() as connection:
        known = find_summary(connection, digest_of(digest))
    if known is None:
        raise not_found("this node has issued no such credential")
    return JSONResponse(with_names(node, known), headers={"Cache-Control": "no-store"})


@router.get(
    "/v1/credentials/{digest}/document", summary="Get a signed credential", responses=documented(400, 401, 403, 404)
)
def document(
    digest: Hex64,
    access: Annotated[Access, Depends(require(Right.ISSUE, issuer_of_digest))],
    issuer: HolderIssuer,
    node: CurrentNode,
) -> Response:
    """Return a signed credential to its institution."""
    content = _tenant(node, issuer).institution.acting(access.actor).credential(digest_of(digest))
    return Response(content, media_type="application/vc", headers={"Cache-Control": "no-store"})


@router.post(
    "/v1/credentials/{digest}/status",
    summary="Change the status of a credential",
    openapi_extra=_STATUS,
    responses=_WRITES,
)
def change(
    digest: Hex64,
    access: Annotated[Access, Depends(require(Right.REVOKE, issuer_of_digest))],
    issuer: HolderIssuer,
    node: CurrentNode,
    body: Body,
) -> JSONResponse:
    """Revoke, suspend or reinstate a credential. The status list is published at once, and the change is anchored when due.

    `changed` is false if the credential had this status before.
    """
    institution = _tenant(node, issuer).institution.acting(access.actor)
    action = text_of(json_object(body, required=["action"]), "action", 16)
    if action not in _ACTIONS:
        raise RequestRefused(400, Code.VALUE_MALFORMED, f"one of {', '.join(_ACTIONS)}", pointer="/action")
    changed = getattr(institution, action)(digest_of(digest))
    return JSONResponse({"action": action, "changed": changed}, 202 if changed else 200)


@router.get("/v1/receipts/{digest}", summary="Get an anchor receipt", responses=documented(400, 404))
def receipt(digest: Hex64, node: CurrentNode) -> Response:
    """Return the anchor receipt of a digest, once its checkpoint is confirmed."""
    with node.database.read() as connection:
        for one in institutions.institutions(connection):
            stored = read_receipt(connection, one.issuer, digest_of(digest))
            if stored is not None:
                return Response(stored, media_type="application/json", headers={"Cache-Control": "no-cache"})
    raise not_found("no receipt of this digest")


def find_summary(connection: Connection, digest: Digest) -> dict[str, Any] | None:
    """Return what any caller with the digest may read of a credential, from this node's storage."""
    for one in institutions.institutions(connection):
        item = queue.digest_status(connection, one.issuer, digest)
        if item is not None:
            return {
                "digest": to_hex(digest),
                "issuer": to_hex(one.issuer),
                "did": one.did,
                "programme": _programme_of(connection, one, digest),
                "state": item.state,
                "code": item.reason_code,
                "anchored": item.state == ItemState.ANCHORED,
                "status": _status(connection, one.issuer, digest),
            }
    return None


def with_names(node: Node, known: Mapping[str, Any]) -> dict[str, Any]:
    """Add names from the approved documents to a summary."""
    named = dict(known)
    if known["programme"] is not None:
        programme = node.document_source.programme(Digest(bytes.fromhex(known["programme"][2:])))
        if programme is not None:
            named["title"] = programme.title
    observer = node.observer()
    if not isinstance(observer, Missing):
        named["as_of"] = time_text(observer.block.time)
        party = observer.party(IssuerId(bytes.fromhex(known["issuer"][2:])))
        digest = party.scope_at(observer.block.time) if party else None
        scope = node.document_source.scope(digest) if digest else None
        if scope is not None:
            named["issuer_name"] = scope.name
    return named


def _status(connection: Connection, issuer: IssuerId, digest: Digest) -> str | None:
    """Return the status after every requested change, anchored or not; None once the credential is forgotten.

    A suspension that is anchored lasts until its reinstatement is anchored too, as a verification has it.
    """
    place = position_of(connection, issuer, digest)
    if place is None:
        return None
    requested = status_after(change.name.lower() for change in status_changes(connection, issuer, place))
    anchored = status_after(change.name.lower() for change in anchored_changes(connection, issuer, place))
    return anchored if requested == "good" else requested


def status_after(changes: Iterable[str]) -> str:
    """Combine a sequence of changes into one status: replaced before revoked before suspended before good."""
    seen, suspended = set(), False
    for change in changes:
        seen.add(change)
        suspended = change == "suspended" or (suspended and change != "reinstated")
    for final in ("replaced", "revoked"):
        if final in seen:
            return final
    return "suspended" if suspended else "good"


def _programme_of(connection: Connection, one: RegisteredInstitution, digest: Digest) -> str | None:
    programme = connection.execute(
        select(CredentialRow.programme).where(CredentialRow.issuer == one.issuer, CredentialRow.digest == digest)
    ).scalar_one_or_none()
    return None if programme is None else to_hex(programme)


def _tenant(node: Node, issuer: IssuerId) -> Tenant:
    tenant = node.tenants.get(issuer)
    if tenant is None and node.database.is_reader:
        raise RequestRefused(
            503, Code.STORAGE_READ_ONLY, "this process only reads; send writes to the node that writes"
        )
    if tenant is None:
        raise RequestRefused(
            404, Code.INSTITUTION_UNKNOWN, "this node does not write for that institution", pointer="/issuer"
        )
    return tenant


def _issuer(order: Mapping[str, Any]) -> IssuerId:
    text = text_of(order, "issuer", 66)
    if len(text) != 66 or not text.startswith("0x") or not set(text[2:]) <= set("0123456789abcdef"):
        raise RequestRefused(400, Code.VALUE_MALFORMED, "0x and 64 lower-case hex digits expected", pointer="/issuer")
    return IssuerId(bytes.fromhex(text[2:]))


def _programme(node: Node, tenant: Tenant, order: Mapping[str, Any]) -> Programme:
    """Return the programme of an order, if credentials in it would be recognised now; raises 404 or 409.

    Without a ledger only the owner is checked; each verification checks the approval.
    """
    text = text_of(order, "programme", MAX_ID_CHARS)
    digest = programme_digest(text) or _hex_digest(text)
    programme = node.document_source.programme(digest) if digest else None
    if programme is None:
        raise RequestRefused(
            404, Code.PROGRAMME_UNKNOWN, "the programme document of this digest is missing", pointer="/programme"
        )
    observer = node.observer()
    if isinstance(observer, Missing):
        if programme.issuer != tenant.institution.did:
            raise RequestRefused(
                409, Code.PROGRAMME_NOT_OF_ISSUER, "the programme belongs to another institution", pointer="/programme"
            )
        return programme
    fault = recognition_fault(observer, node.document_source.scope, tenant, programme, node.clock())
    if fault is not None:
        raise RequestRefused(409, fault.code, fault.detail, pointer="/programme")
    return programme


def _hex_digest(text: str) -> Digest | None:
    digits = text.removeprefix("0x")
    if len(digits) != 64 or len(text) != 66 or not set(digits) <= set("0123456789abcdef"):
        return None
    return Digest(bytes.fromhex(digits))


def _rows(value: object) -> Sequence[tuple[int, dict[str, str] | RowRefused]]:
    if not isinstance(value, list) or not 0 < len(value) <= MAX_ROWS:
        raise RequestRefused(400, Code.VALUE_MALFORMED, f"an array of 1 to {MAX_ROWS} rows expected", pointer="/rows")
    return [(number, _cells(number, row)) for number, row in enumerate(value, start=1)]


def _cells(number: int, row: object) -> dict[str, str] | RowRefused:
    if not isinstance(row, dict) or not all(isinstance(cell, str) for cell in row.values()):
        return RowRefused(number, Code.ROW_MALFORMED, None, "an object of strings")
    if not set(row) <= set(COLUMNS):
        return RowRefused(number, Code.COLUMN_UNKNOWN, None, "only the keys " + ", ".join(COLUMNS))
    return cast(dict[str, str], row)


def _flag(order: Mapping[str, Any], key: str) -> bool:
    value = order.get(key, False)
    if not isinstance(value, bool):
        raise RequestRefused(400, Code.VALUE_MALFORMED, "true or false expected", pointer=pointer([key]))
    return value


def _row(report: RowReport) -> dict[str, object]:
    row: dict[str, object] = {"row": report.row, "outcome": report.outcome.value}
    if report.digest is not None:
        row["digest"] = to_hex(report.digest)
    for key, value in (("code", report.code), ("column", report.column), ("expected", report.expected)):
        if value is not None:
            row[key] = value
    return row
