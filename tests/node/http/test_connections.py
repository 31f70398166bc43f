"""A connection ends by its deadline or its size, and a request within the limits is answered, whichever form it has."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest
from acredita.node.http.admission import AdmissionLimits
from acredita.node.http.connections import ConnectionLimits
from fastapi import FastAPI, Request, Response

from tests.node.http.test_server import running
from tests.waiting import PATIENCE_SECONDS, pulses, wait_for

SHORT = ConnectionLimits(head_seconds=0.3, request_seconds=0.3)
LARGE = 32 * 1024 * 1024  # more than the system and the server keep of an answer that nobody takes
GET = b"GET /hello HTTP/1.1\r\nHost: x\r\n"
H2C = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
WEBSOCKET = b"Connection: keep-alive, upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
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


@pytest.fixture(scope="module", autouse=True)
def shared_port() -> Iterator[int]:
    """Run one server for all tests that need no limits of their own."""
    with running(app) as port:
        _shared.append(port)
        yield port


_shared: list[int] = []


@app.get("/large")
async def large() -> Response:
    """Answer with more than a client that reads nothing can be sent."""
    return Response(bytes(LARGE))


@contextmanager
def connected(limits: ConnectionLimits | None = None) -> Iterator[socket.socket]:
    """Open a connection to the shared server, or to one with these limits."""
    with ExitStack() as stack:
        port = _shared[0] if limits is None else stack.enter_context(running(app, limits=limits))
        yield stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS))


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
    with suppress(ConnectionResetError):
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


POST = b"POST /size HTTP/1.1\r\nHost: x\r\n"
ONE = b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"
AMBIGUOUS = {
    "both lengths": POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "both lengths, the other way round": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n",
    "both lengths beside an offer": POST + H2C + b"Content-Length: 1\r\n" + ONE,
    "two lengths": POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\na",
    "two equal lengths": POST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
    "a list of lengths": POST + b"Content-Length: 1, 1\r\n\r\na",
    "a signed length": POST + b"Content-Length: +1\r\n\r\na",
    "a hexadecimal length": POST + b"Content-Length: 0x1\r\n\r\na",
    "an empty length": POST + b"Content-Length: \r\n\r\na",
    "a length beyond 64 bits": POST + b"Content-Length: 99999999999999999999999\r\n\r\na",
    "a space before the colon": POST + b"Content-Length : 1\r\n\r\na",
    "a tab before the colon": POST + b"Content-Length\t: 1\r\n\r\na",
    "a folded line": POST + b"X: a\r\n b\r\nContent-Length: 1\r\n\r\na",
    "a folded coding": POST + ONE.replace(b": ", b":\r\n "),
    "a first line that is folded": b"GET /hello HTTP/1.1\r\n Host: x\r\n\r\n",
    "lines without CR": (GET + b"\r\n").replace(b"\r\n", b"\n"),
    "one line without CR": GET + b"X: a\nY: b\r\n\r\n",
    "an end without CR": GET + b"X: a\r\n\n",
    "a CR alone": GET + b"X: a\rY: b\r\n\r\n",
    "a NUL": GET + b"X: a\0b\r\n\r\n",
    "a name without colon": GET + b"X\r\n\r\n",
    "no name": GET + b": y\r\n\r\n",
    "another coding": POST + ONE.replace(b"chunked", b"xchunked"),
    "a coding twice": POST + ONE.replace(b"chunked", b"chunked, chunked"),
    "two codings": POST + ONE.replace(b"chunked", b"gzip, chunked"),
    "two headers with a coding": POST + b"Transfer-Encoding: chunked\r\n" + ONE,
    "a coding after chunked": POST + ONE.replace(b"chunked", b"chunked, identity"),
    "a coding behind a control character": POST + ONE.replace(b"chunked", b"\x0bchunked"),
    "a coding in HTTP/1.0": b"POST /size HTTP/1.0\r\n" + ONE,
    "a chunk size with a prefix": CHUNKED + b"0x1\r\na\r\n0\r\n\r\n",
    "a chunk size with a sign": CHUNKED + b"-1\r\na\r\n0\r\n\r\n",
    "a chunk size with a space": CHUNKED + b"1 \r\na\r\n0\r\n\r\n",
    "a chunk size beyond 64 bits": CHUNKED + b"FFFFFFFFFFFFFFFFF\r\na\r\n0\r\n\r\n",
    "no chunk size": CHUNKED + b"\r\na\r\n0\r\n\r\n",
    "a chunk size without CR": CHUNKED + b"1\na\r\n0\r\n\r\n",
    "an extension without CR": CHUNKED + b"1;x\na\r\n0\r\n\r\n",
    "a chunk without CR": CHUNKED + b"1\r\na\n0\r\n\r\n",
    "a chunk longer than its size": CHUNKED + b"1\r\nabc\r\n0\r\n\r\n",
    "no host": b"GET /hello HTTP/1.1\r\n\r\n",
    "two hosts": GET + b"Host: y\r\n\r\n",
    "two hosts beside an offer": GET + b"Host: y\r\n" + H2C + b"\r\n",
    "a space in the address": b"GET /hel lo HTTP/1.1\r\nHost: x\r\n\r\n",
    "another version": b"GET /hello HTTP/2.0\r\nHost: x\r\n\r\n",
    "no version": b"GET /hello\r\n\r\n",
}


@pytest.mark.parametrize("request_bytes", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_a_request_with_two_readings_is_refused_and_ends_the_connection(request_bytes: bytes) -> None:
    """Send another request behind it, which must not be answered."""
    with connected() as connection:
        connection.sendall(request_bytes + GET + b"\r\n")
        answer = answers_until_closed(connection)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1


def test_a_malformed_request_behind_another_is_not_answered_in_its_place() -> None:
    """Close without a word: the answer to the second could be taken for that of the first."""
    with connected() as connection:
        connection.sendall(GET + b"\r\n" + b"GET /hello HTTP/1.1\r\n\r\n")
        assert b" 400 " not in answers_until_closed(connection)


def test_a_client_that_takes_no_answer_is_closed() -> None:
    """Let one connection have the only place, and see when another one gets it."""
    with (
        running(app, limits=SHORT, admission=AdmissionLimits(total=1)) as port,
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as greedy,
    ):
        greedy.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        assert greedy.recv(12) == b"HTTP/1.1 200"
        wait_for(lambda: b"HTTP/1.1 200 " in greeting(port), "a place for another connection")


def greeting(port: int) -> bytes:
    """Return the answer to a request on a connection of its own."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(GET + b"Connection: close\r\n\r\n")
        return answers_until_closed(connection)


def test_a_long_body_may_take_its_time_if_it_comes_fast_enough() -> None:
    """Send a body for longer than a request may take; the demanded rate is one byte a second."""
    limits = ConnectionLimits(head_seconds=0.2, request_seconds=0.2, upload_rate=1.0)
    with connected(limits) as connection:
        connection.sendall(POST + b"Content-Length: 30\r\n\r\n")
        for _, byte in zip(pulses(threading.Event()), b"a" * 30, strict=False):
            connection.sendall(bytes([byte]))
        assert answers(connection, 1).endswith(b"30")


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
