"""`acredita verify FILE…`: is it genuine, recognised, and still good?"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer
from acredita.cli.bodies.mirror_findings import print_findings
from acredita.cli.bodies.moments import read_moment
from acredita.cli.exit_codes import NEGATIVE, OK, UNKNOWN, UNUSABLE, ArgumentRefused, worst
from acredita.cli.spanish.sentences import said
from acredita.node.publication.trust_folder import FileRefused
from acredita.node.verification.files import Sources, open_sources
from acredita.node.verification.language import Language
from acredita.node.verification.report import answer_document, render
from acredita.registry.codes import sentence
from acredita.registry.evidence.open_document import DocumentRefused
from acredita.registry.verification.case import Moment
from acredita.registry.verification.results import Verdict
from rich.console import Console

OF_VERDICT: Final[dict[Verdict, int]] = {
    Verdict.RECOGNISED: OK,
    Verdict.VALID_WITH_WARNINGS: OK,
    Verdict.INVALID: NEGATIVE,
    Verdict.NOT_RECOGNISED: NEGATIVE,
    Verdict.OTHER_PERSON: NEGATIVE,
    Verdict.INDETERMINATE: UNKNOWN,
    Verdict.PENDING_ANCHOR: UNKNOWN,
}
"""Exit code of `acredita verify` for each verdict."""


def verify(
    files: list[Path],
    trust: Path | None,
    receipt: Path | None,
    rpc: str | None,
    chain: Path | None,
    log: str | None,
    more_sources: list[str],
    records: str | None,
    at: str | None,
    proofs: bool | None,
    identifier: str | None,
    strict: bool,
    lang: Language,
    as_json: bool,
) -> int:
    """Run `acredita verify`."""
    if receipt is not None and len(files) > 1:
        raise ArgumentRefused("--receipt belongs to one credential: name one file")
    if identifier is not None and not _is_text(identifier):
        raise ArgumentRefused("--identifier: text in the terminal's encoding expected")
    moment = read_moment(at)
    with open_sources(
        trust, rpc, chain, moment, proofs=proofs, log=log, records=records, sources=more_sources
    ) as sources:
        invocation = Invocation(sources, moment, identifier, strict, lang, as_json)
        answers = [_one(invocation, file, receipt) for file in files]
        print_findings(sources.findings, lang)
    if as_json:
        documents = [document for document, _ in answers]
        typer.echo(json.dumps(documents[0] if len(files) == 1 else documents, ensure_ascii=False, indent=2))
    return worst(code for _, code in answers)


@dataclass(frozen=True)
class Invocation:
    """One invocation: against which sources, for which moment and person, and in which form."""

    sources: Sources
    moment: Moment
    identifier: str | None
    strict: bool
    lang: Language
    as_json: bool

    def exit_code(self, verdict: Verdict) -> int:
        """Return the exit code of a verdict: `--strict` makes a warning a negative answer."""
        return NEGATIVE if self.strict and verdict is Verdict.VALID_WITH_WARNINGS else OF_VERDICT[verdict]


def _one(invocation: Invocation, file: Path, receipt: Path | None) -> tuple[dict[str, object], int]:
    """Verify one file; a file that cannot be read does not keep the others from being verified."""
    lang, as_json = invocation.lang, invocation.as_json
    try:
        answer = invocation.sources.verify(file, receipt, invocation.moment, invocation.identifier)
    except DocumentRefused as error:
        reason = f"{file}: {error.code}: {sentence(error.code, lang.value)} ({said(str(error), lang)})"
        if not as_json:
            typer.echo(f"acredita: {reason}", err=True)
        return {"file": str(file), "error": reason, "code": error.code}, UNUSABLE
    except (FileRefused, OSError) as error:
        reason = str(error) if isinstance(error, FileRefused) else _unreadable(error, file)
        if not as_json:
            typer.echo(f"acredita: {said(reason, lang)}", err=True)
        return {"file": str(file), "error": reason}, UNUSABLE
    if not as_json:
        render(Console(emoji=False), answer, lang, str(file))
    return {"file": str(file), **answer_document(answer)}, invocation.exit_code(answer.report.verdict)


def _unreadable(error: OSError, file: Path) -> str:
    """Say which file cannot be read; it may be the receipt."""
    return f"{error.filename or file}: {(error.strerror or 'cannot be used').lower()}"


def _is_text(argument: str) -> bool:
    """Return False for bytes that are not of the terminal's encoding, which arrive as lone surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in argument)
