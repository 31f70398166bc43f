"""Issuers, programmes, documents, contexts, the trust registry query protocol, and DIDs."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import Digest, to_hex
from acredita.contracts.bindings import KeyPurpose
from acredita.node.demo.founding import AUTHORITY_DID
from acredita.node.http.dependencies import NodeDependencies
from acredita.node.publication.trust_folder import TrustFolder
from acredita.node.storage.database import Database
from acredita.registry.canonicalisation.contexts import bundled_contexts
from acredita.registry.json_documents.jcs import jcs_digest
from acredita.registry.keys.key_statement import make_statement
from acredita.registry.programmes.achievement import achievement_id
from acredita.registry.proofs.resolve_key import key_for

from tests.node.http.two_institution_node import PROGRAMME, Client, TwoInstitutionNode
from tests.registry.verification.cases import own_programme
from tests.registry.world import DAY, World, party, signer


def test_issuers_with_names_from_their_scope_documents(node: TwoInstitutionNode, client: Client) -> None:
    found = client.get("/v1/issuers").json()
    rows = {row["did"]: row for row in found["issuers"]}
    ut = rows[node.tenant.institution.did]
    assert ut["state"] == "active"
    assert ut["name"]["es"] == node.tenant.institution.name
    assert found["block"] == node.demo.ledger.head().number
    assert len(rows) == 2  # the agency is none


def test_one_issuer_with_its_timeline_and_keys(node: TwoInstitutionNode, client: Client) -> None:
    found = client.get(f"/v1/issuers/{node.tenant.issuer.hex()}").json()
    assert [step["state"] for step in found["timeline"]][-1] == "active"
    assert sorted(key["purpose"] for key in found["keys"]) == ["assertion", "note"]
    assert found["log"]["origin"] == f"registro.example/log/{node.tenant.issuer.hex()}/1"
    assert client.get(f"/v1/issuers/{'0' * 64}").status_code == 404


def test_pages_of_a_listing(client: Client) -> None:
    first = client.get("/v1/programmes", params={"limit": 2}).json()
    second = client.get("/v1/programmes", params={"limit": 2, "offset": first["next"]}).json()
    seen = [row["programme"] for row in first["programmes"] + second["programmes"]]
    assert len(set(seen)) == 4
    answer = client.get("/v1/programmes", params={"limit": 1_000})
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAMETER_MALFORMED")


def test_one_programme_with_its_document(node: TwoInstitutionNode, client: Client) -> None:
    programme = node.demo.texts.programme(PROGRAMME)
    found = client.get(f"/v1/programmes/{programme.digest.hex()}").json()
    assert (found["state"], found["id"]) == ("approved", programme.id)
    assert jcs_digest(found["document"]) == programme.digest
    assert client.get(f"/v1/programmes/{'0' * 64}").status_code == 404


def test_documents_by_their_digest(node: TwoInstitutionNode, client: Client) -> None:
    for digest in (node.demo.texts.programme(PROGRAMME).digest, node.demo.texts.scopes["demo-ut"].digest):
        answer = client.get(f"/v1/documents/{digest.hex()}")
        assert jcs_digest(answer.json()) == digest
        assert hashlib.sha256(answer.content).digest() == digest, "the bytes are the form whose SHA-256 is the name"
        assert answer.headers["cache-control"] == "public, no-cache", "a document may be withheld later"
    assert client.get(f"/v1/documents/{'0' * 64}").status_code == 404


def test_a_document_that_arrives_later_is_found(node: TwoInstitutionNode, client: Client) -> None:
    document = {"format": "acredita-scope/1", "did": "did:web:x.example", "name": {"es": "X"}}
    document |= {"levels": ["superior"], "sectors": ["manufactura"], "programmes": []}
    digest = jcs_digest(document)
    assert client.get(f"/v1/documents/{digest.hex()}").status_code == 404
    (node.folder / "documents" / f"{digest.hex()}.json").write_text(json.dumps(document))
    assert client.get(f"/v1/documents/{digest.hex()}").status_code == 200


def test_contexts_are_served_byte_for_byte(client: Client) -> None:
    rows = client.get("/contexts").json()["contexts"]
    assert {row["url"] for row in rows} == set(bundled_contexts().documents)
    for row in rows:
        served = client.get(f"/contexts/{row['file']}").content
        assert hashlib.sha256(served).hexdigest() == row["sha256"]
    for name in ("manifest.json", "..%2Fcontexts.py", "NOTICE.md"):
        assert client.get(f"/contexts/{name}").status_code == 404


def test_without_a_ledger_listings_say_so(node: TwoInstitutionNode) -> None:
    with node.client(ledger=None) as client:
        answer = client.get("/v1/issuers")
        assert (answer.status_code, answer.json()["code"]) == (503, "LEDGER_MISSING")


# --- TRQP ---


def ask(node: TwoInstitutionNode, client: Client, **changes: Any) -> Any:
    question: dict[str, Any] = {
        "entity_id": node.tenant.institution.did,
        "authority_id": AUTHORITY_DID,
        "action": "issue",
        "resource": node.demo.texts.programme(PROGRAMME).achievement_id,
    }
    return client.post("/authorization", content=json.dumps(question | changes).encode())


def test_authorised_now_for_an_approved_programme(node: TwoInstitutionNode, client: Client) -> None:
    found = ask(node, client).json()
    assert found["authorized"] is True
    assert found["time_evaluated"] == time_text(node.demo.ledger.head().time)
    assert "time_requested" not in found


def test_an_answer_about_the_past(node: TwoInstitutionNode, client: Client) -> None:
    early, later = "2025-06-01T00:00:00Z", "2026-03-01T00:00:00Z"
    before = ask(node, client, context={"time": early}, resource="MicroCredential").json()
    assert (before["authorized"], before["time_requested"]) == (False, early)
    assert ask(node, client, context={"time": later}, resource="MicroCredential").json()["authorized"] is True


def test_a_fraction_of_a_second_is_dropped(node: TwoInstitutionNode, client: Client) -> None:
    moment = "2026-03-01T00:00:00.250Z"
    found = ask(node, client, context={"time": moment}, resource="MicroCredential").json()
    assert (found["time_requested"], found["time_evaluated"]) == (moment, "2026-03-01T00:00:00Z")


def test_a_time_to_come_is_answered_as_of_the_newest_block(node: TwoInstitutionNode, client: Client) -> None:
    found = ask(node, client, context={"time": "2039-01-01T00:00:00Z"}).json()
    assert found["time_evaluated"] == time_text(node.demo.ledger.head().time)


def test_who_is_not_authorised_and_why(node: TwoInstitutionNode, client: Client) -> None:
    texts = node.demo.texts
    in_review = ask(node, client, resource=texts.programme("comercio-digital").achievement_id).json()
    assert (in_review["authorized"], in_review["message"]) == (False, "PROGRAMME_NOT_APPROVED")
    foreign = ask(node, client, resource=texts.programme("analitica-ingenieria").achievement_id).json()
    assert foreign["message"] == "PROGRAMME_NOT_OF_ISSUER"
    stranger = ask(node, client, entity_id="did:web:nadie.example").json()
    assert (stranger["authorized"], stranger["message"]) == (False, "ISSUER_UNKNOWN")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"authority_id": "did:web:otra.example"}, 404, "AUTHORITY_UNKNOWN"),
        ({"action": "verify"}, 404, "ACTION_UNKNOWN"),
        ({"resource": "anything"}, 404, "RESOURCE_UNKNOWN"),
        ({"entity_id": "somebody"}, 404, "ENTITY_UNKNOWN"),
        ({"entity_id": 5}, 400, "VALUE_MALFORMED"),
        ({"context": []}, 400, "VALUE_MALFORMED"),
        ({"context": {"time": "yesterday"}}, 400, "TIME_MALFORMED"),
        ({"more": "x"}, 400, "KEY_UNKNOWN"),
    ],
)
def test_a_query_that_cannot_be_answered(
    node: TwoInstitutionNode, client: Client, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = ask(node, client, **changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


# --- DIDs ---


def test_a_did_key_resolves_to_itself(node: TwoInstitutionNode, client: Client) -> None:
    did = node.tenant.institution.did
    found = client.get(f"/1.0/identifiers/{did}").json()
    assert found["didDocument"]["id"] == did
    assert found["didResolutionMetadata"] == {"contentType": "application/did+ld+json"}
    bare = client.get(f"/1.0/identifiers/{did}", headers={"Accept": "application/did+ld+json"})
    assert bare.json()["id"] == did


@pytest.mark.parametrize(
    ("did", "status", "error"),
    [
        ("did:web:nadie.example", 404, "notFound"),
        ("did:key:zNope", 400, "unsupportedPublicKeyType"),
        ("did:key:zTjsVPtY", 400, "invalidPublicKeyLength"),
        ("did:key:z6MkeTG3bFFSLYVU7VqhgZxqr6YzpaGrQtFMh1uvqGy1vDnP", 400, "invalidPublicKey"),
        ("did:key:@", 400, "invalidDid"),
        ("did:key:-4:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b", 400, "invalidDid"),
        ("did:experimental:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b", 501, "methodNotSupported"),
        ("did:example:123", 501, "methodNotSupported"),
        ("did:jwk:eyJrdHkiOiJPS1AifQ", 501, "methodNotSupported"),
        ("did:notKey:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b", 400, "invalidDid"),
        ("did:example:", 400, "invalidDid"),
        ("did:example", 400, "invalidDid"),
        ("did:web:ut.example%3a8443", 400, "invalidDid"),
        ("did:web:ut.example:%2E%2E:otra", 400, "invalidDid"),
        ("notDid:key:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b", 400, "invalidDid"),
        ("did:ethr:0x12", 501, "methodNotSupported"),
        ("nothing", 400, "invalidDid"),
        ("did:web:UPPER.example", 400, "invalidDid"),
    ],
)
def test_what_does_not_resolve(client: Client, did: str, status: int, error: str) -> None:
    answer = client.get(f"/1.0/identifiers/{did}")
    assert (answer.status_code, answer.json()["didResolutionMetadata"]["error"]) == (status, error)
    assert answer.json()["didDocument"] == {}


def test_a_method_is_dereferenced(node: TwoInstitutionNode, client: Client) -> None:
    did = node.tenant.institution.did
    for path in (f"{did}%23{did[8:]}", quote(f"{did}#{did[8:]}", safe="")):
        answer = client.get(f"/1.0/identifiers/{path}")
        assert answer.status_code == 200, answer.text
        assert answer.json()["didDocument"]["controller"] == did
        assert answer.json()["didDocument"]["publicKeyMultibase"] == did[8:]
        assert answer.json()["didDereferencingMetadata"] == {"contentType": "application/did+ld+json"}


@pytest.mark.parametrize(
    ("tail", "query", "status", "error"),
    [
        ("#z6LSfHfAMAopsuBxaBzvp51GXrPf38Az13j2fmwqadbwwrzJ", "", 404, "notFound"),
        ("/path#x", "", 404, "notFound"),
        ("?service=x", "", 404, "notFound"),
        ("/^bar^/?query=`#x", "", 400, "invalidDidUrl"),
        ("#a#b", "", 400, "invalidDidUrl"),
        ("#x", "?publicKeyFormat=Ed25519VerificationKey2018", 400, "invalidPublicKeyType"),
        ("#x", "?publicKeyFormat=JsonWebKey2020", 400, "unsupportedPublicKeyType"),
        ("", "?publicKeyFormat=unknown", 400, "unsupportedPublicKeyType"),
    ],
)
def test_what_does_not_dereference(
    node: TwoInstitutionNode, client: Client, tail: str, query: str, status: int, error: str
) -> None:
    answer = client.get(f"/1.0/identifiers/{quote(node.tenant.institution.did + tail, safe='')}{query}")
    metadata = answer.json()["didDereferencingMetadata" if tail else "didResolutionMetadata"]
    assert (answer.status_code, metadata["error"]) == (status, error)


def test_another_method_is_not_dereferenced(client: Client) -> None:
    answer = client.get(f"/1.0/identifiers/{quote('did:example:123#k', safe='')}")
    metadata = answer.json()["didDereferencingMetadata"]
    assert (answer.status_code, metadata["error"]) == (501, "methodNotSupported")


def test_a_method_of_any_form_is_dereferenced(node: TwoInstitutionNode, tmp_path: Path) -> None:
    did, key = "did:web:uni.example", {"type": "JsonWebKey", "controller": "did:web:uni.example"}
    document = {
        "id": did,
        "verificationMethod": ["x", {}, {"id": "#k1", **key}],
        "assertionMethod": [{"id": "#k2", **key}],
    }
    (tmp_path / "dids.json").write_text(json.dumps({did: document}))
    with node.client(folder=TrustFolder(tmp_path)) as client:
        for fragment, status in (("k1", 200), ("k2", 200), ("k3", 404)):
            answer = client.get(f"/1.0/identifiers/{did}%23{fragment}")
            assert (answer.status_code, answer.json()["didDocument"].get("id")) == (
                status,
                f"#{fragment}" if status == 200 else None,
            )


@pytest.fixture(scope="module")
def web_world() -> tuple[World, Any, Any]:
    """Build an institution with a did:web under a port and a path, with one ended key and one in force."""
    world = World()
    web = party("web", "did:web:nodo.example%3A8443:ut")
    world.pass_time(10 * DAY)
    world.accredit(web, world.documents.scopes["demo-up"])
    second = signer("web second key")
    world.add_key(web, second)
    return world, web, second


def test_a_did_web_is_built_from_the_ledgers_keys(tmp_path: Path, web_world: tuple[World, Any, Any]) -> None:
    world, web, second = web_world
    database = Database.create(f"sqlite:///{tmp_path / 'node.db'}")
    (tmp_path / "documents").mkdir()
    dependencies = NodeDependencies(
        database, TrustFolder(tmp_path), world.trust(), world.ledger, world.clock, "https://nodo.example:8443"
    )
    node = TwoInstitutionNode(None, dependencies)  # type: ignore[arg-type] - no stage: only the dependencies are used
    with node.client() as client:
        path = f"/1.0/identifiers/{web.did}"
        assert client.get(path).status_code == 404  # the ledger knows hashes; no statement is at hand
        for key in (web.key, second):
            statement = make_statement(
                world.chain.chain_id, world.contracts.issuer_registry, web.id, int(KeyPurpose.ASSERTION), key
            )
            (tmp_path / "documents" / f"{statement.digest.hex()}.bin").write_bytes(statement.data)
        document = client.get(path).json()["didDocument"]
        assert [method["id"] for method in document["verificationMethod"]] == document["assertionMethod"]
        method = f"{web.did}#{second.public.multibase}"
        assert key_for(method, {web.did: document}, now=0) == second.public
        assert client.get("/ut/did.json").json() == document
        elsewhere = client.get("/ut/did.json", headers={"Host": "otra.example"})  # the node's own host comes first
        assert (elsewhere.json(), elsewhere.headers["vary"]) == (document, "Host")
        encoded = web.did.replace("%", "%25").replace(":", "%3A")
        assert client.get(f"/1.0/identifiers/{encoded}").json()["didDocument"] == document

        world.act(web.control, world.issuers.key_compromised(web.id, _key_id(second), world.now, b"\x01" * 32))
        spoilt = client.get(path).json()["didDocument"]
        assert method not in spoilt["assertionMethod"]
        assert any("revoked" in entry for entry in spoilt["verificationMethod"] if entry["id"] == method)
        assert client.get("/otra/did.json").status_code == 404
        assert client.get("/.well-known/did.json").status_code == 404
    with TwoInstitutionNode(None, replace(dependencies, base="https://registro.example")).client() as client:  # type: ignore[arg-type]
        assert client.get("/ut/did.json").status_code == 404
        passed_on = client.get("/ut/did.json", headers={"Host": "nodo.example:8443"})
        assert passed_on.json()["id"] == web.did
    database.close()


def test_the_record_of_a_predecessor_is_no_issuer_and_no_programme(
    tmp_path: Path, web_world: tuple[World, Any, Any]
) -> None:
    world, web, _ = web_world
    database = Database.create(f"sqlite:///{tmp_path / 'node.db'}")
    predecessor = b"\x0b" * 20
    subject = bytes(12) + predecessor
    with world.branch():
        for registry in (world.issuers, world.programmes):
            world.decide(registry.record_predecessor(predecessor, b"\x0c" * 32, b"\x01" * 32))
        dependencies = NodeDependencies(
            database,
            TrustFolder(tmp_path),
            world.trust(),
            world.ledger,
            world.clock,
            "https://nodo.example",
            authority=web.did,
        )
        with TwoInstitutionNode(None, dependencies).client() as client:  # type: ignore[arg-type]
            for path in (f"/v1/issuers/{subject.hex()}", f"/v1/programmes/{subject.hex()}"):
                assert client.get(path).status_code == 404
            issuers = client.get("/v1/issuers").json()["issuers"]
            assert [row["issuer"] for row in issuers] == [to_hex(web.id)]
            assert client.get("/v1/programmes").json()["programmes"] == []
            query = {
                "entity_id": web.did,
                "authority_id": web.did,
                "action": "issue",
                "resource": achievement_id(Digest(subject)),
            }
            answer = client.post("/authorization", json=query)
            assert (answer.status_code, answer.json()["authorized"]) == (200, False)
    database.close()


def _key_id(key: Any) -> bytes:
    return hashlib.sha256(key.multikey).digest()


def test_status_lists_are_served_as_published(node: TwoInstitutionNode, client: Client) -> None:
    document = json.loads(node.credential(node.digests[0]))
    url = document["credentialStatus"]["statusListCredential"]
    answer = client.get(url.removeprefix("https://registro.example"))
    assert answer.status_code == 200
    assert answer.json()["id"] == url
    assert answer.headers["etag"]
    assert client.get(f"/status/{node.tenant.issuer.hex()}/9").status_code == 404
    assert client.get(f"/status/{to_hex(node.tenant.issuer)}/0").status_code == 400


def test_a_programme_that_another_party_submitted_first_is_shown_as_its_owners(
    tmp_path: Path, web_world: tuple[World, Any, Any]
) -> None:
    """Submit and approve the owner's document for another party first: no face takes it for a programme of anybody."""
    world, web, _ = web_world
    database = Database.create(f"sqlite:///{tmp_path / 'node.db'}")
    (tmp_path / "documents").mkdir()
    with world.branch():
        stranger, programme = party("centro"), own_programme(world, web)
        world.accredit(stranger, world.scope(stranger))
        world.approve(stranger, programme)
        world.approve(web, programme)
        dependencies = NodeDependencies(
            database,
            TrustFolder(tmp_path),
            world.trust(),
            world.ledger,
            world.clock,
            "https://nodo.example",
            authority=web.did,
        )
        with TwoInstitutionNode(None, dependencies).client() as client:  # type: ignore[arg-type]
            path = f"/v1/programmes/{programme.digest.hex()}"
            answer = client.get(path)  # two submissions, and no document that says whose it is
            assert (answer.status_code, answer.json()["code"]) == (503, "DOCUMENT_MISSING")
            file = tmp_path / "documents" / f"{programme.digest.hex()}.json"
            file.write_text(json.dumps(programme.document))
            assert client.get(path).json()["owner"] == to_hex(web.id)
            rows = client.get("/v1/programmes").json()["programmes"]
            assert [row["owner"] for row in rows] == [to_hex(web.id)]
            query = {"authority_id": web.did, "action": "issue", "resource": programme.achievement_id}
            foreign = client.post("/authorization", json=query | {"entity_id": stranger.did}).json()
            assert (foreign["authorized"], foreign["message"]) == (False, "PROGRAMME_NOT_OF_ISSUER")
    database.close()
