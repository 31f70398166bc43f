"""Issue the cohorts of the demonstration and anchor them."""

import io
from dataclasses import dataclass

from acredita.anchoring.types import Digest
from acredita.node.demo.cohorts import PLANS, CohortPlan, cohort_csv, failing_rows, sizes
from acredita.node.demo.environment import DemoEnvironment, DemoEvent
from acredita.node.issuance.institution import RowOutcome, RowReport
from acredita.node.runtime.tenant import Tenant
from acredita.node.verification.language import counted
from acredita.node.write_path.anchor import anchor_pending
from acredita.node.write_path.batch_report import BatchReport, BatchStep
from acredita.registry.codes import Code
from acredita.registry.credentials.cohort_rows import csv_rows
from acredita.registry.credentials.days import DEFAULT_ZONE, today_in
from acredita.registry.programmes.programme import Programme


@dataclass(frozen=True)
class IssuedCohort:
    """The result of one plan: digests in row order, and the number of their checkpoints."""

    plan: CohortPlan
    digests: tuple[Digest, ...]
    checkpoints: int


def issue_and_anchor(
    demo: DemoEnvironment, tenant: Tenant, programme: Programme, file: bytes
) -> tuple[list[RowReport], int]:
    """Issue one file and anchor it in batches. Returns the row reports and the number of checkpoints."""
    reports = list(tenant.institution.issue(programme, csv_rows(io.BytesIO(file))))
    return reports, len(anchored(anchor(tenant)))


def anchor(tenant: Tenant) -> list[BatchReport]:
    """Anchor everything that is queued."""
    return anchor_pending(tenant.writer, force=True)


def anchored(reports: list[BatchReport]) -> list[BatchReport]:
    """Return the reports of batches that were anchored."""
    return [report for report in reports if report.step is BatchStep.ANCHORED]


def award_day(demo: DemoEnvironment) -> str:
    """Return today's date of the demonstration, as a cohort file has it."""
    return today_in(DEFAULT_ZONE, demo.clock.now).isoformat()


def issue_cohort(demo: DemoEnvironment, plan: CohortPlan, first: int, count: int) -> IssuedCohort:
    """Issue one cohort of the script, then send the same file again: nothing is issued twice."""
    demo.set_day(plan.day)
    tenant = demo.tenants[plan.institution]
    programme = demo.texts.programme(plan.programme, plan.version)
    file = cohort_csv(plan, first, count, award_day(demo))
    reports, checkpoints = issue_and_anchor(demo, tenant, programme, file)
    again = list(tenant.institution.issue(programme, csv_rows(io.BytesIO(file))))
    if any(report.outcome is not RowOutcome.KNOWN for report in again):
        raise RuntimeError("the same file issued something a second time")
    digests = tuple(report.digest for report in reports if report.digest is not None)
    demo.report(
        DemoEvent(
            f"{tenant.institution.name}: {counted(len(digests), 'credencial firmada', 'credenciales firmadas')} "
            f"en {counted(checkpoints, 'anclaje', 'anclajes')}; "
            "el mismo archivo otra vez no emite nada.",
            f"{tenant.institution.name}: {counted(len(digests), 'credential', 'credentials')} signed, "
            f"{counted(checkpoints, 'checkpoint', 'checkpoints')}; "
            "the same file again issues nothing.",
        )
    )
    return IssuedCohort(plan, digests, checkpoints)


def plan_sizes(learners: int) -> list[tuple[CohortPlan, int, int]]:
    """Return each plan with its first learner and its number of learners."""
    sized, first = [], 1
    for plan, count in zip(PLANS, sizes(learners), strict=True):
        sized.append((plan, first, count))
        first += count
    return sized


def refuse_rows(demo: DemoEnvironment) -> None:
    """Send rows that must not become credentials. Each is refused with its reason."""
    tenant = demo.tenants["demo-ut"]
    programme = demo.texts.programme("ind40-fundamentos")
    reports = list(tenant.institution.issue(programme, csv_rows(io.BytesIO(failing_rows(award_day(demo))))))
    codes = [report.code for report in reports if report.outcome is RowOutcome.REFUSED]
    demo.report(
        DemoEvent(
            f"Tres filas que no deben emitirse se rechazan: {', '.join(str(code) for code in codes)}.",
            f"Three rows that must not be issued are refused: {', '.join(str(code) for code in codes)}.",
            Code.RESULT_NOT_PASSED,
        )
    )


def issue_one(demo: DemoEnvironment, plan: CohortPlan, number: int, awarded: str) -> Digest:
    """Issue one credential and anchor it."""
    digest = sign_one(demo, plan, number, awarded)
    anchor(demo.tenants[plan.institution])
    return digest


def sign_one(demo: DemoEnvironment, plan: CohortPlan, number: int, awarded: str) -> Digest:
    """Sign and queue one credential."""
    programme = demo.texts.programme(plan.programme, plan.version)
    rows = csv_rows(io.BytesIO(cohort_csv(plan, number, 1, awarded)))
    [report] = demo.tenants[plan.institution].institution.issue(programme, rows)
    if report.digest is None:
        raise RuntimeError(f"the row was refused: {report.code}")
    return report.digest
