"""Read dateTimeStamp of XML Schema 1.1: any year, a zone always, comparable without a calendar's limits.

Nothing is guessed: a time without a zone is no dateTimeStamp. VCDM 2.0 4.9.1 lets a reader take such a value as UTC. It
is refused here, because its author may have meant another zone.
"""

import calendar
import re
from decimal import Decimal

MAX_CHARACTERS = 64
"""Characters of one value: a year of four digits and nine digits of a second's fraction take 35."""

# The expression VCDM 2.0 4.9.1 prints, with groups.
_STAMP = re.compile(
    r"(?P<year>-?(?:[1-9][0-9]{3,}|0[0-9]{3}))-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12][0-9]|3[01])"
    r"T(?:(?P<hour>[01][0-9]|2[0-3]):(?P<minute>[0-5][0-9]):(?P<second>[0-5][0-9](?:\.[0-9]+)?)|(?P<end>24:00:00(?:\.0+)?))"
    r"(?P<zone>Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))",
    re.ASCII,
)


def seconds_of(text: str) -> Decimal | None:
    """Return the seconds since 1970 (UTC) of a dateTimeStamp, exactly; None where the text is none."""
    match = _STAMP.fullmatch(text) if len(text) <= MAX_CHARACTERS else None
    if match is None:
        return None
    year, month, day = int(match["year"]), int(match["month"]), int(match["day"])
    # The Gregorian calendar repeats every 400 years.
    if day > calendar.monthrange(2000 + year % 400, month)[1]:
        return None
    of_day = Decimal(86_400) if match["end"] else _of_day(match["hour"], match["minute"], match["second"])
    return _days(year, month, day) * 86_400 + of_day - _offset(match["zone"])


def _of_day(hour: str, minute: str, second: str) -> Decimal:
    return int(hour) * 3600 + int(minute) * 60 + Decimal(second)


def _offset(zone: str) -> int:
    if zone == "Z":
        return 0
    seconds = int(zone[1:3]) * 3600 + int(zone[4:6]) * 60
    return seconds if zone[0] == "+" else -seconds


def _days(year: int, month: int, day: int) -> Decimal:
    """Return the days since 1970-01-01 in the proleptic Gregorian calendar."""
    shifted = year - (month <= 2)  # the year begins in March, so that the leap day is its last
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    leaps = shifted // 4 - shifted // 100 + shifted // 400
    return Decimal(365 * shifted + leaps + of_year - 719_468)
