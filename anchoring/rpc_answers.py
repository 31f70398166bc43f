"""Parse the answers of a JSON-RPC endpoint into the ledger's values.

An answer that lacks a field, or whose field has another shape, raises LedgerUnavailable: nothing may be concluded from it.
"""

from collections.abc import Mapping
from typing import Any, Final

import rlp  # type: ignore[import-untyped]
from acredita.anchoring.ledger import AccountProof, Block, LedgerUnavailable, StorageProof, TxReceipt
from acredita.anchoring.types import Address, BlockHash, TxHash
from acredita.contracts.abi import RawLog

_HEX: Final = frozenset("0123456789abcdefABCDEF")
MAX_QUANTITY: Final = (1 << 256) - 1
MAX_EXACT: Final = (1 << 53) - 1  # of chain ids and block numbers: every JSON reader keeps it exactly
MAX_BLOCK_TIME: Final = (1 << 37) - 1  # Unix seconds; in the year 6325, before the last year that a date can name


def read_quantity(value: Any, what: str, most: int = MAX_QUANTITY) -> int:
    """Read a hexadecimal quantity, at most `most`. `what` names it in the error."""
    if not isinstance(value, str) or not value.startswith("0x") or len(value) > 2 + 64:
        raise LedgerUnavailable(f"{what}: no quantity")
    if not value[2:] or not _HEX.issuperset(value[2:]):  # int() alone would take blanks and underscores
        raise LedgerUnavailable(f"{what}: no quantity")
    number = int(value, 16)
    if number > most:
        raise LedgerUnavailable(f"{what}: {number} is beyond any chain's")
    return number


def read_data(value: Any, what: str, length: int | None = None) -> bytes:
    """Read bytes in hexadecimal, of exactly `length` bytes where given."""
    if not isinstance(value, str) or not value.startswith("0x"):
        raise LedgerUnavailable(f"{what}: no bytes")
    if len(value) % 2 or not _HEX.issuperset(value[2:]):  # fromhex() alone would take blanks
        raise LedgerUnavailable(f"{what}: no bytes")
    data = bytes.fromhex(value[2:])
    if length is not None and len(data) != length:
        raise LedgerUnavailable(f"{what}: {length} bytes expected, {len(data)} found")
    return data


def _field(answer: Any, key: str) -> Any:
    if not isinstance(answer, Mapping) or key not in answer:
        raise LedgerUnavailable(f"answer without {key}")
    return answer[key]


def _list(answer: Any, key: str) -> list[Any]:
    value = _field(answer, key)
    if not isinstance(value, list):
        raise LedgerUnavailable(f"{key} is no list")
    return value


def read_block(answer: Any) -> Block:
    """Read a block."""
    return Block(
        number=read_quantity(_field(answer, "number"), "block number", MAX_EXACT),
        hash=BlockHash(read_data(_field(answer, "hash"), "block hash", 32)),
        parent=BlockHash(read_data(_field(answer, "parentHash"), "parent hash", 32)),
        time=read_quantity(_field(answer, "timestamp"), "block time", MAX_BLOCK_TIME),
        header=_header(answer),
    )


# Yellow paper 4.4.3 and the forks after it, in order: the first group is in every header, the second may end early.
# Byte fields by their length, None where it varies; all others are numbers.
_HEADER_BYTES: Final[Mapping[str, int | None]] = {
    "parentHash": 32, "sha3Uncles": 32, "miner": 20, "stateRoot": 32, "transactionsRoot": 32, "receiptsRoot": 32,
    "logsBloom": 256, "extraData": None, "mixHash": 32, "nonce": 8, "withdrawalsRoot": 32,
    "parentBeaconBlockRoot": 32, "requestsHash": 32,
}  # fmt: skip
_HEADER_ALWAYS: Final = (
    "parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom",
    "difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce",
)  # fmt: skip
_HEADER_LATER: Final = (
    "baseFeePerGas", "withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot",
    "requestsHash",
)  # fmt: skip


def _header(answer: Any) -> bytes:
    fields = [_header_field(answer, key) for key in _HEADER_ALWAYS]
    for key in _HEADER_LATER:
        if answer.get(key) is None:
            break
        fields.append(_header_field(answer, key))
    return bytes(rlp.encode(fields))


def _header_field(answer: Any, key: str) -> bytes:
    value = _field(answer, key)
    if key in _HEADER_BYTES:
        return read_data(value, key, _HEADER_BYTES[key])
    number = read_quantity(value, key)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def read_receipt(answer: Any) -> TxReceipt:
    """Read a transaction receipt."""
    contract = _field(answer, "contractAddress")
    return TxReceipt(
        transaction=TxHash(read_data(_field(answer, "transactionHash"), "transaction hash", 32)),
        succeeded=read_quantity(_field(answer, "status"), "status") == 1,
        block_number=read_quantity(_field(answer, "blockNumber"), "block number", MAX_EXACT),
        block_hash=BlockHash(read_data(_field(answer, "blockHash"), "block hash", 32)),
        gas_used=read_quantity(_field(answer, "gasUsed"), "gas used"),
        contract=None if contract is None else Address(read_data(contract, "contract address", 20)),
        logs=tuple(read_log(entry) for entry in _list(answer, "logs")),
    )


def read_log(answer: Any) -> RawLog:
    """Read one log."""
    return RawLog(
        address=read_data(_field(answer, "address"), "log address", 20),
        topics=tuple(read_data(topic, "topic", 32) for topic in _list(answer, "topics")),
        data=read_data(_field(answer, "data"), "log data"),
        block_number=read_quantity(_field(answer, "blockNumber"), "block number", MAX_EXACT),
        block_hash=read_data(_field(answer, "blockHash"), "block hash", 32),
        transaction=read_data(_field(answer, "transactionHash"), "transaction hash", 32),
        index=read_quantity(_field(answer, "logIndex"), "log index"),
    )


def read_account_proof(answer: Any, address: Address) -> AccountProof:
    """Read an account proof for this address."""
    return AccountProof(
        address=address,
        balance=read_quantity(_field(answer, "balance"), "balance"),
        nonce=read_quantity(_field(answer, "nonce"), "nonce"),
        code_hash=read_data(_field(answer, "codeHash"), "code hash", 32),
        storage_hash=read_data(_field(answer, "storageHash"), "storage hash", 32),
        nodes=tuple(read_data(node, "trie node") for node in _list(answer, "accountProof")),
        storage=tuple(_storage_proof(entry) for entry in _list(answer, "storageProof")),
    )


def _storage_proof(answer: Any) -> StorageProof:
    return StorageProof(
        slot=read_quantity(_field(answer, "key"), "slot").to_bytes(32, "big"),
        value=read_quantity(_field(answer, "value"), "slot value"),
        nodes=tuple(read_data(node, "trie node") for node in _list(answer, "proof")),
    )
