"""Limit each connection of the server in time and size: a slow or endless request ends, and others are served.

- A connection is closed that has sent no complete header within `head_seconds`, or no complete request within
  `request_seconds` of it. A body may take longer if it comes at `upload_rate` or faster.
- A connection is closed whose client takes nothing of an answer for `request_seconds`.
- A header, or the trailer of a chunked body, of more than `head_bytes` is refused; `request_bodies` limits bodies.
- A request that two readers could understand differently is refused, and its connection closed: see `_is_ambiguous`.
  The parser refuses two lengths, white space before a colon, folded lines and malformed chunks.

The server reads HTTP with httptools, which has no limits of its own. An offer to change the protocol is ignored
(RFC 9110 7.8). Some clients offer HTTP/2 with their first request; httptools would stop before its body.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import httptools
from acredita.node.http.admission import Place, client_address, is_trusted
from acredita.node.http.joined_answers import JoinedAnswer
from acredita.node.http.problems import RequestRefused
from acredita.node.http.request_bodies import UPLOAD_RATE
from acredita.registry.codes import Code
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_MALFORMED: Final = "Invalid HTTP request received."
_TOO_LARGE: Final = "Request header too large."
_GRACE_SECONDS: Final = 5.0  # how often the rate of a long upload is looked at, and how long a closing may take
_VERSIONS: Final = frozenset({"1.0", "1.1"})


@dataclass(frozen=True)
class ConnectionLimits:
    """Limits of one connection, in seconds, bytes, and bytes a second."""

    head_seconds: float = 10.0
    request_seconds: float = 60.0
    upload_rate: float = UPLOAD_RATE
    head_bytes: int = 65_536


class LimitedProtocol(HttpToolsProtocol):
    """The HTTP protocol of uvicorn on httptools, within limits. Times run from the first byte, or from the connection."""

    limits = ConnectionLimits()

    def __init__(self, place: Place, **given: Any) -> None:
        super().__init__(**given)
        self._place = place
        self._application = self.app
        self._deadline: asyncio.TimerHandle | None = None
        self._write_deadline: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._body_bytes = 0
        self._body_since: float | None = None  # while a body is expected
        self._requests: deque[str | None] = deque()  # being answered, oldest first: the forwarded address, if it counts

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first header."""
        super().connection_made(cast(asyncio.Transport, transport))
        self._place.close = self.transport.abort
        self._expect_within(self.limits.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the wait, and return the place."""
        self._expect_nothing()
        self.resume_writing()
        while self._requests:
            self._end_request()
        self._place.release()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse the data. Bytes count against the limit until they turn out to belong to a body."""
        if self._deadline is None:  # also for blank lines between two requests, which begin no message
            self._expect_within(self.limits.head_seconds)
        self._head_bytes += len(data)
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._ignore_offer(data[offer.args[0] :])
        except httptools.HttpParserError:
            self._refuse(_MALFORMED)
        if self._head_bytes > self.limits.head_bytes and not self.transport.is_closing():
            self._refuse(_TOO_LARGE)

    # --- called by the parser ---

    def on_message_begin(self) -> None:
        """Begin a request, which may follow another in the same data."""
        super().on_message_begin()
        self._body_bytes, self._body_since = 0, None
        if self._deadline is None:
            self._expect_within(self.limits.head_seconds)

    def on_headers_complete(self) -> None:
        """Wait for the rest of the request."""
        if self.parser.should_upgrade():
            return  # parsed again without the offer
        if _is_ambiguous(self.headers, self.parser.get_http_version()):
            raise httptools.HttpParserError(_MALFORMED)
        self._body_since = self.loop.time()
        self._expect_within(self.limits.request_seconds)
        self._begin_request()
        super().on_headers_complete()
        if self.scope["method"] != "HEAD":  # its answer is a head alone
            self.cycle.transport = cast(asyncio.Transport, JoinedAnswer(self.transport))

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body, which `request_bodies` limits."""
        self._head_bytes = 0
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End the wait: the request is complete."""
        if self.parser.should_upgrade():
            return
        self._head_bytes = 0
        self._body_since = None
        self._expect_nothing()
        if self._requests:
            self._place.answering()
        super().on_message_complete()

    # --- requests that are being answered ---

    def _begin_request(self) -> None:
        """Find the client's address, and choose the application: another one answers for an address with too many."""
        peer = self.client[0] if self.client else ""
        proxies = self._place.limits.trusted_proxies
        self.app, address = self._application, None
        if is_trusted(peer, proxies):
            forwarded = b",".join(value for name, value in self.headers if name == b"x-forwarded-for").decode("latin-1")
            address = client_address(peer, forwarded, proxies)
            self.scope["client"] = (address, 0)
            if not self._place.begin_forwarded(address):
                self.app, address = cast(Any, too_many_requests), None
        self._requests.append(address)

    def _end_request(self) -> None:
        address = self._requests.popleft()
        if address is not None:
            self._place.end_forwarded(address)

    def on_response_complete(self) -> None:
        """Wait for the next request, if the answered one was the last and is complete."""
        if self._requests:
            self._end_request()
        if not self._requests or self._body_since is not None:
            self._place.waiting()
        super().on_response_complete()

    def _ignore_offer(self, rest: bytes) -> None:
        """Parse the request again without its offer to change the protocol, then the rest of the data."""
        method, version = self.parser.get_method(), self.parser.get_http_version().encode("ascii")
        if method == b"CONNECT":  # no offer to remove: such a request has no body and nothing after it
            self._refuse(_MALFORMED)
            return
        kept = [(name, value) for name, value in self.headers if name not in (b"upgrade", b"connection")]
        options = b",".join(value for name, value in self.headers if name == b"connection")
        kept += [
            (b"connection", option.strip())
            for option in options.split(b",")
            if option.strip().lower() not in (b"", b"upgrade")
        ]
        lines = [b" ".join((method, self.url, b"HTTP/" + version)), *(name + b": " + value for name, value in kept)]
        self.parser = httptools.HttpRequestParser(self)
        self._head_bytes = 0
        self.data_received(b"\r\n".join(lines) + b"\r\n\r\n" + rest)

    # --- deadlines ---

    def _expect_within(self, seconds: float) -> None:
        self._expect_nothing()
        self._deadline = self.loop.call_later(seconds, self._end)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _end(self) -> None:
        """Close the connection, unless it is in the middle of a body that comes fast enough."""
        self._deadline = None
        if self._body_since is not None:
            elapsed = self.loop.time() - self._body_since
            if self._body_bytes >= elapsed * self.limits.upload_rate:
                self._expect_within(min(_GRACE_SECONDS, self.limits.request_seconds))
                return
        self._close()

    def pause_writing(self) -> None:
        """Wait for the client to take what was written."""
        super().pause_writing()
        if self._write_deadline is None:
            self._write_deadline = self.loop.call_later(self.limits.request_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """End that wait."""
        if self._write_deadline is not None:
            self._write_deadline.cancel()
            self._write_deadline = None
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that has sent nothing since its last answer."""
        self._close()

    def _refuse(self, message: str) -> None:
        """Answer 400 and close the connection; without an answer if an earlier request would take it for its own."""
        if len(self._requests) > 1 or (self._requests and (self._body_since is None or self.cycle.response_started)):
            self.transport.abort()
            return
        if self._requests:
            self.cycle.disconnected = True  # its application answers nothing more
        self.send_400_response(message)
        self._close()

    def _close(self) -> None:
        """Close the connection: at once if nothing is left to be written, and soon if the client takes nothing."""
        if not self.transport.is_closing():
            self.transport.close()
        self.loop.call_later(_GRACE_SECONDS, self.transport.abort)


def _is_ambiguous(headers: Sequence[tuple[bytes, bytes]], version: str) -> bool:
    """Return whether readers may understand a request differently.

    It names no host or two (RFC 9112 3.2), has both lengths (6.1), a transfer coding in HTTP/1.0 or another one than
    chunked, or a version that is not ours.
    """
    names = [name for name, _ in headers]
    hosts, codings = names.count(b"host"), [value.lower() for name, value in headers if name == b"transfer-encoding"]
    if version not in _VERSIONS or hosts > 1 or (hosts == 0 and version == "1.1"):
        return True
    if names.count(b"content-length") > (0 if codings else 1):
        return True
    return bool(codings) and (version == "1.0" or codings != [b"chunked"])


async def too_many_requests(scope: Any, receive: Any, send: Any) -> None:
    """Answer that too many requests of the client's address are being answered."""
    problem = RequestRefused(
        429, Code.TOO_MANY_REQUESTS, "too many requests of one address at once", headers={"Retry-After": "5"}
    )
    await problem.response()(scope, receive, send)


def protocol_within(limits: ConnectionLimits) -> type[LimitedProtocol]:
    """Return the protocol with these limits; the server makes an instance for each connection."""
    members: dict[str, Any] = {"limits": limits}
    return type("LimitedProtocol", (LimitedProtocol,), members)
