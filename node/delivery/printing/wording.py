"""Choose the Spanish texts of a printed credential: values of the parsed profile, names of the approved documents.

No status is printed, because paper cannot change, and no person, because a credential has no name in it. Titles and
outcomes are those of the programme document, never the credential's own words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from acredita.anchoring.receipts import Receipt
from acredita.anchoring.types import Digest
from acredita.node.delivery.printing.printable import family_for, unprintable
from acredita.registry.credentials.days import day_of_award, day_of_end
from acredita.registry.credentials.parse import ParsedCredential
from acredita.registry.programmes.programme import Programme

_MONTHS: Final = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
    "diciembre",
)  # fmt: skip
_FIXED_SPACE: Final = "\u00a0"
_ENDLESS: Final = re.compile(r"\S{28}(?=\S)")  # longer than a word of Spanish
_PARTICIPATION: Final = {
    "on_site": "presencial",
    "online": "en línea",
    "blended": "mixta",
    "work_based": "en el lugar de trabajo",
    "project_based": "por proyectos",
}


@dataclass(frozen=True)
class PrintedNames:
    """The issuer's name in the registry. `demo`: the chain is one for demonstration."""

    issuer: str
    demo: bool


@dataclass(frozen=True)
class Wording:
    """The texts of the page, in reading order. `facts`: term and text; `link`: the content of the QR code.

    `incomplete`: a text has a character that no font draws. `family`: the font that has every letter and mark, because
    a mark of one font is misplaced on a letter of another.
    """

    title: str
    issuer: str
    place: str
    description: str
    outcomes: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    awarded: str
    link: str
    digest: str
    anchored: str
    demo: bool
    incomplete: bool
    family: str


def verification_link(base: str, digest: Digest) -> str:
    """Return the address of the page with programme, issuer and status. A browser does not send the part after #."""
    return f"{base.rstrip('/')}/verificar#d={digest.hex()}"


def wording(
    credential: ParsedCredential, programme: Programme, names: PrintedNames, digest: Digest, receipt: Receipt, base: str
) -> Wording:
    """Return the texts of the page."""
    description, outcomes = programme.description["es"], tuple(outcome.text["es"] for outcome in programme.outcomes)
    facts = tuple((term, text[:1].upper() + text[1:]) for term, text in _facts(credential, programme))
    printed = "".join((programme.title["es"], names.issuer, description, *outcomes, *(text for _, text in facts)))
    return Wording(
        title=breakable(programme.title["es"]),
        issuer=breakable(names.issuer),
        place=programme.region,
        description=description,
        outcomes=outcomes,
        facts=facts,
        awarded=day(day_of_award(credential.awarded)),
        link=verification_link(base, digest),
        digest=digest.hex(),
        anchored=f"{_day_in_utc(receipt.checkpoint.time)}, bloque {receipt.block_number}",
        demo=names.demo,
        incomplete=bool(unprintable(printed)),
        family=family_for(printed),
    )


def breakable(text: str) -> str:
    """Return a text with a possible line break after every so many characters of an endless word."""
    return _ENDLESS.sub(lambda word: word[0] + "\u200b", text)


def day(date: date) -> str:
    """Return a date in the form that is used in Mexico."""
    return f"{date.day} de {_MONTHS[date.month - 1]} de {date.year}"


def _day_in_utc(seconds: int) -> str:
    return f"{day(datetime.fromtimestamp(seconds, UTC).date())} (UTC)"


def _facts(credential: ParsedCredential, programme: Programme) -> Iterator[tuple[str, str]]:
    yield "Calificación", _result(credential, programme)
    yield "Fecha de otorgamiento", day(day_of_award(credential.awarded))
    yield "Vigencia", _validity(credential, programme)
    yield "Carga de trabajo", _workload(programme)
    yield "Nivel", _level(programme)
    mode = programme.document["participation"]["type"]
    if mode in _PARTICIPATION:
        yield "Modalidad", _PARTICIPATION[mode]


def _result(credential: ParsedCredential, programme: Programme) -> str:
    if credential.result.place is None:
        return f"{credential.result.value} de 100 (mínimo {programme.grading.minimum})"
    of = len(programme.grading.rubric or ())
    return f"{credential.result.value} (nivel {credential.result.place} de {of})"


def _validity(credential: ParsedCredential, programme: Programme) -> str:
    if credential.valid_until is not None:
        return f"hasta el {day(day_of_end(credential.valid_until))}"
    reason = programme.document["validity"].get("none_because", {}).get("es")
    return "sin vencimiento" + (f": {reason}" if reason else "")


def _workload(programme: Programme) -> str:
    # A number and its unit stay on one line.
    parts = [f"{_amount(programme.hours)}{_FIXED_SPACE}horas"]
    if programme.credits_mx is not None:
        parts.append(f"{_amount(programme.credits_mx)}{_FIXED_SPACE}créditos")
    if programme.ects is not None:
        parts.append(f"{_amount(programme.ects)}{_FIXED_SPACE}ECTS")
    return " · ".join(parts)


def _level(programme: Programme) -> str:
    european = "" if programme.level_eqf is None else f" · nivel {programme.level_eqf} del Marco Europeo (MEC)"
    return programme.level_mx + european


def _amount(number: int | float) -> str:
    return f"{number:,.6f}".rstrip("0").rstrip(".")
