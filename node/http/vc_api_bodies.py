"""Read and write what all requests and answers of the VC-API have in common.

Unknown keys of a request are ignored, because other versions of the VC-API have more. Problems name rules and places, never
a value that was sent.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from acredita.node.http.dependencies import MAX_BODY_BYTES
from acredita.node.http.problems import MEDIA_TYPE, RequestRefused, reading_problem
from acredita.node.http.request_bodies import Body
from acredita.registry.codes import Code, sentence
from acredita.registry.json_documents.schema_faults import SchemaFault
from acredita.registry.json_documents.strict import JsonRefused, read_json
from fastapi import Depends
from fastapi.responses import JSONResponse

MAX_TEXT: Final = 2_048  # characters of a challenge, a domain, a credential's id
MAX_CHECKS: Final = 16

_CRYPTOGRAPHIC: Final = "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR"
_MALFORMED: Final = "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR"
_RANGE: Final = "https://www.w3.org/ns/credentials/status-list#RANGE_ERROR"
_RETRIEVAL: Final = "https://www.w3.org/ns/credentials/status-list#STATUS_RETRIEVAL_ERROR"
_TYPES: Final[Mapping[str, str]] = {
    Code.STATUS_RANGE: _RANGE,
    Code.STATUS_UNCHECKED: _RETRIEVAL,
    Code.SOURCE_NOT_ALLOWED: _RETRIEVAL,
    Code.SOURCE_UNREACHABLE: _RETRIEVAL,
    Code.STATUS_LIST_LENGTH_ERROR: "https://www.w3.org/ns/credentials/status-list#STATUS_LIST_LENGTH_ERROR",
    Code.STATUS_LIST_INVALID: "https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR",
    Code.CREDENTIAL_EXPIRED: _MALFORMED,
}
ANY_OBJECT: Final[dict[str, Any]] = {"type": "object"}


def documented_body(name: str, options: dict[str, Any]) -> dict[str, Any]:
    """Return the OpenAPI description of a body with this member and these options."""
    properties = {name: ANY_OBJECT, "options": options}
    schema = {"type": "object", "required": [name], "properties": properties}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def json_body(body: Body) -> Mapping[str, Any]:
    """Return the body as a JSON object. Raises 400 or 413."""
    try:
        value = read_json(body, max_bytes=MAX_BODY_BYTES)
    except JsonRefused as error:
        raise reading_problem(error) from None
    if not isinstance(value, dict):
        raise RequestRefused(400, Code.BODY_MALFORMED, "a JSON object expected", pointer="")
    return value


JsonBody = Annotated[Mapping[str, Any], Depends(json_body)]


def options_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the options of a request, empty if there are none. Raises 400."""
    options = document.get("options", {})
    if not isinstance(options, dict):
        raise RequestRefused(400, Code.VALUE_MALFORMED, "an object expected", pointer="/options")
    return options


def member_of(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return an object of a request. Raises 400."""
    value = document.get(key)
    if not isinstance(value, dict):
        raise RequestRefused(400, Code.BODY_MALFORMED, "an object expected", pointer=f"/{key}")
    return value


def optional_text(document: Mapping[str, Any], key: str, *, where: str = "") -> str | None:
    """Return a text of a request, None if it is absent. `where`: the place of the document in the body. Raises 400."""
    value = document.get(key)
    if value is not None and not is_text(value):
        raise RequestRefused(
            400, Code.VALUE_MALFORMED, f"a string of 1 to {MAX_TEXT} characters expected", pointer=f"{where}/{key}"
        )
    return value


def is_text(value: object) -> bool:
    """Decide whether a value is a text of allowed length."""
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT


def problem_details(fault: SchemaFault) -> dict[str, str]:
    """Return a fault as RFC 9457 and VCDM 7.2 ask: type, title and detail; and our code and pointer."""
    kind = _TYPES.get(fault.code, _CRYPTOGRAPHIC if fault.code.startswith(("PROOF_", "KEY_")) else _MALFORMED)
    return {
        "type": kind,
        "title": sentence(fault.code, "en"),
        "detail": f"expected: {fault.message}",
        "code": fault.code,
        "pointer": fault.pointer,
    }


def refused_credential(faults: list[SchemaFault], status: int = 400) -> JSONResponse:
    """Answer a refused credential: the first fault as the problem, all of them as its errors."""
    first = faults[0]
    content = {
        "status": status,
        "code": first.code,
        "message": sentence(first.code, "en"),
        "pointer": f"/credential{first.pointer}",
        "errors": [problem_details(fault) for fault in faults],
    }
    return JSONResponse(content, status, headers={"Cache-Control": "no-store"}, media_type=MEDIA_TYPE)
