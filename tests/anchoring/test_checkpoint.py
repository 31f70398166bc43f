"""Checkpoints fit the contract's words, and nothing that does not fit becomes one."""

import dataclasses

import pytest
from acredita.anchoring.checkpoint import FIRST_HEAD, Checkpoint, Head, opening, unpack_head
from acredita.anchoring.types import LogId, Root, Word
from hypothesis import given, settings
from hypothesis import strategies as st

CHECKPOINT = Checkpoint(1, 2, 3, 4, Root(b"\x01" * 32), Root(b"\x02" * 32), 5, Word(b"\x03" * 32))
HEADS = st.builds(
    Head,
    st.integers(1, 2**16 - 1),
    st.integers(0, 2**40 - 1),
    st.integers(1, 2**48 - 1),
    st.integers(0, 2**40 - 1),
)


@given(HEADS)
@settings(derandomize=True, max_examples=200)
def test_a_packed_head_is_unpacked(head: Head) -> None:
    packed = head.epoch << 128 | head.number << 88 | head.size << 40 | head.time  # as the contract stores it
    assert unpack_head(packed) == head


def test_an_empty_slot_is_an_epoch_nobody_has_extended() -> None:
    assert unpack_head(0) == FIRST_HEAD == Head(1, 0, 1, 0)


@pytest.mark.parametrize("packed", [-1, 1, (1 << 128) - 1, 1 << 144])
def test_no_head(packed: int) -> None:
    with pytest.raises(ValueError, match="144 bits"):
        unpack_head(packed)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", 256),
        ("number", 1 << 40),
        ("old_size", 1 << 48),
        ("size", 1 << 48),
        ("time", 1 << 40),
        ("size", -1),
        ("root", bytes(31)),
        ("status_root", bytes(33)),
        ("previous", b""),
    ],
)
def test_what_does_not_fit_is_no_checkpoint(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        dataclasses.replace(CHECKPOINT, **{field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", 2),
        ("number", 3),
        ("old_size", 2),
        ("size", 5),
        ("time", 6),
        ("root", Root(bytes(32))),
        ("status_root", Root(bytes(32))),
        ("previous", Word(bytes(32))),
    ],
)
def test_the_word_is_bound_to_every_field(field: str, value: object) -> None:
    assert dataclasses.replace(CHECKPOINT, **{field: value}).word() != CHECKPOINT.word()


def test_checkpoint_0_is_bound_to_its_log() -> None:
    assert opening(LogId(bytes(32))).word() != opening(LogId(b"\x01" * 32)).word()
