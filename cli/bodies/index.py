"""`acredita index status|rebuild`: how far the index of the ledger is, and a new one in its place."""

import json
from pathlib import Path

import typer
from acredita.cli.bodies.opened_node import open_configured_node
from acredita.cli.exit_codes import NEGATIVE, OK, UNKNOWN, ActRefused
from acredita.cli.spanish.sentences import facts_line
from acredita.node.index.follower import IndexStep
from acredita.node.index.read import IndexReport, index_report
from acredita.node.runtime.index_schedule import index_follower, rebuild_index
from acredita.node.runtime.open_node import RunningNode
from acredita.node.verification.language import Language
from acredita.registry.codes import Code


def status(config: Path, lang: Language, as_json: bool) -> int:
    """Run `acredita index status`."""
    with open_configured_node(config) as node:
        report = _report(node)
    return _print_report(report, lang, as_json)


def rebuild(config: Path, lang: Language, as_json: bool) -> int:
    """Run `acredita index rebuild`."""
    with open_configured_node(config) as node:
        if rebuild_index(index_follower(node)).step is IndexStep.BUSY:
            raise ActRefused("another process is at work on the index")
        report = _report(node)
    return _print_report(report, lang, as_json)


def _report(node: RunningNode) -> IndexReport:
    with node.database.read() as connection:
        return index_report(connection)


def _print_report(report: IndexReport, lang: Language, as_json: bool) -> int:
    document = report.document()
    if as_json:
        typer.echo(json.dumps(document, indent=2))
    else:
        typer.echo(facts_line({name: value for name, value in document.items() if value is not None}, lang))
    fault = report.state.fault
    if fault is not None and fault.code == Code.LEDGER_FORKED:
        return NEGATIVE
    return OK if fault is None and report.state.block is not None else UNKNOWN
