"""JSON-RPC errors: code, message, and for a revert the data."""

from __future__ import annotations

from acredita.contracts.coded_error import CodedError
from acredita.devnet.errors import Refusal, TransactionRefused, UnknownBlockRefused
from acredita.devnet.evm import ExecutionResult
from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
NOT_FOUND = -32000
RESOURCE_NOT_FOUND = -32001
TRANSACTION_REJECTED = -32003
REVERTED = 3

# Error(string) and Panic(uint256), the two Solidity and Vyper know.
ERROR_STRING = bytes.fromhex("08c379a0")
PANIC = bytes.fromhex("4e487b71")

# Anvil's code for each refusal; the others are TRANSACTION_REJECTED.
_REFUSAL_CODES = {
    Refusal.UNDECODABLE: INVALID_PARAMS,
    Refusal.INTRINSIC_GAS: NOT_FOUND,
    Refusal.GAS_TOO_HIGH: NOT_FOUND,
}
# Anvil's names for what py-evm raises.
_HALTS = {
    "InvalidInstruction": "InvalidFEOpcode",
    "InsufficientStack": "StackUnderflow",
    "FullStack": "StackOverflow",
    "InvalidJumpDestination": "InvalidJump",
    "WriteProtection": "StateChangeDuringStaticCall",
}


class RpcError(CodedError[int]):
    """A request that is answered with an error object of JSON-RPC; `code` is the number of that protocol."""

    def __init__(self, code: int, message: str, data: object = None) -> None:
        super().__init__(code, message)
        self.data = data


def invalid_params(message: str) -> RpcError:
    """Build the error of a parameter that cannot be read."""
    return RpcError(INVALID_PARAMS, message)


def refused(refusal: TransactionRefused) -> RpcError:
    """Build the error of a transaction that was not admitted."""
    return RpcError(_REFUSAL_CODES.get(refusal.refusal, TRANSACTION_REJECTED), str(refusal))


def unknown_block(error: UnknownBlockRefused, head: int) -> RpcError:
    """Build the error of a block that does not exist."""
    if isinstance(error.block, int):
        return invalid_params(f"BlockOutOfRangeError: block height is {head} but requested was {error.block}")
    return RpcError(RESOURCE_NOT_FOUND, "Resource not found")


def failed_call(result: ExecutionResult) -> RpcError:
    """Build the error of a call that did not succeed."""
    if not result.reverted:
        return RpcError(INTERNAL_ERROR, f"EVM error {_HALTS.get(result.failure or '', result.failure)}")
    reason = revert_reason(result.output)
    message = "execution reverted" if reason is None else f"execution reverted: {reason}"
    return RpcError(REVERTED, message, "0x" + result.output.hex())


def out_of_gas(limit: int) -> RpcError:
    """Build the error of a call that no gas limit lets succeed."""
    return RpcError(TRANSACTION_REJECTED, f"Out of gas: gas required exceeds allowance: {limit}")


def revert_reason(output: bytes) -> str | None:
    """Return the words in revert data; None where there are none to be read."""
    try:
        if output[:4] == ERROR_STRING:
            return str(decode(["string"], output[4:])[0])
        if output[:4] == PANIC:
            return f"panic: code 0x{decode(['uint256'], output[4:])[0]:02x}"
    except (DecodingError, UnicodeDecodeError):
        # A contract may revert with anything; what cannot be read is given as data alone.
        return None
    return None
