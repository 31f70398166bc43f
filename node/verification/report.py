"""A report for programs and for people: one JSON form, and one page in the terminal, Spanish first.

A page names the verdict by the fact: if the signature is sound, "Revocada", "Vencida" or "Sustituida" and not
"Inválida".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import to_hex
from acredita.node.verification.language import Language, in_language
from acredita.registry.codes import Code, sentence
from acredita.registry.credentials.parse import ParsedCredential
from acredita.registry.evidence.holder_proof import HolderProof
from acredita.registry.programmes.programme import Programme
from acredita.registry.verification.results import (
    CLEANED_IDENTIFIER,
    StepOutcome,
    StepResult,
    Verdict,
    VerificationReport,
)
from rich.console import Console
from rich.markup import escape
from rich.table import Table

FORMAT: Final = "acredita-report/1"


@dataclass(frozen=True)
class Answer:
    """A report with the values a page shows beside it: the parsed credential, and names from approved documents.

    `members`: of a container, the answer on each of its credentials; this answer is then that on the worst of them.
    """

    report: VerificationReport
    credential: ParsedCredential | None
    programme: Programme | None
    issuer_name: str | None
    demo_chain: bool
    members: tuple["Answer", ...] = ()
    holder_proofs: tuple[HolderProof, ...] = ()

    @property
    def title(self) -> Mapping[str, str] | None:
        """The programme's title, if the credential is signed and the registry approved that version, then or now."""
        report = self.report
        approved = report.step(3).ok and any(step.number == 9 and step.ok for step in (*report.steps, *report.now))
        return self.programme.title if self.programme is not None and approved else None

    @property
    def issuer(self) -> str | None:
        """The issuer's name in the registry, if the signature holds and the key is the issuer's."""
        return self.issuer_name if self.report.step(3).ok and self.report.step(4).ok else None


VERDICTS: Final[dict[Verdict, tuple[str, str]]] = {
    Verdict.RECOGNISED: ("RECONOCIDA", "RECOGNISED"),
    Verdict.VALID_WITH_WARNINGS: ("VÁLIDA CON AVISOS", "VALID WITH WARNINGS"),
    Verdict.PENDING_ANCHOR: ("FIRMADA, AÚN SIN ANCLAR", "SIGNED, NOT ANCHORED YET"),
    Verdict.NOT_RECOGNISED: ("NO RECONOCIDA", "NOT RECOGNISED"),
    Verdict.OTHER_PERSON: ("NO CORRESPONDE A LA PERSONA INDICADA", "NOT OF THE PERSON NAMED"),
    Verdict.INVALID: ("INVÁLIDA", "INVALID"),
    Verdict.INDETERMINATE: ("NO VERIFICABLE AHORA", "CANNOT BE VERIFIED NOW"),
}
_BY_CODE: Final[dict[str, tuple[str, str]]] = {
    Code.CREDENTIAL_REVOKED: ("REVOCADA", "REVOKED"),
    Code.CREDENTIAL_SUSPENDED: ("SUSPENDIDA", "SUSPENDED"),
    Code.CREDENTIAL_EXPIRED: ("VENCIDA", "EXPIRED"),
    Code.SUPERSEDED: ("SUSTITUIDA", Code.SUPERSEDED),
}
_COLOURS: Final[dict[Verdict, str]] = {
    Verdict.RECOGNISED: "bold green",
    Verdict.VALID_WITH_WARNINGS: "bold yellow",
    Verdict.PENDING_ANCHOR: "bold yellow",
    Verdict.NOT_RECOGNISED: "bold red",
    Verdict.OTHER_PERSON: "bold red",
    Verdict.INVALID: "bold red",
    Verdict.INDETERMINATE: "bold magenta",
}
STEPS: Final[dict[int, tuple[str, str]]] = {
    1: ("Estructura", "Structure"),
    2: ("Esquema", "Schema"),
    3: ("Firma", "Proof"),
    4: ("Vínculo con la entidad", "Binding"),
    5: ("Clave", "Key"),
    6: ("Cadena", "Chain"),
    7: ("Inclusión", "Inclusion"),
    8: ("Entidad emisora", "Issuer"),
    9: ("Programa", "Programme"),
    10: ("Estado", "Status"),
    11: ("Vigencia", "Dates"),
    12: ("Persona titular", "Subject"),
}
OUTCOMES: Final[dict[StepOutcome, tuple[str, str]]] = {
    StepOutcome.PASSED: ("cumple", "passed"),
    StepOutcome.FAILED: ("no cumple", "failed"),
    StepOutcome.NOT_CHECKED: ("no se pudo revisar", "could not check"),
    StepOutcome.NOT_ASKED: ("no se pidió", "not asked"),
}


DOCUMENT_KINDS: Final[dict[str, str]] = {"programme": "programa", "scope": "alcance"}
"""Spanish names of the documents that the ledger names by their digest."""


def verdict_text(report: VerificationReport, language: Language) -> str:
    """Return the verdict as a page names it."""
    sound = report.verdict is Verdict.INVALID and report.step(3).ok
    by_code = _BY_CODE.get(report.code or "") if sound else None
    return in_language(by_code or VERDICTS[report.verdict], language)


def otherwise_text(verdict: Verdict, language: Language) -> str:
    """Return the sentence on another person's credential: its verdict without regard to the person."""
    says = in_language(("Sin considerar a la persona", "Without regard to the person"), language)
    return f"{says}: {in_language(VERDICTS[verdict], language)}"


def cleaned_text(report: VerificationReport, language: Language) -> str | None:
    """Return the sentence on a typed identifier that had invisible characters; None where it had none."""
    if report.step(12).found != CLEANED_IDENTIFIER:
        return None
    es = "El identificador se comparó sin los caracteres invisibles que traía."
    return in_language((es, "The identifier was compared without the invisible characters it had."), language)


def answer_document(answer: Answer) -> dict[str, object]:
    """Build `acredita-report/1`; of a container with the report on each member and the holders' proofs."""
    document = report_document(answer.report)
    if answer.members:
        document["members"] = [report_document(member.report) for member in answer.members]
        document["holder_proofs"] = [
            {"held": proof.held, "code": proof.code, "by": proof.by} for proof in answer.holder_proofs
        ]
    return document


def sentences_of(report: VerificationReport) -> list[Code]:
    """Return the codes whose sentences explain a report, in order: what fails now comes before a missing receipt."""
    return [*report.fails_now, *([report.code] if report.code else []), *(note.code for note in report.notes)]


def report_document(report: VerificationReport) -> dict[str, object]:
    """Build `acredita-report/1`, the JSON of `--json` and of the HTTP interface."""
    return {
        "format": FORMAT,
        "verdict": report.verdict.value,
        "code": report.code,
        "otherwise": None if report.otherwise is None else report.otherwise.value,
        "signed_by": report.signed_by,
        "checked_at": time_text(report.checked_at),
        "as_of": None if report.as_of is None else time_text(report.as_of),
        "anchored_at": None if report.anchored_at is None else time_text(report.anchored_at),
        "block": None if report.block is None else {"number": report.block.number, "hash": to_hex(report.block.hash)},
        "notes": [{"code": note.code, "detail": note.detail} for note in report.notes],
        "steps": [_step(step) for step in report.steps],
        "now": [_step(step) for step in report.now],
    }


def _step(step: StepResult) -> dict[str, object]:
    return {
        "step": step.number,
        "name": step.name,
        "outcome": step.outcome.value,
        "code": step.code,
        "expected": step.expected,
        "found": step.found,
        "needs": step.needs,
    }


def render(console: Console, answer: Answer, language: Language, title: str) -> None:
    """Print the answer for a person at a terminal."""
    if answer.members:
        _render_container(console, answer, language, title)
        return
    report = answer.report
    verdict = verdict_text(report, language)
    code = f" · {report.code}" if report.code else ""
    console.print(
        f"[{_COLOURS[report.verdict]}]{verdict}[/]{code}  [dim]{escape(title)}[/]", highlight=False, soft_wrap=True
    )
    for code in sentences_of(report):
        console.print("  " + sentence(code, language.value), highlight=False)
    for line in _facts(answer, language):
        console.print("  " + line, highlight=False, markup=False, soft_wrap=True)
    console.print(_table(report, language))


def _render_container(console: Console, answer: Answer, language: Language, title: str) -> None:
    """Print the verdict of a container, which is that of its worst member, then each member."""
    count, verdict = len(answer.members), verdict_text(answer.report, language)
    console.print(f"[{_COLOURS[answer.report.verdict]}]{verdict}[/]  [dim]{escape(title)}[/]", soft_wrap=True)
    console.print("  " + container_text(count, language), highlight=False)
    for proof in answer.holder_proofs:
        console.print("  " + holder_text(proof, language), highlight=False, markup=False)
    for number, member in enumerate(answer.members, 1):
        render(console, member, language, f"{title} · {number}/{count}")


def container_text(count: int, language: Language) -> str:
    """Return the sentence on how many credentials are judged together."""
    spanish = f"Credenciales dentro: {count}. El resultado es el de la peor."
    return in_language((spanish, f"Credentials inside: {count}. The answer is that on the worst of them."), language)


def holder_text(proof: HolderProof, language: Language) -> str:
    """Return the sentence on the proof of a presentation."""
    if proof.held:
        return in_language(("Presentación firmada por", "Presentation signed by"), language) + f": {proof.by}"
    says = {
        None: ("La firma de la presentación no se pudo revisar", "The presentation's proof could not be checked"),
        False: ("La firma de la presentación no es auténtica", "The presentation's proof is not genuine"),
    }
    if proof.code == Code.PROOF_MISSING:
        return in_language(("La presentación no está firmada", "The presentation is not signed"), language)
    return in_language(says[proof.held], language) + f": {proof.code}"


def _facts(answer: Answer, language: Language) -> list[str]:
    report, spanish = answer.report, language is Language.ES
    lines = [] if report.otherwise is None else [otherwise_text(report.otherwise, language)]
    cleaned = cleaned_text(report, language)
    lines += [] if cleaned is None else [cleaned]
    if answer.title is not None:
        title = answer.title.get(language.value) or answer.title["es"]
        lines.append(f"{'Microcredencial' if spanish else 'Microcredential'}: {title}")
    if answer.issuer is not None:
        lines.append(f"{'Entidad emisora' if spanish else 'Issuer'}: {answer.issuer}")
    lines += _missing_documents(report, spanish)
    if report.signed_by is not None:
        lines.append(f"{'Firmada por' if spanish else 'Signed by'}: {report.signed_by}")
    if report.anchored_at is not None:
        lines.append(f"{'Anclada' if spanish else 'Anchored'}: {time_text(report.anchored_at)}")
    if report.as_of is not None:
        lines.append(f"{'Estado de la cadena al' if spanish else 'Chain state as of'}: {time_text(report.as_of)}")
    if answer.demo_chain:
        lines.append("cadena de demostración" if spanish else "demo chain")
    return lines


def _missing_documents(report: VerificationReport, spanish: bool) -> list[str]:
    """Name each document that a step lacked, and the option that names who has it."""
    steps = [step for step in (*report.steps, *report.now) if step.code == Code.DOCUMENT_MISSING and step.found]
    lines = []
    for document in dict.fromkeys(step.found or "" for step in steps):
        kind, _, digest = document.partition(" ")
        named = f"{DOCUMENT_KINDS.get(kind, kind) if spanish else kind} {digest}"
        lines.append(
            f"Falta el documento: {named}. Repita con --source y la dirección de un nodo o la carpeta que lo tenga."
            if spanish
            else f"Missing document: {named}. Run again with --source and the address of a node, or a folder, that has it."
        )
    return lines


def _table(report: VerificationReport, language: Language) -> Table:
    spanish = language is Language.ES
    table = Table(box=None, padding=(0, 2, 0, 2))
    for heading in ("", "paso", "al anclarse", "ahora") if spanish else ("", "step", "then", "now"):
        table.add_column(heading)
    now = {step.number: step for step in report.now}
    for step in report.steps:
        later = now.get(step.number)
        table.add_row(
            str(step.number),
            in_language(STEPS[step.number], language),
            _outcome(step, language),
            "" if later is None else _outcome(later, language),
        )
    return table


def _outcome(step: StepResult, language: Language) -> str:
    text = in_language(OUTCOMES[step.outcome], language)
    if step.needs is not None:
        return f"{text} ({'paso' if language is Language.ES else 'step'} {step.needs})"
    return f"{text}: {step.code}" if step.code else text
