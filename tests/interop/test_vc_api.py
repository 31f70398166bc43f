"""npm @digitalbazaar/vc in safe mode accepts what the VC-API issues, lists and presentations too, and the other way round."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from acredita.node.runtime.signing_profiles import SigningProfile, of_key
from acredita.registry.canonicalisation.contexts import CREDENTIALS_V1, CREDENTIALS_V2, bundled_contexts
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.proofs.data_integrity import ProofOptions, add_proof
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.interop.test_credentials_accepted import NPM, SCRIPTS, Ask, Peer
from tests.left_out import Want, leave_out
from tests.node.http.two_institution_node import Client, open_two_institution_node

pytestmark = pytest.mark.interop

STATUS = ("revocation", "suspension")
ED = PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x51" * 32))
P256 = PrivateKeySigner.of(ec.derive_private_key(0x5152, ec.SECP256R1()))
P384 = PrivateKeySigner.of(ec.derive_private_key(0x5153, ec.SECP384R1()))
PROFILES = {
    "ed": of_key("ed", ED, cryptosuite="eddsa-rdfc-2022", status=STATUS, open_to_all=True),
    "p256": of_key("p256", P256, cryptosuite="ecdsa-rdfc-2019", status=STATUS, open_to_all=True),
    "p384": of_key("p384", P384, cryptosuite="ecdsa-rdfc-2019", status=STATUS, open_to_all=True),
}
PLAIN = of_key("plain", ED, cryptosuite="eddsa-rdfc-2022", open_to_all=True)
"""A profile without status lists, whose entries VCDM 1.1 does not define."""


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    if not (NPM / "node_modules" / "@digitalbazaar" / "vc").is_dir():
        leave_out(Want.ORACLES, "@digitalbazaar/vc")
    contexts = tmp_path_factory.mktemp("contexts") / "contexts.json"
    contexts.write_text(json.dumps(dict(bundled_contexts().documents)), encoding="utf-8")
    opened = Peer(["node", str(SCRIPTS / "digitalbazaar.mjs"), str(contexts)], NPM)
    yield opened.ask
    opened.close()


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    node = open_two_institution_node(tmp_path_factory.mktemp("vc-api"))
    with node.client(profiles=(*PROFILES.values(), PLAIN)) as opened:
        yield opened
    node.demo.close()


def issued(api: Client, profile: SigningProfile, *, without: str = "", **more: Any) -> dict[str, Any]:
    credential: dict[str, Any] = {
        "@context": [CREDENTIALS_V2, {"degree": "https://example.org/degree"}],
        "id": "urn:uuid:8a5e0c1e-0000-4000-8000-000000000009",
        "type": ["VerifiableCredential"],
        "issuer": {"id": profile.did, "name": {"@value": "Universidad (DEMO)", "@language": "es"}},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:subject", "degree": "Ingeniería"},
        **more,
    }
    credential.pop(without, None)
    answer = api.post(f"/issuers/{profile.name}/credentials/issue", json={"credential": credential})
    assert answer.status_code == 201, answer.text
    secured: dict[str, Any] = answer.json()["verifiableCredential"]
    return secured


@pytest.mark.parametrize("name", PROFILES)
def test_the_peer_accepts_credential_and_list(api: Client, peer: Ask, name: str) -> None:
    secured = issued(api, PROFILES[name])
    now = "2026-11-15T13:00:00Z"
    assert peer("verify", document=secured, now=now) == {"verified": True, "error": None}
    for entry in secured["credentialStatus"]:
        published = api.get(entry["statusListCredential"]).json()
        assert peer("verify", document=published, now=now) == {"verified": True, "error": None}
    secured["credentialSubject"]["degree"] = "Otra"
    assert peer("verify", document=secured, now=now)["verified"] is False


@pytest.mark.parametrize("version", ["v1", "v2", None])
def test_the_peer_accepts_the_contexts_of_a_first_version_credential(
    api: Client, peer: Ask, version: str | None
) -> None:
    """Keep one context that defines the proof: jsonld.js refuses a list of two, because the term is protected."""
    contexts = [CREDENTIALS_V1, {"degree": "https://example.org/degree", "name": "https://schema.org/name"}]
    contexts += [f"https://w3id.org/security/data-integrity/{version}"] if version else []
    issuer = {"id": PLAIN.did}
    more = {"@context": contexts, "issuer": issuer, "issuanceDate": "2026-01-01T00:00:00Z"}
    secured = issued(api, PLAIN, **more, without="validFrom")
    assert peer("verify", document=secured, now="2026-11-15T13:00:00Z") == {"verified": True, "error": None}


@pytest.mark.parametrize(
    ("cryptosuite", "curve"), [("eddsa-rdfc-2022", None), ("ecdsa-rdfc-2019", "P-256"), ("ecdsa-rdfc-2019", "P-384")]
)
def test_what_the_peer_issues_is_accepted(api: Client, peer: Ask, cryptosuite: str, curve: str | None) -> None:
    document = issued(api, PROFILES["ed"])
    for key in ("proof", "credentialStatus"):
        del document[key]
    theirs = peer("issue", document=document, cryptosuite=cryptosuite, curve=curve, created="2026-03-01T00:00:00Z")
    sent = {"verifiableCredential": theirs["document"], "options": {"checks": ["proof"]}}
    assert api.post("/credentials/verify", json=sent).status_code == 200
    theirs["document"]["credentialSubject"]["degree"] = "Otra"
    assert api.post("/credentials/verify", json=sent).status_code == 400


def test_both_accept_a_presentation(api: Client, peer: Ask) -> None:
    profile = PROFILES["ed"]
    held = issued(api, profile, credentialStatus=[{"type": "https://example.org/NoStatus"}])
    secured = add_proof(
        {
            "@context": [CREDENTIALS_V2],
            "type": ["VerifiablePresentation"],
            "holder": profile.did,
            "verifiableCredential": [held],
        },
        ProofOptions(
            "eddsa-rdfc-2022",
            profile.verification_method,
            datetime(2026, 3, 1, tzinfo=UTC),
            purpose="authentication",
            challenge="c-1",
            domains=("verifier.example",),
        ),
        ED,
    )
    sent = {"verifiablePresentation": secured, "options": {"challenge": "c-1", "domain": "verifier.example"}}
    assert api.post("/presentations/verify", json=sent).status_code == 200
    answer = peer(
        "verifyPresentation", document=secured, challenge="c-1", domain="verifier.example", now="2026-11-15T13:00:00Z"
    )
    assert answer == {"verified": True, "error": None}
