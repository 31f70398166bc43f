"""The head of an answer leaves with its content, nothing changes its order, and a closing sends what was held back."""

import asyncio
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest
from acredita.node.http.joined_answers import JoinedAnswer
from fastapi import FastAPI, Request, Response
from starlette.types import Receive, Scope, Send

from tests.node.http.test_connections import answers_until_closed
from tests.node.http.test_server import running
from tests.waiting import PATIENCE_SECONDS

ROUNDS = 20  # two packets are seldom read as one so often
HEAD = b"HTTP/1.1 200 OK\r\n\r\n"

app = FastAPI()


@app.api_route("/size", methods=["GET", "HEAD", "POST"])
async def size(request: Request) -> Response:
    """Return the size of the body, with a content of known length."""
    return Response(str(len(await request.body())))


@app.get("/nothing")
async def nothing() -> Response:
    """Answer with a head alone."""
    return Response(status_code=204)


async def breaks_off(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Send a head, and end without a content."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})


app.mount("/broken", breaks_off)


class Sent(asyncio.Transport):
    """A transport that keeps each system call's bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[bytes] = []
        self.is_closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.calls.append(bytes(data))

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.calls.append(b"".join(list_of_data))

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed


@contextmanager
def connected() -> Iterator[socket.socket]:
    with running(app) as port, socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as connection:
        yield connection


def test_the_head_leaves_with_the_first_part_of_the_content() -> None:
    sent = Sent()
    answer = JoinedAnswer(sent)
    for part in (HEAD, b"one", b"two"):
        answer.write(part)
    assert sent.calls == [HEAD + b"one", b"two"]


def test_an_interim_answer_leaves_at_once() -> None:
    sent = Sent()
    answer = JoinedAnswer(sent)
    for part in (b"HTTP/1.1 100 Continue\r\n\r\n", HEAD, b"", b"HTTP/1.1 100 is content here"):
        answer.write(part)
    assert sent.calls == [b"HTTP/1.1 100 Continue\r\n\r\n", HEAD, b"HTTP/1.1 100 is content here"]


@pytest.mark.parametrize("parts", [[], [HEAD], [HEAD, b"content"]])
def test_a_closing_sends_what_was_held_back_once(parts: list[bytes]) -> None:
    sent = Sent()
    answer = JoinedAnswer(sent)
    for part in parts:
        answer.write(part)
    answer.close()
    answer.close()
    assert sent.calls == ([b"".join(parts)] if parts else [])
    assert answer.is_closing()


def test_a_client_reads_each_answer_in_one_piece() -> None:
    with connected() as connection:
        for _ in range(ROUNDS):
            connection.sendall(b"GET /size HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = connection.recv(65_536)
            assert answer.startswith(b"HTTP/1.1 200 ")
            assert answer.endswith(b"\r\n\r\n0")


def test_an_answer_without_content_is_sent() -> None:
    with connected() as connection:
        for request in (b"HEAD /size", b"GET /nothing"):
            connection.sendall(request + b" HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(65_536).endswith(b"\r\n\r\n")


def test_a_client_that_waits_for_leave_to_send_gets_it() -> None:
    with connected() as connection:
        connection.sendall(b"POST /size HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"abc")
        assert connection.recv(65_536).endswith(b"\r\n\r\n3")


def test_the_head_of_an_answer_that_breaks_off_is_sent_before_the_closing() -> None:
    with connected() as connection:
        connection.sendall(b"GET /broken/ HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answers_until_closed(connection).startswith(b"HTTP/1.1 200 ")
