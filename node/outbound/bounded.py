"""One HTTP exchange within bounds: the whole of it in seconds, its body in bytes.

A socket's own time-out counts from its last byte, so that a host that trickles could hold a thread for hours. Here the
line is hung up when the time is over. Whom to ask, and what an answer is worth, is for the caller to say.
"""

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class AnswerUnavailable(TimeoutError):
    """The exchange took longer than it may: whatever was read ends where the line was cut."""


class BodyRefused(Exception):
    """The body is longer than it may be."""


@contextmanager
def hung_up_after(line: socket.socket, seconds: float) -> Iterator[None]:
    """Close the connection after so many seconds. Raises AnswerUnavailable at the end where that happened."""
    over = threading.Event()
    deadline = threading.Timer(seconds, _hang_up, [line, over])
    deadline.daemon = True
    deadline.start()
    try:
        yield
    finally:
        deadline.cancel()
        if over.is_set():
            raise AnswerUnavailable


def read_body(answer: http.client.HTTPResponse, limit: int) -> bytes:
    """Read the whole body, of at most `limit` bytes. Raises BodyRefused, IncompleteRead."""
    body = answer.read(limit + 1)
    if len(body) > limit:
        raise BodyRefused
    if answer.length:  # read(n) is content with less than was announced
        raise http.client.IncompleteRead(body, answer.length)
    return body


def _hang_up(line: socket.socket, over: threading.Event) -> None:
    over.set()
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has hung up already
