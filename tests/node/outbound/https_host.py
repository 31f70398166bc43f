"""A web server of one answer a path, over HTTPS on loopback, and a fetcher that knows it."""

import datetime
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from acredita.node.outbound.fetch import Fetcher
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.waiting import PATIENCE_SECONDS, pulses

HOST = "listas.example"
DRIP = b"/drip"
"""The path whose answer never ends: a byte now and then, each in time."""


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


@contextmanager
def open_https_host(folder: Path, answers: Mapping[bytes, bytes]) -> Iterator[Host]:
    """Serve these answers, whole HTTP messages by path, until the block ends."""
    certificate, key = _certificate(HOST)
    (folder / "certificate.pem").write_bytes(certificate)
    (folder / "key.pem").write_bytes(key)
    listening = socket.create_server(("127.0.0.1", 0))
    asked: list[bytes] = []
    served = threading.Thread(target=_serve, args=(listening, folder, answers, asked), daemon=True)
    served.start()
    yield Host(listening.getsockname()[1], certificate.decode(), asked)
    with suppress(OSError):
        listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    served.join(PATIENCE_SECONDS)


def _serve(listening: socket.socket, folder: Path, answers: Mapping[bytes, bytes], asked: list[bytes]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
            _answer(secured, answers, asked)


def _answer(secured: ssl.SSLSocket, answers: Mapping[bytes, bytes], asked: list[bytes]) -> None:
    request = secured.recv(65_536)
    path = request.split(b" ")[1]
    asked.append(path)
    if path == DRIP:
        secured.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in pulses(threading.Event()):
            secured.sendall(b"x")
    secured.sendall(answers[path])
