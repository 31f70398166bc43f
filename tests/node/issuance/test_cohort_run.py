"""A run over a cohort: two passes, several processes, other writers, keys that change, and what is kept in memory."""

import gc
import io
import json
import os
import random
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from acredita.anchoring.entries import POSITIONS_PER_LIST
from acredita.anchoring.types import Digest
from acredita.node.custody.key_ring import SigningKey
from acredita.node.demo.cohorts import PLANS, cohort_csv
from acredita.node.demo.documents import documents_for, institutions
from acredita.node.issuance.institution import Institution, InstitutionRefused, RowOutcome, RowReport
from acredita.node.issuance.judgement import ROWS_PER_TRANSACTION, Judgement
from acredita.node.issuance.sign_credential import CredentialOrder, CredentialSigner, SignedCredential
from acredita.node.issuance.signing_pool import KEY_STAYS, SigningJob, SigningPool
from acredita.node.runtime.tenant import Tenant
from acredita.node.storage import credentials
from acredita.node.storage.database import Database
from acredita.node.storage.queue import backlog
from acredita.registry.credentials.build import Award
from acredita.registry.credentials.cohort_columns import CohortRefused
from acredita.registry.credentials.cohort_file import RowAccepted
from acredita.registry.credentials.cohort_rows import CohortFile, RowRefused, csv_rows
from acredita.registry.credentials.parse import parse_credential
from acredita.registry.keys.multikey import Algorithm
from acredita.registry.programmes.programme import Programme

from tests.simulators.installation import Installation
from tests.simulators.tenant import new_tenant

PLAN = PLANS[1]


@pytest.fixture
def tenant(installation: Installation, database: Database, tmp_path: Path) -> Tenant:
    return new_tenant(installation, database, tmp_path)


@pytest.fixture
def staff(tenant: Tenant) -> Institution:
    return tenant.institution


@pytest.fixture
def programme(staff: Institution) -> Programme:
    dids = {party.key: staff.did for party in institutions()}
    return documents_for(dids).programme("ind40-fundamentos")


def cohort(count: int, first: int = 1) -> bytes:
    return cohort_csv(PLAN, first, count, "2025-12-01")


def issue(
    staff: Institution,
    programme: Programme,
    file: bytes,
    *,
    label: str | None = None,
    pool: SigningPool | None = None,
) -> list[RowReport]:
    return list(staff.issue(programme, csv_rows(io.BytesIO(file)), label=label, pool=pool))


def outcomes(reports: list[RowReport]) -> set[RowOutcome]:
    return {report.outcome for report in reports}


def stored(staff: Institution) -> list[Digest]:
    with staff.context.database.read() as connection:
        return credentials.digests(connection, staff.issuer)


def waiting(staff: Institution) -> int:
    with staff.context.database.read() as connection:
        return backlog(connection, staff.issuer).issued


def seeded(staff: Institution, seed: int) -> Institution:
    """Return the same staff with fixed random draws."""
    chance = random.Random(seed)
    return replace(staff, context=replace(staff.context, random=chance.randbytes, random_below=chance.randrange))


# --- processes ---


def test_two_processes_make_what_one_makes(staff: Institution, programme: Programme) -> None:
    """Compare bytes of the same orders; reports come in the order of the rows."""
    award = Award("DEMO-1", None, date(2025, 12, 1), "Competente", None)
    orders = [
        CredentialOrder(row, award, row, bytes([row] * 16), bytes(16), 1_780_000_000, row == 1) for row in range(1, 9)
    ]
    with SigningPool(programme, 2, least_rows=0) as two:
        assert (
            two.submit(staff.context.credential_signer(), orders)()
            == SigningPool(programme).submit(staff.context.credential_signer(), orders)()
        )
        reports = issue(staff, programme, cohort(5 * ROWS_PER_TRANSACTION), pool=two)
    assert two.one_process_because is None
    assert [report.row for report in reports] == list(range(2, 5 * ROWS_PER_TRANSACTION + 2))
    assert outcomes(reports) == {RowOutcome.ISSUED}
    assert set(stored(staff)) == {report.digest for report in reports}
    assert len(set(positions(staff))) == len(reports) == waiting(staff)


def test_a_few_rows_start_no_process(staff: Institution, programme: Programme) -> None:
    with SigningPool(programme, 2) as pool:
        assert outcomes(issue(staff, programme, cohort(3), pool=pool)) == {RowOutcome.ISSUED}
        assert pool.one_process_because is not None


@pytest.mark.parametrize("processes", [1, 2])
def test_what_our_own_reader_refuses_is_a_refused_row(staff: Institution, programme: Programme, processes: int) -> None:
    """Report the broken rule, here and in another process, and sign the other rows."""
    awards = [Award("DEMO-1", None, date(2025, 12, 1), "Competente", url) for url in ("no address", None)]
    orders = [
        CredentialOrder(row, award, row, bytes([row] * 16), bytes(16), 1_780_000_000, False)
        for row, award in enumerate(awards)
    ]
    with SigningPool(programme, processes, least_rows=0) as pool:
        refused, signed = pool.submit(staff.context.credential_signer(), orders)()
    assert isinstance(refused, RowRefused)
    assert (refused.row, refused.code) == (0, "IRI_RELATIVE")
    assert "no address" not in refused.expected
    assert isinstance(signed, SignedCredential)


class Killed(SigningPool):
    """A pool whose processes are killed once some batches are under way."""

    def submit(self, signer: CredentialSigner, orders: Sequence[CredentialOrder]) -> SigningJob:
        job = super().submit(signer, orders)
        assert self._executor is not None
        for process in list((self._executor._processes or {}).values()):
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
        return job


def test_a_killed_process_is_told_and_the_next_run_goes_on(staff: Institution, programme: Programme) -> None:
    issue(staff, programme, cohort(ROWS_PER_TRANSACTION))
    whole = cohort(3 * ROWS_PER_TRANSACTION)
    with Killed(programme, 2, least_rows=0) as killed, pytest.raises(InstitutionRefused) as refused:
        issue(staff, programme, whole, pool=killed)
    assert refused.value.code == "WORKER_LOST"
    assert len(stored(staff)) == waiting(staff) == ROWS_PER_TRANSACTION
    reports = issue(staff, programme, whole)
    known = [report for report in reports if report.outcome is RowOutcome.KNOWN]
    assert [report.row for report in known] == list(range(2, ROWS_PER_TRANSACTION + 2))
    assert len(stored(staff)) == waiting(staff) == len({report.digest for report in reports}) == len(reports)


class Unstartable(SigningPool):
    """A pool that can start no second process: the pipe of the first has closed, as it does when that one dies."""

    def submit(self, signer: CredentialSigner, orders: Sequence[CredentialOrder]) -> SigningJob:
        job = super().submit(signer, orders)
        assert self._executor is not None
        self._executor._call_queue._reader.close()
        return job


def test_a_process_that_cannot_start_is_told_and_the_next_run_goes_on(staff: Institution, programme: Programme) -> None:
    whole = cohort(3 * ROWS_PER_TRANSACTION)
    with Unstartable(programme, 2, least_rows=0) as broken, pytest.raises(InstitutionRefused) as refused:
        issue(staff, programme, whole, pool=broken)
    assert refused.value.code == "WORKER_LOST"
    reports = issue(staff, programme, whole)
    assert len(stored(staff)) == waiting(staff) == len({report.digest for report in reports}) == len(reports)


@dataclass(frozen=True)
class ModuleSigner:
    """A signer whose key is elsewhere: it has no private part to hand over."""

    inner: SigningKey

    @property
    def multikey(self) -> bytes:
        return self.inner.signer.multikey

    @property
    def algorithm(self) -> Algorithm:
        return self.inner.signer.algorithm

    def sign(self, data: bytes) -> bytes:
        return self.inner.signer.sign(data)


def test_a_key_that_cannot_leave_signs_here_and_says_so(staff: Institution, programme: Programme) -> None:
    key = staff.context.keys()
    module = replace(staff, context=replace(staff.context, keys=lambda: replace(key, signer=ModuleSigner(key))))
    with SigningPool(programme, 2, least_rows=0) as pool:
        assert outcomes(issue(module, programme, cohort(5), pool=pool)) == {RowOutcome.ISSUED}
        assert pool.one_process_because == KEY_STAYS


# --- two passes ---


def test_a_file_changed_after_it_was_judged_issues_nothing_of_the_change(
    staff: Institution, programme: Programme, tmp_path: Path
) -> None:
    path = tmp_path / "c.csv"
    whole = cohort(2 * ROWS_PER_TRANSACTION)
    for changed, kept in (
        (whole.replace(b"Competente", b"Destacado "), 0),
        (whole + cohort(1, 9_000).splitlines()[1] + b"\n", 2 * ROWS_PER_TRANSACTION),  # judged rows, and no other
        (cohort(ROWS_PER_TRANSACTION), 2 * ROWS_PER_TRANSACTION),
    ):
        path.write_bytes(whole)
        with pytest.raises(CohortRefused) as refused:
            list(staff.issue(programme, CohortFile(path), on_judged=rewriting(path, changed)))
        assert refused.value.code == "FILE_CHANGED"
        assert len(stored(staff)) == kept
    assert outcomes(issue(staff, programme, whole)) == {RowOutcome.KNOWN}


def rewriting(path: Path, content: bytes) -> Callable[[Judgement], None]:
    def rewrite(judgement: Judgement) -> None:
        assert judgement.rows == 2 * ROWS_PER_TRANSACTION
        path.write_bytes(content)

    return rewrite


def test_rows_in_memory_do_not_grow_with_the_file(staff: Institution, programme: Programme, tmp_path: Path) -> None:
    """Hold three batches at most: the one being read, signed and stored; the file has twice as many."""
    path = tmp_path / "c.csv"
    path.write_bytes(cohort(8 * ROWS_PER_TRANSACTION))
    most = 0

    def look(judgement: Judgement | None = None) -> None:
        nonlocal most
        gc.collect()
        most = max(most, sum(isinstance(one, RowAccepted) for one in gc.get_objects()))

    for report in staff.issue(programme, CohortFile(path), on_judged=look):
        if report.row % ROWS_PER_TRANSACTION == 1:
            look()
    assert 0 < most <= 4 * ROWS_PER_TRANSACTION


# --- other writers ---


class Meddled(SigningPool):
    """A pool during whose first job somebody else does something."""

    meddle: Callable[[], object] | None = None

    def submit(self, signer: CredentialSigner, orders: Sequence[CredentialOrder]) -> SigningJob:
        job = super().submit(signer, orders)
        meddle, self.meddle = self.meddle, None
        if meddle is not None:
            meddle()
        return job


def meddled(programme: Programme, meddle: Callable[[], object]) -> Meddled:
    pool = Meddled(programme)
    pool.meddle = meddle
    return pool


def positions(staff: Institution) -> list[int]:
    return [parse_credential(json.loads(staff.credential(digest))).position for digest in stored(staff)]


def test_positions_drawn_by_somebody_else_are_drawn_again(staff: Institution, programme: Programme) -> None:
    clash = meddled(programme, lambda: issue(seeded(staff, 1), programme, cohort(40, 1_000)))
    reports = issue(seeded(staff, 1), programme, cohort(40), pool=clash)
    assert outcomes(reports) == {RowOutcome.ISSUED}
    assert [report.row for report in reports] == list(range(2, 42))
    assert len(set(positions(staff))) == len(stored(staff)) == waiting(staff) == 80


def test_rows_issued_by_somebody_else_meanwhile_are_named_and_not_issued(
    staff: Institution, programme: Programme
) -> None:
    first: list[RowReport] = []
    other = meddled(programme, lambda: first.extend(issue(staff, programme, cohort(20))))
    reports = issue(staff, programme, cohort(30), pool=other)
    assert [report.digest for report in reports[:20]] == [report.digest for report in first]
    assert [report.outcome for report in reports] == [RowOutcome.KNOWN] * 20 + [RowOutcome.ISSUED] * 10
    assert len(stored(staff)) == waiting(staff) == 30


def test_once_a_later_list_was_begun_nothing_is_drawn_from_an_earlier_one(
    staff: Institution, programme: Programme
) -> None:
    def begin() -> None:
        with staff.context.database.write() as connection:
            credentials.begin_list(connection, staff.issuer, 3)

    reports = issue(staff, programme, cohort(10), pool=meddled(programme, begin))
    assert outcomes(reports) == {RowOutcome.ISSUED}
    assert {position // POSITIONS_PER_LIST for position in positions(staff)} == {3}


def test_nothing_is_stored_that_was_signed_with_a_key_no_longer_in_force(
    staff: Institution, programme: Programme
) -> None:
    key = staff.context.keys()
    other = f"did:key:zAnother#{key.verification_method[-4:]}"
    in_force = [key]
    changing = replace(staff, context=replace(staff.context, keys=lambda: in_force[0]))
    seen: list[str] = []

    def change() -> None:
        in_force[0] = replace(key, verification_method=other)

    class Watched(Meddled):
        def submit(self, signer: CredentialSigner, orders: Sequence[CredentialOrder]) -> SigningJob:
            seen.append(signer.verification_method)
            sound = replace(signer, verification_method=key.verification_method)
            job = super().submit(signer, orders)
            return job if signer == sound else lambda: sound.sign_credentials(programme, orders)

    pool = Watched(programme)
    pool.meddle = change
    assert outcomes(issue(changing, programme, cohort(4), pool=pool)) == {RowOutcome.ISSUED}
    assert seen == [key.verification_method, other]
    assert len(stored(staff)) == 4


# --- again ---


def test_a_row_is_issued_again_once_under_each_label(staff: Institution, programme: Programme) -> None:
    first = issue(staff, programme, cohort(5))
    again = issue(staff, programme, cohort(6), label="logo nuevo")
    assert outcomes(again) == {RowOutcome.ISSUED}
    resumed = issue(staff, programme, cohort(7), label="logo nuevo")
    assert [report.outcome for report in resumed] == [RowOutcome.KNOWN] * 6 + [RowOutcome.ISSUED]
    assert [report.digest for report in resumed[:6]] == [report.digest for report in again]
    assert outcomes(issue(staff, programme, cohort(5), label="otra vez")) == {RowOutcome.ISSUED}
    plain = issue(staff, programme, cohort(7))
    assert outcomes(plain) == {RowOutcome.KNOWN}, "a row that was only issued under a label was issued"
    assert len(stored(staff)) == len(set(stored(staff))) == 5 + 7 + 5
    assert {report.digest for report in first} < set(stored(staff))


def test_refused_rows_stand_in_their_place(staff: Institution, programme: Programme) -> None:
    lines = cohort(200).splitlines(keepends=True)
    lines[150] = b"Ana,,2025-02-30,Competente,\r\n"
    reports: Iterator[RowReport] = staff.issue(programme, csv_rows(io.BytesIO(b"".join(lines))))
    rows = list(reports)
    assert [report.row for report in rows] == list(range(2, 202))
    assert [report.row for report in rows if report.outcome is RowOutcome.REFUSED] == [151]
