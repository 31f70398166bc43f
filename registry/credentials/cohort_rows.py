"""Read the rows of a cohort file: CSV or JSON lines, as people and spreadsheets write them.

CSV is UTF-8 with or without a byte order mark. Cells are separated by comma, semicolon or tab, whichever separates known
columns in the header; a line `sep=;` before it is obeyed. Passed over are rows and unnamed columns whose cells are all
empty, blank lines before the header, and a Ctrl-Z at the end. Names of columns are compared without capitals and blanks.

Invariants: a row has the number that a spreadsheet shows beside it, so the header is usually row 1; in JSON lines it is
the number of the line. No message repeats a value, because values are personal.
"""

import codecs
import csv
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from acredita.registry.codes import Code
from acredita.registry.credentials.cohort_columns import COLUMNS, CohortRefused, columns_of, delimiter_of
from acredita.registry.credentials.file_kind import kind_of

MAX_ROWS: Final = 250_000  # rows of one file; the whole enrolment of the state is 226,170
MAX_LINE_CHARS: Final = 16_384  # one row; an evidence address takes at most 4,000
MAX_BLANK_ROWS: Final = 1_100_000  # a spreadsheet has at most 1,048,576 rows, and may write each of them

WINDOWS: Final = "cp1252"  # what Excel writes as plain "CSV" in Mexico
_SEPARATOR_LINE: Final = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_END_OF_FILE: Final = b"\x1a"  # Ctrl-Z, which old programs write at the end of a text


@dataclass(frozen=True, slots=True)
class RowRefused:
    """A row that gives no credential: its place and the reason, without any of its values."""

    row: int
    code: Code
    column: str | None
    expected: str


Row = tuple[int, dict[str, str] | RowRefused]
Rows = Iterable[Row]


@dataclass(frozen=True)
class CohortFile:
    """The rows of a file, read from the start at each iteration and never all held in memory."""

    path: Path
    json_lines: bool = False
    encoding: str = "utf-8"

    def __iter__(self) -> Iterator[Row]:
        with self.path.open("rb") as file:
            yield from json_rows(file) if self.json_lines else csv_rows(file, self.encoding)


def csv_rows(file: BinaryIO, encoding: str = "utf-8") -> Iterator[Row]:
    """Yield the rows of a CSV file with the numbers that a spreadsheet shows. Raises CohortRefused.

    An `encoding` other than UTF-8 is for a conversion that was requested. Blank rows are counted and not yielded.
    """
    header = _Header.read(_lines(file, encoding))
    filled = blank = 0
    for row, cells in enumerate(header.rows, start=header.row + 1):
        if not any(cell.strip() for cell in cells):
            blank += 1
            _count(blank, MAX_BLANK_ROWS, "blank rows")
            continue
        filled += 1
        _count(filled, MAX_ROWS, "rows")
        yield row, header.values(row, cells)
    if filled == 0:
        raise CohortRefused(Code.FILE_EMPTY, "at least one row below the header expected")


def json_rows(file: BinaryIO) -> Iterator[Row]:
    """Yield the rows of a JSON lines file: one object of strings a line, keyed as the CSV header."""
    filled = 0
    for row, line in enumerate(_lines(file, "utf-8"), start=1):
        if not line.strip():
            continue
        filled += 1
        _count(filled, MAX_ROWS, "rows")
        yield row, _json_row(row, line)
    if filled == 0:
        raise CohortRefused(Code.FILE_EMPTY, "at least one row expected")


def _json_row(row: int, line: str) -> dict[str, str] | RowRefused:
    try:
        pairs = json.loads(line, object_pairs_hook=list)
    except (ValueError, RecursionError):
        return RowRefused(row, Code.ROW_MALFORMED, None, "one JSON object on the line")
    if not isinstance(pairs, list) or not all(isinstance(pair, tuple) for pair in pairs):
        return RowRefused(row, Code.ROW_MALFORMED, None, "one JSON object on the line")
    if len({key for key, _ in pairs}) < len(pairs):
        return RowRefused(row, Code.ROW_MALFORMED, None, "each key once")
    values = dict(pairs)
    if not set(values) <= set(COLUMNS):
        return RowRefused(row, Code.COLUMN_UNKNOWN, None, f"only the keys {', '.join(COLUMNS)}")
    if not all(isinstance(value, str) for value in values.values()):
        return RowRefused(row, Code.ROW_MALFORMED, None, "strings only")
    return values


# --- the header of a CSV file ---


@dataclass(frozen=True)
class _Header:
    """The header of a CSV file: its row, its columns (empty: unnamed), and the rows below it."""

    row: int
    columns: tuple[str, ...]
    rows: Iterator[list[str]]

    @classmethod
    def read(cls, lines: Iterator[str]) -> "_Header":
        """Read lines up to the header; blank ones before it count as rows, a line `sep=;` does not."""
        row, delimiter = 0, None
        for line in lines:
            separator = _SEPARATOR_LINE.fullmatch(line)
            if separator is not None and delimiter is None and row == 0:
                delimiter = separator.group(1)
                continue
            row += 1
            _count(row, MAX_BLANK_ROWS, "blank rows")
            if line.lstrip().startswith(("{", "[")):
                raise CohortRefused(Code.FILE_MALFORMED, "this is JSON; JSON lines are read from a file named .jsonl")
            if line.strip(" \t\r\n;,|"):
                chosen = delimiter or delimiter_of(line)
                return cls(row, columns_of(next(_cells(iter([line]), chosen), [])), _cells(lines, chosen))
        raise CohortRefused(Code.FILE_EMPTY, "a header and at least one row expected")

    def values(self, row: int, cells: list[str]) -> dict[str, str] | RowRefused:
        """Return the row's value in each named column. A value without a column is refused."""
        surplus = cells[len(self.columns) :]
        if len(cells) < len(self.columns) and not all(name == "" for name in self.columns[len(cells) :]):
            return RowRefused(row, Code.ROW_MALFORMED, None, f"{len(self.columns)} cells, as in the header")
        pairs = [*zip(self.columns, cells, strict=False), *(("", cell) for cell in surplus)]
        for place, (name, cell) in enumerate(pairs, start=1):
            if not name and cell.strip():
                return RowRefused(row, Code.ROW_MALFORMED, None, f"nothing in column {place}, which has no name")
        return {name: cell for name, cell in pairs if name}


# --- lines and cells ---


def _lines(file: BinaryIO, encoding: str) -> Iterator[str]:
    """Yield decoded lines without the byte order mark, none longer than the limit. Line ends are kept for csv."""
    number, raw = 1, file.readline(4 * MAX_LINE_CHARS + 1)
    _check_beginning(raw, file)
    while raw:
        following = _line(file, number + 1)
        if not following.strip(_END_OF_FILE) and raw.rstrip().endswith(_END_OF_FILE):
            raw, following = raw.rstrip().rstrip(_END_OF_FILE), b""
            if not raw:
                return
        line = _decoded(raw, number, encoding)
        yield line.removeprefix("\ufeff") if number == 1 else line
        raw, number = following, number + 1


def _line(file: BinaryIO, number: int) -> bytes:
    raw = file.readline(4 * MAX_LINE_CHARS + 1)
    if len(raw) > 4 * MAX_LINE_CHARS:
        raise CohortRefused(Code.FILE_TOO_LONG, f"line {number}: at most {MAX_LINE_CHARS} characters a line expected")
    return raw


def _decoded(raw: bytes, number: int, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        if encoding == WINDOWS:
            expected = f"line {number} is neither UTF-8 nor Windows-1252; save it as CSV UTF-8"
        else:
            expected = (
                f"line {number} is not UTF-8; --cp1252 reads what Excel saves as plain CSV, or save it as CSV UTF-8"
            )
        raise CohortRefused(Code.FILE_NOT_UTF8, expected) from None


def _check_beginning(line: bytes, file: BinaryIO) -> None:
    """Refuse a file of another kind by its name, so that nobody converts a workbook from Windows-1252."""
    kind = kind_of(line, file)
    if kind is not None:
        raise CohortRefused(
            Code.FILE_MALFORMED, f"this is {kind}, not a CSV file; in the spreadsheet, save it as CSV UTF-8"
        )
    if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in line:
        raise CohortRefused(Code.FILE_NOT_UTF8, "UTF-16 or no text at all; save it as CSV UTF-8")
    if len(line) > 4 * MAX_LINE_CHARS:
        raise CohortRefused(Code.FILE_TOO_LONG, f"line 1: at most {MAX_LINE_CHARS} characters a line expected")


def _cells(lines: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    """Yield the cells of each row; a blank line is a row without cells."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "field limit" in str(error):  # a quote that is not closed, or a very long cell
                expected = f"line {reader.line_num}: a cell of at most {csv.field_size_limit()} characters expected"
                raise CohortRefused(Code.FILE_TOO_LONG, expected) from None
            expected = "each quote closed before the next separator, and lines that end in LF or CR LF"
            raise CohortRefused(Code.FILE_MALFORMED, f"line {reader.line_num + 1}: {expected}, expected") from None
        yield cells


def _count(rows: int, limit: int, noun: str) -> None:
    if rows > limit:
        raise CohortRefused(Code.FILE_TOO_LONG, f"at most {limit} {noun} expected")
