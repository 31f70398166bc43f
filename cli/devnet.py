"""Declare `acredita devnet`: the embedded chain on its own, with Anvil's JSON-RPC, for schools and developers."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.options import AsJson, Lang
from acredita.devnet.defaults import CHAIN_ID, HOST, PORT
from acredita.node.verification.language import Language

devnet_commands = typer.Typer(
    help="Serve an embedded chain over JSON-RPC until interrupted.", invoke_without_command=True
)


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.add_typer(devnet_commands, name="devnet")


@devnet_commands.callback()
def devnet(
    context: typer.Context,
    data: Annotated[
        Path | None, typer.Option(help="The folder that keeps the blocks. Without it, the chain is in memory.")
    ] = None,
    port: Annotated[int, typer.Option(help="The port to listen on. 0 takes a free one.")] = PORT,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = HOST,
    chain_id: Annotated[int, typer.Option(help="The chain id, if the chain is made now.")] = CHAIN_ID,
    block_time: Annotated[float, typer.Option(help="Seconds between blocks. 0 mines each transaction at once.")] = 0.0,
    no_mining: Annotated[bool, typer.Option("--no-mining", help="Mine only at a request for it (evm_mine).")] = False,
    allow: Annotated[
        list[str] | None,
        typer.Option(help="An address that may send transactions. Repeat the option for more; without it, any may."),
    ] = None,
    lang: Lang = Language.ES,
) -> None:
    """Serve an embedded chain over JSON-RPC until interrupted."""
    if context.invoked_subcommand is not None:
        return
    from acredita.cli.bodies import devnet as body

    body.devnet(data, port, host, chain_id, block_time, no_mining, allow, lang)


@devnet_commands.command("advance")
def advance(
    duration: Annotated[str, typer.Argument(help="The time to pass, such as 90m, 72h or 7d.")],
    rpc: Annotated[
        str | None,
        typer.Option(help="JSON-RPC address of a development chain. Without it, the one of `acredita devnet`."),
    ] = None,
    chain: Annotated[
        Path | None, typer.Option("--chain", help="Folder of an embedded chain that no process has open.")
    ] = None,
    as_json: AsJson = False,
    lang: Lang = Language.ES,
) -> int:
    """Let time pass on a development chain: move its clock and mine a block. A chain of a network has no such command."""
    from acredita.cli.bodies import devnet as body

    return body.advance(duration, rpc, chain, as_json, lang)
