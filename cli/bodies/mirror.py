"""`acredita mirror`: copies of what a registry's institutions publish, checked, in a folder that any server can serve."""

import json
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import typer
from acredita.anchoring.ledger import Ledger, LedgerUnavailable
from acredita.cli.bodies.mirror_findings import print_findings
from acredita.cli.exit_codes import OK, UNKNOWN, ActRefused, ArgumentRefused
from acredita.cli.spanish.sentences import said
from acredita.contracts import bindings
from acredita.node.ledger.view import NodeObserver, Observations
from acredita.node.mirroring.mirror import MAX_ROUNDS, Mirror
from acredita.node.mirroring.refusals import MirrorReport
from acredita.node.mirroring.sources import named_source, pinned_sources
from acredita.node.publication.trust_folder import TRUST_FILE, TrustFolder, publish_trust, read_json_file, read_trust
from acredita.node.verification.files import open_ledger
from acredita.node.verification.language import Language
from acredita.node.verification.mirrored_trust import mirror_trust
from acredita.node.verification.pinned_trust import configuration_folder, read_pinned_trust
from acredita.node.verification.seen_blocks import FILE_NAME, SeenFile
from acredita.node.verification.trust_update import LedgerRecord
from acredita.registry.codes import Code
from acredita.registry.json_documents.strict import read_json
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.trust_file import Trust


@dataclass(frozen=True)
class MirroredTrust:
    """The trust file of a mirror. `is_pinned`: its sources may be asked; `base`: the folder it lies in."""

    trust: Trust
    document: object
    is_pinned: bool
    base: Path


def mirror(
    out: Path,
    trust: Path | None,
    named: Sequence[str],
    rpc: str | None,
    chain: Path | None,
    every: int | None,
    lang: Language,
    as_json: bool,
) -> int:
    """Run `acredita mirror`."""
    trusted = _trust(trust)
    sources = [*map(named_source, named), *(pinned_sources(trusted.trust) if trusted.is_pinned else ())]
    if not sources:
        raise ArgumentRefused(f"{Code.MIRROR_NO_SOURCE}: acredita trust pin FILE, or --source URL")
    _begin(out, trusted)
    copies = Mirror(out, sources, lambda: int(time.time()), trust=trusted.trust)
    if every is None:
        report = _rounds(copies, trusted, rpc, chain, once=False)
        _print(report, lang, as_json)
        return OK if report.is_whole else UNKNOWN
    while True:
        try:
            _print(_rounds(copies, trusted, rpc, chain, once=True), lang, as_json)
        except LedgerUnavailable as error:  # the next round asks again
            typer.echo(f"acredita: {said(str(error), lang)}", err=True)
        time.sleep(every)


def _trust(path: Path | None) -> MirroredTrust:
    """Return the named trust file, else the pinned one. A named file that is the pinned one counts as pinned."""
    pinned = read_pinned_trust(configuration_folder())
    if path is None:
        if pinned is None:
            raise ActRefused("no trust file is pinned: acredita trust pin FILE")
        return MirroredTrust(pinned.trust, pinned.document, True, pinned.folder.base)
    trust = read_trust(path)
    is_pinned = pinned is not None and pinned.trust.digest == trust.digest
    return MirroredTrust(trust, read_json_file(path), is_pinned, path.resolve().parent)


def _begin(out: Path, trusted: MirroredTrust) -> None:
    """Put the trust file into the folder, unless a newer one is there."""
    newest = out / TRUST_FILE
    if not newest.is_file() or read_trust(newest).number < trusted.trust.number:
        publish_trust(out, trusted.document)


def _rounds(copies: Mirror, trusted: MirroredTrust, rpc: str | None, chain: Path | None, *, once: bool) -> MirrorReport:
    """Take rounds until one adds nothing more, or one round. Returns the report of them all."""
    whole = MirrorReport()
    with ExitStack() as stack:
        observations, ledger = _observations(stack, copies.base, trusted, rpc, chain)
        for _ in range(1 if once else MAX_ROUNDS):
            report = copies.round(_observer(observations))
            _follow_trust(copies, trusted.trust, ledger, report)
            _add(whole, report)
            if report.is_whole or not report.added:
                break
    return whole


def _observations(
    stack: ExitStack, out: Path, trusted: MirroredTrust, rpc: str | None, chain: Path | None
) -> tuple[Observations, Ledger]:
    beside = trusted.base / "chain"
    folder = beside if chain is None and rpc is None and beside.is_dir() else chain
    ledger = open_ledger(stack, trusted.trust, rpc, folder)
    if ledger is None:
        detail = "no --rpc, no --chain and no chain/ beside the trust file"
        raise LedgerUnavailable(f"{Code.LEDGER_MISSING}: {detail}")
    seen = SeenFile(configuration_folder() / FILE_NAME) if trusted.is_pinned else None
    return Observations(trusted.trust, ledger, TrustFolder(out).entries_of, seen), ledger


def _observer(observations: Observations) -> NodeObserver:
    observer = observations.now()
    if isinstance(observer, Missing):
        raise LedgerUnavailable(f"{observer.code}: {observer.detail}")
    return observer


def _follow_trust(copies: Mirror, trust: Trust, ledger: Ledger, report: MirrorReport) -> None:
    """Keep the trust files after the one at hand, the newest also as the folder's own."""
    record = LedgerRecord(ledger, bindings.Council(trust.contracts.council))
    walked = mirror_trust(copies.base, trust, copies.sources, record, report)
    if walked and read_trust(copies.base / TRUST_FILE).number < walked[-1].trust.number:
        publish_trust(copies.base, read_json(walked[-1].content))


def _add(whole: MirrorReport, report: MirrorReport) -> None:
    whole.is_whole = report.is_whole
    whole.logs, whole.lists = whole.logs + report.logs, whole.lists + report.lists
    whole.documents += report.documents
    whole.findings += [finding for finding in report.findings if finding not in whole.findings]


def _print(report: MirrorReport, lang: Language, as_json: bool) -> None:
    if as_json:
        counts = {"logs": report.logs, "lists": report.lists, "documents": report.documents, "whole": report.is_whole}
        findings = [asdict(finding) for finding in report.findings]
        typer.echo(json.dumps({"format": "acredita-mirror-report/1", **counts, "findings": findings}, indent=2))
        return
    counted = f"copied {report.logs} logs, {report.lists} lists, {report.documents} documents"
    is_whole = "everything that the ledger names is here"
    ending = is_whole if report.is_whole else "some of what the ledger names is missing"
    typer.echo(f"{said(counted, lang)}: {said(ending, lang)}")
    print_findings(report.findings, lang)
