"""Answers about the past over an endpoint that keeps the state of its newest block alone: nothing asks for old state."""

import json
from typing import Any

import pytest
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.receipts import time_text
from acredita.contracts import bindings
from acredita.node.demo.founding import AUTHORITY_DID
from acredita.registry.audit.replay import replay

from tests.node.http.two_institution_node import PROGRAMME, Client, TwoInstitutionNode
from tests.simulators.ledger import StateOfNewest


@pytest.fixture(scope="module")
def forgetful(node: TwoInstitutionNode) -> StateOfNewest:
    return StateOfNewest(node.demo.ledger)


def every_tenth_time(node: TwoInstitutionNode) -> list[str]:
    """Return block times of the past, from the first block on."""
    ledger = node.demo.ledger
    blocks = [ledger.block(number) for number in range(0, ledger.head().number, 10)]
    return [time_text(block.time) for block in blocks if block is not None]


def answers(node: TwoInstitutionNode, client: Client, time: str) -> list[Any]:
    """Ask each route that answers about the past, and return what it says."""
    digest = node.digests[0]
    verification = {"credential": json.loads(node.credential(digest)), "receipt": node.receipt(digest), "at": time}
    question = {
        "entity_id": node.tenant.institution.did,
        "authority_id": AUTHORITY_DID,
        "action": "issue",
        "resource": node.demo.texts.programme(PROGRAMME).achievement_id,
        "context": {"time": time},
    }
    return [
        client.post("/v1/verify", content=json.dumps(verification).encode()).json(),
        {
            key: value
            for key, value in client.post("/authorization", json=question).json().items()
            if key != "time_requested"
        },
    ]


def test_the_endpoint_has_no_old_state(node: TwoInstitutionNode, forgetful: StateOfNewest) -> None:
    trust = node.dependencies.trust
    view = bindings.IssuerRegistry(trust.contracts.issuer_registry).party_count()  # type: ignore[union-attr]
    assert forgetful.read(view, forgetful.head().hash) == node.demo.ledger.read(view)
    with pytest.raises(LedgerUnavailable):
        forgetful.read(view, forgetful.head().number - 1)


def test_answers_about_the_past_are_the_same_without_old_state(
    node: TwoInstitutionNode, client: Client, forgetful: StateOfNewest
) -> None:
    told = set()
    with node.client(ledger=forgetful) as over_forgetful:
        for time in every_tenth_time(node):
            whole = answers(node, client, time)
            assert answers(node, over_forgetful, time) == whole
            told.add((whole[0]["verdict"], whole[1]["authorized"]))
    assert len(told) > 1, "the past was not always like the present"
    assert "indeterminate" not in {verdict for verdict, _ in told}


def test_an_audit_needs_no_old_state(node: TwoInstitutionNode, forgetful: StateOfNewest) -> None:
    observer = node.client().app.state.node.observer()
    whole, over_forgetful = (
        replay(ledger, observer.contracts, observer.block, observer.entries_of)
        for ledger in (node.demo.ledger, forgetful)
    )
    assert over_forgetful.state_hash == whole.state_hash
    assert over_forgetful.findings == whole.findings
