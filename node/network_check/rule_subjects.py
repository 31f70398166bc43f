"""Subjects about the rules of execution: fees, gas, opcodes, size of contracts, reasons of reverts, the next block.

Programs are run by `eth_call` without an address, as the making of a contract: nothing has to be on the chain. Each is
beside a program that every chain runs, so that an endpoint which runs none is not taken for one without an opcode.
"""

from typing import Final

from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.rpc_answers import read_data
from acredita.anchoring.sender import MAX_CALL_GAS
from acredita.node.network_check.asking import AnswerUnavailable, QuestionRefused
from acredita.node.network_check.lines import CheckLine, fault, fine, note, unknown
from acredita.node.network_check.subject import CheckContext
from acredita.registry.acts.shapes import Text
from acredita.registry.codes import Code

LEAST_CONTRACT_SIZE: Final = 24_576  # EIP-170; the largest contract of ours has less

_RETURN_WORD: Final = "60206000f3"  # PUSH1 32, PUSH1 0, RETURN
PROGRAM_OF_ONE: Final = "6001600052" + _RETURN_WORD  # PUSH1 1, PUSH1 0, MSTORE
_ONE_BY_PUSH0: Final = "60015f52" + _RETURN_WORD  # PUSH1 1, PUSH0, MSTORE
_NUMBER: Final = "43600052" + _RETURN_WORD  # NUMBER, PUSH1 0, MSTORE
_REASON: Final = "acredita"
_WORD_BYTES: Final = 32


def base_fee(context: CheckContext) -> CheckLine:
    """Look whether the base fee is zero."""
    fee = context.chain.head().base_fee
    return fine(0) if fee == 0 else fault(Code.BASE_FEE_NOT_ZERO, "–" if fee is None else fee, 0)


def gas_limit(context: CheckContext) -> CheckLine:
    """Look whether a block holds the largest transaction."""
    limit = context.chain.head().gas_limit
    return fault(Code.GAS_LIMIT_LOW, limit, f"≥ {MAX_CALL_GAS}") if limit < MAX_CALL_GAS else fine(limit)


def push0(context: CheckContext) -> CheckLine:
    """Run a program with the opcode that `shanghai` added."""
    run(context, PROGRAM_OF_ONE)
    try:
        answer = run(context, _ONE_BY_PUSH0)
    except QuestionRefused as error:
        return fault(Code.PUSH0_MISSING, error.words)
    return fine() if int.from_bytes(answer, "big") == 1 else unknown(Code.ANSWER_UNREADABLE, "PUSH0")


def contract_size(context: CheckContext) -> CheckLine:
    """Make a contract of the size that genesis.json promises, at least of EIP-170's."""
    promised = context.expected.genesis_file
    size = max(LEAST_CONTRACT_SIZE, 0 if promised is None else promised.contract_size)
    run(context, PROGRAM_OF_ONE)
    try:
        answer = run(context, f"62{size:06x}6000f3")  # PUSH3 size, PUSH1 0, RETURN
    except QuestionRefused as error:
        return fault(Code.CONTRACT_SIZE_LOW, error.words, f"{size} B")
    return fine(f"{size} B") if answer == bytes(size) else unknown(Code.ANSWER_UNREADABLE, f"{len(answer)} B")


def revert_reason(context: CheckContext) -> CheckLine:
    """Let a program revert with a reason, as the contracts do."""
    data = f"08c379a0{_WORD_BYTES:064x}{len(_REASON):064x}{_REASON.encode().hex():0<64}"
    size = len(data) // 2
    program = f"60{size:02x}600c60003960{size:02x}6000fd"  # CODECOPY what follows, REVERT
    try:
        context.endpoint.ask("eth_call", {"data": f"0x{program}{data}"}, "latest")
    except QuestionRefused as error:
        return fine() if data in error.data.lower() else note(Code.REVERT_WITHOUT_REASON, error.words)
    return unknown(Code.ANSWER_UNREADABLE, "eth_call")


def pending(context: CheckContext) -> CheckLine:
    """Look which block is the pending one: the next, or the newest again."""
    before = _number(context, "latest")
    try:
        number = _number(context, "pending")
    except QuestionRefused as error:
        return fault(Code.PENDING_REFUSED, error.words)
    after = _number(context, "latest")
    if not before <= number <= after + 1:
        return fault(Code.PENDING_REFUSED, number, f"{before}–{after + 1}")
    return fine(
        Text("the newest block", "el bloque más reciente") if number <= before else Text("next", "el siguiente")
    )


def run(context: CheckContext, program: str, block: str = "latest") -> bytes:
    """Run a program and return its output. Raises AnswerUnavailable, QuestionRefused."""
    answer = context.endpoint.ask("eth_call", {"data": f"0x{program}"}, block)
    try:
        return read_data(answer, "eth_call")
    except LedgerUnavailable as error:
        raise AnswerUnavailable(Code.ANSWER_UNREADABLE, str(error)) from error


def _number(context: CheckContext, block: str) -> int:
    return int.from_bytes(run(context, _NUMBER, block)[:_WORD_BYTES], "big")
