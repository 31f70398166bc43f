"""The trust file, `acredita-trust/2`: the authority, its keys, and the ledger that they vouch for.

- Signatures are Ed25519 over "acredita/trust/2" ‖ JCS of the file without `signatures`. Each one in the file must hold;
  of the file's own keys at least `threshold` must have signed. A key counts once.
- A file is known by SHA-256 of the same JCS form (`digest`). Who signed does not change it.
- It is numbered and expires at most 90 days after it was issued. A named file is trusted with the keys it carries; a
  pinned one refuses a successor that its keys did not sign (`trust_succession`).

This module decides whether a file is whole; step 6 of a verification decides whether it is in force. To trust block
time is to trust a quorum of validators: on a development chain, the one operator.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import urlsplit

from acredita.anchoring.receipts import read_time
from acredita.anchoring.types import Address, BlockHash, Digest, FormatRefused, from_hex
from acredita.contracts.abi import Deployment
from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code
from acredita.registry.json_documents.invisible_characters import first_invisible
from acredita.registry.json_documents.jcs import JcsRefused, jcs, jcs_digest
from acredita.registry.json_documents.members import count_of, list_of, object_of, text_of
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.keys.did import DidRefused, parse_did
from acredita.registry.keys.multikey import ED25519, KeyRefused, PublicKey, decode_multibase, parse_multibase
from acredita.registry.ledger_facts.trusted_chain import ChainKind, TrustedChain, parse_chain

FORMAT: Final = "acredita-trust/2"
DOMAIN: Final = b"acredita/trust/2"
LIFETIME_SECONDS: Final = 90 * 24 * 3600
MAX_KEYS: Final = 32
MAX_SIGNATURES: Final = 2 * MAX_KEYS  # the thresholds of the file before and of this one
LEAST_THRESHOLD: Final = 2  # outside development: one stolen key signs nothing
MAX_SIGNATURE_CHARS: Final = 100  # 64 bytes take 89 in base58, which is quadratic to decode
MAX_SOURCES: Final = 64
MAX_SERVICES: Final = 32
MAX_NAME_CHARS: Final = 200
MAX_URL_CHARS: Final = 2_000
CONTRACTS: Final = ("council", "issuer_registry", "programme_registry", "credential_log")

_LANGUAGE: Final = re.compile(r"[a-z]{2}")
_PURPOSE: Final = re.compile(r"[a-z_]{1,64}")


class TrustRefused(CodedError[Code]):
    """A trust file that must not be relied on; `code` is stable."""


@dataclass(frozen=True)
class TrustAuthority:
    """The authority whose registry it is. `name`: language → name, Spanish always."""

    did: str
    name: Mapping[str, str]
    url: str


@dataclass(frozen=True)
class ServiceKey:
    """A key that a node may hold to sign conveniences. It never enters a verdict. `until`: Unix seconds."""

    key: PublicKey
    purpose: str
    until: int


@dataclass(frozen=True)
class Trust:
    """A trust file whose signatures have been checked. Times are Unix seconds. `signers`: keys that signed, as Multikeys."""

    number: int
    issued: int
    expires: int
    authority: TrustAuthority
    chain_id: int
    genesis: BlockHash
    contracts: Deployment
    code_hashes: Mapping[str, bytes]
    chain: TrustedChain
    sources: tuple[str, ...]
    services: tuple[ServiceKey, ...]
    keys: tuple[str, ...]
    threshold: int
    signers: frozenset[str]
    digest: Digest

    @property
    def credential_log(self) -> Address:
        """Address of the CredentialLog."""
        return Address(self.contracts.credential_log)

    @property
    def blocks(self) -> Mapping[int, BlockHash]:
        """Every block that the file names, height → hash."""
        return self.chain.blocks

    @property
    def is_demo_chain(self) -> bool:
        """True on a development chain: only its operator vouches for the order of its blocks."""
        return self.chain.kind is ChainKind.DEVELOPMENT

    @property
    def ledger(self) -> tuple[int, BlockHash, Deployment, Mapping[str, bytes]]:
        """The chain, genesis and contracts that the file pins, to compare."""
        return self.chain_id, self.genesis, self.contracts, self.code_hashes

    def is_signed_by(self, keys: tuple[str, ...], threshold: int) -> bool:
        """Return True if at least `threshold` of these keys signed the file."""
        return len(self.signers & set(keys)) >= threshold


def parse_trust(document: object) -> Trust:
    """Parse a trust file's JSON value and check its signatures. Raises TrustRefused."""
    trust = parse_unsigned(document)
    if not trust.is_signed_by(trust.keys, trust.threshold):
        signed = len(trust.signers & set(trust.keys))
        raise TrustRefused(
            Code.TRUST_SIGNATURES_TOO_FEW, f"trust file {trust.number}: {signed} of {trust.threshold} signatures"
        )
    return trust


def parse_unsigned(document: object) -> Trust:
    """Parse a trust file that may lack signatures; those that it has must hold. Raises TrustRefused."""
    try:
        return _parse(document)
    except (FormatRefused, KeyRefused, JcsRefused) as error:
        raise TrustRefused(Code.TRUST_MALFORMED, f"trust file: {error}") from error


def read_trust_file(data: bytes) -> Trust:
    """Read a trust file's bytes and check its signatures. Raises TrustRefused."""
    try:
        return parse_trust(read_json(data))
    except JsonRefused as error:
        raise TrustRefused(Code.TRUST_MALFORMED, f"trust file: {error}") from error


def parse_authority(document: object) -> TrustAuthority:
    """Parse the authority of a trust file, from a file of its own. Raises FormatRefused."""
    return _authority(document, is_demo=False)


def signed_part(document: Mapping[str, object]) -> dict[str, object]:
    """Return the part of a trust file that signatures and its hash are over."""
    return {name: value for name, value in document.items() if name != "signatures"}


def _parse(document: object) -> Trust:
    body = object_of(document, "", _REQUIRED)
    if body["format"] != FORMAT:
        raise FormatRefused("/format", f'"{FORMAT}" expected')
    contracts = _contracts(body["contracts"])
    issued, expires = read_time(body["issued"], "/issued"), read_time(body["expires"], "/expires")
    if not issued < expires <= issued + LIFETIME_SECONDS:
        raise FormatRefused("/expires", "at most 90 days after issued")
    chain = parse_chain(body["chain"], "/chain")
    is_demo = chain.kind is ChainKind.DEVELOPMENT
    keys = _keys(body["keys"])
    return Trust(
        number=_positive(body["number"], "/number"),
        issued=issued,
        expires=expires,
        authority=_authority(body["authority"], is_demo=is_demo),
        chain_id=count_of(body["chain_id"], "/chain_id"),
        genesis=BlockHash(from_hex(body["genesis"], 32, "/genesis")),
        contracts=Deployment(**{name: address for name, (address, _) in contracts.items()}),
        code_hashes={name: code for name, (_, code) in contracts.items()},
        chain=chain,
        sources=_sources(body["sources"], is_demo=is_demo),
        services=_services(body["services"]),
        keys=keys,
        threshold=_threshold(body["threshold"], len(keys), is_demo=is_demo),
        signers=signers_of(body["signatures"], DOMAIN + jcs(signed_part(body))),
        digest=jcs_digest(signed_part(body)),
    )


_REQUIRED = frozenset(
    {"format", "number", "issued", "expires", "authority", "chain_id", "genesis", "contracts", "chain", "sources"}
) | {"services", "keys", "threshold", "signatures"}


def _positive(value: object, where: str) -> int:
    number = count_of(value, where)
    if number == 0:
        raise FormatRefused(where, "a number of at least 1 expected")
    return number


def _contracts(value: object) -> dict[str, tuple[bytes, bytes]]:
    entries = object_of(value, "/contracts", frozenset(CONTRACTS))
    contracts = {}
    for name in CONTRACTS:
        where = f"/contracts/{name}"
        pins = object_of(entries[name], where, frozenset({"address", "code_hash"}))
        address = from_hex(pins["address"], 20, f"{where}/address")
        contracts[name] = (address, from_hex(pins["code_hash"], 32, f"{where}/code_hash"))
    return contracts


def _authority(value: object, *, is_demo: bool) -> TrustAuthority:
    members = object_of(value, "/authority", frozenset({"did", "name", "url"}))
    did = text_of(members["did"], "/authority/did")
    try:
        parse_did(did)
    except DidRefused as error:
        raise FormatRefused("/authority/did", str(error)) from error
    names = members["name"]
    if not isinstance(names, dict) or "es" not in names or not all(map(_LANGUAGE.fullmatch, names)):
        raise FormatRefused("/authority/name", 'a name by language expected, "es" among them')
    for language, name in names.items():
        where = f"/authority/name/{language}"
        text = text_of(name, where)
        if not text.strip() or len(text) > MAX_NAME_CHARS or not text.isprintable() or first_invisible(text):
            raise FormatRefused(where, f"1 to {MAX_NAME_CHARS} visible characters expected")
    return TrustAuthority(did, cast(dict[str, str], names), _url(members["url"], "/authority/url", is_demo=is_demo))


def _url(value: object, where: str, *, is_demo: bool) -> str:
    """Parse an address: https, on a development chain http too, without credentials, query or fragment."""
    text = text_of(value, where)
    schemes = ("https", "http") if is_demo else ("https",)
    rule = f"an address that begins with {schemes[0]}:// expected, without credentials, query or fragment"
    if len(text) > MAX_URL_CHARS or not text.isascii() or not text.isprintable() or " " in text:
        raise FormatRefused(where, rule)
    try:
        parts: Any = urlsplit(text)
    except ValueError as error:
        raise FormatRefused(where, rule) from error
    if parts.scheme not in schemes or not parts.hostname or "@" in parts.netloc or "?" in text or "#" in text:
        raise FormatRefused(where, rule)
    return text


def _sources(value: object, *, is_demo: bool) -> tuple[str, ...]:
    listed = list_of(value, "/sources", MAX_SOURCES)
    sources = tuple(_url(source, f"/sources/{place}", is_demo=is_demo) for place, source in enumerate(listed))
    if len(set(sources)) < len(sources):
        raise FormatRefused("/sources", "each address once expected")
    return sources


def _services(value: object) -> tuple[ServiceKey, ...]:
    services = []
    for place, item in enumerate(list_of(value, "/services", MAX_SERVICES)):
        where = f"/services/{place}"
        members = object_of(item, where, frozenset({"key", "purpose", "until"}))
        purpose = text_of(members["purpose"], f"{where}/purpose")
        if not _PURPOSE.fullmatch(purpose):
            raise FormatRefused(f"{where}/purpose", "1 to 64 lower-case letters and underscores expected")
        key = _ed25519(members["key"], f"{where}/key")
        services.append(ServiceKey(key, purpose, read_time(members["until"], f"{where}/until")))
    return tuple(services)


def _keys(value: object) -> tuple[str, ...]:
    listed = list_of(value, "/keys", MAX_KEYS)
    keys = tuple(_ed25519(key, f"/keys/{place}").multibase for place, key in enumerate(listed))
    if not keys or list(keys) != sorted(set(keys)):
        raise FormatRefused("/keys", "one key at least expected, each once, in the order of their texts")
    return keys


def _ed25519(value: object, where: str) -> PublicKey:
    key = parse_multibase(text_of(value, where))
    if key.algorithm != ED25519:
        raise FormatRefused(where, "an Ed25519 Multikey expected")
    return key


def _threshold(value: object, keys: int, *, is_demo: bool) -> int:
    threshold, least = count_of(value, "/threshold"), 1 if is_demo else LEAST_THRESHOLD
    if not least <= threshold <= keys:
        raise FormatRefused("/threshold", f"a number from {least} to the {keys} keys expected")
    return threshold


def signers_of(value: object, signed: bytes) -> frozenset[str]:
    """Check each signature, and return the keys that signed, each once. Raises FormatRefused, KeyRefused, TrustRefused."""
    signers: list[str] = []
    for place, item in enumerate(list_of(value, "/signatures", MAX_SIGNATURES)):
        where = f"/signatures/{place}"
        members = object_of(item, where, frozenset({"key", "signature"}))
        key = _ed25519(members["key"], f"{where}/key")
        text = text_of(members["signature"], f"{where}/signature")
        if len(text) > MAX_SIGNATURE_CHARS:
            raise FormatRefused(f"{where}/signature", f"at most {MAX_SIGNATURE_CHARS} characters expected")
        if not key.verifies(decode_multibase(text), signed):
            raise TrustRefused(Code.TRUST_SIGNATURE_INVALID, f"{where}: the signature does not fit its key")
        signers.append(key.multibase)
    if signers != sorted(set(signers)):
        raise FormatRefused("/signatures", "each key once expected, in the order of their texts")
    return frozenset(signers)
