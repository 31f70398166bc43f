"""A connection ends by its deadline or its size, and a request within the limits is answered, whichever form it has."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from acredita.node.http.connections import ConnectionLimits
from fastapi import FastAPI, Request

from tests.node.http.test_server import running
from tests.waiting import PATIENCE_SECONDS, wait_for

SHORT = ConnectionLimits(head_seconds=0.3, request_seconds=0.3)
GET = b"GET /hello HTTP/1.1\r\nHost: x\r\n"
CHUNKED = b"POST /size HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"

app = FastAPI()


@app.get("/hello")
async def hello() -> str:
    """Answer without reading a body."""
    return "hello"


@app.post("/size")
async def size(request: Request) -> int:
    """Return the size of the body."""
    return len(await request.body())


@contextmanager
def connected(limits: ConnectionLimits | None = None) -> Iterator[socket.socket]:
    """Open a connection to a server of its own."""
    with (
        running(app) if limits is None else running(app, limits=limits) as port,
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as connection,
    ):
        yield connection


def is_closed(connection: socket.socket) -> bool:
    """Read until the server closes; raises TimeoutError if it does not."""
    try:
        while connection.recv(65_536):
            pass
    except ConnectionResetError:
        pass
    return True


def answers_until_closed(connection: socket.socket) -> bytes:
    """Read until the server closes the connection."""
    received = b""
    while piece := connection.recv(65_536):
        received += piece
    return received


def answers(connection: socket.socket, count: int) -> bytes:
    """Read until so many answers have arrived."""
    received = b""
    while received.count(b"HTTP/1.1 ") < count or not received.endswith((b'"hello"', b"0", b"1", b"9")):
        piece = connection.recv(65_536)
        assert piece, received
        received += piece
    return received


def has_ended(connection: socket.socket, received: bytearray) -> bool:
    """Return whether a connection that does not block is closed; add what it has answered."""
    try:
        answer = connection.recv(65_536)
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True
    received.extend(answer)
    return not answer


def send_until_closed(connection: socket.socket, piece: bytes) -> bytes:
    """Send the same piece again and again until the server closes the connection; return what it answered."""
    received = bytearray()

    connection.setblocking(False)

    def is_over() -> bool:
        try:
            connection.send(piece)
        except BlockingIOError:
            pass
        except (ConnectionResetError, BrokenPipeError):
            return True
        return has_ended(connection, received)

    wait_for(is_over, "a closed connection")
    return bytes(received)


def test_a_silent_connection_is_closed() -> None:
    with connected(SHORT) as connection:
        assert is_closed(connection)


def test_a_silent_connection_is_closed_after_an_answer() -> None:
    with connected(SHORT) as connection:
        connection.sendall(GET + b"\r\n")
        answers(connection, 1)
        connection.sendall(b"G")
        assert is_closed(connection)


@pytest.mark.parametrize("piece", [b"a", b"\r\n"])
def test_a_header_that_never_ends_is_closed(piece: bytes) -> None:
    with connected(SHORT) as connection:
        if piece == b"a":
            connection.sendall(GET + b"X-Slow: ")
        send_until_closed(connection, piece)


def test_a_body_that_never_ends_is_closed_although_nobody_reads_it() -> None:
    with connected(SHORT) as connection:
        connection.sendall(GET + b"Content-Length: 1000000\r\n\r\n")
        answers(connection, 1)
        send_until_closed(connection, b"a")


@pytest.mark.parametrize(
    "start",
    [b"GET /", GET + b"X-Name", GET + b"X-Long: ", GET + b"X: y\r\n" * 8_000],
    ids=["address", "name", "value", "many"],
)
def test_a_header_over_the_limit_is_refused(start: bytes) -> None:
    with connected() as connection:
        connection.sendall(start + b"a" * (ConnectionLimits.head_bytes + 1 - len(start)))  # one byte over the limit
        assert answers_until_closed(connection).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("start", [b"1\r\na\r\n0\r\nX-Trailer: ", b"1;extension="], ids=["trailer", "extension"])
def test_what_follows_a_chunk_without_end_is_closed(start: bytes) -> None:
    with connected() as connection:
        connection.sendall(CHUNKED + start)
        send_until_closed(connection, b"a" * 16_384)


def test_both_lengths_are_refused() -> None:
    with connected() as connection:
        connection.sendall(b"POST /size HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert answers_until_closed(connection).startswith(b"HTTP/1.1 400 ")


def test_a_body_in_many_small_chunks_is_read() -> None:
    """Count frames of chunks as body: here they are more than the limit of a header."""
    with connected() as connection:
        connection.sendall(CHUNKED + b"1\r\na\r\n" * 20_000 + b"0\r\n\r\n")
        assert answers(connection, 1).endswith(b"20000")


def test_requests_follow_each_other_on_a_connection() -> None:
    with connected() as connection:
        for _ in range(2):
            connection.sendall(GET + b"\r\n")
            assert answers(connection, 1).endswith(b'"hello"')
        connection.sendall((GET + b"\r\n") * 3)
        assert answers(connection, 3).count(b" 200 ") == 3


H2C = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
WEBSOCKET = b"Connection: keep-alive, upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"


@pytest.mark.parametrize("offer", [H2C, WEBSOCKET], ids=["h2c", "websocket"])
@pytest.mark.parametrize("step", [1, 7, 1_000], ids=["bytes", "pieces", "whole"])
def test_an_offer_to_change_the_protocol_is_ignored(offer: bytes, step: int) -> None:
    """Serve a client that offers HTTP/2 with its first request (RFC 9110 7.8: a server may ignore the offer)."""
    request = b"POST /size HTTP/1.1\r\nHost: x\r\n" + offer + b"Content-Length: 9\r\n\r\n123456789"
    with connected() as connection:
        for start in range(0, len(request), step):
            connection.sendall(request[start : start + step])
        assert answers(connection, 1).endswith(b"\r\n\r\n9")
        connection.sendall(GET + offer + b"\r\n" + GET + b"\r\n")
        assert answers(connection, 2).count(b" 200 ") == 2


def test_an_offer_does_not_hide_that_the_client_closes() -> None:
    with connected() as connection:
        connection.sendall(GET + b"Connection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n")
        answers(connection, 1)
        assert is_closed(connection)


def test_a_tunnel_is_refused() -> None:
    with connected() as connection:
        connection.sendall(b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n")
        assert answers_until_closed(connection).startswith(b"HTTP/1.1 400 ")
