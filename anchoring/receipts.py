"""Receipts: `acredita-receipt/1`, what shows an entry to be in the first checkpoint that covers it.

A receipt is made after confirmation and never again for a later checkpoint. Reading is strict: exactly the
keys below, each in its one spelling; a FormatRefused names the JSON pointer and the rule. Reading proves
nothing: the inclusion is checked by `inclusion_fault`, the checkpoint's word by asking the chain, both by
whoever verifies.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from acredita.anchoring import entries
from acredita.anchoring.checkpoint import MAX_EPOCH, MAX_KIND, MAX_NUMBER, MAX_SIZE, Checkpoint
from acredita.anchoring.entries import ENTRY_BYTES, Entry, EntryRefused
from acredita.anchoring.merkle import leaf_hash, verify_inclusion
from acredita.anchoring.types import (
    ADDRESS_BYTES,
    HASH_BYTES,
    Address,
    BlockHash,
    FormatRefused,
    IssuerId,
    Root,
    TxHash,
    Word,
    from_hex,
    to_hex,
)

FORMAT: Final = "acredita-receipt/1"
MAX_INCLUSION_HASHES: Final = 48  # a log has fewer than 2^48 entries
MAX_INTEGER: Final = (1 << 53) - 1  # what every JSON reader keeps exactly
LAST_TIME: Final = 253_402_300_799  # 9999-12-31T23:59:59Z

_KEYS: Final = (
    "format",
    "entry",
    "index",
    "inclusion",
    "checkpoint",
    "chain_id",
    "genesis",
    "contract",
    "issuer",
    "epoch",
    "block_number",
    "block_hash",
    "transaction",
)
_CHECKPOINT_KEYS: Final = (
    "kind",
    "number",
    "old_size",
    "size",
    "root",
    "status_root",
    "time",
    "previous",
)


class InclusionFault(StrEnum):
    """Reasons why a receipt does not show its entry to be in its checkpoint; the values are result codes."""

    NOT_FIRST = "CHECKPOINT_NOT_FIRST"
    PATH = "MERKLE_PROOF_INVALID"


@dataclass(frozen=True, slots=True)
class Receipt:
    """An entry, its index, and its inclusion path to the root of the first checkpoint that covers it."""

    entry: Entry
    index: int
    inclusion: tuple[bytes, ...]
    checkpoint: Checkpoint
    chain_id: int
    genesis: BlockHash
    contract: Address
    issuer: IssuerId
    epoch: int
    block_number: int
    block_hash: BlockHash
    transaction: TxHash

    def inclusion_fault(self) -> InclusionFault | None:
        """Check that the entry has this index under the checkpoint's root and no earlier one covers it; None if so."""
        checkpoint = self.checkpoint
        if not checkpoint.old_size <= self.index < checkpoint.size:
            return InclusionFault.NOT_FIRST
        leaf = leaf_hash(entries.encode(self.entry))
        if not verify_inclusion(leaf, self.index, checkpoint.size, self.inclusion, checkpoint.root):
            return InclusionFault.PATH
        return None

    def to_document(self) -> dict[str, object]:
        """Return the JSON object of the receipt file."""
        return {
            "format": FORMAT,
            "entry": to_hex(entries.encode(self.entry)),
            "index": self.index,
            "inclusion": [to_hex(node) for node in self.inclusion],
            "checkpoint": _checkpoint_document(self.checkpoint),
            "chain_id": self.chain_id,
            "genesis": to_hex(self.genesis),
            "contract": to_hex(self.contract),
            "issuer": to_hex(self.issuer),
            "epoch": self.epoch,
            "block_number": self.block_number,
            "block_hash": to_hex(self.block_hash),
            "transaction": to_hex(self.transaction),
        }


def parse_receipt(document: object) -> Receipt:
    """Parse a receipt from a JSON value. Raises FormatRefused with the JSON pointer and the rule."""
    members = _object(document, "", _KEYS)
    if members["format"] != FORMAT:
        raise FormatRefused("/format", f'"{FORMAT}" expected')
    return Receipt(
        entry=_entry(members["entry"]),
        index=_count(members["index"], "/index", MAX_SIZE),
        inclusion=_inclusion(members["inclusion"]),
        checkpoint=_checkpoint(members["checkpoint"]),
        chain_id=_count(members["chain_id"], "/chain_id", MAX_INTEGER),
        genesis=BlockHash(_hash(members["genesis"], "/genesis")),
        contract=Address(from_hex(members["contract"], ADDRESS_BYTES, "/contract")),
        issuer=IssuerId(_hash(members["issuer"], "/issuer")),
        epoch=_count(members["epoch"], "/epoch", MAX_EPOCH, least=1),
        block_number=_count(members["block_number"], "/block_number", MAX_INTEGER),
        block_hash=BlockHash(_hash(members["block_hash"], "/block_hash")),
        transaction=TxHash(_hash(members["transaction"], "/transaction")),
    )


def _checkpoint_document(checkpoint: Checkpoint) -> dict[str, object]:
    return {
        "kind": checkpoint.kind,
        "number": checkpoint.number,
        "old_size": checkpoint.old_size,
        "size": checkpoint.size,
        "root": to_hex(checkpoint.root),
        "status_root": to_hex(checkpoint.status_root),
        "time": time_text(checkpoint.time),
        "previous": to_hex(checkpoint.previous),
    }


def _checkpoint(value: object) -> Checkpoint:
    members = _object(value, "/checkpoint", _CHECKPOINT_KEYS)
    return Checkpoint(
        kind=_count(members["kind"], "/checkpoint/kind", MAX_KIND),
        number=_count(members["number"], "/checkpoint/number", MAX_NUMBER),
        old_size=_count(members["old_size"], "/checkpoint/old_size", MAX_SIZE),
        size=_count(members["size"], "/checkpoint/size", MAX_SIZE, least=1),
        root=Root(_hash(members["root"], "/checkpoint/root")),
        status_root=Root(_hash(members["status_root"], "/checkpoint/status_root")),
        time=read_time(members["time"], "/checkpoint/time"),
        previous=Word(_hash(members["previous"], "/checkpoint/previous")),
    )


def time_text(seconds: int) -> str:
    """Format a block time as RFC 3339 in UTC, whole seconds.

    The contracts accept ends after the year 9999, which the format cannot write: such a time is written as that year's end.
    """
    return datetime.fromtimestamp(min(seconds, LAST_TIME), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_time(value: object, where: str) -> int:
    """Read a time in the one spelling that `time_text` writes, as seconds since 1970."""
    rule = "a time like 2026-01-31T12:00:00Z expected"
    if not isinstance(value, str) or len(value) != 20 or not value.isascii():
        raise FormatRefused(where, rule)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise FormatRefused(where, rule) from None
    if moment.year < 1970 or moment.isoformat() != value[:-1] + "+00:00":
        raise FormatRefused(where, rule)
    return int(moment.timestamp())


def _entry(value: object) -> Entry:
    data = from_hex(value, ENTRY_BYTES, "/entry")
    try:
        return entries.decode(data)
    except EntryRefused as error:
        raise FormatRefused("/entry", str(error)) from error


def _inclusion(value: object) -> tuple[bytes, ...]:
    if not isinstance(value, list) or len(value) > MAX_INCLUSION_HASHES:
        raise FormatRefused("/inclusion", f"an array of at most {MAX_INCLUSION_HASHES} hashes expected")
    return tuple(_hash(node, f"/inclusion/{place}") for place, node in enumerate(value))


def _object(value: object, where: str, keys: tuple[str, ...]) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise FormatRefused(where or "/", "an object expected")
    for key in keys:
        if key not in value:
            raise FormatRefused(f"{where}/{key}", "missing")
    if len(value) != len(keys):
        raise FormatRefused(where or "/", f"no other keys than {', '.join(keys)} expected")
    return value


def _count(value: object, where: str, most: int, least: int = 0) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise FormatRefused(where, f"an integer from {least} to {most} expected")
    return value


def _hash(value: object, where: str) -> bytes:
    return from_hex(value, HASH_BYTES, where)
