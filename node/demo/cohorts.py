"""Make fictitious learners, always the same ones, as the CSV file that an institution sends.

Their names have accents, ñ and combining marks.
"""

import csv
import hashlib
import io
import unicodedata
from dataclasses import dataclass

from acredita.registry.keys.did import did_key
from acredita.registry.keys.signer import PrivateKeySigner
from cryptography.hazmat.primitives.asymmetric import ed25519

FIRST_NAMES = ("María José", "Íñigo", "Ximena", "José Ángel", "Zoë", "Lucía", "Peña", "Andrés", "Nahúm", "Sofía")
FAMILY_NAMES = ("Muñoz", "Gutiérrez", "Núñez", "Ibáñez", "Güereña", "López", "Cárdenas", "Yáñez", "Ávila", "Zúñiga")
RUBRIC = ("Competente", "Destacado")
HEADER = ("identificador", "did", "fecha_otorgamiento", "resultado", "evidencia_url")


@dataclass(frozen=True)
class CohortPlan:
    """A cohort of the script: institution and programme. `share` of all learners, in hundredths; `day` of the script."""

    institution: str
    programme: str
    version: str | None
    share: int
    day: str
    percent: bool


PLANS = (
    CohortPlan("demo-ce", "ingles-negocios", None, 5, "2025-10-15", True),
    CohortPlan("demo-ut", "ind40-fundamentos", None, 42, "2026-04-20", False),
    CohortPlan("demo-up", "analitica-ingenieria", None, 30, "2026-05-11", True),
    CohortPlan("demo-up", "sostenibilidad-procesos", None, 13, "2026-05-25", True),
    CohortPlan("demo-up", "diseno-microcredenciales", "1.1.0", 2, "2026-06-05", False),
    CohortPlan("demo-bt", "servicio-cliente-dual", None, 8, "2026-06-15", False),
)


def sizes(learners: int) -> list[int]:
    """Return the number of learners of each plan. The largest plan gets the rest that rounding leaves."""
    counts = [learners * plan.share // 100 for plan in PLANS]
    counts[1] += learners - sum(counts)
    return counts


def cohort_csv(plan: CohortPlan, first: int, count: int, awarded: str) -> bytes:
    """Return the file for learners `first` … `first + count - 1`, awarded on an ISO date."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for number in range(first, first + count):
        writer.writerow(_row(plan, number, awarded))
    return text.getvalue().encode()


def failing_rows(awarded: str) -> bytes:
    """Return rows that an institution should not have sent. None of them is issued."""
    rows = [
        (identifier(900_001), "", awarded, "En desarrollo", ""),
        (identifier(900_002), "", "2026-02-30", "Competente", ""),
        (identifier(900_003), "", awarded, "Competente", "ftp://evidencia.example/3"),
    ]
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *rows])
    return text.getvalue().encode()


def identifier(number: int) -> str:
    """Return a fictitious person. Every third name is in NFD, as some systems send it: a mark follows its letter."""
    name = f"{FIRST_NAMES[number % 10]} {FAMILY_NAMES[number // 10 % 10]} {number:06d} (DEMO)"
    return unicodedata.normalize("NFD", name) if number % 3 == 0 else name


def _row(plan: CohortPlan, number: int, awarded: str) -> tuple[str, ...]:
    result = str(80 + number % 21) if plan.percent else RUBRIC[number % 2]
    did = _did(number) if number % 10 == 7 else ""
    evidence = f"https://evidencia.example/{_token(number)}" if number % 4 == 1 else ""
    return identifier(number), did, awarded, result, evidence


def _did(number: int) -> str:
    seed = hashlib.sha256(b"acredita demo learner %d" % number).digest()
    return did_key(PrivateKeySigner.of(ed25519.Ed25519PrivateKey.from_private_bytes(seed)).public)


def _token(number: int) -> str:
    return hashlib.sha256(b"acredita demo evidence %d" % number).hexdigest()[:16]
