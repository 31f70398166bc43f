"""`acredita devnet`: the embedded chain on its own, for schools and developers; Anvil's JSON-RPC, nothing but Python."""

from contextlib import closing
from pathlib import Path

import typer
from acredita.cli.exit_codes import ArgumentRefused
from acredita.cli.spanish.sentences import said
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.server import claim, serve_on
from acredita.node.verification.language import Language
from eth_typing import Address


def devnet(
    data: Path | None,
    port: int,
    host: str,
    chain_id: int,
    block_time: float,
    no_mining: bool,
    allow: list[str] | None,
    lang: Language,
) -> None:
    """Run `acredita devnet`."""
    senders = None if allow is None else frozenset(_address(text) for text in allow)
    # The address first: where it is taken, no chain is made that nobody asked to keep.
    listening = claim(host, port)
    with closing(listening), Chain.open(data, chain_id=chain_id, allow_list=senders) as chain:
        rpc = Rpc(chain, automine=not no_mining and block_time == 0, block_time=block_time)
        serve_on(listening, rpc, lambda address: _announce(address, chain.chain_id, lang))


def _announce(address: str, chain_id: int, lang: Language) -> None:
    typer.echo(said(f"listening on {address}, chain id {chain_id}", lang))


def _address(text: str) -> Address:
    digits = text.removeprefix("0x")
    if len(digits) != 40 or not all(digit in "0123456789abcdefABCDEF" for digit in digits):
        raise ArgumentRefused(f"--allow {text}: an address of 40 hex digits expected")
    return Address(bytes.fromhex(digits))
