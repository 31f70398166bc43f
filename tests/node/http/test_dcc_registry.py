"""`/registry.json`: who stands in the registry that foreign verifiers look issuers up in, and who does not."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.receipts import time_text
from acredita.contracts import bindings
from acredita.node.http.dependencies import NodeDependencies
from acredita.node.publication.trust_folder import TrustFolder
from acredita.node.storage.database import Database
from acredita.registry.programmes.scope import Scope

from tests.node.http.two_institution_node import Client, TwoInstitutionNode
from tests.registry.world import ACT, DAY, Party, World, party

BASE = "https://nodo.example"
WEB = party("web", "did:web:nodo.example%3A8443:ut")


@dataclass(frozen=True)
class TwoPartyRegistry:
    """A node over a world of its own: two institutions accredited, one of them with a did:web."""

    world: World
    folder: Path
    database: Database

    @property
    def up(self) -> Party:
        return self.world.parties["up"]

    def scope(self, who: Party, **changes: object) -> Scope:
        """Make a scope of this institution, with its document in the node's folder."""
        scope = self.world.scope(who, name={"en": "School", "es": f"Escuela {who.name}"}, **changes)
        path = self.folder / "documents" / f"{scope.digest.hex()}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(scope.document))
        return scope

    def client(self) -> Client:
        """Open a client of the node as a process that has just started: its folder is read anew."""
        world, folder = self.world, TrustFolder(self.folder)
        return TwoInstitutionNode(
            None, NodeDependencies(self.database, folder, world.trust(), world.ledger, world.clock, BASE)
        ).client()  # type: ignore[arg-type]

    def listed(self) -> dict[str, Any]:
        with self.client() as client:
            answer = client.get("/registry.json")
        assert answer.status_code == 200, answer.text
        rows: dict[str, Any] = answer.json()["registry"]
        return rows


@pytest.fixture(scope="module")
def shared_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoPartyRegistry]:
    folder = tmp_path_factory.mktemp("dcc")
    registry = TwoPartyRegistry(World(), folder, Database.create(f"sqlite:///{folder / 'node.db'}"))
    registry.world.pass_time(10 * DAY)
    for who in (registry.up, WEB):
        registry.world.accredit(who, registry.scope(who))
    yield registry
    registry.database.close()


@pytest.fixture
def registry(shared_registry: TwoPartyRegistry) -> Iterator[TwoPartyRegistry]:
    """Return the shared registry, and take back every change on the chain afterwards."""
    with shared_registry.world.branch():
        yield shared_registry


def test_the_form_that_their_clients_read(registry: TwoPartyRegistry) -> None:
    with registry.client() as client:
        answer = client.get("/registry.json")
    found = answer.json()
    assert set(found) == {"meta", "registry"}
    created = min(p.transitions[0].time for who in (registry.up, WEB) if (p := registry.world.observer().party(who.id)))
    assert found["meta"] == {"created": time_text(created), "updated": time_text(registry.world.now)}
    assert found["registry"] == {
        who.did: {"name": f"Escuela {who.name}", "url": f"{BASE}/v1/issuers/{who.id.hex()}"}
        for who in (registry.up, WEB)
    }
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "public, no-cache"


def test_what_has_not_changed_is_not_sent_again(registry: TwoPartyRegistry) -> None:
    with registry.client() as client:
        tag = client.get("/registry.json").headers["etag"]
        again = client.get("/registry.json", headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        registry.world.decide(registry.world.issuers.suspend(WEB.id, ACT))
        changed = client.get("/registry.json", headers={"If-None-Match": tag})
        assert changed.status_code == 200
        assert list(changed.json()["registry"]) == [registry.up.did]


def test_suspended_and_reinstated(registry: TwoPartyRegistry) -> None:
    registry.world.decide(registry.world.issuers.suspend(WEB.id, ACT))
    assert set(registry.listed()) == {registry.up.did}
    registry.world.decide(registry.world.issuers.reinstate(WEB.id, ACT))
    assert set(registry.listed()) == {registry.up.did, WEB.did}


def test_suspended_by_one_member_until_the_council_has_met(registry: TwoPartyRegistry) -> None:
    member, *_ = registry.world.members
    council = bindings.Council(registry.world.contracts.council)
    registry.world.act(member, council.suspend_urgently(registry.world.contracts.issuer_registry, WEB.id, ACT))
    assert set(registry.listed()) == {registry.up.did}


def test_revoked_and_void(registry: TwoPartyRegistry) -> None:
    registry.world.decide(registry.world.issuers.revoke(WEB.id, ACT))
    assert set(registry.listed()) == {registry.up.did}
    registry.world.decide(registry.world.issuers.set_void_from(registry.up.id, registry.world.now, ACT))
    assert registry.listed() == {}


def test_an_accreditation_ends_between_two_blocks(registry: TwoPartyRegistry) -> None:
    with registry.client() as client:
        assert len(client.get("/registry.json").json()["registry"]) == 2
        registry.world.clock.now += 366 * DAY
        assert client.get("/registry.json").json()["registry"] == {}


def test_without_its_accreditor_nobody_stands_there(registry: TwoPartyRegistry) -> None:
    world, above = registry.world, registry.up
    below = party("below")
    world.decide(world.issuers.set_delegation(above.id, True, ACT))
    world.accredit(below, registry.scope(below), days=30, accreditor=above)
    assert set(registry.listed()) == {above.did, WEB.did, below.did}
    world.decide(world.issuers.suspend(above.id, ACT))
    assert set(registry.listed()) == {WEB.did}


def test_who_has_only_applied_is_not_listed(registry: TwoPartyRegistry) -> None:
    registry.world.apply(party("applicant"))
    assert set(registry.listed()) == {registry.up.did, WEB.did}


def test_a_missing_document_is_told_and_no_row_left_out(registry: TwoPartyRegistry) -> None:
    late = party("late")
    scope = registry.world.scope(late)
    registry.world.accredit(late, scope)
    with registry.client() as client:
        answer = client.get("/registry.json")
        assert (answer.status_code, answer.json()["code"]) == (503, "DOCUMENT_MISSING")
        assert scope.digest.hex() in answer.json()["message"]
        (registry.folder / "documents" / f"{scope.digest.hex()}.json").write_text(json.dumps(scope.document))
        assert late.did in client.get("/registry.json").json()["registry"]


def test_anothers_scope_lends_nobody_a_name(registry: TwoPartyRegistry) -> None:
    other = party("other")
    registry.world.accredit(other, registry.scope(registry.up))
    assert set(registry.listed()) == {registry.up.did, WEB.did}
    with registry.client() as client:
        issuer = client.get(f"/v1/issuers/{other.id.hex()}").json()
    assert (issuer["did"], issuer["name"]) == (None, None)


def test_without_a_ledger_nobody_is_said_to_be_missing(node: TwoInstitutionNode) -> None:
    with node.client(ledger=None) as client:
        answer = client.get("/registry.json")
    assert (answer.status_code, answer.json()["code"]) == (503, "LEDGER_MISSING")
