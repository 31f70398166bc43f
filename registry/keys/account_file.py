"""Keep one ledger account in a Web3 Secret Storage file (version 3), which geth, Besu's signer and wallets read.

The file holds its address in clear and its key under a passphrase, by scrypt and AES-128-CTR with a keccak MAC. A new file
has mode 0600 and never replaces another. A file of other tools is read within limits: its cost must not exhaust the
machine, and the address that it states must be the one of its key.
"""

import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from acredita.anchoring.transaction import LocalAccount
from acredita.anchoring.types import Address, to_hex
from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.keys.scrypt_cost import MOST_N
from eth_account import Account

STANDARD_N: Final = 2**18  # scrypt's cost in geth's own files
MAX_FILE_BYTES: Final = 1 << 16
MAX_SCRYPT_BYTES: Final = 1 << 30  # memory, 128 · n · r
MAX_SCRYPT_LANES: Final = 16  # p, at most; light files of geth have 6
MAX_ROUNDS: Final = 10_000_000  # of PBKDF2, some ten seconds
VERSION: Final = 3
_ADDRESS_DIGITS, _PRIVATE_BYTES = 40, 32
_OWNER_ONLY: Final = 0o600
_SEALED: Final = frozenset({"crypto", "Crypto"})


class AccountFileRefused(CodedError[Code]):
    """An account file that cannot be used; `code` says why."""

    CODE_IN_TEXT = True


def new_private_key(random: Callable[[int], bytes] = secrets.token_bytes) -> bytes:
    """Draw a private key of secp256k1."""
    while True:
        private = random(_PRIVATE_BYTES)
        if 0 < int.from_bytes(private, "big") < _ORDER:
            return private


def write_account(path: Path, private: bytes, passphrase: bytes, n: int = STANDARD_N) -> Address:
    """Write a private key to a new file with mode 0600 and return the account's address. `n`: scrypt's cost.

    Raises AccountFileRefused where the file exists: it is never overwritten.
    """
    document = Account.encrypt(private, passphrase, kdf="scrypt", iterations=n)  # type: ignore[arg-type] # bytes, too
    document["address"] = str(document["address"]).lower().removeprefix("0x")
    content = json.dumps(document, indent=2).encode() + b"\n"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, _OWNER_ONLY)
    except FileExistsError as error:
        raise AccountFileRefused(
            Code.ACCOUNT_FILE_EXISTS, f"{path}: exists already, and is not written over"
        ) from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return LocalAccount(private).address


def read_address(path: Path) -> Address:
    """Read the address that an account file states, without a passphrase. Raises AccountFileRefused, OSError."""
    document = _document(path)
    digits = str(document.get("address", "")).lower().removeprefix("0x")
    if len(digits) != _ADDRESS_DIGITS or not all(digit in "0123456789abcdef" for digit in digits):
        raise AccountFileRefused(Code.ACCOUNT_FILE_MALFORMED, f"{path}: /address: 40 hex digits expected")
    return Address(bytes.fromhex(digits))


def is_account_file(path: Path) -> bool:
    """Return whether a file has the form of an account, not of a keystore of ours. Raises OSError."""
    with path.open("rb") as file:
        content = file.read(MAX_FILE_BYTES + 1)
    try:
        document = read_json(content, max_bytes=MAX_FILE_BYTES)
    except JsonRefused:
        return False
    return isinstance(document, dict) and not _SEALED.isdisjoint(document)


def open_private_key(path: Path, passphrase: bytes) -> bytes:
    """Return the private key of an account file. Raises AccountFileRefused, OSError."""
    document, stated = _document(path), read_address(path)
    _check_cost(document, path)
    try:
        private = bytes(Account.decrypt(dict(document), passphrase))  # type: ignore[arg-type] # bytes, too
    except (ValueError, TypeError, KeyError, NotImplementedError) as error:
        if "MAC mismatch" in str(error):
            raise AccountFileRefused(
                Code.ACCOUNT_PASSPHRASE_WRONG, f"{path}: wrong passphrase, or the file was altered"
            ) from error
        raise AccountFileRefused(
            Code.ACCOUNT_FILE_MALFORMED, f"{path}: an account file of Web3 Secret Storage 3 expected"
        ) from error
    if len(private) != _PRIVATE_BYTES or not 0 < int.from_bytes(private, "big") < _ORDER:
        raise AccountFileRefused(Code.ACCOUNT_FILE_MALFORMED, f"{path}: a private key of secp256k1 expected")
    address = LocalAccount(private).address
    if address != stated:
        raise AccountFileRefused(
            Code.ACCOUNT_FILE_MALFORMED, f"{path}: /address: {to_hex(address)} expected, found {to_hex(stated)}"
        )
    return private


def open_account(path: Path, passphrase: bytes) -> LocalAccount:
    """Open the account of a file. Raises AccountFileRefused, OSError."""
    return LocalAccount(open_private_key(path, passphrase))


def _document(path: Path) -> Mapping[str, Any]:
    with path.open("rb") as file:
        content = file.read(MAX_FILE_BYTES + 1)
    try:
        document = read_json(content, max_bytes=MAX_FILE_BYTES)
    except JsonRefused as error:
        raise AccountFileRefused(Code.ACCOUNT_FILE_MALFORMED, f"{path}: {error}") from error
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise AccountFileRefused(
            Code.ACCOUNT_FILE_MALFORMED, f"{path}: an account file of Web3 Secret Storage 3 expected"
        )
    return document


def _check_cost(document: Mapping[str, Any], path: Path) -> None:
    crypto = next((document[name] for name in ("crypto", "Crypto") if name in document), None)
    parameters = crypto.get("kdfparams") if isinstance(crypto, dict) else None
    costs = parameters if isinstance(parameters, dict) else {}
    n, r, p, c = (costs.get(name, 1) for name in ("n", "r", "p", "c"))
    if not all(isinstance(cost, int) and cost > 0 for cost in (n, r, p, c)):
        raise AccountFileRefused(Code.ACCOUNT_FILE_MALFORMED, f"{path}: /crypto/kdfparams: whole numbers expected")
    if n > MOST_N or 128 * n * r > MAX_SCRYPT_BYTES or p > MAX_SCRYPT_LANES or c > MAX_ROUNDS:
        raise AccountFileRefused(
            Code.ACCOUNT_FILE_MALFORMED,
            f"{path}: /crypto/kdfparams: a smaller cost expected; it would stop the machine",
        )


_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
