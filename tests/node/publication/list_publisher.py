"""A publisher of status lists, also a process: `python -m tests.node.publication.list_publisher URL ISSUER POSITION…`.

Each position is published by itself, as a process that knows of no other would.
"""

import sys

from acredita.anchoring.entries import EntryKind, status_change
from acredita.anchoring.status_bits import StatusBits
from acredita.anchoring.types import IssuerId
from acredita.node.custody.key_ring import SigningKey
from acredita.node.publication.status_lists import ListPublisher
from acredita.node.storage.database import Database
from acredita.registry.keys.did import did_key, key_method
from acredita.registry.keys.multikey import parse_multikey
from acredita.registry.keys.signer import PrivateKeySigner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
NOW = 1_767_225_600


def list_publisher(database: Database) -> ListPublisher:
    signer = PrivateKeySigner.of(KEY)
    public = parse_multikey(signer.multikey)
    key = SigningKey("assertion", signer, key_method(public), "eddsa-rdfc-2022", "eddsa-rdfc-2022")
    return ListPublisher(database, did_key(public), "https://registro.example", lambda: key, lambda: NOW)


def main(url: str, issuer: str, *positions: str) -> None:
    database = Database.open(url)
    publisher = list_publisher(database)
    for position in positions:
        bits = StatusBits()
        bits.replay([status_change(EntryKind.REVOKED, int(position))])
        publisher.publish(IssuerId(bytes.fromhex(issuer)), bits)
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
