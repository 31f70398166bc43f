"""Signing at the VC-API: proofs that the caller brings, contexts of VCDM 1.1, and what a refusal says."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from acredita.node.runtime.signing_profiles import of_institution, of_key
from acredita.node.vc_api.expectations import EXPECTED
from acredita.registry.canonicalisation.contexts import CREDENTIALS_V1, CREDENTIALS_V2, DATA_INTEGRITY_V2
from acredita.registry.codes import sentence
from acredita.registry.keys.did import key_method
from acredita.registry.keys.multikey import parse_multikey
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.proofs.data_integrity import ProofOptions, add_proof
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.node.http.two_institution_node import Client, TwoInstitutionNode

ROOT = Path(__file__).parents[3]
DATA_INTEGRITY_V1 = "https://w3id.org/security/data-integrity/v1"
ED25519_2020 = "https://w3id.org/security/suites/ed25519-2020/v1"
_OURS = PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x61" * 32))
_THEIRS = PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x62" * 32))
_METHOD = key_method(parse_multikey(_THEIRS.multikey))
PROFILES = {
    name: of_key(name, _OURS, cryptosuite=suite, status=status, relaxed=True, open_to_all=True)
    for name, suite, status in (
        ("rdfc", "eddsa-rdfc-2022", ()),
        ("jcs", "eddsa-jcs-2022", ()),
        ("jwt", "vc+jwt", ()),
        ("listed", "eddsa-rdfc-2022", ("revocation",)),
    )
}


@pytest.fixture(scope="module")
def api(node: TwoInstitutionNode) -> Iterator[Client]:
    with node.client(profiles=(*PROFILES.values(), of_institution("ut", node.tenant))) as opened:
        yield opened


def a_credential(**more: Any) -> dict[str, Any]:
    return {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiableCredential"],
        "issuer": PROFILES["rdfc"].did,
        "credentialSubject": {"id": "did:example:subject"},
        **more,
    }


def secured(**more: Any) -> dict[str, Any]:
    """Build a credential with a proof by somebody else's key."""
    options = ProofOptions("eddsa-rdfc-2022", _METHOD, datetime(2026, 1, 1, tzinfo=UTC))
    return add_proof(a_credential(**more), options, _THEIRS)


def issue(api: Client, credential: object, profile: str = "rdfc") -> httpx.Response:
    return api.post(f"/issuers/{profile}/credentials/issue", json={"credential": credential})


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    return answer.status_code, answer.json()["code"], answer.json()["pointer"]


def changed(**changes: Any) -> dict[str, Any]:
    document = secured()
    document["proof"] = {name: value for name, value in (document["proof"] | changes).items() if value is not None}
    return document


# --- proofs that the caller brings ---


@pytest.mark.parametrize("profile", ["rdfc", "jcs", "jwt"])
def test_a_proof_that_holds_is_kept_beside_the_new_one(api: Client, profile: str) -> None:
    brought = secured()
    signed = issue(api, brought, profile).json()["verifiableCredential"]
    if profile != "jwt":
        assert signed["proof"][0] == brought["proof"]
    sent = {"verifiableCredential": signed}
    assert api.post(f"/issuers/{profile}/credentials/verify", json=sent).json()["errors"] == []


@pytest.mark.parametrize(
    ("document", "code", "pointer"),
    [
        (changed(proofValue=None), "PROOF_MALFORMED", "/credential/proof"),
        (changed(proofValue="z2"), "PROOF_MALFORMED", "/credential/proof/proofValue"),
        (changed(proofValue="u" + "A" * 86), "PROOF_MALFORMED", "/credential/proof/proofValue"),
        (changed(proofValue=5), "PROOF_MALFORMED", "/credential/proof/proofValue"),
        (changed(created="yesterday"), "PROOF_MALFORMED", "/credential/proof/created"),
        (changed(expires="2026-02-30T00:00:00Z"), "PROOF_MALFORMED", "/credential/proof/expires"),
        (changed(verificationMethod="#k"), "PROOF_MALFORMED", "/credential/proof/verificationMethod"),
        (changed(verificationMethod={"id": _METHOD}), "PROOF_MALFORMED", "/credential/proof/verificationMethod"),
        (changed(proofPurpose=None), "PROOF_MALFORMED", "/credential/proof"),
        (changed(cryptosuite=None), "PROOF_MALFORMED", "/credential/proof"),
        (changed(domain=[5]), "PROOF_MALFORMED", "/credential/proof/domain"),
        (changed(jws="e30..AA"), "PROOF_MALFORMED", "/credential/proof/jws"),
        (changed(type=None), "VCDM_PROOF", "/credential/proof"),
        ({**a_credential(), "proof": "x"}, "VCDM_PROOF", "/credential/proof"),
        ({**a_credential(), "proof": []}, "PROOF_MISSING", "/credential/proof"),
        (changed(previousProof="urn:uuid:0"), "PROOF_INVALID", "/credential/proof"),
        (changed(created="2026-01-01T00:00:01Z"), "PROOF_INVALID", "/credential/proof"),
        (changed(verificationMethod=f"{_METHOD}x"), "PROOF_KEY_REFUSED", "/credential/proof/verificationMethod"),
        ({**secured(), "name": "Otro"}, "PROOF_INVALID", "/credential/proof"),
    ],
)
@pytest.mark.parametrize("profile", ["rdfc", "jcs", "jwt"])
def test_a_proof_that_does_not_hold_is_not_countersigned(
    api: Client, document: dict[str, Any], code: str, pointer: str, profile: str
) -> None:
    assert refusal(issue(api, document, profile)) == (400, code, pointer)


def test_the_bad_proof_of_several_is_named(api: Client) -> None:
    good, bad = secured(), changed(proofValue="z2")
    document = {**good, "proof": [good["proof"], bad["proof"]]}
    assert refusal(issue(api, document)) == (400, "PROOF_MALFORMED", "/credential/proof/1/proofValue")
    answer = api.post("/issuers/rdfc/credentials/verify", json={"verifiableCredential": document})
    assert [row["pointer"] for row in answer.json()["errors"]] == ["/proof/1/proofValue"]


@pytest.mark.parametrize(
    "change",
    [
        {"cryptosuite": "bbs-2023"},
        {"type": "Ed25519Signature2018", "cryptosuite": None, "jws": "e30..AA"},
        {"verificationMethod": "did:web:nadie.example#k"},
        {"verificationMethod": "did:ethr:0x12#controller"},
    ],
)
def test_a_proof_that_cannot_be_checked_here_stays(api: Client, change: dict[str, Any]) -> None:
    document = changed(**change)
    document["@context"] = [CREDENTIALS_V2, {"jws": "https://w3id.org/security#jws"}]
    answer = issue(api, document)
    assert answer.status_code == 201, answer.text
    assert answer.json()["verifiableCredential"]["proof"][0] == document["proof"]


def test_a_status_is_not_added_under_a_proof(api: Client) -> None:
    assert refusal(issue(api, secured(), "listed")) == (422, "PROOF_INVALID", "/credential/proof")
    assert "credentialStatus" in issue(api, a_credential(), "listed").json()["verifiableCredential"]


# --- VCDM 1.1 ---


DEFINED: Any = {"DataIntegrityProof": "https://w3id.org/security#DataIntegrityProof"}


@pytest.mark.parametrize(
    ("contexts", "added"),
    [
        ([CREDENTIALS_V1], True),
        ([CREDENTIALS_V1, ED25519_2020], True),
        ([CREDENTIALS_V1, {"Extra": "https://example.org/#Extra"}], True),
        ([CREDENTIALS_V1, DATA_INTEGRITY_V1], False),
        ([CREDENTIALS_V1, DATA_INTEGRITY_V2], False),
        ([CREDENTIALS_V1, ED25519_2020, DATA_INTEGRITY_V1], False),
        ([CREDENTIALS_V1, DEFINED], False),
    ],
)
@pytest.mark.parametrize("profile", ["rdfc", "jcs"])
def test_a_context_for_the_proof_is_added_where_none_defines_it(
    api: Client, contexts: list[Any], added: bool, profile: str
) -> None:
    sent = a_credential(issuanceDate="2026-01-01T00:00:00Z", **{"@context": contexts})
    answer = issue(api, sent, profile)
    if contexts[-1] == DEFINED and profile == "rdfc":  # a type without its terms: the options have no meaning
        assert refusal(answer)[:2] == (400, "TERM_UNMAPPED")
        return
    signed = answer.json()["verifiableCredential"]
    assert signed["@context"] == [*contexts, *([DATA_INTEGRITY_V2] if added else [])]
    verified = api.post("/issuers/rdfc/credentials/verify", json={"verifiableCredential": signed})
    assert (verified.status_code, verified.json()["errors"]) == (200, [])


@pytest.mark.parametrize("profile", ["rdfc", "jcs", "jwt"])
def test_two_contexts_that_define_the_proof_are_refused(api: Client, profile: str) -> None:
    contexts = [CREDENTIALS_V1, DATA_INTEGRITY_V1, DATA_INTEGRITY_V2]
    sent = a_credential(issuanceDate="2026-01-01T00:00:00Z", **{"@context": contexts})
    assert refusal(issue(api, sent, profile)) == (400, "TERM_REDEFINED", "/credential/@context")


# --- what a refusal says ---


def _with(**changes: Any) -> Callable[[], dict[str, Any]]:
    return lambda: a_credential(**changes)


REFUSED: dict[str, Callable[[], dict[str, Any]]] = {
    "unknown context": _with(**{"@context": [CREDENTIALS_V2, "https://unknown.example/v1"]}),
    "context": _with(**{"@context": [CREDENTIALS_V2, 5]}),
    "import": _with(**{"@context": [CREDENTIALS_V2, {"@import": CREDENTIALS_V1}]}),
    "redefined": _with(**{"@context": [CREDENTIALS_V2, {"VerifiableCredential": "https://example.org/#x"}]}),
    "unmapped": _with(unmapped="x"),
    "type": _with(type=["VerifiableCredential", "Unmapped"]),
    "number": _with(credentialSubject={"id": "did:example:s", "https://example.org/#n": 1e30}),
    "control": _with(name="a\u0007b"),
    "relative": _with(credentialSubject={"id": "relative"}),
    "subject": _with(credentialSubject={}),
    "no type": _with(type=[]),
    "other type": _with(type=["Other"]),
    "issuer": _with(issuer="x"),
    "date": _with(validFrom="2026"),
    "period": _with(validFrom="2026-01-02T00:00:00Z", validUntil="2026-01-01T00:00:00Z"),
    "first version": _with(**{"@context": [CREDENTIALS_V1]}),
    "status": _with(credentialStatus={"type": "BitstringStatusListEntry", "statusPurpose": "x", "statusSize": 2}),
    "resource": _with(relatedResource=[{"id": CREDENTIALS_V2}]),
    "proof": lambda: changed(proofValue="z2"),
    "suite proof": lambda: changed(created="2026"),
}
OPPOSITES = re.compile(
    r"\b(?:not|no longer|missing|unknown|invalid|malformed|fails?|cannot|is (?:no|another|too)|are too|has no)\b", re.I
)


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("profile", ["rdfc", "jcs", "ut"])
def test_a_refusal_says_what_was_expected_and_where(
    node: TwoInstitutionNode, api: Client, name: str, profile: str
) -> None:
    document = REFUSED[name]()
    answer = api.post(
        f"/issuers/{profile}/credentials/issue", json={"credential": document}, headers=node.bearer("issue")
    )
    assert answer.status_code in (400, 422), answer.text
    for row in answer.json()["errors"]:
        _check_problem(row, document)


@pytest.mark.parametrize(
    "options",
    [
        {"challenge": "c"},
        {"domain": "d.example"},
        {"expectedProofPurpose": "authentication"},
        {"checks": ["unheard"]},
    ],
)
def test_a_failed_check_says_what_was_expected_and_where(api: Client, options: dict[str, Any]) -> None:
    document = secured(issuer=_METHOD.partition("#")[0])
    sent = {"verifiableCredential": document, "options": options}
    (row,) = api.post("/credentials/verify", json=sent).json()["errors"]
    _check_problem(row, {**document, "options": options})


def _check_problem(row: dict[str, str], document: dict[str, Any]) -> None:
    expected = row["detail"].removeprefix("expected: ")
    assert row["detail"] != expected
    assert expected.rstrip(".") != row["title"].rstrip(".")
    assert not OPPOSITES.search(expected), row
    value: Any = document
    parts = row["pointer"].split("/")[1:]
    for depth, part in enumerate(parts):  # the place is in the document, or is a member that is missed there
        if isinstance(value, dict) and part not in value:
            assert depth == len(parts) - 1, row
            return
        value = value[int(part)] if isinstance(value, list) else value[part]


def test_every_code_of_a_form_or_a_proof_has_its_rule() -> None:
    raised = re.compile(
        r"(?:CanonicalFormRefused|ProofRefused|ProofCheckUnavailable|_refuse)\([^)]*?\bCode\.([A-Z_]+)", re.S
    )
    sources = [*(ROOT / "registry/canonicalisation").glob("*.py"), *(ROOT / "registry/proofs").glob("*.py")]
    codes = {code for path in sources for code in raised.findall(path.read_text(encoding="utf-8"))}
    assert {"TERM_UNMAPPED", "PROOF_INVALID", "DID_UNRESOLVED"} <= codes
    assert codes - {code.value for code in EXPECTED} == set()
    assert all(EXPECTED[code] != sentence(code, "en") and not OPPOSITES.search(EXPECTED[code]) for code in EXPECTED)


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"proof": {"type": "DataIntegrityProof"}}, "PROFILE_UNKNOWN_KEY", "/credential/proof"),
        ({"issuer": {"id": "did:example:other"}}, "ISSUER_NOT_OF_PROFILE", "/credential/issuer"),
    ],
)
def test_an_institution_names_the_place(
    node: TwoInstitutionNode, api: Client, change: dict[str, Any], code: str, pointer: str
) -> None:
    document = json.loads(node.credential(node.digests[0]))
    prepared = {key: value for key, value in document.items() if key not in ("proof", "credentialStatus")} | change
    answer = api.post("/issuers/ut/credentials/issue", json={"credential": prepared}, headers=node.bearer("issue"))
    assert refusal(answer) == (422, code, pointer)
