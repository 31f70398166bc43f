"""Check the structure of documents of the Verifiable Credentials Data Model: every fault, not just the first.

For credentials that are not ours, or ours for other uses. The rules are those of any conforming document: 2.0 in full,
1.1 as far as a proof-only answer needs it. Our own profile (`registry/credentials/parse.py`) is narrower and gives
verdicts; this gives none. Faults name pointers, codes and rules, never a value. Nothing is fetched: digests are
computed for resources whose bytes are available. The canonical form decides if a term has a meaning.

Clauses: VCDM is the W3C Recommendation "Verifiable Credentials Data Model v2.0" of 15 May 2025.
"""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from acredita.registry.canonicalisation.contexts import CREDENTIALS_V1, CREDENTIALS_V2
from acredita.registry.canonicalisation.safe_values import IRI
from acredita.registry.codes import Code
from acredita.registry.json_documents.schema_faults import SchemaFault, pointer
from acredita.registry.vcdm.date_time_stamp import seconds_of
from acredita.registry.vcdm.related_resources import BytesOf, bundled_bytes, fits, multibase_digest, sri_digests

MAX_FAULTS: Final = 100
"""Faults reported of one document: of a hostile list of a thousand wrong items, more faults are no use."""
MAX_CREDENTIALS: Final = 32
"""Credentials of one presentation: each costs a canonicalisation."""


Where = tuple[str | int, ...]
Document = Mapping[str, Any]
Rule = Callable[[Document, Where], Iterator[SchemaFault]]

_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_DATA_URL = re.compile(r"data:[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+(;[^,\s]*)?,\S+")
_INDEX = re.compile(r"0|[1-9][0-9]{0,17}")
_STATUS_VALUE = re.compile(r"0x[0-9A-Fa-f]+")
_BLANK = re.compile(r"\s")


def credential_faults(document: object, *, bytes_of: BytesOf = bundled_bytes) -> list[SchemaFault]:
    """Return every fault of a credential, secured or not, by its first context as 2.0 or 1.1."""
    return _collected(_credential(document, (), bytes_of))


def presentation_faults(document: object, *, bytes_of: BytesOf = bundled_bytes) -> list[SchemaFault]:
    """Return every fault of a presentation and of the credentials that it holds."""
    return _collected(_presentation(document, (), bytes_of))


def envelope_faults(document: object, kind: str) -> list[SchemaFault]:
    """Return every fault of an Enveloped Verifiable Credential or Presentation (VCDM 4.13.1, 4.13.2), `kind` its type."""
    return _collected(_envelope(document, (), kind))


def unchecked_resources(document: Document, *, bytes_of: BytesOf = bundled_bytes) -> list[str]:
    """Return pointers of related resources whose digest is not computed, because their bytes are not available."""
    listed = _listed(document.get("relatedResource", []))
    rows = [(index, row) for index, row in enumerate(listed) if isinstance(row, dict)]
    return [
        pointer(("relatedResource", index))
        for index, row in rows
        if is_url(row.get("id")) and bytes_of(row["id"]) is None
    ]


def issuer_of(document: Document) -> str | None:
    """Return the issuer's id, None where there is none that is a URL."""
    return _id_of(document.get("issuer"))


def holder_of(document: Document) -> str | None:
    """Return the holder's id, None where there is none that is a URL."""
    return _id_of(document.get("holder"))


def is_self_asserted(presentation: Document, credential: object) -> bool:
    """Return True if the presentation's own proof secures a credential: holder and issuer are one (VCDM 4.13.4)."""
    if not isinstance(credential, dict) or "proof" in credential:
        return False
    if is_enveloped(
        credential, "EnvelopedVerifiableCredential"
    ):  # its own issuer secures the enclosed credential, or not
        return False
    holder = holder_of(presentation)
    return holder is not None and holder == issuer_of(credential)


def is_enveloped(document: object, kind: str) -> bool:
    """Return True if a document has the type of an envelope of this kind."""
    return isinstance(document, dict) and kind in _listed(document.get("type", []))


def is_first_version(document: Document) -> bool:
    """Return True if a document is of VCDM 1.1."""
    return _listed(document.get("@context", []))[:1] == [CREDENTIALS_V1]


def is_url(value: object) -> bool:
    """Return True if the value is a URL as VCDM 4.4 demands of ids.

    It is a string with a scheme, something after it, and no character that no IRI has.
    """
    if not isinstance(value, str) or not IRI.fullmatch(value):
        return False
    scheme, _, rest = value.partition(":")
    web = scheme.lower() in ("http", "https")
    return len(rest.removeprefix("//").lstrip("/")) > 0 and (not web or rest.startswith("//"))


def _collected(faults: Iterator[SchemaFault]) -> list[SchemaFault]:
    return list(dict.fromkeys(itertools.islice(faults, MAX_FAULTS)))


# --- the documents ---


def _credential(document: object, where: Where, bytes_of: BytesOf) -> Iterator[SchemaFault]:
    if not isinstance(document, dict):
        yield _fault(where, Code.VCDM_NOT_AN_OBJECT, "a credential is an object")
        return
    first = is_first_version(document)
    yield from _contexts(document, where, CREDENTIALS_V1 if first else CREDENTIALS_V2)
    yield from _types(document, where, "VerifiableCredential")
    for rule in _COMMON_RULES:
        yield from rule(document, where)
    yield from _period(document, where, *(("issuanceDate", "expirationDate") if first else ("validFrom", "validUntil")))
    if first and "issuanceDate" not in document:
        yield _fault((*where, "issuanceDate"), Code.VCDM_TIME, "a dateTimeStamp, which VCDM 1.1 requires")
    yield from _related_resources(document, where, bytes_of)


def _presentation(document: object, where: Where, bytes_of: BytesOf) -> Iterator[SchemaFault]:
    if not isinstance(document, dict):
        yield _fault(where, Code.VCDM_NOT_AN_OBJECT, "a presentation is an object")
        return
    yield from _contexts(document, where, CREDENTIALS_V1 if is_first_version(document) else CREDENTIALS_V2)
    yield from _types(document, where, "VerifiablePresentation")
    yield from _id(document, where)
    yield from _typed(document, where, "termsOfUse", Code.VCDM_MEMBER)
    yield from _proofs(document, where)
    if "holder" in document and _id_of(document["holder"]) is None:
        yield _fault((*where, "holder"), Code.VCDM_HOLDER, "a URL, or an object whose id is one")  # VCDM 4.13
    yield from _presented(document, where, bytes_of)


def _presented(document: Document, where: Where, bytes_of: BytesOf) -> Iterator[SchemaFault]:
    """Check VCDM 4.13: credentials or envelopes, never a string, a number or a URL.

    An empty list presents none.
    """
    if "verifiableCredential" not in document:
        return
    place = (*where, "verifiableCredential")
    credentials = _listed(document["verifiableCredential"])
    if len(credentials) > MAX_CREDENTIALS:
        yield _fault(place, Code.VCDM_PRESENTED, f"at most {MAX_CREDENTIALS} credentials")
        return
    for index, credential in enumerate(credentials):
        at = (*place, index)
        if is_enveloped(credential, "EnvelopedVerifiableCredential"):
            yield from _envelope(credential, at, "EnvelopedVerifiableCredential")
            continue
        yield from _credential(credential, at, bytes_of)
        if isinstance(credential, dict) and "proof" not in credential and not is_self_asserted(document, credential):
            yield _fault((*at, "proof"), Code.VCDM_PRESENTED, "a presented credential is secured, or the holder's own")


def _envelope(document: object, where: Where, kind: str) -> Iterator[SchemaFault]:
    """Check VCDM 4.13.1, 4.13.2: the base context, one type, and a data: URL as id."""
    if not isinstance(document, dict):
        yield _fault(where, Code.VCDM_NOT_AN_OBJECT, "an envelope is an object")
        return
    if CREDENTIALS_V2 not in _listed(document.get("@context", [])):
        yield _fault((*where, "@context"), Code.VCDM_CONTEXT, "the context of VCDM 2.0, which defines envelopes")
    if _listed(document.get("type", [])) != [kind]:
        yield _fault((*where, "type"), Code.VCDM_TYPE, f"{kind} and nothing else")
    held = document.get("id")
    if not isinstance(held, str) or not _DATA_URL.fullmatch(held):
        yield _fault((*where, "id"), Code.VCDM_ENVELOPE, "a data: URL that holds the secured document")


# --- rules of every credential ---


def _contexts(document: Document, where: Where, base: str) -> Iterator[SchemaFault]:
    """Check VCDM 4.3: an ordered set, the base context first, then URLs and objects."""
    place, contexts = (*where, "@context"), document.get("@context")
    if not isinstance(contexts, list) or not contexts or contexts[0] != base:
        yield _fault(place, Code.VCDM_CONTEXT, f"a list that begins with {base}")
    seen: set[str] = set()
    for index, entry in enumerate(contexts if isinstance(contexts, list) else []):
        if not isinstance(entry, dict) and not is_url(entry):
            yield _fault((*place, index), Code.VCDM_CONTEXT, "a URL or an object")
        if isinstance(entry, str):
            if entry in seen:
                yield _fault((*place, index), Code.VCDM_CONTEXT, "each context once")
            seen.add(entry)


def _id(document: Document, where: Where) -> Iterator[SchemaFault]:
    """Check VCDM 4.4: one URL, where there is an id."""
    if "id" in document and not is_url(document["id"]):
        yield _fault((*where, "id"), Code.VCDM_ID, "one URL")


def _types(
    document: Document, where: Where, wanted: str | None = None, code: Code = Code.VCDM_TYPE
) -> Iterator[SchemaFault]:
    """Check VCDM 4.5: one or more terms or absolute URLs, in any order."""
    place, types = (*where, "type"), _listed(document.get("type", []))
    if not types:
        yield _fault(place, code, "one or more terms or absolute URLs")
    elif not all(_is_type(value) for value in types):
        yield _fault(place, code, "terms and absolute URLs")
    if types and wanted is not None and wanted not in types:
        yield _fault(place, code, f"types that include {wanted}")


def _issuer(document: Document, where: Where) -> Iterator[SchemaFault]:
    """Check VCDM 4.7: a URL, or an object whose id is one."""
    place = (*where, "issuer")
    if _id_of(document.get("issuer")) is None:
        yield _fault(place, Code.VCDM_ISSUER, "a URL, or an object whose id is one")
    if isinstance(document.get("issuer"), dict):
        yield from _texts(document["issuer"], place)


def _subjects(document: Document, where: Where) -> Iterator[SchemaFault]:
    """Check VCDM 4.8: objects, each the subject of a claim."""
    place, subjects = (*where, "credentialSubject"), _listed(document.get("credentialSubject", []))
    if not subjects:
        yield _fault(place, Code.VCDM_SUBJECT, "one or more objects")
    for at, subject in _places(place, document.get("credentialSubject", [])):
        if not isinstance(subject, dict) or not subject:
            yield _fault(at, Code.VCDM_SUBJECT, "an object that says something")
        else:
            yield from _id(subject, at)
            yield from _status_list(subject, at) if subject.get("type") == "BitstringStatusList" else ()


def _texts(document: Document, where: Where) -> Iterator[SchemaFault]:
    """Check VCDM 4.6: name and description are strings, or texts with a language and a direction, one or several."""
    for key in ("name", "description"):
        for at, value in _places((*where, key), document[key]) if key in document else ():
            if not _is_text(value):
                yield _fault(at, Code.VCDM_TEXT, "a string, or @value with @language and @direction alone")
        if document.get(key) == []:
            yield _fault((*where, key), Code.VCDM_TEXT, "one or more texts")


def _status(document: Document, where: Where) -> Iterator[SchemaFault]:
    """Check VCDM 4.10: each status has a type, and an id that is a URL if it has one."""
    yield from _typed(document, where, "credentialStatus", Code.VCDM_STATUS)
    for at, entry in _places((*where, "credentialStatus"), document.get("credentialStatus", [])):
        if isinstance(entry, dict) and "BitstringStatusListEntry" in _listed(entry.get("type", [])):
            yield from _bitstring_entry(entry, at)


def _schemas(document: Document, where: Where) -> Iterator[SchemaFault]:
    """Check VCDM 4.11: each schema has a type, and an id that is a URL."""
    yield from _typed(document, where, "credentialSchema", Code.VCDM_SCHEMA)
    for at, entry in _places((*where, "credentialSchema"), document.get("credentialSchema", [])):
        if isinstance(entry, dict) and "id" not in entry:
            yield _fault((*at, "id"), Code.VCDM_SCHEMA, "a URL that identifies the schema")


def _typed_members(document: Document, where: Where) -> Iterator[SchemaFault]:
    """Check VCDM 5.4–5.6, 5.10: each value of these members has a type, so that nobody confuses two kinds of it."""
    for key in ("refreshService", "termsOfUse", "evidence", "confidenceMethod", "renderMethod"):
        yield from _typed(document, where, key, Code.VCDM_MEMBER)


def _proofs(document: Document, where: Where) -> Iterator[SchemaFault]:
    """Check VCDM 4.12: proofs are objects with a type. The proofs themselves are verified elsewhere."""
    for at, proof in _places((*where, "proof"), document.get("proof", [])):
        if not isinstance(proof, dict) or not isinstance(proof.get("type"), str):
            yield _fault(at, Code.VCDM_PROOF, "an object with a type")


_COMMON_RULES: Final[tuple[Rule, ...]] = (
    _id,
    _issuer,
    _subjects,
    _texts,
    _status,
    _schemas,
    _typed_members,
    _proofs,
)


def _period(document: Document, where: Where, start: str, end: str) -> Iterator[SchemaFault]:
    """Check VCDM 4.9: dateTimeStamps, the end not before the start."""
    moments = {}
    for key in (start, end):
        if key not in document:
            continue
        value = document[key]
        moments[key] = seconds_of(value) if isinstance(value, str) else None
        if moments[key] is None:
            yield _fault((*where, key), Code.VCDM_TIME, "a dateTimeStamp with its zone")
    first, last = moments.get(start), moments.get(end)
    if first is not None and last is not None and last < first:
        yield _fault((*where, end), Code.VCDM_PERIOD, f"a moment at or after {start}")


def _related_resources(document: Document, where: Where, bytes_of: BytesOf) -> Iterator[SchemaFault]:
    """Check VCDM 5.3: a unique id and at least one digest each.

    A digest fits the bytes, where they are available.
    """
    if document.get("relatedResource") == []:
        yield _fault((*where, "relatedResource"), Code.VCDM_RELATED_RESOURCE, "one or more objects")
    seen: set[str] = set()
    for at, row in _places((*where, "relatedResource"), document.get("relatedResource", [])):
        if not isinstance(row, dict) or not is_url(row.get("id")):
            yield _fault(at, Code.VCDM_RELATED_RESOURCE, "an object with an id that is a URL")
            continue
        if row["id"] in seen:
            yield _fault((*at, "id"), Code.VCDM_RELATED_RESOURCE, "each resource once")
        seen.add(row["id"])
        if "mediaType" in row and not isinstance(row["mediaType"], str):
            yield _fault((*at, "mediaType"), Code.VCDM_RELATED_RESOURCE, "a media type")
        yield from _digests(row, at, bytes_of(row["id"]))


def _digests(row: Document, where: Where, data: bytes | None) -> Iterator[SchemaFault]:
    count = 0
    for key, read in (("digestSRI", sri_digests), ("digestMultibase", _one_digest)):
        for at, text in _places((*where, key), row[key]) if key in row else ():
            digests = read(text) if isinstance(text, str) else None
            count += 1
            if digests is None:
                yield _fault(at, Code.VCDM_RELATED_RESOURCE, f"a {key} of SHA-256, SHA-384 or SHA-512")
            elif data is not None and not all(fits(data, digest) for digest in digests):
                yield _fault(at, Code.RELATED_RESOURCE_MISMATCH, "the digest of the resource under this id")
    if not count:
        yield _fault(where, Code.VCDM_RELATED_RESOURCE, "a digestSRI or a digestMultibase")


def _one_digest(text: str) -> list[tuple[str, bytes]] | None:
    digest = multibase_digest(text)
    return None if digest is None else [digest]


# --- Bitstring Status List 1.0 ---


def _bitstring_entry(entry: Document, where: Where) -> Iterator[SchemaFault]:
    """Check Bitstring Status List 2.1."""
    if not isinstance(entry.get("statusPurpose"), str) or not entry["statusPurpose"]:
        yield _fault((*where, "statusPurpose"), Code.VCDM_STATUS, "a string")
    index = entry.get("statusListIndex")
    if not isinstance(index, str) or not _INDEX.fullmatch(index):
        yield _fault((*where, "statusListIndex"), Code.VCDM_STATUS, "a whole number in base 10, as a string")
    if not is_url(entry.get("statusListCredential")):
        yield _fault((*where, "statusListCredential"), Code.VCDM_STATUS, "a URL")
    elif entry.get("id") == entry["statusListCredential"]:
        yield _fault((*where, "id"), Code.VCDM_STATUS, "another address than the list's")
    yield from _status_messages(entry, where)


def _status_messages(entry: Document, where: Where) -> Iterator[SchemaFault]:
    size, messages = entry.get("statusSize", 1), entry.get("statusMessage")
    if isinstance(size, bool) or not isinstance(size, int) or not 0 < size <= 8:
        yield _fault((*where, "statusSize"), Code.VCDM_STATUS, "a whole number from 1 to 8")
        return
    if messages is None:
        if size > 1:
            yield _fault(
                (*where, "statusMessage"), Code.VCDM_STATUS, "a list of messages, which a statusSize above 1 requires"
            )
        return
    if not isinstance(messages, list) or len(messages) != 2**size or not all(map(_is_message, messages)):
        yield _fault((*where, "statusMessage"), Code.VCDM_STATUS, "a status and a message for each possible value")


def _is_message(message: object) -> bool:
    if not isinstance(message, dict) or not isinstance(message.get("message"), str):
        return False
    value = message.get("status")
    return isinstance(value, str) and _STATUS_VALUE.fullmatch(value) is not None


def _status_list(subject: Document, where: Where) -> Iterator[SchemaFault]:
    """Check Bitstring Status List 2.2."""
    purposes = _listed(subject.get("statusPurpose", []))
    if not purposes or not all(isinstance(purpose, str) for purpose in purposes):
        yield _fault((*where, "statusPurpose"), Code.VCDM_STATUS, "one or more purposes")
    encoded = subject.get("encodedList")
    if not isinstance(encoded, str) or not encoded.startswith("u"):
        yield _fault((*where, "encodedList"), Code.VCDM_STATUS, "multibase base64url")


# --- values ---


def _typed(document: Document, where: Where, key: str, code: Code) -> Iterator[SchemaFault]:
    """Check a member that is one object or several, each with a type, and an id that is a URL where there is one."""
    if key not in document:
        return
    if document[key] == []:
        yield _fault((*where, key), code, "one or more objects")
    for at, entry in _places((*where, key), document[key]):
        if not isinstance(entry, dict):
            yield _fault(at, code, "an object")
            continue
        yield from _types(entry, at, code=code)
        if "id" in entry and not is_url(entry["id"]):
            yield _fault((*at, "id"), code, "one URL")


def _is_type(value: object) -> bool:
    if not isinstance(value, str) or not value or _BLANK.search(value):
        return False
    return ":" not in value or is_url(value)


def _is_text(value: object) -> bool:
    """Return True for a string or a language value object (VCDM 11.1)."""
    if isinstance(value, str):
        return True
    if not isinstance(value, dict) or not set(value) <= {"@value", "@language", "@direction"}:
        return False
    language, direction = value.get("@language", "und"), value.get("@direction", "ltr")
    tagged = isinstance(language, str) and _LANGUAGE.fullmatch(language) is not None
    return tagged and isinstance(value.get("@value"), str) and direction in ("ltr", "rtl")


def _id_of(value: object) -> str | None:
    identifier = value.get("id") if isinstance(value, dict) else value
    return identifier if isinstance(identifier, str) and is_url(identifier) else None


def _places(where: Where, value: object) -> list[tuple[Where, Any]]:
    """Pair one value or several with its path."""
    if isinstance(value, list):
        return [((*where, index), item) for index, item in enumerate(value)]
    return [(where, value)]


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _fault(where: Where, code: Code, rule: str) -> SchemaFault:
    return SchemaFault(pointer(where), code, rule)
