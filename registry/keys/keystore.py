"""Keep every private key of an institution in one encrypted file.

scrypt makes the passphrase expensive to guess. AES-256-GCM seals the whole content, with the header as associated data
so that the cost cannot be edited down. A change is on disk, whole, before the call returns: new file, fsync, rename,
fsync of the folder. Two programs that change one keystore do not lose each other's keys. A program that only reads
always reads a whole file, the old or the new (`refresh`). Private keys are used through `Signer`, `LocalAccount` and a
few calls here, so that a hardware module can replace them. Python cannot wipe memory: a reader of this process's memory
has the keys.

Keys of one purpose that follow each other are a family: `assertion`, `assertion-2`, `assertion-3`, the newest last.
"""

import fcntl
import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from acredita.anchoring.transaction import LocalAccount
from acredita.registry.json_documents.jcs import jcs
from acredita.registry.keys.scrypt_cost import LEAST_N, MOST_N, PRODUCTION_N
from acredita.registry.keys.signer import PrivateKeySigner, Signer
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT: Final = "acredita-keystore/1"
_R, _P = 8, 1
MAX_FILE_BYTES: Final = 1 << 20  # bytes; a key takes 150
SALT_BYTES: Final = 16
NONCE_BYTES: Final = 12  # random for each write: a keystore is written far fewer than 2^32 times under one key
SECRET_BYTES: Final = 32

Random = Callable[[int], bytes]


class KeystoreError(Exception):
    """The keystore cannot be used as requested; nothing was changed."""


class WrongPassphraseError(KeystoreError):
    """The passphrase does not open the file, or the file was altered: the seal cannot distinguish these."""


class KeystoreMalformedError(KeystoreError):
    """The file is not a keystore, or its scrypt cost is outside the limits."""


class KeystoreChangedError(KeystoreError):
    """Another program has written the file since it was opened: open it again."""


class KeystoreEntryError(KeystoreError):
    """The key does not exist, exists already, or has another purpose than the call needs."""


class KeystorePurpose(StrEnum):
    """The purposes of keys; a key is used for its own purpose only."""

    ASSERTION = "assertion"  # signs credentials and status lists
    NOTE = "note"  # signs the log's checkpoints
    TRUST = "trust"  # signs trust files
    AUDIT = "audit"  # signs the reports of an audit
    WITNESS = "witness"  # cosigns checkpoints of logs
    ANCHORING = "anchoring"  # hot account: anchors, nothing else
    CONTROL = "control"  # cold account: adds and ends keys and accounts
    IDEMPOTENCY = "idempotency"  # HMAC over learners' identifiers
    DATA = "data"  # wraps the data key of each credential


class KeyAlgorithm(StrEnum):
    """Algorithms of private keys."""

    ED25519 = "ed25519"
    P256 = "p256"
    P384 = "p384"
    SECP256K1 = "secp256k1"
    SECRET = "secret"


class KeyState(StrEnum):
    """States of a key as its own institution knows them. Only the ledger decides whether a key is valid."""

    PENDING = "pending"  # its rotation is not finished; the next rotation continues with this key
    IN_USE = "in_use"
    ENDED = "ended"  # signs nothing any more; its signatures stay good
    COMPROMISED = "compromised"  # others had it, as far as its own institution knows


ALLOWED: Final[Mapping[KeystorePurpose, tuple[KeyAlgorithm, ...]]] = {
    KeystorePurpose.ASSERTION: (KeyAlgorithm.ED25519, KeyAlgorithm.P256, KeyAlgorithm.P384),
    KeystorePurpose.NOTE: (KeyAlgorithm.ED25519,),
    KeystorePurpose.TRUST: (KeyAlgorithm.ED25519,),
    KeystorePurpose.AUDIT: (KeyAlgorithm.ED25519,),
    KeystorePurpose.WITNESS: (KeyAlgorithm.ED25519,),
    KeystorePurpose.ANCHORING: (KeyAlgorithm.SECP256K1,),
    KeystorePurpose.CONTROL: (KeyAlgorithm.SECP256K1,),
    KeystorePurpose.IDEMPOTENCY: (KeyAlgorithm.SECRET,),
    KeystorePurpose.DATA: (KeyAlgorithm.SECRET,),
}
_SIGNING: Final = (
    KeystorePurpose.ASSERTION,
    KeystorePurpose.NOTE,
    KeystorePurpose.TRUST,
    KeystorePurpose.AUDIT,
    KeystorePurpose.WITNESS,
)
_CURVES: Final[Mapping[KeyAlgorithm, Callable[[], ec.EllipticCurve]]] = {
    KeyAlgorithm.P256: ec.SECP256R1,
    KeyAlgorithm.P384: ec.SECP384R1,
    KeyAlgorithm.SECP256K1: ec.SECP256K1,
}
_PRIVATE_BYTES: Final[Mapping[KeyAlgorithm, int]] = {
    KeyAlgorithm.ED25519: 32,
    KeyAlgorithm.P256: 32,
    KeyAlgorithm.P384: 48,
    KeyAlgorithm.SECP256K1: 32,
    KeyAlgorithm.SECRET: SECRET_BYTES,
}


@dataclass(frozen=True)
class Key:
    """One key. The private part is left out of `repr`, so that no log line can hold it.

    `retire_after`: Unix seconds at which the overlap with its successor is over, None where it has no successor.
    """

    name: str
    purpose: KeystorePurpose
    algorithm: KeyAlgorithm
    private: bytes = field(repr=False)
    state: KeyState = KeyState.IN_USE
    retire_after: int | None = None


@dataclass(frozen=True)
class _Seal:
    """scrypt's parameters and the key derived with them."""

    n: int
    salt: bytes
    key: bytes = field(repr=False)

    def header(self) -> dict[str, Any]:
        kdf = {"name": "scrypt", "n": self.n, "r": _R, "p": _P, "salt": "0x" + self.salt.hex()}
        return {"format": FORMAT, "kdf": kdf}


class Keystore:
    """An open keystore. Use `create` or `open`; every change is durable when the call returns."""

    def __init__(self, path: Path, seal: _Seal, keys: Mapping[str, Key], written: bytes, random: Random) -> None:
        self._path = path
        self._seal = seal
        self._keys = dict(keys)
        self._written = written
        self._stamp: _Stamp | None = None
        self._random = random

    @classmethod
    def create(
        cls, path: Path, passphrase: bytes, *, n: int = PRODUCTION_N, random: Random = secrets.token_bytes
    ) -> "Keystore":
        """Create a new, empty keystore. `n`: scrypt cost, a power of two.

        Raises KeystoreError where the file exists: it is never overwritten.
        """
        _check_n(n, 2)
        salt = random(SALT_BYTES)
        store = cls(path, _Seal(n, salt, _derive(passphrase, salt, n)), {}, b"", random)
        with _locked(path):
            if path.exists():
                raise KeystoreError(f"{path}: exists already, and is not written over")
            store._write({})
        return store

    @classmethod
    def open(
        cls, path: Path, passphrase: bytes, *, least_n: int = LEAST_N, random: Random = secrets.token_bytes
    ) -> "Keystore":
        """Open the keystore in a file. Only tests lower `least_n`.

        Raises WrongPassphraseError or KeystoreMalformedError.
        """
        stamp = _stamp(path)  # before the content, so that the next refresh sees a write in between
        content = _read(path)
        document = _document(content, path)
        n, salt = document["kdf"]["n"], bytes.fromhex(document["kdf"]["salt"][2:])
        _check_n(n, least_n)
        seal = _Seal(n, salt, _derive(passphrase, salt, n))
        store = cls(path, seal, _unseal(document, seal, path), content, random)
        store._stamp = stamp
        return store

    def family(self, name: str) -> tuple[Key, ...]:
        """Return the key `name` and those that followed it (`name-2`, `name-3`, …), the newest last."""
        by_number = {_number_in_family(key.name, name): key for key in self._keys.values()}
        return tuple(by_number[number] for number in sorted(number for number in by_number if number is not None))

    def refresh(self) -> bool:
        """Read again a file that another program has written since. Returns False where the file is unchanged.

        It needs no passphrase, because the file stays sealed under the same key. Raises KeystoreChangedError where it
        does not.
        """
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return False
        content = _read(self._path)
        document = _document(content, self._path)
        if document["kdf"] != self._seal.header()["kdf"]:
            raise KeystoreChangedError(f"{self._path}: sealed anew under another passphrase; open it again")
        self._keys, self._written = _unseal(document, self._seal, self._path), content
        self._stamp = stamp
        return True

    def generate(
        self,
        name: str,
        purpose: KeystorePurpose,
        algorithm: KeyAlgorithm | None = None,
        *,
        state: KeyState = KeyState.IN_USE,
    ) -> Key:
        """Generate a random key, on disk when this returns. `algorithm`: by default the purpose's first."""
        chosen = algorithm or ALLOWED[purpose][0]
        return self.add(name, purpose, chosen, _new_private(chosen, self._random), state=state)

    def mark(self, name: str, *, state: KeyState, retire_after: int | None = None) -> Key:
        """Record a new state of a key, on disk when this returns.

        An ended key can only become compromised; a compromised key stays so. Raises KeystoreEntryError.
        """
        key = self._keys.get(name)
        if key is None:
            raise KeystoreEntryError(f"{name}: no such key in {self._path}")
        marked = replace(key, state=state, retire_after=retire_after)
        if marked != key and state not in _AFTER[key.state]:
            raise KeystoreEntryError(f"{name}: a key that is {key.state} does not become {state}")
        if marked != key:
            self._change(marked)
        return marked

    def add(
        self,
        name: str,
        purpose: KeystorePurpose,
        algorithm: KeyAlgorithm,
        private: bytes,
        *,
        state: KeyState = KeyState.IN_USE,
    ) -> Key:
        """Add a private key: 32 bytes, 48 for P-384; big-endian for the curves, the seed for Ed25519.

        Raises KeystoreEntryError.
        """
        if name in self._keys or not name:
            raise KeystoreEntryError(f"{name}: a name not yet in the keystore expected")
        if algorithm not in ALLOWED[purpose]:
            raise KeystoreEntryError(f"{name}: {purpose} keys are {' or '.join(ALLOWED[purpose])}, not {algorithm}")
        key = Key(name, purpose, algorithm, private, state)
        _check_private(key)
        self._change(key)
        return key

    def signer(self, name: str) -> Signer:
        """Return the signer of an assertion, note, trust, audit or witness key."""
        key = self._key(name, *_SIGNING)
        if key.algorithm is KeyAlgorithm.ED25519:
            return PrivateKeySigner.of(ed25519.Ed25519PrivateKey.from_private_bytes(key.private))
        return PrivateKeySigner.of(_curve_key(key))

    def account(self, name: str) -> LocalAccount:
        """Return the ledger account of an anchoring or control key."""
        return LocalAccount(self._key(name, KeystorePurpose.ANCHORING, KeystorePurpose.CONTROL).private)

    def export_account(self, name: str) -> bytes:
        """Return the private key of an anchoring or control account, to be written to a file of its own."""
        return self._key(name, KeystorePurpose.ANCHORING, KeystorePurpose.CONTROL).private

    def mac(self, name: str, message: bytes) -> bytes:
        """Compute HMAC-SHA-256 under an idempotency key."""
        return hmac.digest(self._key(name, KeystorePurpose.IDEMPOTENCY).private, message, hashlib.sha256)

    def wrap(self, name: str, secret: bytes, context: bytes) -> bytes:
        """Seal a data key under the master key; it opens only with the same context."""
        nonce = self._random(NONCE_BYTES)
        return nonce + AESGCM(self._key(name, KeystorePurpose.DATA).private).encrypt(nonce, secret, context)

    def unwrap(self, name: str, wrapped: bytes, context: bytes) -> bytes:
        """Open the data key that `wrap` sealed.

        Raises KeystoreError where key, bytes or context are not those of the wrapping.
        """
        master = AESGCM(self._key(name, KeystorePurpose.DATA).private)
        try:
            return master.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context)
        except (InvalidTag, ValueError):
            raise KeystoreError(f"{name}: a wrapped key of this master key and context expected") from None

    def _key(self, name: str, *purposes: KeystorePurpose) -> Key:
        if name not in self._keys:
            raise KeystoreEntryError(f"{name}: no such key in {self._path}")
        key = self._keys[name]
        if key.purpose not in purposes:
            raise KeystoreEntryError(
                f"{name}: a key for {' or '.join(purposes)} expected, this one is for {key.purpose}"
            )
        return key

    def _change(self, key: Key) -> None:
        with _locked(self._path):
            if _read(self._path) != self._written:
                raise KeystoreChangedError(f"{self._path}: changed by another program; open it again")
            self._write(self._keys | {key.name: key})

    def _write(self, keys: Mapping[str, Key]) -> None:
        """Seal and replace the file; memory changes only after the disk has."""
        content = _sealed(keys, self._seal, self._random(NONCE_BYTES))
        _replace(self._path, content)
        self._keys, self._written, self._stamp = dict(keys), content, _stamp(self._path)


# --- the file ---


def _sealed(keys: Mapping[str, Key], seal: _Seal, nonce: bytes) -> bytes:
    rows = [_row(key) for key in keys.values()]
    header = seal.header()
    ciphertext = AESGCM(seal.key).encrypt(nonce, jcs({"keys": rows}), jcs(header))
    return jcs(header | {"nonce": "0x" + nonce.hex(), "ciphertext": "0x" + ciphertext.hex()}) + b"\n"


def _unseal(document: Mapping[str, Any], seal: _Seal, path: Path) -> dict[str, Key]:
    nonce, ciphertext = (bytes.fromhex(document[name][2:]) for name in ("nonce", "ciphertext"))
    try:
        plain = AESGCM(seal.key).decrypt(nonce, ciphertext, jcs(seal.header()))
    except InvalidTag:
        raise WrongPassphraseError(f"{path}: wrong passphrase, or the file was altered") from None
    rows = json.loads(plain)["keys"]
    return {row["name"]: _key_of(row) for row in rows}


def _row(key: Key) -> dict[str, Any]:
    """Return a key as the file holds it; default values are left out."""
    row: dict[str, Any] = {
        "name": key.name,
        "purpose": key.purpose,
        "algorithm": key.algorithm,
        "private": "0x" + key.private.hex(),
    }
    if key.state is not KeyState.IN_USE:
        row["state"] = key.state
    return row if key.retire_after is None else row | {"retire_after": key.retire_after}


def _key_of(row: Mapping[str, Any]) -> Key:
    private = bytes.fromhex(row["private"][2:])
    state = KeyState(row.get("state", KeyState.IN_USE))
    return Key(
        row["name"],
        KeystorePurpose(row["purpose"]),
        KeyAlgorithm(row["algorithm"]),
        private,
        state,
        row.get("retire_after"),
    )


def _number_in_family(name: str, family: str) -> int | None:
    """Return 1 for `family`, n for `family-n`, None for any other name."""
    if name == family:
        return 1
    match = _FOLLOWING.fullmatch(name.removeprefix(family)) if name.startswith(family) else None
    return int(match[1]) if match else None


_AFTER: Final[Mapping[KeyState, tuple[KeyState, ...]]] = {
    KeyState.PENDING: tuple(KeyState),
    KeyState.IN_USE: (KeyState.IN_USE, KeyState.ENDED, KeyState.COMPROMISED),
    KeyState.ENDED: (KeyState.COMPROMISED,),
    KeyState.COMPROMISED: (),
}
_FOLLOWING: Final = re.compile("-([2-9]|[1-9][0-9]{1,5})")
_Stamp = tuple[int, int, int]


def _stamp(path: Path) -> _Stamp:
    """Identify one writing of the file: each writing makes a new file."""
    status = path.stat()
    return status.st_ino, status.st_mtime_ns, status.st_size


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise KeystoreMalformedError(f"{path}: at most {MAX_FILE_BYTES} bytes expected")
    return content


def _document(content: bytes, path: Path) -> dict[str, Any]:
    try:
        document = json.loads(content)
        header = _Seal(document["kdf"]["n"], bytes.fromhex(document["kdf"]["salt"][2:]), b"").header()
        whole = {"nonce": document["nonce"], "ciphertext": document["ciphertext"]}
        sizes_fit = len(bytes.fromhex(whole["nonce"][2:])) == NONCE_BYTES and bytes.fromhex(whole["ciphertext"][2:])
    except (ValueError, KeyError, TypeError):
        raise KeystoreMalformedError(f"{path}: not a keystore") from None
    if document != header | whole or not sizes_fit:
        raise KeystoreMalformedError(f"{path}: not a keystore of format {FORMAT}")
    return header | whole


def _check_n(n: object, least: int) -> None:
    if not isinstance(n, int) or n & (n - 1) or not least <= n <= MOST_N:
        raise KeystoreMalformedError(f"scrypt N: a power of two from {least} to {MOST_N} expected")


def _derive(passphrase: bytes, salt: bytes, n: int) -> bytes:
    if not passphrase:
        raise KeystoreError("an empty passphrase protects nothing")
    # OpenSSL counts 128·N·r bytes and a little; the default limit of 32 MiB is below the production cost.
    return hashlib.scrypt(passphrase, salt=salt, n=n, r=_R, p=_P, dklen=32, maxmem=128 * n * _R + (1 << 20))


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)  # a crash before this line leaves the old file
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Allow one writer at a time; the lock ends with the process."""
    descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


# --- private keys ---


def _new_private(algorithm: KeyAlgorithm, random: Random) -> bytes:
    while True:
        private = random(_PRIVATE_BYTES[algorithm])
        if algorithm not in _CURVES or _is_scalar(algorithm, private):
            return private


def _is_scalar(algorithm: KeyAlgorithm, private: bytes) -> bool:
    try:
        ec.derive_private_key(int.from_bytes(private, "big"), _CURVES[algorithm]())
    except ValueError:
        return False
    return True


def _check_private(key: Key) -> None:
    if len(key.private) != _PRIVATE_BYTES[key.algorithm]:
        raise KeystoreEntryError(f"{key.name}: {_PRIVATE_BYTES[key.algorithm]} bytes expected for {key.algorithm}")
    if key.algorithm in _CURVES and not _is_scalar(key.algorithm, key.private):
        raise KeystoreEntryError(f"{key.name}: not a private key of {key.algorithm}")


def _curve_key(key: Key) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(key.private, "big"), _CURVES[key.algorithm]())
