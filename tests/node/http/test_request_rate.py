"""Requests for records are bounded by address: over a real socket, behind a proxy, and by the clock."""

import ipaddress
import json
import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest
from acredita.node.config import ConfigurationError, load
from acredita.node.http import request_rate
from acredita.node.http.admission import AdmissionLimits
from acredita.node.http.app import create_app
from acredita.node.http.request_rate import RateLimits, RequestRate

from tests.node.http.test_connections import answers_until_closed
from tests.node.http.test_server import running
from tests.node.http.two_institution_node import TwoInstitutionNode
from tests.waiting import PATIENCE_SECONDS

BURST = 3
SLOW = RateLimits(per_second=1, burst=BURST)
PROXY = ipaddress.ip_network("127.0.0.9/32")


@pytest.fixture
def port(node: TwoInstitutionNode) -> Iterator[int]:
    """Serve a node whose clock of rates stands still."""
    app = create_app(replace(node.dependencies, records_rate=SLOW))
    app.state.node.records_rate = RequestRate(SLOW, lambda: 0.0)
    with running(app, admission=AdmissionLimits(trusted_proxies=(PROXY,))) as opened:
        yield opened


def asked(port: int, path: str, source: str = "127.0.0.1", forwarded: str = "") -> tuple[int, bytes]:
    """Ask once, from this address of the loopback. Return status and the whole answer."""
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    head += f"X-Forwarded-For: {forwarded}\r\n" if forwarded else ""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS, source_address=(source, 0)) as line:
        line.sendall(head.encode() + b"\r\n")
        answer = answers_until_closed(line)
    return int(answer.split(b" ")[1]), answer


def test_one_address_too_many_is_told_and_another_is_answered(node: TwoInstitutionNode, port: int) -> None:
    path = f"/v1/records/issuer_registry/{node.tenant.issuer.hex()}"
    assert [asked(port, path)[0] for _ in range(BURST)] == [200] * BURST
    status, answer = asked(port, path)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert (status, json.loads(body)["code"]) == (429, "TOO_MANY_REQUESTS")
    assert b"retry-after: 1" in head.lower().split(b"\r\n")
    assert asked(port, path, forwarded="203.0.113.7")[0] == 429, "a header of a stranger counts for nothing"
    assert asked(port, path, source="127.0.0.2")[0] == 200
    assert asked(port, "/v1/issuers")[0] == 200


def test_behind_a_proxy_the_forwarded_address_counts(node: TwoInstitutionNode, port: int) -> None:
    path = f"/v1/records/issuer_registry/{node.tenant.issuer.hex()}"
    for client in ("203.0.113.7", "203.0.113.8"):
        answers = [asked(port, path, "127.0.0.9", client)[0] for _ in range(BURST + 1)]
        assert answers == [200] * BURST + [429]
    networks = [f"2001:db8::{number:x}" for number in range(BURST + 1)]
    assert [asked(port, path, "127.0.0.9", each)[0] for each in networks] == [200] * BURST + [429]


def test_a_bucket_is_filled_again_up_to_its_burst() -> None:
    now = 0.0
    rate = RequestRate(RateLimits(per_second=2, burst=2), lambda: now)
    assert [rate.wait("192.0.2.1") for _ in range(3)] == [0, 0, 1]
    now = 0.5
    assert [rate.wait("192.0.2.1") for _ in range(2)] == [0, 1]
    now = 3_600.0
    assert [rate.wait("192.0.2.1") for _ in range(3)] == [0, 0, 1]


def test_the_buckets_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_rate, "MAX_BUCKETS", 2)
    rate = RequestRate(RateLimits(per_second=1, burst=1), lambda: 0.0)
    assert [rate.wait(f"192.0.2.{number}") for number in (1, 2, 2, 3, 2, 1)] == [0, 0, 1, 0, 1, 0]


@pytest.mark.parametrize("name", ["records_per_second", "records_burst"])
def test_a_rate_of_nothing_is_a_mistake_of_the_configuration(name: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"http\.{name}: 1 to "):
        load(None, {f"ACREDITA_HTTP_{name.upper()}": "0"})
