"""Declare `acredita network …`: a network of Besu nodes that its parties set up."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.options import AsJson, Lang
from acredita.node.verification.language import Language

network = typer.Typer(help="Set up a network of Besu nodes that several parties run.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.add_typer(network, name="network")


@network.command("key")
def key(
    name: Annotated[str, typer.Argument(help="The validator's short name, which stands in file names.")],
    host: Annotated[str, typer.Option(help="The IP address at which the other nodes connect to this one.")],
    out: Annotated[Path, typer.Option(help="The folder to make, for key and validator.json.")],
    port: Annotated[int, typer.Option(help="The port at which the other nodes connect to this one.")] = 30_303,
    as_json: AsJson = False,
    lang: Lang = Language.ES,
) -> None:
    """Make the private key of a validator, and the public file that it hands over: enode and address."""
    from acredita.cli.bodies import network as body

    body.key(name, host, port, out, as_json, lang)


@network.command("init")
def init(
    period: Annotated[int, typer.Option(help="Seconds between blocks.")],
    out: Annotated[Path, typer.Option(help="The folder to make.")],
    allow: Annotated[
        list[str],
        typer.Option(
            help="The address of an account that may send transactions, the founder's first. Repeat the option."
        ),
    ],
    chain_id: Annotated[int, typer.Option(help="The number of the chain. Each network has its own.")],
    validator: Annotated[
        list[Path] | None, typer.Option(help="The validator.json of a validator. Repeat the option for each.")
    ] = None,
    demo_keys: Annotated[
        int | None, typer.Option(help="Make this many validators with their private keys, only for chain id 31337.")
    ] = None,
    as_json: AsJson = False,
    lang: Lang = Language.ES,
) -> None:
    """Write the files of a network: first block, nodes, permissions, a configuration for each node, a Compose file.

    It holds no private key. The folder is the same for every validator, and nobody has to keep it secret.
    """
    from acredita.cli.bodies import network as body

    body.init(validator or [], demo_keys, period, out, allow, chain_id, as_json, lang)
