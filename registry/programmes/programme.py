"""Read programme documents, `acredita-programme/1`: one immutable version of one microcredential programme.

`parse_programme` refuses with every fault at once. It demands the mandatory elements of the EU Council Recommendation
on micro-credentials, learning outcomes, assessment criteria, an explicit validity, and some assessment beyond
attendance. The version digest is SHA-256 of the document's RFC 8785 form. The authority approves this digest on the
chain, and a credential's `achievement.id` names it. The approval of a version is not known here.
"""

import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, cast

from acredita.anchoring.types import Digest
from acredita.registry.codes import Code
from acredita.registry.json_documents.compiled_schema import faults_under
from acredita.registry.json_documents.jcs import jcs, jcs_digest
from acredita.registry.json_documents.schema_faults import SchemaCodes, SchemaFault
from acredita.registry.programmes import elm
from acredita.registry.programmes.achievement import achievement_id, build_achievement

SCHEMA = "acredita-programme-1"

_schema_faults = faults_under(
    SCHEMA, SchemaCodes(Code.PROGRAMME_MISSING_ELEMENT, Code.PROGRAMME_UNKNOWN_KEY, Code.PROGRAMME_MALFORMED)
)

# A language map: BCP 47 tag to text. Spanish is always there.
Texts = Mapping[str, str]


class ProgrammeRefused(Exception):
    """The document is not a programme that this registry accepts; `faults` holds every reason."""

    def __init__(self, faults: list[SchemaFault]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class LearningOutcome:
    """One learning outcome: `type` is knowledge, skill or competence."""

    id: str
    type: str
    text: Texts


@dataclass(frozen=True)
class Grading:
    """The rule by which a result passes: a percentage with a decimal minimum, or a level of an ascending rubric."""

    rubric: tuple[str, ...] | None
    minimum: str

    @property
    def minimum_percent(self) -> Decimal:
        """Lowest percentage that passes; only where there is no rubric."""
        return Decimal(self.minimum)


@dataclass(frozen=True)
class Programme:
    """A programme version, parsed. `document` is the source of every field and must not be changed."""

    document: Mapping[str, Any]
    digest: Digest
    id: str
    version: str
    issuer: str
    title: Texts
    description: Texts
    country: str
    region: str
    outcomes: tuple[LearningOutcome, ...]
    level_mx: str
    level_eqf: int | None
    hours: int | float
    ects: int | float | None
    credits_mx: int | float | None
    sector: str
    duration: str | None
    grading: Grading

    @property
    def achievement_id(self) -> str:
        """RFC 6920 name of this version."""
        return achievement_id(self.digest)

    @cached_property
    def canonical_achievement(self) -> bytes:
        """RFC 8785 form of its achievement; a verifier compares a whole cohort with it."""
        return jcs(achievement_of(self))

    @cached_property
    def achievement_text(self) -> str:
        """Its achievement as JSON with sorted keys.

        It is cheaper to compare with than the canonical form, and as strict.
        """
        return json.dumps(achievement_of(self), sort_keys=True)


def parse_programme(document: object) -> Programme:
    """Read one programme version. Raises ProgrammeRefused with all its faults."""
    faults = _schema_faults(document)
    if not faults:
        faults = sorted(_meaning_faults(cast(Mapping[str, Any], document)))
    if faults:
        raise ProgrammeRefused(faults)
    return _programme(cast(Mapping[str, Any], document))


def achievement_of(programme: Programme) -> dict[str, Any]:
    """Build the Open Badges Achievement of this version from its document alone, so that every builder gets the same."""
    return build_achievement(programme.document, programme.digest)


def _programme(document: Mapping[str, Any]) -> Programme:
    workload, level = document["workload"], document["level"]
    return Programme(
        document=document,
        digest=jcs_digest(document),
        id=document["id"],
        version=document["version"],
        issuer=document["issuer"],
        title=document["title"],
        description=document["description"],
        country=document["country"],
        region=document["region"],
        outcomes=tuple(LearningOutcome(o["id"], o["type"], o["text"]) for o in document["learning_outcomes"]),
        level_mx=level["mx"],
        level_eqf=level.get("eqf"),
        hours=workload["hours"],
        ects=workload.get("ects"),
        credits_mx=workload.get("credits_mx"),
        sector=document["sector"],
        duration=document["validity"].get("duration"),
        grading=_grading(document["grading"]),
    )


def _grading(grading: Mapping[str, Any]) -> Grading:
    if grading["scale"] == "percent":
        return Grading(None, str(grading["minimum"]))
    return Grading(tuple(grading["scale"]), grading["minimum"])


def _meaning_faults(document: Mapping[str, Any]) -> Iterator[SchemaFault]:
    yield from _assessment_faults(document["assessment"])
    yield from _term_faults(document)
    yield from _grading_faults(document["grading"])
    yield from _duplicate_faults(document)


def _assessment_faults(assessment: list[Mapping[str, str]]) -> Iterator[SchemaFault]:
    # EU Recommendation: assessed against transparent standards; attendance is no assessment.
    if all(a["uri"] == elm.ATTENDANCE or a["type"] == "attendance" for a in assessment):
        yield SchemaFault("/assessment", Code.PROGRAMME_ATTENDANCE_ONLY, "attendance may not be the only assessment")


def _term_faults(document: Mapping[str, Any]) -> Iterator[SchemaFault]:
    terms = [(f"/assessment/{i}", elm.ASSESSMENT, term) for i, term in enumerate(document["assessment"])]
    terms.append(("/participation", elm.PARTICIPATION, document["participation"]))
    for index, term in enumerate(document["quality_assurance"]):
        terms.append((f"/quality_assurance/{index}", elm.QUALITY_ASSURANCE, term))
    for where, table, term in terms:
        if not elm.agrees(table, term["type"], term["uri"]):
            yield SchemaFault(f"{where}/uri", Code.PROGRAMME_TERM_MISMATCH, "type and uri name different terms")


def _grading_faults(grading: Mapping[str, Any]) -> Iterator[SchemaFault]:
    scale, minimum = grading["scale"], grading["minimum"]
    if scale == "percent":
        # At most six decimals, because readers write finer numbers in different decimal forms.
        if isinstance(minimum, str) or round(minimum, 6) != minimum or 0 < minimum < 0.01:
            yield SchemaFault(
                "/grading/minimum",
                Code.PROGRAMME_MINIMUM_NOT_IN_SCALE,
                "a number from 0 to 100 with at most six decimals",
            )
        return
    if len({fold(level) for level in scale}) < len(scale):
        yield SchemaFault("/grading/scale", Code.PROGRAMME_DUPLICATE, "each level once")
    if minimum not in scale:
        yield SchemaFault("/grading/minimum", Code.PROGRAMME_MINIMUM_NOT_IN_SCALE, "one of the levels of the scale")


def _duplicate_faults(document: Mapping[str, Any]) -> Iterator[SchemaFault]:
    ids = [outcome["id"] for outcome in document["learning_outcomes"]]
    if len(set(ids)) < len(ids):
        yield SchemaFault("/learning_outcomes", Code.PROGRAMME_DUPLICATE, "each outcome has an id of its own")


def fold(text: str) -> str:
    """Normalise a label for comparison: trimmed, NFC, without case."""
    return unicodedata.normalize("NFC", text.strip()).casefold()
