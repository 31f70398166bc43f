"""Answers with proof over HTTP: what a plain answer says is proven, within bounds, and nothing is proven without a pin."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from acredita.anchoring.ledger import Ledger
from acredita.anchoring.receipts import time_text
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.types import Address, BlockHash
from acredita.devnet.rpc.dispatch import Rpc
from acredita.node.demo.founding import AGENCY_DID
from acredita.node.http.known_proofs import KEPT_PROOFS
from acredita.node.http.request_rate import RateLimits
from acredita.registry.evidence.proven_answer import ProvenAnswer, proven_answer
from acredita.registry.evidence.registry_proof import read_registry_proof
from acredita.registry.keys.did import issuer_id
from acredita.registry.ledger_facts.trust_draft import sign_trust
from acredita.registry.ledger_facts.trust_file import Trust, parse_trust
from acredita.registry.ledger_facts.trusted_chain import ValidatorSet, qbft_chain

from tests.node.http.two_institution_node import PROGRAMME, Client, TwoInstitutionNode
from tests.registry.world import signer
from tests.simulators.half_endpoint import Answers, Ask, HalfProvider

UNLIMITED = RateLimits(per_second=100_000, burst=100_000)
NOBODY = "5a" * 32


def trust_of(node: TwoInstitutionNode) -> Trust:
    trust = node.dependencies.trust
    assert isinstance(trust, Trust)
    return trust


def proven(node: TwoInstitutionNode, data: bytes) -> dict[str, Any]:
    """Return the answer in a file's bytes, as a reader with the trust file alone proves it."""
    answer = proven_answer(read_registry_proof(data), trust_of(node))
    assert isinstance(answer, ProvenAnswer), answer
    return dict(answer.answer)


@dataclass
class Counted:
    """The node's ledger, and how often it was asked for a proof."""

    node: TwoInstitutionNode
    proofs: list[list[Any]] = field(default_factory=list)

    def ledger(self) -> Ledger:
        return RpcLedger(HalfProvider(Answers(Rpc(self.node.demo.chain)), [self._manner]))

    def _manner(self, method: str, params: list[Any], ask: Ask) -> dict[str, Any]:
        if method == "eth_getProof":
            self.proofs.append(params)
        return ask(method, params)


def test_an_issuers_answer_is_proven(node: TwoInstitutionNode, client: Client) -> None:
    path = f"/v1/issuers/{node.tenant.issuer.hex()}"
    plain, answer = client.get(path).json(), client.get(path, params={"proof": "1"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    told = proven(node, answer.content)
    now = told["now"]
    assert now.pop("recognised") is True
    for key in now["keys"]:
        assert key.pop("in_force") is True
    assert now == without_nulls({name: plain[name] for name in plain if name not in ("log", "block", "as_of")})
    assert told["block"] == max(trust_of(node).blocks), "the newest block that is named, not the head"


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nulls(member) for name, member in value.items() if member is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def test_an_issuer_as_of_the_past(node: TwoInstitutionNode, client: Client) -> None:
    path = f"/v1/issuers/{node.tenant.issuer.hex()}"
    active = client.get(path).json()["timeline"][-1]["time"]
    begun = int(node.demo.time("2026-01-01"))
    told = [
        proven(node, client.get(path, params={"proof": "1", "at": at}).content) for at in (time_text(begun), active)
    ]
    assert [answer["at"] for answer in told] == [time_text(begun), active]
    assert [answer["then"]["state"] for answer in told] == ["unknown", "active"]
    assert [answer["then_as_known_now"]["recognised"] for answer in told] == [False, True]
    assert {answer["now"]["state"] for answer in told} == {"active"}


def test_a_programme_with_its_issuer_and_without(node: TwoInstitutionNode, client: Client) -> None:
    digest, owner = node.demo.texts.programme(PROGRAMME).digest.hex(), node.tenant.issuer.hex()
    answers = [
        client.get(f"/v1/programmes/{digest}", params={"proof": "1", **more}).content for more in ({}, {"owner": owner})
    ]
    assert answers[0] == answers[1]
    now = proven(node, answers[0])["now"]
    assert (now["state"], now["approved"], now["owner"]) == ("approved", True, "0x" + owner)
    assert now["title"] == node.demo.texts.programme(PROGRAMME).title
    other = client.get(f"/v1/programmes/{digest}", params={"proof": "1", "owner": NOBODY}).content
    assert proven(node, other)["now"] == {
        "programme": "0x" + digest,
        "owner": "0x" + NOBODY,
        "state": "unknown",
        "timeline": [],
        "approved": False,
        "id": node.demo.texts.programme(PROGRAMME).id,
        "version": node.demo.texts.programme(PROGRAMME).version,
        "title": node.demo.texts.programme(PROGRAMME).title,
    }


def test_that_nobody_is_an_issuer_is_proven(node: TwoInstitutionNode, client: Client) -> None:
    assert client.get(f"/v1/issuers/{NOBODY}").status_code == 404
    now = proven(node, client.get(f"/v1/issuers/{NOBODY}", params={"proof": "1"}).content)["now"]
    assert (now["state"], now["recognised"], now["keys"], now["timeline"]) == ("unknown", False, [], [])


def test_an_agency_has_its_recognition(node: TwoInstitutionNode, client: Client) -> None:
    agency = issuer_id(AGENCY_DID).hex()
    assert client.get(f"/v1/issuers/{agency}").status_code == 404
    [window] = proven(node, client.get(f"/v1/issuers/{agency}", params={"proof": "1"}).content)["now"]["agency"]
    assert window["from"] < window["until"]


@pytest.mark.parametrize(
    ("parameters", "status", "code"),
    [
        ({"proof": "2"}, 400, "PARAMETER_MALFORMED"),
        ({"at": "2026-02-01T00:00:00Z"}, 400, "PARAMETER_MALFORMED"),
        ({"proof": "1", "at": "2026-02-01"}, 400, "TIME_MALFORMED"),
        ({"proof": "1", "at": "2026-02-30T00:00:00Z"}, 400, "TIME_MALFORMED"),
        ({"proof": "1", "at": "9999-01-01T00:00:00Z"}, 400, "PROOF_NOT_PINNED"),
    ],
)
def test_a_question_that_has_no_proof(
    node: TwoInstitutionNode, client: Client, parameters: dict[str, str], status: int, code: str
) -> None:
    digest = node.demo.texts.programme(PROGRAMME).digest.hex()
    for path in (f"/v1/issuers/{node.tenant.issuer.hex()}", f"/v1/programmes/{digest}"):
        answer = client.get(path, params=parameters)
        assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_an_owner_belongs_to_a_proof(node: TwoInstitutionNode, client: Client) -> None:
    digest = node.demo.texts.programme(PROGRAMME).digest.hex()
    for path, status, code in (
        (f"/v1/programmes/{digest}?owner={NOBODY}", 400, "PARAMETER_MALFORMED"),
        (f"/v1/programmes/{digest}?proof=1&owner=5A", 400, "PARAMETER_MALFORMED"),
        (f"/v1/programmes/{NOBODY}?proof=1", 404, "NOT_FOUND"),
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_an_answer_has_its_tag(node: TwoInstitutionNode, client: Client) -> None:
    path = f"/v1/issuers/{node.tenant.issuer.hex()}?proof=1"
    etag = client.get(path).headers["ETag"]
    unchanged = client.get(path, headers={"If-None-Match": etag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert client.get(path + "&at=2026-03-01T00:00:00Z", headers={"If-None-Match": etag}).status_code == 200


def test_proofs_count_like_records(node: TwoInstitutionNode) -> None:
    path = f"/v1/issuers/{node.tenant.issuer.hex()}"
    with node.client(records_rate=RateLimits(per_second=1, burst=1)) as client:
        client.app.state.node.records_rate = type(client.app.state.node.records_rate)(RateLimits(1, 1), lambda: 0.0)
        assert client.get(path, params={"proof": "1"}).status_code == 200
        answer = client.get(path, params={"proof": "1"})
        assert (answer.status_code, answer.json()["code"]) == (429, "TOO_MANY_REQUESTS")
        assert answer.headers["Retry-After"] == "1"
        assert client.get(path).status_code == 200


def test_the_ledger_proves_a_subject_once_a_block(node: TwoInstitutionNode) -> None:
    counted = Counted(node)
    ask = {"proof": "1"}
    with node.client(ledger=counted.ledger(), records_rate=UNLIMITED) as client:
        own = f"/v1/issuers/{node.tenant.issuer.hex()}"
        for at in ("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"):
            assert client.get(own, params={**ask, "at": at}).status_code == 200
        assert len(counted.proofs) == 1
        for number in range(KEPT_PROOFS):
            assert client.get(f"/v1/issuers/{number:064x}", params=ask).status_code == 200
        assert len(counted.proofs) == 1 + KEPT_PROOFS
        assert client.get(own, params=ask).status_code == 200
        assert len(counted.proofs) == 2 + KEPT_PROOFS, "the one that was asked about longest ago is not kept"


def test_without_a_block_to_prove_at_there_is_no_answer(node: TwoInstitutionNode) -> None:
    """Name validators who have sealed no block: a block of the ledger that nobody vouches for proves nothing."""
    trust = trust_of(node)
    document = sign_trust(
        number=1,
        issued=trust.issued,
        chain_id=trust.chain_id,
        genesis=BlockHash(trust.genesis),
        contracts=trust.contracts,
        code_hashes=trust.code_hashes,
        chain=qbft_chain([ValidatorSet(0, None, (Address(b"\x77" * 20),))], period=2, idle=60),
        signers=[signer("authority"), signer("second signer")],
    )
    with node.client(trust=parse_trust(document)) as client:
        path = f"/v1/issuers/{node.tenant.issuer.hex()}"
        assert client.get(path).status_code == 200
        answer = client.get(path, params={"proof": "1"})
        assert (answer.status_code, answer.json()["code"]) == (503, "PROOF_NOT_PINNED")


def test_a_ledger_that_proves_something_else_gives_no_answer(node: TwoInstitutionNode) -> None:
    """Let the endpoint give each proof for another slot: the node says so, and gives nothing away."""

    def elsewhere(method: str, params: list[Any], ask: Ask) -> dict[str, Any]:
        if method != "eth_getProof":
            return ask(method, params)
        told = ask(method, [params[0], ["0x" + "11" * 32 for _ in params[1]], params[2]])
        rows = told["result"]["storageProof"]
        renamed = [{**row, "key": slot} for row, slot in zip(rows, params[1], strict=True)]
        return {**told, "result": {**told["result"], "storageProof": renamed}}

    ledger = RpcLedger(HalfProvider(Answers(Rpc(node.demo.chain)), [elsewhere]))
    with node.client(ledger=ledger) as client:
        answer = client.get(f"/v1/issuers/{node.tenant.issuer.hex()}", params={"proof": "1"})
    assert (answer.status_code, answer.json()["code"]) == (503, "LEDGER_INCOMPLETE")


def test_the_openapi_document_has_the_parameters(client: Client) -> None:
    paths = client.app.openapi()["paths"]
    for path, names in (("/v1/issuers/{issuer}", set()), ("/v1/programmes/{digest}", {"owner"})):
        listed = {each["name"] for each in paths[path]["get"]["parameters"] if each["in"] == "query"}
        assert listed == {"proof", "at"} | names
    assert "429" in json.dumps(paths["/v1/issuers/{issuer}"])
