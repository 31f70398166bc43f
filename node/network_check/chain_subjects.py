"""Subjects about the chain: id, first block, named blocks, head, validators, seals, age, period, syncing, peers."""

from collections.abc import Mapping
from typing import Any, Final

from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.qbft import is_sealed
from acredita.anchoring.rpc_answers import MAX_EXACT, read_data, read_quantity
from acredita.anchoring.state_proof import StateProofRefused
from acredita.anchoring.types import Address, to_hex
from acredita.node.network_check.asking import MAX_WORDS, AnswerUnavailable, QuestionRefused, harmless
from acredita.node.network_check.checked_chain import ToldBlock
from acredita.node.network_check.lines import CheckLine, fault, fine, not_checked, note, unknown
from acredita.node.network_check.subject import CheckContext
from acredita.registry.codes import Code

MAX_NAMED_BLOCKS: Final = 32  # of a trust file, the newest of them
MAX_SEALED_BLOCKS: Final = 8  # the head and blocks below it
PERIOD_BLOCKS: Final = 100  # of which the mean interval is taken
LEAST_PERIOD_BLOCKS: Final = 10
MAX_AHEAD_SECONDS: Final = 60
SLOW_TIMES: Final = 2  # mean interval in periods, from which blocks are slow: rounds without a block count double


def chain_id(context: CheckContext) -> CheckLine:
    """Compare the chain id."""
    number = told_quantity(context, "eth_chainId")
    named = context.expected.chain_id
    if named is not None and number != named:
        return fault(Code.CHAIN_ID_DIFFERS, number, named)
    return fine(number)


def genesis(context: CheckContext) -> CheckLine:
    """Compare block 0 with the trust file's hash and with the fields of genesis.json."""
    told_block = context.chain.at(0)
    if not told_block.is_hashed:
        return fault(Code.HEADER_FALSE, 0)
    expected = context.expected
    named = expected.blocks.get(0)
    if named is not None and told_block.block.hash != named:
        return fault(Code.GENESIS_CHANGED, to_hex(told_block.block.hash), to_hex(named))
    for name, value in ({} if expected.genesis_file is None else expected.genesis_file.first_block).items():
        seen = str(told_block.fields.get(name)).lower()
        if seen != value:
            return fault(Code.GENESIS_CHANGED, f"{name} {seen[:MAX_WORDS]}", f"{name} {value[:MAX_WORDS]}")
    if named is None and expected.genesis_file is None:
        return not_checked(Code.NOTHING_EXPECTED, to_hex(told_block.block.hash))
    return fine(to_hex(told_block.block.hash))


def named_blocks(context: CheckContext) -> CheckLine:
    """Compare the newest blocks that the trust file names."""
    numbers = sorted(number for number in context.expected.blocks if number)[-MAX_NAMED_BLOCKS:]
    if not numbers:
        return not_checked(Code.NOTHING_EXPECTED)
    for number in numbers:
        if number > context.chain.head().block.number:
            return fault(Code.LEDGER_BEHIND, context.chain.head().block.number, number)
        told_block, named = context.chain.at(number), context.expected.blocks[number]
        if not told_block.is_hashed:
            return fault(Code.HEADER_FALSE, number)
        if told_block.block.hash != named:
            return fault(Code.LEDGER_FORKED, f"{number}: {to_hex(told_block.block.hash)}", to_hex(named))
    return fine(len(numbers))


def head(context: CheckContext) -> CheckLine:
    """Look whether the head's header has its hash, and whether the endpoint's two answers about it agree."""
    number = told_quantity(context, "eth_blockNumber")
    newest = context.chain.head()
    if not newest.is_hashed:
        return fault(Code.HEADER_FALSE, newest.block.number)
    if newest.block.number < number:
        return fault(Code.LEDGER_INCOMPLETE, f"{number} > {newest.block.number}")
    return fine(f"{newest.block.number} {to_hex(newest.block.hash)}")


def validators(context: CheckContext) -> CheckLine:
    """Compare the validators in force with those that are named."""
    named = context.expected.validators
    if named is None:
        return not_checked(Code.VALIDATORS_UNKNOWN)
    seen = told_validators(context)
    if seen != named:
        return fault(Code.VALIDATORS_DIFFER, _listed(seen), _listed(named))
    return fine(len(seen))


def told_validators(context: CheckContext) -> frozenset[Address]:
    """Return the validators that the endpoint tells. Raises AnswerUnavailable, QuestionRefused."""
    answer = context.endpoint.ask("qbft_getValidatorsByBlockNumber", "latest")
    try:
        return frozenset(Address(read_data(each, "validator", 20)) for each in _list(answer))
    except LedgerUnavailable as error:
        raise AnswerUnavailable(Code.ANSWER_UNREADABLE, str(error)) from error


def seals(context: CheckContext) -> CheckLine:
    """Look whether the head and some blocks below it are sealed by two thirds of the named validators, and linked."""
    newest = context.chain.head()
    if context.expected.sealers_at(newest.block.number, newest.block.time) is None:
        return not_checked(Code.VALIDATORS_UNKNOWN)
    block, sealed = newest, 0
    while True:
        named = context.expected.sealers_at(block.block.number, block.block.time)
        if named is None or sealed == MAX_SEALED_BLOCKS:
            return fine(sealed)
        if not block.is_hashed:
            return fault(Code.HEADER_FALSE, block.block.number)
        if not is_sealed_by(block, named):
            return fault(Code.SEALS_TOO_FEW, block.block.number)
        sealed += 1
        below = context.chain.at(block.block.number - 1)
        if below.block.hash != block.block.parent:
            return fault(Code.LEDGER_INCOMPLETE, f"{block.block.number} ≁ {below.block.number}")
        block = below


def is_sealed_by(block: ToldBlock, named: frozenset[Address]) -> bool:
    """Return True if two thirds of these validators sealed a block."""
    try:
        return is_sealed(block.block.header, named)
    except StateProofRefused:  # no extraData of QBFT, or a seal that is none
        return False


def age(context: CheckContext) -> CheckLine:
    """Compare the head's time with this machine's clock."""
    ahead = context.chain.head().block.time - int(context.clock())
    if ahead > MAX_AHEAD_SECONDS:
        return fault(Code.LEDGER_AHEAD_OF_CLOCK, f"+{ahead} s", f"≤ +{MAX_AHEAD_SECONDS} s")
    stalled = context.expected.stalled_after
    if stalled is None:
        return not_checked(Code.NOTHING_EXPECTED, f"{-ahead} s")
    return fault(Code.LEDGER_STALLED, f"{-ahead} s", f"≤ {stalled} s") if -ahead > stalled else fine(f"{-ahead} s")


def period(context: CheckContext) -> CheckLine:
    """Compare the mean interval of the newest blocks with the period. Block 0 is older than the network."""
    shortest, longest = context.expected.period, context.expected.longest_interval
    if shortest is None or longest is None:
        return not_checked(Code.NOTHING_EXPECTED)
    newest = context.chain.head().block
    blocks = min(PERIOD_BLOCKS, newest.number - 1)
    if blocks < LEAST_PERIOD_BLOCKS:
        return not_checked(Code.CHAIN_TOO_SHORT, newest.number)
    seconds = newest.time - context.chain.at(newest.number - blocks).block.time
    seen, wanted = f"{seconds / blocks:.1f} s", f"{shortest}–{SLOW_TIMES * longest} s"
    is_regular = shortest * blocks <= seconds <= SLOW_TIMES * longest * blocks
    return fine(seen) if is_regular else fault(Code.PERIOD_DIFFERS, seen, wanted)


def syncing(context: CheckContext) -> CheckLine:
    """Ask whether the endpoint is still fetching blocks."""
    answer = context.endpoint.ask("eth_syncing")
    if answer is False:
        return fine()
    if isinstance(answer, Mapping):
        return fault(Code.ENDPOINT_SYNCING, harmless(f"{answer.get('currentBlock')}/{answer.get('highestBlock')}"))
    return unknown(Code.ANSWER_UNREADABLE, "eth_syncing")


def peers(context: CheckContext) -> CheckLine:
    """Count peers: the endpoint and they must be able to be a quorum."""
    named = context.expected.validators
    if named is None:
        return not_checked(Code.VALIDATORS_UNKNOWN)
    count = told_quantity(context, "net_peerCount")
    least = -(-2 * len(named) // 3) - 1
    return fault(Code.PEERS_TOO_FEW, count, f"≥ {least}") if count < least else fine(count)


def client(context: CheckContext) -> CheckLine:
    """Ask for program and version."""
    try:
        answer = context.endpoint.ask("web3_clientVersion")
    except QuestionRefused as error:
        return note(Code.VERSION_UNTOLD, error.words)
    return fine(harmless(answer)) if isinstance(answer, str) else note(Code.VERSION_UNTOLD)


def told_quantity(context: CheckContext, method: str) -> int:
    """Return a number that the endpoint tells. Raises AnswerUnavailable, QuestionRefused."""
    answer = context.endpoint.ask(method)
    try:
        return read_quantity(answer, method, MAX_EXACT)
    except LedgerUnavailable as error:
        raise AnswerUnavailable(Code.ANSWER_UNREADABLE, harmless(error)) from error


def _list(answer: Any) -> list[Any]:
    if not isinstance(answer, list):
        raise LedgerUnavailable("no list")
    return answer


def _listed(accounts: frozenset[Address]) -> str:
    return ", ".join(sorted(map(to_hex, accounts)))
