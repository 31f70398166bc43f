"""Declare `acredita witness run|key new`: cosign the checkpoints of a registry's logs, and keep what was seen."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.options import AsJson, ChainFolder, Lang, PassphraseFile, PinnedByDefault, Rpc, WorkFactor
from acredita.node.verification.language import Language
from acredita.registry.keys.scrypt_cost import PRODUCTION_N

witness = typer.Typer(
    help="Cosign the checkpoints of a registry's logs, as a witness that keeps what it saw.", no_args_is_help=True
)
key = typer.Typer(help="Make the key of a witness.", no_args_is_help=True)

WitnessFolderOption = Annotated[
    Path, typer.Option("--folder", help="The folder of the witness: key, state, cosigned notes and evidence.")
]


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    witness.add_typer(key, name="key")
    app.add_typer(witness, name="witness")


@witness.command("run")
def run(
    folder: WitnessFolderOption,
    passphrase_file: PassphraseFile,
    trust: PinnedByDefault = None,
    log: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL|DIR",
            help="An address or a folder with logs, beside the sources that the pinned trust file names. Repeat it for more.",
        ),
    ] = None,
    rpc: Rpc = None,
    chain: ChainFolder = None,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Check the signed checkpoint of each log against the ledger and against the one seen before, and cosign it.

    Exit 0 if every log was checked, 1 with signed evidence that an institution contradicts itself or the ledger, 3 where
    something was missing. Nothing is offered to the network.
    """
    from acredita.cli.bodies import witness as body

    return body.run(folder, passphrase_file, trust, log or [], rpc, chain, lang, as_json)


@key.command("new")
def new_key(
    folder: WitnessFolderOption,
    name: Annotated[str, typer.Option(help="The witness's name, an address without its scheme: witness.example/w1.")],
    passphrase_file: PassphraseFile,
    scrypt_n: WorkFactor = PRODUCTION_N,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Make the key of a witness in a keystore of its own, and print its public part."""
    from acredita.cli.bodies import witness as body

    return body.new_key(folder, name, passphrase_file, scrypt_n, lang, as_json)
