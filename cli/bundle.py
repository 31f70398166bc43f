"""Declare `acredita bundle`: one small file with an anchored credential and all its evidence."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.options import ChainFolder, Lang, Log, MoreSources, PinnedByDefault, Proofs, Receipt, Records, Rpc
from acredita.node.verification.language import Language


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command("bundle")(bundle)


def bundle(
    file: Annotated[Path, typer.Argument(help="A credential that has its anchor receipt.")],
    out: Annotated[Path, typer.Option(help="The file to write. Its name should end in .acredita.")],
    trust: PinnedByDefault = None,
    receipt: Receipt = None,
    rpc: Rpc = None,
    chain: ChainFolder = None,
    log: Log = None,
    source: MoreSources = None,
    records: Records = None,
    proofs: Proofs = None,
    lang: Lang = Language.ES,
) -> None:
    """Make an evidence bundle: one file that can be verified offline."""
    from acredita.cli.bodies import bundle as body

    body.bundle(file, out, trust, receipt, rpc, chain, log, source or [], records, proofs, lang)
