"""Issuing and status over HTTP: rights, idempotence, what may be read by a digest and by whom."""

import json
from typing import Any

import pytest
from acredita.anchoring.receipts import parse_receipt
from acredita.anchoring.types import Digest, to_hex

from tests.node.http.two_institution_node import CANARY, PROGRAMME, Client, TwoInstitutionNode


def order(node: TwoInstitutionNode, *numbers: int, **changes: Any) -> bytes:
    rows = [
        {"identificador": f"{CANARY} {number}", "fecha_otorgamiento": "2026-04-20", "resultado": "Competente"}
        for number in numbers
    ]
    programme = node.demo.texts.programme(PROGRAMME)
    plain = {"issuer": to_hex(node.tenant.issuer), "programme": to_hex(programme.digest), "rows": rows}
    return json.dumps(plain | changes).encode()


def test_issue_anchor_and_fetch(node: TwoInstitutionNode, client: Client) -> None:
    answer = client.post("/v1/credentials", content=order(node, 101, 102), headers=node.bearer("issue"))
    assert answer.status_code == 201
    rows = answer.json()["rows"]
    assert [row["outcome"] for row in rows] == ["issued", "issued"]
    digest = rows[0]["digest"][2:]

    assert client.get(f"/v1/credentials/{digest}").json()["state"] == "queued"
    assert client.get(f"/v1/receipts/{digest}").status_code == 404
    node.demo.clock.now = max(node.demo.clock.now, node.demo.ledger.head().time + 1)
    ran = client.post(f"/v1/batches/{node.tenant.issuer.hex()}", headers=node.bearer("anchor"))
    assert (ran.status_code, ran.json()["runs"][0]["step"]) == (200, "anchored")

    receipt = parse_receipt(client.get(f"/v1/receipts/{digest}").json())
    assert receipt.entry.digest.hex() == digest
    document = client.get(f"/v1/credentials/{digest}/document", headers=node.bearer("issue"))
    assert document.status_code == 200
    assert client.post("/v1/verify", content=document.content).json()["verdict"] == "recognised"


def test_the_same_order_again_issues_nothing(node: TwoInstitutionNode, client: Client) -> None:
    first = client.post("/v1/credentials", content=order(node, 110), headers=node.bearer("issue"))
    again = client.post("/v1/credentials", content=order(node, 110), headers=node.bearer("issue"))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["rows"][0]["outcome"] == "known"


def test_programmes_go_by_their_name_too(node: TwoInstitutionNode, client: Client) -> None:
    name = node.demo.texts.programme(PROGRAMME).achievement_id
    answer = client.post("/v1/credentials", content=order(node, 111, programme=name), headers=node.bearer("issue"))
    assert answer.status_code == 201


def test_a_refused_row_names_column_and_rule_and_no_value(node: TwoInstitutionNode, client: Client) -> None:
    rows = [
        {"identificador": f"{CANARY} 120", "fecha_otorgamiento": "2026-04-20", "resultado": CANARY},
        {"identificador": CANARY, "fecha_otorgamiento": CANARY, "resultado": "Competente"},
        {"identificador": CANARY, "unknown": CANARY},
        CANARY,
    ]
    answer = client.post("/v1/credentials", content=order(node, rows=rows), headers=node.bearer("issue"))
    assert answer.status_code == 200
    codes = [row["code"] for row in answer.json()["rows"]]
    assert codes == ["ROW_RESULT_UNKNOWN", "ROW_DATE_INVALID", "COLUMN_UNKNOWN", "ROW_MALFORMED"]
    assert CANARY not in answer.text


@pytest.mark.parametrize(
    ("changes", "status", "code", "pointer"),
    [
        ({"rows": []}, 400, "VALUE_MALFORMED", "/rows"),
        ({"rows": [{}] * 1_001}, 400, "VALUE_MALFORMED", "/rows"),
        ({"rows": {}}, 400, "VALUE_MALFORMED", "/rows"),
        ({"programme": "0x" + "ab" * 32}, 404, "PROGRAMME_UNKNOWN", "/programme"),
        ({"programme": "x"}, 404, "PROGRAMME_UNKNOWN", "/programme"),
        ({"issuer": "0x12"}, 400, "VALUE_MALFORMED", "/issuer"),
        ({"issuer": "0x" + "ab" * 32}, 404, "INSTITUTION_UNKNOWN", "/issuer"),
        ({"reissue": "yes"}, 400, "VALUE_MALFORMED", "/reissue"),
        ({"more": 1}, 400, "KEY_UNKNOWN", ""),
    ],
)
def test_an_order_that_cannot_be_used(
    node: TwoInstitutionNode, client: Client, changes: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    answer = client.post("/v1/credentials", content=order(node, 130, **changes), headers=node.bearer("issue"))
    assert (answer.status_code, answer.json()["code"], answer.json()["pointer"]) == (status, code, pointer)


def test_only_approved_programmes_of_the_institution_itself(node: TwoInstitutionNode, client: Client) -> None:
    in_review = node.demo.texts.programme("comercio-digital")
    answer = client.post(
        "/v1/credentials", content=order(node, 131, programme=in_review.achievement_id), headers=node.bearer("issue")
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "PROGRAMME_NOT_APPROVED_NOW")
    foreign = node.demo.texts.programme("analitica-ingenieria")
    answer = client.post(
        "/v1/credentials", content=order(node, 131, programme=foreign.achievement_id), headers=node.bearer("issue")
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "PROGRAMME_NOT_OF_ISSUER")


# --- rights ---


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        (None, 401, "TOKEN_MISSING"),
        ("expired", 401, "TOKEN_UNKNOWN"),
        ("revoke", 403, "RIGHT_MISSING"),
        ("anchor", 403, "RIGHT_MISSING"),
        ("other", 403, "RIGHT_MISSING"),
    ],
)
def test_issuing_needs_its_right_at_this_institution(
    node: TwoInstitutionNode, client: Client, name: str | None, status: int, code: str
) -> None:
    headers = {} if name is None else node.bearer(name)
    answer = client.post("/v1/credentials", content=order(node, 140), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert CANARY not in answer.text
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer ")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic abc", "Bearer acr_" + "A" * 43, "Bearer \xe9"])
def test_a_token_nobody_gave_is_refused(node: TwoInstitutionNode, client: Client, header: str) -> None:
    answer = client.post(
        "/v1/credentials", content=order(node, 141), headers={"Authorization": header.encode("latin-1")}
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "TOKEN_UNKNOWN")


def test_the_credential_itself_is_for_its_institution_alone(node: TwoInstitutionNode, client: Client) -> None:
    digest = node.digests[0].hex()
    path = f"/v1/credentials/{digest}/document"
    assert client.get(path).status_code == 401
    assert client.get(path, headers=node.bearer("other")).status_code == 403
    assert client.get(path, headers=node.bearer("revoke")).status_code == 403
    assert client.get(path, headers=node.bearer("node")).status_code == 200
    assert client.get(f"/v1/credentials/{'0' * 64}/document", headers=node.bearer("node")).status_code == 404


def test_a_node_without_the_institutions_keys_writes_nothing(node: TwoInstitutionNode) -> None:
    with node.client(tenants={}) as client:
        answer = client.post("/v1/credentials", content=order(node, 142), headers=node.bearer("issue"))
        assert (answer.status_code, answer.json()["code"]) == (404, "INSTITUTION_UNKNOWN")
        assert client.get(f"/v1/receipts/{node.digests[0].hex()}").status_code == 200


# --- status ---


def test_suspend_reinstate_revoke(node: TwoInstitutionNode, client: Client) -> None:
    [digest] = node.issue(150)
    node.anchor()

    def change(action: str) -> tuple[int, bool]:
        answer = client.post(
            f"/v1/credentials/{digest.hex()}/status",
            content=json.dumps({"action": action}).encode(),
            headers=node.bearer("revoke"),
        )
        return answer.status_code, answer.json()["changed"]

    def status() -> str:
        return str(client.get(f"/v1/credentials/{digest.hex()}").json()["status"])

    assert change("suspend") == (202, True)
    assert (change("suspend"), status()) == ((200, False), "suspended")
    assert (change("reinstate"), status()) == ((202, True), "good")
    assert (change("revoke"), status()) == ((202, True), "revoked")
    assert change("revoke") == (200, False)
    late = client.post(
        f"/v1/credentials/{digest.hex()}/status", content=b'{"action":"suspend"}', headers=node.bearer("revoke")
    )
    assert (late.status_code, late.json()["code"]) == (409, "CREDENTIAL_REVOKED")


@pytest.mark.parametrize("content", [b'{"action":"destroy"}', b'{"action":5}', b"{}", b"[]", b"x"])
def test_no_other_action(node: TwoInstitutionNode, client: Client, content: bytes) -> None:
    path = f"/v1/credentials/{node.digests[0].hex()}/status"
    assert client.post(path, content=content, headers=node.bearer("revoke")).status_code == 400


def test_status_needs_its_right(node: TwoInstitutionNode, client: Client) -> None:
    path, content = f"/v1/credentials/{node.digests[0].hex()}/status", b'{"action":"revoke"}'
    assert client.post(path, content=content).status_code == 401
    assert client.post(path, content=content, headers=node.bearer("issue")).status_code == 403
    assert client.post(path, content=content, headers=node.bearer("other")).status_code == 403


# --- what a digest tells ---


def test_a_summary_tells_programme_issuer_and_status_and_nothing_of_the_person(
    node: TwoInstitutionNode, client: Client
) -> None:
    found = client.get(f"/v1/credentials/{node.digests[1].hex()}").json()
    assert found["status"] == "revoked"
    assert found["title"]["es"] == node.demo.texts.programme(PROGRAMME).title["es"]
    assert found["issuer_name"]["es"] == node.tenant.institution.name
    document = json.loads(node.credential(node.digests[1]))
    secrets = [document["id"], document["credentialSubject"]["identifier"][0]["identityHash"], document["validFrom"]]
    assert not any(secret in json.dumps(found) for secret in secrets)


@pytest.mark.parametrize("digest", ["0" * 63, "g" * 64, "0x" + "0" * 62, "A" * 64])
def test_a_digest_has_one_spelling(client: Client, digest: str) -> None:
    answer = client.get(f"/v1/credentials/{digest}")
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAMETER_MALFORMED")
    assert digest not in answer.text


def test_the_digest_of_nothing(client: Client) -> None:
    assert client.get(f"/v1/credentials/{Digest(bytes(32)).hex()}").status_code == 404
    assert client.get(f"/v1/receipts/{Digest(bytes(32)).hex()}").status_code == 404
