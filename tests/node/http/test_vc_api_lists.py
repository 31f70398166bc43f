"""Status lists at the VC-API: what could not be had, the forms in which a list is read, and its purposes."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from acredita.node.outbound.fetch import MAX_FETCHED_BYTES, Fetcher
from acredita.node.runtime.signing_profiles import of_key
from acredita.node.storage.database import Database
from acredita.node.storage.status_lists import read_list, swap_list
from acredita.node.vc_api.status_lists import ProfileStatusLists, StatusChange
from acredita.registry.canonicalisation.contexts import CREDENTIALS_V2
from acredita.registry.credentials.status_list import encode_list
from acredita.registry.credentials.status_position import parse_list_url
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.proofs.data_integrity import ProofOptions, add_proof
from acredita.registry.proofs.jose import sign_jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.node.http.two_institution_node import Client, TwoInstitutionNode
from tests.node.outbound.https_host import DRIP, HOST, Host, open_https_host

_SIGNER = PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x51" * 32))
PROFILE = of_key("lists", _SIGNER, cryptosuite="eddsa-jcs-2022", status=("revocation", "suspension"), open_to_all=True)
SET, CLEAR = 5, 4
CASES = Path(__file__).parent / "vc_api_cases"


def unsigned_list(purpose: str | list[str] = "revocation", **more: Any) -> dict[str, Any]:
    """Build a list of another host whose position 5 is set."""
    bits = bytearray(16_384)
    bits[0] |= 0x80 >> SET
    return {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": PROFILE.did,
        "credentialSubject": {
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": encode_list(bytes(bits)),
        },
        **more,
    }


def signed(document: dict[str, Any]) -> dict[str, Any]:
    options = ProofOptions("eddsa-jcs-2022", PROFILE.verification_method, datetime(2026, 1, 1, tzinfo=UTC))
    return add_proof(document, options, _SIGNER)


def token(document: dict[str, Any]) -> str:
    return sign_jwt(document, signer=_SIGNER, verification_method=PROFILE.verification_method)


def envelope(document: dict[str, Any]) -> dict[str, Any]:
    kind = {"@context": CREDENTIALS_V2, "type": "EnvelopedVerifiableCredential"}
    return {**kind, "id": f"data:application/vc+jwt,{token(document)}"}


def http(body: str | dict[str, Any], media_type: str | None, status: str = "200 OK") -> bytes:
    content = (body if isinstance(body, str) else json.dumps(body)).encode()
    kind = "" if media_type is None else f"Content-Type: {media_type}\r\n"
    return f"HTTP/1.1 {status}\r\n{kind}Content-Length: {len(content)}\r\n\r\n".encode() + content


LIST = signed(unsigned_list())
NOT_HAD = {
    b"/page": http("<!DOCTYPE html><title>Inicio</title>", "text/html"),
    b"/page-as-json": http("<!DOCTYPE html><title>Inicio</title>", "application/json"),
    b"/cut": http(json.dumps(LIST)[:-20], "application/vc"),
    b"/empty": http("", "application/vc"),
    b"/as-text": http(LIST, "text/plain"),
    b"/as-image": http(LIST, "image/png"),
    b"/unlabelled": http(LIST, None),
    b"/as-cose": http(LIST, "application/vc+cose"),
    b"/moved": http("", "application/vc", "302 Found\r\nLocation: https://listas.example/list"),
    b"/missing": http("{}", "application/json", "404 Not Found"),
    b"/failing": http(LIST, "application/vc", "500 Internal Server Error"),
    b"/large": http("x" * (MAX_FETCHED_BYTES + 1), "application/vc"),
    b"/packed": http(LIST, "application/vc\r\nContent-Encoding: gzip"),
}
HAD = {
    b"/vc": http(LIST, "application/vc"),
    b"/vc+jwt": http(token(unsigned_list()), "application/vc+jwt"),
    b"/jwt": http(token(unsigned_list()) + "\n", "application/jwt"),
    b"/enveloped": http(envelope(unsigned_list()), "application/vc; charset=utf-8"),
    b"/enveloped-as-json": http(envelope(unsigned_list()), "application/json"),
    b"/json": http(LIST, "application/json"),
    b"/ld+json": http(LIST, "application/ld+json"),
    b"/two-purposes": http(envelope(unsigned_list(["suspension", "revocation"])), "application/vc"),
}
BAD = {
    b"/other-purpose": http(token(unsigned_list("suspension")), "application/vc+jwt"),
    b"/other-issuer": http(token(unsigned_list(issuer="did:example:other")), "application/vc+jwt"),
    b"/over": http(envelope(unsigned_list(validUntil="2020-01-01T00:00:00Z")), "application/vc"),
    b"/no-list": http(envelope(unsigned_list(credentialSubject={"id": "did:example:1"})), "application/vc"),
    b"/spoilt": http(token(unsigned_list())[:-8] + "AAAAAAAA", "application/vc+jwt"),
    b"/no-credential": http("a.b.c", "application/vc+jwt"),
    b"/number": http("7", "application/json"),
}


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with open_https_host(tmp_path_factory.mktemp("host"), NOT_HAD | HAD | BAD) as opened:
        yield opened


@pytest.fixture(scope="module")
def api(node: TwoInstitutionNode, host: Host) -> Iterator[Client]:
    with node.client(profiles=(PROFILE,), fetcher=host.fetcher()) as opened:
        yield opened


def entry(url: str, index: int = CLEAR, purpose: str = "revocation") -> dict[str, Any]:
    return {
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": str(index),
        "statusListCredential": url,
    }


def credential(status: object) -> dict[str, Any]:
    return signed(
        {
            "@context": [CREDENTIALS_V2],
            "type": ["VerifiableCredential"],
            "issuer": PROFILE.did,
            "credentialSubject": {"id": "did:example:subject"},
            "credentialStatus": status,
        }
    )


def verify(api: Client, status: object, checks: list[str] | None = None) -> httpx.Response:
    options = {} if checks is None else {"checks": checks}
    return api.post("/credentials/verify", json={"verifiableCredential": credential(status), "options": options})


def found(answer: httpx.Response, kind: str = "errors") -> list[tuple[str, str]]:
    assert answer.json()["verified"] is (answer.status_code == 200)
    return [(row["code"], row["pointer"]) for row in answer.json()[kind]]


NOT_ANSWERED = [
    ("http://listas.example/vc", {}),
    ("https://otra.example/list", {}),
    ("urn:uuid:5f2ecb80-24d5-41b5-8739-538b8faa2f73", {}),
    ("https://listas.example:1/vc", {}),  # nobody listens there
]


@pytest.mark.parametrize("check", ["credentialStatus", "status"])
def test_a_status_asked_for_by_name_and_not_to_be_had_is_no_approval(api: Client, host: Host, check: str) -> None:
    """Give one answer, whatever the cause, so that a caller need not know the causes and learns no host's answer."""
    urls = [host.url(path.decode()) for path in NOT_HAD] + [url for url, _ in NOT_ANSWERED]
    answers = [verify(api, entry(url), ["proof", check]) for url in urls]
    assert {answer.status_code for answer in answers} == {400}
    assert {answer.text for answer in answers} == {answers[0].text}
    (error,) = answers[0].json()["errors"]
    assert (error["code"], error["pointer"]) == ("STATUS_UNCHECKED", "/credentialStatus")
    assert error["type"].endswith("#STATUS_RETRIEVAL_ERROR")


def test_a_list_that_takes_too_long_is_the_same_answer(node: TwoInstitutionNode, host: Host) -> None:
    slow = replace(host.fetcher(), seconds=0.3)
    with node.client(profiles=(PROFILE,), fetcher=slow) as api:
        assert found(verify(api, entry(host.url(DRIP.decode())), ["status"])) == [
            ("STATUS_UNCHECKED", "/credentialStatus")
        ]


@pytest.mark.parametrize("path", [path.decode() for path in NOT_HAD])
def test_without_its_name_a_status_stays_open_unless_a_host_gave_something_else(
    api: Client, host: Host, path: str
) -> None:
    answer = verify(api, entry(host.url(path)))
    is_other_content = path in ("/page", "/page-as-json", "/cut", "/empty")
    assert found(answer) == ([("STATUS_UNCHECKED", "/credentialStatus")] if is_other_content else [])
    assert found(answer, "warnings") == ([] if is_other_content else [("STATUS_UNCHECKED", "/credentialStatus")])
    other = verify(api, entry(host.url(path)), ["proof"])
    assert (other.status_code, found(other, "warnings")) == (200, [("STATUS_UNCHECKED", "/credentialStatus")])


@pytest.mark.parametrize("path", [path.decode() for path in HAD])
def test_forms_of_a_list_that_are_read(api: Client, host: Host, path: str) -> None:
    for checks in (None, ["status"]):
        clear, revoked = (verify(api, entry(host.url(path), index), checks) for index in (CLEAR, SET))
        assert (clear.status_code, found(clear), found(clear, "warnings")) == (200, [], [])
        assert found(revoked) == [("CREDENTIAL_REVOKED", "/credentialStatus")]


@pytest.mark.parametrize("path", ["/as-text", "/as-image", "/unlabelled", "/as-cose"])
def test_a_set_bit_counts_under_any_media_type(api: Client, host: Host, path: str) -> None:
    assert found(verify(api, entry(host.url(path), SET))) == [("CREDENTIAL_REVOKED", "/credentialStatus")]


@pytest.mark.parametrize("path", [path.decode() for path in BAD])
def test_a_list_that_was_had_and_is_bad_is_an_error_in_any_case(api: Client, host: Host, path: str) -> None:
    for checks in (None, ["credentialStatus"]):
        assert found(verify(api, entry(host.url(path)), checks)) == [("STATUS_LIST_INVALID", "/credentialStatus")]


def test_an_index_beyond_a_list_names_its_place(api: Client, host: Host) -> None:
    assert found(verify(api, entry(host.url("/vc+jwt"), 131_072))) == [
        ("STATUS_RANGE", "/credentialStatus/statusListIndex")
    ]


OPEN, REVOKED, INVALID = "STATUS_UNCHECKED", "CREDENTIAL_REVOKED", "STATUS_LIST_INVALID"


@pytest.mark.parametrize(
    ("status", "errors", "warnings"),
    [
        (["/vc", "/vc+jwt"], [], []),
        (["/vc", "/missing"], [], [(OPEN, "/credentialStatus/1")]),
        (["/over", "/page"], [(INVALID, "/credentialStatus/0"), (OPEN, "/credentialStatus/1")], []),
        (["/vc#set", "/missing"], [(REVOKED, "/credentialStatus/0")], [(OPEN, "/credentialStatus/1")]),
    ],
)
def test_every_entry_of_an_array_is_looked_up(
    api: Client, host: Host, status: list[str], errors: list[object], warnings: list[object]
) -> None:
    entries = [entry(host.url(path.removesuffix("#set")), SET if path.endswith("#set") else CLEAR) for path in status]
    answer = verify(api, entries)
    assert (found(answer), found(answer, "warnings")) == (errors, warnings)
    by_name = verify(api, entries, ["status"])
    assert sorted(found(by_name)) == sorted([*errors, *warnings])


def test_one_list_is_asked_once_and_few_lists_are(api: Client, host: Host) -> None:
    host.asked.clear()
    verify(api, [entry(host.url("/missing"), index) for index in range(12)])
    assert host.asked == [b"/missing"]
    host.asked.clear()
    paths = ["/missing", "/failing", "/large", "/packed", "/moved", "/as-text"]
    answer = verify(api, [entry(host.url(path)) for path in paths])
    assert len(found(answer, "warnings")) == 6
    assert host.asked == [path.encode() for path in paths[:4]]


@pytest.mark.parametrize(
    "status",
    [
        {"type": "StatusList2021Entry", "id": "https://elsewhere.example/1#1"},
        {"type": "RevocationBitmapStatus", "id": "https://elsewhere.example/1"},
        {
            **entry("https://elsewhere.example/1", purpose="message"),
            "statusSize": 2,
            "statusMessage": [{"status": hex(value), "message": "m"} for value in range(4)],
        },
    ],
)
def test_a_kind_of_status_that_is_not_read_is_no_approval_either(api: Client, status: dict[str, Any]) -> None:
    document = credential(status)
    document["@context"] = [CREDENTIALS_V2, {"@vocab": "https://example.org/#"}]
    document = signed({key: value for key, value in document.items() if key != "proof"})
    answers = [
        api.post("/credentials/verify", json={"verifiableCredential": document, "options": options})
        for options in ({}, {"checks": ["credentialStatus"]})
    ]
    assert [answer.status_code for answer in answers] == [200, 400]
    assert found(answers[1]) == [("STATUS_UNCHECKED", "/credentialStatus")]


def issued(api: Client) -> list[dict[str, Any]]:
    sent = {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiableCredential"],
        "issuer": PROFILE.did,
        "credentialSubject": {"id": "did:example:subject"},
    }
    answer = api.post("/issuers/lists/credentials/issue", json={"credential": sent})
    entries: list[dict[str, Any]] = answer.json()["verifiableCredential"]["credentialStatus"]
    return entries


def test_the_purposes_of_our_own_lists_are_compared(api: Client, node: TwoInstitutionNode) -> None:
    revocation, suspension = issued(api)
    assert verify(api, [revocation, suspension], ["status"]).status_code == 200
    swapped = [
        {**revocation, "statusPurpose": "suspension"},
        {**suspension, "statusPurpose": "revocation"},
        {**revocation, "statusPurpose": "refresh"},
        {**suspension, "statusPurpose": "Suspension"},
    ]
    institution = json.loads(node.credential(node.digests[0]))["credentialStatus"]
    for status in [*swapped, {**institution, "statusPurpose": "suspension"}]:
        for checks in (None, ["credentialStatus"]):
            assert found(verify(api, status, checks)) == [("STATUS_LIST_INVALID", "/credentialStatus")]


def test_the_published_case_of_an_entry_of_another_purpose(node: TwoInstitutionNode) -> None:
    """Refuse the case: it names the list of suspensions of its node, for a revocation."""
    case = json.loads((CASES / "vc-own-list-purpose-mismatch.json").read_text(encoding="utf-8"))
    url = case["credentialStatus"]["statusListCredential"]
    owner, number = parse_list_url(url)
    for purpose, errors in (("suspension", [("STATUS_LIST_INVALID", "/credentialStatus")]), ("revocation", [])):
        document = json.dumps({**unsigned_list(purpose), "id": url}).encode()
        with node.dependencies.database.write() as connection:
            stored = read_list(connection, owner, number)
            version = 1 if stored is None else stored.version + 1
            swap_list(connection, owner, number, document, version=version, stored=stored)
        with node.client(profiles=(PROFILE,), base=url.partition("/status/")[0]) as api:
            answer = api.post("/credentials/verify", json={"verifiableCredential": case})
        assert found(answer) == errors


def test_a_list_of_ours_that_is_not_published_could_not_be_had(api: Client) -> None:
    revocation, _ = issued(api)
    absent = {**revocation, "statusListCredential": revocation["statusListCredential"] + "99"}
    assert found(verify(api, absent, ["status"])) == [("STATUS_UNCHECKED", "/credentialStatus")]


def test_a_status_inside_a_presentation_is_no_approval_either(api: Client, host: Host) -> None:
    held = credential(entry(host.url("/page")))
    presentation = add_proof(
        {"@context": [CREDENTIALS_V2], "type": ["VerifiablePresentation"], "verifiableCredential": [held]},
        ProofOptions(
            "eddsa-jcs-2022", PROFILE.verification_method, datetime(2026, 1, 1, tzinfo=UTC), purpose="authentication"
        ),
        _SIGNER,
    )
    body = {"verifiablePresentation": presentation, "options": {"checks": ["credentialStatus"]}}
    answer = api.post("/presentations/verify", json=body)
    assert found(answer) == [("STATUS_UNCHECKED", "/verifiableCredential/0/credentialStatus")]


def test_a_node_without_allowed_hosts_asks_nobody(node: TwoInstitutionNode, host: Host) -> None:
    host.asked.clear()
    with node.client(profiles=(PROFILE,), fetcher=Fetcher()) as api:
        assert verify(api, entry(host.url("/vc")), ["status"]).status_code == 400
    assert (host.asked, HOST) == ([], "listas.example")


def test_a_list_keeps_the_address_it_was_begun_under(tmp_path: Path) -> None:
    database = Database.create(f"sqlite:///{tmp_path / 'node.db'}")
    before, after = (
        ProfileStatusLists(database, f"https://{host}.example", lambda: 1_767_225_600, lambda below: 7)
        for host in ("viejo", "nuevo")
    )
    old, new = (lists.entries(PROFILE, name)[0] for lists, name in ((before, "urn:a"), (after, "urn:b")))
    assert old["statusListCredential"].startswith("https://viejo.example/status/")
    assert new["statusListCredential"].startswith("https://nuevo.example/status/")
    assert parse_list_url(old["statusListCredential"])[1] != parse_list_url(new["statusListCredential"])[1]
    assert after.change(PROFILE, StatusChange("revocation", value=True, credential_id="urn:a"))
    assert after.bit(old["statusListCredential"], int(old["statusListIndex"]), "revocation") is True
    elsewhere = old["statusListCredential"].replace("viejo", "nuevo")
    assert after.bit(elsewhere, int(old["statusListIndex"]), "revocation") is None
    database.close()
