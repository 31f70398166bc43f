"""Published status lists: signed, ahead of the chain and never behind it, never rolled back.

`publish` is called by the write path with the bits a batch is about to anchor. A list is signed again only when a bit of it
has moved, it was never published, or the key it was signed with is not the one in force; a bit that was published set
stays set. If no key may sign, nothing is published and a warning is logged: a revocation must always be possible, the
chain alone tells of it, and the next key signs the list with every bit.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from acredita.anchoring.entries import POSITIONS_PER_LIST
from acredita.anchoring.status_bits import StatusBits, StatusPurpose
from acredita.anchoring.types import IssuerId
from acredita.node.custody.key_ring import SigningKey, SigningKeyRefused
from acredita.node.storage import credentials, institutions
from acredita.node.storage.database import Database
from acredita.registry.credentials.status_list import LIST_BYTES, build_status_list, parse_status_list
from acredita.registry.credentials.status_position import list_url
from acredita.registry.proofs.data_integrity import ProofOptions, add_proof

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
        try:
            key = self.keys()
        except SigningKeyRefused as error:
            _log.warning("status lists not published", extra={"issuer": issuer.hex(), "code": error.code})
            return
        self._publish(issuer, bits, key)

    def sign_again(self, issuer: IssuerId, bits: StatusBits) -> int:
        """Publish the lists under the key that took over; return how many were signed. Raises SigningKeyRefused,
        StorageUnavailable.
        """
        return self._publish(issuer, bits, self.keys())

    def _publish(self, issuer: IssuerId, bits: StatusBits, key: SigningKey) -> int:
        now = self.clock()
        with self.database.write() as connection:
            institutions.hold(connection, issuer)  # a list that is not there yet has no row to wait at
            highest = credentials.highest_position(connection, issuer)
            lists = max(bits.lists, 0 if highest is None else highest // POSITIONS_PER_LIST + 1)
            changed = []
            for number in range(lists):
                stored = credentials.published_list(connection, issuer, number, to_replace=True)
                wanted = _wanted(bits, number, stored, key)
                if wanted is not None:
                    changed.append((number, self._signed(issuer, number, wanted, key, now)))
            credentials.replace_lists(connection, issuer, changed, now=now)
        return len(changed)

    def _signed(self, issuer: IssuerId, number: int, bitstring: bytes, key: SigningKey, now: int) -> bytes:
        document = build_status_list(
            url=list_url(self.base, issuer, number), issuer=self.did, revoked=_set_indexes(bitstring), issued=now
        )
        signed = add_proof(
            document,
            ProofOptions(key.list_cryptosuite, key.verification_method, datetime.fromtimestamp(now, UTC)),
            key.signer,
        )
        return json.dumps(signed, ensure_ascii=False).encode()


def _wanted(bits: StatusBits, number: int, stored: bytes | None, key: SigningKey) -> bytes | None:
    """Return the bitstring to publish, None where the published list shows it already, signed by the key in force."""
    current = bits.bitstring(number, StatusPurpose.REVOCATION) if number < bits.lists else bytes(LIST_BYTES)
    if stored is None:
        return current
    document = json.loads(stored)
    published = parse_status_list(document).bits
    union = _union(current, published)
    fresh = union == published and document["proof"]["verificationMethod"] == key.verification_method
    return None if fresh else union


def _union(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one, "big") | int.from_bytes(other, "big")).to_bytes(len(one), "big")


def _set_indexes(bitstring: bytes) -> list[int]:
    return [8 * at + bit for at, byte in enumerate(bitstring) if byte for bit in range(8) if byte & (0x80 >> bit)]
