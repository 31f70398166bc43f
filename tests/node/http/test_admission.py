"""Connections are bounded by address and in total; those that wait give way, those that are answered do not."""

import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from acredita.node.http.admission import Admission, AdmissionLimits, Network, Place, client_address, counted_address
from acredita.node.http.connections import ConnectionLimits
from fastapi import FastAPI, Request

from tests.node.http.test_connections import answers_until_closed, is_closed
from tests.node.http.test_server import certificate, running  # noqa: F401
from tests.waiting import PATIENCE_SECONDS, wait_for

PROXIES: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.9/32"), ipaddress.ip_network("10.0.0.0/8"))

app = FastAPI()


@app.get("/client")
async def client(request: Request) -> str:
    """Answer with the address that the request counts for."""
    assert request.client is not None
    return request.client.host


class Ends:
    """The places that were ended for others."""

    def __init__(self, total: int = 4, per_address: int = 2, proxies: tuple[Network, ...] = ()) -> None:
        self.admission = Admission(AdmissionLimits(total, per_address, proxies))
        self.ended: list[str] = []

    def admit(self, address: str, name: str = "") -> Place | None:
        place = self.admission.admit(address)
        if place is not None:
            place.close = lambda: self.ended.append(name)
        return place


def test_an_address_ends_its_own_longest_wait() -> None:
    ends = Ends()
    assert all(ends.admit("192.0.2.1", name) for name in ("a", "b", "c", "d"))
    assert ends.admit("192.0.2.2", "other")
    assert ends.ended == ["a", "b"]


def test_a_full_server_ends_the_longest_wait() -> None:
    ends = Ends(total=3)
    for number, name in enumerate(("a", "b", "c", "d"), start=1):
        assert ends.admit(f"192.0.2.{number}", name)
    assert ends.ended == ["a"]


def test_a_connection_that_is_answered_keeps_its_place() -> None:
    ends = Ends()
    answered = [ends.admit("192.0.2.1", name) for name in ("a", "b")]
    for place in answered:
        assert place is not None
        place.answering()
    assert ends.admit("192.0.2.1", "c") is None
    assert ends.admit("192.0.2.2", "other")
    assert answered[1] is not None
    answered[1].waiting()
    assert ends.admit("192.0.2.1", "d")
    assert ends.ended == ["b"]


def test_a_place_is_free_after_its_release_once() -> None:
    ends = Ends(per_address=1)
    for _ in range(10):
        place = ends.admit("192.0.2.1")
        assert place is not None
        place.answering()
        place.release()
        place.release()
        place.waiting()
    assert ends.ended == []


def test_a_proxy_is_bounded_in_total_alone() -> None:
    ends = Ends(total=4, proxies=PROXIES)
    assert all(ends.admit("10.1.2.3") for _ in range(4))
    assert ends.admit("10.1.2.3") is None
    assert ends.ended == []


def test_forwarded_requests_are_counted_by_their_address() -> None:
    admission = Ends(proxies=PROXIES).admission
    assert admission.begin_forwarded("192.0.2.1") and admission.begin_forwarded("192.0.2.1")
    assert not admission.begin_forwarded("192.0.2.1")
    assert admission.begin_forwarded("192.0.2.2")
    admission.end_forwarded("192.0.2.1")
    assert admission.begin_forwarded("192.0.2.1")


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_an_address_counts_in_one_form(address: str, counted: str) -> None:
    assert counted_address(address) == counted


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),  # the peer is no proxy: what it says does not count
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),  # the client made up the first
        ("10.0.0.1", "203.0.113.9, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "198.51.100.7, unknown", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("::ffff:10.0.0.1", "2001:db8::1", "2001:db8::1"),
    ],
)
def test_the_last_address_that_is_no_proxy_is_the_clients(peer: str, forwarded: str, counted: str) -> None:
    assert client_address(peer, forwarded, PROXIES) == counted


# --- over sockets ---


@contextmanager
def connection(port: int, source: str = "127.0.0.1") -> Iterator[socket.socket]:
    """Connect from an address of loopback."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS, source_address=(source, 0)) as connected:
        yield connected


def counted_client(port: int, source: str = "127.0.0.1", *, forwarded: str = "") -> bytes:
    with connection(port, source) as connected:
        header = f"X-Forwarded-For: {forwarded}\r\n" if forwarded else ""
        connected.sendall(f"GET /client HTTP/1.1\r\nHost: x\r\n{header}Connection: close\r\n\r\n".encode())
        return answers_until_closed(connected)


def test_silent_connections_give_way_to_requests() -> None:
    with running(app, admission=AdmissionLimits(total=8, per_address=4)) as port, ExitStack() as open_ones:
        silent = [open_ones.enter_context(connection(port, "127.0.0.2")) for _ in range(12)]
        assert b"127.0.0.2" in counted_client(port, "127.0.0.2")
        assert b"127.0.0.1" in counted_client(port)
        assert all(is_closed(one) for one in silent[:9])  # of the last four the oldest gave way to the request


def test_a_connection_without_a_handshake_is_closed_by_its_deadline(certificate: tuple[Path, Path]) -> None:  # noqa: F811
    limits = ConnectionLimits(head_seconds=0.3)
    with running(app, *certificate, limits=limits) as port, connection(port) as silent:
        assert is_closed(silent)


def test_connections_without_a_handshake_are_bounded(certificate: tuple[Path, Path]) -> None:  # noqa: F811
    context = ssl.create_default_context(cafile=certificate[0])
    with (
        running(app, *certificate, admission=AdmissionLimits(total=8, per_address=4)) as port,
        ExitStack() as open_ones,
    ):
        silent = [open_ones.enter_context(connection(port)) for _ in range(12)]
        secured = open_ones.enter_context(
            context.wrap_socket(open_ones.enter_context(connection(port)), server_hostname="127.0.0.1")
        )
        secured.sendall(b"GET /client HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b"127.0.0.1" in answers_until_closed(secured)
        assert all(is_closed(one) for one in silent[:9])


def test_a_full_server_says_so() -> None:
    with running(app, admission=AdmissionLimits(total=1, trusted_proxies=PROXIES)) as port:
        with connection(port, "127.0.0.9"):
            wait_for(lambda: counted_client(port).startswith(b"HTTP/1.1 503 "), "a full server")
        wait_for(lambda: counted_client(port).startswith(b"HTTP/1.1 200 "), "a free place")


def test_the_forwarded_address_of_a_trusted_proxy_counts() -> None:
    with running(app, admission=AdmissionLimits(trusted_proxies=PROXIES)) as port:
        assert b"198.51.100.7" in counted_client(port, "127.0.0.9", forwarded="203.0.113.1, 198.51.100.7")
        assert b"127.0.0.2" in counted_client(port, "127.0.0.2", forwarded="198.51.100.7")


def test_a_forwarded_address_with_too_many_requests_is_told() -> None:
    limits = AdmissionLimits(per_address=2, trusted_proxies=PROXIES)
    unfinished = b"POST /client HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 198.51.100.7\r\nContent-Length: 9\r\n\r\n"
    with running(waiting_app(), admission=limits) as port, ExitStack() as open_ones:
        for _ in range(2):
            open_ones.enter_context(connection(port, "127.0.0.9")).sendall(unfinished)
        refused = wait_for(
            lambda: (
                (answer := counted_client(port, "127.0.0.9", forwarded="198.51.100.7")).startswith(b"HTTP/1.1 429 ")
                and answer
            ),
            "a refusal",
        )
        assert b"TOO_MANY_REQUESTS" in refused and b"etry-" in refused
        assert b"198.51.100.8" in counted_client(port, "127.0.0.9", forwarded="198.51.100.8")
    with running(waiting_app(), admission=limits) as port:
        for _ in range(5):  # an answered request does not count any more
            assert b"198.51.100.7" in counted_client(port, "127.0.0.9", forwarded="198.51.100.7")


def waiting_app() -> FastAPI:
    """Return an application whose POST waits for its body."""
    waiting = FastAPI()
    waiting.add_api_route("/client", client, methods=["GET"])

    @waiting.post("/client")
    async def posted(request: Request) -> int:
        return len(await request.body())

    return waiting
