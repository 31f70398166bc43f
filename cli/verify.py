"""Declare `acredita verify FILE…`: the verdict on credentials and evidence bundles."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.options import ChainFolder, Lang, Log, MoreSources, PinnedByDefault, Proofs, Receipt, Records, Rpc
from acredita.node.verification.language import Language


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command("verify")(verify)


def verify(
    files: Annotated[
        list[Path], typer.Argument(help="Credentials (JSON, PNG, SVG, PDF or ZIP) or evidence bundles (.acredita).")
    ],
    trust: PinnedByDefault = None,
    receipt: Receipt = None,
    rpc: Rpc = None,
    chain: ChainFolder = None,
    log: Log = None,
    source: MoreSources = None,
    records: Records = None,
    at: Annotated[str | None, typer.Option(help="The time to verify at, RFC 3339 in UTC. Without it, now.")] = None,
    proofs: Proofs = None,
    identifier: Annotated[
        str | None, typer.Option(help="An identifier or DID that the credential must belong to.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 1 for a credential that is valid with warnings.")
    ] = False,
    lang: Lang = Language.ES,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object for each file.")] = False,
) -> int:
    """Verify credentials and evidence bundles, and print the verdict on each.

    Exit 0 for recognised, 1 for a negative answer, 2 for an unusable file, 3 if the answer could not be found. Of several
    files 1 wins over 2 over 3 over 0.
    """
    from acredita.cli.bodies import verify as body

    return body.verify(
        files, trust, receipt, rpc, chain, log, source or [], records, at, proofs, identifier, strict, lang, as_json
    )
