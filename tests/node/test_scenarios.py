"""Scenarios of the domain by their codes, on the real embedded chain: the ledger is down, a process dies, somebody asks
to be forgotten. The table in docs/domain.md names where every other scenario is tested.
"""

import io
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.entries import EntryKind, decode
from acredita.anchoring.ledger import Ledger, LedgerUnavailable
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.types import Address, Digest
from acredita.contracts import bindings
from acredita.node.custody.erasure import forget
from acredita.node.custody.key_ring import CONTROL
from acredita.node.demo.cohorts import PLANS, cohort_csv
from acredita.node.demo.documents import documents_for, institutions
from acredita.node.runtime.tenant import Tenant, generate_keys, open_tenant
from acredita.node.storage import stored_checkpoints, stored_log
from acredita.node.storage.database import Database
from acredita.node.storage.leases import Leases
from acredita.node.storage.models import Base
from acredita.node.storage.trail import events
from acredita.node.write_path.anchor import anchor_pending
from acredita.node.write_path.batch_report import BatchStep
from acredita.node.write_path.progress import read_progress
from acredita.node.write_path.writer import AnchoringPolicy
from acredita.registry.credentials.cohort_rows import csv_rows
from acredita.registry.keys.keystore import Keystore
from acredita.registry.keys.scrypt_cost import LEAST_N
from sqlalchemy import select

from tests.node.write_path.worker import ISSUED_EACH_ROUND
from tests.simulators.endpoint import Answer, Hangup, endpoint, passing_on
from tests.simulators.installation import ACT, AGENCY, NOBODY, YEAR, Installation, Issuer
from tests.simulators.institution import NO_WAITING, check_invariants, credential_digest, open_institution
from tests.waiting import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]
COHORT = 8
WAITED_SECONDS = 900
ENTRIES = 1 << 40


@dataclass
class Line:
    """The way to the chain. While it is down every request is hung up on."""

    answer: Answer
    down: bool = False

    def __call__(self, request: dict[str, Any]) -> tuple[int, bytes]:
        if self.down:
            raise Hangup
        return self.answer(request)


def open_accredited(installation: Installation, ledger: Ledger, folder: Path) -> Tenant:
    """Open an institution with keys of its own, accredited on the chain."""
    keystore = Keystore.create(folder / "ut.keystore", b"secreto", n=LEAST_N)
    generate_keys(keystore)
    database = Database.create(f"sqlite:///{folder / 'n.db'}")
    tenant = open_tenant(
        profile="ut",
        name="UT (DEMO)",
        base="https://registro.example",
        keystore=keystore,
        database=database,
        leases=Leases(database, "node"),
        ledger=ledger,
        contract=Address(installation.deployment.credential_log),
        policy=AnchoringPolicy(depth=0, patience=NO_WAITING),
        clock=installation.clock,
    )
    accredit(installation, tenant)
    return tenant


def accredit(installation: Installation, tenant: Tenant) -> None:
    registry, control = (
        bindings.IssuerRegistry(installation.deployment.issuer_registry),
        tenant.keystore.account(CONTROL),
    )
    installation.act(control, registry.apply(tenant.issuer, NOBODY, ACT))
    installation.act(control, registry.add_key(tenant.issuer, bytes(31) + b"\x01", bindings.KeyPurpose.ASSERTION, ACT))
    installation.act(control, installation.anchoring(tenant.issuer, tenant.writer.signer))
    installation.act(control, registry.attest_quality(tenant.issuer, ACT))
    installation.act(AGENCY, registry.review(tenant.issuer, True, ACT))
    installation.decide(registry.activate(tenant.issuer, installation.clock() + YEAR, ACT, ACT))


def issue(tenant: Tenant, count: int) -> list[Digest]:
    dids = {party.key: tenant.institution.did for party in institutions()}
    rows = csv_rows(io.BytesIO(cohort_csv(PLANS[1], 1, count, "2025-12-01")))
    reports = list(tenant.institution.issue(documents_for(dids).programme("ind40-fundamentos"), rows))
    return [report.digest for report in reports if report.digest is not None]


def issued_entries(database: Database, tenant: Tenant) -> list[Digest]:
    with database.read() as connection:
        data = stored_log.read_entries(connection, tenant.issuer, 1, 0, ENTRIES)
        return [entry.digest for entry in map(decode, data) if entry.kind is EntryKind.ISSUED]


@pytest.fixture
def at_the_end() -> Iterator[Callable[[Tenant], Tenant]]:
    """Close every tenant that a test has opened."""
    tenants: list[Tenant] = []

    def keep(tenant: Tenant) -> Tenant:
        tenants.append(tenant)
        return tenant

    yield keep
    for tenant in tenants:
        tenant.database.close()


def test_i6_the_ledger_is_down_and_comes_back(
    installation: Installation, tmp_path: Path, at_the_end: Callable[[Tenant], Tenant]
) -> None:
    """Sign and queue meanwhile, with the age of the backlog in the status; then anchor one batch, none lost or
    doubled.
    """
    line = Line(passing_on(installation))
    with endpoint(line) as url:
        tenant = at_the_end(open_accredited(installation, RpcLedger.over_http(url, PATIENCE_SECONDS), tmp_path))
        line.down = True
        digests = issue(tenant, COHORT)
        assert len(set(digests)) == COHORT
        for _ in range(2):
            with pytest.raises(LedgerUnavailable):
                anchor_pending(tenant.writer, force=True)
        installation.clock.now += WAITED_SECONDS
        (progress,) = read_progress(tenant.database, installation.clock())
        document = progress.document()
        assert (document["waiting_issued"], document["backlog_age_seconds"], document["stop"]) == (
            COHORT,
            WAITED_SECONDS,
            None,
        )
        assert f"{COHORT} waiting, the oldest for {WAITED_SECONDS} s" in progress.sentence()
        assert all(tenant.institution.receipt(digest) is None for digest in digests), "nothing is released"
        line.down = False
        reports = anchor_pending(tenant.writer, force=True)
        assert [(report.step, report.issued) for report in reports] == [
            (BatchStep.ANCHORED, COHORT),
            (BatchStep.IDLE, 0),
        ]
        assert sorted(issued_entries(tenant.database, tenant)) == sorted(digests)
        for digest in digests:
            receipt = tenant.institution.receipt(digest)
            assert receipt is not None
            assert receipt.inclusion_fault() is None
        (progress,) = read_progress(tenant.database, installation.clock())
        assert progress.backlog_age is None


def test_i7_killed_between_send_and_receipt(installation: Installation, ut: Issuer, tmp_path: Path) -> None:
    """Kill once the chain has the transaction and the node has no answer: the next run finds it and sends none."""
    url = f"sqlite:///{tmp_path / 'node.db'}"
    database = Database.create(url)
    institution = open_institution(installation, ut, database)
    passed_on, sent = passing_on(installation), threading.Event()

    def answer(request: dict[str, Any]) -> tuple[int, bytes]:
        if sent.is_set():
            raise Hangup  # from here on the worker hears nothing
        told = passed_on(request)
        if request["method"] == "eth_sendRawTransaction":
            assert "result" in json.loads(told[1])
            sent.set()
            raise Hangup
        return told

    contract = installation.deployment.credential_log.hex()
    with endpoint(answer) as rpc:
        command = [
            sys.executable,
            "-m",
            "tests.node.write_path.worker",
            "--database",
            url,
            "--rpc",
            rpc,
            "--contract",
            contract,
        ]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as worker:
            assert sent.wait(PATIENCE_SECONDS)
            worker.send_signal(signal.SIGKILL)
    before = installation.ledger.nonce(ut.anchoring.address, installation.ledger.head().number)
    assert before == 1, "it had arrived"
    steps = [report.step for report in anchor_pending(institution.writer, force=True)]
    assert steps[0] is BatchStep.ANCHORED
    with database.read() as connection:
        checkpoints = len(list(stored_checkpoints.confirmed_checkpoints(connection, ut.id, 1, first=1)))
    after = installation.ledger.nonce(ut.anchoring.address, installation.ledger.head().number)
    assert after == checkpoints, "one transaction a checkpoint"
    check_invariants(institution, [credential_digest(place) for place in range(ISSUED_EACH_ROUND)], 1)
    database.close()


def test_i9_forgotten_on_request(
    installation: Installation, tmp_path: Path, at_the_end: Callable[[Tenant], Tenant]
) -> None:
    """Erase bytes, key, position map, receipt and links; the root holds for the others; the trail names nobody."""
    tenant = at_the_end(open_accredited(installation, installation.ledger, tmp_path))
    database, (gone, *others) = tenant.database, issue(tenant, COHORT)
    anchor_pending(tenant.writer, force=True)
    assert tenant.institution.receipt(gone) is not None
    assert forget(database, tenant.issuer, gone, actor="oficina de transparencia", now=installation.clock())
    with database.read() as connection:
        left = {
            table.name
            for table in Base.metadata.sorted_tables
            for row in connection.execute(select(table))
            if gone in tuple(row)
        }
        (*_, last) = events(connection)
    # A digest that says nothing once every copy is gone: everybody else's proofs need it in the log.
    assert left <= {"log_entries", "queue_items"}
    assert (last.action, last.actor, last.detail) == ("forgotten", "oficina de transparencia", "")
    contract = bindings.CredentialLog(installation.deployment.credential_log)
    for digest in others:
        receipt = tenant.institution.receipt(digest)
        assert receipt is not None
        assert receipt.inclusion_fault() is None
        word = installation.ledger.read(contract.checkpoint_word(tenant.issuer, 1, receipt.checkpoint.number))
        assert word == receipt.checkpoint.word()
