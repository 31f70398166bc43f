"""Find characters that a reader cannot see: default-ignorable code points, bidi controls and separators of lines.

Two texts that differ only in such characters look alike. The list is Unicode's Default_Ignorable_Code_Point (Unicode 16,
DerivedCoreProperties.txt), which includes every bidi control. Interlinear annotation and the two line separators are
added, because they are not shown either.
"""

import re
from typing import Final

_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def first_invisible(text: str) -> tuple[str, int] | None:
    """Return the first invisible character as `U+200B`, and its place counted from 1; None if there is none."""
    match = _INVISIBLE.search(text)
    return None if match is None else (f"U+{ord(match.group()):04X}", match.start() + 1)


def without_invisible(text: str) -> str:
    """Return the text without its invisible characters."""
    return _INVISIBLE.sub("", text)
