"""Lies of a QBFT endpoint that whoever believes no endpoint must see through: views, code, receipts, headers and proofs.

A forged header is whole in itself: it hashes to what it says and carries real seals, but not of a quorum. The lies of
`half_endpoint` about logs, heads and forks come on top.
"""

import json
from collections.abc import Sequence
from random import Random
from typing import Any

from acredita.anchoring import qbft
from acredita.anchoring.ledger import Ledger
from acredita.anchoring.quorum import QuorumLedger
from acredita.anchoring.rpc_answers import read_block
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.transaction import LocalAccount

from tests.simulators.half_endpoint import Ask, HalfProvider, Manner, drawn_manners, forked
from tests.simulators.installation import account
from tests.simulators.qbft import VALIDATORS, QbftNetwork, sealed_extra_data, with_extra_data
from tests.simulators.qbft_dialects import (
    BONSAI,
    NO_LOGS,
    NULL_FOR_THE_FUTURE,
    PARTIAL_LOGS,
    PENDING_IS_LATEST,
    REVERT_AS_SERVER_ERROR,
    REVERT_WITHOUT_DATA,
)
from tests.simulators.qbft_endpoint import QbftEndpoint

STRANGERS = tuple(account(f"no validator {number}") for number in range(4))
READING_DIALECTS = (
    PENDING_IS_LATEST,
    PARTIAL_LOGS,
    NO_LOGS,
    BONSAI,
    NULL_FOR_THE_FUTURE,
    REVERT_AS_SERVER_ERROR,
    REVERT_WITHOUT_DATA,
)
HEX = "0123456789abcdef"


def false_views(random: Random, share: float = 1.0) -> Manner:
    """Answer a share of all views by other words of the same length."""

    def manner(method: str, params: list[Any], ask: Ask) -> dict[str, Any]:
        answer = ask(method, params)
        if method != "eth_call" or not isinstance(answer.get("result"), str) or random.random() >= share:
            return answer
        words = (len(answer["result"]) - 2) // 64
        false = random.choice(["00" * 32, random.randbytes(32).hex(), bytes(31).hex() + "01"])
        return answer | {"result": "0x" + false * words}

    return manner


def false_facts(random: Random, share: float) -> Manner:
    """Answer now and then falsely about the chain's id, an account's code and a transaction's success."""
    lies = {
        "eth_chainId": lambda _: hex(random.randrange(1, 1 << 32)),
        "eth_getCode": lambda code: random.choice(["0x", code + "00", "0x" + random.randbytes(40).hex()]),
        "eth_getTransactionReceipt": lambda receipt: receipt and receipt | {"status": "0x0"},
    }

    def manner(method: str, params: list[Any], ask: Ask) -> dict[str, Any]:
        answer = ask(method, params)
        if method not in lies or "result" not in answer or answer["result"] is None or random.random() >= share:
            return answer
        return answer | {"result": lies[method](answer["result"])}

    return manner


def false_headers(random: Random, share: float) -> Manner:
    """Answer a share of all blocks by a forged one, and questions about a forged one by the state of the real one."""
    real: dict[str, str] = {}

    def manner(method: str, params: list[Any], ask: Ask) -> dict[str, Any]:
        answer = ask(method, [_renamed(param, real) for param in params])
        block = answer.get("result")
        if not method.startswith("eth_getBlockBy") or not isinstance(block, dict) or random.random() >= share:
            return answer
        false = forged(block, random)
        real[false["hash"]] = block["hash"]
        return answer | {"result": false}

    return manner


def _renamed(param: Any, names: dict[str, str]) -> Any:
    """Return a parameter with the real name of the block that it names."""
    if not isinstance(param, dict) or param.get("blockHash") not in names:
        return param
    return param | {"blockHash": names[param["blockHash"]]}


def forged(block: dict[str, Any], random: Random) -> dict[str, Any]:
    """Return another block that hashes to what it says, sealed by whoever would seal it; or seals of this one alone."""
    time, height = int(block["timestamp"], 16), int(block["number"], 16)
    change: dict[str, str] = random.choice(
        [
            {},
            {"timestamp": hex(max(0, time + random.choice((-100_000, -1, 1, 100_000))))},
            {"stateRoot": "0x" + random.randbytes(32).hex()},
            {"number": hex(max(0, height + random.choice((-1, 1, 500))))},
            {"parentHash": "0x" + random.randbytes(32).hex()},
        ]
    )
    false = block | change
    if height == 0 or int(false["number"], 16) == 0 or block["extraData"] == "0x":  # of a chain without seals
        return false
    header = read_block(false).header
    extra = random.choice([block["extraData"][2:], sealed_extra_data(header, _few(random), 0).hex()])
    encoded = with_extra_data(header, bytes.fromhex(extra))
    return false | {"extraData": "0x" + extra, "hash": "0x" + qbft.block_hash(encoded).hex()}


def _few(random: Random) -> Sequence[LocalAccount]:
    """Return signers who are no quorum: too few, one of them many times, or strangers."""
    return random.choice([VALIDATORS[:2], [VALIDATORS[0]] * 4, STRANGERS, [*VALIDATORS[:2], *STRANGERS]])


def false_proofs(random: Random, share: float) -> Manner:
    """Replace a share of all proofs by a spoiled one: one character, a node left out, or the proof of another block."""

    def manner(method: str, params: list[Any], ask: Ask) -> dict[str, Any]:
        if method != "eth_getProof" or random.random() >= share:
            return ask(method, params)
        match random.randrange(3):
            case 0:
                newest = ask("eth_blockNumber", [])["result"]
                return ask(method, [*params[:2], hex(random.randrange(int(newest, 16) + 1))])
            case 1:
                answer = ask(method, params)
                nodes = (answer.get("result") or {}).get("accountProof") or [None]
                del nodes[random.randrange(len(nodes))]
                return answer
        answer = ask(method, params)
        if not isinstance(answer.get("result"), dict):
            return answer
        text = json.dumps(answer["result"])
        at = random.choice([place for place, character in enumerate(text) if character in HEX])
        return answer | {"result": json.loads(text[:at] + random.choice("abcdef") + text[at + 1 :])}

    return manner


def drawn_lies(random: Random, other: Ask | None) -> list[Manner]:
    """Draw the lies of one endpoint. `other`: the same endpoint of another chain."""
    lies: list[Manner] = []
    if random.random() < 0.5:
        lies.append(false_views(random, random.choice((0.1, 1.0))))
    if random.random() < 0.3:
        lies.append(false_facts(random, random.choice((0.1, 1.0))))
    if random.random() < 0.4:
        lies.append(false_headers(random, random.choice((0.05, 0.3, 1.0))))
    if random.random() < 0.3:
        lies.append(false_proofs(random, random.choice((0.02, 0.2))))
    if other is not None and random.random() < 0.25:  # a whole chain of its own
        return [forked(other, random, 1.0), *lies]
    return [*lies, *drawn_manners(random, other)]


def drawn_sealed_ledger(
    seed: int, network: QbftNetwork, chain: Ask, other: tuple[QbftNetwork, Ask], *, lies: bool = True
) -> Ledger:
    """Draw a ledger of one to three validators' endpoints, which lag, lie and speak some dialect.

    Without `lies` they are half there at most, as `half_endpoint` has it.

    `chain`: honest answers of the chain underneath. `other`: a network over another chain, and that chain's answers.
    """
    random = Random(seed)
    endpoints = []
    for place in random.sample(range(len(VALIDATORS)), random.choice((1, 1, 1, 2, 3))):
        dialect = random.choice(READING_DIALECTS)
        validator = QbftEndpoint(network, place, dialect, chain)
        forked = QbftEndpoint(other[0], place, dialect, other[1])
        manners = drawn_lies(random, forked) if lies else drawn_manners(random, forked)
        endpoints.append(RpcLedger(HalfProvider(validator, manners)))
    return endpoints[0] if len(endpoints) == 1 else QuorumLedger(endpoints)
