"""A migration that dies at any call and is run again ends as one that was not disturbed; what it carries and what not.

The chain of a node is lost, another is deployed in its place (once, copied for each case), and the log is moved with a
fault at one call of database or ledger: killed, failed, or done without an answer.
"""

import io
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from acredita.anchoring.entries import EntryKind, decode
from acredita.anchoring.ledger import LedgerUnavailable, LogAheadError
from acredita.anchoring.merkle import leaf_hash, root
from acredita.anchoring.types import Address, BlockHash, Digest, IssuerId
from acredita.cli.bodies.registry import end_of, scope_of
from acredita.cli.main import main
from acredita.node.administration.init import AUTHORITY_KEYSTORE
from acredita.node.administration.redeploy import AccreditationTerms, redeploy
from acredita.node.administration.single_operator import Operator
from acredita.node.config import load
from acredita.node.custody.erasure import forget
from acredita.node.publication.public_files import publish
from acredita.node.publication.trust_folder import TrustFolder
from acredita.node.recovery.mend import mend
from acredita.node.recovery.migrate import migrate
from acredita.node.recovery.migration_ledgers import MigrationRefused, MigrationRequest
from acredita.node.recovery.migration_survey import changes_of, effective_status_bits, survey_migration
from acredita.node.recovery.mirrors import open_mirror
from acredita.node.runtime.open_node import RunningNode, open_node
from acredita.node.runtime.tenant import Tenant
from acredita.node.storage import credentials, institutions, queue, stored_checkpoints, stored_log
from acredita.node.storage.database import StorageUnavailable
from acredita.node.storage.former_logs import LEFT_BEHIND, predecessor_owner
from acredita.node.storage.institutions import LedgerIdentity
from acredita.node.storage.receipts import load_receipt
from acredita.node.storage.trail import Action, events
from acredita.node.verification.language import Language
from acredita.node.write_path.anchor import anchor_pending
from acredita.node.write_path.batch_report import BatchStep
from acredita.registry.keys.keystore import Keystore

from tests.left_out import Want, leave_out
from tests.node.conftest import POSTGRES, STORAGE_ON_IT, postgres_schema
from tests.simulators import one_operator
from tests.simulators.faults import Fault, FaultyDatabase, FaultyLedger, Killed, Kind
from tests.simulators.one_operator import PROFILE, UNTIL

COUNT = 4
REVOKED = 1
CARRIED = COUNT - REVOKED
MIDDLE = 20  # calls of a migration before it moves anything


@contextmanager
def opened(folder: Path) -> Iterator[tuple[RunningNode, Tenant]]:
    with open_node(load(folder / "data" / "acredita.toml", os.environ), os.environ) as node:
        yield node, node.tenant(PROFILE)


@dataclass(frozen=True)
class Prepared:
    """A folder whose node's chain is lost and whose new chain is ready; what was request for; what was issued."""

    folder: Path
    request: MigrationRequest
    revoked: Digest
    suspended: Digest
    sound: tuple[Digest, ...]


def genesis_of(node: RunningNode) -> BlockHash:
    genesis = node.ledger.block(0)
    assert genesis is not None
    return BlockHash(genesis.hash)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    folder = tmp_path_factory.mktemp("migration")
    yield prepare(folder)
    shutil.rmtree(folder)


def prepare(folder: Path) -> Prepared:
    """Issue, revoke and suspend on a chain that is lost; deploy another one in its place."""
    config = one_operator.make_node(folder)
    with opened(folder) as (node, tenant):
        old, did = genesis_of(node), tenant.institution.did
    scope, programme = one_operator.write_documents(folder, did)
    one_operator.accredit(config, scope, programme)
    cohort = one_operator.write_cohort(folder, COUNT)
    issue = ["issue", str(cohort), "--profile", PROFILE, "--programme", str(programme), "--config", str(config)]
    with redirect_stdout(io.StringIO()):
        assert main(issue) == 0
    with opened(folder) as (node, tenant):
        with node.database.read() as connection:
            revoked, suspended, *sound = credentials.digests(connection, tenant.issuer)
        tenant.institution.revoke(revoked)
        tenant.institution.suspend(suspended)
        anchor_pending(tenant.writer, force=True)
        publish(node.database, node.folder.base)
    one_operator.lose_chain(config)
    with opened(folder) as (node, tenant):
        request = MigrationRequest(old, genesis_of(node))
        keystore = Keystore.open(folder / "data" / AUTHORITY_KEYSTORE, b"secreto")
        operator = Operator(node.ledger, keystore, node.folder.base, node.clock)
        redeploy(
            node,
            operator,
            tenant,
            request,
            AccreditationTerms(scope_of(scope, tenant), end_of(UNTIL, tenant, Language.EN)),
        )
    return Prepared(folder, request, revoked, suspended, tuple(sound))


@pytest.fixture
def ready(prepared: Prepared, tmp_path: Path) -> Prepared:
    folder = Path(shutil.copytree(prepared.folder, tmp_path / "node"))
    config = folder / "data" / "acredita.toml"
    config.write_text(config.read_text().replace(str(prepared.folder), str(folder)))
    return replace(prepared, folder=folder)


def faulty(node: RunningNode, tenant: Tenant, fault: Fault) -> tuple[RunningNode, Tenant]:
    """Return the node and tenant with a fault at one call of database or ledger."""
    database, ledger = FaultyDatabase(node.database, fault), FaultyLedger(node.ledger, fault)
    writer = replace(tenant.writer, database=database, ledger=ledger)
    return replace(node, database=database, ledger=ledger), replace(tenant, writer=writer)


def attempt(ready: Prepared, fault: Fault) -> None:
    """Migrate with the fault, as a process of its own."""
    with opened(ready.folder) as (node, tenant):
        try:
            migrate(*faulty(node, tenant, fault), ready.request)
        except (Killed, LedgerUnavailable, StorageUnavailable):
            return


def finish(ready: Prepared) -> None:
    """Run again, undisturbed, and anchored."""
    with opened(ready.folder) as (node, tenant):
        migrate(node, tenant, ready.request)
    with opened(ready.folder) as (_, tenant):
        steps = [report.step for report in anchor_pending(tenant.writer, force=True)]
        assert steps[-1] is BatchStep.IDLE


def check(ready: Prepared) -> None:
    """Check the end of every migration: the new log, the old one kept, the queue, the trail."""
    with opened(ready.folder) as (node, tenant):
        issuer, identity = tenant.issuer, tenant.writer.identity
        assert identity.genesis == ready.request.new
        with node.database.read() as connection:
            newest = stored_checkpoints.newest_confirmed(connection, issuer)
            assert newest is not None
            data = list(stored_log.read_entries(connection, issuer, 1, 0, newest.checkpoint.size))
            assert root(map(leaf_hash, data)) == newest.checkpoint.root
            entries = [decode(entry) for entry in data]
            issued = sorted(entry.digest for entry in entries if entry.kind is EntryKind.ISSUED)
            assert issued == sorted([ready.suspended, *ready.sound]), "each once, the revoked one not again"
            kinds = sorted(entry.kind for entry in entries[1:] if entry.kind is not EntryKind.ISSUED)
            assert kinds == [EntryKind.REVOKED, EntryKind.SUSPENDED]
            place = credentials.position_of(connection, issuer, ready.revoked)
            assert place is not None
            assert effective_status_bits(connection, tenant.writer).status(place).revoked
            status = queue.digest_status(connection, issuer, ready.revoked)
            assert status is not None
            assert (status.state, status.reason_code) == (LEFT_BEHIND, "CREDENTIAL_REVOKED")
            for digest in (ready.suspended, *ready.sound):
                receipt = load_receipt(connection, issuer, digest)
                assert receipt is not None
                assert receipt.genesis == ready.request.new
            assert load_receipt(connection, issuer, ready.revoked) is None
            (row,) = [event for event in events(connection, issuer) if event.action == Action.MIGRATED]
            assert ready.revoked.hex() not in row.detail
        old_owner = _old_owner(ready, tenant)
        with node.database.read() as connection:
            kept = stored_checkpoints.newest_confirmed(connection, old_owner)
            assert kept is not None
            old = list(stored_log.read_entries(connection, old_owner, 1, 0, kept.checkpoint.size))
            assert root(map(leaf_hash, old)) == kept.checkpoint.root
            receipt = load_receipt(connection, old_owner, ready.revoked)
            assert receipt is not None
            assert receipt.genesis == ready.request.old
        public = node.folder.base / "predecessors" / ready.request.old.hex()
        assert TrustFolder(public).entries_of(issuer).read(1, 0, len(old) + 1) == b"".join(old)


def _old_owner(ready: Prepared, tenant: Tenant) -> IssuerId:
    """Return the owner of the log that ended, from the record beside it."""
    path = ready.folder / "data" / "predecessors" / ready.request.old.hex() / "migration.json"
    predecessor = json.loads(path.read_text())["predecessor"]
    identity = LedgerIdentity(
        predecessor["chain_id"],
        ready.request.old,
        Address(bytes.fromhex(predecessor["contract"][2:])),
        bytes.fromhex(predecessor["code_hash"][2:]),
    )
    return predecessor_owner(tenant.issuer, identity)


def calls_of(ready: Prepared) -> list[str]:
    fault = Fault()
    attempt(ready, fault)
    return fault.calls


def test_undisturbed(ready: Prepared) -> None:
    assert calls_of(ready)
    finish(ready)
    check(ready)


def test_undisturbed_on_postgresql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if POSTGRES is None:
        leave_out(Want.POSTGRESQL, STORAGE_ON_IT)
    for url in postgres_schema(POSTGRES):
        monkeypatch.setenv("ACREDITA_DATABASE_URL", url)
        prepared = prepare(tmp_path)
        attempt(prepared, Fault(Kind.KILLED_BEFORE, MIDDLE))
        finish(prepared)
        check(prepared)


def disturbed(prepared: Prepared, tmp_path: Path, places: list[int], kinds: list[Kind]) -> None:
    for number in places:
        for kind in kinds:
            folder = Path(shutil.copytree(prepared.folder, tmp_path / f"{number}-{kind.name}"))
            config = folder / "data" / "acredita.toml"
            config.write_text(config.read_text().replace(str(prepared.folder), str(folder)))
            case = replace(prepared, folder=folder)
            fault = Fault(kind, number)
            attempt(case, fault)
            assert fault.struck
            finish(case)
            check(case)
            shutil.rmtree(folder)


def writes(calls: list[str]) -> list[int]:
    return [number for number, call in enumerate(calls) if call == "database.write"]


def test_killed_around_the_move_and_run_again(prepared: Prepared, ready: Prepared, tmp_path: Path) -> None:
    disturbed(prepared, tmp_path, writes(calls_of(ready)), [Kind.KILLED_BEFORE, Kind.KILLED_AFTER])


@pytest.mark.slow
def test_calls_that_fail_all_along(prepared: Prepared, ready: Prepared, tmp_path: Path) -> None:
    """Fail one call in three, and every write in every way."""
    calls = calls_of(ready)
    disturbed(prepared, tmp_path, list(range(0, len(calls), 3)), [Kind.NOTHING_HAPPENED])
    disturbed(prepared, tmp_path, writes(calls), [Kind.IT_HAPPENED, Kind.DISK_FULL, Kind.READ_ONLY])


def test_a_revocation_of_the_last_moment_is_carried(ready: Prepared) -> None:
    """Carry a revocation queued even after the survey and never anchored on the old chain."""
    last = ready.sound[0]
    with opened(ready.folder) as (node, tenant):
        assert tenant.institution.revoke(last)
        migrate(node, tenant, ready.request)
    with opened(ready.folder) as (node, tenant):
        anchor_pending(tenant.writer, force=True)
        with node.database.read() as connection:
            place = credentials.position_of(connection, tenant.issuer, last)
            assert place is not None
            assert effective_status_bits(connection, tenant.writer).status(place).revoked
            assert load_receipt(connection, tenant.issuer, last) is None


def test_what_was_forgotten_is_not_brought_back(ready: Prepared) -> None:
    gone = ready.sound[0]
    with opened(ready.folder) as (node, tenant):
        assert forget(node.database, tenant.issuer, gone, actor="staff", now=1)
        migrate(node, tenant, ready.request)
    with opened(ready.folder) as (node, tenant):
        anchor_pending(tenant.writer, force=True)
        with node.database.read() as connection:
            data = stored_log.read_entries(connection, tenant.issuer, 1, 0, 1 << 40)
            assert gone not in {decode(entry).digest for entry in data}


def test_forgetting_reaches_the_receipts_of_the_old_chain(ready: Prepared) -> None:
    gone = ready.sound[0]
    finish(ready)
    with opened(ready.folder) as (node, tenant):
        owner = _old_owner(ready, tenant)
        with node.database.read() as connection:
            assert load_receipt(connection, owner, gone) is not None
        assert forget(node.database, tenant.issuer, gone, actor="staff", now=1)
        with node.database.read() as connection:
            assert load_receipt(connection, owner, gone) is None
            assert load_receipt(connection, tenant.issuer, gone) is None


def test_an_old_backup_moved_once_more_is_mended_from_the_folder(ready: Prepared) -> None:
    """Keep the published log of the new chain when moving again: it may be the only copy."""
    data = ready.folder / "data"
    shutil.copy(data / "node.db", ready.folder / "backup.db")
    finish(ready)
    with opened(ready.folder) as (node, tenant):
        publish(node.database, node.folder.base)
        log = node.folder.base / "log" / tenant.issuer.hex()
        whole = {path: path.read_bytes() for path in log.rglob("*") if path.is_file()}
    for name in ("node.db-wal", "node.db-shm"):
        (data / name).unlink(missing_ok=True)
    shutil.copy(ready.folder / "backup.db", data / "node.db")
    with opened(ready.folder) as (node, tenant):
        migrate(node, tenant, ready.request)
    assert {path: path.read_bytes() for path in log.rglob("*") if path.is_file()} == whole
    with opened(ready.folder) as (node, tenant):
        with pytest.raises(LogAheadError):
            anchor_pending(tenant.writer, force=True)
        mend(tenant.writer, open_mirror(str(data), tenant.issuer))
        assert [report.step for report in anchor_pending(tenant.writer, force=True)] == [BatchStep.IDLE]
    check(ready)


def test_the_survey_touches_nothing(ready: Prepared) -> None:
    with opened(ready.folder) as (node, tenant):
        survey = survey_migration(node, tenant, ready.request)
        assert (survey.carried, survey.left) == (CARRIED, {"CREDENTIAL_REVOKED": REVOKED})
        assert survey.changes == {"revoked": 1, "suspended": 1}
        with node.database.read() as connection:
            known = institutions.institution(connection, tenant.issuer)
            assert known is not None
            assert known.identity.genesis == ready.request.old
    assert not (ready.folder / "data" / "documents" / "migration.json").exists()


def test_what_nobody_would_recognise_is_refused_or_left_behind(ready: Prepared) -> None:
    """Leave credentials behind whose programme's document is missing: their approval could not be shown."""
    with opened(ready.folder) as (node, tenant):
        with node.database.read() as connection:
            sealed = credentials.read_credential(connection, tenant.issuer, ready.sound[0])
        assert sealed is not None
        (node.folder.base / "documents" / f"{sealed.programme.hex()}.json").unlink()
    with opened(ready.folder) as (node, tenant):
        with pytest.raises(MigrationRefused) as refused:
            survey_migration(node, tenant, ready.request)
        assert refused.value.code == "DOCUMENT_MISSING"
        survey = survey_migration(node, tenant, ready.request, leave_unrecognised=True)
        assert (survey.carried, dict(survey.left)) == (0, {"CREDENTIAL_REVOKED": 1, "DOCUMENT_MISSING": CARRIED})


def test_bits_come_back_from_their_entries(ready: Prepared) -> None:
    with opened(ready.folder) as (node, tenant), node.database.read() as connection:
        bits = effective_status_bits(connection, tenant.writer)
        again = type(bits)()
        again.replay(changes_of(bits))
        assert again.root() == bits.root()
