"""Declare `acredita trust show|pin`: the trust file that other commands use."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.options import AsJson, Lang
from acredita.node.verification.language import Language

trust = typer.Typer(help="Show a trust file, or pin it for other commands.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.add_typer(trust, name="trust")


@trust.command("show")
def show(
    file: Annotated[
        Path | None, typer.Argument(help="The trust file. Without it, the pinned trust file is shown.")
    ] = None,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> None:
    """Show a trust file after checking its signature."""
    from acredita.cli.bodies import trust as body

    body.show(file, lang, as_json)


@trust.command("pin")
def pin_file(
    file: Annotated[Path, typer.Argument(help="The trust file to pin. Its key is trusted from now on.")],
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> None:
    """Pin a trust file. A later one by another key, or an older one, is then refused."""
    from acredita.cli.bodies import trust as body

    body.pin_file(file, lang, as_json)
