"""Make and check key statements: by its statement a key enters the registry.

The key itself signs where it belongs and its purpose:

statement = "acredita/key/1" ‖ chain id 32 ‖ registry 20 ‖ issuer id 32 ‖ purpose 1 ‖ Multikey bytes.

The registry records SHA-256(statement ‖ signature); the file `documents/<hash>.bin` holds both. So anybody can check
that the party that added the key held it, and that the key was meant for this issuer on this chain.
"""

import hashlib
from dataclasses import dataclass

from acredita.anchoring.types import Address, Digest, IssuerId
from acredita.registry.keys.multikey import KeyRefused, PublicKey, parse_multikey
from acredita.registry.keys.signer import Signer

DOMAIN = b"acredita/key/1"
HEAD_BYTES = len(DOMAIN) + 32 + 20 + 32 + 1
ED25519_SIGNATURE_BYTES, P384_SIGNATURE_BYTES = 64, 96


class KeyStatementRefused(Exception):
    """The file is no statement of this key for this issuer on this chain."""


@dataclass(frozen=True)
class KeyStatement:
    """The bytes kept under `documents/`: a statement and its signature."""

    data: bytes

    @property
    def digest(self) -> Digest:
        """The digest that the registry records."""
        return Digest(hashlib.sha256(self.data).digest())


def make_statement(chain_id: int, registry: Address, issuer: IssuerId, purpose: int, signer: Signer) -> KeyStatement:
    """Make the statement of the key that is to be added, signed by that key."""
    head = _head(chain_id, registry, issuer, purpose)
    statement = head + signer.multikey
    return KeyStatement(statement + signer.sign(statement))


def check_statement(
    statement: KeyStatement, chain_id: int, registry: Address, issuer: IssuerId, purpose: int
) -> PublicKey:
    """Return the key that signed the statement.

    Raises KeyStatementRefused where the statement is for another chain, registry, issuer or purpose, or the signature
    is not by its key.
    """
    head = _head(chain_id, registry, issuer, purpose)
    if not statement.data.startswith(head):
        raise KeyStatementRefused("the statement is for another chain, registry, issuer or purpose")
    for signature_bytes in (ED25519_SIGNATURE_BYTES, P384_SIGNATURE_BYTES):
        multikey, signature = statement.data[HEAD_BYTES:-signature_bytes], statement.data[-signature_bytes:]
        try:
            key = parse_multikey(multikey)
        except KeyRefused:
            continue
        if key.verifies(signature, head + multikey):
            return key
    raise KeyStatementRefused("the statement's signature is not by the key it names")


def _head(chain_id: int, registry: Address, issuer: IssuerId, purpose: int) -> bytes:
    return DOMAIN + chain_id.to_bytes(32, "big") + registry + issuer + bytes([purpose])
