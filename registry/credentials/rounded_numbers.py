"""Find identifiers that a spreadsheet has rounded: it keeps 15 digits of a number and writes zeros for the others.

One such identifier may be genuine. Where a file has another long number whose last digits are not zeros, its numbers were
not rounded, and it is taken as it stands. Otherwise nobody can tell whose identifier it was. Programs write JSON lines,
which hold texts: nothing is rounded there.
"""

from functools import cached_property
from typing import Final

from acredita.registry.credentials.build import normal
from acredita.registry.credentials.cohort_rows import CohortFile, RowRefused, Rows

KEPT_DIGITS: Final = 15
EXPECTED: Final = (
    "an identifier with all its digits, not a number that a spreadsheet rounded to 15; JSON lines keep them all"
)


class RoundedNumbers:
    """The long numbers of one file. The file is read once more, and only if one of them looks rounded."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def holds(self, identifier: str) -> bool:
        """Return whether an identifier is a rounded number, as far as the file shows."""
        is_text = isinstance(self._rows, CohortFile) and self._rows.json_lines
        return not is_text and looks_rounded(normal(identifier)) and not self._has_whole

    @cached_property
    def _has_whole(self) -> bool:
        if not isinstance(self._rows, CohortFile):  # read from the start each time; what can be read once shows no more
            return False
        values = (values for _, values in self._rows if not isinstance(values, RowRefused))
        numbers = (normal(each.get("identificador", "")) for each in values)
        return any(is_long_number(number) and not looks_rounded(number) for number in numbers)


def is_long_number(text: str) -> bool:
    """Return whether a text could be a number with more digits than a spreadsheet keeps."""
    return len(text) > KEPT_DIGITS and text.isascii() and text.isdigit() and text[0] != "0"


def looks_rounded(text: str) -> bool:
    """Return whether a long number has zeros alone behind the digits that a spreadsheet keeps."""
    return is_long_number(text) and not text[KEPT_DIGITS:].strip("0")
