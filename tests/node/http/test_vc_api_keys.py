"""Keys by DID document at the VC-API: the published small cases, and a presentation by a key for authentication."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from acredita.node.publication.trust_folder import TrustFolder
from acredita.registry.canonicalisation.contexts import CREDENTIALS_V2
from acredita.registry.keys.multikey import parse_multikey
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.proofs.data_integrity import ProofOptions, add_proof
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.node.http.two_institution_node import Client, TwoInstitutionNode

CASES = Path(__file__).parent / "vc_api_cases"
DID = "did:web:persona.example"
_SIGNER = PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x41" * 32))


def case(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
    return content


def entry(**more: Any) -> dict[str, Any]:
    key = parse_multikey(_SIGNER.multikey).multibase
    return {"id": "#k1", "type": "Multikey", "controller": DID, "publicKeyMultibase": key, **more}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dids")


@pytest.fixture
def listed(node: TwoInstitutionNode, folder: Path) -> Iterator[Any]:
    """Open a client of a node whose `dids.json` lists the given documents."""
    opened: list[Client] = []

    def client(*documents: dict[str, Any]) -> Client:
        (folder / "dids.json").write_text(json.dumps({document["id"]: document for document in documents}))
        opened.append(node.client(folder=TrustFolder(folder)).__enter__())
        return opened[-1]

    yield client
    for one in opened:
        one.__exit__(None, None, None)


def verified(client: Client, credential: object) -> tuple[int, list[str]]:
    answer = client.post("/credentials/verify", json={"verifiableCredential": credential})
    assert answer.json()["verified"] is (answer.status_code == 200)
    return answer.status_code, [row["code"] for row in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("name", "errors"),
    [
        ("vc-JsonWebKey2020", []),
        ("vc-embedded-in-assertionMethod", []),
        ("vc-key-with-revoked-in-the-past", ["PROOF_KEY_REFUSED"]),
    ],
)
def test_the_published_cases(listed: Any, name: str, errors: list[str]) -> None:
    content = case(name)
    assert verified(listed(content["didDocument"]), content["verifiableCredential"]) == (400 if errors else 200, errors)


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"revoked": "2999-01-01T00:00:00Z"}, []),
        ({"expires": "2025-01-01T00:00:00Z"}, ["PROOF_KEY_REFUSED"]),
        ({"expires": "yesterday"}, ["KEY_UNREADABLE"]),
        ({"controller": "did:web:otra.example"}, ["PROOF_KEY_REFUSED"]),
        ({"type": "Ed25519VerificationKey2018"}, ["KEY_UNREADABLE"]),
        ({"id": "#k1"}, []),
    ],
)
def test_the_same_key_under_another_description(listed: Any, changes: dict[str, str], errors: list[str]) -> None:
    content = case("vc-embedded-in-assertionMethod")
    content["didDocument"]["assertionMethod"][0] |= changes
    assert verified(listed(content["didDocument"]), content["verifiableCredential"])[1] == errors


@pytest.mark.parametrize(
    "method", ["https://uni.example/issuer#k1", "did:ethr:0x12#controller", "did:web:x.example:..#k"]
)
def test_a_method_that_is_not_resolved_here_is_no_forgery(listed: Any, method: str) -> None:
    credential = case("vc-JsonWebKey2020")["verifiableCredential"]
    credential["proof"]["verificationMethod"] = method
    answer = listed().post("/credentials/verify", json={"verifiableCredential": credential})
    (error,) = answer.json()["errors"]
    assert (error["code"], error["pointer"]) == ("DID_UNRESOLVED", "/proof/verificationMethod")


@pytest.mark.parametrize(
    ("relationships", "errors"),
    [
        ({"authentication": [entry()]}, []),
        ({"authentication": ["#k1"], "verificationMethod": [entry()]}, []),
        ({"assertionMethod": [entry()]}, ["PROOF_KEY_REFUSED"]),
    ],
)
def test_a_presentation_is_by_a_key_for_authentication(
    listed: Any, relationships: dict[str, Any], errors: list[str]
) -> None:
    presentation = add_proof(
        {"@context": [CREDENTIALS_V2], "type": ["VerifiablePresentation"], "holder": DID},
        ProofOptions("eddsa-jcs-2022", f"{DID}#k1", datetime(2026, 1, 1, tzinfo=UTC), purpose="authentication"),
        _SIGNER,
    )
    client = listed({"id": DID, **relationships})
    answer = client.post("/presentations/verify", json={"verifiablePresentation": presentation})
    assert [row["code"] for row in answer.json()["errors"]] == errors
