"""`POST /v1/verify`: verdict and code of every kind of credential, and what becomes of every kind of body."""

import json
from contextlib import ExitStack
from typing import Any

import pytest
from acredita.node.demo import cases
from acredita.node.http.dependencies import MAX_BODY_BYTES
from acredita.node.http.verification_queue import LedgerSnapshot
from acredita.node.verification.report import report_document
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.verification.case import Moment
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.node.http.two_institution_node import CANARY, Client, TwoInstitutionNode, body
from tests.registry.verification.cases import FOREIGN


def verdict(client: Client, content: bytes) -> tuple[str, str | None]:
    answer = client.post("/v1/verify", content=content)
    assert answer.status_code == 200
    found = answer.json()
    assert len(found["steps"]) == 12
    return found["verdict"], found["code"]


def test_a_credential_with_its_receipt_is_recognised(node: TwoInstitutionNode, client: Client) -> None:
    digest = node.digests[0]
    sent = body(node.credential(digest), receipt=node.receipt(digest))
    assert verdict(client, sent) == ("recognised", None)


def test_the_node_finds_the_receipt_of_its_own_credentials(node: TwoInstitutionNode, client: Client) -> None:
    assert verdict(client, node.credential(node.digests[0])) == ("recognised", None)


def test_the_answer_is_the_report_of_the_same_verification_in_this_process(
    node: TwoInstitutionNode, client: Client
) -> None:
    digest = node.digests[4]
    answer = client.post("/v1/verify", content=body(node.credential(digest), receipt=node.receipt(digest)))
    moment = Moment(node.dependencies.clock())
    with ExitStack() as opened:
        verifier = LedgerSnapshot(client.app.state.node, opened).verifier(moment)
        report = verifier.verify(
            verifier.read(node.credential(digest)), node.tenant.institution.receipt(digest), moment
        )
    assert answer.json() == report_document(report)
    assert {"verdict", "code", "steps", "now", "as_of", "anchored_at", "checked_at"} <= set(answer.json())


@pytest.mark.parametrize(
    ("number", "expected"),
    [(1, "CREDENTIAL_REVOKED"), (2, "CREDENTIAL_SUSPENDED"), (3, "SUPERSEDED")],
)
def test_status_makes_a_sound_credential_invalid(
    node: TwoInstitutionNode, client: Client, number: int, expected: str
) -> None:
    assert verdict(client, node.credential(node.digests[number])) == ("invalid", expected)


def test_the_corrected_credential_is_recognised(node: TwoInstitutionNode, client: Client) -> None:
    assert node.corrected is not None
    assert verdict(client, node.credential(node.corrected)) == ("recognised", None)


def test_a_pending_credential_is_pending(node: TwoInstitutionNode, client: Client) -> None:
    assert verdict(client, node.credential(node.pending)) == ("pending_anchor", "PENDING_ANCHOR")


def test_one_accent_less_is_a_broken_signature(node: TwoInstitutionNode, client: Client) -> None:
    altered = cases.altered(cases.anchored_case(node.demo, "demo-ut", node.digests[0]))
    assert verdict(client, altered.credential) == ("invalid", "PROOF_INVALID")


def test_a_stranger_is_not_recognised(node: TwoInstitutionNode, client: Client) -> None:
    found, _ = verdict(client, cases.unknown_issuer(node.demo).credential)
    assert found == "not_recognised"


def test_a_receipt_of_another_credential_is_left_aside(node: TwoInstitutionNode, client: Client) -> None:
    sent = body(node.credential(node.digests[0]), receipt=node.receipt(node.digests[4]))
    assert verdict(client, sent) == ("recognised", None)
    report = client.post("/v1/verify", content=sent).json()
    assert [note["code"] for note in report["notes"]] == ["RECEIPT_IGNORED"]


def test_a_moment_before_the_anchor_cannot_be_answered(node: TwoInstitutionNode, client: Client) -> None:
    sent = body(node.credential(node.digests[0]), at="2026-03-01T00:00:00Z")
    assert verdict(client, sent)[0] in ("indeterminate", "invalid")
    steps = client.post("/v1/verify", content=sent).json()["steps"]
    assert steps[5]["code"] == "ANCHORED_LATER"


def test_the_identifier_is_matched_and_never_repeated(node: TwoInstitutionNode, client: Client) -> None:
    credential = node.credential(node.digests[0])
    assert verdict(client, body(credential, identifier=f"{CANARY} 1")) == ("recognised", None)
    wrong = client.post("/v1/verify", content=body(credential, identifier=f"{CANARY} 999"))
    assert wrong.json()["code"] == "SUBJECT_MISMATCH"
    assert CANARY not in wrong.text


def test_without_a_ledger_a_sound_credential_cannot_be_told(node: TwoInstitutionNode) -> None:
    with node.client(ledger=None) as client:
        assert verdict(client, node.credential(node.digests[0]))[0] == "indeterminate"


def test_without_trust_a_broken_signature_is_invalid_all_the_same(node: TwoInstitutionNode) -> None:
    altered = cases.altered(cases.anchored_case(node.demo, "demo-ut", node.digests[0]))
    with node.client(trust=Missing("TRUST_MISSING")) as client:
        assert verdict(client, altered.credential) == ("invalid", "PROOF_INVALID")
        assert verdict(client, node.credential(node.digests[0]))[0] == "indeterminate"


def test_a_log_that_moves_on_is_seen_at_the_next_question(node: TwoInstitutionNode, client: Client) -> None:
    [digest] = node.issue(900)
    assert verdict(client, node.credential(digest)) == ("pending_anchor", "PENDING_ANCHOR")
    node.anchor()
    assert verdict(client, node.credential(digest)) == ("recognised", None)
    node.tenant.institution.revoke(digest)
    node.anchor()
    assert verdict(client, node.credential(digest)) == ("invalid", "CREDENTIAL_REVOKED")


# --- bodies ---


NO_JSON = [b"", b"{", b"[1", b"\xff", b"no", b'{"a":1}x', b"\xff\xd8\xff\xe0\0\x10JFIF\0", b"www.ejemplo.example"]
NO_CREDENTIAL = [
    b"{}",
    b"[]",
    b"1",
    b'"x"',
    b"true",
    b"null",
    b'{"credential":[]}',
    b"[[[1]]]",
    b'{"credential": "eyJhbGciOiJFZERTQSJ9.e30.eA"}',
    b'{"type": "VerifiablePresentation", "verifiableCredential": []}',
    b'{"credential":' + b"[" * 100 + b"]" * 100 + b"}",
]


@pytest.mark.parametrize("content", NO_JSON + NO_CREDENTIAL)
def test_what_holds_no_credential_has_no_verdict(client: Client, content: bytes) -> None:
    answer = client.post("/v1/verify", content=content)
    assert (answer.status_code, answer.json()["code"]) == (422, "NOT_A_CREDENTIAL")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["message"] == Code.NOT_A_CREDENTIAL.en
    assert "verdict" not in answer.json()


def test_what_strict_reading_refuses_in_a_credential_is_its_verdict(node: TwoInstitutionNode, client: Client) -> None:
    text = node.credential(node.digests[0]).decode()
    doubled = text.replace('"type":', '"type": "x", "type":', 1).encode()
    assert verdict(client, doubled) == ("invalid", "JSON_DUPLICATE_KEY")
    assert verdict(client, b'{"credential":' + doubled + b"}") == ("invalid", "JSON_DUPLICATE_KEY")
    empty = text.replace('"type":', '"x": null, "type":', 1).encode()
    assert verdict(client, empty) == verdict(client, b'{"credential":' + empty + b"}") == ("invalid", "JSON_NULL")
    assert verdict(client, b'{"credential":[' + empty + b"]}")[0] == "invalid"
    foreign = json.loads((FOREIGN / "open_badge_well_signed.json").read_bytes())
    beside = {"type": "VerifiablePresentation", "holder": None, "verifiableCredential": [foreign, json.loads(text)]}
    assert verdict(client, json.dumps({"credential": beside}).encode()) == ("not_recognised", "NOT_OF_THIS_REGISTRY")
    deep = text.replace('"type":', '"x": ' + "[" * 100 + "]" * 100 + ', "type":', 1).encode()
    assert verdict(client, deep) == ("invalid", "JSON_TOO_DEEP")


@pytest.mark.parametrize(
    ("more", "code", "pointer"),
    [
        ({"at": "yesterday"}, "TIME_MALFORMED", "/at"),
        ({"at": 5}, "TIME_MALFORMED", "/at"),
        ({"identifier": ""}, "VALUE_MALFORMED", "/identifier"),
        ({"identifier": {"a": 1}}, "VALUE_MALFORMED", "/identifier"),
        ({"receipt": {}}, "RECEIPT_MALFORMED", "/receipt/format"),
        ({"receipt": []}, "RECEIPT_MALFORMED", "/receipt"),
        ({"receipt": None}, "JSON_NULL", "/receipt"),
        ({"unknown": 1}, "KEY_UNKNOWN", ""),
    ],
)
def test_what_stands_beside_a_credential_must_be_usable(
    node: TwoInstitutionNode, client: Client, more: dict[str, Any], code: str, pointer: str
) -> None:
    answer = client.post("/v1/verify", content=body(node.credential(node.digests[0]), **more))
    assert (answer.status_code, answer.json()["code"], answer.json()["pointer"]) == (400, code, pointer)


def test_a_body_over_the_limit_is_refused_announced_or_not(client: Client) -> None:
    content = b" " * (MAX_BODY_BYTES + 1)
    assert client.post("/v1/verify", content=content).json()["code"] == "BODY_TOO_LARGE"

    async def parts() -> Any:
        for _ in range(MAX_BODY_BYTES // 65_536 + 2):
            yield b" " * 65_536

    unannounced = client.post("/v1/verify", content=parts())
    assert (unannounced.status_code, unannounced.json()["code"]) == (413, "BODY_TOO_LARGE")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["credential", "receipt", "at", "identifier", "@context", "proof", "issuer", "rows"])
            | st.text(),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def test_no_json_of_any_type_breaks_a_route(node: TwoInstitutionNode, client: Client) -> None:
    routes = ["/v1/verify", "/v1/credentials", f"/v1/credentials/{'0' * 64}/status", "/authorization"]

    @settings(max_examples=60, derandomize=True, deadline=None)
    @given(_JSON)
    def send(value: object) -> None:
        for route in routes:
            answer = client.post(route, content=json.dumps(value).encode(), headers=node.bearer("node"))
            assert answer.status_code < 500

    send()
