"""Answer every error in one JSON shape: `{status, code, message, pointer?}` (RFC 9457, `application/problem+json`).

A message names rules, keys and places, never a value that was sent, because requests are about people. An unforeseen
error is INTERNAL and is logged by its type and place only, because an exception's text may hold such a value.
"""

import logging
import traceback
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

from acredita.anchoring.ledger import LedgerStopError, LedgerUnavailable
from acredita.contracts.coded_error import CodedError
from acredita.node.issuance.institution import InstitutionRefused
from acredita.node.storage.database import LeaseLostError, StorageUnavailable
from acredita.registry.codes import Code
from acredita.registry.credentials.cohort_columns import CohortRefused
from acredita.registry.json_documents.strict import JsonRefused
from acredita.registry.ledger_facts.named_documents import NamedDocumentRefused
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

_log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["status", "code", "message"],
    "properties": {
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "message": {"type": "string"},
        "pointer": {"type": "string", "description": "A pointer into the body (RFC 6901)."},
    },
}


class RequestRefused(CodedError[str]):
    """A request that is answered with a problem."""

    CODE_IN_TEXT = True

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        pointer: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(code, message)
        self.status = status
        self.pointer = pointer
        self.headers = headers

    def response(self) -> JSONResponse:
        """Return the problem as an answer."""
        body: dict[str, object] = {"status": self.status, "code": self.code, "message": self.message}
        if self.pointer is not None:
            body["pointer"] = self.pointer
        headers = {"Cache-Control": "no-store", **(self.headers or {})}
        return JSONResponse(body, self.status, headers=headers, media_type=MEDIA_TYPE)


def not_found(what: str = "this address does not exist") -> RequestRefused:
    """Return the problem NOT_FOUND (404)."""
    return RequestRefused(404, Code.NOT_FOUND, what)


def reading_problem(error: JsonRefused, known: Collection[str] = ()) -> RequestRefused:
    """Return the problem of a body that strict reading refuses. Its pointer names known keys only."""
    status = 413 if error.code == Code.JSON_TOO_LARGE else 400
    first = error.pointer.split("/")[1:2]
    pointer = "/" + first[0] if first and first[0] in known else ""
    return RequestRefused(status, error.code, "the body is not JSON of one reading", pointer=pointer)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the responses of an OpenAPI operation: these statuses and any other are problems."""
    response = {"description": "A problem with a stable code.", "content": {MEDIA_TYPE: {"schema": PROBLEM_SCHEMA}}}
    keys: tuple[int | str, ...] = (*statuses, "default")
    return dict.fromkeys(keys, response)


_Handler = Callable[[Request, Exception], Awaitable[JSONResponse]]


def install(app: FastAPI) -> None:
    """Install the translations of foreseen exceptions into problems; `middleware` answers the others."""
    for kind, translate in _TRANSLATIONS:
        app.add_exception_handler(kind, _responding(translate))


def _responding(translate: Callable[[Any], RequestRefused]) -> _Handler:
    async def respond(_request: Request, error: Exception) -> JSONResponse:
        return translate(error).response()

    return respond


def _as_is(error: RequestRefused) -> RequestRefused:
    return error


def _http(error: HTTPException) -> RequestRefused:
    codes = {404: Code.NOT_FOUND, 405: Code.METHOD_NOT_ALLOWED}
    code = codes.get(error.status_code, Code.HTTP_ERROR)
    return RequestRefused(error.status_code, code, error.detail, headers=dict(error.headers or {}))


def _parameter(error: RequestValidationError) -> RequestRefused:
    """Return the problem of a malformed path or query parameter, without pydantic's text, which repeats the value."""
    names = sorted({str(part) for fault in error.errors() for part in fault["loc"][1:2]})
    return RequestRefused(400, Code.PARAMETER_MALFORMED, f"parameters of the wrong form: {', '.join(names)}")


def _refused(error: InstitutionRefused) -> RequestRefused:
    return RequestRefused(404 if error.code == Code.CREDENTIAL_UNKNOWN else 409, error.code, str(error))


def _cohort(error: CohortRefused) -> RequestRefused:
    return RequestRefused(422, error.code, str(error))


def _storage(error: StorageUnavailable) -> RequestRefused:
    return RequestRefused(503, error.code, "the node's storage cannot be used now", headers={"Retry-After": "5"})


def _ledger(error: LedgerUnavailable) -> RequestRefused:
    return RequestRefused(503, error.code, "the ledger does not answer now", headers={"Retry-After": "5"})


def _stop(error: LedgerStopError) -> RequestRefused:
    return RequestRefused(409, error.code, f"writing has stopped: {error.subject}")


def _lease(error: LeaseLostError) -> RequestRefused:
    return RequestRefused(409, error.code, "another process writes for this institution now")


def internal_problem(error: Exception) -> RequestRefused:
    """Return the problem of an unforeseen error, and log its type and place."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].name}:{frames[-1].lineno}" if frames else "unknown"
    _log.error("internal error", extra={"kind": type(error).__name__, "place": place})
    return RequestRefused(500, Code.INTERNAL, "an internal error, which was logged")


def _document(error: NamedDocumentRefused) -> RequestRefused:
    return RequestRefused(_OF_DOCUMENTS[error.code], error.code, error.message)


_OF_DOCUMENTS: Mapping[str, int] = {
    Code.DOCUMENT_NOT_NAMED: 403,
    Code.DOCUMENT_OF_APPLICANT: 403,
    Code.DOCUMENT_SIZE: 413,
    Code.DOCUMENT_DIGEST_MISMATCH: 422,
    Code.DOCUMENT_KIND_MISMATCH: 422,
    Code.DOCUMENTS_FULL: 409,
    Code.DOCUMENT_WITHHELD: 451,
}
_TRANSLATIONS: list[tuple[type[Exception], Callable[[Any], RequestRefused]]] = [
    (RequestRefused, _as_is),
    (HTTPException, _http),
    (RequestValidationError, _parameter),
    (InstitutionRefused, _refused),
    (CohortRefused, _cohort),
    (StorageUnavailable, _storage),
    (LedgerUnavailable, _ledger),
    (NamedDocumentRefused, _document),
    (LedgerStopError, _stop),
    (LeaseLostError, _lease),
]
