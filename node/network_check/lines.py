"""A line of the report of a network check, and what all of them come to.

A fault is what the network's files promise and the endpoint does not keep, or what the product cannot bear. A note is
another behaviour than the files ask for, which the product bears. Unknown is a question without an answer that can be
judged. Not checked is what needs an account, an expectation or a longer chain.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from acredita.registry.acts.shapes import Text
from acredita.registry.codes import Code


class LineOutcome(StrEnum):
    """Outcomes of one line."""

    FINE = "fine"
    NOTE = "note"
    FAULT = "fault"
    UNKNOWN = "unknown"
    NOT_CHECKED = "not_checked"


OUTCOME_WORDS: Mapping[LineOutcome, Text] = {
    LineOutcome.FINE: Text("fine", "bien"),
    LineOutcome.NOTE: Text("note", "nota"),
    LineOutcome.FAULT: Text("FAULT", "FALLA"),
    LineOutcome.UNKNOWN: Text("could not tell", "no se pudo saber"),
    LineOutcome.NOT_CHECKED: Text("not checked", "no se revisó"),
}


_NOTHING: Final = Text("", "")


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One subject's outcome. `seen`: what the endpoint showed; `expected`: what it should be, where that is a value."""

    outcome: LineOutcome
    seen: Text = _NOTHING
    expected: Text = _NOTHING
    code: Code | None = None


def as_is(value: object) -> Text:
    """Return a value that reads the same in both languages."""
    return Text(str(value), str(value))


def fine(seen: object = "") -> CheckLine:
    """Return the line of a subject that is as it should be."""
    return CheckLine(LineOutcome.FINE, _text(seen))


def fault(code: Code, seen: object = "", expected: object = "") -> CheckLine:
    """Return the line of a fault."""
    return CheckLine(LineOutcome.FAULT, _text(seen), _text(expected), code)


def note(code: Code, seen: object = "") -> CheckLine:
    """Return the line of a behaviour that the product bears."""
    return CheckLine(LineOutcome.NOTE, _text(seen), code=code)


def unknown(code: Code, seen: object = "") -> CheckLine:
    """Return the line of a question without an answer that can be judged."""
    return CheckLine(LineOutcome.UNKNOWN, _text(seen), code=code)


def not_checked(code: Code, seen: object = "") -> CheckLine:
    """Return the line of a subject that was not looked at; the code says why."""
    return CheckLine(LineOutcome.NOT_CHECKED, _text(seen), code=code)


def _text(value: object) -> Text:
    return value if isinstance(value, Text) else as_is(value)


def worst_outcome(lines: Iterable[CheckLine]) -> LineOutcome:
    """Return what lines come to: a fault, else unknown, else fine."""
    outcomes = {line.outcome for line in lines}
    return next((each for each in (LineOutcome.FAULT, LineOutcome.UNKNOWN) if each in outcomes), LineOutcome.FINE)
