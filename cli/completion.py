"""Declare `acredita completion`: the script by which a shell completes the command line."""

from typing import Annotated

import typer
from acredita.cli.bodies.command_entries import Shell
from acredita.cli.options import Lang
from acredita.node.verification.language import Language


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command("completion")(completion)


def completion(
    shell: Annotated[Shell, typer.Argument(help="The shell: bash, zsh or fish.")], lang: Lang = Language.ES
) -> None:
    """Print the script by which a shell completes commands, options and their values, with their help."""
    from acredita.cli.bodies import completion as body
    from acredita.cli.command_tree import command_tree

    body.complete(shell, command_tree(lang))
