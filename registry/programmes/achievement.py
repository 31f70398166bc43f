"""Build the Open Badges 3.0 Achievement of a programme document.

It is built from the document and its digest alone. A verifier who has the approved document builds the same achievement
and compares: no part of it is the issuer's word on the day of issue. Open Badges terms are used where they exist.
Elements that the EU Recommendation requires and Open Badges lacks use our own context. Texts are the Spanish ones,
because Open Badges holds one plain string where a programme holds a language map. A list that RDF reads as a set is
written in the one form of a set.
"""

import base64
from collections.abc import Mapping
from typing import Any, Final

from acredita.anchoring.types import Digest
from acredita.registry.json_documents.jcs import set_form
from acredita.registry.programmes import elm

ACHIEVEMENT_TYPES: Final = ["Achievement", "MicrocredentialAchievement"]
LANGUAGE: Final = "es"
_LEVELS_MX: Final = {
    "media superior": "https://w3id.org/acredita/microcredential#nivel-media-superior",
    "superior": "https://w3id.org/acredita/microcredential#nivel-superior",
    "formación para el trabajo": "https://w3id.org/acredita/microcredential#nivel-formacion-para-el-trabajo",
}
_OUTCOME_TYPES: Final = {"knowledge": "conocimiento", "skill": "habilidad", "competence": "competencia"}
_NI_PREFIX: Final = "ni:///sha-256;"


def achievement_id(digest: Digest) -> str:
    """Return the RFC 6920 name of a programme version.

    So the achievement itself names the document that it was built from.
    """
    return _NI_PREFIX + base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def programme_digest(identifier: str) -> Digest | None:
    """Return the digest behind an `achievement.id`, or None where it is not exactly one of our names."""
    if not identifier.startswith(_NI_PREFIX):
        return None
    text = identifier.removeprefix(_NI_PREFIX)
    try:
        digest = Digest(base64.b64decode(text + "=", altchars=b"-_", validate=True))
    except ValueError:
        return None
    return digest if len(digest) == 32 and achievement_id(digest) == identifier else None


def result_id(achievement: str) -> str:
    """Return the id of the one result description of an achievement."""
    return f"{achievement}#calificacion"


def level_id(achievement: str, number: int) -> str:
    """Return the id of one level of the rubric, counted from 1, lowest first."""
    return f"{achievement}#nivel-{number}"


def build_achievement(document: Mapping[str, Any], digest: Digest) -> dict[str, Any]:
    """Build the Achievement of one programme document; docs/credentials.md maps every element."""
    identifier = achievement_id(digest)
    achievement: dict[str, Any] = {
        "id": identifier,
        "type": list(ACHIEVEMENT_TYPES),
        "achievementType": document["achievement_type"],
        "name": document["title"]["es"],
        "description": document["description"]["es"],
        "version": document["version"],
        "inLanguage": LANGUAGE,
        "criteria": {"narrative": document["assessment_criteria"]["es"]},
        "alignment": set_form(_alignments(document)),
        "resultDescription": [_result_description(document["grading"], identifier)],
        "assessmentType": set_form(term["uri"] for term in document["assessment"]),
        "participationForm": document["participation"]["uri"],
        "qualityAssurance": set_form(_quality_assurance(item) for item in document["quality_assurance"]),
        "workload": _workload(document["workload"]),
        "sector": document["sector"],
    }
    return achievement | _optional(document)


def _alignments(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    alignments = [_outcome(outcome) for outcome in document["learning_outcomes"]]
    level = document["level"]
    alignments.append(_alignment(level["mx"], _LEVELS_MX[level["mx"]], "ext:NivelMX"))
    if "eqf" in level:
        name = f"Marco Europeo de Cualificaciones, nivel {level['eqf']}"
        eqf = _alignment(name, elm.eqf_uri(level["eqf"]), "ext:EQF")
        alignments.append(eqf | {"targetCode": str(level["eqf"])})
    return alignments


def _outcome(outcome: Mapping[str, Any]) -> dict[str, Any]:
    kind = f"Resultado de aprendizaje ({_OUTCOME_TYPES[outcome['type']]})"
    alignment = _alignment(outcome["text"]["es"], outcome["id"], "ext:LearningOutcome")
    return alignment | {"targetDescription": kind}


def _alignment(name: str, url: str, kind: str) -> dict[str, Any]:
    return {"type": ["Alignment"], "targetName": name, "targetUrl": url, "targetType": kind}


def _result_description(grading: Mapping[str, Any], identifier: str) -> dict[str, Any]:
    description = {"id": result_id(identifier), "type": ["ResultDescription"], "name": "Calificación"}
    if grading["scale"] == "percent":
        required = str(_number(grading["minimum"]))
        bounds = {"valueMin": "0", "valueMax": "100", "requiredValue": required}
        return description | {"resultType": "Percent"} | bounds
    levels = [
        {
            "id": level_id(identifier, place),
            "type": ["RubricCriterionLevel"],
            "name": name,
            "level": str(place),
        }
        for place, name in enumerate(grading["scale"], start=1)
    ]
    required = levels[grading["scale"].index(grading["minimum"])]["id"]
    rubric = {"requiredLevel": required, "rubricCriterionLevel": levels}
    return description | {"resultType": "RubricCriterionLevel"} | rubric


def _quality_assurance(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"qualityAssuranceType": item["uri"], "agent": item["agent"], "decision": item["decision"]["es"]}


def _workload(workload: Mapping[str, Any]) -> dict[str, Any]:
    names = {"hours": "hours", "ects": "ects", "credits_mx": "creditsMx"}
    return {name: _number(workload[key]) for key, name in names.items() if key in workload}


def _number(value: int | float) -> int | float:
    # 4.0 and 4 are one number in RFC 8785 and in JavaScript, but two types in RDF, so a whole number is always an int.
    return int(value) if float(value).is_integer() else value


def _optional(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the elements that a programme may leave out, and its validity: a duration, or the reason for none."""
    members: dict[str, Any] = {}
    validity = document["validity"]
    if "duration" in validity:
        members["validityPeriod"] = validity["duration"]
    else:
        members["noExpiryReason"] = validity["none_because"]["es"]
    if "ects" in document["workload"]:
        members["creditsAvailable"] = _number(document["workload"]["ects"])
    if "field_of_study" in document:
        members["fieldOfStudy"] = document["field_of_study"]["es"]
    if document.get("tags"):
        members["tag"] = set_form(document["tags"])
    if "prerequisites" in document:
        members["entryRequirement"] = document["prerequisites"]["es"]
    if "supervision" in document:
        members["supervisionVerification"] = document["supervision"]
    if "stackability" in document:
        members["stackability"] = _stackability(document["stackability"])
    if "catalogue" in document:
        members["legalRecognition"] = document["catalogue"]["legal_recognition"]["es"]
    return members


def _stackability(stackability: Mapping[str, Any]) -> dict[str, Any]:
    # An empty set vanishes from the signed form, so it is left out of the document as well.
    members = {"mode": stackability["mode"]}
    names = {"part_of": "partOf", "precedes": "precedes"}
    return members | {name: set_form(stackability[key]) for key, name in names.items() if stackability[key]}
