"""Read a cohort file: rows of people and results become awards, with a report for each row.

The file is CSV with the header `identificador,did,fecha_otorgamiento,resultado,evidencia_url` (`did` and
`evidencia_url` are optional), or JSON lines with the same keys. It is UTF-8, with or without a byte order mark, with
commas or semicolons. A file is read row by row. It is refused as a whole only before its first row, or for a fault of
no single row. Reports name rows, columns and rules, never a value, because the values are personal. Nothing is issued
here.
"""

import calendar
import codecs
import csv
import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO, Final

from acredita.anchoring.types import Digest
from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code
from acredita.registry.credentials.build import Award, AwardRefused, normal, passing_result, valid_until
from acredita.registry.credentials.shapes import ProfileRefused, did, web
from acredita.registry.json_documents.schema_faults import is_clean
from acredita.registry.programmes.programme import Programme

REQUIRED: Final = ("identificador", "fecha_otorgamiento", "resultado")
OPTIONAL: Final = ("did", "evidencia_url")
COLUMNS: Final = (*REQUIRED, *OPTIONAL)

MAX_ROWS: Final = 250_000  # rows of one file; the whole enrolment of the state is 226,170
MAX_LINE_CHARS: Final = 16_384  # one row; an evidence address takes at most 4,000
MAX_IDENTIFIER_CHARS: Final = 200
EARLIEST_AWARD: Final = date(1900, 1, 1)


_SEEN_BYTES: Final = 16
_ZIP: Final = b"PK\x03\x04"
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

# HMAC-SHA-256 under the institution's key: with the database alone, without the keystore, identifiers cannot be tried.
Mac = Callable[[bytes], bytes]


class CohortRefused(CodedError[Code]):
    """A file that cannot be used as a whole. `row`: the row of the line, if there is one. `column`: its header."""

    def __init__(self, code: Code, message: str, row: int | None = None) -> None:
        super().__init__(code, message)
        self.row = row

    def __str__(self) -> str:
        return f"row {self.row}: {self.message}" if self.row else self.message


@dataclass(frozen=True, slots=True)
class RowAccepted:
    """A row that may be issued. `key`: its idempotency key, the same for the same row in any file."""

    row: int
    award: Award
    key: bytes


@dataclass(frozen=True, slots=True)
class RowRefused:
    """A row that gives no credential: its place and the reason, without any of its values."""

    row: int
    code: Code
    column: str | None
    expected: str


RowOutcome = RowAccepted | RowRefused
Row = tuple[int, dict[str, str] | RowRefused]
Rows = Iterable[Row]


@dataclass(frozen=True)
class Importer:
    """The values that rows are judged by: the programme version, the institution's HMAC and today."""

    programme: Programme
    mac: Mac
    today: date

    def judge(self, rows: Rows) -> Iterator[RowOutcome]:
        """Yield the outcome of each row in order. A row whose key came before in the file is a duplicate."""
        seen: dict[bytes, int] = {}  # all that is kept of a row
        for row, values in rows:
            outcome = values if isinstance(values, RowRefused) else self._row(row, values)
            if isinstance(outcome, RowAccepted):
                first = seen.setdefault(hashlib.sha256(outcome.key).digest()[:_SEEN_BYTES], row)
                if first != row:
                    outcome = RowRefused(row, Code.ROW_DUPLICATE, None, f"each person and date once; see row {first}")
            yield outcome

    def _row(self, row: int, values: dict[str, str]) -> RowOutcome:
        try:
            award = self._award(values)
        except AwardRefused as error:
            return RowRefused(row, error.code, error.field, error.expected)
        return RowAccepted(row, award, idempotency_key(self.programme.digest, award, self.mac))

    def _award(self, values: dict[str, str]) -> Award:
        for column in REQUIRED:
            if not values.get(column, "").strip():
                raise AwardRefused(Code.ROW_VALUE_MISSING, column, "a value")
        awarded = _date(values["fecha_otorgamiento"].strip(), self.today)
        until = valid_until(self.programme, awarded)
        if until is not None and until <= calendar.timegm(self.today.timetuple()):
            raise AwardRefused(Code.ROW_VALIDITY_OVER, "fecha_otorgamiento", "a validity that has not ended yet")
        return Award(
            identifier=_identifier(values["identificador"]),
            did=_checked(did, values.get("did", ""), Code.ROW_DID_INVALID, "did", "a DID or nothing"),
            awarded=awarded,
            result=passing_result(self.programme, values["resultado"].strip()),
            evidence_url=_checked(
                web,
                values.get("evidencia_url", ""),
                Code.ROW_EVIDENCE_INVALID,
                "evidencia_url",
                "a web address or nothing",
            ),
        )


@dataclass(frozen=True)
class CohortFile:
    """The rows of a file, read from the start at each iteration and never all held in memory."""

    path: Path
    json_lines: bool = False
    encoding: str = "utf-8"

    def __iter__(self) -> Iterator[Row]:
        with self.path.open("rb") as file:
            yield from json_rows(file) if self.json_lines else csv_rows(file, self.encoding)


def idempotency_key(programme: Digest, award: Award, mac: Mac) -> bytes:
    """Build a row's key: programme version ‖ HMAC of the trimmed NFC identifier ‖ date, 32 + 32 + 10 bytes."""
    return programme + mac(normal(award.identifier).encode()) + award.awarded.isoformat().encode("ascii")


def csv_rows(file: BinaryIO, encoding: str = "utf-8") -> Iterator[Row]:
    """Yield the rows of a CSV file, numbered from 1 below the header. Raises CohortRefused.

    An `encoding` other than UTF-8 is for a conversion that was requested. Blank lines are skipped and not counted.
    """
    lines = _lines(file, encoding)
    header_line = next(lines, None)
    if header_line is None:
        raise CohortRefused(Code.FILE_EMPTY, "a header and at least one row expected")
    delimiter = ";" if ";" in header_line and "," not in header_line else ","
    header = _header(next(_cells(iter([header_line]), delimiter), []))
    row = 0
    for row, cells in enumerate(_cells(lines, delimiter), start=1):
        _count(row)
        if len(cells) != len(header):
            yield row, RowRefused(row, Code.ROW_MALFORMED, None, f"{len(header)} cells")
        else:
            yield row, dict(zip(header, cells, strict=True))
    if row == 0:
        raise CohortRefused(Code.FILE_EMPTY, "at least one row below the header expected")


def json_rows(file: BinaryIO) -> Iterator[Row]:
    """Yield the numbered rows of a JSON lines file: one object of strings a line, keyed as the CSV header."""
    row = 0
    for row, line in enumerate((line for line in _lines(file, "utf-8") if line.strip()), start=1):
        _count(row)
        yield row, _json_row(row, line)
    if row == 0:
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
        return RowRefused(row, Code.COLUMN_UNKNOWN, None, "only the keys " + ", ".join(COLUMNS))
    if not all(isinstance(value, str) for value in values.values()):
        return RowRefused(row, Code.ROW_MALFORMED, None, "strings only")
    return values


def _lines(file: BinaryIO, encoding: str) -> Iterator[str]:
    """Yield decoded lines without the byte order mark, none longer than the limit. Line ends are kept for csv."""
    number = 0
    while raw := file.readline(4 * MAX_LINE_CHARS + 1):
        number += 1
        if len(raw) > 4 * MAX_LINE_CHARS:
            raise CohortRefused(
                Code.FILE_TOO_LONG, f"line {number}: at most {MAX_LINE_CHARS} characters a line expected"
            )
        if number == 1:
            _check_beginning(raw)
        try:
            line = raw.decode(encoding)
        except UnicodeDecodeError:
            expected = f"line {number} is not {encoding.upper()}; a file in Latin-1 is converted only when asked for"
            raise CohortRefused(Code.FILE_NOT_UTF8, expected) from None
        yield line.removeprefix("\ufeff") if number == 1 else line


def _check_beginning(line: bytes) -> None:
    """Refuse a file of another kind by its name, so that nobody converts a spreadsheet from Latin-1."""
    if line.startswith(_ZIP):
        raise CohortRefused(Code.FILE_MALFORMED, "a spreadsheet or another ZIP; text expected: save it as CSV, UTF-8")
    if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in line:
        raise CohortRefused(Code.FILE_NOT_UTF8, "UTF-16 or no text at all; save it as CSV, UTF-8")


def _cells(lines: Iterator[str], delimiter: str) -> Iterator[list[str]]:
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
        if cells:
            yield cells


def _header(cells: list[str]) -> tuple[str, ...]:
    header = tuple(unicodedata.normalize("NFC", cell).strip() for cell in cells)
    unknown = [_shown(cell) for cell in header if cell not in COLUMNS]
    missing = [column for column in REQUIRED if column not in header]
    if len(unknown) == len(header):
        # No header at all: the first line holds a person's data, which no message may repeat.
        named = ", ".join(REQUIRED)
        raise CohortRefused(
            Code.COLUMN_MISSING, f"a first line with the columns {named}, by comma or semicolon, expected"
        )
    if unknown:
        raise CohortRefused(Code.COLUMN_UNKNOWN, "columns not known: " + ", ".join(unknown))
    if missing:
        raise CohortRefused(Code.COLUMN_MISSING, "columns missing: " + ", ".join(missing))
    if len(set(header)) < len(header):
        raise CohortRefused(Code.COLUMN_DUPLICATE, "each column once expected")
    return header


def _shown(column: str) -> str:
    return column if len(column) <= 40 and is_clean(column) else "(unreadable)"


def _count(row: int) -> None:
    if row > MAX_ROWS:
        raise CohortRefused(Code.FILE_TOO_LONG, f"at most {MAX_ROWS} rows expected")


def _identifier(text: str) -> str:
    identifier = normal(text)
    if len(identifier) > MAX_IDENTIFIER_CHARS or not is_clean(identifier):
        raise AwardRefused(
            Code.ROW_IDENTIFIER_INVALID, "identificador", f"at most {MAX_IDENTIFIER_CHARS} characters, none for control"
        )
    return identifier


def _date(text: str, today: date) -> date:
    try:
        awarded = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        awarded = None
    if awarded is None or awarded < EARLIEST_AWARD:
        raise AwardRefused(Code.ROW_DATE_INVALID, "fecha_otorgamiento", "a date YYYY-MM-DD that exists")
    if awarded > today:
        raise AwardRefused(Code.ROW_DATE_FUTURE, "fecha_otorgamiento", "a date not after today")
    return awarded


def _checked(
    check: Callable[[object, tuple[str | int, ...]], None], text: str, code: Code, column: str, expected: str
) -> str | None:
    value = text.strip()
    if not value:
        return None
    try:
        check(value, ())
    except ProfileRefused:
        raise AwardRefused(code, column, expected) from None
    return value
