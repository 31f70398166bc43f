"""Define the protocol of a signer, and sign with a private key held in memory.

A keystore, a file or a hardware module can implement `Signer`; no caller of `Signer` sees a private key.
"""

from dataclasses import dataclass
from typing import Protocol

from acredita.registry.keys.multikey import COORDINATE_BYTES, HASHES, Algorithm, PublicKey, low_s, public_key_of
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature


class Signer(Protocol):
    """A key that signs: 64 bytes for Ed25519; r ‖ s with low s for ECDSA, hashed with the curve's hash."""

    @property
    def multikey(self) -> bytes:
        """Multicodec prefix ‖ public key."""

    @property
    def algorithm(self) -> Algorithm:
        """Algorithm of the key."""

    def sign(self, data: bytes) -> bytes:
        """Sign `data`."""


@dataclass(frozen=True)
class PrivateKeySigner:
    """A Signer over a key of the cryptography package."""

    private: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
    public: PublicKey

    @classmethod
    def of(cls, private: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> "PrivateKeySigner":
        """Return the signer of a private key. Raises KeyRefused for a curve that is not ours."""
        return cls(private, public_key_of(private.public_key()))

    @property
    def multikey(self) -> bytes:
        return self.public.multikey

    @property
    def algorithm(self) -> Algorithm:
        return self.public.algorithm

    def sign(self, data: bytes) -> bytes:
        """Sign `data`; ECDSA hashes with its curve's hash and gives low s."""
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(data)
        return self._sign_ecdsa(self.private, data)

    def _sign_ecdsa(self, private: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
        algorithm, width = self.algorithm, COORDINATE_BYTES[self.algorithm]
        # RFC 6979: a weak source of randomness must not give the key away.
        der = private.sign(data, ec.ECDSA(HASHES[algorithm](), deterministic_signing=True))
        r, s = decode_dss_signature(der)
        return low_s(algorithm, r.to_bytes(width, "big") + s.to_bytes(width, "big"))
