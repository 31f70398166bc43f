"""`acredita bundle`: an anchored credential with everything one verification needs but the trust file, in one small file."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command("bundle")(bundle)


def bundle(
    file: Annotated[Path, typer.Argument(help="A credential that has its anchor receipt.")],
    out: Annotated[Path, typer.Option(help="Where to write the bundle; its name should end in .acredita.")],
    trust: Annotated[Path | None, typer.Option(help="Trust file; the pinned one where absent.")] = None,
    receipt: Annotated[Path | None, typer.Option(help="Anchor receipt; ../receipts/<same name> where absent.")] = None,
    rpc: Annotated[str | None, typer.Option(help="JSON-RPC address of the ledger.")] = None,
    chain: Annotated[Path | None, typer.Option(help="Folder of an embedded chain.")] = None,
) -> None:
    """Make an evidence bundle that verifies with the cable out."""
    from acredita.cli.bodies import bundle as body

    body.bundle(file, out, trust, receipt, rpc, chain)
