"""An endpoint that hangs, drips, pours, answers HTML or nothing ends in lines that could not tell, within few questions."""

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

import pytest
from acredita.node.network_check.asking import SILENCES, AskedEndpoint, endpoint_provider, harmless
from acredita.node.network_check.check import SUBJECTS, EndpointLines, check_endpoint
from acredita.node.network_check.expected import ExpectedChain
from acredita.node.network_check.lines import LineOutcome
from acredita.node.network_check.subject import CheckContext

from tests.simulators.checked_network import FOUNDER, SETTINGS, genesis_file
from tests.simulators.endpoint import endpoint, listening
from tests.waiting import PATIENCE_SECONDS


def checked_at(url: str, seconds: float) -> EndpointLines:
    """Check whatever listens at an address. `seconds`: for each question."""
    asked = AskedEndpoint(endpoint_provider(url, {}, seconds))
    context = CheckContext(asked, ExpectedChain(genesis_file=genesis_file()), SETTINGS, None, FOUNDER)
    return {subject.name: line for subject, line in check_endpoint(context)}


def check_silent(lines: EndpointLines) -> None:
    """Check that nothing was told fine or at fault."""
    assert list(lines) == [subject.name for subject in SUBJECTS]
    assert {line.outcome for line in lines.values()} == {LineOutcome.UNKNOWN, LineOutcome.NOT_CHECKED}
    unknown = {line.code for line in lines.values() if line.outcome is LineOutcome.UNKNOWN}
    assert unknown == {"LEDGER_UNREACHABLE"}


class SlowEndpoint(BaseHTTPRequestHandler):
    """An endpoint that never ends: `begin` says what of an answer it sends first."""

    over: ClassVar[threading.Event]
    asked: ClassVar[list[int]]
    begin: ClassVar[bytes] = b""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append(1)
        with suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(self.begin)
            while not self.over.wait(0.01):
                if self.begin:
                    self.wfile.write(b" ")

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing."""


@pytest.mark.parametrize(
    "begin",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX-Drip: ",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
    ],
    ids=["hangs", "drips its header", "drips a body", "drips a body of a length"],
)
def test_an_endpoint_without_end_is_given_up(begin: bytes) -> None:
    over, questions = threading.Event(), list[int]()
    handler = type("Slow", (SlowEndpoint,), {"over": over, "asked": questions, "begin": begin})
    with listening(handler) as url:
        check_silent(checked_at(url, 0.2))
        over.set()
    assert len(questions) <= SILENCES


ANSWERS: dict[str, Callable[[Any], tuple[int, bytes]]] = {
    "HTML": lambda _: (200, b"<html><body>It works!</body></html>"),
    "an error page": lambda _: (502, b"<html>Bad Gateway</html>"),
    "nothing": lambda _: (200, b""),
    "a list": lambda _: (200, b"[]"),
    "no answer": lambda _: (200, b'{"jsonrpc": "2.0", "id": 1}'),
    "depth": lambda _: (200, b"[" * 100_000),
    "a body without end": lambda _: (200, b" " * (9 << 20)),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_something_else_than_json_rpc_is_given_up(answer: Callable[[Any], tuple[int, bytes]]) -> None:
    with endpoint(answer) as url:
        check_silent(checked_at(url, PATIENCE_SECONDS))


@pytest.mark.parametrize(
    "value", [None, 7, "0x", "0x1", [], {}, True, "\x1b[31m", "0x" + "f" * 64, ["\u202e"], {"a": {}}]
)
def test_one_answer_to_everything_ends_no_check(value: object) -> None:
    with endpoint(lambda _: (200, json.dumps({"jsonrpc": "2.0", "id": 1, "result": value}).encode())) as url:
        lines = checked_at(url, PATIENCE_SECONDS)
    assert list(lines) == [subject.name for subject in SUBJECTS]
    assert lines["head"].outcome is LineOutcome.UNKNOWN
    assert lines["allow_list"].outcome is LineOutcome.UNKNOWN


@pytest.mark.parametrize(
    "error", [{"code": -1, "message": "no"}, {}, 7, "off", {"code": [], "message": "\x1b]0;x\x07"}, None]
)
def test_one_refusal_of_everything_ends_no_check(error: object) -> None:
    with endpoint(lambda _: (200, json.dumps({"jsonrpc": "2.0", "id": 1, "error": error}).encode())) as url:
        lines = checked_at(url, PATIENCE_SECONDS)
    assert lines["allow_list"].outcome is LineOutcome.UNKNOWN
    assert all(each.isprintable() for line in lines.values() for each in line.seen)


def test_words_of_an_endpoint_are_made_harmless() -> None:
    assert harmless("\x1b[31mred\n\u202e") == "?[31mred??"
    assert len(harmless("x" * 10_000)) == 120
