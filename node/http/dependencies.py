"""Define the dependencies of an application: `NodeDependencies` are given, `Node` is built from them.

Every outside thing is here and nothing is global: two applications in one process share nothing. A handler gets the node
by `node: CurrentNode` in its signature.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final, cast
from urllib.parse import urlsplit

from acredita.anchoring.ledger import Ledger, LedgerUnavailable
from acredita.anchoring.types import IssuerId
from acredita.node.custody.key_ring import SigningKeyRefused
from acredita.node.http.known_proofs import KnownProofs
from acredita.node.http.metrics import Metrics
from acredita.node.http.request_rate import RateLimits, RequestRate
from acredita.node.http.slow_lane import SlowLane
from acredita.node.index.snapshot import IndexReader
from acredita.node.ledger.accreditation_watch import AccreditationWatch
from acredita.node.ledger.endpoint_watch import EndpointWatch
from acredita.node.ledger.own_logs import OwnLogs
from acredita.node.ledger.view import NodeObserver, Observations, SeenInMemory
from acredita.node.outbound.fetch import Fetcher
from acredita.node.publication.did_documents import DidDocuments
from acredita.node.publication.document_store import DocumentStore
from acredita.node.publication.proposal_store import ProposalStore
from acredita.node.publication.tiles import Notary
from acredita.node.publication.trust_folder import TrustFolder
from acredita.node.publication.withheld_store import WithheldStore
from acredita.node.runtime.signing_profiles import KnownContexts, SigningProfile, bundled_only
from acredita.node.runtime.tenant import Tenant
from acredita.node.storage import institutions
from acredita.node.storage.database import Database
from acredita.node.verification.node_documents import GivenOutDocuments, NodeDocuments
from acredita.registry.json_documents.strict import MAX_BYTES
from acredita.registry.keys.multikey import ED25519, parse_multikey
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.observed_block import SeenBlocks
from acredita.registry.ledger_facts.trust_file import Trust
from fastapi import Depends, Request

MAX_BODY_BYTES: Final = MAX_BYTES + 128 * 1024  # a credential at its limit, its receipt, and the keys around them
VERIFYING_THREADS: Final = 2  # more would only take turns at the interpreter, and share fewer ledger snapshots


@dataclass(frozen=True)
class NodeDependencies:
    """The dependencies that the start of a node gives to its application.

    `base`: the address under which the node is reached, without a slash at its end. `tenants`: the institutions it
    writes for; empty without their passphrase. `authority`: the DID of the authority whose registry this is.
    `profiles`, `contexts`, `fetcher`: for the VC-API. `records_rate`: for records, documents and proofs.
    `takes_applicants`: the authority's node, which takes documents of applicants.
    """

    database: Database
    folder: TrustFolder
    trust: Trust | Missing
    ledger: Ledger | None
    clock: Callable[[], int]
    base: str
    tenants: Mapping[IssuerId, Tenant] = field(default_factory=dict)
    authority: str | None = None
    endpoints: EndpointWatch | None = None
    seen_blocks: SeenBlocks = field(default_factory=SeenInMemory)
    max_body_bytes: int = MAX_BODY_BYTES
    profiles: tuple[SigningProfile, ...] = ()
    contexts: KnownContexts = field(default_factory=bundled_only)
    fetcher: Fetcher = field(default_factory=Fetcher)
    records_rate: RateLimits = field(default_factory=RateLimits)
    takes_applicants: bool = False


class Node:
    """The dependencies of an application, and what is built from them once at its start."""

    def __init__(self, dependencies: NodeDependencies) -> None:
        self.dependencies = dependencies
        self.database = dependencies.database
        self.database.keep_readers()
        self.clock = dependencies.clock
        self.tenants = dependencies.tenants
        trust, ledger, seen = dependencies.trust, dependencies.ledger, dependencies.seen_blocks
        index = None if isinstance(trust, Missing) else IndexReader(dependencies.database, trust)
        own, entries_of = OwnLogs(dependencies.database), dependencies.folder.entries_of
        self.observations = Observations(trust, ledger, entries_of, seen, index, own)
        self.withheld = WithheldStore(dependencies.database, dependencies.folder, trust, dependencies.clock)
        self.document_store = DocumentStore(
            dependencies.database,
            dependencies.folder,
            self.observations.now,
            dependencies.clock,
            takes_applicants=dependencies.takes_applicants,
            withheld=self.withheld,
        )
        self.proposal_store = ProposalStore(dependencies.database, dependencies.clock)
        folder = dependencies.folder
        self.did_documents = DidDocuments(folder, self.observations, self.document_store.key_statement)
        self.document_source = NodeDocuments(dependencies.database, folder, self.did_documents, self.document_store)
        self.given_out = GivenOutDocuments(self.document_source, self.withheld)
        self.accreditations = AccreditationWatch(dependencies.clock)
        self.metrics = Metrics(dependencies.database, dependencies.clock, dependencies.endpoints, self.accreditations)
        self.slow_lane = SlowLane()
        self.records_rate = RequestRate(dependencies.records_rate)
        self.known_proofs = KnownProofs()

    def at_head(self) -> None:
        """Prepare at the head what requests will ask for, and look at the institutions' accreditations for the metrics.

        Raises StorageUnavailable.
        """
        self.read_logs()
        with self.database.read() as connection:
            issuers = [one.issuer for one in institutions.institutions(connection)]
        self.accreditations.look(self.observer(), issuers)

    @property
    def host(self) -> str:
        """Host and port of the base address: the first part of a log's origin."""
        return urlsplit(self.dependencies.base).netloc

    def observer(self) -> NodeObserver | Missing:
        """Return the ledger at its newest block."""
        return self.observations.now()

    def read_logs(self) -> None:
        """Take every log at hand to the head, so that no request reads one whole. Raises StorageUnavailable."""
        observer = self.observer()
        if isinstance(observer, Missing):
            return
        for issuer in sorted({*self.tenants, *self.dependencies.folder.issuers_with_logs()}):
            try:
                observer.log(issuer)
            except LedgerUnavailable:
                return  # a request asks again, and says so

    def notary(self, issuer: IssuerId) -> Notary | None:
        """Return the signer of an institution's checkpoints, or None while no note key is open and in force."""
        tenant = self.tenants.get(issuer)
        if tenant is None:
            return None
        try:
            signer = tenant.keys.note()
        except SigningKeyRefused:
            return None
        key = parse_multikey(signer.multikey)
        if key.algorithm != ED25519:
            raise RuntimeError("a note key is an Ed25519 key")
        return Notary(self.host, issuer, key.raw, signer)


async def current_node(request: Request) -> Node:
    """Return the node that the application of this request serves. A coroutine, because it needs no thread."""
    return cast(Node, request.app.state.node)


CurrentNode = Annotated[Node, Depends(current_node)]
