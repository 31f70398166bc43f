"""Declare the options that several commands have in common.

A variable of the environment stands for an option that is not given. It is left aside where another option of the command
line takes its place.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from acredita.node.verification.language import Language

_ENVIRONMENT: Final = "ENVIRONMENT"  # the library keeps its enumeration of sources to itself


def unless(parameter: str, *others: str) -> Callable[[typer.Context, Any], Any]:
    """Return a callback that ignores the variable of an option where the command line gives one of the others.

    Options of the command line are processed before variables, so that the others are known by then.
    """

    def chosen(context: typer.Context, value: Any) -> Any:
        source = context.get_parameter_source(parameter)
        from_variable = source is not None and source.name == _ENVIRONMENT
        return None if from_variable and any(context.params.get(name) is not None for name in others) else value

    return chosen


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
        envvar="ACREDITA_RPC",
        callback=unless("rpc", "chain"),
        help="JSON-RPC address of the ledger, or a TOML file whose section `ledger` names its endpoints with their tokens.",
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
MoreSources = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        metavar="URL|DIR",
        help="A mirror, as an address or a folder, for what is missing beside the trust file. Repeat the option for more.",
    ),
]
PinnedByDefault = Annotated[
    Path | None, typer.Option("--trust", help="The trust file. Without it, the pinned trust file is used.")
]
ProgrammeFile = Annotated[Path, typer.Option("--programme", help="The programme document (JSON).")]
DEFAULT_CONFIG = Path("acredita-data/acredita.toml")
PassphraseFile = Annotated[Path, typer.Option(help="The file with the keystore's passphrase, mode 0600.")]
WorkFactor = Annotated[
    int, typer.Option("--scrypt-n", help="Work factor of the passphrase, a power of two; lower only for trials.")
]
