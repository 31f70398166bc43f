"""Judge the rows of a cohort file: rows of people and results become awards, with a report for each row.

The columns are `identificador,did,fecha_otorgamiento,resultado,evidencia_url` (`did` and `evidencia_url` are optional);
`cohort_rows` reads them. A file is judged row by row. It is refused as a whole only before its first row, or for a fault
of no single row. Reports name rows, columns and rules, never a value, because the values are personal. Nothing is
issued here.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from acredita.anchoring.types import Digest
from acredita.registry.codes import Code
from acredita.registry.credentials.build import Award, AwardRefused, last_valid_day, normal, passing_result
from acredita.registry.credentials.cohort_columns import REQUIRED
from acredita.registry.credentials.cohort_rows import RowRefused, Rows
from acredita.registry.credentials.identifier import identifier_of
from acredita.registry.credentials.rounded_numbers import EXPECTED, RoundedNumbers
from acredita.registry.credentials.shapes import ProfileRefused, did, web
from acredita.registry.programmes.programme import Programme

EARLIEST_AWARD: Final = date(1900, 1, 1)

_SEEN_BYTES: Final = 16
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

# HMAC-SHA-256 under the institution's key: with the database alone, without the keystore, identifiers cannot be tried.
Mac = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class RowAccepted:
    """A row that may be issued. `key`: its idempotency key, the same for the same row in any file."""

    row: int
    award: Award
    key: bytes


RowOutcome = RowAccepted | RowRefused


@dataclass(frozen=True)
class Importer:
    """The values that rows are judged by: the programme version, the institution's HMAC, and today in its `zone`."""

    programme: Programme
    mac: Mac
    today: date
    zone: str

    def judge(self, rows: Rows) -> Iterator[RowOutcome]:
        """Yield the outcome of each row in order. A row whose key came before in the file is a duplicate."""
        seen: dict[bytes, int] = {}  # all that is kept of a row
        rounded = RoundedNumbers(rows)
        for row, values in rows:
            outcome = values if isinstance(values, RowRefused) else self._row(row, values)
            if isinstance(outcome, RowAccepted) and rounded.holds(outcome.award.identifier):
                outcome = RowRefused(row, Code.ROW_IDENTIFIER_INVALID, "identificador", EXPECTED)
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
        awarded = _date(values["fecha_otorgamiento"].strip(), self.today, self.zone)
        last_day = last_valid_day(self.programme, awarded)
        if last_day is not None and last_day < self.today:
            raise AwardRefused(Code.ROW_VALIDITY_OVER, "fecha_otorgamiento", "a validity that has not ended yet")
        return Award(
            identifier=identifier_of(values["identificador"]),
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


def idempotency_key(programme: Digest, award: Award, mac: Mac) -> bytes:
    """Build a row's key: programme version ‖ HMAC of the trimmed NFC identifier ‖ date, 32 + 32 + 10 bytes."""
    return programme + mac(normal(award.identifier).encode()) + award.awarded.isoformat().encode("ascii")


def _date(text: str, today: date, zone: str) -> date:
    try:
        awarded = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        awarded = None
    if awarded is None or awarded < EARLIEST_AWARD:
        raise AwardRefused(
            Code.ROW_DATE_INVALID, "fecha_otorgamiento", "a date YYYY-MM-DD that exists, such as 2026-02-28"
        )
    if awarded > today:
        raise AwardRefused(Code.ROW_DATE_FUTURE, "fecha_otorgamiento", f"a date not after {today}, today in {zone}")
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
