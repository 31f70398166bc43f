"""Signed notes and checkpoints against published figures, and every way to break one."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest
from acredita.anchoring.checkpoint import Checkpoint
from acredita.anchoring.note import (
    LogNote,
    NoteKey,
    NoteRefused,
    checkpoint_text,
    open_note,
    origin,
    parse_checkpoint_text,
    sign_note,
)
from acredita.anchoring.types import IssuerId, Root, Word
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

PRIVATE = Ed25519PrivateKey.from_private_bytes(b"\x11" * 32)
ISSUER = IssuerId(b"\x15" * 32)
NAME = origin("nodo.example:8443", ISSUER, 2)
KEY = NoteKey(NAME, PRIVATE.public_key().public_bytes_raw())
CHECKPOINT = Checkpoint(1, 7, 3, 12, Root(b"\xaa" * 32), Root(b"\xbb" * 32), 1_767_225_600, Word(b"\xcc" * 32))


def note() -> bytes:
    return sign_note(checkpoint_text(NAME, CHECKPOINT), KEY, PRIVATE)


def test_a_published_note_opens_under_its_published_key(figures: Path) -> None:
    found = json.loads((figures / "signed_note.json").read_text(encoding="utf-8"))
    name, identifier, encoded = found["key"].split("+", 2)
    key = NoteKey(name, base64.b64decode(encoded)[1:])
    assert (key.id.hex(), key.to_text()) == (identifier, found["key"])
    assert open_note(found["note"].encode(), [key]) == found["text"]


def test_a_checkpoint_as_the_text_has_it() -> None:
    assert note().decode() == (
        f"nodo.example:8443/log/{ISSUER.hex()}/2\n"
        "12\n"
        "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=\n"
        "acredita-number 7\n"
        "acredita-status-root u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7s=\n"
        "\n"
        f"\u2014 {NAME} {_signature()}\n"
    )


def _signature() -> str:
    text = checkpoint_text(NAME, CHECKPOINT).encode()
    return base64.b64encode(KEY.id + PRIVATE.sign(text)).decode()


def test_reading_gives_what_was_written() -> None:
    assert parse_checkpoint_text(open_note(note(), [KEY])) == LogNote(
        NAME, 12, CHECKPOINT.root, 7, CHECKPOINT.status_root
    )


def test_one_flipped_bit_anywhere_is_refused() -> None:
    data = note()
    for place in range(len(data)):
        broken = bytes([*data[:place], data[place] ^ 1, *data[place + 1 :]])
        with pytest.raises(NoteRefused):
            open_note(broken, [KEY])


def test_signatures_of_unknown_keys_are_ignored_and_wrong_ones_of_known_keys_are_not() -> None:
    other = Ed25519PrivateKey.from_private_bytes(b"\x12" * 32)
    witness = NoteKey("witness.example", other.public_key().public_bytes_raw())
    text = checkpoint_text(NAME, CHECKPOINT)
    cosigned = note() + sign_note(text, witness, other)[len(text.encode()) + 1 :]
    assert open_note(cosigned, [KEY]) == open_note(cosigned, [witness]) == text
    forged = note() + sign_note(text, witness, PRIVATE)[len(text.encode()) + 1 :]
    with pytest.raises(NoteRefused):
        open_note(forged, [KEY, witness])
    with pytest.raises(NoteRefused, match="no known key"):
        open_note(note(), [replace(KEY, name="another.example")])
    with pytest.raises(NoteRefused, match="no known key"):
        open_note(note(), [])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"text\n",
        b"text\n\n\xff",
        b"te\rxt\n\n" + "\u2014 a AAAAAAA=\n".encode(),
        "text\n\n\u2014 a AAAAA\n".encode(),
        "text\n\n\u2014 a AAAA\n".encode(),
        "text\n\n\u2014 a b AAAAAAA=\n".encode(),
        b"text\n\n- a AAAAAAA=\n",
        b"x" * (64 * 1024 + 1),
    ],
)
def test_what_is_no_note(data: bytes) -> None:
    with pytest.raises(NoteRefused):
        open_note(data, [KEY])


@pytest.mark.parametrize(
    "change",
    [
        ("12\n", "012\n"),
        ("12\n", "-1\n"),
        ("12\n", f"{1 << 60}\n"),
        ("acredita-number 7", "acredita-number +7"),
        ("acredita-number 7", "number 7"),
        ("qqqq", "qqq"),
        ("qqo=", "qqp="),
        ("acredita-number 7\n", "acredita-number 7\nmore\n"),
        (NAME, ""),
    ],
)
def test_what_is_no_checkpoint(change: tuple[str, str]) -> None:
    text = checkpoint_text(NAME, CHECKPOINT)
    assert change[0] in text
    with pytest.raises(NoteRefused):
        parse_checkpoint_text(text.replace(*change, 1))


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\tb", "a\u2003b"])
def test_names_a_key_cannot_have(name: str) -> None:
    with pytest.raises(ValueError):
        NoteKey(name, KEY.public)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for whole in (data, data + b"\n\n\xe2\x80\x94 a AAAAAAAA\n"):
        with pytest.raises(NoteRefused):
            open_note(whole, [KEY])
