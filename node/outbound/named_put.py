"""Send a file to an address that the operator named on the command line.

The address follows the rules of `named_host`; size of the answer and time are bounded. A host may answer before it has read
the file, because it refuses it, and close the line: that answer counts.
"""

import http.client
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from acredita.node.outbound.bounded import BodyRefused, read_body
from acredita.node.outbound.fetch import SourceUnavailable
from acredita.node.outbound.named_host import NamedTarget, connected, target_of, unreachable
from acredita.registry.codes import Code

SENDING_SECONDS: Final = 60.0  # 2 MiB at 35 KB a second
MAX_ANSWER_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class HostAnswer:
    """The answer of a host to a file."""

    status: int
    body: bytes


def put_named(url: str, content: bytes, media_type: str) -> HostAnswer:
    """Send a file by PUT. Raises SourceUnavailable."""
    target = target_of(url)
    with unreachable(url), connected(target, SENDING_SECONDS) as line:
        return _exchange(line, target, content, media_type)


def _exchange(line: socket.socket, target: NamedTarget, content: bytes, media_type: str) -> HostAnswer:
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = line
    headers = {"Content-Type": media_type, "Accept-Encoding": "identity", "Connection": "close"}
    with suppress(BrokenPipeError, ConnectionResetError):  # it has answered already
        connection.request("PUT", target.path, content, headers)
    with connection.getresponse() as answer:
        try:
            return HostAnswer(answer.status, read_body(answer, MAX_ANSWER_BYTES))
        except BodyRefused as error:
            raise SourceUnavailable(Code.SOURCE_UNREACHABLE, f"at most {MAX_ANSWER_BYTES} bytes") from error
