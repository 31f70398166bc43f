"""The folder for public suites: every route of its manifest answers as a suite asks, under the node's own address."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from acredita.node.config import Configuration, load
from acredita.node.runtime.signing_profiles import open_contexts, open_profiles
from acredita.registry.canonicalisation.contexts import CREDENTIALS_V1, CREDENTIALS_V2

from tests.node.http.two_institution_node import Client, TwoInstitutionNode

FOLDER = Path(__file__).parents[3] / "docs" / "conformance"
MANIFEST = (FOLDER / "localConfig.cjs").read_text(encoding="utf-8")
ISSUERS = re.findall(r"issue\('([a-z0-9-]+)'", MANIFEST)
VERIFIERS = re.findall(r"verify\('([a-z0-9-]+)'", MANIFEST)
SUITE_CLIENT = {"Accept": "application/ld+json, application/json"}
"""Headers that the HTTP client of the suites sends; it parses only an answer whose type names JSON."""
# The tags by which the suites choose endpoints, at the commits that docs/conformance.md names.
TAGS = {"vc2.0", "EnvelopingProof", "vc-api", "BitstringStatusList", "Revocation", "Suspension", "did-key",
        "Ed25519Signature2020", "eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019", "ecdsa-jcs-2019"}  # fmt: skip


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Configuration:
    return load(shutil.copytree(FOLDER, tmp_path_factory.mktemp("suites") / "copy") / "acredita.toml", {})


@pytest.fixture(scope="module")
def suites(node: TwoInstitutionNode, configuration: Configuration) -> Iterator[Client]:
    profiles = open_profiles(configuration, None, ())
    contexts = open_contexts(configuration.contexts)
    with node.client(profiles=profiles, contexts=contexts, base=configuration.node.base) as opened:
        yield opened


def issued(suites: Client, profile: str, context: str = CREDENTIALS_V2) -> dict[str, Any]:
    """Return a credential, signed by a profile, of an issuer that is none of this node, as the suites ask for it."""
    dated = {"issuanceDate": "2026-01-01T00:00:00Z"} if context == CREDENTIALS_V1 else {}
    credential = {
        "@context": [context],
        "id": "urn:uuid:8a5e0c1e-0000-4000-8000-000000000031",
        "type": ["VerifiableCredential"],
        "issuer": "https://vc.example/issuers/5678",
        "credentialSubject": {"id": "did:example:subject"},
        **dated,
    }
    answer = suites.post(f"/issuers/{profile}/credentials/issue", json={"credential": credential})
    assert answer.status_code == 201, answer.text
    secured: dict[str, Any] = answer.json()["verifiableCredential"]
    return secured


def test_the_suites_load_lists_and_documents_over_https(configuration: Configuration) -> None:
    settings = configuration.node
    assert settings.base == f"https://{settings.host}:{settings.port}"
    assert None not in (settings.tls_certificate, settings.tls_key)
    assert f"|| '{settings.base}';" in MANIFEST


def test_the_manifest_has_the_tags_that_suites_look_for() -> None:
    words = set(re.findall(r"'([^']+)'", re.sub(r"(?m)^ *//.*$", "", MANIFEST)))
    assert words >= TAGS
    alike = {word for word in words - set(ISSUERS) if word.lower() in {tag.lower() for tag in TAGS}}
    assert alike == TAGS


@pytest.mark.parametrize("profile", ISSUERS)
@pytest.mark.parametrize("context", [CREDENTIALS_V2, CREDENTIALS_V1], ids=["2.0", "1.1"])
def test_what_each_issuer_signs_passes_the_relaxed_verifier_alone(suites: Client, profile: str, context: str) -> None:
    if context == CREDENTIALS_V1 and profile in ("jwt", "revocation", "suspension"):  # for suites of VCDM 2.0
        return
    sent = {
        "verifiableCredential": issued(suites, profile, context),
        "options": {"checks": ["proof", "credentialStatus"]},
    }
    for verifier in VERIFIERS:
        relaxed = suites.post(f"/issuers/{verifier}/credentials/verify", json=sent)
        assert (relaxed.status_code, relaxed.json()["errors"]) == (200, [])
    strict = suites.post("/credentials/verify", json=sent)
    assert [row["code"] for row in strict.json()["errors"]] == ["KEY_NOT_OF_ISSUER"]


@pytest.mark.parametrize("purpose", ["revocation", "suspension"])
def test_a_list_is_json_for_the_client_of_the_suites(suites: Client, purpose: str) -> None:
    entry = issued(suites, purpose)["credentialStatus"]
    url = entry["statusListCredential"]
    assert url.startswith("https://")
    answer = suites.get(url, headers=SUITE_CLIENT)
    assert re.fullmatch(r"application/([a-z.]+\+)?json", answer.headers["content-type"])
    assert answer.json()["credentialSubject"]["statusPurpose"] == purpose
    change = {"credentialId": "urn:uuid:8a5e0c1e-0000-4000-8000-000000000031", "credentialStatus": entry}
    assert suites.post(f"/issuers/{purpose}/credentials/status", json=change).status_code == 200
    assert suites.post(f"{url}/publish", json={}).status_code == 204


@pytest.mark.parametrize(
    ("did", "error"),
    [
        ("did:key:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b", None),
        ("notDid:key:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b", "invalidDid"),
        ("did:example:123", "methodNotSupported"),
        ("did:key:-4:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b", "invalidDid"),
        ("did:key:6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b", "invalidDid"),
        ("did:key:@", "invalidDid"),
        ("did:key:zTjsVPtY", "invalidPublicKeyLength"),
    ],
)
def test_the_resolver_names_errors_as_the_suite_asks(suites: Client, did: str, error: str | None) -> None:
    path = did.replace(":", "%3A").replace("@", "%40")  # encodeURIComponent
    answer = suites.get(f"/1.0/identifiers/{path}")
    assert answer.json()["didResolutionMetadata"].get("error") == error
    assert (answer.status_code == 200) is (error is None)
