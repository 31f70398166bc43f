"""`acredita audit report|verify-report|key`: an audit as a signed report, its check, and the auditor's key."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import IssuerId
from acredita.cli.bodies.audit import EXITS, AuditQuestion, AuditRun, NoAudit, audited, print_no_audit
from acredita.cli.bodies.mirror_findings import print_findings
from acredita.cli.bodies.signing_keystore import make_signing_keystore, open_signing_key
from acredita.cli.exit_codes import NEGATIVE, OK, UNKNOWN, ArgumentRefused
from acredita.cli.spanish.sentences import facts_line, said
from acredita.node.archive.archive import archive_digest
from acredita.node.audit_report.content import REPORT_FILE
from acredita.node.audit_report.report_files import report_files
from acredita.node.audit_report.samples import index_of, signed_and_anchored
from acredita.node.publication.trust_folder import FileRefused, write_bytes
from acredita.node.verification.language import Language, in_language
from acredita.registry.audit.activity import registry_activity
from acredita.registry.audit.report import NodeIndex, ReportBasis, report_document, weights_of
from acredita.registry.audit.report_signature import MAX_REPORT_BYTES, sign_report, verify_report
from acredita.registry.audit.severity import ANSWERS, SEVERITIES
from acredita.registry.codes import sentence
from acredita.registry.credentials.days import ZoneRefused, zone_of
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.keys.keystore import KeystorePurpose
from acredita.registry.keys.multikey import KeyRefused, encode_multibase, parse_multibase
from acredita.registry.proofs.proof_options import ProofCheckUnavailable, ProofRefused


@dataclass(frozen=True)
class ReportOptions:
    """The options of a report beside those of a replay."""

    out: Path
    keystore: Path
    passphrase_file: Path
    zone: str
    credentials: Path | None
    nodes: tuple[str, ...]


def new_key(out: Path, passphrase_file: Path, scrypt_n: int, as_json: bool) -> None:
    """Run `acredita audit key new`."""
    make_signing_keystore(out, passphrase_file, KeystorePurpose.AUDIT, scrypt_n, as_json=as_json)


def report(question: AuditQuestion, options: ReportOptions, lang: Language, as_json: bool) -> int:
    """Run `acredita audit report`."""
    if (options.out / REPORT_FILE).exists():
        raise ArgumentRefused(f"{options.out / REPORT_FILE}: exists already, and is not written over")
    signer = open_signing_key(options.keystore, options.passphrase_file, KeystorePurpose.AUDIT)
    try:
        zone_of(options.zone)
    except ZoneRefused as error:
        raise ArgumentRefused(f"--zone: {error}") from error
    with audited(question) as run:
        if isinstance(run, NoAudit):
            return print_no_audit(run, lang)
        print_findings(run.findings, lang)
        samples = [] if options.credentials is None else list(signed_and_anchored(options.credentials))
        activity = registry_activity(run.audit, options.zone, samples)
        document = report_document(run.audit, _basis(question, options, run, lang), activity)
        signed = sign_report(document, signer, int(time.time()))
        signature = verify_report(signed)
        for name, content in report_files(signed, signature, said, is_demo=run.trust.is_demo_chain):
            write_bytes(options.out / name, content)
    _print(signed, options.out / REPORT_FILE, encode_multibase(signer.multikey), lang, as_json=as_json)
    return EXITS[run.audit.outcome]


def _print(signed: Mapping[str, Any], file: Path, key: str, lang: Language, *, as_json: bool) -> None:
    counts = weights_of(signed)
    if as_json:
        typer.echo(json.dumps({"report": str(file), "outcome": signed["outcome"], "key": key, **counts}, indent=2))
        return
    typer.echo(in_language(ANSWERS[signed["outcome"]], lang))
    for weight, words in SEVERITIES.items():
        typer.echo(f"  {in_language(words, lang)}: {counts[weight]}")
    typer.echo(f"  {file}  {key}")


def _basis(question: AuditQuestion, options: ReportOptions, run: AuditRun, lang: Language) -> ReportBasis:
    sources = (run.place, *question.more_sources, *run.trust.sources)
    return ReportBasis(
        chain_id=run.trust.chain_id,
        genesis=run.trust.genesis,
        contracts=run.trust.contracts,
        trust_number=run.trust.number,
        trust_digest=run.trust.digest,
        now=run.now,
        zone=options.zone,
        is_proven=run.is_proven,
        sources=tuple(dict.fromkeys(sources)),
        refused=tuple(sorted({f"{each.source} {each.place}: {each.code}: {each.detail}" for each in run.findings})),
        command=replay_command(question, run.now),
        archive=None if question.archive is None else archive_digest(question.archive),
        names=_names(run),
        indexes=tuple(_indexes(options, run.audit.block.number, lang)),
    )


def _names(run: AuditRun) -> dict[IssuerId, Mapping[str, str]]:
    """Return the names of parties with a log, each from the scope document that the ledger names for it."""
    names = {}
    for issuer in sorted({log.issuer for log in run.audit.logs}):
        party = run.observer.party(issuer)
        digest = None if party is None else party.scope_at(run.audit.block.time)
        scope = None if digest is None else run.folder.scope(digest)
        if scope is not None:
            names[issuer] = scope.name
    return names


def _indexes(options: ReportOptions, head: int, lang: Language) -> list[NodeIndex]:
    indexes = []
    for node in options.nodes:
        index = index_of(node, head)
        if index is None:
            typer.echo(said(f"{node}: does not state how far its index is", lang), err=True)
        else:
            indexes.append(index)
    return indexes


def replay_command(question: AuditQuestion, now: int) -> tuple[str, ...]:
    """Return the words of the command that repeats an audit."""
    words = ["acredita", "audit", "replay"]
    for option, value in (
        ("--trust", question.trust),
        ("--rpc", question.rpc),
        ("--chain", question.chain),
        ("--log", question.log),
        ("--archive", question.archive),
    ):
        words += [] if value is None else [option, str(value)]
    for source in question.more_sources:
        words += ["--source", source]
    if question.proofs is not None:
        words.append("--proofs" if question.proofs else "--no-proofs")
    return (*words, "--now", time_text(now))


def verify(file: Path, expected: str | None, lang: Language, as_json: bool) -> int:
    """Run `acredita audit verify-report`."""
    key = _expected(expected)
    document = _read(file)
    try:
        signature = verify_report(document)
    except (ProofRefused, ProofCheckUnavailable) as error:
        typer.echo(
            f"acredita: {error.code}: {sentence(error.code, lang.value)} ({said(error.message, lang)})", err=True
        )
        return NEGATIVE if isinstance(error, ProofRefused) else UNKNOWN
    assert isinstance(document, dict)
    if key is not None and signature.key.multikey != key:
        typer.echo(said(f"the report is signed by another key: {signature.key.multibase}", lang), err=True)
        return NEGATIVE
    facts = {"signed_by": signature.key.multibase, "signed_at": time_text(int(signature.created.timestamp()))}
    facts |= {"outcome": document["outcome"]}
    typer.echo(json.dumps(facts, indent=2) if as_json else facts_line(facts, lang))
    if key is None:
        typer.echo(
            said("the report is unaltered since this key signed it; --key compares the key with the auditor's", lang),
            err=True,
        )
        return UNKNOWN
    return OK


def _expected(expected: str | None) -> bytes | None:
    try:
        return None if expected is None else parse_multibase(expected).multikey
    except KeyRefused as error:
        raise ArgumentRefused(f"--key: {error}") from error


def _read(file: Path) -> object:
    with file.open("rb") as opened:
        content = opened.read(MAX_REPORT_BYTES + 1)
    try:
        return read_json(content, max_bytes=MAX_REPORT_BYTES)
    except JsonRefused as error:
        raise FileRefused(f"{file}: {error}") from error
