"""Store receipts of issued digests: inserted when their checkpoint is confirmed, removed when the chain loses it."""

import json
from collections.abc import Iterable
from itertools import islice
from typing import Final

from acredita.anchoring.receipts import Receipt, parse_receipt
from acredita.anchoring.types import Digest, IssuerId
from acredita.node.storage.database import Database
from acredita.node.storage.models import ReceiptRow
from sqlalchemy import Connection, delete, insert, select

_DIGESTS_PER_QUERY: Final = 500  # SQLite takes at least 999 parameters


def insert_receipts(connection: Connection, issuer: IssuerId, receipts: Iterable[Receipt]) -> None:
    """Insert receipts. Raises IntegrityError for a digest that has one."""
    rows = [
        {
            "issuer": issuer,
            "digest": receipt.entry.digest,
            "epoch": receipt.epoch,
            "number": receipt.checkpoint.number,
            "receipt": receipt_bytes(receipt),
        }
        for receipt in receipts
    ]
    if rows:
        connection.execute(insert(ReceiptRow), rows)


def receipt_bytes(receipt: Receipt) -> bytes:
    """Return the file: keys sorted, no blanks. Values are ASCII and small integers, so this is also its JCS form."""
    return json.dumps(receipt.to_document(), sort_keys=True, separators=(",", ":")).encode("ascii")


def read_receipt(connection: Connection, issuer: IssuerId, digest: Digest) -> bytes | None:
    """Return the receipt's file, or None while no confirmed checkpoint covers the digest."""
    return connection.execute(
        select(ReceiptRow.receipt).where(ReceiptRow.issuer == issuer, ReceiptRow.digest == digest)
    ).scalar_one_or_none()


def load_receipt(connection: Connection, issuer: IssuerId, digest: Digest) -> Receipt | None:
    """Return the receipt, or None while no confirmed checkpoint covers the digest."""
    stored = read_receipt(connection, issuer, digest)
    return None if stored is None else parse_receipt(json.loads(stored))


def without_receipt(database: Database, issuer: IssuerId, digests: Iterable[Digest]) -> list[Digest]:
    """Return those of the digests that have no receipt."""
    left: list[Digest] = []
    source = iter(digests)
    with database.read() as connection:
        while part := list(islice(source, _DIGESTS_PER_QUERY)):
            rows = connection.execute(
                select(ReceiptRow.digest).where(ReceiptRow.issuer == issuer, ReceiptRow.digest.in_(part))
            )
            known = {row[0] for row in rows}
            left += [digest for digest in part if digest not in known]
    return left


def take_back_receipts(connection: Connection, issuer: IssuerId, epoch: int, number: int) -> None:
    """Remove the receipts of this checkpoint and of every later one of the epoch."""
    connection.execute(
        delete(ReceiptRow).where(ReceiptRow.issuer == issuer, ReceiptRow.epoch == epoch, ReceiptRow.number >= number)
    )
