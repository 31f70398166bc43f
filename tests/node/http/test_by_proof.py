"""A node with `ledger.proofs` on a QBFT network: what it answers and indexes is proven, whatever the endpoint's views say."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.ledger import Ledger
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import IssuerId
from acredita.node.config import Configuration, LedgerSettings
from acredita.node.http.dependencies import NodeDependencies
from acredita.node.index.follower import IndexFollower, IndexStep
from acredita.node.publication.trust_folder import TrustFolder
from acredita.node.runtime.open_node import RunningNode
from acredita.node.storage.database import Database
from acredita.node.storage.leases import Leases
from acredita.registry.evidence.proven_answer import ProvenAnswer, proven_answer
from acredita.registry.evidence.proven_ledger import ProvenLedger
from acredita.registry.evidence.registry_proof import read_registry_proof
from acredita.registry.ledger_facts.facts import Missing

from tests.node.http.two_institution_node import Client, TwoInstitutionNode
from tests.registry.sealed import network_of, sealed_trust
from tests.registry.world import BASE, STATUS_ONLY, AnchoredWorld, Credential, World, build_anchored_world
from tests.simulators.qbft_endpoint import QbftEndpoint
from tests.simulators.qbft_lies import false_views


class FolderWithEntries(TrustFolder):
    """A node's folder with the entries of every log of a world at hand."""

    def __init__(self, base: Path, world: World) -> None:
        super().__init__(base)
        self._world = world

    def entries_of(self, issuer: IssuerId) -> Mapping[int, bytes]:
        return self._world.entries_of(issuer)


@dataclass
class ProvingNode:
    """A node over an anchored world, which believes none of its endpoint's views."""

    anchored: AnchoredWorld
    folder: Path
    database: Database

    @property
    def world(self) -> World:
        return self.anchored.world

    @property
    def endpoint(self) -> Ledger:
        """An endpoint whose every view is false."""
        return QbftEndpoint(network_of(self.world), 2).ledger(false_views(Random(1)))

    def running(self, *, proofs: bool) -> RunningNode:
        configuration = Configuration(ledger=LedgerSettings(proofs=proofs))
        trust, folder = sealed_trust(self.world), FolderWithEntries(self.folder, self.world)
        return RunningNode(configuration, self.database, folder, trust, self.endpoint, None, self.world.clock)

    def client(self, *, proofs: bool = True) -> Client:
        node = self.running(proofs=proofs)
        dependencies = NodeDependencies(node.database, node.folder, node.trust, node.reading_ledger, node.clock, BASE)
        return TwoInstitutionNode(None, dependencies).client()  # type: ignore[arg-type]

    def verdict(self, client: Client, credential: Credential, at: int | None = None) -> dict[str, Any]:
        receipt = self.world.receipt(self.anchored.up, credential).to_document()
        question: dict[str, Any] = {"credential": credential.document, "receipt": receipt}
        question |= {} if at is None else {"at": time_text(at)}
        answer: dict[str, Any] = client.post("/v1/verify", content=json.dumps(question).encode()).json()
        return answer


@pytest.fixture
def proving(tmp_path: Path) -> Iterator[ProvingNode]:
    anchored = build_anchored_world()
    (tmp_path / "documents").mkdir()
    source = anchored.world.document_source
    for digest, document in [*source.programmes.items(), *source.scopes.items()]:
        (tmp_path / "documents" / f"{digest.hex()}.json").write_text(json.dumps(document.document))
    anchored.world.chain.mine()  # a head of now
    database = Database.create(f"sqlite:///{tmp_path / 'node.db'}")
    yield ProvingNode(anchored, tmp_path, database)
    database.close()


def test_only_what_is_proven_is_answered(proving: ProvingNode) -> None:
    world, anchored = proving.world, proving.anchored
    before = world.now
    revoked = anchored.credentials[1]
    world.pass_time(60)
    world.anchor(anchored.up, changes=[(EntryKind.REVOKED, revoked.position)], kind=STATUS_ONLY)
    with proving.client() as client:
        assert proving.verdict(client, anchored.good)["verdict"] == "recognised"
        assert proving.verdict(client, revoked)["code"] == "CREDENTIAL_REVOKED"
        past = proving.verdict(client, revoked, before)
        assert (past["verdict"], past["as_of"]) == ("recognised", time_text(before))
        assert proving.verdict(client, revoked)["code"] == "CREDENTIAL_REVOKED", "the past is not mistaken for now"
        listed = client.get("/v1/issuers").json()
        assert [row["did"] for row in listed["issuers"]] == [anchored.up.did]
    with proving.client(proofs=False) as client:
        assert proving.verdict(client, anchored.good)["verdict"] == "indeterminate"


def test_answers_with_proof_come_from_a_sealed_head(proving: ProvingNode) -> None:
    """Ask a node whose endpoint lies in every view: the proof is of the newest sealed block, and it holds."""
    world, up = proving.world, proving.anchored.up
    trust = sealed_trust(world)
    for _ in range(2):
        with proving.client() as client:
            answer = client.get(f"/v1/issuers/{up.id.hex()}", params={"proof": "1"})
        proven = proven_answer(read_registry_proof(answer.content), trust)
        assert isinstance(proven, ProvenAnswer)
        head = world.chain.head
        assert (proven.answer["block"], proven.answer["now"]["recognised"]) == (head.number, True)
        world.pass_time(60)
        world.chain.mine()


def test_the_index_follows_by_proof(proving: ProvingNode) -> None:
    node = proving.running(proofs=True)
    assert not isinstance(node.trust, Missing)
    follower = IndexFollower(
        proving.database, Leases(proving.database, "test"), node.reading_ledger, node.trust, node.clock
    )
    assert follower.advance().step is IndexStep.ADVANCED
    for _ in range(7):
        proving.world.chain.mine()
    assert follower.advance().step is IndexStep.ADVANCED
    with proving.client() as client:
        assert proving.verdict(client, proving.anchored.good)["verdict"] == "recognised"


def test_a_node_sends_through_its_endpoints_and_reads_by_proof(proving: ProvingNode) -> None:
    node = proving.running(proofs=True)
    assert isinstance(node.reading_ledger, ProvenLedger)
    assert not isinstance(node.ledger, ProvenLedger)
    told = proving.running(proofs=False)
    assert told.reading_ledger is told.ledger
