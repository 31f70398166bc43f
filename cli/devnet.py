"""`acredita devnet`: the embedded chain on its own, for schools and developers; Anvil's JSON-RPC, nothing but Python."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.devnet.defaults import CHAIN_ID, HOST, PORT


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command("devnet")(devnet)


def devnet(
    data: Annotated[Path | None, typer.Option(help="Folder that keeps the blocks; in memory where absent.")] = None,
    port: Annotated[int, typer.Option(help="Port on the loopback address; 0 takes a free one.")] = PORT,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = HOST,
    chain_id: Annotated[int, typer.Option(help="Chain id of a chain that is made now.")] = CHAIN_ID,
    block_time: Annotated[float, typer.Option(help="Seconds between blocks; 0 mines each transaction at once.")] = 0.0,
    no_mining: Annotated[bool, typer.Option(help="Mine only when told (evm_mine).")] = False,
    allow: Annotated[list[str] | None, typer.Option(help="Only these senders may send; repeat the option.")] = None,
) -> None:
    """Serve an embedded chain until interrupted."""
    from acredita.cli.bodies import devnet as body

    body.devnet(data, port, host, chain_id, block_time, no_mining, allow)
