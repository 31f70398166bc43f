"""The application behind real sockets: HTTP and HTTPS on loopback, a port in use, and the OpenAPI document."""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from acredita.node.http.admission import AdmissionLimits
from acredita.node.http.app import create_app, node_of
from acredita.node.http.connections import ConnectionLimits
from acredita.node.http.server import DEFAULT_ADMISSION, DEFAULT_LIMITS, listen, server
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from fastapi import FastAPI

from tests.node.http.two_institution_node import Client, TwoInstitutionNode, altered
from tests.waiting import PATIENCE_SECONDS


@contextmanager
def running(
    app: FastAPI,
    certificate: Path | None = None,
    key: Path | None = None,
    limits: ConnectionLimits = DEFAULT_LIMITS,
    admission: AdmissionLimits = DEFAULT_ADMISSION,
) -> Iterator[int]:
    """Run the server in a thread of its own; yield its port."""
    bound = listen("127.0.0.1", 0)
    bound.listen()  # who connects before the server's loop runs waits in the queue
    serving = server(app, certificate=certificate, key=key, limits=limits, admission=admission)
    thread = threading.Thread(target=serving.run, kwargs={"sockets": [bound]})
    thread.start()
    try:
        yield bound.getsockname()[1]
    finally:
        serving.should_exit = True
        thread.join()
        bound.close()


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """Make a self-signed certificate for 127.0.0.1 and its key, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.now().astimezone()
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    chain, private = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_bytes(built.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return chain, private


def test_over_http(node: TwoInstitutionNode) -> None:
    with (
        running(create_app(node.dependencies)) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_SECONDS) as client,
    ):
        assert client.get("/readyz").status_code == 200
        answer = client.post("/v1/verify", content=node.credential(node.digests[0]))
        assert answer.json()["verdict"] == "recognised"
        assert "server" not in answer.headers


def test_over_https_with_a_given_certificate(node: TwoInstitutionNode, certificate: tuple[Path, Path]) -> None:
    chain, key = certificate
    trusted = ssl.create_default_context(cafile=str(chain))
    with (
        running(create_app(node.dependencies), chain, key) as port,
        httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=trusted, timeout=PATIENCE_SECONDS) as client,
    ):
        answer = client.post("/v1/verify", content=node.credential(node.digests[0]))
        assert answer.json()["verdict"] == "recognised"
        # httpx would rewrite an escaped colon of a did:web; the raw path has to survive a real server too
        raw = client.build_request("GET", "/1.0/identifiers/did:web:nodo.example%3A8443:ut")
        assert client.send(raw).json()["didResolutionMetadata"]["error"] == "notFound"


def test_many_at_once_get_the_same_answer(node: TwoInstitutionNode) -> None:
    credential = node.credential(node.digests[0])
    verdicts: list[str] = []

    def ask(port: int) -> None:
        answer = httpx.post(f"http://127.0.0.1:{port}/v1/verify", content=credential, timeout=PATIENCE_SECONDS)
        verdicts.append(answer.json()["verdict"])

    with running(create_app(node.dependencies)) as port:
        threads = [threading.Thread(target=ask, args=(port,)) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert verdicts == ["recognised"] * 20


def test_a_port_in_use_is_an_error_that_names_it() -> None:
    with listen("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError) as caught:
            listen("127.0.0.1", port)
    assert caught.value.filename == f"127.0.0.1:{port}"


def test_an_answer_does_not_wait_for_an_acknowledgement() -> None:
    with listen("127.0.0.1", 0) as bound:
        assert bound.proto == socket.IPPROTO_TCP  # else asyncio leaves Nagle's delay on, 40 ms an answer


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 65_536), ("no-such-host.invalid", 0), ("192.0.2.1", 0)])
def test_an_address_that_cannot_be_had(host: str, port: int) -> None:
    with pytest.raises(OSError) as caught:
        listen(host, port)
    assert caught.value.filename == f"{host}:{port}"


# --- the OpenAPI document ---


def test_every_operation_is_described(client: Client) -> None:
    document = client.get("/openapi.json").json()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len(operations) >= 22
    for operation in operations:
        assert operation["summary"]
        assert operation["description"]
        assert "HTTPValidationError" not in str(operation["responses"])  # no answer of the framework's own form
    writes = ["/v1/credentials", "/v1/credentials/{digest}/status", "/v1/batches/{issuer}"]
    assert all(document["paths"][path]["post"]["security"] for path in writes)
    assert all("requestBody" in document["paths"][path]["post"] for path in (*writes[:2], "/v1/verify"))


def test_two_applications_share_nothing(node: TwoInstitutionNode) -> None:
    first, second = create_app(node.dependencies), create_app(node.dependencies)
    assert node_of(first) is not node_of(second)
    with Client(first) as one, Client(second) as other:
        one.post("/v1/verify", content=altered(node.credential(node.digests[0])))
        assert 'verdict="invalid"' in one.get("/metrics").text
        assert 'verdict="invalid"' not in other.get("/metrics").text
