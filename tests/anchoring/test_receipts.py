"""Receipts are read strictly, say which rule was broken and where, and prove inclusion or name the fault."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.receipts import InclusionFault, parse_receipt, read_time, time_text
from acredita.anchoring.types import FormatRefused
from hypothesis import given, settings
from hypothesis import strategies as st

RECEIPT = json.loads((Path(__file__).resolve().parents[1] / "vectors" / "receipt.json").read_text(encoding="utf-8"))
ABSENT = object()
KEYS = [*(f"/{key}" for key in RECEIPT), *(f"/checkpoint/{key}" for key in RECEIPT["checkpoint"])]


def changed(pointer: str, value: object) -> dict[str, Any]:
    document = copy.deepcopy(RECEIPT)
    *way, last = pointer.strip("/").split("/")
    place: Any = document
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    if value is ABSENT:
        del place[last]
    else:
        place[int(last) if isinstance(place, list) else last] = value
    return document


def refusal(document: object) -> FormatRefused:
    with pytest.raises(FormatRefused) as caught:
        parse_receipt(document)
    return caught.value


def test_the_receipt_of_these_tests_is_sound() -> None:
    receipt = parse_receipt(RECEIPT)
    assert receipt.to_document() == RECEIPT
    assert receipt.inclusion_fault() is None


@pytest.mark.parametrize("pointer", KEYS)
def test_every_key_must_be_there(pointer: str) -> None:
    error = refusal(changed(pointer, ABSENT))
    assert (error.where, error.rule) == (pointer, "missing")


@pytest.mark.parametrize("pointer", KEYS)
@pytest.mark.parametrize("value", [None, True, 1.5, -1, "", "0x", [1], {"a": 1}, 1 << 60])
def test_no_key_takes_a_value_of_another_type(pointer: str, value: object) -> None:
    assert refusal(changed(pointer, value)).where.startswith(pointer)


@pytest.mark.parametrize("pointer", ["/more", "/checkpoint/more"])
def test_no_other_key_may_be_there(pointer: str) -> None:
    error = refusal(changed(pointer, 1))
    assert error.where == pointer.removesuffix("/more") or error.where == "/"
    assert "no other keys" in error.rule


@pytest.mark.parametrize("document", [None, [], "receipt", 1])
def test_a_receipt_is_an_object(document: object) -> None:
    assert refusal(document).rule == "an object expected"


UPPER = RECEIPT["block_hash"].upper().replace("0X", "0x")


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        pytest.param("/format", "acredita-receipt/2", id="format_of_another_version"),
        pytest.param("/entry", "0x02" + RECEIPT["entry"][4:], id="entry_of_unknown_version"),
        pytest.param("/entry", RECEIPT["entry"][:-2], id="entry_too_short"),
        pytest.param("/block_hash", UPPER, id="hex_in_upper_case"),
        pytest.param("/block_hash", RECEIPT["block_hash"][2:], id="hex_without_0x"),
        pytest.param("/block_hash", " " + RECEIPT["block_hash"][1:], id="hex_after_a_blank"),
        pytest.param("/contract", RECEIPT["contract"] + "00", id="address_too_long"),
        pytest.param("/epoch", 0, id="epoch_0"),
        pytest.param("/checkpoint/size", 0, id="size_0"),
        pytest.param("/inclusion", [RECEIPT["block_hash"]] * 49, id="path_too_long_for_any_log"),
        pytest.param("/inclusion/1", "0x00", id="path_hash_too_short"),
        pytest.param("/checkpoint/time", "2026-01-01T00:00:00+00:00", id="time_with_offset"),
        pytest.param("/checkpoint/time", "2026-01-01T00:00:00.0Z", id="time_with_fraction"),
        pytest.param("/checkpoint/time", "2026-02-30T00:00:00Z", id="time_of_no_day"),
        pytest.param("/checkpoint/time", "2026-01-01t00:00:00z", id="time_in_lower_case"),
        pytest.param("/checkpoint/time", "2026-1-01T00:00:000Z", id="time_in_other_widths"),
        pytest.param("/checkpoint/time", "1969-12-31T23:59:59Z", id="time_before_1970"),
    ],
)
def test_one_value_has_one_spelling(pointer: str, value: object) -> None:
    assert refusal(changed(pointer, value)).where == pointer


@pytest.mark.parametrize(
    ("pointer", "value", "fault"),
    [
        ("/checkpoint/old_size", 2, InclusionFault.NOT_FIRST),
        ("/index", 3, InclusionFault.NOT_FIRST),
        ("/index", 0, InclusionFault.NOT_FIRST),
        ("/index", 2, InclusionFault.PATH),
        ("/checkpoint/root", RECEIPT["block_hash"], InclusionFault.PATH),
        ("/checkpoint/size", 5, InclusionFault.PATH),
        ("/inclusion", RECEIPT["inclusion"][:1], InclusionFault.PATH),
        ("/inclusion", [*RECEIPT["inclusion"], RECEIPT["block_hash"]], InclusionFault.PATH),
        ("/inclusion/0", RECEIPT["block_hash"], InclusionFault.PATH),
        ("/entry", RECEIPT["entry"][:-2] + "00", InclusionFault.PATH),
    ],
)
def test_a_receipt_that_shows_nothing_names_its_fault(pointer: str, value: object, fault: InclusionFault) -> None:
    assert parse_receipt(changed(pointer, value)).inclusion_fault() is fault


@given(st.integers(0, 253_402_300_799))
@settings(derandomize=True, max_examples=200)
def test_times_are_read_as_written(seconds: int) -> None:
    assert read_time(time_text(seconds), "/time") == seconds
