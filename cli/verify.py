"""`acredita verify FILE…`: is it genuine, recognised, and still good?"""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.options import Lang
from acredita.node.verification.language import Language


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command("verify")(verify)


def verify(
    files: Annotated[list[Path], typer.Argument(help="Credentials (JSON) or evidence bundles (.acredita).")],
    trust: Annotated[Path | None, typer.Option(help="Trust file; the pinned one where absent.")] = None,
    receipt: Annotated[Path | None, typer.Option(help="Anchor receipt; ../receipts/<same name> where absent.")] = None,
    rpc: Annotated[str | None, typer.Option(help="JSON-RPC address of the ledger.")] = None,
    chain: Annotated[
        Path | None, typer.Option(help="Folder of an embedded chain; chain/ beside the trust file where absent.")
    ] = None,
    at: Annotated[str | None, typer.Option(help="Moment to ask about, RFC 3339 UTC; now where absent.")] = None,
    identifier: Annotated[str | None, typer.Option(help="Identifier or DID the credential must belong to.")] = None,
    lang: Lang = Language.ES,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a file.")] = False,
) -> int:
    """Verify credentials. Exit 0 recognised, 1 a negative answer, 2 unusable file, 3 could not tell."""
    from acredita.cli.bodies import verify as body

    return body.verify(files, trust, receipt, rpc, chain, at, identifier, lang, as_json)
