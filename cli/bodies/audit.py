"""`acredita audit replay`: the whole history from the ledger, compared with the entries at hand. Nobody's permission."""

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import typer
from acredita.anchoring.ledger import Ledger, LedgerUnavailable
from acredita.anchoring.receipts import read_time, time_text
from acredita.anchoring.types import to_hex
from acredita.cli.bodies.mirror_findings import print_findings
from acredita.cli.exit_codes import NEGATIVE, OK, UNKNOWN, ArgumentRefused
from acredita.node.archive.archive import unpack_archive
from acredita.node.archive.recorded_ledger import RecordedLedger
from acredita.node.archive.tar_file import ArchiveRefused
from acredita.node.mirroring.refusals import MirrorFinding
from acredita.node.publication.trust_folder import TrustFolder, read_trust
from acredita.node.verification.files import Sources, open_sources, sources_alone
from acredita.node.verification.language import Language, counted, in_language
from acredita.node.verification.pinned_trust import configuration_folder, read_pinned_trust
from acredita.node.verification.sourced_folder import SourcedFolder
from acredita.registry.audit.replay import Audit, AuditOutcome, LogSource, PublishedLists, replay
from acredita.registry.audit.report import audit_document
from acredita.registry.audit.severity import ANSWERS
from acredita.registry.codes import Code, sentence
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.observer import Observer
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.ledger_facts.trust_succession import recorded_fault
from acredita.registry.verification.case import Moment
from rich.console import Console

_DEFINITE = frozenset(
    {Code.CODE_CHANGED, Code.TRUST_EQUIVOCATION}
)  # where proven; else an endpoint's word, and no answer
EXITS: Mapping[AuditOutcome, int] = {"agrees": OK, "differs": NEGATIVE, "unknown": UNKNOWN}


@dataclass(frozen=True)
class AuditQuestion:
    """The arguments of one audit. `now`: Unix seconds at which status lists and keys are judged.

    `archive`: an archive in the place of ledger, files and sources.
    """

    trust: Path | None
    rpc: str | None
    chain: Path | None
    log: str | None
    more_sources: Sequence[str]
    proofs: bool | None
    now: int
    archive: Path | None = None


@dataclass(frozen=True)
class AuditRun:
    """One audit with the sources it was made from, which stay open. `place`: where the logs were looked for."""

    audit: Audit
    trust: Trust
    observer: Observer
    folder: TrustFolder
    place: str
    is_proven: bool
    now: int
    findings: Sequence[MirrorFinding]


@dataclass(frozen=True)
class NoAudit:
    """The reason why nothing could be replayed. `is_proven`: the ledger was read by proof alone."""

    missing: Missing
    is_proven: bool = False


def read_now(text: str | None) -> int:
    """Return the time of `--now` as Unix seconds, or the present."""
    return int(time.time()) if text is None else read_time(text, "--now")


@dataclass(frozen=True)
class Shown:
    """The findings to print: those of one code, at one place; None for all."""

    code: str | None = None
    where: str | None = None

    def of(self, audit: Audit) -> Audit:
        """Return the audit with these findings alone."""
        findings = (
            each for each in audit.findings if self.code in (None, each.code) and self.where in (None, each.where)
        )
        return replace(audit, findings=tuple(findings))


def replay_all(question: AuditQuestion, lang: Language, as_json: bool, shown: Shown) -> int:
    """Run `acredita audit replay`."""
    with audited(question) as run:
        if isinstance(run, NoAudit):
            return print_no_audit(run, lang)
        print_findings(run.findings, lang)
    if as_json:
        answer = {name: value for name, value in audit_document(run.audit).items() if name in ("outcome", "clean")}
        typer.echo(json.dumps(audit_document(shown.of(run.audit)) | answer, indent=2))
    else:
        _render(Console(emoji=False), run.audit, shown, lang)
    return EXITS[run.audit.outcome]


@contextmanager
def audited(question: AuditQuestion, through: Callable[[Ledger], Ledger] | None = None) -> Iterator[AuditRun | NoAudit]:
    """Open the sources, replay the ledger, and keep the sources open for as long as the audit is used.

    `through`: makes of the ledger the one that is read.
    """
    if question.archive is not None:
        with _archived(question, question.archive) as archived:
            yield archived if isinstance(archived, NoAudit) else _run(question, archived)
        return
    with open_sources(
        question.trust,
        question.rpc,
        question.chain,
        Moment(question.now),
        proofs=question.proofs,
        log=question.log,
        sources=question.more_sources,
        through=through,
    ) as sources:
        yield _run(question, sources)


@contextmanager
def _archived(question: AuditQuestion, archive: Path) -> Iterator[Sources | NoAudit]:
    """Unpack an archive into a temporary folder and open it; the trust file is the auditor's own, never the archive's."""
    if question.rpc or question.chain or question.log or question.more_sources:
        raise ArgumentRefused("--archive takes the place of --rpc, --chain, --log and --source")
    trust = _own_trust(question.trust)
    if trust is None:
        yield NoAudit(Missing(Code.TRUST_MISSING, "no --trust and nothing pinned"))
        return
    with tempfile.TemporaryDirectory(prefix="acredita-archive-") as folder:
        try:
            record = unpack_archive(archive, Path(folder))
        except ArchiveRefused as error:
            yield NoAudit(Missing(error.code, f"{archive}: {error.message}"))
            return
        moment = Moment(question.now)
        yield sources_alone(trust, TrustFolder(Path(folder)), RecordedLedger(record), moment, question.proofs)


def _own_trust(path: Path | None) -> Trust | None:
    if path is not None:
        return read_trust(path)
    pinned = read_pinned_trust(configuration_folder())
    return None if pinned is None else pinned.trust


def _run(question: AuditQuestion, sources: Sources) -> AuditRun | NoAudit:
    observer, folder, trust = sources.verifier.observer, sources.folder, sources.trust
    if isinstance(observer, Missing):
        return NoAudit(observer, sources.is_proven)
    outdated = _outdated(trust, observer)
    if outdated is not None or isinstance(trust, Missing):
        return NoAudit(outdated or Missing(Code.TRUST_MISSING), sources.is_proven)
    now, place = max(question.now, observer.block.time), question.log or str(_beside(question, folder) / "log")
    try:
        audit = replay(
            observer.ledger,
            observer.contracts,
            observer.block,
            _log_sources(question, observer, folder, place),
            folder.key_statement,
            PublishedLists(folder.status_lists, folder.dids, now),
            folder.withheld_documents(trust),
            folder,
        )
    except LedgerUnavailable as error:
        return NoAudit(Missing.of(error))
    audit = _with_places(audit, (str(_beside(question, folder)), *_asked(folder)))
    return AuditRun(audit, trust, observer, folder, place, sources.is_proven, now, tuple(sources.findings))


def _beside(question: AuditQuestion, folder: TrustFolder) -> Path:
    """Return the folder of the files as the question names it, else as it is."""
    if question.archive is not None:
        return question.archive
    return folder.base if question.trust is None else question.trust.parent


def _outdated(trust: Trust | Missing, observer: Observer) -> Missing | None:
    """Return why the trust file is not the one that the council recorded last; None if it is."""
    if isinstance(trust, Missing):
        return trust
    try:
        fault = recorded_fault(trust, observer.recorded_trust)
    except LedgerUnavailable as error:
        return Missing.of(error)
    return None if fault is None else Missing(fault)


def _log_sources(question: AuditQuestion, observer: Observer, folder: TrustFolder, place: str) -> Sequence[LogSource]:
    """Return the copies of the logs: those that `--log` names, then those of `--source`, which are named expressly."""
    named = [LogSource(place, observer.entries_of)]
    if question.log is not None and question.more_sources:
        named.append(LogSource(", ".join(_asked(folder)), folder.entries_of))
    return named


def _asked(folder: TrustFolder) -> tuple[str, ...]:
    """Return the sources that complete a folder: the named ones, and those of a pinned trust file."""
    return tuple(source.name for source in folder.copies.mirror.sources) if isinstance(folder, SourcedFolder) else ()


def _with_places(audit: Audit, places: tuple[str, ...]) -> Audit:
    """Return the audit in which each finding of what is missing says where that was looked for."""
    findings = (
        replace(
            finding,
            detail=f"{finding.detail}; looked in {', '.join(looked_in)}",
            looked_in=looked_in,
        )
        if finding.weight == "unknown" and finding.code is not Code.LEDGER_INCOMPLETE
        else finding
        for finding in audit.findings
        for looked_in in [finding.looked_in or places]
    )
    return replace(audit, findings=tuple(findings))


def print_no_audit(refusal: NoAudit, lang: Language) -> int:
    """Print why there is no audit. Other codes, or another trust file than the recorded one, are an answer if proven."""
    missing = refusal.missing
    typer.echo(f"acredita: {missing.code}: {sentence(missing.code, lang)} {missing.detail}".rstrip(), err=True)
    return NEGATIVE if refusal.is_proven and missing.code in _DEFINITE else UNKNOWN


def _render(console: Console, audit: Audit, shown: Shown, lang: Language) -> None:
    spanish = lang is Language.ES
    answer = in_language(ANSWERS[audit.outcome], lang).upper()
    console.print(f"[bold]{answer}[/]  {time_text(audit.block.time)}", highlight=False)
    console.print(f"  state {to_hex(audit.state_hash)}", highlight=False)
    for log in audit.logs:
        void = f", {'anulados' if spanish else 'void'}: {', '.join(map(str, log.void))}" if log.void else ""
        entries = counted(log.entries, *(("entrada", "entradas") if spanish else ("entry", "entries")))
        nouns = ("anclaje", "anclajes") if spanish else ("checkpoint", "checkpoints")
        console.print(
            f"  {to_hex(log.issuer)[:18]}… {'época' if spanish else 'epoch'} {log.epoch}: "
            f"{entries}, {counted(log.checkpoints, *nouns)}{void}",
            highlight=False,
        )
    for finding in shown.of(audit).findings:
        console.print(f"  {finding.weight} {finding.code} {finding.where}: {finding.detail}", markup=False)
