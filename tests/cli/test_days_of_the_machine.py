"""The whole demonstration on machines of two zones: the same days in JSON, on the page and on the printed page."""

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from acredita.node.delivery.printing.wording import day
from acredita.registry.credentials.days import DEFAULT_ZONE, end_of_day, noon_of_day
from acredita.registry.credentials.parse import moment

ROOT = Path(__file__).resolve().parents[2]
ZONES = ("America/Mexico_City", "Pacific/Kiritimati")
LEARNERS = "60"
PAGES = ("tests/registry/verification/test_library.py", "tests/cli/test_scenarios.py")  # the commands of the documents

PROGRAM = """
import io, json, re, sys, time
from contextlib import redirect_stdout
from pathlib import Path
from acredita.cli.main import main
from acredita.anchoring.receipts import parse_receipt
from acredita.node.delivery.printing.document import credential_pdf
from acredita.node.delivery.printing.wording import PrintedNames, wording
from acredita.node.http.verify_page_html import answer_page
from acredita.node.verification.files import open_sources
from acredita.node.verification.language import Language
from acredita.registry.verification.case import Moment
from pypdf import PdfReader

folder, now = Path(sys.argv[1]), Moment(int(time.time()))
with redirect_stdout(io.StringIO()):
    assert main(["demo", "--out", str(folder), "--learners", sys.argv[2]]) == 0
rows, printed = [], {}
with open_sources(folder / "trust.json", None, None, now) as sources:
    for file in sorted((folder / "credentials").iterdir()):
        answer = sources.verify(file, None, now, None)
        document, page = json.loads(file.read_bytes()), str(answer_page(answer, Language.ES))
        shown = [
            re.search(f">{term}</[^>]*>\\s*<[^>]*>([^<]*)<", page)[1] for term in ("Fecha de otorgamiento", "Vigencia")
        ]
        name = document["name"]
        if name not in printed and answer.programme is not None:
            receipt = (folder / "receipts" / file.name).read_bytes()
            parsed = parse_receipt(json.loads(receipt))
            names = PrintedNames("UT", True)
            words = wording(answer.credential, answer.programme, names, parsed.entry.digest, parsed, "https://x.example")
            pdf = credential_pdf(words, file.read_bytes(), receipt, 0)
            printed[name] = " ".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())
            rows.append([name, document["awardedDate"], document.get("validUntil"), *shown, printed[name]])
        else:
            rows.append([name, document["awardedDate"], document.get("validUntil"), *shown, None])
print(json.dumps(rows))
"""


def machine(zone: str) -> dict[str, str]:
    return {**os.environ, "TZ": zone}


def rows_of(folder: Path, zone: str) -> list[list[Any]]:
    program = [sys.executable, "-c", PROGRAM, str(folder), LEARNERS]
    ended = subprocess.run(program, env=machine(zone), capture_output=True, text=True, check=True)
    rows: list[list[Any]] = json.loads(ended.stdout)
    return rows


@pytest.mark.slow
def test_the_demonstration_has_the_same_days_on_every_machine(tmp_path: Path) -> None:
    rows = {zone: rows_of(tmp_path / zone.replace("/", "-"), zone) for zone in ZONES}
    days = [
        sorted((name, award, until or "", page, last) for name, award, until, page, last, _ in rows[zone])
        for zone in ZONES
    ]
    assert days[0] == days[1]
    assert len(days[0]) > 40
    for name, award, until, page, last, printed in (row for zone in ZONES for row in rows[zone]):
        awarded = date.fromisoformat(award[:10])
        assert moment(award, ()) == noon_of_day(awarded, DEFAULT_ZONE)
        assert page == day(awarded), name
        if until is not None:
            ends = date.fromisoformat(until[:10]) - timedelta(days=1)
            assert moment(until, ()) == end_of_day(ends, DEFAULT_ZONE)
            assert last == f"hasta el {day(ends)}"
            assert printed is None or f"asta el {day(ends)}" in printed
        assert printed is None or day(awarded) in printed


@pytest.mark.slow
@pytest.mark.parametrize("zone", ZONES)
def test_the_commands_of_the_documents_hold_on_every_machine(zone: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *PAGES],
        cwd=ROOT, env=machine(zone), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout[-2_000:]
