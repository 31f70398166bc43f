"""Turn days of a calendar into moments and back, in the time zone of an institution.

A validity that ends on a day ends with the last second of that day there. An award is dated at noon of its day there. So
every reader names the same day: noon of a zone from UTC-11 to UTC+11 is within the same day of UTC, and so is the moment
half a day before an end of a day. Zones beyond are refused.

The rules of zones come from the pinned package `tzdata`, never from the machine, whose rules may be years old.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from typing import Final
from zoneinfo import ZoneInfo

DEFAULT_ZONE: Final = "America/Mexico_City"
WESTERNMOST: Final = timedelta(hours=-11)
EASTERNMOST: Final = timedelta(hours=11)

_HALF_DAY: Final = 12 * 3600
_LAST_SECOND: Final = time(23, 59, 59)
_NOON: Final = time(12)


class ZoneRefused(Exception):
    """A name that is no time zone, or one whose days other readers would name otherwise."""


@cache
def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name. Raises ZoneRefused."""
    parts = name.split("/")
    if not all(part and part.strip(".") for part in parts) or "\\" in name:
        raise ZoneRefused(f"{name}: a time zone such as {DEFAULT_ZONE} expected")
    file = resources.files("tzdata.zoneinfo").joinpath(*parts)
    try:
        with file.open("rb") as content:
            zone = ZoneInfo.from_file(content, key=name)
    except (OSError, ValueError) as error:
        raise ZoneRefused(f"{name}: a time zone such as {DEFAULT_ZONE} expected") from error
    offsets = [zone.utcoffset(datetime(year, month, 1)) for year in (2025, 2026) for month in (1, 7)]
    if not all(offset is not None and WESTERNMOST <= offset <= EASTERNMOST for offset in offsets):
        raise ZoneRefused(f"{name}: a time zone from UTC-11 to UTC+11 expected")
    return zone


def today_in(zone: str, now: int) -> date:
    """Return the day in a zone at a moment."""
    return datetime.fromtimestamp(now, zone_of(zone)).date()


def noon_of_day(day: date, zone: str) -> int:
    """Return noon of a day in a zone, as Unix seconds."""
    return _moment(day, _NOON, zone)


def end_of_day(day: date, zone: str) -> int:
    """Return the last second of a day in a zone, as Unix seconds."""
    return _moment(day, _LAST_SECOND, zone)


def day_of_award(noon: int) -> date:
    """Return the day of an award from its noon there, in whatever zone that was."""
    return datetime.fromtimestamp(noon, UTC).date()


def day_of_end(last_second: int) -> date:
    """Return the day that an end closes, in whatever zone that was."""
    return datetime.fromtimestamp(last_second - _HALF_DAY, UTC).date()


def _moment(day: date, at: time, zone: str) -> int:
    # Of an hour that occurs twice or not at all, zoneinfo takes the first or the offset before it (PEP 495).
    return int(datetime.combine(day, at, zone_of(zone)).timestamp())
