"""Test fetching for submitted documents: listed hosts at public addresses only, within limits."""

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from acredita.node.outbound.fetch import MAX_FETCHED_BYTES, FetchedBody, Fetcher, SourceUnavailable, is_public

from tests.node.outbound.https_host import HOST, Host, open_https_host

ANSWERS: dict[bytes, bytes] = {
    b"/list": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nlista",
    b"/list?t=1": b"HTTP/1.1 200 OK\r\nContent-Type: Application/VC+JWT; a=b\r\n\r\nhasta el final",
    b"/limit": b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * MAX_FETCHED_BYTES,
    b"/beyond": b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (MAX_FETCHED_BYTES + 1),
    b"/moved": b"HTTP/1.1 302 Found\r\nLocation: https://listas.example/list\r\nContent-Length: 0\r\n\r\n",
    b"/missing": b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    b"/packed": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
    b"/cut": b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
    b"/noise": b"\x00\x01\x02\r\n\r\n",
    b"/headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n",
}


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with open_https_host(tmp_path_factory.mktemp("host"), ANSWERS) as opened:
        yield opened


def test_a_listed_host_is_asked(host: Host) -> None:
    assert host.fetcher().fetch(host.url("/list")) == FetchedBody(b"lista", "")
    assert host.fetcher().fetch(host.url("/list?t=1")) == FetchedBody(b"hasta el final", "application/vc+jwt")
    assert len(host.fetcher().fetch(host.url("/limit")).content) == MAX_FETCHED_BYTES


@pytest.mark.parametrize("path", ["/beyond", "/moved", "/missing", "/packed", "/cut", "/noise", "/headers"])
def test_an_answer_that_cannot_be_used(host: Host, path: str) -> None:
    with pytest.raises(SourceUnavailable, match="SOURCE_UNREACHABLE"):
        host.fetcher().fetch(host.url(path))


def test_the_whole_exchange_has_a_time(host: Host) -> None:
    with pytest.raises(SourceUnavailable, match="SOURCE_UNREACHABLE"):
        replace(host.fetcher(), seconds=0.3).fetch(host.url("/drip"))


def test_where_it_leads_is_not_followed(host: Host) -> None:
    host.asked.clear()
    with pytest.raises(SourceUnavailable):
        host.fetcher().fetch(host.url("/moved"))
    assert host.asked == [b"/moved"]


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url.replace("https:", "http:"),
        lambda url: url.replace(HOST, "otra.example"),
        lambda url: url.replace(HOST, f"{HOST}.otra.example"),
        lambda url: url.replace(HOST, f"usuario@{HOST}"),
        lambda url: url.replace(HOST, "127.0.0.1"),
        lambda url: url.replace("/list", "/li st"),
        lambda url: url.replace("/list", "/list\r\nX: y"),
        lambda url: url.replace("/list", "/lísta"),
        lambda url: "https://[::1",
        lambda url: "urn:uuid:1",
        lambda url: "",
    ],
)
def test_another_address_is_not_asked(host: Host, change: Callable[[str], str]) -> None:
    host.asked.clear()
    with pytest.raises(SourceUnavailable, match="SOURCE_NOT_ALLOWED"):
        host.fetcher().fetch(change(host.url("/list")))
    assert host.asked == []


def test_nothing_is_listed_unless_it_is() -> None:
    with pytest.raises(SourceUnavailable, match="SOURCE_NOT_ALLOWED"):
        Fetcher().fetch(f"https://{HOST}/list")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
     "64:ff9b::7f00:1", "64:ff9b::a01:203", "64:ff9b:1::a01:203", "::7f00:1", "::ffff:0:7f00:1", "fec0::1", "3fff::1",
     "5f00::1", "192.0.0.8",
     "::ffff:10.0.0.1", "2002:7f00:1::", "2001:db8::1"],
)  # fmt: skip
def test_a_listed_host_at_an_address_inside_is_not_asked(host: Host, address: str) -> None:
    assert not is_public(address)
    for answer in ([address], ["93.184.216.34", address]):
        inside = replace(host.fetcher(), addresses=lambda *_, told=answer: told, permitted=is_public)
        with pytest.raises(SourceUnavailable, match="SOURCE_NOT_ALLOWED"):
            inside.fetch(host.url("/list"))


def test_public_addresses() -> None:
    assert is_public("93.184.216.34") and is_public("2606:2800:220:1::1")


def test_a_host_must_prove_its_name(host: Host) -> None:
    other = replace(host.fetcher(), hosts=frozenset({"otra.example"}))
    with pytest.raises(SourceUnavailable, match="SOURCE_UNREACHABLE"):
        other.fetch(host.url("/list").replace(HOST, "otra.example"))
    with pytest.raises(SourceUnavailable, match="SOURCE_UNREACHABLE"):
        replace(host.fetcher(), tls=ssl.create_default_context).fetch(host.url("/list"))


def test_a_host_that_is_not_there(host: Host) -> None:
    def nowhere(name: str, port: int) -> list[str]:
        raise socket.gaierror("no such name")

    with pytest.raises(SourceUnavailable, match="SOURCE_UNREACHABLE"):
        replace(host.fetcher(), addresses=nowhere).fetch(host.url("/list"))
