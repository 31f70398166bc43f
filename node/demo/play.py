"""The demonstration from the first block to the audit, in the order in which it is told.

`play` leaves a folder that anybody can verify with nothing but this program, or with other people's. It is built beside its
place and moved there at the end: a demonstration that breaks off leaves nothing behind.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from acredita.anchoring.receipts import time_text
from acredita.node.demo import attacks, cases, export, founding, incidents, issuing
from acredita.node.demo.cases import Case
from acredita.node.demo.cohorts import CohortPlan
from acredita.node.demo.export import Folder
from acredita.node.demo.learner_counts import MAX_LEARNERS, MIN_LEARNERS
from acredita.node.demo.stage import Stage, Told
from acredita.node.demo.story import Story
from acredita.node.demo.summary import Progress, verify_and_audit

SECOND_EPOCH: Final = CohortPlan("demo-ut", "ind40-fundamentos", None, 0, "2026-11-15", False)
SECOND_EPOCH_LEARNERS: Final = 4
SECOND_EPOCH_FIRST: Final = 400_001
EXPIRED: Final = CohortPlan("demo-ce", "ingles-negocios", None, 0, "2025-11-03", True)
UNAPPROVED: Final = CohortPlan("demo-ut", "comercio-digital", None, 0, "2026-06-20", False)
PENDING: Final = CohortPlan("demo-ut", "ind40-fundamentos", None, 0, "2026-11-15", False)


def play(out: Path, learners: int, today: int, tell: Callable[[Told], None], progress: Progress) -> Story:
    """Play it all; `today` in Unix seconds. Raises OSError where `out` cannot be used."""
    if not MIN_LEARNERS <= learners <= MAX_LEARNERS:
        raise ValueError(f"learners: from {MIN_LEARNERS} to {MAX_LEARNERS} expected")
    out.parent.mkdir(parents=True, exist_ok=True)
    export.check_place(out)
    story = Story(learners)

    def narrate(told: Told) -> None:
        story.told.append(told)
        tell(told)

    with tempfile.TemporaryDirectory(prefix=".acredita-demo-", dir=out.resolve().parent) as scratch:
        built, private = Path(scratch) / "out", Path(scratch) / "private"
        built.mkdir()
        private.mkdir(mode=0o700)
        stage = Stage.open(private, built / "chain", today, narrate)
        try:
            _the_year(stage, story)
            verify_and_audit(stage, story, Folder(built), progress)
        finally:
            stage.close()
        export.move_into_place(built, out)
    return story


def _the_year(stage: Stage, story: Story) -> None:
    founding.found(stage)
    founding.open_institutions(stage)
    first, *others = issuing.plan_sizes(story.learners)
    _the_centre(stage, story, first)
    for key in ("demo-ut", "demo-up", "demo-bt"):
        founding.accredit(stage, key)
    for key in ("demo-ut", "demo-up", "demo-bt"):
        founding.approve_programmes(stage, key)
    for plan, number, count in others:
        later = SECOND_EPOCH_LEARNERS if plan.institution == "demo-ut" else 0
        story.cohorts.append(issuing.issue_cohort(stage, plan, number, count - later))
    issuing.refuse_rows(stage)
    _ordinary_mishaps(stage, story)
    _a_suspended_issuer(stage, story, others[-1][0])
    _a_theft(stage, story, SECOND_EPOCH_FIRST)
    _the_last_day(stage, story)


def _the_centre(stage: Stage, story: Story, plan: tuple[CohortPlan, int, int]) -> None:
    """An issuer whose accreditation has run out since, and a credential whose validity has."""
    founding.accredit(stage, "demo-ce")
    founding.approve_programmes(stage, "demo-ce")
    story.cohorts.append(issuing.issue_cohort(stage, *plan))
    stage.on(EXPIRED.day)
    awarded = time_text(stage.time("2024-01-15"))[:10]
    digest = issuing.issue_one(stage, EXPIRED, 600_001, awarded)
    story.case(stage, "demo-ce", digest)
    story.case(stage, "demo-ce", story.digests("ingles-negocios")[0])


def _ordinary_mishaps(stage: Stage, story: Story) -> None:
    stage.on(UNAPPROVED.day)
    story.case(stage, "demo-ut", incidents.issue_unapproved(stage, UNAPPROVED))
    stage.on("2026-07-01")
    ut, up = story.digests("ind40-fundamentos"), story.digests("analitica-ingenieria")
    story.corrected = incidents.correct_one(stage, "demo-ut", ut[1], "Destacado")
    story.case(stage, "demo-ut", ut[1])
    stage.on("2026-08-03")
    incidents.revoke_and_suspend(stage, "demo-up", up[0], up[1], up[2])
    story.case(stage, "demo-up", up[0])
    story.case(stage, "demo-up", up[1])
    stage.on("2026-08-20")
    design = story.digests("diseno-microcredenciales")
    incidents.withdraw_programme(stage, "demo-up", stage.texts.programme("diseno-microcredenciales").digest)
    story.case(stage, "demo-up", design[0])


def _a_suspended_issuer(stage: Stage, story: Story, plan: CohortPlan) -> None:
    bt = story.digests("servicio-cliente-dual")
    stage.on("2026-09-01")
    incidents.suspend_issuer(stage, "demo-bt", plan, bt[0])
    stage.on("2026-09-10")
    insider = attacks.slip_in(stage, "demo-bt", plan)
    story.strangers[stage.tenants["demo-bt"].issuer] = insider.entry
    story.cases.append(cases.inserted(insider.credential, insider.receipt))
    story.case(stage, "demo-bt", bt[1])


def _a_theft(stage: Stage, story: Story, first: int) -> None:
    stage.on("2026-10-01")
    attacks.rewrite_refused(stage, "demo-ut")
    stage.on("2026-10-05")
    story.void.append(attacks.steal_and_recover(stage, "demo-ut"))
    story.cohorts.append(issuing.issue_cohort(stage, SECOND_EPOCH, first, SECOND_EPOCH_LEARNERS))


def _the_last_day(stage: Stage, story: Story) -> None:
    """What is still on its way today, and what was made from sound credentials by other hands."""
    stage.on(PENDING.day)
    tenant = stage.tenants["demo-ut"].institution
    last = story.cohorts[-1].digests[-1]
    story.put_aside.add(last)
    sound = cases.anchored_case(stage, "demo-ut", story.digests("ind40-fundamentos")[2])
    pending = issuing.sign_one(stage, PENDING, 500_001, issuing.award_day(stage))
    story.cases += [
        cases.altered(sound),
        cases.reshaped(sound),
        cases.without_receipt(cases.anchored_case(stage, "demo-ut", last)),
        cases.stranger(stage),
        Case(tenant.credential(pending), None),
    ]
