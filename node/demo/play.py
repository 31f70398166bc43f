"""The demonstration from the first block to the audit, in the order in which it is told.

`play` leaves a folder that anybody can verify with nothing but this program, or with other people's. It is built beside its
place and moved there at the end: a demonstration that breaks off leaves nothing behind.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from acredita.anchoring.checkpoint import Checkpoint
from acredita.anchoring.entries import Entry
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import Digest, IssuerId, to_hex
from acredita.node.demo import cases, export, founding, incidents, issuing
from acredita.node.demo.cases import Case
from acredita.node.demo.cohorts import CohortPlan
from acredita.node.demo.export import Folder
from acredita.node.demo.incidents import Corrected
from acredita.node.demo.issuing import Issued
from acredita.node.demo.learner_counts import MAX_LEARNERS, MIN_LEARNERS
from acredita.node.demo.stage import Stage, Told
from acredita.node.publication.trust_folder import TrustFolder, read_json_file, write_json
from acredita.node.verification.verifier import Verifier
from acredita.registry.audit.replay import Audit, Published, replay
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.ledger_facts.observer import Observer
from acredita.registry.ledger_facts.trust_file import parse_trust
from acredita.registry.verification.case import Moment
from acredita.registry.verification.results import Report, Verdict
from cryptography.hazmat.primitives.asymmetric import ed25519

FORMAT: Final = "acredita-summary/1"
SECOND_EPOCH: Final = CohortPlan("demo-ut", "ind40-fundamentos", None, 0, "2026-11-15", False)
SECOND_EPOCH_LEARNERS: Final = 4
SECOND_EPOCH_FIRST: Final = 400_001
EXPIRED: Final = CohortPlan("demo-ce", "ingles-negocios", None, 0, "2025-11-03", True)
UNAPPROVED: Final = CohortPlan("demo-ut", "comercio-digital", None, 0, "2026-06-20", False)
PENDING: Final = CohortPlan("demo-ut", "ind40-fundamentos", None, 0, "2026-11-15", False)

Progress = Callable[[int, int], None]
"""How many of how many credentials have been verified."""


@dataclass
class Story:
    """What the demonstration has come to: cohorts, cases, verdicts, and the answer of the audit."""

    learners: int
    told: list[Told] = field(default_factory=list)
    cohorts: list[Issued] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    put_aside: set[Digest] = field(default_factory=set)
    strangers: dict[IssuerId, Entry] = field(default_factory=dict)
    files: dict[str, Report] = field(default_factory=dict)
    void: list[Checkpoint] = field(default_factory=list)
    corrected: Corrected | None = None
    verified: dict[Verdict, int] = field(default_factory=dict)
    audit: Audit | None = None

    def digests(self, programme: str) -> tuple[Digest, ...]:
        return next(issued.digests for issued in self.cohorts if issued.plan.programme == programme)

    def case(self, stage: Stage, key: str, digest: Digest) -> Case:
        """A credential that will not be recognised, as delivered; it is left out of the recognised ones."""
        self.put_aside.add(digest)
        found = cases.anchored_case(stage, key, digest)
        self.cases.append(found)
        return found

    def count(self, verdict: Verdict) -> int:
        return sum(report.verdict is verdict for report in self.files.values())


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
            _the_reckoning(stage, story, Folder(built), progress)
        finally:
            stage.close()
        export.move_into_place(built, out)
    return story


# --- the year, by date ---


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
    insider = incidents.slip_in(stage, "demo-bt", plan)
    story.strangers[stage.tenants["demo-bt"].issuer] = insider.entry
    story.cases.append(cases.inserted(insider.credential, insider.receipt))
    story.case(stage, "demo-bt", bt[1])


def _a_theft(stage: Stage, story: Story, first: int) -> None:
    stage.on("2026-10-01")
    incidents.rewrite_refused(stage, "demo-ut")
    stage.on("2026-10-05")
    story.void.append(incidents.steal_and_recover(stage, "demo-ut"))
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


# --- the reckoning: write down, verify, audit ---


def _the_reckoning(stage: Stage, story: Story, folder: Folder, progress: Progress) -> None:
    signer = PrivateKeySigner.of(ed25519.Ed25519PrivateKey.generate())
    export.write_documents(stage, folder)
    export.write_logs(stage, folder, story.strangers)
    head = export.write_trust(stage, folder, signer)
    public = TrustFolder(folder.base)
    trust = parse_trust(read_json_file(folder.base / "trust.json"))
    verifier = Verifier(trust, Observer(stage.ledger, trust.contracts, head, public.entries_of), public)
    moment = Moment(stage.clock())
    _verify_cohorts(stage, story, folder, verifier, moment, progress)
    _verify_cases(story, folder, verifier, moment)
    published = Published(public.status_lists, public.dids, stage.clock())
    story.audit = replay(stage.ledger, trust.contracts, head, public.entries_of, public.key_statement, published)
    write_json(folder.base / "summary.json", summary(stage, story))


def _verify_cohorts(
    stage: Stage, story: Story, folder: Folder, verifier: Verifier, moment: Moment, progress: Progress
) -> None:
    """Every credential that was anchored is verified; the recognised ones are written to credentials/."""
    wanted = [(issued.plan.institution, digest) for issued in story.cohorts for digest in issued.digests]
    wanted += [("demo-ut", story.corrected.new)] if story.corrected else []
    numbers: dict[str, int] = {}
    for done, (key, digest) in enumerate(wanted, 1):
        staff = stage.tenants[key].institution
        credential, receipt = staff.credential(digest), staff.receipt(digest)
        report = verifier.verify(verifier.read(credential), receipt, moment)
        story.verified[report.verdict] = story.verified.get(report.verdict, 0) + 1
        if report.verdict is Verdict.RECOGNISED and digest not in story.put_aside:
            numbers[key] = numbers.get(key, 0) + 1
            name = f"{key.removeprefix('demo-')}-{numbers[key]:04d}"
            story.files[folder.credential("credentials", name, credential, receipt)] = report
        progress(done, len(wanted))


def _verify_cases(story: Story, folder: Folder, verifier: Verifier, moment: Moment) -> None:
    for case in story.cases:
        report = verifier.verify(verifier.read(case.credential), case.receipt, moment)
        if report.verdict is Verdict.RECOGNISED or report.code is None:
            raise RuntimeError("a case of the demonstration came out recognised")
        name = f"{report.verdict.value}--{report.code.lower()}"
        story.files[folder.credential("cases", name, case.credential, case.receipt)] = report


def summary(stage: Stage, story: Story) -> dict[str, object]:
    """`acredita-summary/1` (docs/protocol.md)."""
    audit = story.audit
    if audit is None:
        raise RuntimeError("the summary comes after the audit")
    return {
        "format": FORMAT,
        "made": time_text(stage.clock()),
        "learners": story.learners,
        "trust": "trust.json",
        "as_of": time_text(audit.block.time),
        "blocks": audit.block.number + 1,
        "files": {path: {"verdict": r.verdict.value, "code": r.code} for path, r in sorted(story.files.items())},
        "verified": {verdict.value: count for verdict, count in sorted(story.verified.items())},
        "logs": export.log_paths(stage, story.strangers),
        "void_checkpoints": [
            {
                "issuer": to_hex(log.issuer),
                "epoch": log.epoch,
                "number": number,
            }
            for log in audit.logs
            for number in log.void
        ],
        "events": [{"es": told.es, "en": told.en, "code": told.code} for told in story.told],
        "audit": {
            "clean": audit.clean,
            "state_hash": to_hex(audit.state_hash),
            "parties": audit.parties,
            "programmes": audit.programmes,
            "entries": sum(log.entries for log in audit.logs),
            "checkpoints": sum(log.checkpoints for log in audit.logs),
            "findings": [{"weight": f.weight, "code": f.code, "where": f.where} for f in audit.findings],
        },
    }
