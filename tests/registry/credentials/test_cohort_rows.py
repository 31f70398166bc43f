"""Cohort files as spreadsheets and people write them: each shape is read, or the refusal says which file it is."""

import io
import zipfile
from collections.abc import Callable

import pytest
from acredita.registry.credentials.cohort_columns import COLUMNS, CohortRefused
from acredita.registry.credentials.cohort_rows import MAX_BLANK_ROWS, RowRefused, csv_rows, json_rows

HEADER = "identificador,fecha_otorgamiento,resultado"
ROW = "A-1,2026-02-28,80"
VALUES = {"identificador": "A-1", "fecha_otorgamiento": "2026-02-28", "resultado": "80"}


def read(text: str | bytes, encoding: str = "utf-8") -> list[tuple[int, dict[str, str] | RowRefused]]:
    return list(csv_rows(io.BytesIO(text if isinstance(text, bytes) else text.encode()), encoding))


def refused(content: bytes, encoding: str = "utf-8") -> str:
    with pytest.raises(CohortRefused) as caught:
        read(content, encoding)
    return f"{caught.value.code}: {caught.value}"


@pytest.mark.parametrize(
    ("text", "row"),
    [
        (f"{HEADER}\n,,\n{ROW}\n", 3),
        (f"{HEADER}\n  ,\t, \n{ROW}\n", 3),
        (f'{HEADER}\n"","",""\n\n{ROW}\n', 4),
        (f"{HEADER}\n,,,,,,,\n{ROW}\n,,\n", 3),
        (f"{HEADER}\n\u00a0,\u200a,\n{ROW}\n", 3),
    ],
)
def test_a_row_of_separators_is_a_blank_row_and_counts(text: str, row: int) -> None:
    assert read(text) == [(row, VALUES)]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (HEADER + ",", ROW + ","),
        (HEADER + ",,,,", ROW + ",,,,"),
        (HEADER, ROW + ",,"),
        (HEADER + ", ,\u00a0", ROW + ", ,"),
        (HEADER + ",,", ROW),
        ("," + HEADER, "," + ROW),
        ("identificador,,fecha_otorgamiento,resultado", "A-1,,2026-02-28,80"),
    ],
)
def test_an_unnamed_column_without_values_is_passed_over(header: str, row: str) -> None:
    assert read(f"{header}\n{row}\n") == [(2, VALUES)]


@pytest.mark.parametrize(("row", "column"), [(ROW + ",x", 4), (ROW + ",,nota", 5), ("x," + ROW, 4), (ROW + ",,,,0", 7)])
def test_a_value_in_an_unnamed_column_is_refused_by_its_place(row: str, column: int) -> None:
    [(number, refusal)] = read(f"{HEADER},,\n{row}\n")
    assert isinstance(refusal, RowRefused)
    assert (number, refusal.expected) == (2, f"nothing in column {column}, which has no name")


@pytest.mark.parametrize(
    ("before", "separator"),
    [
        ("sep=;\n", ";"),
        ("SEP=;\r\n", ";"),
        ('"sep=;"\n', ";"),
        ("\ufeffsep=\t\n", "\t"),
        ("sep=,\n", ","),
        ("sep=|\n", "|"),
        ("", "\t"),
        ("", ";"),
        ("", "|"),
    ],
)
def test_each_separator_is_read(before: str, separator: str) -> None:
    assert read(f"{before}{HEADER}\n{ROW}\n".replace(",", separator)) == [(2, VALUES)]


def test_a_separator_within_a_quoted_name_does_not_decide() -> None:
    text = '"identificador";"fecha_otorgamiento";"resultado";","\n"A-1";"2026-02-28";"80";""\n'
    assert refused(text.encode()).startswith("COLUMN_UNKNOWN: columns not known: ,;")


@pytest.mark.parametrize(
    "header",
    [
        "IDENTIFICADOR,FECHA_OTORGAMIENTO,RESULTADO",
        " Identificador , Fecha_Otorgamiento ,Resultado\t",
        "Identificador,Fecha otorgamiento,Resultado",
        "identificador,fecha-otorgamiento,resultado",
        "\u200bidentificador,fecha_otorgamiento\u00a0,resultado",
    ],
)
def test_capitals_and_blanks_in_a_header_do_not_matter(header: str) -> None:
    assert read(f"{header}\n{ROW}\n") == [(2, VALUES)]


@pytest.mark.parametrize(("blank", "row"), [("\n", 3), ("\r\n\r\n", 4), (",,,\n", 3), (";;\n  \n", 4)])
def test_blank_lines_before_the_header_count_as_rows(blank: str, row: int) -> None:
    assert read(f"{blank}{HEADER}\n{ROW}\n") == [(row, VALUES)]


@pytest.mark.parametrize("end", ["\n\x1a", "\r\n\x1a\r\n", "\x1a", "\n\x1a\x1a\x1a", "\n\n\x1a", "\r\n\x1a\x1a\n"])
def test_a_ctrl_z_at_the_end_is_passed_over(end: str) -> None:
    assert read(f"{HEADER}\n{ROW}{end}") == [(2, VALUES)]
    assert [row for row, _ in json_rows(io.BytesIO(f"{{}}{end}".encode()))] == [1]


def test_a_ctrl_z_elsewhere_stays_in_its_cell() -> None:
    assert read(f"{HEADER}\nA\x1a1,2026-02-28,80\n{ROW}\n")[0] == (2, VALUES | {"identificador": "A\x1a1"})


def test_a_cell_of_several_lines_is_one_row_of_the_spreadsheet() -> None:
    assert [row for row, _ in read(f'{HEADER}\n"A\n\n1",2026-02-28,80\n{ROW}\n')] == [2, 3]


# --- other files ---


def packed(*names: str, mimetype: str = "") -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for name in names:
            archive.writestr(name, "x" * 50)
    return content.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
SPREADSHEET = "application/vnd.oasis.opendocument.spreadsheet"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (packed("[Content_Types].xml", "xl/workbook.xml"), "a workbook of Excel (.xlsx)"),
        (packed("[Content_Types].xml", "xl/workbook.bin"), "a workbook of Excel (.xlsb)"),
        (packed("content.xml", mimetype=SPREADSHEET), "a workbook of LibreOffice (.ods)"),
        (packed("[Content_Types].xml", "word/document.xml"), "a document of Word (.docx)"),
        (packed("Index/Document.iwa"), "a workbook of Numbers"),
        (packed("cohorte.csv"), "an archive (ZIP)"),
        (OLE + "Workbook".encode("utf-16-le"), "a workbook of Excel (.xls)"),
        (OLE + "WordDocument".encode("utf-16-le"), "a document of Word (.doc)"),
        (b"\x09\x08\x10\0\0\x06\x05\0", "a workbook of Excel (.xls)"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "an image (PNG)"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "an image (JPEG)"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "an image (WebP)"),
        (b"\0\0\0\x18ftypheic\0\0", "an image (HEIC)"),
        (b"GIF89a\x01\0\x01\0", "an image (GIF)"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "a compressed file (gzip)"),
        (b"<html><table><tr><td>identificador", "a web page (HTML)"),
        (b"\xef\xbb\xbf<!DOCTYPE html>\n<table>", "a web page (HTML)"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>', "a document in XML"),
        (b"{\\rtf1\\ansi identificador", "a text document (RTF)"),
    ],
)
def test_another_file_is_called_what_it_is(content: bytes, kind: str) -> None:
    expected = f"FILE_MALFORMED: this is {kind}, not a CSV file; in the spreadsheet, save it as CSV UTF-8"
    assert refused(content) == expected
    assert refused(content, "cp1252") == expected, "an encoding that takes any byte does not hide it"


@pytest.mark.parametrize("content", [b'{"identificador":"A"}\n', b'[\n{"identificador":"A"}]', b'\n  {"a":1}'])
def test_json_named_csv_is_called_json(content: bytes) -> None:
    assert "this is JSON; JSON lines are read from a file named .jsonl" in refused(content)


@pytest.mark.parametrize("name", ["Pe\u00f1a", "M\u00aa \u201cLupe\u201d", "1 \u20ac", "Nu\u00f1ez\u2013R\u00edos"])
def test_what_excel_saves_as_plain_csv_names_its_option(name: str) -> None:
    content = f"{HEADER}\n{ROW}\n{name},2026-02-28,80\n".encode("cp1252")
    assert "line 3 is not UTF-8; --cp1252 reads what Excel saves as plain CSV" in refused(content)
    assert read(content, "cp1252")[1] == (3, VALUES | {"identificador": name})


def test_bytes_that_windows_1252_does_not_have_are_named() -> None:
    assert "line 2 is neither UTF-8 nor Windows-1252" in refused(f"{HEADER}\n".encode() + b"\x81,a,b\n", "cp1252")


@pytest.mark.parametrize("text", ["", "\n\n", "sep=;\n", ",,,\n", "\x1a", "\ufeff"])
def test_a_file_without_a_header_is_empty(text: str) -> None:
    assert refused(text.encode()).startswith("FILE_EMPTY: a header")


def test_blank_rows_have_a_limit() -> None:
    assert MAX_BLANK_ROWS > 1_048_576, "a spreadsheet may write every row it has"


@pytest.mark.parametrize("reader", [csv_rows, json_rows])
def test_a_binary_without_a_line_is_refused_whole(reader: Callable[..., object]) -> None:
    with pytest.raises(CohortRefused):
        list(reader(io.BytesIO(b"\0" * 300_000)))  # type: ignore[call-overload]


def test_columns_may_come_in_any_order() -> None:
    assert set(COLUMNS) == {"identificador", "fecha_otorgamiento", "resultado", "did", "evidencia_url"}
    assert read("resultado;identificador;fecha_otorgamiento\n80;A-1;2026-02-28\n") == [(2, VALUES)]
