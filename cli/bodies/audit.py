"""`acredita audit replay`: the whole history from the ledger, compared with the entries at hand. Nobody's permission."""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import typer
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import Digest, to_hex
from acredita.cli.bodies.mirror_findings import print_findings
from acredita.cli.exit_codes import NEGATIVE, OK, UNKNOWN
from acredita.node.publication.trust_folder import TrustFolder
from acredita.node.verification.files import open_sources
from acredita.node.verification.language import Language
from acredita.registry.audit.replay import Audit, AuditOutcome, PublishedLists, replay
from acredita.registry.codes import Code, sentence
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.log_entries import EntriesUnavailable
from acredita.registry.ledger_facts.observer import Observer
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.ledger_facts.trust_succession import recorded_fault
from acredita.registry.verification.case import Moment
from rich.console import Console

_DEFINITE = frozenset(
    {Code.CODE_CHANGED, Code.TRUST_EQUIVOCATION}
)  # where proven; else an endpoint's word, and no answer
_EXITS: Mapping[AuditOutcome, int] = {"agrees": OK, "differs": NEGATIVE, "unknown": UNKNOWN}
_ANSWERS: Mapping[AuditOutcome, tuple[str, str]] = {
    "agrees": ("COINCIDE", "AGREES"),
    "differs": ("NO COINCIDE", "DOES NOT AGREE"),
    "unknown": ("NO SE PUDO DETERMINAR", "COULD NOT TELL"),
}


def replay_all(
    trust: Path | None,
    rpc: str | None,
    chain: Path | None,
    log: str | None,
    more_sources: list[str],
    proofs: bool | None,
    lang: Language,
    as_json: bool,
) -> int:
    """Run `acredita audit replay`."""
    moment = Moment(int(time.time()))
    with open_sources(trust, rpc, chain, moment, proofs=proofs, log=log, sources=more_sources) as sources:
        observer, folder = sources.verifier.observer, sources.folder
        if isinstance(observer, Missing):
            return _nothing_to_replay(observer, lang, proven=sources.is_proven)
        outdated = _outdated(sources.trust, observer)
        if outdated is not None:
            return _nothing_to_replay(outdated, lang, proven=sources.is_proven)
        published = PublishedLists(folder.status_lists, folder.dids, max(moment.at, observer.block.time))
        try:
            audit = replay(
                observer.ledger,
                observer.contracts,
                observer.block,
                observer.entries_of,
                folder.key_statement,
                published,
                _withheld(folder, sources.trust),
            )
        except LedgerUnavailable as error:
            return _nothing_to_replay(Missing.of(error), lang)
        except EntriesUnavailable as error:
            return _nothing_to_replay(Missing(Code.LOG_MISSING, str(error)), lang)
        print_findings(sources.findings, lang)
        audit = _with_place(audit, log or str(folder.base / "log"))
    if as_json:
        typer.echo(json.dumps(document(audit), indent=2))
    else:
        _render(Console(emoji=False), audit, lang)
    return _EXITS[audit.outcome]


def _withheld(folder: TrustFolder, trust: Trust | Missing) -> frozenset[Digest]:
    """Return the documents that the signed list in the folder withholds."""
    withheld = None if isinstance(trust, Missing) else folder.withheld(trust)
    return frozenset() if withheld is None else withheld.documents


def _outdated(trust: Trust | Missing, observer: Observer) -> Missing | None:
    """Return why the trust file is not the one that the council recorded last; None if it is."""
    if isinstance(trust, Missing):
        return trust
    try:
        fault = recorded_fault(trust, observer.recorded_trust)
    except LedgerUnavailable as error:
        return Missing.of(error)
    return None if fault is None else Missing(fault)


def _with_place(audit: Audit, place: str) -> Audit:
    """Return the audit whose findings of missing logs say where the logs were looked for."""
    findings = (
        replace(finding, detail=f"{finding.detail}; looked in {place}") if finding.code is Code.LOG_MISSING else finding
        for finding in audit.findings
    )
    return replace(audit, findings=tuple(findings))


def _nothing_to_replay(missing: Missing, lang: Language, *, proven: bool = False) -> int:
    """Print why there is no audit. Other codes, or another trust file than the recorded one, are an answer if proven."""
    typer.echo(f"acredita: {missing.code}: {sentence(missing.code, lang)} {missing.detail}".rstrip(), err=True)
    return NEGATIVE if proven and missing.code in _DEFINITE else UNKNOWN


def _render(console: Console, audit: Audit, lang: Language) -> None:
    spanish = lang is Language.ES
    verdict = _ANSWERS[audit.outcome]
    console.print(f"[bold]{verdict[0] if spanish else verdict[1]}[/]  {time_text(audit.block.time)}", highlight=False)
    console.print(f"  state {to_hex(audit.state_hash)}", highlight=False)
    for log in audit.logs:
        void = f", {'anulados' if spanish else 'void'}: {', '.join(map(str, log.void))}" if log.void else ""
        console.print(
            f"  {to_hex(log.issuer)[:18]}… {'época' if spanish else 'epoch'} {log.epoch}: {log.entries} "
            f"{'entradas' if spanish else 'entries'}, {log.checkpoints} {'anclajes' if spanish else 'checkpoints'}{void}",
            highlight=False,
        )
    for finding in audit.findings:
        console.print(f"  {finding.weight} {finding.code} {finding.where}: {finding.detail}", markup=False)


def document(audit: Audit) -> dict[str, object]:
    """Return the audit as an `acredita-audit/1` document."""
    return {
        "format": "acredita-audit/1",
        "outcome": audit.outcome,
        "clean": audit.clean,
        "block": audit.block.number,
        "as_of": time_text(audit.block.time),
        "state_hash": to_hex(audit.state_hash),
        "parties": audit.parties,
        "programmes": audit.programmes,
        "logs": [
            {
                "issuer": to_hex(log.issuer),
                "epoch": log.epoch,
                "entries": log.entries,
                "checkpoints": log.checkpoints,
                "void": list(log.void),
            }
            for log in audit.logs
        ],
        "findings": [
            {"weight": f.weight, "code": f.code, "where": f.where, "detail": f.detail} for f in audit.findings
        ],
    }
