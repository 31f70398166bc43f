"""Name the columns of a cohort file, and find them in a header as people and spreadsheets write it.

Names are compared without capitals, and blanks around them do not count. No message repeats a cell of a first line that is no
header, because it holds a person's data.
"""

import re
import unicodedata
from typing import Final

from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code
from acredita.registry.json_documents.invisible_characters import without_invisible
from acredita.registry.json_documents.schema_faults import is_clean

REQUIRED: Final = ("identificador", "fecha_otorgamiento", "resultado")
OPTIONAL: Final = ("did", "evidencia_url")
COLUMNS: Final = (*REQUIRED, *OPTIONAL)

MAX_COLUMNS: Final = 1_024  # unnamed ones included; a spreadsheet may write a thousand separators
_DELIMITERS: Final = (",", ";", "\t", "|")


class CohortRefused(CodedError[Code]):
    """A file that cannot be used as a whole. `row`: the row of the line, if there is one. `column`: its header."""

    def __init__(self, code: Code, message: str, row: int | None = None) -> None:
        super().__init__(code, message)
        self.row = row

    def __str__(self) -> str:
        return f"row {self.row}: {self.message}" if self.row else self.message


def delimiter_of(header: str) -> str:
    """Choose the separator that gives the most known columns; a comma where none gives any."""
    return max(_DELIMITERS, key=lambda delimiter: sum(map(_is_known, header.split(delimiter))))


def _is_known(cell: str) -> bool:
    return _name(cell.strip().strip('"')) in COLUMNS


def _name(cell: str) -> str:
    """Return a column's name without capitals, blanks around it and characters that are not shown."""
    name = unicodedata.normalize("NFC", without_invisible(cell)).strip().lower()
    return re.sub(r"[\s_-]+", "_", name)


def columns_of(cells: list[str]) -> tuple[str, ...]:
    """Return the columns that a header names, in its order; an unnamed one is empty. Raises CohortRefused."""
    columns = tuple(_name(cell) for cell in cells)
    named = [column for column in columns if column]
    unknown = [_shown(cell.strip()) for cell in cells if _name(cell) and _name(cell) not in COLUMNS]
    missing = [column for column in REQUIRED if column not in columns]
    if len(unknown) == len(named):
        # No header at all: the first line holds a person's data, which no message may repeat.
        raise CohortRefused(
            Code.COLUMN_MISSING,
            f"a first line with the columns {', '.join(REQUIRED)}, by comma, semicolon or tab, expected",
        )
    if len(columns) > MAX_COLUMNS:
        raise CohortRefused(Code.FILE_TOO_LONG, f"at most {MAX_COLUMNS} columns expected")
    if unknown:
        raise CohortRefused(
            Code.COLUMN_UNKNOWN,
            f"columns not known: {', '.join(unknown)}; only {', '.join(COLUMNS)} are read",
        )
    if missing:
        raise CohortRefused(Code.COLUMN_MISSING, f"columns missing: {', '.join(missing)}")
    if len(set(named)) < len(named):
        twice = sorted({column for column in named if named.count(column) > 1})
        raise CohortRefused(Code.COLUMN_DUPLICATE, f"each column once expected; twice: {', '.join(twice)}")
    return columns


def _shown(column: str) -> str:
    return column if len(column) <= 40 and is_clean(column) else "(unreadable)"
