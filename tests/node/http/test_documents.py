"""Documents and proposals over HTTP: what the ledger names is taken and given out, and nothing else is kept."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from acredita.anchoring.types import Address, Digest
from acredita.contracts import bindings
from acredita.contracts.abi import Call
from acredita.node.http.dependencies import NodeDependencies
from acredita.node.http.request_rate import RateLimits
from acredita.node.index.follower import IndexFollower
from acredita.node.publication.did_documents import did_web_document
from acredita.node.publication.trust_folder import TrustFolder
from acredita.node.publication.withheld_store import WithheldStore
from acredita.node.storage import documents, trail
from acredita.node.storage.access_tokens import create_token
from acredita.node.storage.database import Database
from acredita.node.storage.leases import Leases
from acredita.node.storage.models import DocumentRow, ProposalRow
from acredita.node.storage.rights import Right
from acredita.registry.acts.ledger_name import InstallationName
from acredita.registry.acts.proposal import ActProposal, new_proposal
from acredita.registry.json_documents.jcs import jcs
from acredita.registry.keys.key_statement import KeyStatement, make_statement
from acredita.registry.keys.multikey import encode_multibase, key_id
from acredita.registry.ledger_facts.histories import ASSERTION, ValidityWindow
from acredita.registry.ledger_facts.named_documents import MAX_DOCUMENT_BYTES
from acredita.registry.ledger_facts.withheld_list import draft_withheld, sign_withheld
from acredita.registry.programmes.programme import parse_programme
from eth_hash.auto import keccak
from sqlalchemy import func, select

from tests.node.http.two_institution_node import Client, TwoInstitutionNode
from tests.registry.world import ACT, BASE, DAY, Party, World, party, signer
from tests.waiting import PATIENCE_SECONDS

WEB = party("web", "did:web:ut.example")


def sha256(content: bytes) -> Digest:
    return Digest(hashlib.sha256(content).digest())


@dataclass
class NamedDocuments:
    """A node with an index of a world's ledger, whose storage has no document yet."""

    world: World
    dependencies: NodeDependencies
    usual: Client | None = None

    def client(self, **changes: Any) -> Client:
        self.advance()
        return TwoInstitutionNode(None, replace(self.dependencies, **changes)).client()  # type: ignore[arg-type]

    def advance(self) -> None:
        """Bring the index to the ledger's head."""
        database, world = self.dependencies.database, self.world
        follower = IndexFollower(database, Leases(database, "index"), world.ledger, world.trust(), world.clock)
        assert follower.advance().fault is None

    def request(self, method: str, url: str, content: bytes | None = None, **changes: Any) -> httpx.Response:
        """Send a request to the one application of the test, or to one with other dependencies."""
        if changes:
            with self.client(**changes) as other:
                return other.request(method, url, content=content)
        self.usual = self.usual or self.client()
        return self.usual.request(method, url, content=content)

    def close(self) -> None:
        if self.usual is not None:
            self.usual.__exit__(None, None, None)

    def put(self, content: bytes, digest: Digest | None = None, **changes: Any) -> httpx.Response:
        return self.request("PUT", f"/v1/documents/{(digest or sha256(content)).hex()}", content, **changes)

    def get(self, digest: Digest, **changes: Any) -> httpx.Response:
        return self.request("GET", f"/v1/documents/{digest.hex()}", **changes)

    def withheld_store(self) -> WithheldStore:
        """Return the node's list of withheld documents, as its mirror keeps it."""
        known = self.dependencies
        return WithheldStore(known.database, known.folder, known.trust, known.clock)

    def counts(self) -> tuple[int, int]:
        """Return how many documents and proposals are stored."""
        with self.dependencies.database.read() as connection:
            rows = [
                connection.execute(select(func.count()).select_from(row)).scalar_one()
                for row in (DocumentRow, ProposalRow)
            ]
        return rows[0], rows[1]

    def statement(self, who: Party) -> KeyStatement:
        registry = Address(self.world.contracts.issuer_registry)
        return make_statement(self.world.chain.chain_id, registry, who.id, 1, who.key)

    def propose(self, act: bytes, call: Call | None = None) -> int:
        """Let a member propose something by an act. Return the proposal's number."""
        world = self.world
        council = bindings.Council(world.contracts.council)
        called = call or world.issuers.suspend(WEB.id, sha256(act))
        world.act(world.members[0], council.propose(called.to, bytes(keccak(called.data)), sha256(act)))
        return int(world.ledger.read(council.proposal_count()))


@pytest.fixture(scope="module")
def shared_world() -> World:
    world = World()
    world.pass_time(10 * DAY)
    world.accredit(WEB, world.scope(WEB, name={"en": "School", "es": "Escuela"}))
    return world


def node_of(world: World, database: Database, folder: Path) -> NamedDocuments:
    return NamedDocuments(
        world, NodeDependencies(database, TrustFolder(folder), world.trust(), world.ledger, world.clock, BASE)
    )


@pytest.fixture
def named(shared_world: World, migrated: Path, tmp_path: Path) -> Iterator[NamedDocuments]:
    shutil.copy(migrated, tmp_path / "node.db")
    database = Database.open(f"sqlite:///{tmp_path / 'node.db'}?timeout={PATIENCE_SECONDS}")
    with shared_world.branch():
        opened = node_of(shared_world, database, tmp_path / "public")
        yield opened
        opened.close()
    database.close()


@pytest.fixture
def on_both(shared_world: World, database: Database, tmp_path: Path) -> Iterator[NamedDocuments]:
    """Return the same node on each of the two databases."""
    with shared_world.branch():
        opened = node_of(shared_world, database, tmp_path / "public")
        yield opened
        opened.close()


def test_what_each_party_names_is_taken_and_given_out(on_both: NamedDocuments) -> None:
    """Send a scope and an act of the council, a report of the agency, a programme and a key statement of an institution."""
    world = on_both.world
    programme = {**dict(world.documents.programme("analitica-ingenieria").document), "issuer": WEB.did}
    report, act = b"%PDF-1.7 un informe inventado", b"una resoluci\xc3\xb3n inventada"
    world.act(world.agency, world.issuers.review(WEB.id, True, sha256(report)))
    world.act(WEB.control, world.programmes.submit(WEB.id, sha256(jcs(programme))))
    on_both.propose(act)
    scope = world.document_source.scopes[world.observer().party(WEB.id).scope_at(world.now)]  # type: ignore[union-attr,index]
    sent = [
        (jcs(dict(scope.document)), "application/json", "json"),
        (jcs(programme), "application/json", "json"),
        (on_both.statement(WEB).data, "application/octet-stream", "bin"),
        (report, "application/pdf", "pdf"),
        (act, "application/octet-stream", "bin"),
    ]
    for content, media_type, ending in sent:
        digest = sha256(content)
        answer = on_both.put(content)
        assert (answer.status_code, answer.json()) == (201, {"sha256": digest.hex(), "new": True, "public": True})
        assert on_both.put(content).json() == {"sha256": digest.hex(), "new": False, "public": True}
        got = on_both.get(digest)
        assert (got.status_code, got.content) == (200, content)
        assert got.headers["content-type"].partition(";")[0] == media_type
        assert got.headers["content-disposition"] == f'attachment; filename="{digest.hex()}.{ending}"'
        assert got.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert got.headers["x-content-type-options"] == "nosniff"
        with on_both.client() as client:
            again = client.get(f"/v1/documents/{digest.hex()}", headers={"If-None-Match": got.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert on_both.counts() == (5, 0)


def test_a_document_nobody_named(named: NamedDocuments) -> None:
    answer = named.put(b"un archivo cualquiera")
    assert (answer.status_code, answer.json()["code"]) == (403, "DOCUMENT_NOT_NAMED")
    assert named.get(sha256(b"un archivo cualquiera")).status_code == 404
    assert named.counts() == (0, 0)


def test_a_document_under_another_name(named: NamedDocuments) -> None:
    act = b"una resolucion"
    named.propose(act)
    answer = named.put(b"otra resolucion", sha256(act))
    assert (answer.status_code, answer.json()["code"]) == (422, "DOCUMENT_DIGEST_MISMATCH")
    assert named.counts() == (0, 0)


@pytest.mark.parametrize("size", [0, MAX_DOCUMENT_BYTES + 1])
def test_a_document_of_another_size(named: NamedDocuments, size: int) -> None:
    act = b"a" * size
    named.propose(act)
    answer = named.put(act)
    assert (answer.status_code, answer.json()["code"]) == (413, "DOCUMENT_SIZE")
    assert named.counts() == (0, 0)


def test_the_largest_document_is_taken(named: NamedDocuments) -> None:
    """Take more bytes than other bodies may have."""
    act = b"a" * MAX_DOCUMENT_BYTES
    named.propose(act)
    assert named.put(act).status_code == 201


def test_a_document_of_another_kind(named: NamedDocuments) -> None:
    """Name as a programme and as a key what is neither, and as an act JSON that is not in its one form."""
    world = named.world
    other = b'{"format": "acredita-scope/1"}'
    world.act(WEB.control, world.programmes.submit(WEB.id, sha256(b'{"id":"x"}')))
    foreign = make_statement(1, Address(world.contracts.issuer_registry), WEB.id, 1, WEB.key)
    world.act(WEB.control, world.issuers.add_key(WEB.id, b"\x01" * 32, 1, foreign.digest))
    named.propose(other)
    for content in (b'{"id":"x"}', foreign.data, other):
        answer = named.put(content)
        assert (answer.status_code, answer.json()["code"]) == (422, "DOCUMENT_KIND_MISMATCH"), content
    assert named.counts() == (0, 0)


def test_the_statement_of_another_key(named: NamedDocuments) -> None:
    world = named.world
    statement = named.statement(party("stranger", WEB.did))
    world.act(WEB.control, world.issuers.add_key(WEB.id, b"\x02" * 32, 1, statement.digest))
    answer = named.put(statement.data)
    assert (answer.status_code, answer.json()["code"]) == (422, "DOCUMENT_KIND_MISMATCH")


def test_an_applicants_document_is_the_authoritys_alone(named: NamedDocuments) -> None:
    """Send it to an institution's node, then to the authority's. It is public from the first activation on, and stays so."""
    world, late = named.world, party("late")
    world.apply(late)
    statement = named.statement(late)
    refused = named.put(statement.data)
    assert (refused.status_code, refused.json()["code"]) == (403, "DOCUMENT_OF_APPLICANT")
    assert named.counts() == (0, 0)
    taken = named.put(statement.data, takes_applicants=True)
    assert (taken.status_code, taken.json()["public"]) == (201, False)
    assert named.get(statement.digest).status_code == 404
    with named.client(), named.dependencies.database.write() as connection:
        tokens = [
            create_token(
                connection,
                label="t",
                rights=[Right.ADMIN],
                issuer=issuer,
                now=world.clock(),
                random=lambda n, m=mark: m * n,
                expires=None,
            )
            for mark, issuer in ((b"\x01", None), (b"\x02", WEB.id))
        ]
    answers = []
    for token in tokens:
        with named.client() as client:
            address = f"/v1/documents/{statement.digest.hex()}"
            answers.append(client.get(address, headers={"Authorization": f"Bearer {token}"}))
    assert [answer.status_code for answer in answers] == [200, 404]
    assert answers[0].headers["cache-control"] == "private, no-store"
    world.decide(world.issuers.activate(late.id, world.now + 30 * DAY, world.scope(late).digest, ACT))
    assert named.get(statement.digest).content == statement.data
    world.pass_time(40 * DAY)
    assert named.get(statement.digest).status_code == 200
    assert named.put(statement.data).json()["public"] is True


def test_an_applicants_key_is_in_no_did_document(named: NamedDocuments) -> None:
    """Build no DID document from a statement that is not public. After the first activation it is built."""
    world, late = named.world, party("late", "did:web:late.example")
    world.apply(late)
    assert named.put(named.statement(late).data, takes_applicants=True).status_code == 201

    def resolved() -> int:
        with named.client(takes_applicants=True) as client:
            return client.get(f"/1.0/identifiers/{late.did}").status_code

    assert resolved() == 404
    world.decide(world.issuers.activate(late.id, world.now + 30 * DAY, world.scope(late).digest, ACT))
    assert resolved() == 200


def test_an_applicant_fills_no_storage(on_both: NamedDocuments) -> None:
    """Count all that an applicant names as one subject: its programmes too."""
    world, late = on_both.world, party("late")
    world.apply(late)
    contents = []
    template = dict(world.documents.programme("analitica-ingenieria").document)
    for number in range(2):
        content = jcs({**template, "issuer": late.did, "version": f"1.0.{number}"})
        world.act(late.control, world.programmes.submit(late.id, sha256(content)))
        contents.append(content)
    with on_both.client(), on_both.dependencies.database.write() as connection:
        for number in range(63):
            earlier = documents.StoredDocument(Digest(bytes([number]) * 32), "act", "x/y", late.id, late.id, b"x")
            documents.insert_document(connection, earlier, 1)
    answers = [on_both.put(content, takes_applicants=True) for content in contents]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert answers[-1].json()["code"] == "DOCUMENTS_FULL"
    assert on_both.counts() == (64, 0)


def test_the_bytes_of_a_subject_have_a_limit(named: NamedDocuments) -> None:
    world = named.world
    acts = [bytes([65 + number]) * size for number, size in enumerate((MAX_DOCUMENT_BYTES, MAX_DOCUMENT_BYTES - 1, 2))]
    for act in acts:
        world.pass_time(2 * DAY)
        world.act(world.agency, world.issuers.review(WEB.id, True, sha256(act)))
    assert [named.put(act).status_code for act in acts] == [201, 201, 409]


def test_without_an_index_nobody_is_told_that_nothing_is_named(named: NamedDocuments) -> None:
    act = b"una resolucion"
    named.propose(act)
    node = TwoInstitutionNode(None, named.dependencies)  # type: ignore[arg-type]
    with node.client() as client:
        answer = client.request("PUT", f"/v1/documents/{sha256(act).hex()}", content=act)
    assert (answer.status_code, answer.json()["code"]) == (503, "LEDGER_INCOMPLETE")


def test_requests_of_one_address_are_bounded(named: NamedDocuments) -> None:
    with named.client(records_rate=RateLimits(1, 2)) as client:
        statuses = [client.get(f"/v1/documents/{'0' * 64}").status_code for _ in range(2)]
        answers = [
            client.request("PUT", f"/v1/documents/{'0' * 64}", content=b"x"),
            client.get("/v1/proposals/1"),
            client.request("PUT", "/v1/proposals/1", content=b"{}"),
        ]
    assert statuses == [404, 404]
    assert [answer.status_code for answer in answers] == [429] * 3
    assert all("retry-after" in answer.headers for answer in answers)


def test_documents_of_the_folder_have_the_form_of_their_name(named: NamedDocuments, tmp_path: Path) -> None:
    folder = tmp_path / "public" / "documents"
    folder.mkdir(parents=True)
    value, statement = {"b": 1, "a": "ñ"}, named.statement(WEB)
    (folder / f"{sha256(jcs(value)).hex()}.json").write_text(json.dumps(value, indent=2))
    (folder / f"{statement.digest.hex()}.bin").write_bytes(statement.data)
    (folder / f"{'0' * 64}.bin").write_bytes(statement.data)
    assert named.get(sha256(jcs(value))).content == jcs(value)
    assert named.get(statement.digest).content == statement.data
    assert named.get(Digest(bytes(32))).status_code == 404


# ---- proposals ------------------------------------------------------------------------------------------------


def proposal_of(named: NamedDocuments, act: bytes, title: str = "Acto") -> ActProposal:
    trust = named.world.trust()
    return new_proposal(
        InstallationName.of(trust), named.world.issuers.suspend(WEB.id, sha256(act)), sha256(act), title, [WEB.did]
    )


def put_proposal(named: NamedDocuments, number: int, document: object) -> httpx.Response:
    return named.request("PUT", f"/v1/proposals/{number}", json.dumps(document).encode())


def test_a_proposal_is_public_before_it_is_approved(named: NamedDocuments) -> None:
    number = named.propose(b"acto")
    proposal = proposal_of(named, b"acto")
    assert put_proposal(named, number, proposal.document()).json() == {"proposal": number, "new": True}
    assert put_proposal(named, number, proposal.numbered(number).document()).status_code == 200
    with named.client() as client:
        got = client.get(f"/v1/proposals/{number}")
        again = client.get(f"/v1/proposals/{number}", headers={"If-None-Match": got.headers["etag"]})
        assert client.get(f"/v1/proposals/{number + 1}").status_code == 404
    assert got.json() == proposal.numbered(number).document()
    assert again.status_code == 304


def test_what_is_not_the_chains_is_not_taken(named: NamedDocuments) -> None:
    number = named.propose(b"acto")
    document = proposal_of(named, b"acto").document()
    other_call = named.world.issuers.revoke(WEB.id, sha256(b"acto"))
    faults = [
        ({"calldata": "0x" + other_call.data.hex()}, 422, "CALLDATA_MISMATCH"),
        ({"act": {"sha256": "0x" + "11" * 32, "title": "Acto"}}, 422, "PROPOSAL_MISMATCH"),
        ({"target": "0x" + "11" * 20}, 422, "PROPOSAL_MISMATCH"),
        ({"dids": ["did:web:otra.example"]}, 422, "PROPOSAL_MISMATCH"),
        ({"genesis": "0x" + "11" * 32}, 422, "ACT_OTHER_LEDGER"),
        ({"council": "0x" + "11" * 20}, 422, "ACT_OTHER_LEDGER"),
        ({"format": "acredita-proposal/2"}, 400, "VALUE_MALFORMED"),
        ({"more": 2**60}, 400, "VALUE_MALFORMED"),
    ]
    for change, status, code in faults:
        answer = put_proposal(named, number, {**document, **change})
        assert (answer.status_code, answer.json()["code"]) == (status, code), change
    unknown = put_proposal(named, number + 1, document)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "PROPOSAL_UNKNOWN")
    assert put_proposal(named, number, ["no", "object"]).status_code == 400
    assert named.counts() == (0, 0)


def test_the_first_proposal_of_a_number_stays(on_both: NamedDocuments) -> None:
    number = on_both.propose(b"acto")
    put_proposal(on_both, number, proposal_of(on_both, b"acto").document())
    answer = put_proposal(on_both, number, proposal_of(on_both, b"acto", title="Otro nombre").document())
    assert (answer.status_code, answer.json()["code"]) == (409, "PROPOSAL_STORED")
    with on_both.client() as client:
        assert client.get(f"/v1/proposals/{number}").json()["act"]["title"] == "Acto"


def test_a_large_proposal_is_not_read(named: NamedDocuments) -> None:
    answer = put_proposal(named, 1, {"more": "a" * 300_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


# ---- withheld documents ---------------------------------------------------------------------------------------


def withheld_list(named: NamedDocuments, number: int, *digests: Digest, signers: int = 1) -> dict[str, Any]:
    document = draft_withheld(named.world.trust(), number, digests, named.world.now)
    return sign_withheld(document, signer("authority")) if signers else document


def put_withheld(named: NamedDocuments, document: object) -> httpx.Response:
    return named.request("PUT", "/v1/withheld", json.dumps(document).encode())


def test_a_withheld_document_is_neither_missing_nor_given_out(on_both: NamedDocuments) -> None:
    """Withhold a document that the node has and one that it lacks, and release the first."""
    here, absent = b"un acto con un nombre", b"otro acto"
    for act in (here, absent):
        on_both.propose(act)
    on_both.put(here)
    with on_both.client() as client:
        assert client.get("/v1/withheld").status_code == 404
    first = withheld_list(on_both, 1, sha256(here), sha256(absent))
    assert put_withheld(on_both, first).json() == {"number": 1, "new": True}
    assert put_withheld(on_both, first).json() == {"number": 1, "new": False}
    for answer in (on_both.get(sha256(here)), on_both.put(absent), on_both.put(here)):
        assert (answer.status_code, answer.json()["code"]) == (451, "DOCUMENT_WITHHELD")
    assert on_both.counts() == (1, 0)
    with on_both.client() as client:
        got = client.get("/v1/withheld")
        assert client.get("/v1/withheld", headers={"If-None-Match": got.headers["etag"]}).status_code == 304
    assert got.json() == first
    assert put_withheld(on_both, withheld_list(on_both, 2, sha256(absent))).status_code == 201
    assert on_both.get(sha256(here)).content == here
    with on_both.dependencies.database.read() as connection:
        acts = [event.detail for event in trail.events(connection) if event.action == trail.Action.WITHHELD]
    assert acts == ['{"documents":2,"number":1}', '{"documents":1,"number":2}']


def test_a_list_that_does_not_count(named: NamedDocuments) -> None:
    """Send lists without enough signatures, of another key, of another chain, altered, and not above the one in force."""
    digest = sha256(b"acto")
    unsigned = withheld_list(named, 3, digest, signers=0)
    foreign = {**unsigned, "genesis": "0x" + "11" * 32}
    faults = [
        (unsigned, 422, "WITHHELD_SIGNATURES_TOO_FEW"),
        (sign_withheld(unsigned, signer("a stranger")), 422, "WITHHELD_SIGNATURES_TOO_FEW"),
        (sign_withheld(foreign, signer("authority")), 422, "WITHHELD_OTHER_LEDGER"),
        ({**withheld_list(named, 3, digest), "number": 4}, 400, "WITHHELD_MALFORMED"),
        ({**unsigned, "documents": ["0x" + "22" * 32, "0x" + "11" * 32]}, 400, "WITHHELD_MALFORMED"),
        ({**unsigned, "number": 0}, 400, "WITHHELD_MALFORMED"),
        ([], 400, "WITHHELD_MALFORMED"),
    ]
    for document, status, code in faults:
        answer = put_withheld(named, document)
        assert (answer.status_code, answer.json()["code"]) == (status, code), document
    assert put_withheld(named, withheld_list(named, 3, digest)).status_code == 201
    for older in (withheld_list(named, 2), withheld_list(named, 3)):
        answer = put_withheld(named, older)
        assert (answer.status_code, answer.json()["code"]) == (409, "WITHHELD_LIST_OLDER")
    with named.client() as client:
        assert client.get("/v1/withheld").json()["number"] == 3


def test_a_mirrors_copy_of_the_list_counts_by_its_signatures(named: NamedDocuments, tmp_path: Path) -> None:
    act = b"acto"
    named.propose(act)
    named.put(act)
    file = tmp_path / "public" / "withheld.json"
    file.parent.mkdir()
    file.write_text(json.dumps(withheld_list(named, 1, sha256(act), signers=0)))
    assert named.get(sha256(act)).status_code == 200
    file.write_text(json.dumps(withheld_list(named, 1, sha256(act))))
    assert named.get(sha256(act)).status_code == 451
    assert put_withheld(named, withheld_list(named, 2)).status_code == 201
    assert named.get(sha256(act)).status_code == 200


def test_a_mirrors_copy_outlives_the_keys_that_signed_it(named: NamedDocuments, tmp_path: Path) -> None:
    """Keep a list that counted when it was copied. The trust file after it names other keys."""
    act, other = b"acto", encode_multibase(signer("another authority").multikey)
    named.propose(act)
    named.put(act)
    file = tmp_path / "public" / "withheld.json"
    file.parent.mkdir()
    later = replace(named.world.trust(), keys=(other,))
    for number in (1, 2, 2):
        file.write_text(json.dumps(withheld_list(named, number, sha256(act))))
        named.withheld_store().keep_copy()
        assert named.get(sha256(act), trust=later).status_code == 451
    file.unlink()
    assert named.get(sha256(act)).status_code == 451
    with named.client() as client:
        assert client.get("/v1/withheld").json()["number"] == 2


# ---- another institution's credential -------------------------------------------------------------------------


def test_anothers_credential_verifies_by_the_documents_that_were_sent(named: NamedDocuments) -> None:
    """Verify at a node that has no file of the issuer: before its documents came, and after."""
    world = named.world
    template = world.documents.programme("analitica-ingenieria")
    programme = parse_programme({**dict(template.document), "issuer": WEB.did})
    world.approve(WEB, programme)
    window = ValidityWindow(ASSERTION, 0)
    world.document_source.dids[WEB.did] = did_web_document(
        WEB.did, {key_id(WEB.key.multikey): (WEB.key.public, window)}
    )
    credential = world.sign(WEB, programme, created=world.now, valid_from=world.now)
    [receipt] = world.anchor(WEB, [credential])
    body = json.dumps({"credential": credential.document, "receipt": receipt.to_document()}).encode()

    def steps() -> dict[int, tuple[str, str]]:
        with named.client() as client:
            report = client.post("/v1/verify", content=body).json()
        return {step["step"]: (step["outcome"], step["code"]) for step in report["steps"]}

    before = steps()
    assert {step: before[step] for step in (3, 9)} == {3: ("passed", None), 9: ("not_checked", "DOCUMENT_MISSING")}
    with named.client() as client:
        assert client.get(f"/1.0/identifiers/{WEB.did}").status_code == 404
        assert client.get("/registry.json").json()["code"] == "DOCUMENT_MISSING"
        assert client.get(f"/v1/programmes/{programme.digest.hex()}").json()["document"] is None
    scope = world.observer().party(WEB.id).scope_at(world.now)  # type: ignore[union-attr]
    assert scope is not None
    for content in (
        named.statement(WEB).data,
        jcs(dict(programme.document)),
        jcs(dict(world.document_source.scopes[scope].document)),
    ):
        assert named.put(content).status_code == 201
    after = steps()
    assert {step: after[step] for step in (3, 4, 5, 8, 9)} == dict.fromkeys((3, 4, 5, 8, 9), ("passed", None))
    with named.client() as client:
        listed = client.get("/registry.json").json()["registry"]
        did_document = client.get(f"/1.0/identifiers/{WEB.did}").json()
        shown = client.get(f"/v1/programmes/{programme.digest.hex()}").json()["document"]
    assert listed[WEB.did]["name"] == "Escuela"
    assert WEB.method in json.dumps(did_document)
    assert shown == programme.document

    def proven_documents() -> list[object]:
        """Return the documents that an answer with proof carries."""
        url = f"/v1/programmes/{programme.digest.hex()}?proof=1&owner={WEB.id.hex()}"
        with named.client(trust=world.trust()) as client:
            answer = client.get(url)
        assert answer.status_code == 200, answer.text
        documents: list[object] = answer.json()["documents"]
        return documents

    assert proven_documents() == [programme.document]
    assert put_withheld(named, withheld_list(named, 1, programme.digest)).status_code == 201
    with named.client() as client:
        assert client.get(f"/v1/programmes/{programme.digest.hex()}").json()["document"] is None
    assert proven_documents() == []
    assert steps() == after, "a withheld document still counts in a verdict"
