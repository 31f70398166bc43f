"""One day for everybody: page, PDF and JSON name the institution's day, in whatever zone the machine is."""

import io
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

import pytest
from acredita.node.delivery.printing.wording import day
from acredita.registry.credentials.cohort_rows import csv_rows
from acredita.registry.credentials.parse import parse_credential
from pypdf import PdfReader

from tests.node.http.test_delivery import builder
from tests.node.http.two_institution_node import HEADER, PROGRAMME, Client, TwoInstitutionNode

AWARDED = date(2026, 4, 20)
MACHINES = ("America/Mexico_City", "Pacific/Kiritimati", "Pacific/Pago_Pago")


@pytest.fixture(params=MACHINES)
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Set the zone of the machine, as the C library reads it."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


def test_page_pdf_and_json_show_one_day(node: TwoInstitutionNode, client: Client, machine: str) -> None:
    [digest] = node.issue(next(node.learners))
    node.anchor()
    document = json.loads(node.credential(digest))
    years = int(document["credentialSubject"]["achievement"]["validityPeriod"][1:-1])
    last = AWARDED.replace(year=AWARDED.year + years)
    assert document["awardedDate"] == f"{AWARDED}T18:00:00Z"
    assert document["validUntil"] == f"{last + timedelta(days=1)}T05:59:59Z"
    parcel = builder(node).parcel(digest)
    [printed] = [file.content for file in parcel.files if file.name == "credencial.pdf"]
    text = " ".join(PdfReader(io.BytesIO(printed)).pages[0].extract_text().split())
    page = client.post(
        "/verificar", params={"lang": "es"}, content=urlencode({"credencial": json.dumps(document)}).encode()
    )
    english = client.post(
        "/verificar", params={"lang": "en"}, content=urlencode({"credencial": json.dumps(document)}).encode()
    )
    for shown in (text, page.text):
        assert day(AWARDED) in shown, machine
        assert f"hasta el {day(last)}" in shown.replace("Hasta", "hasta")
    assert str(AWARDED) in english.text and f"until {last}" in english.text


@pytest.mark.parametrize(
    ("hour", "today"), [(5, date(2026, 11, 14)), (6, date(2026, 11, 15)), (23, date(2026, 11, 15))]
)
def test_today_is_the_institutions_day(node: TwoInstitutionNode, machine: str, hour: int, today: date) -> None:
    """Issue at an hour when UTC, the institution and the machine have different days."""
    now = int(datetime(2026, 11, 15, hour, 30, tzinfo=UTC).timestamp())
    staff = node.tenant.institution
    at_that_hour = replace(staff, context=replace(staff.context, clock=lambda: now))
    rows = "".join(f"H-{offset},,{today + timedelta(days=offset)},Competente,\n" for offset in (0, 1))
    preview = at_that_hour.preview(
        node.demo.texts.programme(PROGRAMME), csv_rows(io.BytesIO(f"{HEADER}\n{rows}".encode()))
    )
    assert [report.code for report in preview] == [None, "ROW_DATE_FUTURE"]


def test_another_zone_of_the_institution(node: TwoInstitutionNode) -> None:
    staff = node.tenant.institution
    for zone, noon, end in (("America/Tijuana", 19, "06:59:59"), ("Europe/Madrid", 10, "21:59:59")):
        there = replace(staff, context=replace(staff.context, zone=zone))
        rows = csv_rows(io.BytesIO(f"{HEADER}\nZ-{zone},,{AWARDED},Competente,\n".encode()))
        [report] = there.issue(node.demo.texts.programme(PROGRAMME), rows)
        assert report.digest is not None
        document = json.loads(node.credential(report.digest))
        assert document["awardedDate"] == f"{AWARDED}T{noon}:00:00Z"
        assert document["validUntil"].endswith(f"T{end}Z")
        parsed = parse_credential(document)
        assert parsed.valid_until is not None and parsed.valid_until > parsed.awarded
