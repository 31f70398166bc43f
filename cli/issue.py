"""`acredita issue`: a cohort file becomes signed credentials, queued for the log and anchored."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.options import DEFAULT_CONFIG, AsJson, Config, Profile, Wait
from acredita.node.issuance.process_limits import MAX_PROCESSES


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command("issue")(issue)


def issue(
    cohort: Annotated[Path, typer.Argument(help="CSV or JSON lines with the columns of docs/credentials.md.")],
    profile: Profile,
    programme: Annotated[Path, typer.Option(help="Programme document (JSON).")],
    config: Config = DEFAULT_CONFIG,
    out: Annotated[
        Path | None, typer.Option(help="Folder for credentials/<digest>.json and receipts/<digest>.json.")
    ] = None,
    latin1: Annotated[bool, typer.Option("--latin-1", help="The file is ISO 8859-1; convert it.")] = False,
    only_check: Annotated[bool, typer.Option("--dry-run", help="Judge every row and issue nothing.")] = False,
    reissue: Annotated[
        str | None,
        typer.Option(
            metavar="LABEL", help="Issue rows again that were issued before, each once under this label: 2026-logo."
        ),
    ] = None,
    processes: Annotated[
        int, typer.Option(min=0, max=MAX_PROCESSES, help="Processes that sign; 0: one a core, for large cohorts.")
    ] = 0,
    wait: Wait = True,
    as_json: AsJson = False,
) -> int:
    """Issue a cohort. Exit 0 when every row is issued or was before, 1 when any row is refused."""
    from acredita.cli.bodies import issue as body

    return body.issue(cohort, profile, programme, config, out, latin1, only_check, reissue, processes, wait, as_json)
