"""Declare `acredita issue`: from a cohort file to signed and anchored credentials."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.options import DEFAULT_CONFIG, AsJson, Config, Lang, Profile, ProgrammeFile, Wait
from acredita.node.issuance.process_limits import MAX_PROCESSES
from acredita.node.verification.language import Language


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command("issue")(issue)


def issue(
    cohort: Annotated[
        Path, typer.Argument(help="The cohort file: CSV or JSON lines (.jsonl). docs/credentials.md lists the columns.")
    ],
    profile: Profile,
    programme: ProgrammeFile,
    config: Config = DEFAULT_CONFIG,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The folder in which credentials/<digest>.json, receipts/<digest>.json and a table of the rows are "
            "written."
        ),
    ] = None,
    windows: Annotated[
        bool,
        typer.Option("--cp1252", help="Read the cohort file as Windows-1252, Excel's plain CSV, instead of UTF-8."),
    ] = False,
    only_check: Annotated[bool, typer.Option("--dry-run", help="Check every row and issue nothing.")] = False,
    reissue: Annotated[
        str | None,
        typer.Option(
            metavar="LABEL",
            help="Issue rows again that were issued before, each once under this label, such as 2026-logo.",
        ),
    ] = None,
    processes: Annotated[
        int,
        typer.Option(
            min=0,
            max=MAX_PROCESSES,
            help="Number of processes that sign. 0 is one for each core, for large cohorts only.",
        ),
    ] = 0,
    wait: Wait = True,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Issue the credentials of a cohort. Exit 0 when every row is issued or was before, 1 when a row is refused."""
    from acredita.cli.bodies import issue as body

    return body.issue(
        cohort, profile, programme, config, out, windows, only_check, reissue, processes, wait, lang, as_json
    )
