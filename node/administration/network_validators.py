"""Make and read the files by which validators hand over enode and address, before a network has a first block.

A validator file is public and holds no private key. Its address is derived from the enode's key, so the two cannot
differ. A host is an IP address, because Besu compares enodes with its allow-list without asking for names.
"""

import ipaddress
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acredita.anchoring.types import Address, FormatRefused, read_number, to_hex
from acredita.node.publication.trust_folder import FileRefused, read_json_file
from acredita.registry.keys.account_file import new_private_key
from coincurve import PrivateKey, PublicKey
from eth_hash.auto import keccak

FORMAT: Final = "acredita-validator/1"
KEY_FILE: Final = "key"
VALIDATOR_FILE: Final = "validator.json"
MAX_PORT: Final = 65_535

_NAME: Final = re.compile("[a-z0-9][a-z0-9-]{0,39}")
_ENODE: Final = re.compile(r"enode://([0-9a-f]{128})@(\[[0-9a-f:.]+\]|[0-9.]+):([0-9]{1,5})")
_KEYS: Final = {"format", "name", "enode", "address"}
_OWNER_ONLY: Final = 0o600


@dataclass(frozen=True, slots=True)
class Validator:
    """A validator as the others know it. `key`: its public key, 64 bytes."""

    name: str
    key: bytes
    host: str
    port: int

    @property
    def address(self) -> Address:
        """The address with which it seals blocks."""
        return Address(bytes(keccak(self.key)[-20:]))

    @property
    def enode(self) -> str:
        """The URL at which other nodes connect to it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"enode://{self.key.hex()}@{host}:{self.port}"

    def document(self) -> dict[str, object]:
        """Return the content of its validator file."""
        return {"format": FORMAT, "name": self.name, "enode": self.enode, "address": to_hex(self.address)}


def new_validator(name: str, host: str, port: int) -> tuple[bytes, Validator]:
    """Draw a private key, and return it with the validator. Raises FormatRefused."""
    _check_name(name, "--name")
    if not 0 < port <= MAX_PORT:
        raise FormatRefused("--port", f"a port from 1 to {MAX_PORT} expected")
    private = new_private_key()
    key = PrivateKey(private).public_key.format(compressed=False)[1:]
    return private, Validator(name, key, _host(host, "--host"), port)


def write_private_key(path: Path, private: bytes) -> None:
    """Write a key as Besu's `node-private-key-file` has it: 64 hex digits, mode 0600. Raises OSError where it exists."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, _OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(private.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_validator(path: Path) -> Validator:
    """Read a validator file. Raises FileRefused, OSError."""
    document = read_json_file(path)
    try:
        return parse_validator(document)
    except FormatRefused as error:
        raise FileRefused(f"{path}: {error}") from error


def parse_validator(document: object) -> Validator:
    """Read the content of a validator file. Raises FormatRefused."""
    if not isinstance(document, dict) or set(document) != _KEYS or document["format"] != FORMAT:
        raise FormatRefused("/", f"an object of the format {FORMAT} with {', '.join(sorted(_KEYS))} expected")
    _check_name(document["name"], "/name")
    key, host, port = _parse_enode(document["enode"])
    validator = Validator(str(document["name"]), key, host, port)
    if document["address"] != to_hex(validator.address):
        raise FormatRefused("/address", f"the address of the enode's key expected, {to_hex(validator.address)}")
    return validator


def check_distinct(validators: Iterable[Validator]) -> None:
    """Check that no two validators share name, key, or host and port. Raises FormatRefused."""
    names: set[str] = set()
    keys: set[bytes] = set()
    places: set[tuple[str, int]] = set()
    for validator in validators:
        place = (validator.host, validator.port)
        if validator.name in names or validator.key in keys or place in places:
            raise FormatRefused("--validator", f"{validator.name}: two validators share name, key, or host and port")
        names.add(validator.name)
        keys.add(validator.key)
        places.add(place)


def _check_name(name: object, where: str) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise FormatRefused(where, "1 to 40 of a-z, 0-9 and -, as they stand in file names, expected")


def _parse_enode(enode: object) -> tuple[bytes, str, int]:
    match = _ENODE.fullmatch(enode) if isinstance(enode, str) else None
    if match is None:
        raise FormatRefused("/enode", "enode://, 128 lower-case hex digits, @, an IP address, : and a port expected")
    key, port = bytes.fromhex(match[1]), read_number(match[3], MAX_PORT)
    try:
        PublicKey(b"\x04" + key)
    except ValueError as error:
        raise FormatRefused("/enode", "a public key of secp256k1 expected") from error
    if not port:
        raise FormatRefused("/enode", f"a port from 1 to {MAX_PORT} expected")
    return key, _host(match[2].strip("[]"), "/enode"), port


def _host(host: str, where: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError as error:
        raise FormatRefused(where, "an IP address expected, Besu's allow-list takes no names") from error
    if address.is_unspecified or address.is_multicast:
        raise FormatRefused(where, "an IP address that others can connect to expected")
    return str(address)
