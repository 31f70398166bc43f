"""An institution under a did:web on an embedded chain in memory, as its own operator has it: for tests of its keys.

Keystore and database are real files: whoever opens the institution a second time is another process for all it can tell.
"""

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from acredita.anchoring.ledger import Ledger
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.sender import Sender
from acredita.anchoring.types import Address, Digest
from acredita.contracts.abi import Deployment
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.node.administration.institution_keys import InstitutionKeys
from acredita.node.administration.single_operator import Operator, generate_authority, new_institution
from acredita.node.custody.key_ring import CONTROL, algorithm_of
from acredita.node.demo.cohorts import PLANS, cohort_csv
from acredita.node.demo.documents import DemoDocuments, documents_for, institutions
from acredita.node.ledger.single_operator_acts import ControlAccount
from acredita.node.ledger.view import NodeObserver
from acredita.node.publication.did_documents import LedgerFolder
from acredita.node.publication.public_files import publish
from acredita.node.publication.trust_folder import TrustFolder, read_trust
from acredita.node.runtime.tenant import Tenant, open_tenant
from acredita.node.storage.database import Database
from acredita.node.storage.leases import Leases
from acredita.node.verification.verifier import Verifier
from acredita.node.write_path.anchor import anchor_pending
from acredita.node.write_path.batch_report import BatchReport
from acredita.node.write_path.writer import AnchoringPolicy
from acredita.registry.credentials.cohort_rows import csv_rows
from acredita.registry.keys.keystore import Keystore
from acredita.registry.keys.scrypt_cost import LEAST_N
from acredita.registry.programmes.programme import Programme
from acredita.registry.verification.case import Moment

from tests.simulators.installation import GENESIS_TIME, SteppingClock

DID = "did:web:nodo.example%3A8443:ut"
BASE = "https://nodo.example:8443"
PASSPHRASE = b"secreto"
PROGRAMME = "ind40-fundamentos"
YEAR = 365 * 24 * 3600


@dataclass
class DidWebInstitution:
    """Institution under a did:web, as its operator has it: a chain, a folder, the authority's keystore and its own."""

    folder: Path
    chain: Chain
    clock: SteppingClock
    contracts: Deployment
    operator: Operator
    did: str = DID
    cryptosuite: str = "eddsa-rdfc-2022"
    learners: Iterator[int] = field(default_factory=lambda: iter(range(1, 10_000)))
    opened: list[Database] = field(default_factory=list)
    database_url: str = ""

    @property
    def ledger(self) -> Ledger:
        return self.operator.ledger

    @property
    def keystore_file(self) -> Path:
        return self.folder / "ut.keystore"

    @property
    def programme(self) -> Programme:
        return _documents(self.did).programme(PROGRAMME)

    def open_tenant(self, *, keystore: Keystore | None = None, ledger: Ledger | None = None) -> Tenant:
        """Open the institution once more, as another process does."""
        database = Database.create(self.database_url or f"sqlite:///{self.folder / 'node.db'}")
        opened = open_tenant(
            profile="ut",
            name="UT (DEMO)",
            base=BASE,
            keystore=keystore or Keystore.open(self.keystore_file, PASSPHRASE),
            database=database,
            leases=Leases(database, "test"),
            ledger=ledger or self.ledger,
            contract=Address(self.contracts.credential_log),
            policy=AnchoringPolicy(depth=0),
            clock=self.clock,
            did="" if self.did.startswith("did:key:") else self.did,
            registry=Address(self.contracts.issuer_registry),
            cryptosuite=self.cryptosuite,
        )
        self.opened.append(database)
        return opened

    def keys(self, tenant: Tenant) -> InstitutionKeys:
        """Return the institution's keys, with its control account on the ledger of the tenant."""
        self.pass_time(1)
        ledger = tenant.keys.ledger
        sender = Sender(ledger, tenant.keystore.account(CONTROL), depth=0)
        return InstitutionKeys(
            tenant,
            ControlAccount(self.contracts, tenant.issuer, sender, ledger.chain_id()),
            self.folder,
            self.clock,
        )

    def pass_time(self, seconds: int) -> None:
        self.clock.now = max(self.clock.now, self.ledger.head().time) + seconds

    def issue(self, tenant: Tenant, count: int = 1) -> list[Digest]:
        rows = cohort_csv(PLANS[1], next(self.learners) * 10, count, "2025-12-01")
        reports = list(tenant.institution.issue(self.programme, csv_rows(io.BytesIO(rows))))
        return [report.digest for report in reports if report.digest is not None]

    def anchor(self, tenant: Tenant) -> list[BatchReport]:
        self.pass_time(2)
        reports = anchor_pending(tenant.writer, force=True)
        publish(tenant.database, self.folder)
        return reports

    def anchored(self, tenant: Tenant) -> Digest:
        [digest] = self.issue(tenant)
        self.anchor(tenant)
        assert tenant.institution.receipt(digest) is not None
        return digest

    def document_source(self) -> LedgerFolder:
        return LedgerFolder(TrustFolder(self.folder), self.observer())

    def observer(self) -> NodeObserver:
        return NodeObserver(self.ledger, self.contracts, self.ledger.head(), TrustFolder(self.folder).entries_of)

    def verdict(self, tenant: Tenant, digest: Digest) -> tuple[str, str | None]:
        """Verify with the public folder and the chain alone, as anybody can."""
        source = self.document_source()
        verifier = Verifier(read_trust(self.folder / "trust.json"), self.observer(), source)
        staff = tenant.institution
        report = verifier.verify(verifier.read(staff.credential(digest)), staff.receipt(digest), Moment(self.clock.now))
        return report.verdict.value, report.code


def deploy(folder: Path) -> DidWebInstitution:
    """Deploy the contracts and the council on a chain in memory."""
    folder.mkdir(parents=True, exist_ok=True)
    clock = SteppingClock()
    chain = Chain.open(None, genesis_time=GENESIS_TIME, extra_data=b"\x02" * 32, clock=clock)
    authority = Keystore.create(folder / "authority.keystore", PASSPHRASE, n=LEAST_N)
    generate_authority(authority)
    operator = Operator(RpcLedger(EmbeddedProvider(Rpc(chain))), authority, folder, clock)
    clock.now += 1
    return DidWebInstitution(folder, chain, clock, operator.set_up(), operator)


def accredit(
    institution: DidWebInstitution, *, cryptosuite: str = "eddsa-rdfc-2022", curve: str = "", did: str = DID
) -> None:
    """Accredit the institution and approve a programme. `did` empty: the did:key of its first key."""
    institution.cryptosuite = cryptosuite
    for old in (institution.keystore_file, institution.folder / "node.db"):
        old.unlink(missing_ok=True)
    keystore = new_institution(institution.keystore_file, PASSPHRASE, LEAST_N, algorithm_of(cryptosuite, curve))
    institution.did = did or "did:key:"
    institution.did = institution.open_tenant(keystore=keystore).institution.did
    institution.pass_time(1)
    documents = _documents(institution.did)
    institution.operator.accredit(
        institution.contracts, keystore, documents.scopes["demo-ut"], institution.clock.now + YEAR
    )
    institution.operator.approve(institution.contracts, keystore, institution.programme)
    institution.pass_time(1)


@contextmanager
def branch(institution: DidWebInstitution, folder: Path) -> Iterator[DidWebInstitution]:
    """Copy the institution into a folder of its own, and take the chain back afterwards."""
    shutil.copytree(institution.folder, folder)
    snapshot, now = institution.chain.snapshot(), institution.clock.now
    operator = Operator(institution.ledger, institution.operator.keystore, folder, institution.clock)
    copy = DidWebInstitution(
        folder,
        institution.chain,
        institution.clock,
        institution.contracts,
        operator,
        institution.did,
        institution.cryptosuite,
    )
    try:
        yield copy
    finally:
        for database in copy.opened:
            database.close()
        assert institution.chain.revert(snapshot)
        institution.clock.now = now


def _documents(did: str) -> DemoDocuments:
    return documents_for({party.key: did for party in institutions()})
