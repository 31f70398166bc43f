"""The VC-API over the node of two institutions: what signing profiles sign, what checks say, who may change a status."""

import base64
import copy
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from acredita.contracts import bindings
from acredita.node.outbound.fetch import FetchedBody, Fetcher, SourceUnavailable
from acredita.node.runtime.signing_profiles import KnownContexts, SigningProfile, of_institution, of_key
from acredita.node.storage.rights import Right
from acredita.registry.canonicalisation.contexts import CREDENTIALS_V1, CREDENTIALS_V2, OPEN_BADGES_V3, bundled_contexts
from acredita.registry.credentials.status_list import decode_list, encode_list, is_set
from acredita.registry.keys.did import key_method
from acredita.registry.keys.multikey import parse_multikey
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.programmes.programme import achievement_of
from acredita.registry.proofs.data_integrity import ProofOptions, add_proof
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.node.http.two_institution_node import (
    CANARY,
    PROGRAMME,
    Client,
    TwoInstitutionNode,
    open_two_institution_node,
)

EXAMPLES = "https://examples.example/v2"
EXAMPLES_BYTES = b'{"@context": {"@vocab": "https://examples.example/#"}}'
_ED25519 = PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x21" * 32))
_P256 = PrivateKeySigner.of(ec.derive_private_key(77, ec.SECP256R1()))
_P384 = PrivateKeySigner.of(ec.derive_private_key(78, ec.SECP384R1()))
PROFILES = {
    "rdfc": of_key("rdfc", _ED25519, cryptosuite="eddsa-rdfc-2022", status=("revocation", "suspension")),
    "jcs": of_key("jcs", _ED25519, cryptosuite="eddsa-jcs-2022"),
    "p256": of_key("p256", _P256, cryptosuite="ecdsa-rdfc-2019"),
    "p384": of_key("p384", _P384, cryptosuite="ecdsa-jcs-2019"),
    "jwt": of_key("jwt", _P256, cryptosuite="vc+jwt"),
    "conformance": of_key("conformance", _ED25519, cryptosuite="eddsa-rdfc-2022", relaxed=True, open_to_all=True),
}


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoInstitutionNode]:
    """Open a node for this module alone: other modules must not see its issued and anchored credentials."""
    opened = open_two_institution_node(tmp_path_factory.mktemp("vc-api"))
    yield opened
    opened.demo.close()


@pytest.fixture(scope="module")
def api(node: TwoInstitutionNode) -> Iterator[Client]:
    added = bundled_contexts().with_documents({EXAMPLES: json.loads(EXAMPLES_BYTES)})
    profiles = (*PROFILES.values(), of_institution("ut", node.tenant))
    with node.client(profiles=profiles, contexts=KnownContexts(added, {EXAMPLES: EXAMPLES_BYTES})) as opened:
        yield opened


@pytest.fixture(scope="module")
def bearer(node: TwoInstitutionNode) -> dict[str, str]:
    return {"Authorization": f"Bearer {node.token(*Right)}"}


def a_credential(profile: str = "rdfc", **more: Any) -> dict[str, Any]:
    return {
        "@context": [CREDENTIALS_V2],
        "id": "urn:uuid:8a5e0c1e-0000-4000-8000-000000000001",
        "type": ["VerifiableCredential"],
        "issuer": PROFILES[profile].did,
        "credentialSubject": {"id": "did:example:subject"},
        **more,
    }


def issue(api: Client, bearer: dict[str, str], credential: object, profile: str = "rdfc") -> httpx.Response:
    return api.post(f"/issuers/{profile}/credentials/issue", json={"credential": credential}, headers=bearer)


def issued(api: Client, bearer: dict[str, str], profile: str = "rdfc", **more: Any) -> dict[str, Any]:
    answer = issue(api, bearer, a_credential(profile, **more), profile)
    assert answer.status_code == 201, answer.text
    secured: dict[str, Any] = answer.json()["verifiableCredential"]
    return secured


def verify(api: Client, credential: object, **options: object) -> httpx.Response:
    return api.post("/credentials/verify", json={"verifiableCredential": credential, "options": options})


def codes(answer: httpx.Response, kind: str = "errors") -> list[str]:
    return [row["code"] for row in answer.json()[kind]]


# --- issuing ---


def test_the_profiles_are_listed(api: Client, node: TwoInstitutionNode) -> None:
    rows = {row["name"]: row for row in api.get("/issuers").json()}
    assert set(rows) == {*PROFILES, "ut"}
    assert rows["rdfc"]["id"] == PROFILES["rdfc"].did
    assert (rows["ut"]["policy"], rows["ut"]["id"]) == ("programme", node.tenant.institution.did)
    assert [name for name, row in rows.items() if row["binding"] == "relaxed"] == ["conformance"]


@pytest.mark.parametrize("profile", ["rdfc", "jcs", "p256", "p384", "jwt"])
def test_what_a_profile_signs_verifies(api: Client, bearer: dict[str, str], profile: str) -> None:
    secured = issued(api, bearer, profile)
    answer = verify(api, secured)
    assert (answer.status_code, codes(answer), answer.json()["verified"]) == (200, [], True)
    assert answer.json()["checks"] == ["structure", "proof", "binding", "dates", "status"]


def test_what_the_caller_sent_stays_as_it_was(api: Client, bearer: dict[str, str]) -> None:
    sent = a_credential(
        "jcs",
        **{
            "@context": [CREDENTIALS_V2, {"Extra": "https://example.org/#Extra"}, OPEN_BADGES_V3, EXAMPLES],
            "type": ["Extra", "VerifiableCredential"],
            "credentialSubject": [{"id": "did:example:1", "anything": "x"}, {"type": "Extra"}],
            "name": [{"@value": "Título", "@language": "es"}, {"@value": "Title", "@language": "en"}],
        },
    )
    answer = issue(api, bearer, sent, "jcs")
    secured = answer.json()["verifiableCredential"]
    del secured["proof"]
    assert (answer.status_code, secured) == (201, sent)
    assert list(secured) == list(sent)


def test_the_profile_is_found_by_the_issuer(api: Client, bearer: dict[str, str]) -> None:
    sent = {"credential": a_credential("p384")}
    assert api.post("/credentials/issue", json=sent, headers=bearer).status_code == 201
    sent["credential"]["issuer"] = "did:example:nobody"
    answer = api.post("/credentials/issue", json=sent, headers=bearer)
    assert (answer.status_code, answer.json()["code"]) == (422, "PROFILE_UNKNOWN")


def test_a_profile_signs_for_its_own_did_only(api: Client, bearer: dict[str, str]) -> None:
    answer = issue(api, bearer, a_credential(issuer={"id": "https://other.example"}))
    assert (answer.status_code, answer.json()["code"]) == (422, "ISSUER_NOT_OF_PROFILE")


def test_the_relaxed_profile_signs_for_anybody_and_only_it_believes_that(api: Client) -> None:
    answer = issue(api, {}, a_credential(issuer="https://other.example"), "conformance")
    secured = answer.json()["verifiableCredential"]
    assert answer.status_code == 201
    assert codes(verify(api, secured)) == ["KEY_NOT_OF_ISSUER"]
    sent = {"verifiableCredential": secured}
    assert api.post("/issuers/conformance/credentials/verify", json=sent).status_code == 200
    assert api.post("/issuers/rdfc/credentials/verify", json=sent).status_code == 400


def test_writing_needs_the_nodes_token(node: TwoInstitutionNode, api: Client) -> None:
    for headers, status in (({}, 401), (node.bearer("issue"), 403), (node.bearer("node"), 201)):
        assert issue(api, headers, a_credential()).status_code == status
    change = {"credentialId": "urn:x:1", "credentialStatus": {"statusPurpose": "revocation"}}
    assert api.post("/credentials/status", json=change).status_code == 401


def test_an_open_profile_is_open_to_this_machine_only(node: TwoInstitutionNode) -> None:
    with node.client(profiles=(PROFILES["conformance"],)) as far:
        far._client._transport = httpx.ASGITransport(far.app, client=("192.0.2.7", 5000))
        assert issue(far, {}, a_credential(), "conformance").status_code == 401


def test_an_unknown_profile_is_not_found(api: Client, bearer: dict[str, str]) -> None:
    answer = issue(api, bearer, a_credential(), "nobody")
    assert (answer.status_code, answer.json()["code"]) == (404, "PROFILE_UNKNOWN")


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"@context": [CREDENTIALS_V2, "https://unknown.example/v1"]}, "CONTEXT_UNKNOWN", "/credential/@context/1"),
        ({"@context": [CREDENTIALS_V2, 5]}, "VCDM_CONTEXT", "/credential/@context/1"),
        ({"unmapped": "x"}, "TERM_UNMAPPED", "/credential/unmapped"),
        ({"type": ["VerifiableCredential", "Unmapped"]}, "TYPE_UNMAPPED", "/credential/type"),
        ({"credentialSubject": {}}, "VCDM_SUBJECT", "/credential/credentialSubject"),
        (
            {"@context": [CREDENTIALS_V2, {"VerifiableCredential": "https://example.org/#x"}]},
            "TERM_REDEFINED",
            "/credential/@context",
        ),
    ],
)
@pytest.mark.parametrize("profile", ["rdfc", "jcs", "jwt"])
def test_what_is_not_safe_to_sign_is_refused_with_its_place(
    api: Client, bearer: dict[str, str], change: dict[str, Any], code: str, pointer: str, profile: str
) -> None:
    answer = issue(api, bearer, {**a_credential(profile), **change}, profile)
    assert (answer.status_code, answer.json()["code"], answer.json()["pointer"]) == (400, code, pointer)


def test_every_fault_is_reported_and_no_value(api: Client, bearer: dict[str, str]) -> None:
    sent = a_credential(id=CANARY, issuer=CANARY, validFrom=CANARY, credentialSubject=[], type=["Other"])
    answer = issue(api, bearer, sent)
    codes_found = {row["code"] for row in answer.json()["errors"]}
    assert {"VCDM_ID", "VCDM_ISSUER", "VCDM_TIME", "VCDM_SUBJECT", "VCDM_TYPE"} <= codes_found
    assert CANARY not in answer.text


def test_a_first_version_credential_gets_the_context_its_proof_needs(api: Client, bearer: dict[str, str]) -> None:
    sent = a_credential("jcs", **{"@context": [CREDENTIALS_V1], "issuanceDate": "2026-01-01T00:00:00Z"})
    secured = issue(api, bearer, sent, "jcs").json()["verifiableCredential"]
    assert secured["@context"][0] == CREDENTIALS_V1
    assert verify(api, secured).status_code == 200


# --- policy programme ---


@pytest.fixture
def prepared(node: TwoInstitutionNode) -> dict[str, Any]:
    """Build a request of a student system: a credential of an approved programme, without status and proof."""
    document = json.loads(node.credential(node.digests[0]))
    document["id"] = "urn:uuid:8a5e0c1e-0000-4000-8000-000000000777"
    return {key: value for key, value in document.items() if key not in ("proof", "credentialStatus")}


def test_a_programme_profile_signs_by_the_institutions_own_path(
    node: TwoInstitutionNode, api: Client, prepared: dict[str, Any]
) -> None:
    headers = node.bearer("issue")
    answer = issue(api, headers, prepared, "ut")
    secured = answer.json()["verifiableCredential"]
    assert answer.status_code == 201
    assert {key: secured[key] for key in prepared} == prepared
    assert issue(api, headers, prepared, "ut").json()["verifiableCredential"] == secured
    node.anchor()
    assert api.post("/v1/verify", json=secured).json()["verdict"] == "recognised"
    assert verify(api, secured).status_code == 200


def test_a_programme_profile_signs_nothing_else(
    node: TwoInstitutionNode, api: Client, prepared: dict[str, Any]
) -> None:
    other = copy.deepcopy(prepared)
    other["credentialSubject"]["achievement"]["name"] = "Otro"
    plain = {**a_credential(), "issuer": {"id": node.tenant.institution.did}}
    foreign = copy.deepcopy(prepared)
    foreign["credentialSubject"]["achievement"] = achievement_of(_programme_of_the_other(node))
    for document in (other, plain, foreign):
        answer = issue(api, node.bearer("issue"), document, "ut")
        assert (answer.status_code, answer.json()["code"]) == (422, "ACHIEVEMENT_NOT_APPROVED")
    unread = {**copy.deepcopy(prepared), "name": "Otro"}
    assert issue(api, node.bearer("issue"), unread, "ut").json()["code"] == "SCHEMA_INVALID"
    assert issue(api, node.bearer("issue"), {**prepared, "extra": 1}, "ut").json()["code"] == "TERM_UNMAPPED"
    assert issue(api, node.bearer("issue"), {**prepared, "validUntil": "x"}, "ut").json()["code"] == "VCDM_TIME"
    reshaped = {**prepared, "type": ["OpenBadgeCredential", "VerifiableCredential"]}
    assert issue(api, node.bearer("issue"), reshaped, "ut").json()["code"] == "PROFILE_VALUE"
    assert issue(api, node.bearer("other"), prepared, "ut").status_code == 403


def test_a_suspended_institution_signs_nothing_by_either_route(
    node: TwoInstitutionNode, api: Client, prepared: dict[str, Any]
) -> None:
    """Sign nothing whose anchor the contract would refuse: it would never be recognised."""
    prepared["id"] = "urn:uuid:8a5e0c1e-0000-4000-8000-000000000779"
    council, issuer, act = node.demo.council, node.tenant.issuer, b"\x5a" * 32
    registry = bindings.IssuerRegistry(council.contracts.issuer_registry)
    programme = f"0x{node.demo.texts.programme(PROGRAMME).digest.hex()}"
    row = {
        "issuer": f"0x{issuer.hex()}",
        "programme": programme,
        "rows": [{"identificador": f"{CANARY} 8000001", "fecha_otorgamiento": "2026-04-20", "resultado": "Competente"}],
    }
    council.decide(registry.suspend(issuer, act), act)
    try:
        answers = [
            issue(api, node.bearer("issue"), prepared, "ut"),
            api.post("/v1/credentials", json=row, headers=node.bearer("issue")),
        ]
    finally:
        council.decide(registry.reinstate(issuer, act), act)
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "ISSUER_NOT_ACTIVE")] * 2
    assert issue(api, node.bearer("issue"), prepared, "ut").status_code == 201


def _programme_of_the_other(node: TwoInstitutionNode) -> Any:
    programmes = [node.demo.texts.programme(name) for name in ("ind40-fundamentos", "analitica-ingenieria")]
    others = [programme for programme in programmes if programme.issuer != node.tenant.institution.did]
    return others[0] if others else programmes[1]


def test_an_institutions_status_is_changed_by_the_entry(
    node: TwoInstitutionNode, api: Client, prepared: dict[str, Any]
) -> None:
    prepared["id"] = "urn:uuid:8a5e0c1e-0000-4000-8000-000000000778"
    secured = issue(api, node.bearer("issue"), prepared, "ut").json()["verifiableCredential"]
    change = {"credentialId": secured["id"], "credentialStatus": secured["credentialStatus"]}
    assert api.post("/credentials/status", json=change, headers=node.bearer("issue")).status_code == 403
    assert api.post("/credentials/status", json=change, headers=node.bearer("revoke")).json() == {"changed": True}
    node.anchor()
    assert api.post("/v1/verify", json=secured).json()["code"] == "CREDENTIAL_REVOKED"
    assert codes(verify(api, secured)) == ["CREDENTIAL_REVOKED"]


# --- checking ---


def test_one_changed_value_is_an_error(api: Client, bearer: dict[str, str]) -> None:
    secured = issued(api, bearer)
    secured["credentialSubject"]["id"] = "did:example:other"
    answer = verify(api, secured)
    assert (answer.status_code, answer.json()["verified"], codes(answer)) == (400, False, ["PROOF_INVALID"])
    assert answer.json()["errors"][0]["type"].endswith("#CRYPTOGRAPHIC_SECURITY_ERROR")


def test_purpose_domain_and_challenge_are_compared_where_they_are_named(api: Client, bearer: dict[str, str]) -> None:
    secured = issued(api, bearer)
    assert codes(verify(api, secured, expectedProofPurpose="authentication")) == ["PROOF_PURPOSE_MISMATCH"]
    assert codes(verify(api, secured, challenge="c")) == ["PROOF_CHALLENGE_MISMATCH"]
    assert codes(verify(api, secured, domain="d.example")) == ["PROOF_DOMAIN_MISMATCH"]


def test_dates_are_asked_unless_the_caller_asks_for_less(api: Client, bearer: dict[str, str]) -> None:
    over = issued(api, bearer, "jcs", validFrom="2020-01-01T00:00:00Z", validUntil="2020-01-02T00:00:00Z")
    early = issued(api, bearer, "jcs", validFrom="2999-01-01T00:00:00-06:00")
    assert codes(verify(api, over)) == ["CREDENTIAL_EXPIRED"]
    assert codes(verify(api, early)) == ["CREDENTIAL_NOT_YET_VALID"]
    less = verify(api, over, checks=["proof"])
    assert (less.status_code, codes(less, "warnings")) == (200, ["CREDENTIAL_EXPIRED"])
    unheard = verify(api, over, checks=["proof", "unheard"])
    assert (codes(unheard), codes(unheard, "warnings")) == (["CHECK_UNKNOWN"], ["CREDENTIAL_EXPIRED"])


def test_a_list_elsewhere_is_a_warning_and_is_not_fetched(api: Client, bearer: dict[str, str]) -> None:
    entry = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "5",
        "statusListCredential": "https://elsewhere.example/status/1",
    }
    secured = issued(api, bearer, credentialStatus=entry)
    assert secured["credentialStatus"] == entry
    answer = verify(api, secured)
    assert (answer.status_code, codes(answer, "warnings")) == (200, ["STATUS_UNCHECKED"])
    assert answer.json()["warnings"][0]["type"].endswith("#STATUS_RETRIEVAL_ERROR")


LISTED = "https://listas.example/status/1"


@dataclass(frozen=True)
class Published(Fetcher):
    """Lists of other hosts by address, for checks that need no network; how they are fetched has tests of its own."""

    lists: dict[str, bytes] = field(default_factory=dict)

    def fetch(self, url: str) -> FetchedBody:
        if url not in self.lists:
            raise SourceUnavailable("SOURCE_UNREACHABLE", "no such list")
        return FetchedBody(self.lists[url], "application/vc")


def a_list(*, purpose: str | list[str] = "revocation", size: int = 16_384, **more: Any) -> bytes:
    """Build a foreign list whose position 5 is set."""
    bits = bytearray(size)
    bits[0] |= 0x80 >> 5
    subject = {"type": "BitstringStatusList", "statusPurpose": purpose, "encodedList": encode_list(bytes(bits))}
    document = {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": PROFILES["p256"].did,
        "credentialSubject": subject,
        **more,
    }
    signed = add_proof(
        document,
        ProofOptions("ecdsa-rdfc-2019", PROFILES["p256"].verification_method, datetime(2026, 1, 1, tzinfo=UTC)),
        _P256,
    )
    return json.dumps(signed).encode()


def _tampered() -> bytes:
    document = json.loads(a_list())
    document["credentialSubject"]["encodedList"] = encode_list(bytes(16_384))
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("index", "published", "error", "warning"),
    [
        (4, a_list(), None, None),
        (5, a_list(), "CREDENTIAL_REVOKED", None),
        (5, a_list(purpose=["suspension", "revocation"]), "CREDENTIAL_REVOKED", None),
        (140_000, a_list(size=32_768), None, None),
        (131_072, a_list(), "STATUS_RANGE", None),
        (4, a_list(size=16_383), "STATUS_LIST_LENGTH_ERROR", None),
        (4, a_list(size=(1 << 20) + 1), "STATUS_LIST_LENGTH_ERROR", None),
        (4, a_list(purpose="suspension"), "STATUS_LIST_INVALID", None),
        (4, a_list(issuer="did:example:other"), "STATUS_LIST_INVALID", None),
        (4, a_list(validUntil="2020-01-01T00:00:00Z"), "STATUS_LIST_INVALID", None),
        (4, _tampered(), "STATUS_LIST_INVALID", None),
        (4, b"[]", "STATUS_LIST_INVALID", None),
        (4, b"{", "STATUS_UNCHECKED", None),
        (4, b'{"credentialSubject": {"encodedList": "u"}}', "STATUS_LIST_INVALID", None),
        (4, None, None, "STATUS_UNCHECKED"),
    ],
)
def test_a_list_of_an_allowed_host_is_read(
    node: TwoInstitutionNode,
    bearer: dict[str, str],
    index: int,
    published: bytes | None,
    error: str | None,
    warning: str | None,
) -> None:
    entry = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(index),
        "statusListCredential": LISTED,
    }
    fetcher = Published(lists={} if published is None else {LISTED: published})
    with node.client(profiles=tuple(PROFILES.values()), fetcher=fetcher) as api:
        answer = verify(api, issued(api, bearer, credentialStatus=entry))
    assert codes(answer) == ([] if error is None else [error])
    assert codes(answer, "warnings") == ([] if warning is None else [warning])


def test_few_lists_are_fetched_for_one_credential(node: TwoInstitutionNode, bearer: dict[str, str]) -> None:
    urls = [f"{LISTED}{number}" for number in range(6)]
    entries = [
        {
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "1",
            "statusListCredential": url,
        }
        for url in urls
    ]
    fetcher = Published(lists=dict.fromkeys(urls, a_list()))
    with node.client(profiles=tuple(PROFILES.values()), fetcher=fetcher) as api:
        answer = verify(api, issued(api, bearer, credentialStatus=entries))
    assert codes(answer, "warnings") == ["STATUS_UNCHECKED"] * 2


def test_related_resources_are_computed_where_they_are_at_hand(api: Client, bearer: dict[str, str]) -> None:
    sri = "sha384-" + base64.b64encode(hashlib.sha384(EXAMPLES_BYTES).digest()).decode()
    good = [{"id": EXAMPLES, "digestSRI": sri}, {"id": "https://elsewhere.example/x", "digestSRI": sri}]
    answer = verify(api, issued(api, bearer, "jcs", relatedResource=good))
    assert (answer.status_code, codes(answer, "warnings")) == (200, ["RELATED_RESOURCE_UNCHECKED"])
    wrong = a_credential("jcs", relatedResource=[{"id": CREDENTIALS_V2, "digestSRI": sri}])
    assert issue(api, bearer, wrong, "jcs").json()["code"] == "RELATED_RESOURCE_MISMATCH"


def test_a_verified_answer_is_no_verdict(node: TwoInstitutionNode, api: Client, bearer: dict[str, str]) -> None:
    answer = verify(api, issued(api, bearer))
    assert "verdict" not in answer.json()
    assert api.post("/v1/verify", json=issued(api, bearer)).json()["verdict"] == "not_recognised"


VOCABULARY = "https://www.w3.org/2018/credentials#"


def _as_iri(credential: dict[str, Any], term: str) -> None:
    value = credential.pop(term)
    when = {"@type": "http://www.w3.org/2001/XMLSchema#dateTime", "@value": value}
    credential[VOCABULARY + term] = when if term.startswith("valid") else value


def _as_alias(credential: dict[str, Any], term: str) -> None:
    types = {"@type": "http://www.w3.org/2001/XMLSchema#dateTime"} if term.startswith("valid") else {}
    credential["@context"] = [*credential["@context"], {"other": {"@id": VOCABULARY + term, **types}}]
    credential["other"] = credential.pop(term)


def _from_the_other_end(credential: dict[str, Any], term: str) -> None:
    entry = credential.pop(term)
    reverse = {**entry, "@reverse": {VOCABULARY + term: {"id": credential["id"]}}}
    credential["@included"] = [reverse]


@pytest.mark.parametrize(
    ("term", "respelt"),
    [
        ("validUntil", _as_iri),
        ("validUntil", _as_alias),
        ("credentialStatus", _as_iri),
        ("credentialStatus", _as_alias),
        ("credentialStatus", _from_the_other_end),
    ],
)
@pytest.mark.parametrize("named", [True, False], ids=["with_id", "without_id"])
def test_what_is_said_under_another_name_is_an_error(
    api: Client, bearer: dict[str, str], term: str, respelt: Any, named: bool
) -> None:
    """Refuse a respelt status or date: the holder of a revoked or expired credential could respell it within its
    proof.
    """
    entry = {
        "id": "urn:uuid:8a5e0c1e-0000-4000-8000-00000000000e",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": "https://elsewhere.example/status/1",
    }
    sent = a_credential(validUntil="2020-01-01T00:00:00Z", credentialStatus=entry)
    if not named:
        if respelt is _from_the_other_end:
            return
        del sent["id"]
    secured = issue(api, bearer, sent).json()["verifiableCredential"]
    as_issued = codes(verify(api, secured))
    respelt(secured, term)
    answer = verify(api, secured)
    errors = {(row["code"], row["pointer"]) for row in answer.json()["errors"]}
    assert (answer.status_code, as_issued) == (400, ["CREDENTIAL_EXPIRED"])
    assert ("VCDM_TERM_HIDDEN", f"/{term}") in errors, answer.text


def test_a_credential_inside_another_has_dates_of_its_own(api: Client, bearer: dict[str, str]) -> None:
    inner = {
        "id": "urn:uuid:8a5e0c1e-0000-4000-8000-00000000000f",
        "type": ["VerifiableCredential"],
        "validFrom": "2020-01-01T00:00:00Z",
        "issuer": "did:example:inner",
        "credentialSubject": {"id": "did:example:someone"},
    }
    sent = a_credential(evidence=inner, validFrom="2021-01-01T00:00:00Z")
    del sent["id"]
    secured = issue(api, bearer, sent).json()["verifiableCredential"]
    answer = verify(api, secured)
    assert (answer.status_code, codes(answer)) == (200, [])


def test_a_status_whose_type_is_in_a_list_is_read(api: Client, bearer: dict[str, str]) -> None:
    secured = issued(api, bearer)
    sent = {"credentialStatus": secured["credentialStatus"][0]}
    assert api.post("/credentials/status", json=sent, headers=bearer).status_code == 200
    for entry in secured["credentialStatus"]:  # the same statements, so the proof holds
        entry["type"] = [entry["type"]]
    assert codes(verify(api, secured)) == ["CREDENTIAL_REVOKED"]


# --- presentations ---


def presented(*credentials: object, challenge: str | None = None, **more: Any) -> dict[str, Any]:
    document = {"@context": [CREDENTIALS_V2], "type": ["VerifiablePresentation"], **more}
    if credentials:
        document["verifiableCredential"] = list(credentials)
    return add_proof(
        document,
        ProofOptions(
            "eddsa-rdfc-2022",
            key_method(parse_multikey(_ED25519.multikey)),
            datetime(2026, 1, 1, tzinfo=UTC),
            purpose="authentication",
            challenge=challenge,
        ),
        _ED25519,
    )


def verify_presentation(api: Client, presentation: object, **options: object) -> httpx.Response:
    return api.post("/presentations/verify", json={"verifiablePresentation": presentation, "options": options})


def test_a_presentation_and_what_it_holds(api: Client, bearer: dict[str, str]) -> None:
    good, envelope = issued(api, bearer), issued(api, bearer, "jwt")
    presentation = presented(good, envelope, challenge="c-1", holder=PROFILES["rdfc"].did)
    assert verify_presentation(api, presentation, challenge="c-1").status_code == 200
    unasked = verify_presentation(api, presentation)
    assert (unasked.status_code, codes(unasked, "warnings")) == (200, ["CHALLENGE_UNCHECKED"])
    assert codes(verify_presentation(api, presentation, challenge="c-2")) == ["PROOF_CHALLENGE_MISMATCH"]


def test_what_is_wrong_inside_a_presentation_is_reported_with_its_place(api: Client, bearer: dict[str, str]) -> None:
    good, bad = issued(api, bearer), issued(api, bearer)
    bad["credentialSubject"] = {"id": "did:example:other"}
    answer = verify_presentation(api, presented(good, bad))
    assert [(row["code"], row["pointer"]) for row in answer.json()["errors"]] == [
        ("PROOF_INVALID", "/verifiableCredential/1/proof")
    ]
    assert codes(verify_presentation(api, presented(holder="did:example:other"))) == ["HOLDER_NOT_OF_KEY"]
    assert codes(verify_presentation(api, presented("https://credential.example/1"))) == ["VCDM_NOT_AN_OBJECT"]


def test_all_that_a_request_brings_shares_one_budget(api: Client) -> None:
    """Send a document that is well within the budget with one proof, and then with eight."""
    named = [{"id": f"urn:x:{number}", "type": "JsonSchema"} for number in range(1_200)]
    options = ProofOptions("eddsa-rdfc-2022", PROFILES["rdfc"].verification_method, datetime(2026, 1, 1, tzinfo=UTC))
    once = add_proof({**a_credential(), "evidence": named}, options, _ED25519)
    assert verify(api, once).status_code == 200
    answer = verify(api, {**once, "proof": [once["proof"]] * 8})
    assert (answer.status_code, codes(answer)) == (400, ["WORK_LIMIT"])
    assert verify(api, once).status_code == 200  # the next request has a budget of its own


def test_a_presentation_may_hold_nothing(api: Client) -> None:
    assert verify_presentation(api, presented(verifiableCredential=[])).status_code == 200


def test_the_holders_own_word_is_secured_by_the_presentation(api: Client) -> None:
    did = PROFILES["rdfc"].did
    word = a_credential(issuer={"id": did})
    assert verify_presentation(api, presented(word, holder=did)).status_code == 200
    over = {**word, "validFrom": "2020-01-01T00:00:00Z", "validUntil": "2020-01-02T00:00:00Z"}
    assert codes(verify_presentation(api, presented(over, holder=did))) == ["CREDENTIAL_EXPIRED"]
    assert codes(verify_presentation(api, presented(word))) == ["VCDM_PRESENTED"]
    assert codes(verify_presentation(api, presented(word, holder="did:example:other"))) == ["VCDM_PRESENTED"]
    # relaxed or not: who is only named did not say it
    other = {**word, "issuer": "did:example:other"}
    sent = {"verifiablePresentation": presented(other, holder="did:example:other")}
    answer = api.post("/issuers/conformance/presentations/verify", json=sent)
    assert [(row["code"], row["pointer"]) for row in answer.json()["errors"]] == [
        ("HOLDER_NOT_OF_KEY", "/verifiableCredential/0/proof")
    ]


def test_an_envelope_is_opened_whoever_it_names_as_its_issuer(api: Client) -> None:
    did = PROFILES["rdfc"].did
    forged = {
        "@context": CREDENTIALS_V2,
        "type": "EnvelopedVerifiableCredential",
        "id": "data:application/vc+jwt,eyJhbGciOiJub25lIn0.e30.AA",
        "issuer": did,
    }
    held = {"@context": [CREDENTIALS_V2], "type": ["VerifiablePresentation"], "holder": did}
    answer = verify_presentation(api, enveloped({**held, "verifiableCredential": [forged]}))
    assert (answer.status_code, answer.json()["verified"]) == (400, False)


def enveloped(payload: dict[str, Any], *, media_type: str = "vp+jwt", **header: Any) -> dict[str, Any]:
    """Secure a presentation by JOSE, signed by the key of the profile `rdfc`."""
    full = {"alg": "EdDSA", "typ": media_type, "kid": PROFILES["rdfc"].verification_method, **header}
    parts = [json.dumps(full).encode(), json.dumps(payload).encode()]
    text = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    signature = base64.urlsafe_b64encode(_ED25519.sign(text.encode())).rstrip(b"=").decode()
    token = f"{text}.{signature}"
    return {
        "@context": CREDENTIALS_V2,
        "type": "EnvelopedVerifiablePresentation",
        "id": f"data:application/{media_type},{token}",
    }


def test_an_enveloped_presentation_and_what_it_holds(api: Client, bearer: dict[str, str]) -> None:
    held: dict[str, Any] = {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "holder": PROFILES["rdfc"].did,
        "verifiableCredential": [issued(api, bearer), issued(api, bearer, "jwt")],
    }
    claims = {**held, "nonce": "n-1", "aud": ["verifica.example"], "exp": 4_000_000_000}
    answer = verify_presentation(api, enveloped(claims), challenge="n-1", domain="verifica.example")
    # nonce, aud and exp stand in the payload itself and are no terms of the data model: ignored there (VC-JOSE-COSE 3.1)
    assert (answer.status_code, codes(answer)) == (200, [])
    assert answer.json()["checks"] == ["structure", "proof", "binding", "dates", "status"]
    assert codes(verify_presentation(api, enveloped(claims)), "warnings") == ["CHALLENGE_UNCHECKED"]
    assert codes(verify_presentation(api, enveloped(claims), challenge="n-2")) == ["PROOF_CHALLENGE_MISMATCH"]
    assert codes(verify_presentation(api, enveloped(claims), domain="otra.example")) == ["PROOF_DOMAIN_MISMATCH"]
    assert codes(verify_presentation(api, enveloped({**claims, "exp": 5}))) == ["PROOF_EXPIRED"]
    wrapped = enveloped({"iss": PROFILES["rdfc"].did, "vp": held}, media_type="jwt", typ="JWT")
    assert verify_presentation(api, wrapped).status_code == 200
    assert codes(verify_presentation(api, enveloped({**held, "holder": "did:example:x"}))) == ["HOLDER_NOT_OF_KEY"]
    assert codes(verify_presentation(api, enveloped({**held, "type": ["Other"]}))) == ["VCDM_TYPE"]
    spoiled = enveloped(held)
    spoiled["id"] = spoiled["id"][:-4] + "AAAA"
    assert codes(verify_presentation(api, spoiled)) == ["PROOF_INVALID"]
    held["verifiableCredential"][0]["credentialSubject"] = {"id": "did:example:other"}
    errors = [(row["code"], row["pointer"]) for row in verify_presentation(api, enveloped(held)).json()["errors"]]
    assert errors == [("PROOF_INVALID", "/verifiableCredential/0/proof")]


def test_an_envelope_is_what_its_type_says(api: Client) -> None:
    presentation = enveloped({"@context": [CREDENTIALS_V2], "type": ["VerifiablePresentation"]})
    assert verify_presentation(api, presentation).status_code == 200
    token = presentation["id"].partition(",")[2]
    changes: list[dict[str, object]] = [
        {"@context": []},
        {"@context": EXAMPLES},
        {"id": token},
        {"type": ["VerifiablePresentation"]},
    ]
    for change in changes:
        assert verify_presentation(api, {**presentation, **change}).status_code == 400
    assert verify(api, {**presentation, "type": "EnvelopedVerifiableCredential"}).status_code == 400


def test_a_key_by_another_fragment_is_for_relaxed_checks_only(api: Client) -> None:
    presentation = enveloped(
        {"@context": [CREDENTIALS_V2], "type": ["VerifiablePresentation"]}, kid=f"{PROFILES['rdfc'].did}#0"
    )
    assert codes(verify_presentation(api, presentation)) == ["PROOF_KEY_REFUSED"]
    sent = {"verifiablePresentation": presentation}
    assert api.post("/issuers/conformance/presentations/verify", json=sent).status_code == 200
    unread = enveloped({"@context": [CREDENTIALS_V2], "type": ["VerifiablePresentation"]}, kid="did:key:zzz#0")
    sent = {"verifiablePresentation": unread}
    assert codes(api.post("/issuers/conformance/presentations/verify", json=sent)) == ["KEY_UNREADABLE"]


# --- status ---


def test_a_status_is_set_by_id_or_by_entry(api: Client, bearer: dict[str, str]) -> None:
    secured = issued(api, bearer, id="urn:uuid:8a5e0c1e-0000-4000-8000-00000000000a")
    revocation, suspension = secured["credentialStatus"]
    assert verify(api, secured).status_code == 200
    by_id = {"credentialId": secured["id"], "credentialStatus": {"statusPurpose": "suspension"}}
    assert api.post("/credentials/status", json=by_id, headers=bearer).json() == {"changed": True}
    assert api.post("/credentials/status", json=by_id, headers=bearer).json() == {"changed": False}
    assert codes(verify(api, secured)) == ["CREDENTIAL_SUSPENDED"]
    lifted = {"credentialStatus": suspension, "status": False}
    assert api.post("/issuers/rdfc/credentials/status", json=lifted, headers=bearer).json() == {"changed": True}
    assert verify(api, secured).status_code == 200
    assert api.post("/credentials/status", json={"credentialStatus": revocation}, headers=bearer).status_code == 200
    assert codes(verify(api, secured)) == ["CREDENTIAL_REVOKED"]
    again = api.post("/credentials/status", json={"credentialStatus": revocation, "status": False}, headers=bearer)
    assert (again.status_code, again.json()["code"]) == (409, "STATUS_FINAL")


def test_a_caller_may_name_a_credential_for_its_status(api: Client, bearer: dict[str, str]) -> None:
    sent = {"credential": a_credential(), "options": {"credentialId": "expediente-77"}}
    del sent["credential"]["id"]
    secured = api.post("/issuers/rdfc/credentials/issue", json=sent, headers=bearer).json()["verifiableCredential"]
    assert "id" not in secured
    change = {"credentialId": "expediente-77", "credentialStatus": {"statusPurpose": "revocation"}}
    assert api.post("/credentials/status", json=change, headers=bearer).json() == {"changed": True}
    assert codes(verify(api, secured)) == ["CREDENTIAL_REVOKED"]
    refused: list[object] = ["x", [], {"credentialId": 5}, {"credentialId": ""}]
    for options in refused:
        answer = api.post("/issuers/rdfc/credentials/issue", json={**sent, "options": options}, headers=bearer)
        assert (answer.status_code, answer.json()["code"]) == (400, "VALUE_MALFORMED")


def test_publishing_a_list_has_nothing_left_to_do(api: Client, bearer: dict[str, str]) -> None:
    url = issued(api, bearer)["credentialStatus"][0]["statusListCredential"]
    assert api.post(f"{url}/publish", json={}).status_code == 204
    assert api.post(f"{url[:-1]}9999/publish", json={}).status_code == 404


def test_the_list_is_a_credential_anybody_can_check(api: Client, bearer: dict[str, str]) -> None:
    secured = issued(api, bearer, id="urn:uuid:8a5e0c1e-0000-4000-8000-00000000000b")
    entry = secured["credentialStatus"][0]
    api.post("/credentials/status", json={"credentialStatus": entry}, headers=bearer)
    published = api.get(entry["statusListCredential"]).json()
    bits = decode_list(published["credentialSubject"]["encodedList"])
    assert is_set(bits, int(entry["statusListIndex"]))
    assert published["id"] == entry["statusListCredential"] != entry["id"]
    assert verify(api, published).status_code == 200


def test_an_index_beyond_the_list_is_an_error(api: Client, bearer: dict[str, str]) -> None:
    known = issued(api, bearer, id="urn:uuid:8a5e0c1e-0000-4000-8000-00000000000c")["credentialStatus"][0]
    beyond = {key: value for key, value in known.items() if key != "id"} | {"statusListIndex": "131072"}
    answer = verify(api, issued(api, bearer, credentialStatus=beyond))
    assert codes(answer) == ["STATUS_RANGE"]
    assert answer.json()["errors"][0]["type"].endswith("#RANGE_ERROR")


def test_a_malformed_change_is_refused_at_its_place_and_nothing_is_changed(api: Client, bearer: dict[str, str]) -> None:
    revocation, suspension = issued(api, bearer, id="urn:uuid:8a5e0c1e-0000-4000-8000-0000000000aa")["credentialStatus"]
    for change, pointer in (
        ({"type": "StatusList2021Entry"}, "/credentialStatus/1/type"),
        ({"statusPurpose": "message"}, "/credentialStatus/1/statusPurpose"),
        ({"statusPurpose": ["revocation"]}, "/credentialStatus/1/statusPurpose"),
        ({"statusListIndex": 5}, "/credentialStatus/1/statusListIndex"),
        ({"statusListIndex": "-1"}, "/credentialStatus/1/statusListIndex"),
        ({"statusListCredential": 5}, "/credentialStatus/1/statusListCredential"),
        ({"status": "yes"}, "/credentialStatus/1/status"),
        ({"status": 1}, "/credentialStatus/1/status"),
    ):
        body = {"credentialStatus": [suspension, {**revocation, **change}]}
        answer = api.post("/credentials/status", json=body, headers=bearer)
        assert (answer.status_code, answer.json()["pointer"]) == (422 if "type" in change else 400, pointer)
    cleared = {"credentialStatus": {**suspension, "type": [suspension["type"]]}, "status": "0"}
    assert api.post("/credentials/status", json=cleared, headers=bearer).json() == {"changed": False}


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"credentialId": "urn:x:unknown", "credentialStatus": {}}, 404, "STATUS_ENTRY_UNKNOWN"),
        ({"credentialStatus": {"statusListIndex": 5}}, 400, "VALUE_MALFORMED"),
        ({"credentialStatus": {"statusPurpose": "message"}}, 400, "VALUE_MALFORMED"),
        ({"credentialStatus": {"type": "StatusList2021Entry"}}, 422, "VALUE_MALFORMED"),
        ({"credentialStatus": "x"}, 400, "VALUE_MALFORMED"),
        ({"credentialId": "urn:x:1"}, 400, "VALUE_MALFORMED"),
        (
            {"credentialStatus": {"statusListCredential": "https://x.example/1", "statusListIndex": "1"}},
            404,
            "STATUS_ENTRY_UNKNOWN",
        ),
    ],
)
def test_changes_that_cannot_be_made(
    api: Client, bearer: dict[str, str], change: dict[str, Any], status: int, code: str
) -> None:
    answer = api.post("/credentials/status", json=change, headers=bearer)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


# --- bodies ---


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"1", b'"x"', b"true", b"null", b"{}", b'{"credential":[]}', b"\xff"]
)
@pytest.mark.parametrize(
    "path",
    [
        "/issuers/rdfc/credentials/issue",
        "/issuers/ut/credentials/issue",
        "/credentials/issue",
        "/credentials/verify",
        "/presentations/verify",
        "/credentials/status",
    ],
)
def test_any_body_gets_an_answer(api: Client, bearer: dict[str, str], path: str, content: bytes) -> None:
    assert api.post(path, content=content, headers=bearer).status_code in (400, 422)


@pytest.mark.parametrize("value", [1, "x", True, [], {}, [[]], {"a": {}}, 1.5])
@pytest.mark.parametrize(
    "member",
    ["@context", "id", "type", "issuer", "credentialSubject", "credentialStatus", "validFrom", "proof", "name",
     "evidence", "termsOfUse", "relatedResource", "credentialSchema", "refreshService"],
)  # fmt: skip
def test_any_value_of_any_member_gets_an_answer(
    api: Client, bearer: dict[str, str], member: str, value: object
) -> None:
    document = {**a_credential("jcs"), member: value}
    assert issue(api, bearer, document, "jcs").status_code in (201, 400, 422)
    assert issue(api, bearer, document, "ut").status_code in (400, 422)
    assert verify(api, document).status_code == 400
    assert verify_presentation(api, {**presented(), member: value}).status_code in (200, 400)
    assert verify_presentation(api, presented() | {"verifiableCredential": [document]}).status_code == 400


def test_profiles_are_apart() -> None:
    owners = {replace(profile, name="x").list_owner for profile in PROFILES.values()}
    assert len(owners) == len({profile.did for profile in PROFILES.values()})
    assert all(isinstance(profile, SigningProfile) for profile in PROFILES.values())
