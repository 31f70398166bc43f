"""Issuing and checking over HTTPS: a throw-away authority, a certificate of it, a client that trusts nothing else."""

import datetime
import ipaddress
import ssl
from pathlib import Path

import httpx
import pytest
from acredita.node.http.app import create_app
from acredita.node.runtime.signing_profiles import of_key
from acredita.registry.canonicalisation.contexts import CREDENTIALS_V2
from acredita.registry.keys.signer import PrivateKeySigner
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.node.http.test_server import running
from tests.node.http.two_institution_node import TwoInstitutionNode
from tests.waiting import PATIENCE_SECONDS

PROFILE = of_key(
    "uses",
    PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x31" * 32)),
    cryptosuite="eddsa-rdfc-2022",
    relaxed=False,
    open_to_all=True,
)


def name_of(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificate(
    subject: str, key: ec.EllipticCurvePrivateKey, issuer: str, issuing: ec.EllipticCurvePrivateKey, *, authority: bool
) -> x509.Certificate:
    today = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name_of(subject))
        .issuer_name(name_of(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuing.public_key()), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
    )
    if authority:
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(issuing, hashes.SHA256())


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Write the authority's certificate, the server's chain and its key, as PEM files."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = certificate("Authority (DEMO)", authority_key, "Authority (DEMO)", authority_key, authority=True)
    served = certificate("127.0.0.1", key, "Authority (DEMO)", authority_key, authority=False)
    root, chain, private = tmp_path / "root.pem", tmp_path / "chain.pem", tmp_path / "key.pem"
    root.write_bytes(authority.public_bytes(Encoding.PEM))
    chain.write_bytes(served.public_bytes(Encoding.PEM) + authority.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return root, chain, private


def test_issue_and_verify_over_https(node: TwoInstitutionNode, files: tuple[Path, Path, Path]) -> None:
    root, chain, private = files
    with node.client(profiles=(PROFILE,)) as known:
        app = create_app(known.app.state.node.dependencies)
    credential = {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiableCredential"],
        "issuer": PROFILE.did,
        "credentialSubject": {"id": "did:example:subject"},
    }
    with running(app, chain, private) as port:
        base = f"https://127.0.0.1:{port}"
        trusted = ssl.create_default_context(cafile=str(root))
        with httpx.Client(base_url=base, verify=trusted, timeout=PATIENCE_SECONDS) as client:
            answer = client.post("/issuers/uses/credentials/issue", json={"credential": credential})
            assert answer.status_code == 201
            secured = answer.json()["verifiableCredential"]
            found = client.post("/credentials/verify", json={"verifiableCredential": secured})
            assert (found.status_code, found.json()["verified"]) == (200, True)
        with httpx.Client(base_url=base, timeout=PATIENCE_SECONDS) as stranger, pytest.raises(httpx.ConnectError):
            stranger.get("/issuers")
