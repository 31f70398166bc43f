"""Write the record of a ledger as JSON, and read it again: `ledger/state.json` and the logs of each contract.

What is read is checked for its form alone. Whether it is true is asked by the audit, as of any endpoint.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from acredita.anchoring.ledger import AccountProof, Block, StorageProof
from acredita.anchoring.types import Address, BlockHash
from acredita.contracts.abi import Deployment, RawLog
from acredita.node.archive.recorded_ledger import LedgerRecord
from acredita.node.archive.tar_file import LEDGER_FILES, MAX_FILE_BYTES, ArchiveRefused
from acredita.registry.codes import Code
from acredita.registry.json_documents.jcs import jcs
from acredita.registry.json_documents.strict import JsonRefused, read_json

STATE_FILE: Final = LEDGER_FILES[0]


def log_file(contract: str) -> str:
    """Return the name of the file with the logs of a contract."""
    return f"ledger/logs/{contract}.json"


def ledger_files(record: LedgerRecord, contracts: Deployment) -> dict[str, bytes]:
    """Return name → content of the record of a ledger."""
    addresses = {name: getattr(contracts, name) for name in Deployment.__dataclass_fields__}
    files = {log_file(name): jcs([_log(log) for log in record.logs[at]]) for name, at in addresses.items()}
    return files | {STATE_FILE: jcs(_state(record, addresses))}


def _state(record: LedgerRecord, addresses: Mapping[str, bytes]) -> dict[str, object]:
    return {
        "chain_id": record.chain_id,
        "head": record.head.number,
        "contracts": {name: address.hex() for name, address in addresses.items()},
        "blocks": [_block(block) for _, block in sorted(record.blocks.items())],
        "codes": [{"address": at.hex(), "code": code.hex()} for at, code in sorted(record.codes.items())],
        "views": [
            {"to": to.hex(), "data": data.hex(), "answer": answer.hex()}
            for (to, data), answer in sorted(record.views.items())
        ],
        "proofs": [
            {"slots": [slot.hex() for slot in slots], "proof": _proof(proof)}
            for (_, slots), proof in sorted(record.proofs.items(), key=lambda pair: pair[0])
        ],
    }


def _block(block: Block) -> dict[str, object]:
    return {
        "number": block.number,
        "hash": block.hash.hex(),
        "parent": block.parent.hex(),
        "time": block.time,
        "header": block.header.hex(),
    }


def _log(log: RawLog) -> dict[str, object]:
    return {
        "address": log.address.hex(),
        "topics": [topic.hex() for topic in log.topics],
        "data": log.data.hex(),
        "block_number": log.block_number,
        "block_hash": log.block_hash.hex(),
        "transaction": log.transaction.hex(),
        "index": log.index,
    }


def _proof(proof: AccountProof) -> dict[str, object]:
    return {
        "address": proof.address.hex(),
        "balance": f"{proof.balance:x}",
        "nonce": proof.nonce,
        "code_hash": proof.code_hash.hex(),
        "storage_hash": proof.storage_hash.hex(),
        "nodes": [node.hex() for node in proof.nodes],
        "storage": [
            {"slot": each.slot.hex(), "value": f"{each.value:x}", "nodes": [node.hex() for node in each.nodes]}
            for each in proof.storage
        ],
    }


def read_ledger_files(files: Mapping[str, bytes]) -> LedgerRecord:
    """Return the record that the files of an archive hold. Raises ArchiveRefused, which names the file."""
    state = _json(files, STATE_FILE)
    try:
        record = _read_state(state)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _no_record(STATE_FILE, error) from error
    for name, address in _addresses(state).items():
        logs = _json(files, log_file(name))
        try:
            record.logs[address] = tuple(_read_log(log) for log in logs)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _no_record(log_file(name), error) from error
    return record


def _addresses(state: Any) -> dict[str, bytes]:
    named = state.get("contracts")
    if not isinstance(named, dict) or set(named) != set(Deployment.__dataclass_fields__):
        raise ArchiveRefused(Code.ARCHIVE_MALFORMED, f"{STATE_FILE}: the addresses of the four contracts expected")
    return {name: bytes.fromhex(str(address)) for name, address in named.items()}


def _json(files: Mapping[str, bytes], name: str) -> Any:
    try:
        return read_json(files[name], max_bytes=MAX_FILE_BYTES)
    except JsonRefused as error:
        raise ArchiveRefused(Code.ARCHIVE_MALFORMED, f"{name}: {error}") from error


def _no_record(name: str, error: Exception) -> ArchiveRefused:
    return ArchiveRefused(Code.ARCHIVE_MALFORMED, f"{name}: no record of a ledger ({type(error).__name__}: {error})")


def _read_state(state: Any) -> LedgerRecord:
    blocks = {block["number"]: _read_block(block) for block in state["blocks"]}
    for address in state["contracts"].values():
        bytes.fromhex(address)
    record = LedgerRecord(int(state["chain_id"]), blocks[state["head"]], blocks)
    record.codes = {bytes.fromhex(each["address"]): bytes.fromhex(each["code"]) for each in state["codes"]}
    record.views = {
        (bytes.fromhex(each["to"]), bytes.fromhex(each["data"])): bytes.fromhex(each["answer"])
        for each in state["views"]
    }
    for each in state["proofs"]:
        proof = _read_proof(each["proof"])
        record.proofs[bytes(proof.address), _all_bytes(each["slots"])] = proof
    return record


def _read_block(block: Any) -> Block:
    return Block(
        int(block["number"]),
        BlockHash(bytes.fromhex(block["hash"])),
        BlockHash(bytes.fromhex(block["parent"])),
        int(block["time"]),
        bytes.fromhex(block["header"]),
    )


def _read_log(log: Any) -> RawLog:
    return RawLog(
        address=bytes.fromhex(log["address"]),
        topics=_all_bytes(log["topics"]),
        data=bytes.fromhex(log["data"]),
        block_number=int(log["block_number"]),
        block_hash=bytes.fromhex(log["block_hash"]),
        transaction=bytes.fromhex(log["transaction"]),
        index=int(log["index"]),
    )


def _read_proof(proof: Any) -> AccountProof:
    return AccountProof(
        address=Address(bytes.fromhex(proof["address"])),
        balance=int(proof["balance"], 16),
        nonce=int(proof["nonce"]),
        code_hash=bytes.fromhex(proof["code_hash"]),
        storage_hash=bytes.fromhex(proof["storage_hash"]),
        nodes=_all_bytes(proof["nodes"]),
        storage=tuple(
            StorageProof(bytes.fromhex(each["slot"]), int(each["value"], 16), _all_bytes(each["nodes"]))
            for each in proof["storage"]
        ),
    )


def _all_bytes(texts: Sequence[str]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(text) for text in texts)
