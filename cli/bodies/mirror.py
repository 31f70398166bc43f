"""`acredita mirror`: copies of what a registry's institutions publish, checked, in a folder that any server can serve."""

import json
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import typer
from acredita.anchoring.ledger import Ledger, LedgerUnavailable
from acredita.cli.bodies.mirror_findings import print_findings
from acredita.cli.bodies.watched_registry import WatchedTrust, observer_now, open_observations, watched_trust
from acredita.cli.exit_codes import OK, UNKNOWN, ArgumentRefused
from acredita.cli.spanish.sentences import said
from acredita.contracts import bindings
from acredita.node.mirroring.mirror import MAX_ROUNDS, Mirror
from acredita.node.mirroring.refusals import MirrorReport
from acredita.node.publication.trust_folder import TRUST_FILE, FileRefused, publish_trust, read_trust
from acredita.node.verification.language import Language
from acredita.node.verification.mirrored_trust import mirror_trust
from acredita.node.verification.trust_update import LedgerRecord
from acredita.registry.codes import Code
from acredita.registry.json_documents.strict import read_json
from acredita.registry.ledger_facts.trust_file import Trust, TrustRefused


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
    trusted = watched_trust(trust)
    sources = trusted.sources(named)
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


def _begin(out: Path, trusted: WatchedTrust) -> None:
    """Put the trust file into the folder, unless a newer one is there."""
    if _number(out) < trusted.trust.number:
        publish_trust(out, trusted.document)


def _number(out: Path) -> int:
    """Return the number of the folder's trust file; 0 where there is none, or a damaged one."""
    newest = out / TRUST_FILE
    try:
        return read_trust(newest).number if newest.is_file() else 0
    except (TrustRefused, FileRefused):
        return 0


def _rounds(copies: Mirror, trusted: WatchedTrust, rpc: str | None, chain: Path | None, *, once: bool) -> MirrorReport:
    """Take rounds until one adds nothing more, or one round. Returns the report of them all."""
    whole = MirrorReport()
    with ExitStack() as stack:
        observations, ledger = open_observations(stack, copies.base, trusted, rpc, chain)
        for _ in range(1 if once else MAX_ROUNDS):
            report = copies.round(observer_now(observations))
            _follow_trust(copies, trusted.trust, ledger, report)
            _add(whole, report)
            if report.is_whole or not (report.added or report.has_more):
                break
    return whole


def _follow_trust(copies: Mirror, trust: Trust, ledger: Ledger, report: MirrorReport) -> None:
    """Keep the trust files after the one at hand, the newest also as the folder's own."""
    record = LedgerRecord(ledger, bindings.Council(trust.contracts.council))
    walked = mirror_trust(copies.base, trust, copies.sources, record, report)
    if walked and _number(copies.base) < walked[-1].trust.number:
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
