"""Entries have one encoding, and what is no entry of version 1 stops its reader."""

import pytest
from acredita.anchoring.entries import (
    ENTRY_BYTES,
    NO_POSITION,
    Entry,
    EntryKind,
    EntryRefused,
    decode,
    encode,
    issued,
    log_id,
    opened,
    position_of,
    status_change,
)
from acredita.anchoring.types import Address, Digest, IssuerId, LogId
from hypothesis import given, settings
from hypothesis import strategies as st

HASHES = st.binary(min_size=32, max_size=32).map(Digest)
STATUS_KINDS = st.sampled_from([kind for kind in EntryKind if kind.changes_status])
ENTRIES = st.one_of(
    st.builds(issued, HASHES, HASHES),
    st.builds(lambda value: opened(LogId(value)), HASHES),
    st.builds(status_change, STATUS_KINDS, st.integers(0, NO_POSITION - 1)),
)


@given(ENTRIES)
@settings(derandomize=True, max_examples=200)
def test_what_is_encoded_is_decoded(entry: Entry) -> None:
    assert len(encode(entry)) == ENTRY_BYTES
    assert decode(encode(entry)) == entry


@given(st.binary(min_size=ENTRY_BYTES, max_size=ENTRY_BYTES), st.integers(0, 6), st.booleans())
@settings(derandomize=True, max_examples=300)
def test_what_is_decoded_is_encoded_the_same(noise: bytes, kind: int, bare: bool) -> None:
    tail = bytes(64) if bare else noise[6:]
    data = bytes((1, kind)) + (noise[2:6] if kind > 1 else b"\xff" * 4) + tail
    try:
        entry = decode(data)
    except EntryRefused:
        return
    assert encode(entry) == data


CHANGE = bytes((1, 2)) + (7).to_bytes(4, "big") + bytes(64)
ISSUED = bytes((1, 1)) + b"\xff" * 4 + b"\xd1" * 32 + b"\xe2" * 32
OPENED = bytes((1, 0)) + b"\xff" * 4 + b"\xd1" * 32 + bytes(32)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(CHANGE[:-1], id="too_short"),
        pytest.param(CHANGE + b"\x00", id="too_long"),
        pytest.param(b"\x00" + CHANGE[1:], id="version_0"),
        pytest.param(b"\x02" + CHANGE[1:], id="version_2"),
        pytest.param(bytes((1, 6)) + CHANGE[2:], id="kind_6"),
        pytest.param(CHANGE[:2] + b"\xff" * 4 + CHANGE[6:], id="change_without_position"),
        pytest.param(CHANGE[:6] + b"\x01" + CHANGE[7:], id="change_with_digest"),
        pytest.param(CHANGE[:-1] + b"\x01", id="change_with_programme"),
        pytest.param(ISSUED[:2] + bytes(4) + ISSUED[6:], id="issued_with_position"),
        pytest.param(OPENED[:2] + bytes(4) + OPENED[6:], id="opened_with_position"),
        pytest.param(OPENED[:-1] + b"\x01", id="opened_with_programme"),
    ],
)
def test_no_entry(data: bytes) -> None:
    with pytest.raises(EntryRefused):
        decode(data)


def test_the_three_bases_of_these_cases_are_entries() -> None:
    assert [decode(data).kind for data in (CHANGE, ISSUED, OPENED)] == [2, 1, 0]


def test_positions_fill_four_bytes_but_for_the_last() -> None:
    assert position_of(3, 5) == 3 * 2**17 + 5
    assert position_of(2**15 - 1, 2**17 - 2) == NO_POSITION - 1
    for list_number, index in ((2**15 - 1, 2**17 - 1), (2**15, 0), (0, 2**17), (-1, 0), (0, -1)):
        with pytest.raises(EntryRefused):
            position_of(list_number, index)


def test_issuing_is_no_status_change() -> None:
    with pytest.raises(EntryRefused):
        status_change(EntryKind.ISSUED, 0)


def test_a_log_id_is_bound_to_each_of_its_parts() -> None:
    contract, issuer = Address(b"\xc0" * 20), IssuerId(b"\x15" * 32)
    ids = {
        log_id(31337, contract, issuer, 1),
        log_id(31338, contract, issuer, 1),
        log_id(31337, Address(b"\xc1" * 20), issuer, 1),
        log_id(31337, contract, IssuerId(b"\x16" * 32), 1),
        log_id(31337, contract, issuer, 2),
    }
    assert len(ids) == 5
