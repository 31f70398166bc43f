"""Wrap every request: one log line, one count, security headers, and the last error answer.

A request is named by its route, never by its path, because a digest in a path belongs to a person. An exception that
no handler foresaw becomes a problem here, so that the server never prints its text.
"""

import logging
import time
from collections.abc import Callable, Sequence

from acredita.node.http.metrics import Metrics
from acredita.node.http.problems import internal_problem
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger("acredita.node.http")

UNMATCHED = "unmatched"
_ANY_PAGE = b"access-control-allow-origin"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)


def _for_other_pages(headers: Sequence[tuple[bytes, bytes]]) -> tuple[tuple[bytes, bytes], ...]:
    """Return the header that lets any page read the answer, for answers that any cache may keep.

    Verifiers that run in a browser read status lists, keys and logs from pages of their own.
    """
    named = {name.lower(): value for name, value in headers}
    if b"public" not in named.get(b"cache-control", b"") or _ANY_PAGE in named:
        return ()
    return ((_ANY_PAGE, b"*"),)


class RequestMiddleware:
    """ASGI middleware around the application. `stopwatch` returns monotonic seconds."""

    def __init__(self, app: ASGIApp, metrics: Metrics, stopwatch: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._metrics = metrics
        self._stopwatch = stopwatch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = self._stopwatch(), 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message.get("headers", [])
                message = {**message, "headers": [*headers, *_HEADERS, *_for_other_pages(headers)]}
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:  # noqa: BLE001 - the outermost frame of a request
            if status:  # the answer has begun: all that is left is to end the connection
                raise ConnectionAbortedError("an answer broke off") from None
            await internal_problem(error).response()(scope, receive, send_with_headers)
        finally:
            self._note(scope, status, self._stopwatch() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", UNMATCHED)
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        self._metrics.request(route, method, status, seconds)
        fields = {"route": route, "method": method, "status": status, "milliseconds": round(seconds * 1000, 1)}
        _log.info("request", extra=fields)
