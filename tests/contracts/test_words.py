"""Types of one word are decoded as eth-abi decodes them, and refused where it refuses them."""

import pytest
from acredita.contracts import general_abi
from acredita.contracts.abi import AbiError, decode
from acredita.contracts.words import readers_of
from hypothesis import given, settings
from hypothesis import strategies as st

KINDS = ["bool", "address", "bytes32", "uint8", "uint16", "uint40", "uint48", "uint64", "uint256"]
# Words near the limits of every type: a few significant bytes at the end, at the beginning, or anywhere.
WORDS = st.one_of(
    st.integers(0, 2**256 - 1).map(lambda number: number.to_bytes(32, "big")),
    st.integers(0, 255).flatmap(
        lambda bits: st.integers(-1, 1).map(lambda off: max(2**bits + off, 0).to_bytes(32, "big"))
    ),
)


@given(st.lists(st.tuples(st.sampled_from(KINDS), WORDS), max_size=4), st.binary(max_size=40))
@settings(max_examples=500, derandomize=True, deadline=None)
def test_words_are_decoded_as_eth_abi_decodes_them(words: list[tuple[str, bytes]], rest: bytes) -> None:
    types, data = [kind for kind, _ in words], b"".join(word for _, word in words) + rest
    assert readers_of(types) is not None
    try:
        expected = general_abi.decode(types, data)
    except general_abi.DECODING_FAULTS:
        with pytest.raises(AbiError):
            decode(types, data)
    else:
        assert decode(types, data) == expected


@given(st.lists(st.sampled_from(KINDS), min_size=1, max_size=4), st.integers(0, 128))
@settings(max_examples=100, derandomize=True, deadline=None)
def test_data_that_is_cut_is_refused(types: list[str], length: int) -> None:
    if length < 32 * len(types):
        with pytest.raises(AbiError):
            decode(types, bytes(length))
    else:
        assert decode(types, bytes(length)) == general_abi.decode(types, bytes(length))


@pytest.mark.parametrize(
    "kind", ["uint7", "uint264", "uint08", "uint", "int8", "bytes", "bytes31", "address[]", "(bool)"]
)
def test_other_types_are_left_to_eth_abi(kind: str) -> None:
    assert readers_of(["bool", kind]) is None
