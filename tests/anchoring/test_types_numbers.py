"""A number in a path, an address or a query has one spelling."""

import pytest
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.rpc_answers import read_data, read_quantity
from acredita.anchoring.types import read_number
from acredita.registry.credentials.status_position import parse_list_url

OTHER_SPELLINGS = ["１", "١", "१", "²", "①", "01", "00", "+1", "-1", " 1", "1 ", "1_0", "1.0", "1e1", "0x1", "", "1\n"]


@pytest.mark.parametrize("text", OTHER_SPELLINGS)
def test_a_number_in_another_spelling_is_none(text: str) -> None:
    assert read_number(text, 65_535) is None
    with pytest.raises(ValueError):
        parse_list_url(f"https://nodo.example/status/{'ab' * 32}/{text}")


def test_a_number_is_read_up_to_its_limit() -> None:
    for number in (0, 1, 10, 65_535):
        assert read_number(str(number), 65_535) == number
    assert read_number("65536", 65_535) is None
    assert read_number("9" * 5_000, 65_535) is None


@pytest.mark.parametrize("issuer", ["AB" * 32, " " + "ab" * 31 + " ", "ab " * 21 + "a", "ａ" * 64])
def test_an_issuer_in_an_address_is_lower_case_hex(issuer: str) -> None:
    with pytest.raises(ValueError):
        parse_list_url(f"https://nodo.example/status/{issuer}/1")


@pytest.mark.parametrize("value", ["0x", "0x_1", "0x 1", "0x1_0", "0x-1", "0x１", "0x+1"])
def test_a_quantity_of_an_endpoint_has_digits_alone(value: str) -> None:
    with pytest.raises(LedgerUnavailable):
        read_quantity(value, "a quantity")


@pytest.mark.parametrize("value", ["0x1", "0xab cd", "0x ab", "0xａｂ", "0xzz"])
def test_bytes_of_an_endpoint_have_digits_alone(value: str) -> None:
    with pytest.raises(LedgerUnavailable):
        read_data(value, "bytes")
