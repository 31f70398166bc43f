"""An HTTP adapter that bounds the beginning of an answer, status line and headers, as a whole.

A socket's own time-out counts from its last byte, so that an endpoint that sends a header byte by byte could hold a thread
for years. Here the beginning has the time-out of one read, from its first question for bytes to the blank line. The body is
bounded by whoever reads it.
"""

import http.client
import io
import socket
import time
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class TimedHeadersAdapter(HTTPAdapter):
    """An adapter for `requests` whose connections read the beginning of an answer within the read time-out."""

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        """Return the pool of an address, of a proxy as well, with connections of ours."""
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = _TimedHttpsConnection if pool.scheme == "https" else _TimedHttpConnection
        return pool


class _TimedReads(io.RawIOBase):
    """The bytes of a socket. Each read has what is left of the time-out until `begun` is called, then all of it."""

    def __init__(self, line: socket.socket, raw: io.RawIOBase) -> None:
        super().__init__()
        self._line, self._raw = line, raw
        self._seconds = line.gettimeout()
        self._end = None if self._seconds is None else time.monotonic() + self._seconds

    def begun(self) -> None:
        """Give each read of the body the whole time-out again."""
        if self._end is not None:
            self._end = None
            self._line.settimeout(self._seconds)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._end is not None:
            left = self._end - time.monotonic()
            if left <= 0:
                raise TimeoutError("the answer's headers took too long")
            self._line.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedHeadersResponse(http.client.HTTPResponse):
    """A response whose status line and headers come within one time-out."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._reads = _TimedReads(sock, self.fp.detach())
        self.fp = io.BufferedReader(self._reads)

    def begin(self) -> None:
        super().begin()
        self._reads.begun()


class _TimedHttpConnection(HTTPConnection):
    """A connection over plain HTTP."""

    response_class = _TimedHeadersResponse


class _TimedHttpsConnection(HTTPSConnection):
    """A connection over TLS."""

    response_class = _TimedHeadersResponse
