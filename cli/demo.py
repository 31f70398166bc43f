"""Declare `acredita demo`: a registry's year, from the first block to the audit, on an embedded chain."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.options import Lang
from acredita.node.demo.learner_counts import MAX_LEARNERS, MIN_LEARNERS
from acredita.node.verification.language import Language


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command("demo")(demo)


def demo(
    out: Annotated[Path, typer.Option(help="The folder to write. An earlier demonstration in it is replaced.")],
    learners: Annotated[
        int, typer.Option(help=f"Number of fictitious learners, from {MIN_LEARNERS} to {MAX_LEARNERS}.")
    ] = 1_000,
    lang: Lang = Language.ES,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary file and nothing else.")] = False,
) -> int:
    """Play a year of a registry: accredit, issue, anchor, correct, revoke, suspend, steal, verify, audit."""
    from acredita.cli.bodies import demo as body

    return body.demo(out, learners, lang, as_json)
