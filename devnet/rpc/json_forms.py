"""Blocks, transactions, receipts, logs and proofs as Ethereum JSON, with the keys Anvil gives them.

Values go out only: numbers as minimal hex, bytes as full hex, addresses in lower case. Reading is `parameters`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from acredita.devnet.blocks import BLANK_ROOT, EMPTY_UNCLES, LEGACY, Header, Transaction
from acredita.devnet.chain import Block
from acredita.devnet.database import Executed, PlacedLog
from acredita.devnet.evm import BASE_FEE
from acredita.devnet.proofs import AccountProof

Json = Any


def quantity(value: int) -> str:
    """Write a number in hexadecimal, without leading zeros."""
    return hex(value)


def data(value: bytes) -> str:
    """Write bytes in hexadecimal."""
    return "0x" + value.hex()


def block_json(block: Block, with_transactions: bool) -> dict[str, Json]:
    """Write a block."""
    header = block.header
    if with_transactions:
        listed: list[Json] = [transaction_json(done, header) for done in block.executed]
    else:
        listed = [data(done.transaction.hash) for done in block.executed]
    return {
        "hash": data(header.hash),
        "parentHash": data(header.parent_hash),
        "sha3Uncles": data(EMPTY_UNCLES),
        "miner": data(header.coinbase),
        "stateRoot": data(header.state_root),
        "transactionsRoot": data(header.transactions_root),
        "receiptsRoot": data(header.receipts_root),
        "logsBloom": data(header.bloom),
        "difficulty": "0x0",
        "number": quantity(header.number),
        "gasLimit": quantity(header.gas_limit),
        "gasUsed": quantity(header.gas_used),
        "timestamp": quantity(header.timestamp),
        "extraData": data(header.extra_data),
        "mixHash": data(header.prev_randao),
        "nonce": data(bytes(8)),
        "baseFeePerGas": quantity(header.base_fee),
        "withdrawalsRoot": data(BLANK_ROOT),
        "totalDifficulty": "0x0",
        "size": quantity(block.size),
        "uncles": [],
        "transactions": listed,
        "withdrawals": [],
    }


def pending_transaction_json(transaction: Transaction) -> dict[str, Json]:
    """Write a transaction of the pool, which has no block yet."""
    form = _transaction_fields(transaction)
    return form | {"blockHash": None, "blockNumber": None, "transactionIndex": None}


def transaction_json(done: Executed, header: Header) -> dict[str, Json]:
    """Write a mined transaction."""
    form = _transaction_fields(done.transaction)
    return form | {
        "blockHash": data(header.hash),
        "blockNumber": quantity(header.number),
        "transactionIndex": quantity(done.position),
        "blockTimestamp": quantity(header.timestamp),
    }


def _transaction_fields(transaction: Transaction) -> dict[str, Json]:
    form: dict[str, Json] = {
        "type": quantity(transaction.type_id),
        "nonce": quantity(transaction.nonce),
        "gas": quantity(transaction.gas),
        "to": data(transaction.to) if transaction.to else None,
        "value": quantity(transaction.value),
        "input": data(transaction.data),
        "r": quantity(transaction.r),
        "s": quantity(transaction.s),
        "v": quantity(transaction.v),
        "hash": data(transaction.hash),
        "from": data(transaction.sender),
        "gasPrice": quantity(effective_gas_price(transaction)),
    }
    if transaction.chain_id is not None:
        form["chainId"] = quantity(transaction.chain_id)
    if transaction.type_id != LEGACY:
        form["yParity"] = quantity(transaction.v)
        form["accessList"] = [
            {"address": data(address), "storageKeys": [data(key.to_bytes(32, "big")) for key in keys]}
            for address, keys in transaction.access_list
        ]
    if transaction.type_id > 1:
        form["maxFeePerGas"] = quantity(transaction.max_fee_per_gas)
        form["maxPriorityFeePerGas"] = quantity(transaction.max_priority_fee_per_gas)
    return form


def effective_gas_price(transaction: Transaction) -> int:
    # EIP-1559: base fee plus tip, never above the limit.
    """Return the price per gas that a transaction pays."""
    return min(transaction.max_fee_per_gas, BASE_FEE + transaction.max_priority_fee_per_gas)


def receipt_json(done: Executed, header: Header) -> dict[str, Json]:
    """Write a receipt."""
    transaction, receipt = done.transaction, done.receipt
    created = transaction.contract_address
    return {
        "type": quantity(receipt.transaction_type),
        "status": quantity(int(receipt.success)),
        "cumulativeGasUsed": quantity(receipt.cumulative_gas_used),
        "logs": [log_json(placed) for placed in placed_logs(done, header)],
        "logsBloom": data(receipt.bloom),
        "transactionHash": data(transaction.hash),
        "transactionIndex": quantity(done.position),
        "blockHash": data(header.hash),
        "blockNumber": quantity(header.number),
        "gasUsed": quantity(receipt.gas_used),
        "effectiveGasPrice": quantity(effective_gas_price(transaction)),
        "from": data(transaction.sender),
        "to": data(transaction.to) if transaction.to else None,
        "contractAddress": data(created) if created else None,
        "blockTimestamp": quantity(header.timestamp),
    }


def placed_logs(done: Executed, header: Header) -> list[PlacedLog]:
    """Return the logs of a transaction with their block and positions."""
    return [
        PlacedLog(
            log=log,
            block=header.number,
            block_hash=header.hash,
            timestamp=header.timestamp,
            position=done.first_log + offset,
            transaction=done.transaction.hash,
            transaction_position=done.position,
        )
        for offset, log in enumerate(done.receipt.logs)
    ]


def log_json(placed: PlacedLog) -> dict[str, Json]:
    """Write a log."""
    return {
        "address": data(placed.log.address),
        "topics": [data(topic) for topic in placed.log.topics],
        "data": data(placed.log.data),
        "blockHash": data(placed.block_hash),
        "blockNumber": quantity(placed.block),
        "blockTimestamp": quantity(placed.timestamp),
        "transactionHash": data(placed.transaction),
        "transactionIndex": quantity(placed.transaction_position),
        "logIndex": quantity(placed.position),
        "removed": False,
    }


def proof_json(proof: AccountProof) -> dict[str, Json]:
    """Write an account proof."""
    return {
        "address": data(proof.address),
        "balance": quantity(proof.balance),
        "codeHash": data(proof.code_hash),
        "nonce": quantity(proof.nonce),
        "storageHash": data(proof.storage_root),
        "accountProof": _nodes(proof.nodes),
        "storageProof": [
            {"key": slot.key, "value": quantity(slot.value), "proof": _nodes(slot.nodes)} for slot in proof.slots
        ],
    }


def _nodes(nodes: Sequence[bytes]) -> list[str]:
    return [data(node) for node in nodes]
