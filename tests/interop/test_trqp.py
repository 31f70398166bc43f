"""`POST /authorization` asked by a program that is not ours, its answers held to the published schemas by npm ajv."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.receipts import read_time
from acredita.node.demo.founding import AUTHORITY_DID
from acredita.node.http.app import create_app

from tests.interop.test_credentials_accepted import NPM, ROOT, Ask, Peer
from tests.left_out import Want, leave_out
from tests.node.http.test_server import running
from tests.node.http.two_institution_node import PROGRAMME, TwoInstitutionNode, open_two_institution_node

pytestmark = pytest.mark.interop

CLIENT = Path(__file__).parent / "trqp" / "client.mjs"
SCHEMAS = ROOT / "tests" / "vectors" / "trqp_messages.json"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoInstitutionNode]:
    opened = open_two_institution_node(tmp_path_factory.mktemp("node"))
    yield opened
    opened.demo.close()


@pytest.fixture(scope="module")
def ask(node: TwoInstitutionNode) -> Iterator[Ask]:
    if not (NPM / "node_modules" / "ajv").is_dir() or shutil.which("node") is None:
        leave_out(Want.ORACLES, "the independent TRQP client")
    with running(create_app(replace(node.dependencies))) as port:
        peer = Peer(["node", str(CLIENT), f"http://127.0.0.1:{port}", str(SCHEMAS)], NPM)
        yield peer.ask
        peer.close()


def query(node: TwoInstitutionNode, **changes: Any) -> dict[str, Any]:
    return {
        "entity_id": node.tenant.institution.did,
        "authority_id": AUTHORITY_DID,
        "action": "issue",
        "resource": node.demo.texts.programme(PROGRAMME).achievement_id,
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "authorized"),
    [
        ({}, True),
        ({"resource": "MicroCredential"}, True),
        ({"context": {}}, True),
        ({"context": {"time": ""}}, True),
        ({"context": {"time": "2026-03-01T00:00:00Z", "locator": "gto"}, "resource": "MicroCredential"}, True),
        ({"context": {"time": "2025-06-01T00:00:00Z"}}, False),
        ({"entity_id": "did:web:nadie.example"}, False),
    ],
)
def test_answers_fit_the_published_schema(
    node: TwoInstitutionNode, ask: Ask, changes: dict[str, Any], authorized: bool
) -> None:
    request = query(node, **changes)
    answer = ask("authorization", query=request)
    assert (answer["status"], answer["response"], answer["errors"]) == (200, True, None)
    assert answer["type"].startswith("application/json")
    body = answer["body"]
    assert body["authorized"] is authorized
    assert {key: body[key] for key in ("entity_id", "authority_id", "action", "resource")} == {
        key: request[key] for key in ("entity_id", "authority_id", "action", "resource")
    }
    time = request.get("context", {}).get("time")
    assert body.get("time_requested") == (time or None)
    if time:
        assert read_time(body["time_evaluated"], "time_evaluated") <= node.demo.ledger.head().time


def test_a_date_as_javascript_writes_it(node: TwoInstitutionNode, ask: Ask) -> None:
    """Accept a fraction of a second, which RFC 3339 allows and `toISOString` always writes."""
    then = read_time("2026-03-01T00:00:00Z", "then")
    answer = ask("authorization", query=query(node, resource="MicroCredential"), date=then)
    assert answer["asked"]["context"]["time"] == "2026-03-01T00:00:00.000Z"
    assert (answer["status"], answer["request"], answer["response"]) == (200, True, True)
    assert answer["body"]["authorized"] is True
    assert answer["body"]["time_requested"] == "2026-03-01T00:00:00.000Z"
    assert answer["body"]["time_evaluated"] == "2026-03-01T00:00:00Z"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"authority_id": "did:web:otra.example"}, 404),
        ({"action": "recognize"}, 404),
        ({"context": {"time": "2026-03-01T00:00:00+02:00"}}, 400),
        ({"context": {"time": "ayer"}}, 400),
    ],
)
def test_what_cannot_be_asked_is_a_problem(
    node: TwoInstitutionNode, ask: Ask, changes: dict[str, Any], status: int
) -> None:
    answer = ask("authorization", query=query(node, **changes))
    assert answer["status"] == status
    assert answer["type"].startswith("application/problem+json")
    assert answer["response"] is False
