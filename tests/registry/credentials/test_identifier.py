"""Identifiers: what a spreadsheet makes of them is refused by its kind, and so is what a reader cannot see."""

import unicodedata

import pytest
from acredita.registry.credentials.build import AwardRefused
from acredita.registry.credentials.identifier import identifier_of, typed_identifier
from acredita.registry.json_documents.invisible_characters import first_invisible

BIDI_CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def rule(text: str) -> str:
    with pytest.raises(AwardRefused) as caught:
        identifier_of(text)
    assert (caught.value.code, caught.value.field) == ("ROW_IDENTIFIER_INVALID", "identificador")
    return caught.value.expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("1.23457E+11", "1,23457E+11", "2E+15", "2.02301e+09", "1.5E-7", "-1.2E+5", "1.23457E11"), "rounded"),
        (("#N/A", "#¡REF!", "#REF!", "#¿NOMBRE?", "#¡DIV/0!", "#N/D", "########", "Err:502", "#SPILL!"), "error value"),
        (("=A1", '="00123"', "=SUMA(A1:A9)", "@SUM(A1)", "+A1+B2", "-A1", "+cmd|' /C calc'!A0"), "formula"),
        (
            ("20231234.0", "20231234,00", "1,234,567", "1.234.567", "20,231", "1.234.567,00", "1,234.5"),
            "formatted number",
        ),
        (("'00123", "\u2019A-1", "`A"), "apostrophe"),
        (("12/03/2026", "1/2/26", "2026-03-12", "2026-03-12 00:00:00", "12-mar", "mar-26", "03-Sep-2026"), "a date"),
        (("nan", "None", "NULL", "<NA>", "N/A", "VERDADERO", "undefined", "-", "???"), "empty value"),
        (("-5", "-1.5"), "negative"),
    ],
)
def test_what_a_spreadsheet_makes_of_an_identifier_is_named(texts: tuple[str, ...], expected: str) -> None:
    for text in (*texts, *(f"  {text} " for text in texts)):
        assert any(word in rule(text) for word in expected.split("|")), (text, rule(text))


@pytest.mark.parametrize(
    "text",
    ["A-1", "20231234", "007", "PEAG000115HGTRNA09", "2E10", "1E5", "ana@ut.example", "+52 477 123 4567", "12.345",
     "Ñandú", "María José Núñez", "Mar-Ana", "O'Brien", "A/2026/3", "3-B", "did:key:z6Mk", "Nulo", "0", "王小明"],
)  # fmt: skip
def test_what_people_are_called_by_stays(text: str) -> None:
    assert identifier_of(text) == text


def test_every_invisible_character_is_refused_by_its_name() -> None:
    invisible = [chr(code) for code in range(0x110000) if first_invisible(chr(code))]
    assert set(BIDI_CONTROLS) <= set(invisible)
    assert {"\u00ad", "\u034f", "\u115f", "\u180e", "\u200b", "\u200d", "\u2060", "\u3164", "\ufe0f", "\ufeff"} < set(
        invisible
    )
    assert {"\uffa0", "\U000e0041", "\U0001d173", "\u2028"} < set(invisible)
    for char in invisible:
        if char not in "\u2028\u2029":  # blanks around an identifier are cut off
            assert rule(f"A{char}1") == f"no invisible character; U+{ord(char):04X} is number 2"
            assert typed_identifier(f"A{char}1") == ("A1", True)
    assert all(unicodedata.category(char) in "Cf Cn Lo Mn Zl Zp" for char in invisible), "none that a person types"
    assert typed_identifier("Ñandú 1") == ("Ñandú 1", False)


@pytest.mark.parametrize("blank", ["\u00a0", "\u2007", "\u202f", "\u3000", "\u2003", "\u2800"])
def test_a_blank_that_looks_like_another_is_refused(blank: str) -> None:
    assert rule(f"Ana{blank}Paz") == "no blank but the ordinary one; another looks the same"
    if blank != "\u2800":
        assert identifier_of(f"{blank}Ana{blank}") == "Ana"
