"""`acredita trust show|pin`: which authority's word is taken for which chain."""

from pathlib import Path
from typing import Annotated

import typer

trust = typer.Typer(help="Trust files: what the authority vouches for.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.add_typer(trust, name="trust")


@trust.command("show")
def show(
    file: Annotated[Path | None, typer.Argument(help="Trust file; the pinned one where absent.")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Show a trust file after checking its signature."""
    from acredita.cli.bodies import trust as body

    body.show(file, as_json)


@trust.command("pin")
def pin_file(
    file: Annotated[Path, typer.Argument(help="Trust file whose key is trusted from now on.")],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Pin a trust file; a later one by another key, or an older one, is refused."""
    from acredita.cli.bodies import trust as body

    body.pin_file(file, as_json)
