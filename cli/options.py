"""Declare the options that several commands have in common."""

from pathlib import Path
from typing import Annotated, Final

import typer
from acredita.node.verification.language import Language

Config = Annotated[
    Path,
    typer.Option(
        "--config", envvar="ACREDITA_CONFIG", help="The node's configuration file, as `acredita node init` writes it."
    ),
]
Profile = Annotated[str, typer.Option(help="The institution's short name in the configuration.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
Actor = Annotated[
    str,
    typer.Option(help="The name that the audit trail records. Without it, the account of the user who is logged in."),
]
LANGUAGE_VARIABLE: Final = "ACREDITA_LANG"
Lang = Annotated[Language, typer.Option(envvar=LANGUAGE_VARIABLE, help="The language of text for people: es or en.")]
Wait = Annotated[bool, typer.Option("--anchor/--no-anchor", help="Anchor at once, or leave it to the running node.")]
Receipt = Annotated[
    Path | None,
    typer.Option(
        help="The anchor receipt. Without it, ../receipts/<name of the credential file> is used if it exists."
    ),
]
Rpc = Annotated[
    str | None,
    typer.Option(
        help="JSON-RPC address of the ledger, or a TOML file whose [ledger] section names its endpoints with their tokens."
    ),
]
ChainFolder = Annotated[
    Path | None,
    typer.Option(
        "--chain", help="Folder of an embedded chain. Without it and --rpc, chain/ beside the trust file is used."
    ),
]
Proofs = Annotated[
    bool | None,
    typer.Option(
        "--proofs/--no-proofs",
        help="Read the ledger's state by proof alone. Without it, where the trust file names validators.",
    ),
]
Log = Annotated[
    str | None,
    typer.Option(
        metavar="URL|DIR",
        help="Folder or http address with the logs as tiles. Without it, log/ beside the trust file is used.",
    ),
]
Records = Annotated[
    str | None,
    typer.Option(
        "--records",
        metavar="URL",
        help="Address of a node whose records are used where the logs of the ledger's endpoint are not whole.",
    ),
]
PinnedByDefault = Annotated[
    Path | None, typer.Option("--trust", help="The trust file. Without it, the pinned trust file is used.")
]
ProgrammeFile = Annotated[Path, typer.Option("--programme", help="The programme document (JSON).")]
DEFAULT_CONFIG = Path("acredita-data/acredita.toml")
