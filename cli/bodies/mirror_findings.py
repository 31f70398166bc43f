"""Print what sources served wrongly: one line each, with code, source and place."""

from collections.abc import Iterable

import typer
from acredita.cli.spanish.sentences import said
from acredita.node.mirroring.refusals import MirrorFinding
from acredita.node.verification.language import Language
from acredita.registry.codes import sentence


def print_findings(findings: Iterable[MirrorFinding], lang: Language) -> None:
    """Print each finding to standard error, in the reader's language."""
    for finding in dict.fromkeys(findings):
        place = f"{finding.source} {finding.place}: {said(finding.detail, lang)}"
        typer.echo(f"{finding.code}: {sentence(finding.code, lang.value)} ({place})", err=True)
