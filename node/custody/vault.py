"""Credentials at rest: each sealed under a data key of its own, the data key wrapped by the institution's master key.

Whoever has the database without the keystore has noise; `forget` takes the data key away, and with it every copy in every
backup that keeps the keys apart. The digest and the issuer are bound into both seals, so that rows cannot be swapped.
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

    def wrap(self, secret: bytes, context: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The secret; raises KeystoreError for another key or context."""


class SealBrokenError(Exception):
    """A stored credential does not open under its own key: the row was altered."""


@dataclass(frozen=True)
class Vault:
    """Seals and opens the credentials of one issuer."""

    issuer: IssuerId
    keys: KeyWrap
    random: Random = secrets.token_bytes

    def seal(self, digest: Digest, programme: Digest, credential: bytes) -> Sealed:
        context = self.issuer + digest
        key, nonce = self.random(DATA_KEY_BYTES), self.random(NONCE_BYTES)
        ciphertext = AESGCM(key).encrypt(nonce, credential, context)
        return Sealed(digest, programme, nonce, ciphertext, self.keys.wrap(key, context))

    def open(self, sealed: Sealed) -> bytes:
        """The credential's bytes as they were signed and stored."""
        context = self.issuer + sealed.digest
        key = self.keys.unwrap(sealed.wrapped_key, context)
        try:
            return AESGCM(key).decrypt(sealed.nonce, sealed.ciphertext, context)
        except InvalidTag:
            raise SealBrokenError("a stored credential does not open under its own key") from None
