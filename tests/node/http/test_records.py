"""The records of a subject over HTTP fold to what the ledger states, with the index and without it."""

from collections.abc import Iterator

import pytest
from acredita.anchoring.types import Address, from_hex
from acredita.contracts import bindings
from acredita.node.index.follower import IndexFollower
from acredita.node.storage import ledger_gaps
from acredita.node.storage.leases import Leases
from acredita.registry.ledger_facts.trust_file import Trust

from tests.node.http.two_institution_node import Client, TwoInstitutionNode


def advance(node: TwoInstitutionNode) -> None:
    """Bring the node's index to the ledger's head."""
    dependencies = node.dependencies
    assert isinstance(dependencies.trust, Trust)
    leases = Leases(dependencies.database, "index")
    run = IndexFollower(dependencies.database, leases, node.demo.ledger, dependencies.trust, node.demo.clock).advance()
    assert run.fault is None


def pages(client: Client, contract: str, subject: bytes, limit: int) -> list[bytes]:
    """Return all records of a subject, page by page."""
    records: list[bytes] = []
    offset: int | None = 0
    while offset is not None:
        answer = client.get(f"/v1/records/{contract}/{subject.hex()}", params={"offset": offset, "limit": limit})
        page = answer.json()
        assert (answer.status_code, page["format"], page["contract"]) == (200, "acredita-records/1", contract)
        assert len(page["records"]) <= limit
        records += [bytes.fromhex(record[2:]) for record in page["records"]]
        offset = page["next"]
    return records


def folded(records: list[bytes]) -> bytes:
    history = bindings.EMPTY_HISTORY
    for record in records:
        history = bindings.fold_history(history, record)
    return history


@pytest.fixture(params=["from the ledger", "from the index"])
def served(request: pytest.FixtureRequest, node: TwoInstitutionNode) -> Iterator[Client]:
    node.issue(8_100 + request.param_index)
    node.anchor()  # the ledger has a block that the index does not have yet
    if request.param == "from the index":
        advance(node)
    with node.client() as opened:
        yield opened


def test_the_records_of_a_party_fold_to_its_history(node: TwoInstitutionNode, served: Client) -> None:
    ledger, trust = node.demo.ledger, node.dependencies.trust
    assert isinstance(trust, Trust)
    registry = bindings.IssuerRegistry(trust.contracts.issuer_registry)
    whole = pages(served, "issuer_registry", node.tenant.issuer, 100)
    assert len(whole) > 5
    assert folded(whole) == ledger.read(registry.history(node.tenant.issuer))
    assert pages(served, "issuer_registry", node.tenant.issuer, 2) == whole
    answer = served.get(f"/v1/records/issuer_registry/{node.tenant.issuer.hex()}").json()
    assert from_hex(answer["address"], 20, "/address") == Address(registry.address)
    assert answer["block"] == ledger.head().number


def test_the_records_of_a_log_are_its_checkpoints(node: TwoInstitutionNode, served: Client) -> None:
    trust = node.dependencies.trust
    assert isinstance(trust, Trust)
    log = bindings.CredentialLog(trust.contracts.credential_log)
    head = node.demo.ledger.read(log.head(node.tenant.issuer))
    records = pages(served, "credential_log", node.tenant.issuer, 1)
    assert len(records) == (head >> 88) & ((1 << 40) - 1), "one record a checkpoint, the opening has none"


def test_a_programme_version_and_a_stranger(node: TwoInstitutionNode, served: Client) -> None:
    trust = node.dependencies.trust
    assert isinstance(trust, Trust)
    registry = bindings.ProgrammeRegistry(trust.contracts.programme_registry)
    document = node.demo.texts.programme("ind40-fundamentos").digest
    version = bindings.programme_version(node.tenant.issuer, document)
    assert folded(pages(served, "programme_registry", version, 1)) == node.demo.ledger.read(registry.history(version))
    assert pages(served, "programme_registry", bytes(32), 100) == []
    for path in (f"council/{'0' * 64}", "issuer_registry/0"):
        answer = served.get(f"/v1/records/{path}")
        assert (answer.status_code, answer.json()["code"]) == (400, "PARAMETER_MALFORMED")


def test_an_index_behind_the_head_is_not_used(node: TwoInstitutionNode) -> None:
    """Answer at the ledger's head, with the record that the index does not have yet."""
    advance(node)
    with node.client() as client:
        before = pages(client, "credential_log", node.tenant.issuer, 100)
        node.issue(8_102)
        node.anchor()
        assert pages(client, "credential_log", node.tenant.issuer, 100)[:-1] == before
        answer = client.get(f"/v1/records/issuer_registry/{node.tenant.issuer.hex()}").json()
    assert answer["block"] == node.demo.ledger.head().number


def test_answers_are_the_same_from_the_index(node: TwoInstitutionNode) -> None:
    """Ask for lists, single entries and verdicts before and after the index has reached the head."""
    programme = node.demo.texts.programme("ind40-fundamentos").digest.hex()
    paths = ("/v1/issuers", f"/v1/issuers/{node.tenant.issuer.hex()}", "/v1/programmes", f"/v1/programmes/{programme}")
    node.issue(8_103)
    node.anchor()
    answers = []
    for _ in range(2):
        with node.client() as client:
            listed = [client.get(path).json() for path in paths]
            reports = [client.post("/v1/verify", content=node.credential(digest)).json() for digest in node.digests[:4]]
        answers.append((listed, [{**report, "checked_at": ""} for report in reports]))
        advance(node)
    assert answers[0] == answers[1]
    assert {report["verdict"] for report in answers[1][1]} >= {"recognised"}


def test_a_page_is_the_same_at_one_block(node: TwoInstitutionNode, served: Client) -> None:
    path = f"/v1/records/issuer_registry/{node.tenant.issuer.hex()}"
    etag = served.get(path).headers["ETag"]
    unchanged = served.get(path, headers={"If-None-Match": etag})
    assert (unchanged.status_code, unchanged.content, unchanged.headers["ETag"]) == (304, b"", etag)
    node.issue(8_104 + int(etag[1:5], 16))
    node.anchor()
    assert served.get(path, headers={"If-None-Match": etag}).status_code == 200


def test_lists_say_that_records_are_missing(node: TwoInstitutionNode) -> None:
    """Store a gap in the issuer registry: its list says so, and a format that cannot say so is not answered."""
    advance(node)
    database = node.dependencies.database
    with database.write() as connection:
        ledger_gaps.open_gaps(connection, [ledger_gaps.IndexGap(1, 0, bytes(32))], [(1, bytes(32))])
    try:
        with node.client() as client:
            issuers = client.get("/v1/issuers").json()
            assert (issuers["whole"], client.get("/v1/programmes").json()["whole"]) == (False, True)
            assert node.tenant.issuer.hex() in str(issuers["issuers"])
            listed = client.get("/registry.json")
            assert (listed.status_code, listed.json()["code"]) == (503, "LEDGER_INCOMPLETE")
    finally:
        with database.write() as connection:
            ledger_gaps.end_gaps(connection, [1])
    with node.client() as client:
        assert client.get("/v1/issuers").json()["whole"] is True
        assert client.get("/registry.json").status_code == 200
