"""Parse a credential: from a JSON value to typed fields, in one reading, or a refusal.

`parse_credential` accepts exactly the shapes of `shapes` under exactly the allowed contexts. So every reader of the
signed document, machine or human, sees the same fields. Pages, reports and verification use only the result. A
credential outside the profile may be well signed; it gets no verdict here. Signature, programme and status are not
checked. No error repeats a value of the document.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, cast

from acredita.anchoring.types import Digest, IssuerId
from acredita.registry.canonicalisation.contexts import ACREDITA_V1, CREDENTIALS_V2, OPEN_BADGES_V3
from acredita.registry.codes import Code
from acredita.registry.credentials.shapes import (
    ACHIEVEMENT,
    PLAIN_ACHIEVEMENT,
    ProfileRefused,
    Shape,
    Where,
    credential_shape,
    refuse_keywords,
)
from acredita.registry.credentials.status_position import LIST_BITS, NO_POSITION, StatusEntry, parse_list_url
from acredita.registry.json_documents.compiled_schema import faults_under
from acredita.registry.json_documents.schema_faults import SchemaCodes, SchemaFault
from acredita.registry.programmes.achievement import level_id, programme_digest, result_id

__all__ = [
    "CredentialResult",
    "ParsedCredential",
    "ProfileRefused",
    "SaltedIdentity",
    "is_credential",
    "parse_credential",
    "schema_errors",
]

CONTEXTS_PLAIN: Final = (CREDENTIALS_V2, OPEN_BADGES_V3)
CONTEXTS: Final = (CREDENTIALS_V2, OPEN_BADGES_V3, ACREDITA_V1)
SCHEMA: Final = "acredita-credential-1"

_SHAPES: Final[dict[tuple[tuple[str, ...], bool], Shape]] = {
    (contexts, signed): credential_shape(contexts, achievement, signed=signed)
    for contexts, achievement in ((CONTEXTS_PLAIN, PLAIN_ACHIEVEMENT), (CONTEXTS, ACHIEVEMENT))
    for signed in (True, False)
}
_SUBJECT: Final[Where] = ("credentialSubject",)
_schema_faults: Final = faults_under(
    SCHEMA, SchemaCodes(Code.SCHEMA_MISSING, Code.SCHEMA_UNKNOWN_KEY, Code.SCHEMA_VALUE)
)


@dataclass(frozen=True)
class SaltedIdentity:
    """A subject known only by a salted hash: `digest` is 32 bytes, `salt` the string as written."""

    salt: str
    digest: bytes


@dataclass(frozen=True)
class CredentialResult:
    """The result: a percentage (`value`), or a rubric level by name (`value`) and place from 1."""

    value: str
    place: int | None


@dataclass(frozen=True)
class ParsedCredential:
    """A credential as this project reads it. Times are Unix seconds; proof fields are None before signing.

    Names are the issuer's own. Pages take issuer and programme names from approved documents instead.
    """

    id: str
    issuer: str
    issuer_name: str
    name: str
    subject_id: str | None
    identity: SaltedIdentity | None
    achievement: Mapping[str, Any]
    programme: Digest
    result: CredentialResult
    valid_from: int
    valid_until: int | None
    awarded: int
    evidence: tuple[str, ...]
    status: StatusEntry
    created: int | None
    verification_method: str | None
    cryptosuite: str | None

    @property
    def status_list(self) -> str:
        """Address of the status list credential."""
        return self.status.list_url

    @property
    def status_issuer(self) -> IssuerId:
        """Issuer whose log and lists have the status."""
        return self.status.issuer

    @property
    def status_index(self) -> int:
        """Index in the status list."""
        return self.status.index

    @property
    def position(self) -> int:
        """Status position in the issuer's log."""
        return self.status.position


def is_credential(document: Mapping[str, Any]) -> bool:
    """Return True if an object is a credential of any profile: it has a subject, or a type that says so."""
    types = document.get("type", [])
    named = types if isinstance(types, list) else [types]
    return "credentialSubject" in document or any(isinstance(t, str) and t.endswith("Credential") for t in named)


def parse_credential(document: object, *, signed: bool = True) -> ParsedCredential:
    """Parse a credential as step 1 of a verification. Raises ProfileRefused at the first fault.

    `signed=False` parses a credential without its proof.
    """
    if not isinstance(document, dict) or not is_credential(document):
        raise ProfileRefused((), Code.NOT_A_CREDENTIAL, "a verifiable credential")
    contexts = document.get("@context")
    if contexts not in (list(CONTEXTS), list(CONTEXTS_PLAIN)):
        raise ProfileRefused(("@context",), Code.CONTEXT_NOT_ALLOWED, "exactly " + ", ".join(CONTEXTS))
    refuse_keywords(document)
    if signed and "proof" not in document:
        raise ProfileRefused(("proof",), Code.PROOF_MISSING, "a signed credential")
    _SHAPES[tuple(cast(list[str], contexts)), signed](document, ())
    return _read(document)


def schema_errors(document: object) -> list[str]:
    """Check step 2: the profile's JSON Schema, then the rules between values that no schema can express.

    Returns every fault as `pointer: code: rule`. Rules between values belong here and not in step 1, so that an altered
    value is reported as a signature that no longer fits.
    """
    faults = _schema_faults(document)
    if not faults:
        faults = sorted(_contradictions(cast(Mapping[str, Any], document)))
    return [str(fault) for fault in faults]


def moment(text: str, path: Where) -> int:
    """Parse a profile time into Unix seconds. Refuses days and hours that do not exist."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise ProfileRefused(path, Code.PROFILE_VALUE, "a day and an hour that exist") from None
    # fromisoformat reads other spellings too, but a moment has one.
    if parsed.year < 1000 or parsed.isoformat() != text[:-1] + "+00:00":
        raise ProfileRefused(path, Code.PROFILE_VALUE, "a time without leap seconds, from the year 1000 on")
    return int(parsed.timestamp())


def _read(document: Mapping[str, Any]) -> ParsedCredential:
    subject, proof = document["credentialSubject"], document.get("proof", {})
    achievement = subject["achievement"]
    valid_from, valid_until = _validity(document)
    return ParsedCredential(
        id=document["id"],
        issuer=document["issuer"]["id"],
        issuer_name=document["issuer"]["name"],
        name=achievement["name"],
        subject_id=subject.get("id"),
        identity=_identity(subject),
        achievement=achievement,
        programme=_programme(achievement),
        result=_result(subject["result"][0], achievement),
        valid_from=valid_from,
        valid_until=valid_until,
        awarded=moment(document["awardedDate"], ("awardedDate",)),
        evidence=tuple(item["id"] for item in document.get("evidence", [])),
        status=_status(document["credentialStatus"]),
        created=moment(proof["created"], ("proof", "created")) if proof else None,
        verification_method=proof.get("verificationMethod"),
        cryptosuite=proof.get("cryptosuite"),
    )


def _identity(subject: Mapping[str, Any]) -> SaltedIdentity | None:
    """Return the salted identifier, None for a DID. A subject has one of the two, never both and never neither."""
    if ("id" in subject) == ("identifier" in subject):
        raise ProfileRefused(_SUBJECT, Code.PROFILE_CONTRADICTION, "either an id or one salted identifier")
    if "id" in subject:
        return None
    identity = subject["identifier"][0]
    return SaltedIdentity(identity["salt"], bytes.fromhex(identity["identityHash"].removeprefix("sha256$")))


def _programme(achievement: Mapping[str, Any]) -> Digest:
    digest = programme_digest(achievement["id"])
    if digest is None:
        where = (*_SUBJECT, "achievement", "id")
        raise ProfileRefused(where, Code.PROFILE_VALUE, "the ni name of a programme version, in its one spelling")
    return digest


def _validity(document: Mapping[str, Any]) -> tuple[int, int | None]:
    start = moment(document["validFrom"], ("validFrom",))
    return start, moment(document["validUntil"], ("validUntil",)) if "validUntil" in document else None


def _result(result: Mapping[str, Any], achievement: Mapping[str, Any]) -> CredentialResult:
    """Parse the result. It must name the achievement's only result description."""
    where = (*_SUBJECT, "result", 0)
    [description] = achievement["resultDescription"]
    if not result["resultDescription"] == description["id"] == result_id(achievement["id"]):
        raise ProfileRefused(
            (*where, "resultDescription"), Code.PROFILE_CONTRADICTION, "the achievement's result description"
        )
    if description["resultType"] == "Percent":
        return _percent(result, where)
    return _level(result, description, achievement["id"], where)


def _percent(result: Mapping[str, Any], where: Where) -> CredentialResult:
    if set(result) != {"type", "resultDescription", "value"} or Decimal(result["value"]) > 100:
        raise ProfileRefused(where, Code.PROFILE_CONTRADICTION, "a percentage up to 100 and no level")
    return CredentialResult(result["value"], None)


def _level(
    result: Mapping[str, Any], description: Mapping[str, Any], achievement: str, where: Where
) -> CredentialResult:
    levels = description["rubricCriterionLevel"]
    ids = [level["id"] for level in levels]
    in_order = ids == [level_id(achievement, place) for place in range(1, len(ids) + 1)]
    if not in_order or description["requiredLevel"] not in ids:
        raise ProfileRefused(
            (*_SUBJECT, "achievement", "resultDescription", 0), Code.PROFILE_CONTRADICTION, "levels in order"
        )
    if set(result) != {"type", "resultDescription", "achievedLevel"} or result["achievedLevel"] not in ids:
        raise ProfileRefused(where, Code.PROFILE_CONTRADICTION, "one of the rubric's levels and no value")
    place = ids.index(result["achievedLevel"])
    return CredentialResult(levels[place]["name"], place + 1)


def _status(status: Mapping[str, Any]) -> StatusEntry:
    where: Where = ("credentialStatus",)
    url, index = status["statusListCredential"], int(status["statusListIndex"])
    try:
        issuer, list_number = parse_list_url(url)
    except ValueError:
        raise ProfileRefused((*where, "statusListCredential"), Code.PROFILE_VALUE, "…/status/<issuer>/<list>") from None
    entry = StatusEntry(url, issuer, list_number, index)
    if index >= LIST_BITS or entry.position == NO_POSITION:
        raise ProfileRefused((*where, "statusListIndex"), Code.PROFILE_VALUE, f"an index below {LIST_BITS}")
    if status["id"] != f"{url}#{index}":
        raise ProfileRefused((*where, "id"), Code.PROFILE_CONTRADICTION, "the list's address, # and the index")
    return entry


# --- step 2: rules between values ---


def _contradictions(document: Mapping[str, Any]) -> Iterator[SchemaFault]:
    """Yield the contradictions between values of a document of the schema's form.

    `parse_credential` has its own refusals, which are not repeated here.
    """
    subject = document["credentialSubject"]
    achievement = subject["achievement"]
    if document["name"] != achievement["name"]:
        # Both names exist because other readers look for either.
        yield SchemaFault("/name", Code.PROFILE_CONTRADICTION, "the name of the achievement")
    ends = "validUntil" in document
    if ends and document["validUntil"] < document["validFrom"]:  # VCDM 2.0 4.9; one spelling, so texts compare as times
        yield SchemaFault("/validUntil", Code.PROFILE_CONTRADICTION, "an end after the start")
    if ("validityPeriod" if not ends else "noExpiryReason") in achievement:
        yield SchemaFault(
            "/validUntil", Code.PROFILE_CONTRADICTION, "an end exactly where the programme's validity has one"
        )
    if not _passes(subject["result"][0], achievement["resultDescription"][0]):
        yield SchemaFault("/credentialSubject/result/0", Code.RESULT_NOT_PASSED, "at least what the programme requires")


def _passes(result: Mapping[str, Any], description: Mapping[str, Any]) -> bool:
    if description["resultType"] == "Percent":
        return Decimal(result.get("value", "0")) >= Decimal(description["requiredValue"])
    ids = [level["id"] for level in description["rubricCriterionLevel"]]
    places = {identifier: place for place, identifier in enumerate(ids)}
    required = places.get(description["requiredLevel"], len(ids))
    return places.get(result.get("achievedLevel", ""), -1) >= required
