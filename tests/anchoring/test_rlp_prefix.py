"""Prefixes of RLP items are read and written as the rlp package reads and writes them."""

import pytest
from acredita.anchoring.rlp_prefix import read_prefix, write_prefix
from hypothesis import given, settings
from hypothesis import strategies as st
from rlp.codec import consume_length_prefix, length_prefix
from rlp.exceptions import DecodingError

# A first byte of every kind, then bytes near the limits: zeros, 55 and 56, 127 and 128, or any.
REST = st.lists(st.one_of(st.sampled_from([0, 1, 55, 56, 127, 128, 255]), st.integers(0, 255)), max_size=10)


@given(st.one_of(st.just(0x81), st.integers(0, 255)), REST, st.binary(max_size=3))
@settings(max_examples=2_000, derandomize=True, deadline=None)
def test_a_prefix_is_read_as_the_package_reads_it(first: int, rest: list[int], before: bytes) -> None:
    encoded = before + bytes([first, *rest])
    try:
        _, kind, length, start = consume_length_prefix(encoded, len(before))
    except (DecodingError, IndexError):
        with pytest.raises(ValueError):
            read_prefix(encoded, len(before))
    else:
        assert read_prefix(encoded, len(before)) == (kind is list, length, start)


@given(st.one_of(st.integers(0, 300), st.integers(0, 2**64 - 1)), st.booleans())
@settings(max_examples=300, derandomize=True, deadline=None)
def test_a_prefix_is_written_as_the_package_writes_it(length: int, is_list: bool) -> None:
    prefix = write_prefix(length, is_list)
    assert prefix == length_prefix(length, 0xC0 if is_list else 0x80)
    if (length, is_list) != (1, False):
        assert read_prefix(prefix, 0) == (is_list, length, len(prefix))


def test_a_length_beyond_eight_bytes_has_no_prefix() -> None:
    with pytest.raises(ValueError):
        write_prefix(2**64, is_list=True)
