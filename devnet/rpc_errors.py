"""What a JSON-RPC answer says when it is not a result: code, message, and for a revert the data."""

from __future__ import annotations

from acredita.devnet.errors import TransactionRefused
from acredita.devnet.evm import Outcome
from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
NOT_FOUND = -32000
TRANSACTION_REJECTED = -32003
REVERTED = 3

# Error(string) and Panic(uint256), the two Solidity and Vyper know.
ERROR_STRING = bytes.fromhex("08c379a0")
PANIC = bytes.fromhex("4e487b71")


class RpcError(Exception):
    def __init__(self, code: int, message: str, data: object = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


def invalid_params(message: str) -> RpcError:
    return RpcError(INVALID_PARAMS, message)


def refused(refusal: TransactionRefused) -> RpcError:
    return RpcError(TRANSACTION_REJECTED, str(refusal))


def failed_call(outcome: Outcome) -> RpcError:
    """The error of a call that did not succeed."""
    if not outcome.reverted:
        return RpcError(TRANSACTION_REJECTED, f"EVM error {outcome.failure}")
    reason = revert_reason(outcome.output)
    message = f"execution reverted: {reason}" if reason else "execution reverted"
    return RpcError(REVERTED, message, "0x" + outcome.output.hex())


def revert_reason(output: bytes) -> str:
    """The words in revert data, empty where there are none."""
    try:
        if output[:4] == ERROR_STRING:
            return str(decode(["string"], output[4:])[0])
        if output[:4] == PANIC:
            return f"panic: 0x{decode(['uint256'], output[4:])[0]:02x}"
    except (DecodingError, UnicodeDecodeError):
        # A contract may revert with anything; what cannot be read is given as data alone.
        return ""
    return ""
