"""Published status lists: signed, ahead of the chain and never behind it, never rolled back.

A revocation is shown by `show_revoked` in the transaction that requests it, so that the first answer after it has the bit.
`publish` is called by the write path with the bits a batch is about to anchor, and adds what the list lacks.

Invariants: the bits of a list come from its stored row, and bits are only added; a bit that was published set stays set.
Reading, signing and replacing are one transaction that holds the row. A list keeps the address it was begun under. It is
signed again only when a bit of it has moved, it was never published, or the key it was signed with is not the one in
force. If no key may sign, nothing is published and a warning is logged: a revocation must always be possible, this node's
answers and the chain show it, and the next key signs the list with every bit.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from acredita.anchoring.entries import POSITIONS_PER_LIST, EntryKind, status_change
from acredita.anchoring.status_bits import StatusBits, StatusPurpose
from acredita.anchoring.types import IssuerId
from acredita.node.custody.key_ring import SigningKey, SigningKeyRefused
from acredita.node.storage import credentials, institutions, list_addresses, status_lists
from acredita.node.storage.database import Database
from acredita.node.storage.status_lists import MILLISECONDS, StoredList
from acredita.registry.credentials.status_list import LIST_BYTES, build_status_list, parse_status_list
from acredita.registry.credentials.status_position import list_url
from acredita.registry.proofs.data_integrity import ProofOptions, add_proof
from sqlalchemy import Connection

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ListPublisher:
    """Signs one issuer's lists. `base`: the address under which the node serves `/status/…`."""

    database: Database
    did: str
    base: str
    keys: Callable[[], SigningKey]
    clock: Callable[[], int]

    def publish(self, issuer: IssuerId, bits: StatusBits) -> None:
        """Publish the lists. On return the stored lists show at least these bits. Raises StorageUnavailable."""
        key = self.key_in_force(issuer)
        if key is not None:
            self._publish(issuer, bits, key)

    def sign_again(self, issuer: IssuerId, bits: StatusBits) -> int:
        """Publish the lists under the key that took over; return how many were signed. Raises SigningKeyRefused,
        StorageUnavailable.
        """
        return self._publish(issuer, bits, self.keys())

    def key_in_force(self, issuer: IssuerId) -> SigningKey | None:
        """Return the key that signs lists now; None and a warning where none may.

        Called before a transaction, because it may ask the ledger.
        """
        try:
            return self.keys()
        except SigningKeyRefused as error:
            _log.warning("status lists not published", extra={"issuer": issuer.hex(), "code": error.code})
            return None

    def show_revoked(self, connection: Connection, issuer: IssuerId, position: int, key: SigningKey) -> None:
        """Set the bit of a position in its published list, in the caller's transaction."""
        bits = StatusBits()
        bits.apply(status_change(EntryKind.REVOKED, position))
        institutions.hold(connection, issuer)
        self._publish_list(connection, issuer, position // POSITIONS_PER_LIST, bits, key)

    def _publish(self, issuer: IssuerId, bits: StatusBits, key: SigningKey) -> int:
        with self.database.write() as connection:
            institutions.hold(connection, issuer)  # a list that is not there yet has no row to wait at
            highest = credentials.highest_position(connection, issuer)
            lists = max(bits.lists, 0 if highest is None else highest // POSITIONS_PER_LIST + 1)
            return sum(self._publish_list(connection, issuer, number, bits, key) for number in range(lists))

    def _publish_list(
        self, connection: Connection, issuer: IssuerId, number: int, bits: StatusBits, key: SigningKey
    ) -> bool:
        """Sign and store one list if it lacks a bit. Return whether it did."""
        stored = status_lists.read_list(connection, issuer, number, to_replace=True)
        wanted = _wanted(bits, number, stored, key)
        if wanted is None:
            return False
        version = status_lists.next_version(stored, self.clock())
        base = list_addresses.settle(connection, issuer, number, self.base)
        document = self._signed(list_url(base, issuer, number), wanted, key, version)
        status_lists.swap_list(connection, issuer, number, document, version=version, stored=stored)
        return True

    def _signed(self, url: str, bitstring: bytes, key: SigningKey, version: int) -> bytes:
        issued, milliseconds = divmod(version, MILLISECONDS)
        document = build_status_list(
            url=url,
            issuer=self.did,
            revoked=_set_indexes(bitstring),
            issued=issued,
            milliseconds=milliseconds,
        )
        signed = add_proof(
            document,
            ProofOptions(key.list_cryptosuite, key.verification_method, datetime.fromtimestamp(issued, UTC)),
            key.signer,
        )
        return json.dumps(signed, ensure_ascii=False).encode()


def _wanted(bits: StatusBits, number: int, stored: StoredList | None, key: SigningKey) -> bytes | None:
    """Return the bitstring to publish, None where the published list shows it already, signed by the key in force."""
    current = bits.bitstring(number, StatusPurpose.REVOCATION) if number < bits.lists else bytes(LIST_BYTES)
    if stored is None:
        return current
    document = json.loads(stored.document)
    published = parse_status_list(document).bits
    union = _union(current, published)
    fresh = union == published and document["proof"]["verificationMethod"] == key.verification_method
    return None if fresh else union


def _union(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one, "big") | int.from_bytes(other, "big")).to_bytes(len(one), "big")


def _set_indexes(bitstring: bytes) -> list[int]:
    return [8 * at + bit for at, byte in enumerate(bitstring) if byte for bit in range(8) if byte & (0x80 >> bit)]
