"""Cosignatures of checkpoints as C2SP writes them (c2sp.org/tlog-cosignature, cosignature/v1 with Ed25519).

A cosignature states: at this moment the largest consistent tree that the witness has seen of the log has this root. It
covers the whole text of the note. Of our two extension lines it states nothing, unless the witness's operator says so.

The key id has the type byte 0x04, so a line never passes for a signature of the log itself.
"""

import base64
import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from acredita.anchoring.note import (
    NoteKey,
    NoteRefused,
    NoteSigner,
    signature_in,
    signature_line,
    split_note,
    verified_parts,
)
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

COSIGNATURE_HEADER: Final = "cosignature/v1"
MAX_NAME_CHARACTERS: Final = 255

_TYPE: Final = b"\x04"  # signed-note, signature types: timestamped Ed25519 witness cosignatures
_TIME: Final = struct.Struct(">Q")
_SIGNATURE_BYTES: Final = 64


@dataclass(frozen=True)
class WitnessKey:
    """The public key of a witness: a name, which is an address without its scheme, and 32 bytes of Ed25519."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        NoteKey(self.name, self.public)  # the same rules
        if len(self.name) > MAX_NAME_CHARACTERS:
            raise ValueError(f"a name of at most {MAX_NAME_CHARACTERS} characters expected")

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys of one name apart (tlog-cosignature, Format)."""
        return hashlib.sha256(self.name.encode() + b"\n" + _TYPE + self.public).digest()[:4]

    def to_text(self) -> str:
        """Return `<name>+<key id>+<base64 of type and key>`, as Go's note package and other readers take it."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_TYPE + self.public).decode('ascii')}"


def cosign(data: bytes, log_keys: Iterable[NoteKey], key: WitnessKey, signer: NoteSigner, time: int) -> bytes:
    """Return the note with a cosignature. Of its lines only those of `log_keys` are kept. `time`: Unix seconds.

    Raises NoteRefused where none of `log_keys` has signed it.
    """
    text, lines = verified_parts(data, log_keys)
    signature = signer.sign(_message(text, time))
    lines.append(signature_line(key.name, key.id, _TIME.pack(time) + signature))
    return (text + "\n" + "".join(f"{line}\n" for line in lines)).encode()


def cosigned_at(data: bytes, key: WitnessKey) -> int:
    """Return when a witness cosigned a note, in Unix seconds. Raises NoteRefused where it did not."""
    text, lines = split_note(data)
    for name, identifier, signature in map(signature_in, lines):
        if (name, identifier) != (key.name, key.id):
            continue
        if len(signature) != _TIME.size + _SIGNATURE_BYTES:
            raise NoteRefused("a cosignature of 72 bytes expected")
        [time] = _TIME.unpack_from(signature)
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature[_TIME.size :], _message(text, time))
        except InvalidSignature:
            raise NoteRefused(f"the cosignature of {name} does not verify") from None
        return int(time)
    raise NoteRefused("the witness has not cosigned the note")


def _message(text: str, time: int) -> bytes:
    """Return the bytes that a witness signs (tlog-cosignature, Ed25519 signed message)."""
    return f"{COSIGNATURE_HEADER}\ntime {time}\n{text}".encode()
