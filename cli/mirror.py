"""Declare `acredita mirror`: copy what a registry's institutions publish into a folder that any static server can serve."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.options import AsJson, ChainFolder, Lang, PinnedByDefault, Rpc
from acredita.node.verification.language import Language


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command("mirror")(mirror)


def mirror(
    out: Annotated[Path, typer.Option(help="The folder of the copies, which any static server can serve.")],
    trust: PinnedByDefault = None,
    source: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL|DIR",
            help="An address or a folder to copy from, beside the sources that the pinned trust file names.",
        ),
    ] = None,
    rpc: Rpc = None,
    chain: ChainFolder = None,
    every: Annotated[
        int | None,
        typer.Option(
            min=1, help="Go on, with one round every so many seconds. Without it, stop once nothing more is found."
        ),
    ] = None,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Copy the logs, status lists, documents and trust files of a registry, each checked against the ledger.

    Exit 0 with everything that the ledger names, 3 where some of it is still missing. What a source serves wrongly is
    reported and not kept.
    """
    from acredita.cli.bodies import mirror as body

    return body.mirror(out, trust, source or [], rpc, chain, every, lang, as_json)
