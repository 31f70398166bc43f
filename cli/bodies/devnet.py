"""`acredita devnet`: the embedded chain on its own, for schools and developers; Anvil's JSON-RPC, nothing but Python."""

import json
from contextlib import closing
from pathlib import Path

import typer
from acredita.anchoring.receipts import time_text
from acredita.anchoring.rpc_provider import EndpointProvider
from acredita.cli.bodies.durations import seconds_of
from acredita.cli.exit_codes import OK, ActRefused, ArgumentRefused
from acredita.cli.spanish.sentences import facts_line, said
from acredita.devnet.chain import Chain, wall_clock
from acredita.devnet.defaults import HOST, PORT
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.server import claim, serve_on
from acredita.node.ledger.read_only import ledger_over_http
from acredita.node.verification.language import Language
from eth_typing import Address
from web3.types import RPCEndpoint


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


def advance(duration: str, rpc: str | None, chain: Path | None, as_json: bool, lang: Language) -> int:
    """Run `acredita devnet advance`."""
    if rpc is not None and chain is not None:
        raise ArgumentRefused("either --rpc or --chain expected")
    seconds = seconds_of(duration, "devnet advance")
    before, head = (
        _advance_folder(chain, seconds) if chain else _advance_served(rpc or f"http://{HOST}:{PORT}", seconds)
    )
    facts = {"before": time_text(before), "head": time_text(head)}
    typer.echo(json.dumps(facts, indent=2) if as_json else facts_line(facts, lang))
    return OK


def _advance_served(url: str, seconds: int) -> tuple[int, int]:
    """Do the same on a chain that answers at an address. Raises ActRefused where it is no development chain."""
    ledger = ledger_over_http(url)
    before = ledger.head().time
    provider = EndpointProvider(url, exception_retry_configuration=None)
    for method, parameters in (
        ("evm_setNextBlockTimestamp", [hex(max(before, wall_clock()) + seconds)]),
        ("evm_mine", []),
    ):
        answer = provider.make_request(RPCEndpoint(method), parameters)
        if "error" in answer:
            raise ActRefused(f"{url}: no development chain: {method}")
    return before, ledger.head().time


def _advance_folder(folder: Path, seconds: int) -> tuple[int, int]:
    """Mine one block that is later by these seconds than now and than the head; return both times."""
    if not folder.is_dir():
        raise ArgumentRefused(f"{folder}: the folder of an embedded chain expected")
    with closing(Chain.open(folder)) as chain:
        before = chain.head.timestamp
        mined = chain.mine(timestamp=max(before, wall_clock()) + seconds)
        return before, mined.block.header.timestamp


def _announce(address: str, chain_id: int, lang: Language) -> None:
    typer.echo(said(f"listening on {address}, chain id {chain_id}", lang))


def _address(text: str) -> Address:
    digits = text.removeprefix("0x")
    if len(digits) != 40 or not all(digit in "0123456789abcdefABCDEF" for digit in digits):
        raise ArgumentRefused(f"--allow {text}: an address of 40 hex digits expected")
    return Address(bytes.fromhex(digits))
