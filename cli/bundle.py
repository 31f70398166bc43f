"""`acredita bundle`: an anchored credential with everything one verification needs but the trust file, in one small file."""

import time
from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.exit_codes import ActRefused
from acredita.node.publication.trust_folder import write_bytes
from acredita.node.verification.files import open_sources
from acredita.registry.evidence.build_bundle import EvidenceUnavailable
from acredita.registry.verification.case import Moment


def register(app: typer.Typer) -> None:
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
    with open_sources(trust, rpc, chain, Moment(int(time.time()))) as sources:
        try:
            content = sources.bundle(file, receipt)
        except EvidenceUnavailable as error:
            raise ActRefused(f"{error.code}: {error}") from error
    write_bytes(out, content)
    typer.echo(f"{out}: {len(content)} bytes")
