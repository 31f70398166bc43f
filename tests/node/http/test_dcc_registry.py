"""`/registry.json`: who stands in the registry that foreign verifiers look issuers up in, and who does not."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.receipts import time_text
from acredita.contracts import bindings
from acredita.node.http.dependencies import Parts
from acredita.node.publication.trust_folder import TrustFolder
from acredita.node.storage.database import Database
from acredita.registry.programmes.scope import Scope

from tests.node.http.town import Client, Town
from tests.registry.world import ACT, DAY, Party, World, party

BASE = "https://nodo.example"
WEB = party("web", "did:web:nodo.example%3A8443:ut")


@dataclass(frozen=True)
class Place:
    """A node over a world of its own: two institutions accredited, one of them with a did:web."""

    world: World
    folder: Path
    database: Database

    @property
    def up(self) -> Party:
        return self.world.parties["up"]

    def scope(self, who: Party, **changes: object) -> Scope:
        """A scope of theirs, its document at hand in the node's folder."""
        scope = self.world.scope(who, name={"en": "School", "es": f"Escuela {who.name}"}, **changes)
        path = self.folder / "documents" / f"{scope.digest.hex()}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(scope.document))
        return scope

    def client(self) -> Client:
        """The node as a process that has just begun: its folder is read anew."""
        world, folder = self.world, TrustFolder(self.folder)
        return Town(None, Parts(self.database, folder, world.trust(), world.ledger, world.clock, BASE)).client()  # type: ignore[arg-type]

    def listed(self) -> dict[str, Any]:
        with self.client() as client:
            answer = client.get("/registry.json")
        assert answer.status_code == 200, answer.text
        rows: dict[str, Any] = answer.json()["registry"]
        return rows


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("dcc")
    place = Place(World(), folder, Database.create(f"sqlite:///{folder / 'node.db'}"))
    place.world.pass_time(10 * DAY)
    for who in (place.up, WEB):
        place.world.accredit(who, place.scope(who))
    yield place
    place.database.close()


@pytest.fixture
def place(founded: Place) -> Iterator[Place]:
    """Whatever a test does on the chain has not happened afterwards."""
    with founded.world.branch():
        yield founded


def test_the_form_that_their_clients_read(place: Place) -> None:
    with place.client() as client:
        answer = client.get("/registry.json")
    found = answer.json()
    assert set(found) == {"meta", "registry"}
    created = min(p.transitions[0].time for who in (place.up, WEB) if (p := place.world.observer().party(who.id)))
    assert found["meta"] == {"created": time_text(created), "updated": time_text(place.world.now)}
    assert found["registry"] == {
        who.did: {"name": f"Escuela {who.name}", "url": f"{BASE}/v1/issuers/{who.id.hex()}"} for who in (place.up, WEB)
    }
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "public, max-age=60"


def test_what_has_not_changed_is_not_sent_again(place: Place) -> None:
    with place.client() as client:
        tag = client.get("/registry.json").headers["etag"]
        again = client.get("/registry.json", headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        place.world.decide(place.world.issuers.suspend(WEB.id, ACT))
        changed = client.get("/registry.json", headers={"If-None-Match": tag})
        assert changed.status_code == 200
        assert list(changed.json()["registry"]) == [place.up.did]


def test_suspended_and_reinstated(place: Place) -> None:
    place.world.decide(place.world.issuers.suspend(WEB.id, ACT))
    assert set(place.listed()) == {place.up.did}
    place.world.decide(place.world.issuers.reinstate(WEB.id, ACT))
    assert set(place.listed()) == {place.up.did, WEB.did}


def test_suspended_by_one_member_until_the_council_has_met(place: Place) -> None:
    member, *_ = place.world.members
    council = bindings.Council(place.world.contracts.council)
    place.world.act(member, council.suspend_urgently(place.world.contracts.issuer_registry, WEB.id, ACT))
    assert set(place.listed()) == {place.up.did}


def test_revoked_and_void(place: Place) -> None:
    place.world.decide(place.world.issuers.revoke(WEB.id, ACT))
    assert set(place.listed()) == {place.up.did}
    place.world.decide(place.world.issuers.set_void_from(place.up.id, place.world.now, ACT))
    assert place.listed() == {}


def test_an_accreditation_ends_between_two_blocks(place: Place) -> None:
    with place.client() as client:
        assert len(client.get("/registry.json").json()["registry"]) == 2
        place.world.clock.now += 366 * DAY
        assert client.get("/registry.json").json()["registry"] == {}


def test_without_its_accreditor_nobody_stands_there(place: Place) -> None:
    world, above = place.world, place.up
    below = party("below")
    world.decide(world.issuers.set_delegation(above.id, True, ACT))
    world.accredit(below, place.scope(below), days=30, accreditor=above)
    assert set(place.listed()) == {above.did, WEB.did, below.did}
    world.decide(world.issuers.suspend(above.id, ACT))
    assert set(place.listed()) == {WEB.did}


def test_who_has_only_applied_is_not_listed(place: Place) -> None:
    place.world.apply(party("applicant"))
    assert set(place.listed()) == {place.up.did, WEB.did}


def test_a_missing_document_is_told_and_no_row_left_out(place: Place) -> None:
    late = party("late")
    scope = place.world.scope(late)
    place.world.accredit(late, scope)
    with place.client() as client:
        answer = client.get("/registry.json")
        assert (answer.status_code, answer.json()["code"]) == (503, "DOCUMENT_MISSING")
        assert scope.digest.hex() in answer.json()["message"]
        (place.folder / "documents" / f"{scope.digest.hex()}.json").write_text(json.dumps(scope.document))
        assert late.did in client.get("/registry.json").json()["registry"]


def test_anothers_scope_lends_nobody_a_name(place: Place) -> None:
    other = party("other")
    place.world.accredit(other, place.scope(place.up))
    assert set(place.listed()) == {place.up.did, WEB.did}
    with place.client() as client:
        told = client.get(f"/v1/issuers/{other.id.hex()}").json()
    assert (told["did"], told["name"]) == (None, None)


def test_without_a_ledger_nobody_is_said_to_be_missing(town: Town) -> None:
    with town.client(ledger=None) as client:
        answer = client.get("/registry.json")
    assert (answer.status_code, answer.json()["code"]) == (503, "LEDGER_MISSING")
