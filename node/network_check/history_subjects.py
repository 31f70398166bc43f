"""Subjects about logs, blocks and state: of the past, and beyond the head, where there is nothing to answer."""

from typing import Any, Final

from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.rpc_answers import read_account_proof
from acredita.anchoring.rpc_ledger import MAX_LOG_BLOCKS
from acredita.anchoring.state_proof import ProofNodes, StateProofRefused, read_header
from acredita.anchoring.types import Address
from acredita.node.network_check.asking import AnswerUnavailable, QuestionRefused
from acredita.node.network_check.checked_chain import ToldBlock
from acredita.node.network_check.lines import CheckLine, fault, fine, not_checked, note, unknown
from acredita.node.network_check.rule_subjects import PROGRAM_OF_ONE
from acredita.node.network_check.subject import CheckContext
from acredita.registry.acts.shapes import Text
from acredita.registry.codes import Code

STATE_BLOCKS: Final = 64  # below the head, of which proofs may be asked for
BEYOND_BLOCKS: Final = 1_000  # above the head, where no block can be before the question is answered

_NOBODY: Final = Address(bytes(19) + b"\x01")  # a precompile emits no logs
_RANGE_WORD: Final = "range"


def log_range(context: CheckContext) -> CheckLine:
    """Ask for the logs of as many blocks as one query of ours has."""
    head = context.chain.head().block.number
    first = max(0, head - MAX_LOG_BLOCKS + 1)
    try:
        logs = _logs(context, first, head)
    except QuestionRefused as error:
        return fault(Code.LOG_RANGE_LOW, error.words, MAX_LOG_BLOCKS)
    if logs:
        return unknown(Code.ANSWER_UNREADABLE, "eth_getLogs")
    if head + 1 >= MAX_LOG_BLOCKS:
        return fine(MAX_LOG_BLOCKS)
    return _short_range(context, head)


def _short_range(context: CheckContext, head: int) -> CheckLine:
    """Ask a short chain beyond its head: an endpoint may refuse the number of blocks all the same."""
    try:
        _logs(context, 0, MAX_LOG_BLOCKS - 1)
    except QuestionRefused as error:
        if _RANGE_WORD in error.words.lower():
            return fault(Code.LOG_RANGE_LOW, error.words, MAX_LOG_BLOCKS)
        return not_checked(Code.CHAIN_TOO_SHORT, head)
    return fine(MAX_LOG_BLOCKS)


def logs_beyond_head(context: CheckContext) -> CheckLine:
    """Ask for logs of blocks that are not there yet: an empty list looks like an answer."""
    head = context.chain.head().block.number
    try:
        logs = _logs(context, head, head + BEYOND_BLOCKS)
    except QuestionRefused:
        try:
            logs = _logs(context, head + BEYOND_BLOCKS, head + BEYOND_BLOCKS)
        except QuestionRefused:
            return fine(Text("refused", "se niega"))
    if logs:
        return fault(Code.BEYOND_HEAD_ANSWERED, "eth_getLogs")
    return note(Code.LOGS_BEYOND_HEAD, Text("an empty list", "una lista vacía"))


def beyond_head(context: CheckContext) -> CheckLine:
    """Ask for a block and a state that are not there yet."""
    beyond = hex(context.chain.head().block.number + BEYOND_BLOCKS)
    questions: tuple[tuple[str, list[Any]], ...] = (
        ("eth_getBlockByNumber", [beyond, False]),
        ("eth_call", [{"data": f"0x{PROGRAM_OF_ONE}"}, beyond]),
        ("eth_getTransactionCount", [f"0x{_NOBODY.hex()}", beyond]),
        ("eth_getProof", [f"0x{_NOBODY.hex()}", [], beyond]),
    )
    for method, params in questions:
        try:
            answer = context.endpoint.ask(method, *params)
        except QuestionRefused:
            continue
        if answer is not None:
            return fault(Code.BEYOND_HEAD_ANSWERED, method)
    return fine(Text("refused", "se niega"))


def state_proof(context: CheckContext) -> CheckLine:
    """Ask for a proof of an account at the head, and check it against the header."""
    head = context.chain.head()
    if head.block.number == 0:
        return not_checked(Code.CHAIN_TOO_SHORT, 0)
    try:
        _check_proof(context, head)
    except QuestionRefused as error:
        return fault(Code.PROOFS_UNAVAILABLE, error.words)
    except StateProofRefused as error:
        return fault(Code.STATE_PROOF_INVALID, str(error))
    return fine()


def state_window(context: CheckContext) -> CheckLine:
    """Ask for old state: as far back as proofs may be wanted, then of block 1."""
    head = context.chain.head().block.number
    if head <= STATE_BLOCKS:
        return not_checked(Code.CHAIN_TOO_SHORT, head)
    try:
        _check_proof(context, context.chain.at(head - STATE_BLOCKS))
    except QuestionRefused as error:
        return fault(Code.STATE_WINDOW_LOW, error.words, STATE_BLOCKS)
    except StateProofRefused as error:
        return fault(Code.STATE_PROOF_INVALID, str(error))
    try:
        _check_proof(context, context.chain.at(1))
    except QuestionRefused as error:
        return note(Code.STATE_FORGOTTEN, error.words)
    except StateProofRefused as error:
        return fault(Code.STATE_PROOF_INVALID, str(error))
    return fine(head)


def _check_proof(context: CheckContext, told_block: ToldBlock) -> None:
    """Check state by a view and by a proof. Raises StateProofRefused, AnswerUnavailable, QuestionRefused."""
    number = hex(told_block.block.number)
    context.endpoint.ask("eth_getTransactionCount", f"0x{_NOBODY.hex()}", number)
    proven_nonce(context, _NOBODY, told_block)


def proven_nonce(context: CheckContext, account: Address, told_block: ToldBlock) -> int:
    """Return an account's nonce in a block, by proof. Raises StateProofRefused, AnswerUnavailable, QuestionRefused."""
    answer = context.endpoint.ask("eth_getProof", f"0x{account.hex()}", [], hex(told_block.block.number))
    try:
        nodes = read_account_proof(answer, account).nodes
    except LedgerUnavailable as error:
        raise AnswerUnavailable(Code.ANSWER_UNREADABLE, str(error)) from error
    proven = ProofNodes(nodes).account(read_header(told_block.block.header).state_root, account)
    return 0 if proven is None else proven.nonce


def _logs(context: CheckContext, first: int, last: int) -> list[Any]:
    """Return the logs of nobody. Raises AnswerUnavailable, QuestionRefused."""
    query = {"fromBlock": hex(first), "toBlock": hex(last), "address": [f"0x{_NOBODY.hex()}"], "topics": []}
    answer = context.endpoint.ask("eth_getLogs", query)
    if not isinstance(answer, list):
        raise AnswerUnavailable(Code.ANSWER_UNREADABLE, "eth_getLogs")
    return answer
