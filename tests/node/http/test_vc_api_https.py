"""Issuing and checking over HTTPS: a throw-away authority, a certificate of it, a client that trusts nothing else."""

import ssl
from pathlib import Path

import httpx
import pytest
from acredita.node.http.app import create_app
from acredita.node.runtime.signing_profiles import of_key
from acredita.registry.canonicalisation.contexts import CREDENTIALS_V2
from acredita.registry.keys.signer import PrivateKeySigner
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.node.http.test_server import running
from tests.node.http.two_institution_node import TwoInstitutionNode
from tests.simulators.certificates import certificate
from tests.waiting import PATIENCE_SECONDS

PROFILE = of_key(
    "uses",
    PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x31" * 32)),
    cryptosuite="eddsa-rdfc-2022",
    relaxed=False,
    open_to_all=True,
)


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
