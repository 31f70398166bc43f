"""Days in a time zone: each reader names the day that the institution meant, and the machine's own rules do not matter."""

import json
import os
import subprocess
import sys
from datetime import date, timedelta

import pytest
from acredita.anchoring.receipts import time_text
from acredita.registry.credentials.days import (
    DEFAULT_ZONE,
    ZoneRefused,
    day_of_award,
    day_of_end,
    end_of_day,
    noon_of_day,
    today_in,
    zone_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st

ZONES = (
    "America/Mexico_City", "America/Tijuana", "America/Cancun", "America/Hermosillo", "Pacific/Pago_Pago",
    "Pacific/Honolulu", "America/St_Johns", "Atlantic/Azores", "UTC", "Europe/Madrid", "Asia/Kathmandu", "Asia/Tokyo",
    "Pacific/Noumea",
)  # fmt: skip


@settings(max_examples=200, derandomize=True)
@given(zone=st.sampled_from(ZONES), day=st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_every_reader_names_the_day_that_was_meant(zone: str, day: date) -> None:
    assert day_of_award(noon_of_day(day, zone)) == day
    assert day_of_end(end_of_day(day, zone)) == day
    assert today_in(zone, end_of_day(day, zone)) == day
    assert today_in(zone, end_of_day(day, zone) + 1) == day + timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "zone", "end"),
    [
        (date(2026, 4, 20), DEFAULT_ZONE, "2026-04-21T05:59:59Z"),
        (date(2026, 7, 20), DEFAULT_ZONE, "2026-07-21T05:59:59Z"),
        (date(2022, 7, 20), DEFAULT_ZONE, "2022-07-21T04:59:59Z"),
        (date(2026, 7, 20), "America/Tijuana", "2026-07-21T06:59:59Z"),
        (date(2026, 1, 20), "America/Tijuana", "2026-01-21T07:59:59Z"),
        (date(2026, 1, 20), "America/Cancun", "2026-01-21T04:59:59Z"),
        (date(2026, 3, 29), "Europe/Madrid", "2026-03-29T21:59:59Z"),
        (date(2026, 10, 25), "Europe/Madrid", "2026-10-25T22:59:59Z"),
    ],
)
def test_a_day_ends_where_the_institution_is(day: date, zone: str, end: str) -> None:
    assert time_text(end_of_day(day, zone)) == end


@pytest.mark.parametrize(
    "zone", ["", "Mexico", "America/Guanajuato", "../../etc/passwd", "/etc/localtime", "UTC\\x", "zone.tab"]
)
def test_what_is_no_zone_is_refused_by_name(zone: str) -> None:
    with pytest.raises(ZoneRefused, match="a time zone such as America/Mexico_City expected"):
        zone_of(zone)


@pytest.mark.parametrize(
    "zone", ["Pacific/Kiritimati", "Pacific/Auckland", "Pacific/Apia", "Etc/GMT+12", "Pacific/Majuro"]
)
def test_a_zone_whose_days_others_would_name_otherwise_is_refused(zone: str) -> None:
    with pytest.raises(ZoneRefused, match=r"from UTC-11 to UTC\+11"):
        zone_of(zone)


def test_neither_the_zone_nor_the_rules_of_the_machine_matter() -> None:
    """Build one award in processes of three zones, one of them with no zone files at all."""
    program = (
        "import json; from datetime import date; from acredita.registry.credentials import days as d;"
        "print(json.dumps([d.noon_of_day(date(2026, 4, 20), d.DEFAULT_ZONE), d.end_of_day(date(2028, 4, 20), d.DEFAULT_ZONE),"
        "str(d.today_in(d.DEFAULT_ZONE, 1777000000)), str(d.day_of_end(1840000000))]))"
    )
    answers = set()
    for more in ({"TZ": "America/Mexico_City"}, {"TZ": "Pacific/Kiritimati"}, {"TZ": "UTC", "PYTHONTZPATH": ""}):
        ended = subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, **more}, capture_output=True, check=True
        )
        answers.add(ended.stdout)
    [answer] = answers
    assert json.loads(answer)[:2] == [1_776_708_000, 1_839_909_599]
