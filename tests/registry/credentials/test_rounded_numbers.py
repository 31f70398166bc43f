"""Numbers that a spreadsheet rounded are nobody's identifier, unless the file shows that nothing was rounded."""

import json
from pathlib import Path

import pytest
from acredita.node.demo.documents import DemoDocuments
from acredita.registry.credentials.cohort_file import Importer, RowAccepted
from acredita.registry.credentials.cohort_rows import CohortFile, RowRefused
from acredita.registry.credentials.rounded_numbers import EXPECTED, looks_rounded

from tests.registry.credentials.test_cohort_file import HEADER, TODAY, mac

ROUNDED = ("1234567890123450", "12345678901234500", "123456789012345000", "100000000000000000000")
WHOLE = "1234567890123456"


@pytest.fixture(scope="module")
def importer(demo: DemoDocuments) -> Importer:
    return Importer(demo.programme("analitica-ingenieria"), mac, TODAY, "America/Mexico_City")


def judged(importer: Importer, path: Path, *identifiers: str) -> list[bool | str]:
    """Write a file, and return of each row that it is accepted, or the rule and column that refuse it."""
    if path.suffix == ".jsonl":
        keys = HEADER.split(",")
        rows = [dict(zip(keys, (each, "", "2026-02-28", "80", ""), strict=True)) for each in identifiers]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        path.write_text("\n".join([HEADER, *(f"{each},,2026-02-28,80," for each in identifiers), ""]))
    outcomes = list(importer.judge(CohortFile(path, path.suffix == ".jsonl")))
    first = 1 if path.suffix == ".jsonl" else 2
    assert [outcome.row for outcome in outcomes] == list(range(first, first + len(identifiers)))
    told: list[bool | str] = []
    for outcome in outcomes:
        if isinstance(outcome, RowRefused):
            assert (outcome.code, outcome.column) == ("ROW_IDENTIFIER_INVALID", "identificador")
            assert not any(each in outcome.expected for each in identifiers), "no message repeats a value"
        told.append(isinstance(outcome, RowAccepted) or outcome.expected)
    return told


@pytest.mark.parametrize("identifier", ROUNDED)
def test_a_rounded_number_is_refused_with_its_row(importer: Importer, tmp_path: Path, identifier: str) -> None:
    path = tmp_path / "cohorte.csv"
    assert judged(importer, path, "A-1", f" {identifier} ", "123456789012345") == [True, EXPECTED, True]


def test_a_number_in_the_form_of_science_stays_refused(importer: Importer, tmp_path: Path) -> None:
    [told] = judged(importer, tmp_path / "cohorte.csv", "1.23457E+15")
    assert told == "an identifier, not a number that a spreadsheet rounded"


def test_a_whole_number_anywhere_in_the_file_shows_that_nothing_was_rounded(importer: Importer, tmp_path: Path) -> None:
    path = tmp_path / "cohorte.csv"
    assert judged(importer, path, ROUNDED[0], "A-1", WHOLE) == [True, True, True]
    assert judged(importer, path, WHOLE, ROUNDED[1]) == [True, True]


def test_json_lines_hold_texts(importer: Importer, tmp_path: Path) -> None:
    assert judged(importer, tmp_path / "cohorte.jsonl", *ROUNDED) == [True] * len(ROUNDED)


@pytest.mark.parametrize(
    "text", ["123456789012340", "0000000000000000", "01234567890123450", "A234567890123450", "١" * 17]
)
def test_what_no_number_gives_is_not_rounded(text: str) -> None:
    assert not looks_rounded(text)
