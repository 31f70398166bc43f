"""Sign and check the consent of an account to be bound to a party (`contracts.account_consent`).

A signature counts as the contract counts it: r, s and v, s the lower of the two, v 27 or 28. Another shape of the same
signature is refused, so that a consent has one form.
"""

from typing import Final

from acredita.anchoring.transaction import TransactionSigner
from acredita.anchoring.types import Address
from acredita.contracts.account_consent import SIGNATURE_BYTES, ConsentDomain, SignedConsent, consent_digest
from acredita.contracts.answers import AccountPurpose
from coincurve import PublicKey
from eth_hash.auto import keccak

_RECOVERY_BASE: Final = 27  # Ethereum's v of recovery id 0
_HALF_ORDER: Final = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


class ConsentRefused(Exception):
    """A signature that is not the account's consent."""


def sign_consent(
    signer: TransactionSigner, domain: ConsentDomain, subject: bytes, purpose: AccountPurpose, deadline: int
) -> SignedConsent:
    """Sign an account's consent. `deadline`: Unix seconds, at most 45 days ahead."""
    signature = signer.sign_hash(consent_digest(domain, subject, purpose, deadline))
    return SignedConsent(deadline, signature[:-1] + bytes((signature[-1] + _RECOVERY_BASE,)))


def check_consent(
    account: Address, domain: ConsentDomain, subject: bytes, purpose: AccountPurpose, consent: SignedConsent
) -> None:
    """Check that the account signed this consent. Raises ConsentRefused with what was expected and found."""
    signer = recovered(consent_digest(domain, subject, purpose, consent.deadline), consent.signature)
    if signer != account:
        raise ConsentRefused(f"signature of 0x{account.hex()} expected, 0x{signer.hex()} found")


def recovered(digest: bytes, signature: bytes) -> Address:
    """Return the account that signed a digest. Raises ConsentRefused for a signature that no contract takes."""
    if len(signature) != SIGNATURE_BYTES:
        raise ConsentRefused(f"{SIGNATURE_BYTES} bytes expected, {len(signature)} found")
    if signature[-1] not in (_RECOVERY_BASE, _RECOVERY_BASE + 1):
        raise ConsentRefused(f"v of 27 or 28 expected, {signature[-1]} found")
    if int.from_bytes(signature[32:64], "big") > _HALF_ORDER:
        raise ConsentRefused("the lower of the two values of s expected")
    compact = signature[:-1] + bytes((signature[-1] - _RECOVERY_BASE,))
    try:
        key = PublicKey.from_signature_and_message(compact, digest, hasher=None)
    except ValueError as error:
        raise ConsentRefused(f"no key gives this signature: {error}") from error
    return Address(keccak(key.format(compressed=False)[1:])[-20:])
