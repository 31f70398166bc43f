"""Test the acts of an institution's staff: issuing once, quotas, status changes that move a bit or are refused."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.types import Digest
from acredita.node.demo.cohorts import PLANS, cohort_csv
from acredita.node.demo.documents import documents_for, institutions
from acredita.node.issuance.institution import Institution, InstitutionRefused, RowOutcome, RowReport
from acredita.node.runtime.tenant import Tenant
from acredita.node.storage import credentials, queue
from acredita.node.storage.database import Database
from acredita.registry.credentials.cohort_columns import CohortRefused
from acredita.registry.credentials.cohort_rows import csv_rows
from acredita.registry.credentials.parse import parse_credential
from acredita.registry.programmes.programme import Programme

from tests.simulators.installation import Installation
from tests.simulators.tenant import new_tenant

PLAN = PLANS[1]


@pytest.fixture
def tenant(installation: Installation, tmp_path: Path) -> Iterator[Tenant]:
    database = Database.create(f"sqlite:///{tmp_path / 'n.db'}")
    yield new_tenant(installation, database, tmp_path)
    database.close()


@pytest.fixture
def staff(tenant: Tenant) -> Institution:
    return tenant.institution


@pytest.fixture
def programme(staff: Institution) -> Programme:
    dids = {party.key: staff.did for party in institutions()}
    return documents_for(dids).programme("ind40-fundamentos")


def issue(staff: Institution, programme: Programme, first: int = 1, count: int = 3) -> list[RowReport]:
    file = cohort_csv(PLAN, first, count, "2025-12-01")
    return list(staff.issue(programme, csv_rows(io.BytesIO(file))))


def one(staff: Institution, programme: Programme) -> Digest:
    digest = issue(staff, programme, count=1)[0].digest
    assert digest is not None
    return digest


def changes(staff: Institution, digest: Digest) -> list[EntryKind]:
    with staff.context.database.read() as connection:
        position = credentials.position_of(connection, staff.issuer, digest)
        assert position is not None
        return credentials.status_changes(connection, staff.issuer, position)


def test_the_same_file_twice_issues_nothing_new(staff: Institution, programme: Programme) -> None:
    first, again = issue(staff, programme), issue(staff, programme)
    assert [report.outcome for report in first] == [RowOutcome.ISSUED] * 3
    assert [(report.outcome, report.code) for report in again] == [(RowOutcome.KNOWN, "IDEMPOTENT")] * 3
    with staff.context.database.read() as connection:
        assert queue.backlog(connection, staff.issuer).issued == 3


def test_a_file_that_breaks_in_the_middle_issues_nothing(staff: Institution, programme: Programme) -> None:
    file = cohort_csv(PLAN, 1, 200, "2025-12-01")
    broken = file[: len(file) // 2] + b"\xff" + file[len(file) // 2 :]
    with pytest.raises(CohortRefused):
        list(staff.issue(programme, csv_rows(io.BytesIO(broken))))
    with staff.context.database.read() as connection:
        assert queue.backlog(connection, staff.issuer).issued == 0


def test_a_full_queue_takes_no_more(staff: Institution, programme: Programme) -> None:
    small = replace(staff, context=replace(staff.context, max_queued=4))
    issue(small, programme, count=3)
    with pytest.raises(InstitutionRefused) as refused:
        issue(small, programme, first=10, count=2)
    assert refused.value.code == "QUOTA_EXCEEDED"
    with staff.context.database.read() as connection:
        assert queue.backlog(connection, staff.issuer).issued == 3


def test_a_credential_is_sealed_at_rest_and_opens_to_what_was_signed(staff: Institution, programme: Programme) -> None:
    digest = one(staff, programme)
    document = json.loads(staff.credential(digest))
    assert parse_credential(document).issuer == staff.did
    with staff.context.database.read() as connection:
        sealed = credentials.read_credential(connection, staff.issuer, digest)
    assert sealed is not None
    assert document["id"].encode() not in sealed.ciphertext


def test_status_changes_move_a_bit_or_do_nothing(staff: Institution, programme: Programme) -> None:
    digest = one(staff, programme)
    assert staff.suspend(digest)
    assert not staff.suspend(digest)
    assert staff.reinstate(digest)
    assert not staff.reinstate(digest)
    assert staff.suspend(digest)
    assert staff.revoke(digest)
    assert not staff.revoke(digest)
    expected = [EntryKind.SUSPENDED, EntryKind.REINSTATED, EntryKind.SUSPENDED, EntryKind.REVOKED]
    assert changes(staff, digest) == expected


@pytest.mark.parametrize("act", ["suspend", "reinstate", "correct"])
def test_a_revoked_credential_stays_revoked(staff: Institution, programme: Programme, act: str) -> None:
    digest = one(staff, programme)
    staff.revoke(digest)
    with pytest.raises(InstitutionRefused) as refused:
        if act == "correct":
            staff.correct(digest, programme, result="Destacado")
        else:
            getattr(staff, act)(digest)
    assert refused.value.code == "CREDENTIAL_REVOKED"


def test_a_correction_keeps_the_id_and_replaces_then_revokes_the_old(staff: Institution, programme: Programme) -> None:
    old = one(staff, programme)
    new = staff.correct(old, programme, result="Destacado")
    before, after = (parse_credential(json.loads(staff.credential(digest))) for digest in (old, new))
    assert (after.id, after.result.value) == (before.id, "Destacado")
    assert after.valid_from > before.valid_from
    assert after.position != before.position
    assert changes(staff, old) == [EntryKind.REPLACED, EntryKind.REVOKED]


def test_an_unknown_credential_is_told_so(staff: Institution) -> None:
    with pytest.raises(InstitutionRefused) as refused:
        staff.revoke(Digest(bytes(32)))
    assert refused.value.code == "CREDENTIAL_UNKNOWN"


def test_a_correction_under_another_programme_touches_nothing(staff: Institution, programme: Programme) -> None:
    """Refuse it before the revocation: the old credential would be lost, and the new one never recognised."""
    digest = one(staff, programme)
    other = documents_for({party.key: staff.did for party in institutions()}).programme("analitica-ingenieria")
    with pytest.raises(InstitutionRefused) as refused:
        staff.correct(digest, other, result="95")
    assert refused.value.code == "PROGRAMME_MISMATCH"
    assert staff.suspend(digest)


@pytest.mark.parametrize(("result", "code"), [("Inicial", "RESULT_NOT_PASSED"), ("?", "ROW_RESULT_UNKNOWN")])
def test_a_correction_to_a_result_that_does_not_pass_touches_nothing(
    staff: Institution, programme: Programme, result: str, code: str
) -> None:
    digest = one(staff, programme)
    with pytest.raises(InstitutionRefused) as refused:
        staff.correct(digest, programme, result=result)
    assert refused.value.code == code
    assert staff.suspend(digest)


def test_a_row_issued_before_names_its_credential(staff: Institution, programme: Programme) -> None:
    """Name it, so that a run that ended before it wrote its files can be repeated."""
    first, again = issue(staff, programme), issue(staff, programme)
    assert [report.outcome for report in again] == [RowOutcome.KNOWN] * 3
    assert {report.digest for report in again} == {report.digest for report in first}
