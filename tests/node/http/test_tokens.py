"""Access tokens over HTTP: listed and revoked with the right `admin`, within the institution of the bearer."""

from typing import Any

from acredita.node.http.app import create_app
from acredita.node.storage.access_tokens import token_id
from acredita.node.storage.database import Database
from acredita.node.storage.rights import Right
from acredita.node.storage.trail import events

from tests.node.http.two_institution_node import Client, TwoInstitutionNode


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def listed(client: Client, token: str) -> dict[str, dict[str, Any]]:
    """Return the rows of `GET /v1/tokens` by id."""
    answer = client.get("/v1/tokens", headers=bearer(token))
    assert answer.status_code == 200, answer.text
    return {row["id"]: row for row in answer.json()["tokens"]}


def test_a_revoked_token_is_refused_at_the_next_request(node: TwoInstitutionNode, client: Client) -> None:
    admin, token = node.token(Right.ADMIN, tenant=node.tenant), node.token(Right.ISSUE, tenant=node.tenant, label="sie")
    address = f"/v1/credentials/{node.digests[5].hex()}/document"
    assert client.get(address, headers=bearer(token)).status_code == 200
    answer = client.request("DELETE", f"/v1/tokens/{token_id(token)}", headers=bearer(admin))
    assert (answer.status_code, answer.json()) == (200, {"id": token_id(token), "changed": True})
    refused = client.get(address, headers=bearer(token))
    assert (refused.status_code, refused.json()["code"]) == (401, "TOKEN_UNKNOWN")
    again = client.request("DELETE", f"/v1/tokens/{token_id(token)}", headers=bearer(admin))
    assert again.json() == {"id": token_id(token), "changed": False}


def test_another_process_on_the_same_database_refuses_it_too(node: TwoInstitutionNode, client: Client) -> None:
    """Show that another application with a connection pool of its own refuses the token too."""
    admin, token = node.token(Right.ADMIN), node.token(Right.ISSUE, tenant=node.tenant)
    address = f"/v1/credentials/{node.digests[5].hex()}/document"
    other = Database.open(node.dependencies.database.engine.url.render_as_string(hide_password=False))
    try:
        with node.client(database=other) as elsewhere:
            assert elsewhere.get(address, headers=bearer(token)).status_code == 200
            client.request("DELETE", f"/v1/tokens/{token_id(token)}", headers=bearer(admin))
            assert elsewhere.get(address, headers=bearer(token)).status_code == 401
    finally:
        other.close()


def test_an_institution_sees_and_revokes_its_own_tokens_only(node: TwoInstitutionNode, client: Client) -> None:
    admin, others = node.token(Right.ADMIN, tenant=node.tenant), node.tokens["other"]
    rows = listed(client, admin)
    assert rows.keys() >= {token_id(admin), token_id(node.tokens["expired"])}
    assert token_id(others) not in rows
    assert token_id(node.tokens["node"]) not in rows
    for foreign in (others, node.tokens["node"]):
        answer = client.request("DELETE", f"/v1/tokens/{token_id(foreign)}", headers=bearer(admin))
        assert (answer.status_code, answer.json()["code"]) == (403, "RIGHT_MISSING")
    assert rows[token_id(node.tokens["expired"])]["state"] == "expired"


def test_the_whole_node_sees_all(node: TwoInstitutionNode, client: Client) -> None:
    rows = listed(client, node.tokens["node"])
    assert rows.keys() >= {token_id(node.tokens[name]) for name in node.tokens}
    assert not any(token in str(rows) for token in node.tokens.values())


def test_the_right_admin_is_demanded(node: TwoInstitutionNode, client: Client) -> None:
    assert client.get("/v1/tokens").status_code == 401
    assert client.get("/v1/tokens", headers=node.bearer("issue")).status_code == 403
    address = f"/v1/tokens/{token_id(node.tokens['issue'])}"
    assert client.request("DELETE", address, headers=node.bearer("issue")).status_code == 403


def test_an_id_that_no_token_has(node: TwoInstitutionNode, client: Client) -> None:
    for identifier, status in (("0" * 16, 404), ("0" * 15, 400), ("0" * 17, 400), ("Z" * 16, 400)):
        answer = client.request("DELETE", f"/v1/tokens/{identifier}", headers=node.bearer("node"))
        assert answer.status_code == status, answer.text


def test_pages(node: TwoInstitutionNode, client: Client) -> None:
    first = client.get("/v1/tokens?limit=1", headers=node.bearer("node")).json()
    second = client.get("/v1/tokens?limit=1&offset=1", headers=node.bearer("node")).json()
    assert first["next"] == 1
    assert len(first["tokens"]) == 1
    assert first["tokens"] != second["tokens"]


def test_the_trail_has_a_row_of_a_revocation(node: TwoInstitutionNode, client: Client) -> None:
    admin, token = node.token(Right.ADMIN, label="oficina"), node.token(Right.ANCHOR, tenant=node.tenant)
    client.request("DELETE", f"/v1/tokens/{token_id(token)}", headers=bearer(admin))
    with node.dependencies.database.read() as connection:
        created, ended = [event for event in events(connection) if token_id(token) in event.detail]
    assert (created.action, ended.action, ended.actor) == ("token_made", "token_ended", "token:oficina")
    assert ended.issuer == node.tenant.issuer


def test_the_document_demands_a_token(node: TwoInstitutionNode) -> None:
    paths = create_app(node.dependencies).openapi()["paths"]
    assert paths["/v1/tokens"]["get"]["security"] == [{"token": []}]
    assert paths["/v1/tokens/{token_id}"]["delete"]["security"] == [{"token": []}]
