"""The consent of an account to be bound to a party (EIP-712), as IssuerRegistry checks it.

Whoever binds an account other than the sender hands in that account's signature of
`AccountConsent(string did, string purpose, uint64 deadline)`. The domain is name "Acredita", version "1", the chain id and
the registry. keccak-256 of a DID's bytes is the subject, so the digest needs no DID and a wallet still shows words. Nothing
here holds a key: `anchoring.account_signature` signs and recovers.
"""

from dataclasses import dataclass
from typing import Any, Final

from acredita.contracts.abi import AbiError
from acredita.contracts.answers import AccountPurpose
from eth_hash.auto import keccak

MAX_LIFE_SECONDS: Final = 45 * 24 * 3600  # IssuerRegistry refuses a later deadline
SIGNATURE_BYTES: Final = 65  # r 32, s 32 (low), v 1 (27 or 28)
WORDS: Final = {
    AccountPurpose.ANCHORING: "anchoring",
    AccountPurpose.CUSTODIAN: "custodian",
    AccountPurpose.CONTROL: "control",
    AccountPurpose.AGENCY: "agency",
}
"""The word that a wallet shows for a purpose."""

_DOMAIN_FIELDS: Final = (
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
)
_CONSENT_FIELDS: Final = (("did", "string"), ("purpose", "string"), ("deadline", "uint64"))
_NAME, _VERSION = "Acredita", "1"
_HASH_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class SignedConsent:
    """A consent as a call carries it: the deadline (Unix seconds) and r ‖ s ‖ v."""

    deadline: int
    signature: bytes


BY_CALL: Final = SignedConsent(0, b"")
"""No signature: the account is the party's already, or consented by its own call (`IssuerRegistry.consent`)."""


@dataclass(frozen=True, slots=True)
class ConsentDomain:
    """The registry that a consent is for, on its chain."""

    chain_id: int
    registry: bytes


def consent_digest(domain: ConsentDomain, subject: bytes, purpose: AccountPurpose, deadline: int) -> bytes:
    """Return the digest that the account signs. `subject`: keccak-256 of the party's DID."""
    if len(subject) != _HASH_BYTES:
        raise AbiError(f"a subject of {_HASH_BYTES} bytes expected, {len(subject)} found")
    consent = _type_hash("AccountConsent", _CONSENT_FIELDS) + subject + _hash(WORDS[purpose]) + _number(deadline)
    return bytes(keccak(b"\x19\x01" + _separator(domain) + keccak(consent)))


def typed_data(domain: ConsentDomain, did: str, purpose: AccountPurpose, deadline: int) -> dict[str, Any]:
    """Return what a wallet signs, as `eth_signTypedData_v4` takes it."""
    return {
        "types": {"EIP712Domain": _members(_DOMAIN_FIELDS), "AccountConsent": _members(_CONSENT_FIELDS)},
        "primaryType": "AccountConsent",
        "domain": {
            "name": _NAME,
            "version": _VERSION,
            "chainId": domain.chain_id,
            "verifyingContract": f"0x{domain.registry.hex()}",
        },
        "message": {"did": did, "purpose": WORDS[purpose], "deadline": deadline},
    }


def _separator(domain: ConsentDomain) -> bytes:
    registry = domain.registry.rjust(_HASH_BYTES, b"\0")
    fields = _hash(_NAME) + _hash(_VERSION) + _number(domain.chain_id) + registry
    return bytes(keccak(_type_hash("EIP712Domain", _DOMAIN_FIELDS) + fields))


def _type_hash(name: str, fields: tuple[tuple[str, str], ...]) -> bytes:
    return _hash(f"{name}({','.join(f'{kind} {field}' for field, kind in fields)})")


def _members(fields: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in fields]


def _hash(text: str) -> bytes:
    return bytes(keccak(text.encode("utf-8")))


def _number(value: int) -> bytes:
    return value.to_bytes(_HASH_BYTES, "big")
