"""What goes wrong, as one JSON shape: `{status, code, message, pointer?}` (RFC 9457, `application/problem+json`).

A message names rules, keys and places, never a value that was sent: what people send here is about people. What nobody
foresaw is told as INTERNAL and logged by its type and place only, because an exception's text may hold such a value.
"""

import logging
import traceback
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from acredita.anchoring.ledger import LedgerStop, LedgerUnreachable
from acredita.node.issuance.institution import InstitutionRefused
from acredita.node.storage.database import LeaseLost, StorageUnavailable
from acredita.registry.codes import Code
from acredita.registry.credentials.cohort_file import CohortRefused
from acredita.registry.json_documents.strict import ReadingError
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
        "pointer": {"type": "string", "description": "RFC 6901 pointer into the body"},
    },
}


class Problem(Exception):
    """A refused request."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        pointer: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.pointer = pointer
        self.headers = headers

    def response(self) -> JSONResponse:
        body: dict[str, object] = {"status": self.status, "code": self.code, "message": self.message}
        if self.pointer is not None:
            body["pointer"] = self.pointer
        headers = {"Cache-Control": "no-store", **(self.headers or {})}
        return JSONResponse(body, self.status, headers=headers, media_type=MEDIA_TYPE)


def not_found(what: str = "nothing stands at this address") -> Problem:
    return Problem(404, "NOT_FOUND", what)


def reading_problem(error: ReadingError, known: Collection[str] = ()) -> Problem:
    """A body that strict reading refuses. Of the pointer a known first key is told; others may be anybody's words."""
    status = 413 if error.code == Code.JSON_TOO_LARGE else 400
    first = error.pointer.split("/")[1:2]
    pointer = "/" + first[0] if first and first[0] in known else ""
    return Problem(status, error.code, "the body is not JSON of one reading", pointer=pointer)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These problems in an OpenAPI operation, and the same shape for any other."""
    told = {"description": "a problem with a stable code", "content": {MEDIA_TYPE: {"schema": PROBLEM_SCHEMA}}}
    keys: tuple[int | str, ...] = (*statuses, "default")
    return dict.fromkeys(keys, told)


_Answer = Callable[[Request, Exception], Awaitable[JSONResponse]]


def install(app: FastAPI) -> None:
    """Every exception that is foreseen becomes a problem; the rest is `internal_problem`'s, in `observing`."""
    for kind, translate in _TRANSLATIONS:
        app.add_exception_handler(kind, _answering(translate))


def _answering(translate: Callable[[Any], Problem]) -> _Answer:
    async def answer(_request: Request, error: Exception) -> JSONResponse:
        return translate(error).response()

    return answer


def _as_is(error: Problem) -> Problem:
    return error


def _http(error: HTTPException) -> Problem:
    codes = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}
    code = codes.get(error.status_code, "HTTP_ERROR")
    return Problem(error.status_code, code, error.detail, headers=dict(error.headers or {}))


def _parameter(error: RequestValidationError) -> Problem:
    """A path or query parameter of the wrong form; pydantic's own text repeats the value and is left out."""
    names = sorted({str(part) for fault in error.errors() for part in fault["loc"][1:2]})
    return Problem(400, "PARAMETER_MALFORMED", f"parameters of the wrong form: {', '.join(names)}")


def _refused(error: InstitutionRefused) -> Problem:
    return Problem(404 if error.code == Code.CREDENTIAL_UNKNOWN else 409, error.code, str(error))


def _cohort(error: CohortRefused) -> Problem:
    return Problem(422, error.code, str(error))


def _storage(_error: StorageUnavailable) -> Problem:
    return Problem(503, "STORAGE_UNAVAILABLE", "the node's storage cannot be used now", headers={"Retry-After": "5"})


def _ledger(_error: LedgerUnreachable) -> Problem:
    return Problem(503, Code.LEDGER_UNREACHABLE, "the ledger does not answer now", headers={"Retry-After": "5"})


def _stop(error: LedgerStop) -> Problem:
    return Problem(409, error.code, f"writing has stopped: {error.subject}")


def _lease(_error: LeaseLost) -> Problem:
    return Problem(409, "LEASE_LOST", "another process writes for this institution now")


def internal_problem(error: Exception) -> Problem:
    """What nobody foresaw: logged by type and place."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].name}:{frames[-1].lineno}" if frames else "unknown"
    _log.error("internal error", extra={"kind": type(error).__name__, "place": place})
    return Problem(500, "INTERNAL", "an internal error; it was logged")


_TRANSLATIONS: list[tuple[type[Exception], Callable[[Any], Problem]]] = [
    (Problem, _as_is),
    (HTTPException, _http),
    (RequestValidationError, _parameter),
    (InstitutionRefused, _refused),
    (CohortRefused, _cohort),
    (StorageUnavailable, _storage),
    (LedgerUnreachable, _ledger),
    (LedgerStop, _stop),
    (LeaseLost, _lease),
]
