"""Declare `acredita manual`: the manual page of all commands."""

import typer
from acredita.cli.options import Lang
from acredita.node.verification.language import Language


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command("manual")(manual)


def manual(lang: Lang = Language.ES) -> None:
    """Print the manual page of all commands, made from their help, in the form that `man` reads."""
    from acredita.cli.bodies import manual as body
    from acredita.cli.command_tree import command_tree

    body.manual(command_tree(lang), lang)
