"""Limit each connection of the server in time and size: a slow or endless request ends, and others are served.

The server reads HTTP with httptools, which has no limits of its own. This protocol closes a connection that has sent no
complete header within `head_seconds` or no complete request within `request_seconds`. It refuses a header, or the trailer of
a chunked body, of more than `head_bytes`. `request_bodies` limits the bodies; the server limits the number of connections.

An offer to change the protocol is ignored (RFC 9110 7.8). Some clients offer HTTP/2 with their first request; httptools
would stop before its body.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, Final, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_MALFORMED: Final = "Invalid HTTP request received."
_TOO_LARGE: Final = "Request header too large."


@dataclass(frozen=True)
class ConnectionLimits:
    """Limits of one connection, in seconds and bytes."""

    head_seconds: float = 10.0
    request_seconds: float = 60.0
    head_bytes: int = 65_536


class LimitedProtocol(HttpToolsProtocol):
    """The HTTP protocol of uvicorn on httptools, within limits. Times run from the first byte, or from the connection."""

    limits = ConnectionLimits()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first header."""
        super().connection_made(cast(asyncio.Transport, transport))
        self._deadline: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._expect_within(self.limits.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the wait."""
        self._expect_nothing()
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
            self.send_400_response(_MALFORMED)
        if self._head_bytes > self.limits.head_bytes and not self.transport.is_closing():
            self.send_400_response(_TOO_LARGE)

    # --- called by the parser ---

    def on_message_begin(self) -> None:
        """Begin a request, which may follow another in the same data."""
        super().on_message_begin()
        if self._deadline is None:
            self._expect_within(self.limits.head_seconds)

    def on_headers_complete(self) -> None:
        """Wait for the rest of the request."""
        if self.parser.should_upgrade():
            return  # parsed again without the offer
        self._expect_within(self.limits.request_seconds)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body, which `request_bodies` limits."""
        self._head_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End the wait: the request is complete."""
        if self.parser.should_upgrade():
            return
        self._head_bytes = 0
        self._expect_nothing()
        super().on_message_complete()

    def _ignore_offer(self, rest: bytes) -> None:
        """Parse the request again without its offer to change the protocol, then the rest of the data."""
        method, version = self.parser.get_method(), self.parser.get_http_version().encode("ascii")
        if method == b"CONNECT":  # no offer to remove: such a request has no body and nothing after it
            self.send_400_response(_MALFORMED)
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

    # --- the deadline ---

    def _expect_within(self, seconds: float) -> None:
        self._expect_nothing()
        self._deadline = self.loop.call_later(seconds, self._end)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _end(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self.transport.close()


def protocol_within(limits: ConnectionLimits) -> type[LimitedProtocol]:
    """Return the protocol with these limits; the server makes an instance for each connection."""
    members: dict[str, Any] = {"limits": limits}
    return type("LimitedProtocol", (LimitedProtocol,), members)
