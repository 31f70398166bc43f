"""Wrap every request: one log line, one count, security headers, HEAD, preflights, and the last error answer.

A request is named by its route, never by its path, because a digest in a path belongs to a person. An exception that
no handler foresaw becomes a problem here, so that the server never prints its text. HEAD is answered as GET is, without
the content (RFC 9110 9.3.2).
"""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

from acredita.node.http.metrics import Metrics
from acredita.node.http.problems import internal_problem
from acredita.registry.canonicalisation.budget import request_budget
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger("acredita.node.http")

UNMATCHED = "unmatched"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)
_ANY_PAGE: Final = ((b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", b"ETag"))
_PREFLIGHT: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}


class RequestMiddleware:
    """ASGI middleware around the application. `stopwatch` returns monotonic seconds.

    `readable`: the routes whose answers to GET any web page may read.
    """

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        readable: Sequence[APIRoute] = (),
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._readable = readable
        self._read_by_pages = frozenset(route.endpoint for route in readable)
        self._stopwatch = stopwatch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status, method = self._stopwatch(), 0, scope["method"]
        if method == "HEAD":
            scope = {**scope, "method": "GET"}

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message.get("headers", [])
                message = {**message, "headers": [*headers, *_HEADERS, *self._for_pages(scope, headers)]}
            elif method == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        try:
            with request_budget():
                await self._answer(scope, receive, send_with_headers, method)
        except Exception as error:  # noqa: BLE001 - the outermost frame of a request
            if status:  # the answer has begun: all that is left is to end the connection
                raise ConnectionAbortedError("an answer broke off") from None
            await internal_problem(error).response()(scope, receive, send_with_headers)
        finally:
            self._note(scope, method, status, self._stopwatch() - started)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, method: str) -> None:
        if method == "OPTIONS" and self._is_preflight(scope):
            await Response(status_code=204, headers=_PREFLIGHT)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _for_pages(self, scope: Scope, headers: Sequence[tuple[bytes, bytes]]) -> tuple[tuple[bytes, bytes], ...]:
        """Return the headers that let any page read the answer, if it may and the handler has not said so itself."""
        is_readable = scope["method"] == "GET" and scope.get("endpoint") in self._read_by_pages
        return () if not is_readable or _ANY_PAGE[0] in headers else _ANY_PAGE

    def _is_preflight(self, scope: Scope) -> bool:
        """Return whether a browser asks if a page may send GET or HEAD with headers of its own, and the page may."""
        requested = dict(scope["headers"]).get(b"access-control-request-method")
        if requested not in (b"GET", b"HEAD"):
            return False
        as_get = {**scope, "method": "GET"}
        route = next((route for route in self._readable if route.matches(as_get)[0] is Match.FULL), None)
        if route is None:
            return False
        scope["route"] = route
        return True

    def _note(self, scope: Scope, method: str, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", UNMATCHED)
        method = method if method in _METHODS else "OTHER"
        self._metrics.request(route, method, status, seconds)
        fields = {"route": route, "method": method, "status": status, "milliseconds": round(seconds * 1000, 1)}
        _log.info("request", extra=fields)
