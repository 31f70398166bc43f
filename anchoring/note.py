"""Signed notes and log checkpoints as C2SP writes them (c2sp.org/signed-note, c2sp.org/tlog-checkpoint).

A note is text, a blank line, and signature lines; its text says nothing until one of the reader's own keys has verified
it. A log's checkpoint is a note of origin, size and root, with two extension lines of ours that tie it to the chain:

    acredita-number <decimal>            the checkpoint's number in its epoch
    acredita-status-root <base64>        the status root anchored with it

Witnesses vouch for origin, size and root alone. Keys are Ed25519; who holds them is not known here.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from acredita.anchoring.checkpoint import MAX_NUMBER, MAX_SIZE, Checkpoint
from acredita.anchoring.types import HASH_BYTES, IssuerId, Root
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MAX_NOTE_BYTES: Final = 64 * 1024  # sixteen signatures and any text a log writes; a longer note is not read
NUMBER_LINE: Final = "acredita-number"
STATUS_LINE: Final = "acredita-status-root"

_ED25519_TYPE: Final = b"\x01"  # C2SP signed-note, signature types
_KEY_BYTES: Final = 32
_SIGNATURE_BYTES: Final = 64
_KEY_ID_BYTES: Final = 4
_DASH: Final = "\u2014 "  # em dash and a space begin every signature line
_NAME: Final = re.compile(r"[^\s+]+")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,15}")


class NoteRefused(Exception):
    """Not a note, or none that one of the reader's keys has signed."""


class NoteSigner(Protocol):
    """Holds an Ed25519 key."""

    def sign(self, data: bytes) -> bytes:
        """Sign `data`; the signature has the 64 bytes of RFC 8032."""


@dataclass(frozen=True)
class NoteKey:
    """A note's public key: a name without blanks or plus signs, and 32 bytes of Ed25519."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError("the name of a note key has no blanks and no plus sign")
        if len(self.public) != _KEY_BYTES:
            raise ValueError(f"an Ed25519 key has {_KEY_BYTES} bytes")

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys of one name apart (signed-note, Ed25519 signatures)."""
        named = self.name.encode() + b"\n" + _ED25519_TYPE + self.public
        return hashlib.sha256(named).digest()[:_KEY_ID_BYTES]

    def verifies(self, signature: bytes, text: bytes) -> bool:
        """Return True if this key made the signature over the text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            return False
        return True

    def to_text(self) -> str:
        """Return `<name>+<key id>+<base64 of type and key>`, as Go's note package and witnesses read it."""
        return f"{self.name}+{self.id.hex()}+{_base64(_ED25519_TYPE + self.public)}"


@dataclass(frozen=True)
class LogNote:
    """The checkpoint that a note states."""

    origin: str
    size: int
    root: Root
    number: int
    status_root: Root


def origin(host: str, issuer: IssuerId, epoch: int) -> str:
    """Return the name of a log, which is also its key's name: its address without the scheme."""
    return f"{host}/log/{issuer.hex()}/{epoch}"


def checkpoint_text(name: str, checkpoint: Checkpoint) -> str:
    """Return the text of a checkpoint's note (tlog-checkpoint, note text)."""
    lines = (
        name,
        str(checkpoint.size),
        _base64(checkpoint.root),
        f"{NUMBER_LINE} {checkpoint.number}",
        f"{STATUS_LINE} {_base64(checkpoint.status_root)}",
    )
    return "\n".join(lines) + "\n"


def sign_note(text: str, key: NoteKey, signer: NoteSigner) -> bytes:
    """Sign a text with one key and return the note."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise ValueError("the text of a note ends in a newline and holds no other control character")
    line = signature_line(key.name, key.id, signer.sign(text.encode()))
    return f"{text}\n{line}\n".encode()


def open_note(data: bytes, keys: Iterable[NoteKey]) -> str:
    """Return the text of a note that one of these keys signed. Raises NoteRefused where none did or one signed
    wrongly.
    """
    return verified_parts(data, keys)[0]


def verified_parts(data: bytes, keys: Iterable[NoteKey]) -> tuple[str, list[str]]:
    """Return the text of a note and the signature lines that verified. Raises NoteRefused as `open_note`."""
    text, lines = split_note(data)
    known = {(key.name, key.id): key for key in keys}
    verified: list[str] = []
    for line in lines:
        name, identifier, signature = signature_in(line)
        key = known.get((name, identifier))
        if key is None:
            continue  # signed-note: signatures of unknown keys are ignored
        if len(signature) != _SIGNATURE_BYTES or not key.verifies(signature, text.encode()):
            raise NoteRefused(f"the signature of {name} does not verify")
        verified.append(line)
    if not verified:
        raise NoteRefused("no known key has signed the note")
    return text, verified


def parse_checkpoint_text(text: str) -> LogNote:
    """Parse a note's text with exactly our two extension lines. Raises NoteRefused."""
    lines = text.split("\n")
    if len(lines) != 6 or lines[5]:
        raise NoteRefused("five lines expected")
    name, size, root, number, status_root = lines[:5]
    if not name:
        raise NoteRefused("an origin expected")
    return LogNote(
        origin=name,
        size=_decimal(size, MAX_SIZE),
        root=_hash(root),
        number=_decimal(_after(number, NUMBER_LINE), MAX_NUMBER),
        status_root=_hash(_after(status_root, STATUS_LINE)),
    )


def signature_line(name: str, identifier: bytes, signature: bytes) -> str:
    """Return a signature line without its newline (signed-note, Format)."""
    return f"{_DASH}{name} {_base64(identifier + signature)}"


def split_note(data: bytes) -> tuple[str, list[str]]:
    """Split a note into its text and its signature lines, of which none is verified. Raises NoteRefused."""
    if len(data) > MAX_NOTE_BYTES:
        raise NoteRefused(f"at most {MAX_NOTE_BYTES} bytes expected")
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise NoteRefused("UTF-8 expected") from None
    text, separator, signatures = whole.rpartition("\n\n")
    if _CONTROL.search(whole) or not (text and separator and signatures.endswith("\n")):
        raise NoteRefused("a text, a blank line and signature lines expected")
    return text + "\n", signatures[:-1].split("\n")


def signature_in(line: str) -> tuple[str, bytes, bytes]:
    """Return name, key id and signature of a line. Raises NoteRefused."""
    name, separator, encoded = line.removeprefix(_DASH).partition(" ")
    if not (line.startswith(_DASH) and separator and _NAME.fullmatch(name)):
        raise NoteRefused("a signature line expected")
    data = _decoded(encoded)
    if len(data) <= _KEY_ID_BYTES:
        raise NoteRefused("a key id and a signature expected")
    return name, data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:]


def _after(line: str, key: str) -> str:
    if not line.startswith(key + " "):
        raise NoteRefused(f"a line {key} expected")
    return line.removeprefix(key + " ")


def _decimal(text: str, most: int) -> int:
    if not _DECIMAL.fullmatch(text) or int(text) > most:
        raise NoteRefused(f"a decimal of at most {most} expected")
    return int(text)


def _hash(text: str) -> Root:
    data = _decoded(text)
    if len(data) != HASH_BYTES:
        raise NoteRefused(f"base64 of {HASH_BYTES} bytes expected")
    return Root(data)


def _decoded(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise NoteRefused("base64 expected") from None
    if _base64(data) != text:  # one value, one spelling
        raise NoteRefused("base64 in its one spelling expected")
    return data


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
