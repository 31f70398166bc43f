"""Read a call or an unsigned transaction as a client describes it, try it out, estimate its gas.

A request beyond the description (state overrides) is refused, not ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from acredita.devnet.blocks import ACCESS_LIST, DYNAMIC_FEE, LEGACY, ZERO_ADDRESS, ZERO_HASH, AccessList, Transaction
from acredita.devnet.errors import Refusal, TransactionRefused
from acredita.devnet.evm import ExecutionResult, State, try_out
from acredita.devnet.rpc.errors import failed_call, invalid_params, out_of_gas
from acredita.devnet.rpc.parameters import read_address, read_data, read_quantity, read_word
from eth_typing import Address


@dataclass(frozen=True)
class Request:
    """The fields of a transaction object; None where the client left the choice to us."""

    sender: Address
    to: Address
    data: bytes
    value: int
    gas: int | None
    nonce: int | None
    gas_price: int | None
    max_fee: int | None
    tip: int | None
    access_list: AccessList | None
    chain_id: int | None

    @property
    def type_id(self) -> int:
        """The transaction type that the fields imply."""
        if self.max_fee is not None or self.tip is not None:
            return DYNAMIC_FEE
        if self.access_list is not None and self.gas_price is not None:
            return ACCESS_LIST
        return LEGACY if self.gas_price is not None else DYNAMIC_FEE

    def unsigned(self, gas: int, nonce: int, chain_id: int) -> Transaction:
        """Return the transaction that the fields describe, with signature and hash blank."""
        fee = self.gas_price if self.gas_price is not None else self.max_fee
        tip = self.gas_price if self.gas_price is not None else self.tip
        return Transaction(
            raw=b"",
            hash=ZERO_HASH,
            type_id=self.type_id,
            chain_id=chain_id if self.chain_id is None else self.chain_id,
            nonce=nonce,
            max_priority_fee_per_gas=tip or 0,
            max_fee_per_gas=(tip or 0) if fee is None else fee,
            gas=gas,
            to=self.to,
            value=self.value,
            data=self.data,
            access_list=self.access_list or (),
            v=0,
            r=0,
            s=0,
            sender=self.sender,
        )


def read_request(fields: Mapping[str, Any]) -> Request:
    """Read a call or transaction object."""

    def number(key: str) -> int | None:
        return read_quantity(fields[key]) if fields.get(key) is not None else None

    if fields.get("gasPrice") is not None and fields.get("maxFeePerGas") is not None:
        raise invalid_params("gasPrice and maxFeePerGas exclude each other")
    return Request(
        sender=read_address(fields["from"]) if fields.get("from") else ZERO_ADDRESS,
        to=read_address(fields["to"]) if fields.get("to") else Address(b""),
        data=_read_input(fields),
        value=number("value") or 0,
        gas=number("gas"),
        nonce=number("nonce"),
        gas_price=number("gasPrice"),
        max_fee=number("maxFeePerGas"),
        tip=number("maxPriorityFeePerGas"),
        access_list=_read_access_list(fields["accessList"]) if fields.get("accessList") is not None else None,
        chain_id=number("chainId"),
    )


def call(state: State, request: Request, chain_id: int) -> bytes:
    """Execute a call and return its output. Raises RpcError with the revert data, or TransactionRefused for want of
    funds.
    """
    result = _attempt(state, request, _gas_limit(state, request), chain_id)
    if not result.success:
        raise failed_call(result)
    return result.output


def estimate_gas(state: State, request: Request, chain_id: int) -> int:
    """Estimate the gas with which the transaction succeeds. Raises as `call` does."""
    limit = _gas_limit(state, request)
    result = _attempt(state, request, limit, chain_id)
    if result.failure == "OutOfGas":
        raise out_of_gas(limit)
    if not result.success:
        raise failed_call(result)
    spent = max(result.gas_used + result.gas_refunded, request.unsigned(0, 0, chain_id).least_gas)
    if spent >= limit or _attempt(state, request, spent, chain_id).success:
        return min(spent, limit)
    # EIP-150: an inner call gets at most 63/64 of what is left, so more than is spent may be needed.
    too_little, enough = spent, limit
    while enough - too_little > 1:
        middle = (too_little + enough) // 2
        if _attempt(state, request, middle, chain_id).success:
            enough = middle
        else:
            too_little = middle
    return enough


def _attempt(state: State, request: Request, gas: int, chain_id: int) -> ExecutionResult:
    transaction = request.unsigned(gas, 0, chain_id)
    if transaction.initcode_too_large:
        raise TransactionRefused(Refusal.INITCODE_TOO_LARGE)
    if gas < transaction.least_gas:
        raise TransactionRefused(Refusal.INTRINSIC_GAS)
    if state.get_balance(request.sender) < transaction.highest_cost:
        raise TransactionRefused(Refusal.INSUFFICIENT_FUNDS)
    return try_out(state, transaction)


def _gas_limit(state: State, request: Request) -> int:
    if request.gas is not None:
        return min(request.gas, state.gas_limit)
    price = request.unsigned(0, 0, 0).max_fee_per_gas
    if price == 0:
        return state.gas_limit
    affordable = (state.get_balance(request.sender) - request.value) // price
    return max(0, min(state.gas_limit, affordable))


def _read_input(fields: Mapping[str, Any]) -> bytes:
    old, new = fields.get("data"), fields.get("input")
    if old is not None and new is not None and old != new:
        raise invalid_params("data and input differ")
    chosen = new if new is not None else old
    return b"" if chosen is None else read_data(chosen)


def _read_access_list(value: Any) -> AccessList:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise invalid_params("accessList must be a list of objects")
    return tuple(
        (
            read_address(entry.get("address")),
            tuple(int.from_bytes(read_word(key), "big") for key in entry.get("storageKeys", [])),
        )
        for entry in value
    )
