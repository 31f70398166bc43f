"""Test what a source may cost, and which addresses may be asked."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from acredita.node.mirroring.sources import (
    MAX_FAILURES,
    OF_OPERATOR,
    PASS_BYTES,
    PASS_REQUESTS,
    PASS_SECONDS,
    AskedSource,
    HostSource,
    named_source,
)
from acredita.node.outbound.fetch import Fetcher, SourceUnavailable, is_local_or_public
from acredita.registry.codes import Code

from tests.simulators.endpoint import listening
from tests.waiting import pulses


@dataclass
class Told:
    """A source that answers as told and counts."""

    answer: Callable[[str, int], bytes | None]
    count: int = 0
    name: str = "https://fuente.example"
    public_name: str = "https://fuente.example"
    failed: list[str] = field(default_factory=list)

    def get(self, path: str, most: int) -> bytes | None:
        self.count += 1
        return self.answer(path, most)


def refuse(path: str, most: int) -> bytes | None:
    raise SourceUnavailable(Code.SOURCE_UNREACHABLE, "no answer")


def ask_until_over(source: AskedSource, most: int = 1) -> Code:
    """Ask again and again until the source is not asked any more; return the code of the last refusal."""
    while True:
        try:
            source.get("x", most)
        except SourceUnavailable as error:
            if error.code is Code.MIRROR_BUDGET_SPENT:
                return error.code


def test_a_source_is_asked_a_bounded_number_of_times() -> None:
    told = Told(lambda path, most: None)
    assert ask_until_over(AskedSource(told)) is Code.MIRROR_BUDGET_SPENT
    assert told.count == PASS_REQUESTS


def test_a_source_sends_a_bounded_number_of_bytes() -> None:
    told = Told(lambda path, most: bytes(1 << 20))
    ask_until_over(AskedSource(told), 1 << 20)
    assert told.count == PASS_BYTES >> 20


def test_a_source_has_a_bounded_time() -> None:
    now = [0.0]

    def answer(path: str, most: int) -> bytes | None:
        now[0] += 1
        return b""

    told = Told(answer)
    ask_until_over(AskedSource(told, monotonic=lambda: now[0]))
    assert told.count == PASS_SECONDS


def test_a_source_that_fails_is_left_alone() -> None:
    told = Told(refuse)
    ask_until_over(AskedSource(told, on_failure=told.failed.append))
    assert told.count == len(told.failed) == MAX_FAILURES


def test_a_source_is_not_asked_after_the_stop() -> None:
    told = Told(lambda path, most: b"")
    ask_until_over(AskedSource(told, is_stopped=lambda: True))
    assert told.count == 0


@pytest.mark.parametrize(
    ("address", "permitted"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("10.1.2.3", True),
        ("192.168.0.1", True),
        ("fd00::1", True),
        ("93.184.216.34", True),
        ("169.254.169.254", False),
        ("fe80::1", False),
        ("0.0.0.0", False),
        ("::", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
    ],
)
def test_local_addresses_but_no_link_local_ones(address: str, permitted: bool) -> None:
    assert is_local_or_public(address) is permitted


def test_the_address_of_an_operator_is_not_told(tmp_path: Path) -> None:
    assert named_source("http://10.0.0.1/espejo").public_name == OF_OPERATOR
    assert named_source(str(tmp_path)).public_name == OF_OPERATOR


def test_a_host_that_trickles_is_hung_up() -> None:
    """Stop after the time of one answer, whatever still comes."""
    stop = threading.Event()

    class Trickle(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            for _ in pulses(stop):
                try:
                    self.wfile.write(b"x")
                except OSError:
                    return

        def log_message(self, format: str, *arguments: object) -> None:
            """Write nothing."""

    with listening(Trickle) as url:
        fetcher = Fetcher(frozenset({"127.0.0.1"}), permitted=is_local_or_public, seconds=0.3, plain=True)
        source = HostSource(url, fetcher, is_pinned=True)
        with pytest.raises(SourceUnavailable, match="SOURCE_UNREACHABLE"):
            source.get("log", 1 << 20)
        stop.set()
        secure = HostSource(url, replace(fetcher, plain=False), is_pinned=True)
        with pytest.raises(SourceUnavailable, match="SOURCE_NOT_ALLOWED"):
            secure.get("log", 1 << 20)
