"""`acredita devnet`: the embedded chain on its own, for schools and developers; Anvil's JSON-RPC, nothing but Python."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.exit_codes import ArgumentRefused
from acredita.devnet.chain import Chain
from acredita.devnet.defaults import CHAIN_ID, HOST, PORT
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.server import claim, serve_on
from eth_typing import Address


def register(app: typer.Typer) -> None:
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
    senders = None if allow is None else frozenset(_address(text) for text in allow)
    # The address first: where it is taken, no chain is made that nobody asked to keep.
    listening = claim(host, port)
    with closing(listening), Chain.open(data, chain_id=chain_id, allow_list=senders) as chain:
        rpc = Rpc(chain, automine=not no_mining and block_time == 0, block_time=block_time)
        serve_on(listening, rpc, lambda address: typer.echo(f"listening on {address}, chain id {chain.chain_id}"))


def _address(text: str) -> Address:
    digits = text.removeprefix("0x")
    if len(digits) != 40 or not all(digit in "0123456789abcdefABCDEF" for digit in digits):
        raise ArgumentRefused(f"--allow {text}: an address of 40 hex digits expected")
    return Address(bytes.fromhex(digits))
