"""Build an unsigned credential from a programme version and one person's award.

Everything that is neither in the programme document nor in the person's row is an argument: id, salt, time, status
position. The result is in our profile, and `parse` reads it back. A correction is the same call with the same id and a
newer `valid_from`; the caller then replaces and revokes the old credential. Nothing here signs, stores or draws at
random.
"""

import base64
import calendar
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from acredita.anchoring.receipts import time_text
from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code
from acredita.registry.credentials.days import DEFAULT_ZONE, end_of_day, noon_of_day
from acredita.registry.credentials.parse import CONTEXTS, ParsedCredential
from acredita.registry.credentials.status_position import StatusEntry
from acredita.registry.programmes.achievement import level_id, result_id
from acredita.registry.programmes.programme import Programme, achievement_of, fold

SALT_BYTES: Final = 16
_DURATION: Final = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?", re.ASCII)
_LAST_YEAR: Final = 9999


class AwardRefused(CodedError[Code]):
    """An award that cannot become a credential; `code` is one of the row codes. No value of the row is repeated."""

    def __init__(self, code: Code, field: str, expected: str) -> None:
        super().__init__(code, f"{field}: {expected}")
        self.field = field
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Award:
    """One person's achievement. `identifier` is used only in a salted hash. `result` is a passing one."""

    identifier: str
    did: str | None
    awarded: date
    result: str
    evidence_url: str | None


@dataclass(frozen=True)
class Issuer:
    """The DID that signs, and the name the credential shows."""

    did: str
    name: str


def build_credential(
    programme: Programme,
    award: Award,
    issuer: Issuer,
    *,
    identifier: UUID,
    status: StatusEntry,
    valid_from: int,
    salt: bytes,
    zone: str = DEFAULT_ZONE,
) -> dict[str, Any]:
    """Build the unsigned credential. `valid_from` in Unix seconds. `zone`: the institution's, in which its days are.

    `salt`: 16 random bytes, used if the person has no DID.
    """
    credential: dict[str, Any] = {
        "@context": list(CONTEXTS),
        "id": identifier.urn,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": programme.title["es"],
        "issuer": _issuer(programme, issuer),
        "validFrom": time_text(valid_from),
        "awardedDate": time_text(noon_of_day(award.awarded, zone)),
        "credentialSubject": _subject(programme, award, salt),
        "credentialStatus": status_of(status),
    }
    last_day = last_valid_day(programme, award.awarded)
    if last_day is not None:
        until = end_of_day(last_day, zone)
        if until <= valid_from:
            raise AwardRefused(Code.ROW_VALIDITY_OVER, "fecha_otorgamiento", "a validity that has not ended yet")
        credential["validUntil"] = time_text(until)
    if award.evidence_url:
        credential["evidence"] = [{"id": award.evidence_url, "type": ["Evidence"]}]
    return credential


def corrected_credential(
    old: Mapping[str, Any], programme: Programme, *, result: str, status: StatusEntry, valid_from: int
) -> dict[str, Any]:
    """Build the same credential, unsigned, with another result: same id, newer `valid_from`, own status position.

    The person and the end of the validity do not change. Raises AwardRefused if the result does not pass, or if the
    validity has ended.
    """
    if "validUntil" in old and old["validUntil"] <= time_text(valid_from):
        raise AwardRefused(Code.ROW_VALIDITY_OVER, "fecha_otorgamiento", "a validity that has not ended yet")
    corrected = {name: value for name, value in old.items() if name != "proof"}
    subject = dict(corrected["credentialSubject"])
    subject["result"] = [_result(programme, passing_result(programme, result))]
    return corrected | {
        "credentialSubject": subject,
        "credentialStatus": status_of(status),
        "validFrom": time_text(valid_from),
    }


def match_subject(parsed: ParsedCredential, identifier: str) -> bool:
    """Check an identifier for step 12: it is the subject's DID, or the one in the salted hash."""
    if parsed.identity is None:
        return parsed.subject_id is not None and hmac.compare_digest(
            parsed.subject_id.encode(), identifier.strip().encode()
        )
    return hmac.compare_digest(parsed.identity.digest, identity_digest(identifier, parsed.identity.salt))


def identity_digest(identifier: str, salt: str) -> bytes:
    """Hash the trimmed NFC identifier in UTF-8, then the salt string in ASCII (Open Badges 3.0 IdentityHash)."""
    return hashlib.sha256(normal(identifier).encode() + salt.encode("ascii")).digest()


def normal(identifier: str) -> str:
    """Return an identifier as it is hashed: NFC, without blanks around it."""
    return unicodedata.normalize("NFC", identifier).strip()


def last_valid_day(programme: Programme, awarded: date) -> date | None:
    """Return the day with which the validity ends; None for a programme without an end.

    It is counted from the award, so that a correction does not prolong it.
    """
    if programme.duration is None:
        return None
    match = _DURATION.fullmatch(programme.duration)
    if match is None:
        raise RuntimeError(f"a duration that the programme schema refuses: {programme.duration}")
    years, months, days = (int(part or 0) for part in match.groups())
    month = awarded.month - 1 + months
    year = awarded.year + years + month // 12
    if year > _LAST_YEAR:
        raise _never_ending()
    # The last day of a shorter month: 29 February plus a year is 28 February.
    day = min(awarded.day, calendar.monthrange(year, month % 12 + 1)[1])
    try:
        return date(year, month % 12 + 1, day) + timedelta(days=days)
    except OverflowError as error:
        raise _never_ending() from error


def _never_ending() -> AwardRefused:
    expected = "a validity that ends before the year 10000"
    return AwardRefused(Code.ROW_DATE_INVALID, "fecha_otorgamiento", expected)


def passing_result(programme: Programme, text: str) -> str:
    """Return the result as the credential writes it.

    Raises AwardRefused for a result that is not of this scale or does not pass.
    """
    if programme.grading.rubric is None:
        return _passing_percent(text, programme.grading.minimum_percent)
    return _passing_level(text, programme.grading.rubric, programme.grading.minimum)


def _passing_percent(text: str, minimum: Decimal) -> str:
    number = text.replace(",", ".")  # a decimal comma; 1,000 is no mark from 0 to 100
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?", number) or Decimal(number) > 100:
        raise AwardRefused(
            Code.ROW_RESULT_UNKNOWN, "resultado", "a number from 0 to 100 without a percent sign, such as 85 or 92.5"
        )
    if Decimal(number) < minimum:
        raise AwardRefused(Code.RESULT_NOT_PASSED, "resultado", f"at least {minimum}, the programme's minimum")
    return number


def _passing_level(text: str, rubric: tuple[str, ...], minimum: str) -> str:
    places = {fold(level): place for place, level in enumerate(rubric)}
    if fold(text) not in places:
        raise AwardRefused(Code.ROW_RESULT_UNKNOWN, "resultado", f"one of the programme's scale: {'; '.join(rubric)}")
    if places[fold(text)] < rubric.index(minimum):
        raise AwardRefused(Code.RESULT_NOT_PASSED, "resultado", f"at least {minimum}, the programme's minimum")
    return rubric[places[fold(text)]]


def _issuer(programme: Programme, issuer: Issuer) -> dict[str, Any]:
    address = {
        "type": ["Address"],
        "addressCountryCode": programme.country,
        "addressRegion": programme.region,
    }
    return {"id": issuer.did, "type": ["Profile"], "name": issuer.name, "address": address}


def _subject(programme: Programme, award: Award, salt: bytes) -> dict[str, Any]:
    subject: dict[str, Any] = {"type": ["AchievementSubject"]}
    if award.did:
        subject["id"] = award.did
    else:
        subject["identifier"] = [_identity(award.identifier, salt)]
    subject["achievement"] = achievement_of(programme)
    subject["result"] = [_result(programme, award.result)]
    return subject


def _identity(identifier: str, salt: bytes) -> dict[str, Any]:
    if len(salt) != SALT_BYTES:
        raise ValueError(f"salt: {SALT_BYTES} bytes expected, found {len(salt)}")
    text = base64.urlsafe_b64encode(salt).rstrip(b"=").decode("ascii")
    return {
        "type": "IdentityObject",
        "hashed": True,
        "identityHash": f"sha256${identity_digest(identifier, text).hex()}",
        "identityType": "identifier",
        "salt": text,
    }


def _result(programme: Programme, result: str) -> dict[str, Any]:
    result_members: dict[str, Any] = {"type": ["Result"], "resultDescription": result_id(programme.achievement_id)}
    if programme.grading.rubric is None:
        return result_members | {"value": result}
    place = programme.grading.rubric.index(result) + 1
    return result_members | {"achievedLevel": level_id(programme.achievement_id, place)}


def status_of(status: StatusEntry) -> dict[str, Any]:
    """Build the one status entry of a credential."""
    return {
        "id": f"{status.list_url}#{status.index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(status.index),
        "statusListCredential": status.list_url,
    }
