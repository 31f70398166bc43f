"""Serve `POST /authorization`: the ToIP Trust Registry Query Protocol v2, answered from the ledger.

A query is: does the authority authorise this entity to do this action with this resource, at that time? One action is
known, `issue`, with two kinds of resource. `MicroCredential`: the issuer was recognised. A programme version by its
`ni:///sha-256;…` name: it was also approved, the issuer's own, and in the scope of the issuer and of every accreditor
above it. The contracts' own views answer for the requested time. A time after the newest block is answered as of that
block, and the answer states it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from acredita.anchoring.receipts import read_time, time_text
from acredita.anchoring.types import Digest, FormatRefused, IssuerId, to_hex
from acredita.node.http.dependencies import CurrentNode, Node
from acredita.node.http.problems import RequestRefused, documented
from acredita.node.http.registry import observed
from acredita.node.http.request_bodies import Body, json_object, text_of
from acredita.node.ledger.view import NodeObserver
from acredita.registry.codes import Code
from acredita.registry.evidence.registry_answer import is_did_of
from acredita.registry.keys.did import MAX_DID, DidRefused, issuer_id
from acredita.registry.ledger_facts.histories import ProgrammeState, recognised_at
from acredita.registry.programmes.achievement import programme_digest
from acredita.registry.programmes.scope import in_scope
from fastapi import APIRouter
from fastapi.responses import JSONResponse

ACTION: Final = "issue"
ANY_MICROCREDENTIAL: Final = "MicroCredential"
MAX_CHARS: Final = 512
MAX_CONTEXT_KEYS: Final = 16
MAX_ACCREDITORS: Final = 2

_FRACTION: Final = re.compile(r"\.[0-9]{1,9}Z\Z")
_KEYS: Final = ("entity_id", "authority_id", "action", "resource")
_OPENAPI: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": list(_KEYS),
                    "properties": {
                        **{key: {"type": "string", "maxLength": MAX_CHARS} for key in _KEYS},
                        "context": {
                            "type": "object",
                            "properties": {"time": {"type": "string"}},
                            "additionalProperties": {"type": "string"},
                        },
                    },
                }
            }
        },
    }
}


@dataclass(frozen=True)
class Authorization:
    """The answer to one query, with the rule it failed by."""

    authorized: bool
    message: str


router = APIRouter(tags=["trust registry query protocol"])


@router.post(
    "/authorization",
    summary="Query an authorization",
    openapi_extra=_OPENAPI,
    responses=documented(400, 404, 408, 413, 503),
)
def authorization(node: CurrentNode, body: Body) -> JSONResponse:
    """Answer whether the authority authorised the entity, at the requested time or now (TRQP 2.0)."""
    document = json_object(body, required=_KEYS, optional=["context"])
    query = {key: text_of(document, key, MAX_CHARS) for key in _KEYS}
    context = _context(document)
    observer = observed(node)
    requested = _time(context)
    evaluated = observer.block.time if requested is None else min(requested, observer.block.time)
    authorization = _authorize(node, observer, query, evaluated)
    response: dict[str, Any] = {
        **query,
        "authorized": authorization.authorized,
        "time_evaluated": time_text(evaluated),
        "message": authorization.message,
        "context": {**context, "block": str(observer.block.number)},
    }
    if requested is not None:
        response["time_requested"] = context["time"]
    return JSONResponse(response, headers={"Cache-Control": "no-store"})


def _authorize(node: Node, observer: NodeObserver, query: Mapping[str, str], t: int) -> Authorization:
    if query["authority_id"] != node.dependencies.authority:
        raise RequestRefused(
            404, Code.AUTHORITY_UNKNOWN, "this is the registry of another authority", pointer="/authority_id"
        )
    if query["action"] != ACTION:
        raise RequestRefused(404, Code.ACTION_UNKNOWN, f"the one action known is {ACTION}", pointer="/action")
    issuer = _entity(query["entity_id"])
    version = _resource(query["resource"])
    parties = observer.parties(issuer)
    if issuer not in parties:
        return Authorization(False, Code.ISSUER_UNKNOWN)
    if not recognised_at(parties, issuer, t):
        return Authorization(False, Code.ISSUER_NOT_ACCREDITED)
    return Authorization(True, "recognised") if version is None else _programme(node, observer, issuer, version, t)


def _programme(node: Node, observer: NodeObserver, issuer: IssuerId, version: Digest, t: int) -> Authorization:
    document = node.document_source.programme(version)
    if document is not None and not is_did_of(document.issuer, issuer):
        return Authorization(False, Code.PROGRAMME_NOT_OF_ISSUER)
    history = observer.programme(issuer, version)
    if history is None:
        return Authorization(False, Code.PROGRAMME_UNKNOWN)
    if history.state_at(t) is not ProgrammeState.APPROVED:
        return Authorization(False, Code.PROGRAMME_NOT_APPROVED)
    code = _outside_scope(node, observer, issuer, version, t)
    return Authorization(code is None, code or "recognised, programme approved and in scope")


def _outside_scope(node: Node, observer: NodeObserver, issuer: IssuerId, version: Digest, t: int) -> Code | None:
    """Return the code of the first scope, upwards from the issuer's, that does not cover the programme."""
    programme = node.document_source.programme(version)
    if programme is None:
        raise RequestRefused(503, Code.DOCUMENT_MISSING, f"programme document {to_hex(version)} is missing")
    above: IssuerId | None = issuer
    for _ in range(MAX_ACCREDITORS + 1):
        party = observer.party(above) if above else None
        if party is None:
            return None
        digest = party.scope_at(t)
        if digest is None:
            return Code.SCOPE_MISSING
        scope = node.document_source.scope(digest)
        if scope is None:
            raise RequestRefused(503, Code.DOCUMENT_MISSING, f"scope document {to_hex(digest)} is missing")
        code = in_scope(programme, scope)
        if code:
            return code
        above = party.at(t).accreditor
    return None


def _entity(text: str) -> IssuerId:
    try:
        return issuer_id(text[: MAX_DID + 1])
    except DidRefused:
        raise RequestRefused(404, Code.ENTITY_UNKNOWN, "a did:key or did:web expected", pointer="/entity_id") from None


def _resource(text: str) -> Digest | None:
    if text == ANY_MICROCREDENTIAL:
        return None
    version = programme_digest(text)
    if version is None:
        message = f"{ANY_MICROCREDENTIAL}, or a programme version as ni:///sha-256;…"
        raise RequestRefused(404, Code.RESOURCE_UNKNOWN, message, pointer="/resource")
    return version


def _context(document: Mapping[str, Any]) -> dict[str, str]:
    context = document.get("context", {})
    is_plain = isinstance(context, dict) and all(isinstance(value, str) for value in context.values())
    if not is_plain or len(context) > MAX_CONTEXT_KEYS:
        message = f"an object of at most {MAX_CONTEXT_KEYS} strings expected"
        raise RequestRefused(400, Code.VALUE_MALFORMED, message, pointer="/context")
    return cast(dict[str, str], context)


def _time(context: Mapping[str, str]) -> int | None:
    """Return the requested time, or None for now. TRQP 2.0: RFC 3339 in UTC; blank or absent means now.

    A fraction of a second is dropped, because blocks have none.
    """
    if not context.get("time"):
        return None
    whole = _FRACTION.sub("Z", context["time"])
    try:
        return read_time(whole, "time")
    except FormatRefused as error:
        raise RequestRefused(400, Code.TIME_MALFORMED, error.rule, pointer="/context/time") from None
