"""Shapes of a credential in our profile: the required and allowed keys of each object, and their values.

This is a table, not a parser of all that Open Badges allows. JSON-LD can write one signed meaning in many shapes (a
string or a list of one, a keyword or its alias, a nested wrapper or none). A reader of one shape only cannot be shown
another. Cardinalities are those of the Open Badges 3.0 class tables, narrowed to what this project issues.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code
from acredita.registry.json_documents.jcs import misplaced
from acredita.registry.json_documents.schema_faults import is_clean, pointer
from acredita.registry.programmes.achievement import ACHIEVEMENT_TYPES

MAX_TEXT = 4000  # characters; the longest text of a programme document
MAX_ITEMS = 200  # items of one list; a programme has at most 50 outcomes
MAX_NUMBER = 2**53 - 1  # RFC 7493 2.2: beyond it JSON readers disagree

JCS_SUITES: Final = ("eddsa-jcs-2022", "ecdsa-jcs-2019")

Where = tuple[str | int, ...]
Check = Callable[[object, Where], None]


# A JCS proof repeats the document's @context (VC-DI-EDDSA 3.3.1 step 2). Anywhere else it would allow a second reading.
_CONTEXT_PLACES: Final = {("@context",), ("proof", "@context")}


class ProfileRefused(CodedError[Code]):
    """A document outside the profile. It names place and rule, never the value, which is personal."""

    def __init__(self, path: Where, code: Code, expected: str) -> None:
        super().__init__(code, f"{pointer(path) or '/'}: {expected}")
        self.pointer = pointer(path)
        self.expected = expected


@dataclass(frozen=True)
class Shape:
    """One kind of object: required and optional keys, each with the check of its value."""

    required: Mapping[str, Check]
    optional: Mapping[str, Check] = field(default_factory=dict)

    def __call__(self, value: object, path: Where) -> None:
        members = as_object(value, path)
        for key in members:
            if key not in self.required and key not in self.optional:
                raise ProfileRefused(path, Code.PROFILE_UNKNOWN_KEY, "only the keys of the profile")
        for key, check in self.required.items():
            if key not in members:
                raise ProfileRefused((*path, key), Code.PROFILE_MISSING, "required here")
            check(members[key], (*path, key))
        for key, check in self.optional.items():
            if key in members:
                check(members[key], (*path, key))


def as_object(value: object, path: Where) -> Mapping[str, object]:
    """Return the value as an object. Raises ProfileRefused."""
    if not isinstance(value, dict):
        raise ProfileRefused(path, Code.PROFILE_TYPE, "an object")
    return value


def text(value: object, path: Where, most: int = MAX_TEXT) -> None:
    """Check a text of 1 to `most` characters, none of them a control character or invisible."""
    if not isinstance(value, str):
        raise ProfileRefused(path, Code.PROFILE_TYPE, "a string")
    if not value or len(value) > most or not is_clean(value):
        raise ProfileRefused(
            path, Code.PROFILE_VALUE, f"1 to {most} characters, none of them a control character or invisible"
        )


def number(value: object, path: Where) -> None:
    """Check a positive number below 2^53."""
    # bool is an int in Python, but another type in JSON.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ProfileRefused(path, Code.PROFILE_TYPE, "a number")
    if not 0 < value <= MAX_NUMBER:
        raise ProfileRefused(path, Code.PROFILE_VALUE, "a positive number below 2^53")


def exactly(expected: object) -> Check:
    """Build the check for exactly this value, of exactly this JSON type: 1, true and 1.0 are three values."""

    def check(value: object, path: Where) -> None:
        if type(value) is not type(expected) or value != expected:
            raise ProfileRefused(path, Code.PROFILE_VALUE, f"exactly {expected!r}")

    return check


def one_of(*allowed: str) -> Check:
    """Build the check for one of several texts."""

    def check(value: object, path: Where) -> None:
        if not isinstance(value, str) or value not in allowed:
            raise ProfileRefused(path, Code.PROFILE_VALUE, "one of " + ", ".join(allowed))

    return check


def matching(pattern: str, what: str, most: int = MAX_TEXT) -> Check:
    """Build the check for a text of a pattern. `what`: the rule in words."""
    compiled = re.compile(pattern)

    def check(value: object, path: Where) -> None:
        text(value, path, most)
        if not compiled.fullmatch(str(value)):
            raise ProfileRefused(path, Code.PROFILE_VALUE, what)

    return check


def list_of(item: Check, least: int = 1, most: int = MAX_ITEMS) -> Check:
    """Build the check for a list of `least` to `most` items."""

    def check(value: object, path: Where) -> None:
        if not isinstance(value, list):
            raise ProfileRefused(path, Code.PROFILE_TYPE, "a list")
        if not least <= len(value) <= most:
            raise ProfileRefused(path, Code.PROFILE_VALUE, f"{least} to {most} items")
        for index, element in enumerate(value):
            item(element, (*path, index))

    return check


def set_of(item: Check, least: int = 1, most: int = MAX_ITEMS) -> Check:
    """Build the check for a set of `least` to `most` items: a list in the one form that `set_form` writes.

    An rdfc proof signs a set, so a reader of the list must not find an order or a repetition that nobody signed.
    """
    listed = list_of(item, least, most)

    def check(value: object, path: Where) -> None:
        listed(value, path)
        index = misplaced(cast(list[object], value))
        if index is not None:
            raise ProfileRefused(
                (*path, index), Code.PROFILE_SET, "each item once, in the order of their RFC 8785 forms"
            )

    return check


def refuse_keywords(value: object, path: Where = ()) -> None:
    """Refuse keys that are JSON-LD keywords or look like one (JSON-LD 1.1 1.7).

    The outermost `@context` and that of the proof are allowed. Raises ProfileRefused.
    """
    if isinstance(value, dict):
        for key, child in value.items():
            if key.startswith("@") and (*path, key) not in _CONTEXT_PLACES:
                raise ProfileRefused(path, Code.JSONLD_KEYWORD, "no JSON-LD keyword but the outermost @context")
            refuse_keywords(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            refuse_keywords(child, (*path, index))


iri = matching(r"(https?://[A-Za-z0-9]|urn:[a-z0-9][a-z0-9-]{1,30}:|did:[a-z0-9]+:|ni:///)[!-;=?-\[\]_a-z~]*", "an IRI")
did = matching(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]+", "a DID")
# One spelling of a moment: UTC, whole seconds. VCDM 2.0 allows more, but a page and a machine must read the same.
moment = matching(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", "a time YYYY-MM-DDThh:mm:ssZ")
web = matching(r"https?://[A-Za-z0-9][!-;=?-\[\]_a-z~]*", "a web address")

ALIGNMENT = Shape(
    {"type": exactly(["Alignment"]), "targetName": text, "targetUrl": iri, "targetType": text},
    {"targetCode": text, "targetDescription": text},
)
RUBRIC_LEVEL = Shape({"id": iri, "type": exactly(["RubricCriterionLevel"]), "name": text, "level": text})
PERCENT = Shape(
    {
        "id": iri,
        "type": exactly(["ResultDescription"]),
        "name": text,
        "resultType": exactly("Percent"),
        "valueMin": exactly("0"),
        "valueMax": exactly("100"),
        "requiredValue": matching(r"[0-9]{1,3}(\.[0-9]{1,6})?", "a percentage"),
    }
)
RUBRIC = Shape(
    {
        "id": iri,
        "type": exactly(["ResultDescription"]),
        "name": text,
        "resultType": exactly("RubricCriterionLevel"),
        "requiredLevel": iri,
        "rubricCriterionLevel": list_of(RUBRIC_LEVEL, 2, 20),
    }
)


def result_description(value: object, path: Where) -> None:
    """Check a percentage or a rubric, distinguished by `resultType`."""
    members = as_object(value, path)
    (PERCENT if members.get("resultType") == "Percent" else RUBRIC)(value, path)


_OPEN_BADGES_REQUIRED: Final[Mapping[str, Check]] = {
    "id": matching(r"ni:///sha-256;[A-Za-z0-9_-]{43}", "the ni name of a programme version"),
    "achievementType": exactly("MicroCredential"),
    "name": text,
    "description": text,
    "version": text,
    "inLanguage": exactly("es"),
    "criteria": Shape({"narrative": text}),
    "alignment": set_of(ALIGNMENT),
    "resultDescription": list_of(result_description, 1, 1),
}
_OPEN_BADGES_OPTIONAL: Final[Mapping[str, Check]] = {
    "creditsAvailable": number,
    "fieldOfStudy": text,
    "tag": set_of(text),
}
_EXTENSION_REQUIRED: Final[Mapping[str, Check]] = {
    "assessmentType": set_of(iri),
    "participationForm": iri,
    "qualityAssurance": set_of(Shape({"qualityAssuranceType": iri, "agent": did, "decision": text})),
    "workload": Shape({"hours": number}, {"ects": number, "creditsMx": number}),
    "sector": text,
}
_EXTENSION_OPTIONAL: Final[Mapping[str, Check]] = {
    "validityPeriod": matching(r"P(?=[0-9])([0-9]{1,2}Y)?([0-9]{1,3}M)?([0-9]{1,4}D)?", "a duration"),
    "noExpiryReason": text,
    "entryRequirement": text,
    "supervisionVerification": text,
    "stackability": Shape({"mode": text}, {"partOf": set_of(iri), "precedes": set_of(iri)}),
    "legalRecognition": text,
}
PLAIN_ACHIEVEMENT = Shape({"type": exactly(["Achievement"]), **_OPEN_BADGES_REQUIRED}, _OPEN_BADGES_OPTIONAL)
ACHIEVEMENT = Shape(
    {"type": exactly(ACHIEVEMENT_TYPES), **_OPEN_BADGES_REQUIRED, **_EXTENSION_REQUIRED},
    {**_OPEN_BADGES_OPTIONAL, **_EXTENSION_OPTIONAL},
)

IDENTITY = Shape(
    {
        "type": exactly("IdentityObject"),
        "hashed": exactly(True),
        "identityHash": matching(r"sha256\$[0-9a-f]{64}", "sha256$ and 64 lower-case hex digits"),
        "identityType": exactly("identifier"),
        "salt": matching(r"[A-Za-z0-9_-]{22}", "base64url of 16 bytes"),
    }
)
RESULT = Shape(
    {"type": exactly(["Result"]), "resultDescription": iri},
    {"value": matching(r"[0-9]{1,3}(\.[0-9]{1,6})?", "a percentage"), "achievedLevel": iri},
)
ADDRESS = Shape(
    {
        "type": exactly(["Address"]),
        "addressCountryCode": matching(r"[A-Z]{2}", "ISO 3166-1"),
        "addressRegion": text,
    }
)
ISSUER = Shape({"id": did, "type": exactly(["Profile"]), "name": text, "address": ADDRESS})
EVIDENCE = Shape({"id": web, "type": exactly(["Evidence"])})
STATUS = Shape(
    {
        "id": web,
        "type": exactly("BitstringStatusListEntry"),
        "statusPurpose": exactly("revocation"),
        "statusListIndex": matching(r"0|[1-9][0-9]{0,5}", "a decimal index"),
        "statusListCredential": matching(
            r"https?://[A-Za-z0-9][!-;=?-\[\]_a-z~]*/status/[0-9a-f]{64}/(0|[1-9][0-9]{0,4})",
            "…/status/<issuer>/<list>",
        ),
    }
)
_PROOF_REQUIRED: Final[Mapping[str, Check]] = {
    "type": exactly("DataIntegrityProof"),
    "cryptosuite": one_of("eddsa-rdfc-2022", "ecdsa-rdfc-2019", "eddsa-jcs-2022", "ecdsa-jcs-2019"),
    "created": moment,
    "verificationMethod": matching(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]+#[A-Za-z0-9._:%-]+", "a DID URL with a fragment"),
    "proofPurpose": exactly("assertionMethod"),
    "proofValue": matching(r"z[1-9A-HJ-NP-Za-km-z]+", "multibase base58btc"),
}


def proof_shape(contexts: list[str]) -> Check:
    """Build the check of a proof. One of a JCS suite carries the document's @context, one of an RDFC suite none."""
    canonical = Shape(_PROOF_REQUIRED)
    jcs = Shape({**_PROOF_REQUIRED, "@context": exactly(contexts)})

    def check(value: object, path: Where) -> None:
        members = as_object(value, path)
        (jcs if members.get("cryptosuite") in JCS_SUITES else canonical)(value, path)

    return check


def subject_shape(achievement: Check) -> Shape:
    """Build the shape of the subject around an achievement's check."""
    return Shape(
        {
            "type": exactly(["AchievementSubject"]),
            "achievement": achievement,
            "result": list_of(RESULT, 1, 1),
        },
        {"id": did, "identifier": list_of(IDENTITY, 1, 1)},
    )


def credential_shape(contexts: Sequence[str], achievement: Check, *, signed: bool) -> Shape:
    """Build the shape of the whole credential under one of the allowed lists of contexts."""
    required: dict[str, Check] = {
        "@context": exactly(list(contexts)),
        "id": matching(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "a urn:uuid"),
        "type": exactly(["VerifiableCredential", "OpenBadgeCredential"]),
        "name": text,
        "issuer": ISSUER,
        "validFrom": moment,
        "awardedDate": moment,
        "credentialSubject": subject_shape(achievement),
        "credentialStatus": STATUS,
    }
    if signed:
        required["proof"] = proof_shape(list(contexts))
    return Shape(required, {"validUntil": moment, "evidence": set_of(EVIDENCE, 1, 20)})
