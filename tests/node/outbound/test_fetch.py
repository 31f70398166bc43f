"""Test fetching for submitted documents: listed hosts at public addresses only, within limits."""

import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from acredita.node.outbound.fetch import MAX_FETCHED_BYTES, Fetcher, SourceUnavailable, is_public
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.waiting import PATIENCE_SECONDS, pulses

HOST = "listas.example"


def _certificate(name: str) -> tuple[bytes, bytes]:
    """Make a self-signed certificate of a host and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return built.public_bytes(Encoding.PEM), secret


@dataclass
class Host:
    """A web server of one answer a path, on loopback, that keeps what it was asked."""

    port: int
    trusted: str
    asked: list[bytes]

    def url(self, path: str) -> str:
        return f"https://{HOST}:{self.port}{path}"

    def fetcher(self) -> Fetcher:
        """Return a fetcher that knows the host's address, trusts its certificate and may ask this machine."""
        trust = lambda: ssl.create_default_context(cadata=self.trusted)  # noqa: E731
        return Fetcher(
            frozenset({HOST}), lambda host, port: ["127.0.0.1"], lambda address: True, trust, seconds=PATIENCE_SECONDS
        )


ANSWERS: dict[bytes, bytes] = {
    b"/list": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nlista",
    b"/list?t=1": b"HTTP/1.1 200 OK\r\n\r\nhasta el final",
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
    folder = tmp_path_factory.mktemp("host")
    certificate, key = _certificate(HOST)
    (folder / "certificate.pem").write_bytes(certificate)
    (folder / "key.pem").write_bytes(key)
    listening = socket.create_server(("127.0.0.1", 0))
    asked: list[bytes] = []
    served = threading.Thread(target=_serve, args=(listening, folder, asked), daemon=True)
    served.start()
    yield Host(listening.getsockname()[1], certificate.decode(), asked)
    with suppress(OSError):
        listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    served.join(PATIENCE_SECONDS)


def _serve(listening: socket.socket, folder: Path, asked: list[bytes]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
            _answer(secured, asked)


def _answer(secured: ssl.SSLSocket, asked: list[bytes]) -> None:
    request = secured.recv(65_536)
    path = request.split(b" ")[1]
    asked.append(path)
    if path == b"/drip":  # a byte now and then, each in time, the whole never
        secured.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in pulses(threading.Event()):
            secured.sendall(b"x")
    secured.sendall(ANSWERS[path])


def test_a_listed_host_is_asked(host: Host) -> None:
    assert host.fetcher().fetch(host.url("/list")) == b"lista"
    assert host.fetcher().fetch(host.url("/list?t=1")) == b"hasta el final"
    assert len(host.fetcher().fetch(host.url("/limit"))) == MAX_FETCHED_BYTES


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
