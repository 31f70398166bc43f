"""Fetch a file from an address that the operator named on the command line.

The person who typed it chose whom to ask, so http and internal addresses are allowed; nothing redirects, and size and time
are bounded. An address that stands in a document is fetched by `fetch` instead.
"""

import http.client
import re
import socket
import ssl
from typing import Final
from urllib.parse import urlsplit

from acredita.node.outbound.bounded import BodyRefused, hung_up_after, read_body
from acredita.node.outbound.fetch import SourceUnavailable
from acredita.registry.codes import Code

MAX_FILE_BYTES: Final = 1 << 20
SECONDS: Final = 10.0

_FOUND, _ABSENT = 200, 404
_PORTS: Final = {"http": 80, "https": 443}
_PATH: Final = re.compile(r"(?:/[A-Za-z0-9._~%-]*)*")


def is_address(text: str) -> bool:
    """Return True for a text that is meant as an http address, and not as a path."""
    return text.startswith(("http://", "https://"))


def fetch_named(url: str, query: str = "") -> bytes | None:
    """Fetch the body of a 200 answer; None for a 404. `query`: what the program asks there. Raises SourceUnavailable."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or _PORTS.get(parts.scheme)
    except ValueError as error:
        raise SourceUnavailable(Code.SOURCE_NOT_ALLOWED, f"{url}: {error}") from error
    more = parts.username or parts.password or parts.query or parts.fragment
    if port is None or not host or more or _PATH.fullmatch(parts.path) is None:
        raise SourceUnavailable(Code.SOURCE_NOT_ALLOWED, f"{url}: http or https, a host and a path expected")
    try:
        return _get(parts.scheme, host, port, (parts.path or "/") + (f"?{query}" if query else ""))
    except (OSError, UnicodeError, http.client.HTTPException) as error:  # UnicodeError: a name that no host can have
        raise SourceUnavailable(Code.SOURCE_UNREACHABLE, f"{url}: {type(error).__name__}") from error


def _get(scheme: str, host: str, port: int, path: str) -> bytes | None:
    with socket.create_connection((host, port), timeout=SECONDS) as line:
        if scheme == "http":
            return _exchange(line, host, port, path)
        context = ssl.create_default_context()
        with context.wrap_socket(line, server_hostname=host) as secured:
            return _exchange(secured, host, port, path)


def _exchange(line: socket.socket, host: str, port: int, path: str) -> bytes | None:
    connection = http.client.HTTPConnection(host, port)
    connection.sock = line
    with hung_up_after(line, SECONDS):
        connection.request("GET", path, headers={"Accept-Encoding": "identity", "Connection": "close"})
        with connection.getresponse() as answer:
            return _body(answer)


def _body(answer: http.client.HTTPResponse) -> bytes | None:
    if answer.status == _ABSENT:
        return None
    if answer.status != _FOUND:  # a redirect too: nobody named where it leads
        raise SourceUnavailable(Code.SOURCE_UNREACHABLE, f"200 expected, found {answer.status}")
    try:
        return read_body(answer, MAX_FILE_BYTES)
    except BodyRefused as error:
        raise SourceUnavailable(Code.SOURCE_UNREACHABLE, f"at most {MAX_FILE_BYTES} bytes") from error
