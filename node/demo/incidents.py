"""Act out the incidents of a year: a corrected grade, a revocation, suspensions, a withdrawn programme."""

import io
from dataclasses import dataclass

from acredita.anchoring.checkpoint import CheckpointKind
from acredita.anchoring.types import Digest
from acredita.contracts import bindings
from acredita.node.demo.cohorts import CohortPlan, cohort_csv
from acredita.node.demo.environment import DemoEnvironment, DemoEvent
from acredita.node.demo.issuing import anchor, anchored, award_day, issue_one
from acredita.node.write_path.batch_report import BatchStep
from acredita.registry.codes import Code
from acredita.registry.credentials.cohort_rows import csv_rows


@dataclass(frozen=True)
class Correction:
    """The digests of a credential before and after a correction."""

    old: Digest
    new: Digest


def correct_one(demo: DemoEnvironment, key: str, digest: Digest, result: str) -> Correction:
    """Correct a mistyped grade: same id, newer validFrom; the old file is replaced and revoked."""
    tenant = demo.tenants[key]
    programme = demo.texts.programme("ind40-fundamentos")
    new = tenant.institution.correct(digest, programme, result=result)
    anchor(tenant)
    demo.report(
        DemoEvent(
            "Una calificación corregida: misma credencial, versión nueva; el archivo anterior queda sustituido.",
            "One grade corrected: same credential, newer version; the old file is superseded.",
            Code.SUPERSEDED,
        )
    )
    return Correction(digest, new)


def revoke_and_suspend(demo: DemoEnvironment, key: str, revoked: Digest, suspended: Digest, reinstated: Digest) -> None:
    """Revoke one credential, suspend two, and reinstate one of the two."""
    tenant = demo.tenants[key].institution
    tenant.revoke(revoked)
    tenant.suspend(suspended)
    tenant.suspend(reinstated)
    anchor(demo.tenants[key])
    tenant.reinstate(reinstated)
    anchor(demo.tenants[key])
    demo.report(
        DemoEvent(
            "Una credencial revocada, dos suspendidas y una de ellas restituida: solo posiciones, sin motivos ni personas.",
            "One credential revoked, two suspended and one of them reinstated: positions only, no reasons, no persons.",
            Code.CREDENTIAL_REVOKED,
        )
    )


def withdraw_programme(demo: DemoEnvironment, key: str, programme: Digest) -> None:
    """Withdraw a programme of the institution. Credentials anchored before stay valid."""
    control = demo.controls[key]
    registry = bindings.ProgrammeRegistry(demo.deployed.programme_registry)
    control.control.transact(
        registry.withdraw(demo.tenants[key].issuer, programme, demo.legal_act("Retiro de un programa"))
    )
    demo.report(
        DemoEvent(
            "La institución retira un programa: lo anclado antes sigue válido, con aviso.",
            "The institution withdraws a programme: what was anchored before stays valid, with a warning.",
            Code.PROGRAMME_WITHDRAWN_NOW,
        )
    )


def issue_unapproved(demo: DemoEnvironment, plan: CohortPlan) -> Digest:
    """Issue a credential of a programme in review. The contract cannot know it; the verifier does."""
    digest = issue_one(demo, plan, 800_001, award_day(demo))
    demo.report(
        DemoEvent(
            "Una credencial de un programa aún en revisión se ancla, pero nadie la reconoce.",
            "A credential of a programme still in review is anchored, but nobody recognises it.",
            Code.PROGRAMME_NOT_APPROVED_AT_ISSUANCE,
        )
    )
    return digest


def suspend_issuer(demo: DemoEnvironment, key: str, plan: CohortPlan, to_revoke: Digest) -> None:
    """Suspend an issuer: the contract refuses its next batch, and still accepts a revocation."""
    tenant = demo.tenants[key]
    act = demo.legal_act(f"Suspensión de {tenant.institution.name}")
    demo.council.do("suspend", {"did": tenant.issuer, "act": act}, act)
    programme = demo.texts.programme(plan.programme, plan.version)
    file = cohort_csv(plan, 700_001, 3, award_day(demo))
    list(tenant.institution.issue(programme, csv_rows(io.BytesIO(file))))
    tenant.institution.revoke(to_revoke)
    reports = anchor(tenant)
    refused = next(report for report in reports if report.step is BatchStep.REFUSED)
    taken = anchored(reports)[-1]
    if refused.reason is None or taken.checkpoint is None or taken.checkpoint.kind != CheckpointKind.STATUS_ONLY:
        raise RuntimeError("the contract took an open checkpoint of a suspended issuer")
    demo.report(
        DemoEvent(
            f"{tenant.institution.name} queda suspendida: la cadena rechaza su lote ({refused.reason.reason}) "
            "y acepta su revocación.",
            f"{tenant.institution.name} is suspended: the chain refuses its batch ({refused.reason.reason}) "
            "and takes its revocation.",
            refused.reason.code,
        )
    )
