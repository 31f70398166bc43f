"""The trust file, `acredita-trust/1`: the chain, contracts, and blocks or validators the authority vouches for.

The authority signs it with Ed25519 over "acredita/trust/1" ‖ JCS of the file without `signature`. It is numbered and
expires after 90 days. A named file is trusted with the key it carries. A pinned key refuses a successor by another key
(`check_pin`). This module decides whether a block counts; step 6 of a verification decides whether the file has
expired. To trust block time is to trust a quorum of validators: on an embedded chain or Anvil, the one operator.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from acredita.anchoring.receipts import read_time, time_text
from acredita.anchoring.types import Address, BlockHash, FormatRefused, from_hex, to_hex
from acredita.contracts.abi import Deployment
from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code
from acredita.registry.json_documents.jcs import JcsRefused, jcs
from acredita.registry.json_documents.members import count_of, list_of, object_of, text_of
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.keys.multikey import (
    ED25519,
    KeyRefused,
    PublicKey,
    decode_multibase,
    encode_multibase,
    parse_multibase,
)
from acredita.registry.keys.signer import Signer

FORMAT = "acredita-trust/1"
DOMAIN = b"acredita/trust/1"
LIFETIME_SECONDS = 90 * 24 * 3600
MAX_BLOCKS = 10_000  # a block hash a day for a quarter of a century
MAX_SETS = 1_000  # changes of the validator set
MAX_VALIDATORS = 256
MAX_SIGNATURE_CHARS = 100  # 64 bytes take 89 in base58, which is quadratic to decode
CONTRACTS = ("council", "issuer_registry", "programme_registry", "credential_log")


class TrustRefused(CodedError[Code]):
    """A trust file that must not be relied on; `code` is stable."""


@dataclass(frozen=True)
class ValidatorSet:
    """QBFT validators in force from height `first` to `last`, both included. `last` None: no end."""

    first: int
    last: int | None
    addresses: tuple[Address, ...]

    def covers(self, height: int) -> bool:
        """Return whether the set is in force at a height."""
        return self.first <= height and (self.last is None or height <= self.last)


@dataclass(frozen=True)
class Trust:
    """A trust file whose signature has been checked. Times are Unix seconds."""

    number: int
    issued: int
    expires: int
    chain_id: int
    genesis: BlockHash
    contracts: Deployment
    code_hashes: Mapping[str, bytes]
    blocks: Mapping[int, BlockHash]
    validators: tuple[ValidatorSet, ...]
    key: PublicKey

    @property
    def credential_log(self) -> Address:
        """Address of the CredentialLog."""
        return Address(self.contracts.credential_log)

    @property
    def is_demo_chain(self) -> bool:
        """True if the file names blocks one by one: only the chain's operator vouches for their order."""
        return not self.validators

    def validators_at(self, height: int) -> ValidatorSet | None:
        """Return the set in force at a height; None outside the known intervals, which do not overlap."""
        return next((validators for validators in self.validators if validators.covers(height)), None)


def sign_trust(
    *,
    number: int,
    issued: int,
    chain_id: int,
    genesis: BlockHash,
    contracts: Deployment,
    code_hashes: Mapping[str, bytes],
    blocks: Mapping[int, BlockHash] | None = None,
    validators: Sequence[ValidatorSet] = (),
    signer: Signer,
) -> dict[str, object]:
    """Sign a trust file, valid for 90 days from `issued`, by block hashes or by validator sets, never by both."""
    if (blocks is None) != bool(validators):
        raise ValueError("either blocks or validators")
    body: dict[str, object] = {
        "format": FORMAT,
        "number": number,
        "issued": time_text(issued),
        "expires": time_text(issued + LIFETIME_SECONDS),
        "chain_id": chain_id,
        "genesis": to_hex(genesis),
        "contracts": {
            name: {"address": to_hex(getattr(contracts, name)), "code_hash": to_hex(code_hashes[name])}
            for name in CONTRACTS
        },
        "key": encode_multibase(signer.multikey),
    }
    if blocks is None:
        body["validators"] = [_set_document(validator_set) for validator_set in validators]
    else:
        body["blocks"] = [{"number": height, "hash": to_hex(blocks[height])} for height in sorted(blocks)]
    return {**body, "signature": encode_multibase(signer.sign(DOMAIN + jcs(body)))}


def _set_document(validator_set: ValidatorSet) -> dict[str, object]:
    document: dict[str, object] = {
        "first": validator_set.first,
        "addresses": [to_hex(address) for address in validator_set.addresses],
    }
    return document if validator_set.last is None else document | {"last": validator_set.last}


def parse_trust(document: object) -> Trust:
    """Parse a trust file's JSON value and check its signature with the key it carries. Raises TrustRefused."""
    try:
        return _parse(document)
    except (FormatRefused, KeyRefused, JcsRefused) as error:
        raise TrustRefused(Code.TRUST_MALFORMED, f"trust file: {error}") from error


def read_trust_file(data: bytes) -> Trust:
    """Read a trust file's bytes and check its signature with the key it carries. Raises TrustRefused."""
    try:
        return parse_trust(read_json(data))
    except JsonRefused as error:
        raise TrustRefused(Code.TRUST_MALFORMED, f"trust file: {error}") from error


def check_pin(trust: Trust, pinned_key: str, pinned_number: int) -> None:
    """Check that a successor carries the pinned key and is not older than the newest file seen. Raises TrustRefused."""
    if trust.key.multibase != pinned_key:
        raise TrustRefused(Code.TRUST_KEY_CHANGED, "the trust file is signed by another key than the pinned one")
    if trust.number < pinned_number:
        raise TrustRefused(
            Code.TRUST_ROLLED_BACK, f"trust file {trust.number} is older than {pinned_number}, already seen"
        )


def _parse(document: object) -> Trust:
    body = object_of(document, "", _REQUIRED, _EITHER)
    if len(_EITHER & set(body)) != 1 or body.get("validators") == []:
        raise FormatRefused("/", "exactly one of blocks, validators expected, and of validators one set at least")
    if body["format"] != FORMAT:
        raise FormatRefused("/format", f'"{FORMAT}" expected')
    key = parse_multibase(text_of(body["key"], "/key"))
    if key.algorithm != ED25519:
        raise FormatRefused("/key", "an Ed25519 Multikey expected")
    signature = decode_multibase(text_of(body["signature"], "/signature")[:MAX_SIGNATURE_CHARS])
    unsigned = {name: value for name, value in body.items() if name != "signature"}
    if not key.verifies(signature, DOMAIN + jcs(unsigned)):
        raise TrustRefused(Code.TRUST_SIGNATURE_INVALID, "the trust file's signature does not fit its key")
    contracts = _contracts(body["contracts"])
    issued, expires = read_time(body["issued"], "/issued"), read_time(body["expires"], "/expires")
    if not issued < expires <= issued + LIFETIME_SECONDS:
        raise FormatRefused("/expires", "at most 90 days after issued")
    return Trust(
        number=count_of(body["number"], "/number"),
        issued=issued,
        expires=expires,
        chain_id=count_of(body["chain_id"], "/chain_id"),
        genesis=BlockHash(from_hex(body["genesis"], 32, "/genesis")),
        contracts=Deployment(**{name: address for name, (address, _) in contracts.items()}),
        code_hashes={name: code for name, (_, code) in contracts.items()},
        blocks=_blocks(body.get("blocks", [])),
        validators=_validators(body.get("validators", [])),
        key=key,
    )


_REQUIRED = frozenset({"format", "number", "issued", "expires", "chain_id", "genesis", "contracts", "key", "signature"})
_EITHER = frozenset({"blocks", "validators"})


def _contracts(value: object) -> dict[str, tuple[bytes, bytes]]:
    entries = object_of(value, "/contracts", frozenset(CONTRACTS))
    result = {}
    for name in CONTRACTS:
        where = f"/contracts/{name}"
        pins = object_of(entries[name], where, frozenset({"address", "code_hash"}))
        result[name] = (
            from_hex(pins["address"], 20, f"{where}/address"),
            from_hex(pins["code_hash"], 32, f"{where}/code_hash"),
        )
    return result


def _blocks(value: object) -> dict[int, BlockHash]:
    result: dict[int, BlockHash] = {}
    for place, item in enumerate(list_of(value, "/blocks", MAX_BLOCKS)):
        where = f"/blocks/{place}"
        pin = object_of(item, where, frozenset({"number", "hash"}))
        number = count_of(pin["number"], f"{where}/number")
        if number in result:
            raise FormatRefused(f"{where}/number", "each block once expected")
        result[number] = BlockHash(from_hex(pin["hash"], 32, f"{where}/hash"))
    return result


def _validators(value: object) -> tuple[ValidatorSet, ...]:
    """Parse the sets in the order of their heights, without an empty set and without an overlap.

    An empty set could seal nothing, and an overlap would have two answers.
    """
    result: list[ValidatorSet] = []
    for place, item in enumerate(list_of(value, "/validators", MAX_SETS)):
        where = f"/validators/{place}"
        validator_set = _validator_set(item, where)
        earlier = result[-1] if result else None
        if earlier is not None and (earlier.last is None or validator_set.first <= earlier.last):
            raise FormatRefused(f"{where}/first", "a height after the set before expected")
        result.append(validator_set)
    return tuple(result)


def _validator_set(item: object, where: str) -> ValidatorSet:
    members = object_of(item, where, frozenset({"first", "addresses"}), frozenset({"last"}))
    listed = list_of(members["addresses"], f"{where}/addresses", MAX_VALIDATORS)
    addresses = tuple(Address(from_hex(address, 20, f"{where}/addresses")) for address in listed)
    if not addresses or len(set(addresses)) < len(addresses):
        raise FormatRefused(f"{where}/addresses", "one validator at least, each once, expected")
    first = count_of(members["first"], f"{where}/first")
    last = count_of(members["last"], f"{where}/last") if "last" in members else None
    if last is not None and last < first:
        raise FormatRefused(f"{where}/last", "a height not before the first expected")
    return ValidatorSet(first, last, addresses)
