"""Trust files over HTTP, and what a node says of its own: until when, by whom replaced, and outdated."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
from acredita.anchoring.ledger import BlockName, Ledger
from acredita.contracts import bindings
from acredita.contracts.abi import Deployment, View
from acredita.node.runtime.trust_reminder import TrustReminder
from acredita.node.storage.database import Database
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.trust_file import Trust

from tests.node.http.two_institution_node import TwoInstitutionNode, body
from tests.simulators.ledger import WrappedLedger

DAY = 24 * 3600
T = TypeVar("T")


def trust_of(node: TwoInstitutionNode) -> Trust:
    assert isinstance(node.dependencies.trust, Trust)
    return node.dependencies.trust


def test_the_newest_file_and_each_by_its_number(node: TwoInstitutionNode) -> None:
    stored = (node.dependencies.folder.base / "trust.json").read_bytes()
    with node.client() as client:
        newest, first = client.get("/v1/trust"), client.get("/v1/trust/1.json")
        assert (newest.content, first.content) == (stored, stored)
        assert newest.headers["content-type"] == "application/json"
        assert newest.headers["access-control-allow-origin"] == "*"
        for name in ("2.json", "0.json", "01.json", "1", "..%2F..%2Fnode.json", "-1.json", "9" * 15 + ".json"):
            assert client.get(f"/v1/trust/{name}").status_code == 404


@pytest.mark.parametrize(("left", "soon"), [(14 * DAY + 1, False), (14 * DAY, True), (1, True)])
def test_two_weeks_before_the_end_the_node_says_what_to_do(node: TwoInstitutionNode, left: int, soon: bool) -> None:
    ending = replace(trust_of(node), expires=node.demo.clock() + left)
    with node.client(trust=ending) as client:
        answer = client.get("/readyz")
    said = answer.json()["trust"]
    assert answer.json()["checks"]["trust"] == "ok"
    assert (said["number"], said.get("code"), said.get("command")) == (
        ending.number,
        *(("TRUST_ENDS_SOON", "acredita trust update") if soon else (None, None)),
    )


def test_the_log_reminds_and_the_node_replaces_nothing(
    node: TwoInstitutionNode, caplog: pytest.LogCaptureFixture
) -> None:
    trust, now = trust_of(node), node.demo.clock()
    assert not TrustReminder(replace(trust, expires=now + 14 * DAY + 1), lambda: now).remind()
    assert not TrustReminder(Missing("TRUST_MISSING"), lambda: now).remind()
    with caplog.at_level(logging.WARNING):
        assert TrustReminder(replace(trust, expires=now + 14 * DAY), lambda: now).remind()
    [line] = caplog.records
    assert (line.code, line.command) == ("TRUST_ENDS_SOON", "acredita trust update")  # type: ignore[attr-defined]


class Recorded(WrappedLedger):
    """The node's ledger, whose council has recorded one trust file more."""

    def __init__(self, ledger: Ledger, contracts: Deployment, number: int, digest: bytes) -> None:
        super().__init__(ledger)
        council = bindings.Council(contracts.council)
        self.answers: dict[bytes, Any] = {council.trust_number().data: number, council.trust_file(number).data: digest}

    def read(self, view: View[T], block: BlockName | None = None) -> T:
        return cast(T, self.answers[view.data]) if view.data in self.answers else super().read(view, block)


@pytest.mark.parametrize(
    ("number", "own_hash", "code"),
    [(1, True, "ok"), (2, True, "TRUST_OUTDATED"), (1, False, "TRUST_EQUIVOCATION"), (0, True, "ok")],
)
def test_a_file_that_the_council_did_not_record_last_makes_the_node_unready(
    node: TwoInstitutionNode, tmp_path: Path, number: int, own_hash: bool, code: str
) -> None:
    """Ask the ledger itself: a new database has no index."""
    trust = trust_of(node)
    ledger = Recorded(node.demo.ledger, trust.contracts, number, trust.digest if own_hash else bytes(32))
    database = Database.create(f"sqlite:///{tmp_path / 'node.db'}")
    with node.client(ledger=ledger, database=database) as client:
        assert client.get("/readyz").json()["checks"]["trust"] == code
        sent = body(node.credential(node.digests[0]), receipt=node.receipt(node.digests[0]))
        report = client.post("/v1/verify", content=sent).json()
        assert report["steps"][5]["code"] == (None if code == "ok" else code)
    database.close()
