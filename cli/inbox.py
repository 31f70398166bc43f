"""Declare `acredita inbox`: what waits for a party of the registry."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.act_options import with_options
from acredita.cli.bodies.act_options import ReadingOptions


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.command("inbox")(with_options(inbox, ReadingOptions))


def inbox(
    account: Annotated[
        str, typer.Option("--as", envvar="ACREDITA_ACCOUNT", help="The account of the party: its address, or its file.")
    ],
    folder: Annotated[
        Path | None, typer.Option("--proposals", help="A folder with files of proposals, to show their titles.")
    ] = None,
    node: Annotated[
        str | None,
        typer.Option(
            "--node", metavar="URL", help="A node to ask for the proposals. They are compared with the chain's hashes."
        ),
    ] = None,
    *,
    options: ReadingOptions,
) -> int:
    """List what waits for a party of the registry: what it is, until when, and the command that does it.

    All of it is read from the chain, whole or not at all. Exit 3 where the ledger could not tell.
    """
    from acredita.cli.bodies import inbox as body

    return body.inbox(account, folder, node, options)
