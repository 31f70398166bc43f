"""Test refused entries over HTTP: an account that may anchor lists and requeues them, no other does."""

import pytest
from acredita.node.storage.refused import refuse_queued
from acredita.node.storage.trail import events

from tests.node.http.two_institution_node import Client, TwoInstitutionNode

CODE = "ISSUER_NOT_ACTIVE"


@pytest.fixture
def refused_url(node: TwoInstitutionNode) -> str:
    """Refuse two entries of an institution; return their address."""
    node.anchor()
    node.issue(next(node.learners), next(node.learners))
    with node.dependencies.database.write() as connection:
        assert refuse_queued(connection, node.tenant.issuer, code=CODE, reason="issuer: not active") == 2
    return f"/v1/batches/{node.tenant.issuer.hex()}/refused"


def test_refused_entries_are_listed_and_requeued_once(
    node: TwoInstitutionNode, client: Client, refused_url: str
) -> None:
    bearer = node.bearer("anchor")
    listed = client.get(refused_url, headers=bearer).json()
    (row,) = listed["refused"]
    assert (row["code"], row["count"], row["reason"]) == (CODE, 2, "issuer: not active")
    assert "no está activa" in row["es"]
    answer = client.post(f"{refused_url}/{CODE}", headers=bearer)
    assert (answer.status_code, answer.json()["queued"]) == (200, 2)
    again = client.post(f"{refused_url}/{CODE}", headers=bearer)
    assert (again.status_code, again.json()["queued"]) == (200, 0)
    assert client.get(refused_url, headers=bearer).json()["refused"] == []
    (anchored, *_) = node.anchor()
    assert anchored.issued == 2
    trail = [event["actor"] for event in _trail(node) if event["action"] == "requeued"]
    assert len(trail) == 1
    assert trail[0].startswith("token:")


def _trail(node: TwoInstitutionNode) -> list[dict[str, str]]:
    with node.dependencies.database.read() as connection:
        return [{"actor": event.actor, "action": event.action} for event in events(connection, node.tenant.issuer)]


def test_it_takes_the_right_to_anchor(node: TwoInstitutionNode, client: Client, refused_url: str) -> None:
    for method, path in (("GET", refused_url), ("POST", f"{refused_url}/{CODE}")):
        assert client.request(method, path).status_code == 401
        assert client.request(method, path, headers=node.bearer("issue")).status_code == 403
        elsewhere = path.replace(node.tenant.issuer.hex(), "0" * 64)
        assert client.request(method, elsewhere, headers=node.bearer("anchor")).status_code in (403, 404)
    assert client.post(f"{refused_url}/nothing", headers=node.bearer("anchor")).status_code == 400
    client.post(f"{refused_url}/{CODE}", headers=node.bearer("anchor"))
    node.anchor()


def test_what_a_compromised_key_signed_is_never_requeued(
    node: TwoInstitutionNode, client: Client, refused_url: str
) -> None:
    bearer = node.bearer("anchor")
    answer = client.post(f"{refused_url}/KEY_COMPROMISED", headers=bearer)
    assert (answer.status_code, answer.json()["code"]) == (409, "KEY_COMPROMISED")
    client.post(f"{refused_url}/{CODE}", headers=bearer)
    node.anchor()
