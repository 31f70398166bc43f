"""`acredita audit compare`: each node's answers against the ledger, with the command that shows a difference."""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path

import typer
from acredita.cli.bodies.watched_registry import observer_now, open_observations, watched_trust
from acredita.cli.exit_codes import NEGATIVE, OK, UNKNOWN
from acredita.cli.spanish.sentences import said
from acredita.node.monitor.node_answers import AnswerFinding, NodeComparison
from acredita.node.outbound.named_host import fetch_named
from acredita.node.publication.log_copies import check_address
from acredita.node.verification.language import Language
from acredita.registry.codes import sentence


def compare(
    nodes: Sequence[str], trust: Path | None, rpc: str | None, chain: Path | None, lang: Language, as_json: bool
) -> int:
    """Run `acredita audit compare`."""
    for url in nodes:
        check_address(url)
    trusted = watched_trust(trust)
    with ExitStack() as stack:
        observations, _ = open_observations(stack, trusted.base, trusted, rpc, chain)
        observer = observer_now(observations)
        findings = [
            finding
            for url in (each.rstrip("/") for each in nodes)
            for finding in NodeComparison(url, partial(_fetch, url), observer).run()
        ]
    _print(findings, observer.block.number, lang, as_json)
    if any(finding.weight == "divergence" for finding in findings):
        return NEGATIVE
    return UNKNOWN if findings else OK


def _fetch(url: str, path: str, query: str) -> bytes | None:
    return fetch_named(f"{url}/{path}", query)


def _print(findings: Sequence[AnswerFinding], block: int, lang: Language, as_json: bool) -> None:
    if as_json:
        rows = [asdict(finding) for finding in findings]
        document = {"format": "acredita-node-comparison/1", "block": block, "findings": rows}
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    if not findings:
        typer.echo(said("every answer agrees with the ledger", lang))
    for finding in findings:
        words = f"{finding.where}: {said(finding.detail, lang)}"
        typer.echo(f"{finding.code}: {sentence(finding.code, lang.value)} ({words})\n  {finding.command}")
