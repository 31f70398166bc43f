"""A node's answers about one status: summary, verification and list agree, also while a change waits for the chain."""

import json
from typing import Any

from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import Digest
from acredita.node.write_path.progress import LATE_SECONDS

from tests.node.http.two_institution_node import Client, TwoInstitutionNode, body

GOOD = ("recognised", None)
REVOKED = ("invalid", "CREDENTIAL_REVOKED")
SUSPENDED = ("invalid", "CREDENTIAL_SUSPENDED")


def anchored(node: TwoInstitutionNode) -> Digest:
    """Issue a credential and anchor it."""
    digest = node.pending
    node.anchor()
    node.demo.clock.now += 10
    return digest


def change(node: TwoInstitutionNode, client: Client, digest: Digest, action: str) -> None:
    path = f"/v1/credentials/{digest.hex()}/status"
    assert client.post(path, json={"action": action}, headers=node.bearer("revoke")).status_code == 202


def verdict(node: TwoInstitutionNode, client: Client, digest: Digest, **more: object) -> tuple[str, str | None]:
    report = client.post("/v1/verify", content=body(node.credential(digest), **more)).json()
    return report["verdict"], report["code"]


def status(client: Client, digest: Digest) -> str:
    return str(client.get(f"/v1/credentials/{digest.hex()}").json()["status"])


def writing(node: TwoInstitutionNode, client: Client) -> dict[str, Any]:
    rows = client.get("/readyz").json()["writing"]
    return next(row for row in rows if row["profile"] == node.tenant.profile)


def test_an_anchored_suspension_ends_when_its_reinstatement_is_anchored(
    node: TwoInstitutionNode, client: Client
) -> None:
    digest = anchored(node)
    change(node, client, digest, "suspend")
    assert (verdict(node, client, digest), status(client, digest)) == (SUSPENDED, "suspended")
    node.anchor()
    change(node, client, digest, "reinstate")
    assert (verdict(node, client, digest), status(client, digest)) == (SUSPENDED, "suspended")
    node.anchor()
    assert (verdict(node, client, digest), status(client, digest)) == (GOOD, "good")


def test_an_answer_about_the_past_stays(node: TwoInstitutionNode, client: Client) -> None:
    digest = anchored(node)
    before = time_text(node.demo.clock.now)
    node.demo.clock.now += 10
    change(node, client, digest, "revoke")
    assert verdict(node, client, digest) == REVOKED
    assert verdict(node, client, digest, at=before) == GOOD


def test_a_suspension_that_is_requested_after_the_moment_does_not_count(
    node: TwoInstitutionNode, client: Client
) -> None:
    digest = anchored(node)
    before = time_text(node.demo.clock.now)
    node.demo.clock.now += 10
    change(node, client, digest, "suspend")
    assert verdict(node, client, digest) == SUSPENDED
    assert verdict(node, client, digest, at=before) == GOOD


def test_a_list_that_has_not_changed_is_not_sent_again(node: TwoInstitutionNode, client: Client) -> None:
    digest = anchored(node)
    entry = json.loads(node.credential(digest))["credentialStatus"]["statusListCredential"]
    path = "/status/" + entry.split("/status/")[1]
    first = client.get(path)
    assert first.headers["cache-control"] == "public, no-cache"
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    change(node, client, digest, "revoke")
    assert client.get(path, headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_a_change_that_waits_for_five_minutes_raises_an_alarm(node: TwoInstitutionNode, client: Client) -> None:
    digest = anchored(node)
    issuer = node.tenant.issuer.hex()
    change(node, client, digest, "revoke")
    requested = node.demo.clock.now
    node.demo.clock.now += LATE_SECONDS
    assert writing(node, client)["state"] == "open"
    node.demo.clock.now += 1
    late = {"profile": node.tenant.profile, "state": "late", "code": "ANCHORING_LATE", "since": time_text(requested)}
    row = writing(node, client)
    assert {key: row[key] for key in late} == late
    assert f'acredita_anchoring_late{{issuer="{issuer}"}} 1.0' in client.get("/metrics").text
    node.anchor()
    assert writing(node, client)["state"] == "open"
    assert f'acredita_anchoring_late{{issuer="{issuer}"}} 0.0' in client.get("/metrics").text
