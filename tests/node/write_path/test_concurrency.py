"""Revocations while two cohorts are issued and the write path anchors: nothing lost, no position shared, log and list agree.

Every revocation comes from a thread of its own, all begun at once; one cohort is made by two processes, the other in this
one; the write path anchors meanwhile on the embedded chain, as it does in a running node. Ten revocations over a hundred
credentials in every run, fifty over a thousand marked slow; on SQLite, and on PostgreSQL where there is one.
"""

import hashlib
import io
import json
import queue as waiting_line
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from acredita.anchoring.entries import Entry, EntryKind, decode
from acredita.anchoring.status_bits import StatusBits
from acredita.anchoring.status_bits import StatusPurpose as Bit
from acredita.anchoring.types import Address, Digest, Root
from acredita.node.custody.key_ring import ANCHORING, ASSERTION, DATA, IDEMPOTENCY
from acredita.node.demo.cohorts import PLANS, cohort_csv
from acredita.node.demo.documents import documents_for, institutions
from acredita.node.issuance.institution import RowOutcome
from acredita.node.issuance.signing_pool import SigningPool
from acredita.node.runtime.tenant import Tenant, open_tenant
from acredita.node.storage import credentials, status_lists, stored_checkpoints, stored_log
from acredita.node.storage.database import Database
from acredita.node.storage.leases import Leases
from acredita.node.write_path.anchor import anchor_pending
from acredita.node.write_path.batch_report import BatchStep
from acredita.node.write_path.writer import AnchoringPolicy
from acredita.registry.credentials.cohort_rows import csv_rows
from acredita.registry.credentials.parse import parse_credential
from acredita.registry.credentials.status_list import parse_status_list
from acredita.registry.keys.keystore import KeyAlgorithm, Keystore, KeystorePurpose
from acredita.registry.keys.scrypt_cost import LEAST_N
from acredita.registry.programmes.programme import Programme

from tests.simulators.installation import Installation, Issuer
from tests.simulators.institution import NO_WAITING, KeptLists, SimulatedInstitution, check_invariants
from tests.waiting import PATIENCE_SECONDS


@pytest.fixture
def tenant(installation: Installation, ut: Issuer, database: Database, tmp_path: Path) -> Tenant:
    """Open the accredited institution with a keystore that holds the account known to the chain."""
    keystore = Keystore.create(tmp_path / "ut.keystore", b"secreto", n=LEAST_N)
    for name, purpose in (
        (ASSERTION, KeystorePurpose.ASSERTION),
        (IDEMPOTENCY, KeystorePurpose.IDEMPOTENCY),
        (DATA, KeystorePurpose.DATA),
    ):
        keystore.generate(name, purpose)
    private = hashlib.sha256(b"acredita test account ut anchor").digest()
    keystore.add(ANCHORING, KeystorePurpose.ANCHORING, KeyAlgorithm.SECP256K1, private)
    assert keystore.account(ANCHORING).address == ut.anchoring.address
    return open_tenant(
        profile="ut",
        name="UT (DEMO)",
        base="https://registro.example",
        keystore=keystore,
        database=database,
        leases=Leases(database, "test"),
        ledger=installation.ledger,
        contract=Address(installation.deployment.credential_log),
        policy=AnchoringPolicy(depth=0, max_batch=64, issued_seconds=0, status_seconds=0, patience=NO_WAITING),
        clock=installation.clock,
        did="did:web:ut.example",
    )


@dataclass
class Day:
    """A day at the institution: what was issued, and what of it is to be revoked as soon as it is."""

    tenant: Tenant
    installation: Installation
    count: int
    revocations: int
    issued: list[Digest] = field(default_factory=list)
    to_revoke: "waiting_line.Queue[Digest]" = field(default_factory=waiting_line.Queue)

    def issue(self, first: int, processes: int) -> None:
        programme = _programme(self.tenant)
        rows = csv_rows(io.BytesIO(cohort_csv(PLANS[1], first, self.count // 2, "2025-12-01")))
        with SigningPool(programme, processes, least_rows=0) as pool:
            for report in self.tenant.institution.issue(programme, rows, pool=pool):
                assert (report.outcome, report.digest is not None) == (RowOutcome.ISSUED, True)
                if report.digest is not None:
                    self.issued.append(report.digest)
                    if report.row % (self.count // self.revocations) == 0:
                        self.to_revoke.put(report.digest)

    def revoke(self) -> Digest:
        digest = self.to_revoke.get(timeout=PATIENCE_SECONDS)
        assert self.tenant.institution.revoke(digest)
        return digest

    def pass_by(self) -> list[Digest]:
        """Run all at once, and the write path until the others are done; return the revoked digests."""
        with ThreadPoolExecutor(self.revocations + 2) as pool:
            revoking = [pool.submit(self.revoke) for _ in range(self.revocations)]
            issuing = [pool.submit(self.issue, 1, 2), pool.submit(self.issue, 100_001, 1)]
            checkpoints = self._anchor_until([*issuing, *revoking])
            for done in issuing:
                done.result()
            assert checkpoints > 1, "the write path had nothing to do while the cohorts were issued"
            return [done.result() for done in revoking]

    def _anchor_until(self, others: list["Future[None] | Future[Digest]"]) -> int:
        checkpoints = 0
        while not all(other.done() for other in others):
            checkpoints += self._anchor()
        return checkpoints + self._anchor()

    def _anchor(self) -> int:
        self.installation.clock.now += 1
        reports = anchor_pending(self.tenant.writer, force=True)
        assert {report.step for report in reports} <= {BatchStep.ANCHORED, BatchStep.IDLE}
        return sum(report.step is BatchStep.ANCHORED for report in reports)


@pytest.mark.parametrize(
    ("count", "revocations"),
    [
        pytest.param(100, 10, id="10 of 100"),
        pytest.param(1_000, 50, id="50 of 1000", marks=pytest.mark.slow),
    ],
)
def test_every_revocation_is_in_log_and_list_and_no_position_is_shared(
    tenant: Tenant, installation: Installation, ut: Issuer, count: int, revocations: int
) -> None:
    day = Day(tenant, installation, count, revocations)
    revoked = day.pass_by()
    assert (len(day.issued), len(set(revoked))) == (count, revocations)
    check_invariants(SimulatedInstitution(installation, ut, tenant.writer, KeptLists()), day.issued, len(revoked))
    places = {digest: _position(tenant, digest) for digest in day.issued}
    assert len(set(places.values())) == count
    expected = sorted(places[digest] for digest in revoked)
    entries, status_root = _log(tenant)
    assert sorted(entry.position for entry in entries if entry.kind is EntryKind.REVOKED) == expected
    bits = StatusBits()
    bits.replay(entries)
    assert bits.root() == status_root, "the chain holds another status root than the entries give"
    assert [place for place in sorted(places.values()) if bits.status(place).revoked] == expected
    lists = dict(_published(tenant, bits.lists))
    assert lists == {number: bits.bitstring(number, Bit.REVOCATION) for number in range(bits.lists)}


def _programme(tenant: Tenant) -> Programme:
    dids = {party.key: tenant.institution.did for party in institutions()}
    return documents_for(dids).programme("ind40-fundamentos")


def _position(tenant: Tenant, digest: Digest) -> int:
    """Return the position in the signed credential, and check that the database has the same."""
    position = parse_credential(json.loads(tenant.institution.credential(digest))).position
    with tenant.database.read() as connection:
        assert credentials.position_of(connection, tenant.issuer, digest) == position
    return position


def _log(tenant: Tenant) -> tuple[list[Entry], Root]:
    with tenant.database.read() as connection:
        newest = stored_checkpoints.newest_confirmed(connection, tenant.issuer)
        assert newest is not None
        size = newest.checkpoint.size
        data = list(stored_log.read_entries(connection, tenant.issuer, newest.epoch, 0, size))
    return [decode(entry) for entry in data], newest.checkpoint.status_root


def _published(tenant: Tenant, lists: int) -> Iterator[tuple[int, bytes]]:
    with tenant.database.read() as connection:
        for number in range(lists):
            stored = status_lists.read_list(connection, tenant.issuer, number)
            assert stored is not None
            yield number, parse_status_list(json.loads(stored.document)).bits
