"""Published status lists: signed, ahead of the chain and never behind it, never rolled back.

`publish` is called by the write path with the bits a batch is about to anchor. A list is signed again only when a bit of it
has moved or it was never published; a bit that was published set stays set.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from acredita.anchoring.entries import POSITIONS_PER_LIST
from acredita.anchoring.status import Purpose, StatusBits
from acredita.anchoring.types import IssuerId
from acredita.node.storage import credentials
from acredita.node.storage.database import Database
from acredita.registry.proofs import add_proof
from acredita.registry.signing import Signer
from acredita.registry.status_list import LIST_BYTES, build_status_list, parse_status_list
from acredita.registry.status_position import list_url

CRYPTOSUITE = "eddsa-rdfc-2022"


@dataclass(frozen=True)
class ListPublisher:
    """Signs one issuer's lists. `base`: the address under which the node serves `/status/…`."""

    database: Database
    did: str
    base: str
    signer: Signer
    verification_method: str
    clock: Callable[[], int]

    def publish(self, issuer: IssuerId, bits: StatusBits) -> None:
        """When it returns, the stored lists show at least these bits. Raises StorageUnavailable."""
        now = self.clock()
        with self.database.write() as connection:
            highest = credentials.highest_position(connection, issuer)
            lists = max(bits.lists, 0 if highest is None else highest // POSITIONS_PER_LIST + 1)
            changed = []
            for number in range(lists):
                stored = credentials.published_list(connection, issuer, number, to_replace=True)
                wanted = self._wanted(bits, number, stored)
                if wanted is not None:
                    changed.append((number, self._signed(issuer, number, wanted, now)))
            credentials.replace_lists(connection, issuer, changed, now=now)

    def _wanted(self, bits: StatusBits, number: int, stored: bytes | None) -> bytes | None:
        """The bitstring to publish, None where the published one shows it already."""
        current = bits.bitstring(number, Purpose.REVOCATION) if number < bits.lists else bytes(LIST_BYTES)
        if stored is None:
            return current
        published = parse_status_list(json.loads(stored)).bits
        union = _union(current, published)
        return None if union == published else union

    def _signed(self, issuer: IssuerId, number: int, bitstring: bytes, now: int) -> bytes:
        document = build_status_list(
            url=list_url(self.base, issuer, number), issuer=self.did, revoked=_set_indexes(bitstring), issued=now
        )
        signed = add_proof(
            document,
            cryptosuite=CRYPTOSUITE,
            signer=self.signer,
            verification_method=self.verification_method,
            created=datetime.fromtimestamp(now, UTC),
        )
        return json.dumps(signed, ensure_ascii=False).encode()


def _union(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one, "big") | int.from_bytes(other, "big")).to_bytes(len(one), "big")


def _set_indexes(bitstring: bytes) -> list[int]:
    return [8 * at + bit for at, byte in enumerate(bitstring) if byte for bit in range(8) if byte & (0x80 >> bit)]
