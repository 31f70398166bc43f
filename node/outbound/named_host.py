"""Fetch a file from an address that the operator named on the command line.

The person who typed it chose whom to ask, so http and internal addresses are allowed; nothing redirects, and size and time
are bounded. An address that stands in a document is fetched by `fetch` instead.
"""

import http.client
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from acredita.node.outbound.bounded import BodyRefused, hung_up_after, read_body
from acredita.node.outbound.fetch import SourceUnavailable
from acredita.registry.codes import Code

MAX_FILE_BYTES: Final = 1 << 20
SECONDS: Final = 10.0

_FOUND, _ABSENT, _WITHHELD = 200, 404, 451
_PORTS: Final = {"http": 80, "https": 443}
_PATH: Final = re.compile(r"(?:/[A-Za-z0-9._~%-]*)*")


def is_address(text: str) -> bool:
    """Return True for a text that is meant as an http address, and not as a path."""
    return text.startswith(("http://", "https://"))


def fetch_named(url: str, query: str = "", most: int = MAX_FILE_BYTES) -> bytes | None:
    """Fetch the body of a 200 answer; None for a 404. `query`: what the program asks there. Raises SourceUnavailable."""
    target = target_of(url)
    with unreachable(url), connected(target) as line:
        return _exchange(line, target, target.path + (f"?{query}" if query else ""), most)


@dataclass(frozen=True)
class NamedTarget:
    """An http address, taken apart."""

    scheme: str
    host: str
    port: int
    path: str


def target_of(url: str) -> NamedTarget:
    """Take an address apart. Raises SourceUnavailable for one that is not http or https with a host and a path."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or _PORTS.get(parts.scheme)
    except ValueError as error:
        raise SourceUnavailable(Code.SOURCE_NOT_ALLOWED, f"{url}: {error}") from error
    more = parts.username or parts.password or parts.query or parts.fragment
    if port is None or not host or more or _PATH.fullmatch(parts.path) is None:
        raise SourceUnavailable(Code.SOURCE_NOT_ALLOWED, f"{url}: http or https, a host and a path expected")
    return NamedTarget(parts.scheme, host, port, parts.path or "/")


@contextmanager
def unreachable(url: str) -> Iterator[None]:
    """Raise SourceUnavailable for every failure of an exchange with an address."""
    try:
        yield
    except (OSError, UnicodeError, http.client.HTTPException) as error:  # UnicodeError: a name that no host can have
        raise SourceUnavailable(Code.SOURCE_UNREACHABLE, f"{url}: {type(error).__name__}") from error


@contextmanager
def connected(target: NamedTarget, seconds: float = SECONDS) -> Iterator[socket.socket]:
    """Connect to a host, with TLS where the scheme is https. The line is hung up after so many seconds."""
    with socket.create_connection((target.host, target.port), timeout=seconds) as line:
        if target.scheme == "http":
            with hung_up_after(line, seconds):
                yield line
            return
        context = ssl.create_default_context()
        with (
            context.wrap_socket(line, server_hostname=target.host, do_handshake_on_connect=False) as secured,
            hung_up_after(secured, seconds),
        ):
            secured.do_handshake()
            yield secured


def _exchange(line: socket.socket, target: NamedTarget, path: str, most: int) -> bytes | None:
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = line
    connection.request("GET", path, headers={"Accept-Encoding": "identity", "Connection": "close"})
    with connection.getresponse() as answer:
        return _body(answer, most)


def _body(answer: http.client.HTTPResponse, most: int) -> bytes | None:
    if answer.status == _ABSENT:
        return None
    if answer.status == _WITHHELD:
        raise SourceUnavailable(Code.DOCUMENT_WITHHELD, "the host withholds it")
    if answer.status != _FOUND:  # a redirect too: nobody named where it leads
        raise SourceUnavailable(Code.SOURCE_UNREACHABLE, f"200 expected, found {answer.status}")
    try:
        return read_body(answer, most)
    except BodyRefused as error:
        raise SourceUnavailable(Code.SOURCE_UNREACHABLE, f"at most {most} bytes") from error
