"""`acredita audit export|import`: the whole public state of a registry in one file, and that file as a folder."""

import json
from pathlib import Path

import typer
from acredita.anchoring.ledger import Ledger, LedgerUnavailable
from acredita.anchoring.types import to_hex
from acredita.cli.bodies.audit import EXITS, AuditQuestion, AuditRun, NoAudit, audited, print_no_audit
from acredita.cli.bodies.mirror_findings import print_findings
from acredita.cli.exit_codes import OK, ArgumentRefused
from acredita.cli.spanish.sentences import facts_line
from acredita.node.archive.archive import archive_digest, record_logs, write_archive
from acredita.node.archive.archive import import_archive as unpack
from acredita.node.archive.recorded_ledger import RecordingLedger
from acredita.node.archive.tar_file import ArchiveRefused
from acredita.node.publication.trust_folder import TRUST_FILE
from acredita.node.verification.language import Language
from acredita.node.verification.pinned_trust import configuration_folder
from acredita.node.verification.sourced_folder import SourcedFolder
from acredita.registry.ledger_facts.facts import Missing


def export_archive(question: AuditQuestion, out: Path, lang: Language, as_json: bool) -> int:
    """Run `acredita audit export`."""
    if out.exists():
        raise ArgumentRefused(f"{out}: exists already, and is not written over")
    recordings: list[RecordingLedger] = []

    def recorded(ledger: Ledger) -> Ledger:
        recordings.append(RecordingLedger(ledger))
        return recordings[-1]

    with audited(question, recorded) as run:
        if isinstance(run, NoAudit):
            return print_no_audit(run, lang)
        print_findings(run.findings, lang)
        (recording,) = recordings
        try:
            record_logs(recording, run.observer)
        except LedgerUnavailable as error:
            return print_no_audit(NoAudit(Missing.of(error)), lang)
        trust = (question.trust or configuration_folder() / TRUST_FILE).read_bytes()
        digest = write_archive(out, recording.record, run.observer.contracts, _bases(run), trust)
    facts = {"archive": str(out), "sha256": to_hex(digest), "block": run.audit.block.number}
    facts |= {"proven": run.is_proven, "outcome": run.audit.outcome}
    typer.echo(json.dumps(facts, indent=2) if as_json else facts_line(facts, lang))
    return EXITS[run.audit.outcome]


def _bases(run: AuditRun) -> list[Path]:
    """Return the folders of the files that the audit read: the one of the trust file, then copies from sources."""
    folder = run.folder
    return [folder.base, *([folder.copies.folder.base] if isinstance(folder, SourcedFolder) else [])]


def import_archive(file: Path, to: Path, lang: Language, as_json: bool) -> int:
    """Run `acredita audit import`."""
    if to.exists():
        raise ArgumentRefused(f"{to}: exists already, and is not written over")
    try:
        record = unpack(file, to)
    except ArchiveRefused as error:
        return print_no_audit(NoAudit(Missing(error.code, f"{file}: {error.message}")), lang)
    facts = {"folder": str(to), "sha256": to_hex(archive_digest(file)), "block": record.head.number}
    typer.echo(json.dumps(facts, indent=2) if as_json else facts_line(facts, lang))
    return OK
