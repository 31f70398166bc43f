"""Run the demonstration: a year from the first block on, then verification and audit.

`run_demonstration` leaves a folder that anybody can verify, with this program or with another. The folder is built beside its
place and moved there at the end, so that a demonstration that breaks off leaves nothing behind.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from acredita.anchoring.receipts import time_text
from acredita.node.demo import attacks, cases, export, founding, incidents, issuing
from acredita.node.demo.cases import DemoCase
from acredita.node.demo.cohorts import CohortPlan
from acredita.node.demo.environment import DemoEnvironment, DemoEvent
from acredita.node.demo.export import DemoFolder
from acredita.node.demo.learner_counts import MAX_LEARNERS, MIN_LEARNERS
from acredita.node.demo.record import DemoRecord
from acredita.node.demo.summary import OnProgress, verify_and_audit

SECOND_EPOCH: Final = CohortPlan("demo-ut", "ind40-fundamentos", None, 0, "2026-11-15", False)
SECOND_EPOCH_LEARNERS: Final = 4
SECOND_EPOCH_FIRST: Final = 400_001
EXPIRED: Final = CohortPlan("demo-ce", "ingles-negocios", None, 0, "2025-11-03", True)
UNAPPROVED: Final = CohortPlan("demo-ut", "comercio-digital", None, 0, "2026-06-20", False)
PENDING: Final = CohortPlan("demo-ut", "ind40-fundamentos", None, 0, "2026-11-15", False)


def run_demonstration(
    out: Path, learners: int, today: int, report: Callable[[DemoEvent], None], on_progress: OnProgress
) -> DemoRecord:
    """Run the whole demonstration; `today` in Unix seconds. Raises OSError if `out` cannot be used."""
    if not MIN_LEARNERS <= learners <= MAX_LEARNERS:
        raise ValueError(f"learners: from {MIN_LEARNERS} to {MAX_LEARNERS} expected")
    out.parent.mkdir(parents=True, exist_ok=True)
    export.check_place(out)
    record = DemoRecord(learners)

    def report_and_keep(event: DemoEvent) -> None:
        record.events.append(event)
        report(event)

    with tempfile.TemporaryDirectory(prefix=".acredita-demo-", dir=out.resolve().parent) as scratch:
        built, private = Path(scratch) / "out", Path(scratch) / "private"
        built.mkdir()
        private.mkdir(mode=0o700)
        demo = DemoEnvironment.open(private, built / "chain", today, report_and_keep)
        try:
            _run_year(demo, record)
            verify_and_audit(demo, record, DemoFolder(built), on_progress)
        finally:
            demo.close()
        export.move_into_place(built, out)
    return record


def _run_year(demo: DemoEnvironment, record: DemoRecord) -> None:
    founding.deploy_contracts(demo)
    founding.open_institutions(demo)
    first, *others = issuing.plan_sizes(record.learners)
    _run_expired_issuer(demo, record, first)
    for key in ("demo-ut", "demo-up", "demo-bt"):
        founding.accredit(demo, key)
    for key in ("demo-ut", "demo-up", "demo-bt"):
        founding.approve_programmes(demo, key)
    for plan, number, count in others:
        later = SECOND_EPOCH_LEARNERS if plan.institution == "demo-ut" else 0
        record.cohorts.append(issuing.issue_cohort(demo, plan, number, count - later))
    issuing.refuse_rows(demo)
    _run_incidents(demo, record)
    _run_suspension(demo, record, others[-1][0])
    _run_theft(demo, record, SECOND_EPOCH_FIRST)
    _run_last_day(demo, record)


def _run_expired_issuer(demo: DemoEnvironment, record: DemoRecord, plan: tuple[CohortPlan, int, int]) -> None:
    """Issue by an issuer whose accreditation has ended since, and a credential whose validity has ended."""
    founding.accredit(demo, "demo-ce")
    founding.approve_programmes(demo, "demo-ce")
    record.cohorts.append(issuing.issue_cohort(demo, *plan))
    demo.set_day(EXPIRED.day)
    awarded = time_text(demo.time("2024-01-15"))[:10]
    digest = issuing.issue_one(demo, EXPIRED, 600_001, awarded)
    record.case(demo, "demo-ce", digest)
    record.case(demo, "demo-ce", record.digests("ingles-negocios")[0])


def _run_incidents(demo: DemoEnvironment, record: DemoRecord) -> None:
    demo.set_day(UNAPPROVED.day)
    record.case(demo, "demo-ut", incidents.issue_unapproved(demo, UNAPPROVED))
    demo.set_day("2026-07-01")
    ut, up = record.digests("ind40-fundamentos"), record.digests("analitica-ingenieria")
    record.corrected = incidents.correct_one(demo, "demo-ut", ut[1], "Destacado")
    record.case(demo, "demo-ut", ut[1])
    demo.set_day("2026-08-03")
    incidents.revoke_and_suspend(demo, "demo-up", up[0], up[1], up[2])
    record.case(demo, "demo-up", up[0])
    record.case(demo, "demo-up", up[1])
    demo.set_day("2026-08-20")
    design = record.digests("diseno-microcredenciales")
    incidents.withdraw_programme(demo, "demo-up", demo.texts.programme("diseno-microcredenciales").digest)
    record.case(demo, "demo-up", design[0])


def _run_suspension(demo: DemoEnvironment, record: DemoRecord, plan: CohortPlan) -> None:
    bt = record.digests("servicio-cliente-dual")
    demo.set_day("2026-09-01")
    incidents.suspend_issuer(demo, "demo-bt", plan, bt[0])
    demo.set_day("2026-09-10")
    insider = attacks.insert_backdated(demo, "demo-bt", plan)
    record.foreign_entries[demo.tenants["demo-bt"].issuer] = insider.entry
    record.cases.append(cases.inserted(insider.credential, insider.receipt))
    record.case(demo, "demo-bt", bt[1])


def _run_theft(demo: DemoEnvironment, record: DemoRecord, first: int) -> None:
    demo.set_day("2026-10-01")
    attacks.rewrite_log(demo, "demo-ut")
    demo.set_day("2026-10-05")
    record.void.append(attacks.steal_and_recover(demo, "demo-ut"))
    record.cohorts.append(issuing.issue_cohort(demo, SECOND_EPOCH, first, SECOND_EPOCH_LEARNERS))


def _run_last_day(demo: DemoEnvironment, record: DemoRecord) -> None:
    """Add the credentials that are still pending today, and those that others made from sound ones."""
    demo.set_day(PENDING.day)
    tenant = demo.tenants["demo-ut"].institution
    sound = cases.anchored_case(demo, "demo-ut", record.digests("ind40-fundamentos")[2])
    pending = issuing.sign_one(demo, PENDING, 500_001, issuing.award_day(demo))
    record.cases += [
        cases.altered(sound),
        cases.reshaped(sound),
        cases.unresolved_issuer(demo),
        cases.unknown_issuer(demo),
        DemoCase(tenant.credential(pending), None),
    ]
