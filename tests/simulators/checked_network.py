"""A QBFT network as `network init` makes it, old enough to be checked whole, and its endpoint behind planted manners."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from acredita.anchoring.call_signer import CallSigner, LocalCallSigner
from acredita.anchoring.transaction import UnsignedTransaction
from acredita.contracts.abi import Call
from acredita.devnet.rpc.dispatch import Rpc
from acredita.node.administration.network_files import NetworkPlan, genesis
from acredita.node.administration.network_validators import Validator
from acredita.node.config import EndpointSettings
from acredita.node.network_check.access_subjects import PLAIN_GAS
from acredita.node.network_check.asking import MAX_QUESTIONS, AskedEndpoint
from acredita.node.network_check.check import EndpointLines, check_endpoint
from acredita.node.network_check.expected import ExpectedChain, GenesisFile, parse_genesis_file
from acredita.node.network_check.lines import LineOutcome
from acredita.node.network_check.subject import CheckContext
from eth_typing import Address

from tests.simulators.half_endpoint import HalfProvider, Manner
from tests.simulators.installation import GENESIS_TIME, SteppingClock, account
from tests.simulators.qbft import (
    PERIOD_SECONDS,
    VALIDATORS,
    QbftChain,
    QbftNetwork,
    extra_data,
    network_over,
)
from tests.simulators.qbft_dialects import PENDING_IS_LATEST, Dialect
from tests.simulators.qbft_endpoint import QbftEndpoint

CHAIN_ID = 4_711
BLOCKS = 5_010
FOUNDER = LocalCallSigner(account("founder"))
SETTINGS = EndpointSettings("http://127.0.0.1:8545")
CONTRACT_SIZE = 24_576  # the embedded chain keeps EIP-170


def founded_network(blocks: int = BLOCKS, *, is_open: bool = False) -> QbftNetwork:
    """Make a network whose accounts hold nothing, and let blocks pass. `is_open`: without an account allow-list."""
    clock = SteppingClock(GENESIS_TIME)
    allowed = None if is_open else frozenset({Address(bytes(FOUNDER.address))})
    chain = QbftChain.open(
        None,
        chain_id=CHAIN_ID,
        genesis_time=GENESIS_TIME,
        extra_data=extra_data(VALIDATORS),
        clock=clock,
        allow_list=allowed,
        balances={},
    )
    assert isinstance(chain, QbftChain)
    network = network_over(chain, Rpc(chain), clock)
    sent = FOUNDER.sign_call(UnsignedTransaction(CHAIN_ID, 0, PLAIN_GAS, Call(FOUNDER.address, b"")))
    network.rpc.handle(
        {"jsonrpc": "2.0", "id": 1, "method": "eth_sendRawTransaction", "params": [f"0x{sent.raw.hex()}"]}
    )
    for _ in range(blocks):
        network.pass_period()
    network.signers.clear()  # everybody sealed them
    return network


def genesis_document() -> dict[str, Any]:
    """Return the genesis.json of that network, as `network init` writes it but for the size of contracts."""
    validators = [
        Validator(f"v{place}", each._key.public_key.format(compressed=False)[1:], f"10.0.0.{place + 1}", 30_303)
        for place, each in enumerate(VALIDATORS)
    ]
    document = genesis(NetworkPlan(validators, [FOUNDER.address], CHAIN_ID, PERIOD_SECONDS, GENESIS_TIME))
    assert isinstance(document["config"], dict)
    document["config"]["contractSizeLimit"] = CONTRACT_SIZE
    return document


def genesis_file(**changes: Any) -> GenesisFile:
    """Return the same as it is read, with changes."""
    document = genesis_document()
    return replace(parse_genesis_file(document, json.dumps(document).encode()), **changes)


def checked(
    network: QbftNetwork,
    manners: Sequence[Manner] = (),
    *,
    dialect: Dialect = PENDING_IS_LATEST,
    expected: ExpectedChain | None = None,
    signer: CallSigner | None = FOUNDER,
    settings: EndpointSettings = SETTINGS,
    anonymous: AskedEndpoint | None = None,
    questions: int = MAX_QUESTIONS,
) -> EndpointLines:
    """Check the first validator's endpoint behind manners. Waiting lets blocks pass."""
    endpoint = AskedEndpoint(HalfProvider(QbftEndpoint(network, 0, dialect), manners), questions=questions)
    context = CheckContext(
        endpoint,
        ExpectedChain(genesis_file=genesis_file()) if expected is None else expected,
        settings,
        anonymous,
        signer,
        clock=lambda: network.clock.now,
        sleep=network.pass_period,
    )
    return {subject.name: line for subject, line in check_endpoint(context)}


def codes(lines: EndpointLines) -> dict[str, tuple[str, str]]:
    """Return outcome and code of each subject that is not fine."""
    return {
        name: (str(line.outcome), str(line.code))
        for name, line in lines.items()
        if line.outcome is not LineOutcome.FINE
    }
