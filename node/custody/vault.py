"""Seal credentials at rest, each under a data key of its own that the institution's master key wraps.

Invariants: the database without the keystore is noise; digest and issuer are bound into both seals, so rows cannot be
swapped. `forget` deletes the data key, and so makes every copy unreadable in backups that keep the keys apart.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from acredita.anchoring.types import Digest, IssuerId
from acredita.node.storage.credentials import Sealed
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES: Final = 12
DATA_KEY_BYTES: Final = 32

Random = Callable[[int], bytes]


class KeyWrap(Protocol):
    """The master key, wherever it is kept: a keystore file today, a hardware module tomorrow."""

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        """Encrypt a secret under the master key, bound to its context."""

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Return the secret. Raises KeystoreError for another key or context."""


class SealBrokenError(Exception):
    """A stored credential does not open under its own key: the row was altered."""


@dataclass(frozen=True)
class Vault:
    """Seals and opens the credentials of one issuer."""

    issuer: IssuerId
    keys: KeyWrap
    random: Random = secrets.token_bytes

    def seal(self, digest: Digest, programme: Digest, credential: bytes) -> Sealed:
        """Encrypt a credential under a new data key, and wrap that key."""
        context = self.issuer + digest
        key, nonce = self.random(DATA_KEY_BYTES), self.random(NONCE_BYTES)
        ciphertext = AESGCM(key).encrypt(nonce, credential, context)
        return Sealed(digest, programme, nonce, ciphertext, self.keys.wrap(key, context))

    def open(self, sealed: Sealed) -> bytes:
        """Return the credential's bytes as they were signed and stored. Raises SealBrokenError."""
        context = self.issuer + sealed.digest
        key = self.keys.unwrap(sealed.wrapped_key, context)
        try:
            return AESGCM(key).decrypt(sealed.nonce, sealed.ciphertext, context)
        except InvalidTag:
            raise SealBrokenError("a stored credential does not open under its own key") from None
