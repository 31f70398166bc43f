"""Cohort files: every refusal by its code, idempotency keys, and no person's value in any message."""

import hashlib
import hmac
import io
import json
import unicodedata
from datetime import date
from typing import BinaryIO

import pytest
from acredita.node.demo.documents import DemoDocuments
from acredita.registry.credentials.cohort_columns import COLUMNS, CohortRefused
from acredita.registry.credentials.cohort_file import Importer, RowAccepted, RowOutcome, idempotency_key
from acredita.registry.credentials.cohort_rows import MAX_LINE_CHARS, RowRefused, csv_rows, json_rows
from hypothesis import given, settings
from hypothesis import strategies as st

HEADER = "identificador,did,fecha_otorgamiento,resultado,evidencia_url"
TODAY = date(2026, 3, 1)
HOLDER = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
CANARY = "CANARIO-Ñandú-7f3a"


def mac(message: bytes) -> bytes:
    return hmac.digest(b"clave de la institucion", message, hashlib.sha256)


@pytest.fixture(scope="module")
def percent(demo: DemoDocuments) -> Importer:
    return Importer(demo.programme("analitica-ingenieria"), mac, TODAY, "America/Mexico_City")


@pytest.fixture(scope="module")
def rubric(demo: DemoDocuments) -> Importer:
    return Importer(demo.programme("comunicacion-efectiva"), mac, TODAY, "America/Mexico_City")


def read_cohort(
    file: BinaryIO, importer: Importer, *, json_lines: bool = False, encoding: str = "utf-8"
) -> tuple[RowOutcome, ...]:
    """Return every row's outcome, in order."""
    return tuple(importer.judge(json_rows(file) if json_lines else csv_rows(file, encoding)))


def outcomes(importer: Importer, *rows: str, header: str = HEADER) -> tuple[RowOutcome, ...]:
    return read_cohort(io.BytesIO("\n".join([header, *rows, ""]).encode()), importer)


def refusal(importer: Importer, data: bytes, **options: bool) -> CohortRefused:
    with pytest.raises(CohortRefused) as caught:
        read_cohort(io.BytesIO(data), importer, **options)
    return caught.value


def test_a_plain_row_is_taken(percent: Importer) -> None:
    [taken] = outcomes(percent, f" A-1 ,{HOLDER},2026-02-28,80,https://ut.example/e?x=1")
    assert isinstance(taken, RowAccepted)
    assert (taken.row, taken.award.identifier, taken.award.did) == (2, "A-1", HOLDER)
    assert (taken.award.awarded, taken.award.result) == (date(2026, 2, 28), "80")
    assert taken.award.evidence_url == "https://ut.example/e?x=1"


def test_optional_columns_may_be_empty_or_left_out(percent: Importer) -> None:
    [full] = outcomes(percent, "A-1,,2026-02-28,80,")
    [short] = outcomes(percent, "2026-02-28,A-1,80", header="fecha_otorgamiento,identificador,resultado")
    assert isinstance(full, RowAccepted)
    assert full == short
    assert full.award.did is None
    assert full.award.evidence_url is None


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("A-1,,2026-02-28,79.9,", "RESULT_NOT_PASSED", "resultado"),
        ("A-1,,2026-02-28,ochenta,", "ROW_RESULT_UNKNOWN", "resultado"),
        (",,2026-02-28,80,", "ROW_VALUE_MISSING", "identificador"),
        ("  ,,2026-02-28,80,", "ROW_VALUE_MISSING", "identificador"),
        ("A-1,,,80,", "ROW_VALUE_MISSING", "fecha_otorgamiento"),
        ("A-1,,2026-02-28,,", "ROW_VALUE_MISSING", "resultado"),
        ("A-1,,2026-02-30,80,", "ROW_DATE_INVALID", "fecha_otorgamiento"),
        ("A-1,,28/02/2026,80,", "ROW_DATE_INVALID", "fecha_otorgamiento"),
        ("A-1,,20260228,80,", "ROW_DATE_INVALID", "fecha_otorgamiento"),
        ("A-1,,1899-12-31,80,", "ROW_DATE_INVALID", "fecha_otorgamiento"),
        ("A-1,,2026-03-02,80,", "ROW_DATE_FUTURE", "fecha_otorgamiento"),
        ("A-1,,2024-02-28,80,", "ROW_VALIDITY_OVER", "fecha_otorgamiento"),
        ("A-1,ana@ut.example,2026-02-28,80,", "ROW_DID_INVALID", "did"),
        ("A-1,,2026-02-28,80,ftp://x", "ROW_EVIDENCE_INVALID", "evidencia_url"),
        ("A-1,,2026-02-28,80,https://ut.example/a b", "ROW_EVIDENCE_INVALID", "evidencia_url"),
        ("A\x07,,2026-02-28,80,", "ROW_IDENTIFIER_INVALID", "identificador"),
        ("A" * 201 + ",,2026-02-28,80,", "ROW_IDENTIFIER_INVALID", "identificador"),
        ("A-1,,2026-02-28,80", "ROW_MALFORMED", None),
        ("A-1,,2026-02-28,80,,x", "ROW_MALFORMED", None),
    ],
)
def test_a_refused_row_has_its_code_and_column(percent: Importer, row: str, code: str, column: str | None) -> None:
    [refused, taken] = outcomes(percent, row, "B-2,,2026-02-28,80,")
    assert isinstance(refused, RowRefused)
    assert (refused.row, refused.code, refused.column) == (2, code, column)
    assert isinstance(taken, RowAccepted)


def test_a_rubric_passes_from_its_minimum_on(rubric: Importer) -> None:
    found = outcomes(
        rubric, *(f"A-{n},,2026-02-28,{level}," for n, level in enumerate(rubric.programme.grading.rubric))
    )
    assert [isinstance(row, RowAccepted) for row in found] == [False, False, True, True]


def test_a_repeated_row_is_named_with_the_first(percent: Importer) -> None:
    found = outcomes(
        percent,
        "Ñ-1,,2026-02-28,80,",
        f" {unicodedata.normalize('NFD', 'Ñ-1')},{HOLDER},2026-02-28,95,",
        "Ñ-1,,2026-02-27,80,",
    )
    assert [type(row) for row in found] == [RowAccepted, RowRefused, RowAccepted]
    assert isinstance(found[1], RowRefused)
    assert (found[1].code, found[1].expected) == ("ROW_DUPLICATE", "each person and date once; see row 2")


def test_a_refused_row_does_not_hide_the_good_one_after_it(percent: Importer) -> None:
    found = outcomes(percent, "A-1,,2026-02-28,10,", "A-1,,2026-02-28,90,")
    assert [type(row) for row in found] == [RowRefused, RowAccepted]


def test_the_idempotency_key_is_version_hmac_and_date(percent: Importer, rubric: Importer) -> None:
    [taken] = outcomes(percent, "  A-1,,2026-02-28,80,")
    assert isinstance(taken, RowAccepted)
    expected = percent.programme.digest + mac(b"A-1") + b"2026-02-28"
    assert taken.key == expected
    assert idempotency_key(rubric.programme.digest, taken.award, mac) != expected
    assert idempotency_key(percent.programme.digest, taken.award, lambda m: mac(m)[::-1]) != expected


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "FILE_EMPTY"),
        (b"\xef\xbb\xbf", "FILE_EMPTY"),
        (HEADER.encode() + b"\n", "FILE_EMPTY"),
        (HEADER.encode() + b"\n\n\r\n", "FILE_EMPTY"),
        (b"identificador,resultado\nA,80\n", "COLUMN_MISSING"),
        (HEADER.encode() + b",nombre\n", "COLUMN_UNKNOWN"),
        (HEADER.encode() + b",did\n", "COLUMN_DUPLICATE"),
        (HEADER.encode() + b"\nA,,2026-02-28,80,\nPe\xf1a,,2026-02-28,80,\n", "FILE_NOT_UTF8"),
        (HEADER.encode() + b'\n"A,,2026-02-28,80,\n', "FILE_MALFORMED"),
        (HEADER.encode().replace(b",", b"\r"), "FILE_MALFORMED"),
        (HEADER.encode() + b"\n" + b"A" * (4 * MAX_LINE_CHARS + 1), "FILE_TOO_LONG"),
        (HEADER.encode() + b'\n"' + b"A\n" * 70_000 + b'",,2026-02-28,80,\n', "FILE_TOO_LONG"),
        (f"{HEADER}\n".encode("utf-16"), "FILE_NOT_UTF8"),
        (f"{HEADER}\n".encode("utf-16-be"), "FILE_NOT_UTF8"),
        (bytes(100), "FILE_NOT_UTF8"),
        (b"PK\x03\x04" + bytes(range(256)), "FILE_MALFORMED"),
    ],
)
def test_a_refused_file_has_its_code(percent: Importer, data: bytes, code: str) -> None:
    assert refusal(percent, data).code == code


def test_unknown_columns_are_named_unless_there_is_no_header(percent: Importer) -> None:
    assert "nombre, CURP" in str(refusal(percent, f"{HEADER},nombre,CURP\n".encode()))
    assert CANARY not in str(refusal(percent, f"{CANARY},,2026-02-28,80,\n".encode()))


def test_more_rows_than_the_limit_are_refused(percent: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("acredita.registry.credentials.cohort_rows.MAX_ROWS", 3)
    rows = "".join(f"A-{n},,2026-02-28,80,\n" for n in range(4))
    assert refusal(percent, f"{HEADER}\n{rows}".encode()).code == "FILE_TOO_LONG"


@pytest.mark.parametrize(
    "data",
    [
        f"\ufeff{HEADER}\r\nÑ-1,,2026-02-28,80,\r\n",
        f"{HEADER}\nÑ-1,,2026-02-28,80,",
        f"{HEADER}\nÑ-1,,2026-02-28,80,\n\n\n",
        HEADER.replace(",", ";") + "\nÑ-1;;2026-02-28;80;\n",
        '"identificador","did","fecha_otorgamiento","resultado","evidencia_url"\n"Ñ-1","","2026-02-28","80",""\n',
    ],
)
def test_the_ways_spreadsheets_write_one_file(percent: Importer, data: str) -> None:
    assert read_cohort(io.BytesIO(data.encode()), percent) == outcomes(percent, "Ñ-1,,2026-02-28,80,")


def test_windows_1252_is_converted_only_when_asked(percent: Importer) -> None:
    data = f"{HEADER}\nÑ-1,,2026-02-28,80,\n".encode("cp1252")
    refused = refusal(percent, data)
    assert (refused.code, "--cp1252" in str(refused)) == ("FILE_NOT_UTF8", True)
    converted = read_cohort(io.BytesIO(data), percent, encoding="cp1252")
    assert converted == outcomes(percent, "Ñ-1,,2026-02-28,80,")


def test_json_lines_say_the_same_as_csv(percent: Importer) -> None:
    row = {"identificador": "Ñ-1", "fecha_otorgamiento": "2026-02-28", "resultado": "80", "did": HOLDER}
    data = (json.dumps(row) + "\n\n").encode()
    [from_json] = read_cohort(io.BytesIO(b"\n" + data), percent, json_lines=True)
    [from_csv] = outcomes(percent, f"Ñ-1,{HOLDER},2026-02-28,80,")
    assert from_json == from_csv, "line 2 of the one, row 2 of the other"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("[1]", "ROW_MALFORMED"),
        ("{", "ROW_MALFORMED"),
        ("[" * 100_000, "FILE_TOO_LONG"),
        ("[" * 10_000, "ROW_MALFORMED"),
        ("null", "ROW_MALFORMED"),
        ('{"identificador":"A","identificador":"B"}', "ROW_MALFORMED"),
        ('{"identificador":7}', "ROW_MALFORMED"),
        ('{"nombre":"A"}', "COLUMN_UNKNOWN"),
        ("{}", "ROW_VALUE_MISSING"),
    ],
)
def test_a_refused_json_line(percent: Importer, line: str, code: str) -> None:
    try:
        [outcome] = read_cohort(io.BytesIO(line.encode()), percent, json_lines=True)
    except CohortRefused as error:
        assert error.code == code
    else:
        assert isinstance(outcome, RowRefused)
        assert outcome.code == code


def test_no_message_holds_a_learners_value(percent: Importer, rubric: Importer) -> None:
    """Put the canary into every field in turn, in rows and in files refused as a whole."""
    good = ["A-1", HOLDER, "2026-02-28", "80", "https://ut.example/e"]
    messages: list[str] = []
    for importer in (percent, rubric):
        for place in range(len(good)):
            for value in (CANARY, CANARY + "\x07", f"https://{CANARY} x", f"did:{CANARY}", CANARY * 20):
                row = ",".join([*good[:place], value, *good[place + 1 :]])
                messages += [repr(out) for out in outcomes(importer, row, row) if isinstance(out, RowRefused)]
                line = json.dumps(dict(zip(COLUMNS, [*good[:place], value, *good[place + 1 :]], strict=True)))
                lines = io.BytesIO((line + f'\n{{"{CANARY}":1\n["{CANARY}"]').encode())
                messages += [repr(out) for out in importer.judge(json_rows(lines)) if isinstance(out, RowRefused)]
    for data in (f'{HEADER}\n"{CANARY}', f"{CANARY},{CANARY}\n", f"{HEADER}\n{CANARY}\udcff"):
        error = refusal(percent, data.encode("utf-8", "surrogateescape"))
        messages += [str(error), repr(error), error.message]
    assert len(messages) > 100
    assert [text for text in messages if CANARY in text or CANARY[:8] in text] == []


@settings(max_examples=60, derandomize=True, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_give_a_report_or_a_refusal(data: bytes) -> None:
    for rows in (csv_rows, json_rows):
        for content in (data, HEADER.encode() + b"\n" + data):
            try:
                numbers = [row for row, _ in rows(io.BytesIO(content))]
            except CohortRefused:
                continue
            assert numbers == sorted(set(numbers))


def test_a_grade_off_the_scale_is_answered_with_the_scale(percent: Importer, rubric: Importer) -> None:
    scale = "; ".join(rubric.programme.grading.rubric)
    for grade in ("Sobresaliente", "9,5", "90", "Competente.", "#N/A"):
        [refused] = outcomes(rubric, f"A-1;;2026-02-28;{grade};", header=HEADER.replace(",", ";"))
        assert isinstance(refused, RowRefused)
        assert (refused.code, refused.expected) == ("ROW_RESULT_UNKNOWN", f"one of the programme's scale: {scale}")
    for grade in ("85%", "ochenta", "8/10", "8 5", "1.234,5"):
        [refused] = outcomes(percent, f"A-1;;2026-02-28;{grade};", header=HEADER.replace(",", ";"))
        assert isinstance(refused, RowRefused)
        assert "a number from 0 to 100" in refused.expected
    [low] = outcomes(rubric, "A-1,,2026-02-28,En desarrollo,")
    assert isinstance(low, RowRefused)
    assert low.expected == f"at least {rubric.programme.grading.minimum}, the programme's minimum"
