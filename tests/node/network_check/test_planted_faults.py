"""Each fault planted in a network or its endpoint is found with its code, and a sound network has none."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest
from acredita.anchoring.call_signer import ExternalCallSigner, LocalCallSigner
from acredita.anchoring.types import Address, BlockHash
from acredita.contracts.abi import Deployment
from acredita.node.config import EndpointSettings
from acredita.node.network_check.asking import AskedEndpoint
from acredita.node.network_check.check import SUBJECTS
from acredita.node.network_check.expected import ExpectedChain
from acredita.node.network_check.lines import LineOutcome, worst_outcome
from acredita.registry.keys.multikey import encode_multibase
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.ledger_facts.trust_draft import TrustDraft
from acredita.registry.ledger_facts.trust_file import CONTRACTS, Trust, TrustAuthority, parse_unsigned
from acredita.registry.ledger_facts.trusted_chain import ValidatorSet, qbft_chain
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from eth_hash.auto import keccak
from requests import HTTPError, Response

from tests.house.documents import ROOT
from tests.simulators.checked_network import (
    CHAIN_ID,
    FOUNDER,
    checked,
    codes,
    founded_network,
    genesis_file,
)
from tests.simulators.half_endpoint import Ask, HalfProvider, Manner, failing
from tests.simulators.installation import GENESIS_TIME, account
from tests.simulators.qbft import PERIOD_SECONDS, VALIDATORS, QbftNetwork, taken_back
from tests.simulators.qbft_dialects import (
    BONSAI,
    DIALECTS,
    NO_LOGS,
    PARTIAL_LOGS,
    PRICED,
    REVERT_WITHOUT_DATA,
    SENDER_NOT_ALLOWED,
    UNAUTHORISED,
)
from tests.simulators.qbft_endpoint import QbftEndpoint
from tests.simulators.qbft_lies import drawn_lies, false_proofs

FINE = {"named_blocks": ("not_checked", "NOTHING_EXPECTED")}
"""A sound network, checked with genesis.json alone: without a trust file no later block is named."""
SEEDS = range(40)

Plan = dict[str, Any]


@pytest.fixture(scope="module")
def old() -> QbftNetwork:
    """Make a network of many blocks; each test takes back what it does."""
    return founded_network()


@pytest.fixture
def network(old: QbftNetwork) -> Iterator[QbftNetwork]:
    allowed = old.chain.allow_list
    with taken_back(old) as own:
        yield own
    old.chain.allow_list = allowed


def answering(
    method: str, change: Callable[[Any], Any], *, when: Callable[[list[Any]], bool] = lambda _: True
) -> Manner:
    """Change what an endpoint answers to a method."""

    def manner(name: str, params: list[Any], ask: Ask) -> dict[str, Any]:
        answer = ask(name, params)
        if name != method or "result" not in answer or not when(params):
            return answer
        return answer | {"result": change(answer["result"])}

    return manner


def refusing(
    method: str, words: str, number: int = -32000, *, when: Callable[[list[Any]], bool] = lambda _: True
) -> Manner:
    """Refuse a method."""
    return lambda name, params, ask: failing(words, number) if name == method and when(params) else ask(name, params)


def silent(name: str, params: list[Any], ask: Ask) -> dict[str, Any]:
    """Leave each question without an answer."""
    raise ConnectionError("no route")


def unauthorised(name: str, params: list[Any], ask: Ask) -> dict[str, Any]:
    """Answer HTTP 401."""
    response = Response()
    response.status_code = 401
    raise HTTPError("401", response=response)


def holds(part: str) -> Callable[[list[Any]], bool]:
    """Return a condition: the first parameter has this text in it."""
    return lambda params: part in str(params[0])


def spans(blocks: int) -> Callable[[list[Any]], bool]:
    """Return a condition: a log query of more blocks."""
    return lambda params: int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) >= blocks


def at_the_head(network: QbftNetwork) -> Manner:
    """Answer for blocks beyond the head as if they were the head."""
    head = network.chain.head.number
    named = re.compile("0x[0-9a-f]{1,15}")

    def manner(name: str, params: list[Any], ask: Ask) -> dict[str, Any]:
        if name == "eth_getLogs":
            return ask(name, params)
        clipped = [
            hex(head) if isinstance(each, str) and named.fullmatch(each) and int(each, 16) > head + 500 else each
            for each in params
        ]
        return ask(name, clipped)

    return manner


def trust_of(network: QbftNetwork, *blocks: tuple[int, BlockHash]) -> Trust:
    """Return the trust file of the network, with blocks that it names. Nobody has to have signed it."""
    keys = [PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(bytes([place]) * 32)) for place in (5, 6)]
    sets = [ValidatorSet(1, None, tuple(sorted(each.address for each in VALIDATORS)))]
    draft = TrustDraft(
        number=1,
        issued=GENESIS_TIME,
        chain_id=CHAIN_ID,
        genesis=BlockHash(network.chain.header(0).hash),
        contracts=Deployment(*(bytes([place]) * 20 for place in range(1, 5))),
        code_hashes=dict.fromkeys(CONTRACTS, bytes(32)),
        chain=qbft_chain(sets, period=PERIOD_SECONDS, idle=PERIOD_SECONDS, blocks=dict(blocks)),
        keys=[encode_multibase(key.multikey) for key in keys],
        threshold=2,
        authority=TrustAuthority("did:web:aut.example", {"es": "Autoridad ficticia"}, "https://aut.example"),
    )
    return parse_unsigned(draft.document())


def trusting(network: QbftNetwork, *blocks: tuple[int, BlockHash]) -> Plan:
    return {"expected": ExpectedChain(trust_of(network, *blocks), genesis_file())}


def expecting(**changes: Any) -> Plan:
    return {"expected": ExpectedChain(genesis_file=genesis_file(**changes))}


def with_manner(*manners: Manner) -> Plan:
    return {"manners": manners}


def set_on(network: QbftNetwork, **values: Any) -> Plan:
    """Change the network itself."""
    for name, value in values.items():
        setattr(network, name, value)
    return {}


def sealed_by(network: QbftNetwork, signers: tuple[Any, ...]) -> Plan:
    network.signers[network.chain.head.hash] = signers
    return {}


def unsealed(network: QbftNetwork) -> Plan:
    """Let blocks from now on show the seals of two validators."""
    head = network.chain.head.number

    def manner(name: str, params: list[Any], ask: Ask) -> dict[str, Any]:
        if network.chain.head.number > head:
            network.signers[network.chain.head.hash] = VALIDATORS[:2]
        return ask(name, params)

    return {"manners": [manner]}


def later(network: QbftNetwork, seconds: int) -> Plan:
    network.clock.now += seconds
    return {}


def small_blocks(network: QbftNetwork) -> Plan:
    whole = network.chain.gas_limit
    network.chain.gas_limit = 8_000_000
    network.pass_period()
    network.chain.gas_limit = whole
    return {}


def claimed(network: QbftNetwork) -> Plan:
    """Keep a transaction, and show it in the next block all the same."""
    kept: list[str] = []

    def manner(name: str, params: list[Any], ask: Ask) -> dict[str, Any]:
        if name == "eth_sendRawTransaction" and len(params[0]) < 400 and ask("eth_blockNumber", [])["result"]:
            refused = ask(name, params) if not _is_founders(params[0]) else None
            if refused is not None:
                return refused
            kept.append("0x" + keccak(bytes.fromhex(params[0][2:])).hex())
            return {"jsonrpc": "2.0", "id": 1, "result": kept[-1]}
        answer = ask(name, params)
        if name == "eth_getBlockByNumber" and isinstance(answer.get("result"), dict):
            answer["result"]["transactions"] = kept
        return answer

    return {"manners": [manner]}


def _is_founders(raw: str) -> bool:
    return FOUNDER.address.hex() in raw  # it sends to itself


def external(network: QbftNetwork) -> Plan:
    locked = HalfProvider(lambda method, params: failing("account is locked"), ())
    return {"signer": ExternalCallSigner(locked, FOUNDER.address)}


@dataclass(frozen=True)
class Planted:
    """A fault in a network or its endpoint, and the line that must show it."""

    code: str
    subject: str
    plan: Callable[[QbftNetwork], Plan]
    outcome: str = "fault"


STRANGER = LocalCallSigner(account("nobody"))
OTHERS = frozenset(Address(bytes([place]) * 20) for place in (1, 2, 3, 4))
RANGE = "Requested range exceeds maximum RPC range limit"

PLANTED = [
    Planted("CHAIN_ID_DIFFERS", "chain_id", lambda _: with_manner(answering("eth_chainId", lambda _: "0x1"))),
    Planted("CHAIN_ID_DIFFERS", "chain_id", lambda _: expecting(chain_id=4712)),
    Planted("GENESIS_CHANGED", "genesis", lambda _: expecting(first_block={"timestamp": "0x1"})),
    Planted("GENESIS_CHANGED", "genesis", lambda n: trusting(n, (0, BlockHash(b"\x07" * 32)))),
    Planted("LEDGER_FORKED", "named_blocks", lambda n: trusting(n, (7, BlockHash(b"\x07" * 32)))),
    Planted("LEDGER_BEHIND", "named_blocks", lambda n: trusting(n, (10**6, BlockHash(b"\x07" * 32)))),
    Planted("HEADER_FALSE", "genesis", lambda _: with_manner(false_genesis)),
    Planted("HEADER_FALSE", "named_blocks", lambda n: trusting(n, named(n, 7)) | with_manner(false_block(7))),
    Planted("HEADER_FALSE", "seals", lambda _: with_manner(false_state_root)),
    Planted("HEADER_FALSE", "free_price", lambda n: with_manner(false_block(n.chain.head.number + 1)), "unknown"),
    Planted("SEALS_TOO_FEW", "free_price", unsealed, "unknown"),
    Planted("NOTHING_EXPECTED", "genesis", lambda _: {"expected": ExpectedChain()}, "not_checked"),
    Planted("NOTHING_EXPECTED", "age", lambda _: {"expected": ExpectedChain()}, "not_checked"),
    Planted("VALIDATORS_UNKNOWN", "validators", lambda _: {"expected": ExpectedChain()}, "not_checked"),
    Planted("VALIDATORS_UNKNOWN", "seals", lambda _: {"expected": ExpectedChain()}, "not_checked"),
    Planted("HEADER_FALSE", "head", lambda _: with_manner(false_state_root)),
    Planted("LEDGER_INCOMPLETE", "head", lambda _: with_manner(answering("eth_blockNumber", lambda _: hex(10**6)))),
    Planted("VALIDATORS_DIFFER", "validators", lambda _: expecting(validators=OTHERS)),
    Planted("SEALS_TOO_FEW", "seals", lambda _: expecting(validators=OTHERS)),
    Planted("SEALS_TOO_FEW", "seals", lambda n: sealed_by(n, VALIDATORS[:2])),
    Planted("SEALS_TOO_FEW", "seals", lambda n: sealed_by(n, (VALIDATORS[0],) * 4)),
    Planted("LEDGER_STALLED", "age", lambda n: later(n, 1_000)),
    Planted("LEDGER_AHEAD_OF_CLOCK", "age", lambda n: later(n, -1_000)),
    Planted("PERIOD_DIFFERS", "period", lambda _: expecting(period=60)),
    Planted("PERIOD_DIFFERS", "period", lambda _: expecting(period=1)),
    Planted("ENDPOINT_SYNCING", "syncing", lambda n: set_on(n, lags={0: 5})),
    Planted("PEERS_TOO_FEW", "peers", lambda n: set_on(n, down={2, 3}) | {"signer": None}),
    Planted("VERSION_UNTOLD", "client", lambda _: with_manner(refusing("web3_clientVersion", "off")), "note"),
    Planted("BASE_FEE_NOT_ZERO", "base_fee", lambda _: with_manner(of_blocks("baseFeePerGas", "0x7"))),
    Planted("BASE_FEE_NOT_ZERO", "base_fee", lambda _: with_manner(of_blocks("baseFeePerGas", None))),
    Planted("GAS_LIMIT_LOW", "gas_limit", small_blocks),
    Planted(
        "PUSH0_MISSING",
        "push0",
        lambda _: with_manner(refusing("eth_call", "Invalid opcode: 0x5f", when=holds("5f52"))),
    ),
    Planted("CONTRACT_SIZE_LOW", "contract_size", lambda _: expecting(contract_size=49_152)),
    Planted("REVERT_WITHOUT_REASON", "revert_reason", lambda _: {"dialect": REVERT_WITHOUT_DATA}, "note"),
    Planted(
        "PENDING_REFUSED",
        "pending",
        lambda _: with_manner(refusing("eth_call", "Unknown block", when=lambda params: params[-1] == "pending")),
    ),
    Planted(
        "LOG_RANGE_LOW", "log_range", lambda _: with_manner(refusing("eth_getLogs", RANGE, -32005, when=spans(1_000)))
    ),
    Planted("LOGS_BEYOND_HEAD", "logs_beyond_head", lambda _: {"dialect": PARTIAL_LOGS}, "note"),
    Planted("LOGS_BEYOND_HEAD", "logs_beyond_head", lambda _: {"dialect": NO_LOGS}, "note"),
    Planted("BEYOND_HEAD_ANSWERED", "beyond_head", lambda n: with_manner(at_the_head(n))),
    Planted("PROOFS_UNAVAILABLE", "state_proof", lambda _: with_manner(refusing("eth_getProof", "Method not found"))),
    Planted("STATE_PROOF_INVALID", "state_proof", lambda _: with_manner(proof_of_nothing)),
    Planted("STATE_WINDOW_LOW", "state_window", lambda _: {"dialect": replace(BONSAI, state_window=16)}),
    Planted("STATE_FORGOTTEN", "state_window", lambda _: {"dialect": BONSAI}, "note"),
    Planted("ENDPOINT_UNAUTHORISED", "authentication", lambda _: with_manner(unauthorised)),
    Planted(
        "ENDPOINT_OPEN", "authentication", lambda n: {"anonymous": AskedEndpoint(HalfProvider(QbftEndpoint(n, 0), ()))}
    ),
    Planted(
        "LEDGER_UNREACHABLE",
        "authentication",
        lambda n: {"anonymous": AskedEndpoint(HalfProvider(QbftEndpoint(n, 0), [silent]))},
        "unknown",
    ),
    Planted("ENDPOINT_OPEN", "authentication", lambda _: {"settings": EndpointSettings("https://besu.example")}),
    Planted("ACCOUNTS_OPEN", "allow_list", lambda n: set_on(n.chain, allow_list=None)),  # type: ignore[arg-type]
    Planted("ACCOUNT_WANTED", "free_price", lambda _: {"signer": None}, "not_checked"),
    Planted("SENDER_NOT_ALLOWED", "free_price", lambda _: {"signer": STRANGER}),
    Planted("SENDER_NOT_ALLOWED", "free_price", lambda _: {"dialect": SENDER_NOT_ALLOWED}),
    Planted("PRICE_NOT_ZERO", "free_price", lambda n: set_on(n, least_prices={0: 1_000})),
    Planted("PRICE_NOT_ZERO", "free_price", lambda n: set_on(n, least_prices={0: 1_000}) | {"signer": None}),
    Planted(
        "TRANSACTION_REFUSED", "free_price", lambda _: with_manner(refusing("eth_sendRawTransaction", "Internal error"))
    ),
    Planted("TRANSACTION_NOT_MINED", "free_price", lambda _: {"dialect": PRICED}),
    Planted("TRANSACTION_NOT_MINED", "free_price", claimed),
    Planted("PROPOSER_PASSES_OVER", "free_price", lambda n: set_on(n, least_prices={2: 1_000})),
    Planted(
        "PROPOSER_PASSES_OVER",
        "free_price",
        lambda n: set_on(n, least_prices={2: 1_000}) | {"expected": ExpectedChain()} | with_manner(no_validators),
    ),
    Planted("PROPOSER_ABSENT", "free_price", lambda n: set_on(n, down={2})),
    Planted("SIGNER_UNAVAILABLE", "free_price", external, "unknown"),
    Planted(
        "QUESTION_REFUSED",
        "allow_list",
        lambda _: with_manner(refusing("eth_sendRawTransaction", "Method not allowed")),
        "unknown",
    ),
    Planted(
        "ANSWER_UNREADABLE", "chain_id", lambda _: with_manner(answering("eth_chainId", lambda _: "4711")), "unknown"
    ),
    Planted("LEDGER_UNREACHABLE", "head", lambda _: with_manner(silent), "unknown"),
    Planted("CHECK_CUT_SHORT", "free_price", lambda _: {"questions": 10}, "unknown"),
]
ON_A_SHORT_CHAIN = [
    Planted("CHAIN_TOO_SHORT", "log_range", lambda _: {}, "not_checked"),
    Planted("CHAIN_TOO_SHORT", "state_window", lambda _: {}, "not_checked"),
    Planted("CHAIN_TOO_SHORT", "period", lambda _: {}, "not_checked"),
    Planted(
        "LOG_RANGE_LOW", "log_range", lambda _: with_manner(refusing("eth_getLogs", RANGE, -32005, when=spans(1_000)))
    ),
]


def of_blocks(name: str, value: object) -> Manner:
    return answering("eth_getBlockByNumber", lambda block: block and block | {name: value})


def false_state_root(name: str, params: list[Any], ask: Ask) -> dict[str, Any]:
    return of_blocks("stateRoot", "0x" + "07" * 32)(name, params, ask)


def false_block(number: int) -> Manner:
    """Answer for one height by a block with a false root, under the hash of the true one."""
    return answering(
        "eth_getBlockByNumber",
        lambda block: block and block | {"stateRoot": "0x" + "07" * 32},
        when=lambda params: params[0] == hex(number),
    )


def no_validators(name: str, params: list[Any], ask: Ask) -> dict[str, Any]:
    return refusing("qbft_getValidatorsByBlockNumber", "Method not enabled", -32604)(name, params, ask)


def false_genesis(name: str, params: list[Any], ask: Ask) -> dict[str, Any]:
    return false_block(0)(name, params, ask)


def named(network: QbftNetwork, number: int) -> tuple[int, BlockHash]:
    return number, BlockHash(network.chain.header(number).hash)


def proof_of_nothing(name: str, params: list[Any], ask: Ask) -> dict[str, Any]:
    return answering("eth_getProof", lambda proof: proof | {"accountProof": []})(name, params, ask)


def test_a_sound_network_has_no_fault(network: QbftNetwork) -> None:
    lines = checked(network)
    assert codes(lines) == FINE
    assert worst_outcome(lines.values()) is LineOutcome.FINE
    assert codes(checked(network, **trusting(network, (7, BlockHash(network.chain.header(7).hash))))) == {}


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: f"{planted.subject}-{planted.code}")
def test_a_planted_fault_is_found_with_its_code(network: QbftNetwork, planted: Planted) -> None:
    lines = checked(network, **planted.plan(network))
    assert codes(lines).get(planted.subject) == (planted.outcome, planted.code)
    assert (worst_outcome(lines.values()) is LineOutcome.FAULT) >= (planted.outcome == "fault")


@pytest.mark.parametrize("planted", ON_A_SHORT_CHAIN, ids=lambda planted: f"{planted.subject}-{planted.code}")
def test_a_short_chain_is_told_as_one(planted: Planted) -> None:
    network = founded_network(3)
    lines = checked(network, **planted.plan(network))
    assert codes(lines).get(planted.subject) == (planted.outcome, planted.code)


def test_every_code_of_the_check_has_a_planted_fault() -> None:
    sources = (ROOT / "node" / "network_check").glob("*.py")
    named = {code for path in sources for code in re.findall(r"Code\.([A-Z_0-9]+)", path.read_text())}
    assert {planted.code for planted in PLANTED + ON_A_SHORT_CHAIN} == named
    assert {planted.subject for planted in PLANTED + ON_A_SHORT_CHAIN} == {subject.name for subject in SUBJECTS}


BY_DIALECT: Mapping[str, dict[str, tuple[str, str]]] = {
    "partial-logs": {"logs_beyond_head": ("note", "LOGS_BEYOND_HEAD")},
    "empty-logs": {"logs_beyond_head": ("note", "LOGS_BEYOND_HEAD")},
    "state-of-512-blocks": {"state_window": ("note", "STATE_FORGOTTEN")},
    "revert-without-data": {"revert_reason": ("note", "REVERT_WITHOUT_REASON")},
    "accepted-never-mined": {"free_price": ("fault", "TRANSACTION_NOT_MINED")},
    "sender-not-allowed": {"free_price": ("fault", "SENDER_NOT_ALLOWED")},
}
"""Lines of each dialect beside those of a sound network. The others differ in nothing that matters."""


@pytest.mark.parametrize("dialect", [each for each in DIALECTS if each is not UNAUTHORISED], ids=lambda each: each.name)
def test_the_check_shows_each_dialect(network: QbftNetwork, dialect: Any) -> None:
    assert codes(checked(network, dialect=dialect)) == FINE | BY_DIALECT.get(dialect.name, {})


@pytest.mark.parametrize("seed", SEEDS)
def test_an_endpoint_that_lies_ends_no_check(network: QbftNetwork, seed: int) -> None:
    lines = checked(network, drawn_lies(Random(seed), None))
    assert list(lines) == [subject.name for subject in SUBJECTS]


def test_a_false_proof_is_found(network: QbftNetwork) -> None:
    network.pass_period()
    outcomes = {codes(checked(network, [false_proofs(Random(seed), 1.0)])).get("state_proof") for seed in range(10)}
    assert ("fault", "STATE_PROOF_INVALID") in outcomes
