"""Open what was handed in: one credential, or a container of several.

A presentation and an array are containers; each credential in one is read on its own and judged on its own. A compact
JWS is opened too, on its own, in an envelope or in a badge. Its payload is read without a look at the signature, which
is checked later. What holds no credential is refused, because a verdict is about a credential.

Invariant: each credential found is a member, and what was meant as one but cannot be opened is a member with a fault. So
a sound credential beside a bad one never answers for both.
"""

import base64
import binascii
import json
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code
from acredita.registry.credentials.parse import ProfileRefused, is_credential
from acredita.registry.evidence.credential import CredentialReading, read_credential, read_document
from acredita.registry.json_documents.strict import BYTE_ORDER_MARK, JsonRefused, read_json
from acredita.registry.proofs.compact_jws import MAX_TOKEN, claimed

MAX_MEMBERS: Final = 16
"""Credentials of one container: each costs a verification."""
MAX_NESTING: Final = 3
"""Containers around a credential: an array, a token, a presentation in it."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]+=*\.[A-Za-z0-9_-]+=*\.[A-Za-z0-9_-]*=*(~[A-Za-z0-9_.~-]*)?")
_DATA_URL: Final = re.compile(
    r"data:[a-z0-9.+/-]*(?:;[a-z0-9=.+_-]+)*?(?P<packed>;base64)?,", re.IGNORECASE
)  # RFC 2397
# Signs in a text without one reading that it was meant to be a credential: its fault is then a failed step 1.
_SIGNS: Final = (b'"credentialSubject"', b'Credential"', b'"verifiableCredential"')
_TOKEN_SIGNS: Final = (*_SIGNS, b'"vct"')
_TOKEN_BEGINS: Final = b'"eyJ'  # `{"` in base64url, as text in a JSON document
_NO_JSON: Final = frozenset({Code.JSON_MALFORMED, Code.JSON_NOT_UTF8})
_URL_SAFE: Final = str.maketrans("-_", "+/")
_ENVELOPE: Final = "EnvelopedVerifiableCredential"
_ENVELOPED_PRESENTATION: Final = "EnvelopedVerifiablePresentation"
_PRESENTATIONS: Final = frozenset({"VerifiablePresentation", _ENVELOPED_PRESENTATION})


class DocumentRefused(CodedError[Code]):
    """A document that holds no credential (`NOT_A_CREDENTIAL`), or is too large to be opened."""


@dataclass(frozen=True)
class Presentation:
    """A presentation around credentials. `token`: the compact JWS that secures one in that form."""

    document: Mapping[str, Any]
    token: str | None = None


@dataclass(frozen=True)
class OpenedDocument:
    """The credentials of what was handed in, in its order, and the presentations around them.

    A member that holds no credential is a reading with the fault `NOT_A_CREDENTIAL`.
    """

    credentials: tuple[CredentialReading, ...]
    presentations: tuple[Presentation, ...] = ()
    is_container: bool = False


def open_document(data: bytes) -> OpenedDocument:
    """Open the bytes of a JSON text or of a compact JWS. Raises DocumentRefused."""
    token = data.removeprefix(BYTE_ORDER_MARK).strip()
    if len(token) <= MAX_TOKEN and token.isascii() and _TOKEN.fullmatch(token.decode("ascii")):
        return open_value(token.decode("ascii"))
    try:
        value = read_json(data)
    except JsonRefused as error:
        if error.code == Code.JSON_TOO_LARGE:
            raise DocumentRefused(error.code, error.message) from None
        return _despite(data, error)
    return open_value(value)


def open_value(value: object) -> OpenedDocument:
    """Open a JSON value that was read strictly. Raises DocumentRefused."""
    opening = _Opening()
    opening.open(value, 0)
    readings = tuple(opening.credentials)
    if all(_holds_none(reading) for reading in readings):
        raise DocumentRefused(Code.NOT_A_CREDENTIAL, "a verifiable credential or presentation expected")
    return OpenedDocument(readings, tuple(opening.presentations), opening.is_container)


def _despite(data: bytes, fault: JsonRefused) -> OpenedDocument:
    """Open a text that strict reading refuses, if it was meant to be a credential. A null leaves it one reading."""
    if fault.code in _NO_JSON or not _has_sign(data):
        raise DocumentRefused(Code.NOT_A_CREDENTIAL, str(fault)) from None
    if fault.code == Code.JSON_NULL:
        try:
            opened = open_value(read_json(data, with_nulls=True))
        except JsonRefused as other:
            return OpenedDocument((CredentialReading({}, None, other),))
        if opened.is_container or opened.credentials[0].token is not None:
            return opened
    return OpenedDocument((read_credential(data),))


def _holds_none(reading: CredentialReading) -> bool:
    return reading.fault is not None and reading.fault.code == Code.NOT_A_CREDENTIAL


_TOO_DEEP: Final = CredentialReading(
    {}, None, JsonRefused("", Code.JSON_TOO_DEEP, f"at most {MAX_NESTING} containers around a credential")
)


@dataclass
class _Opening:
    """One pass over a document: what was found in it so far."""

    credentials: list[CredentialReading] = field(default_factory=list)
    presentations: list[Presentation] = field(default_factory=list)
    is_container: bool = False

    def open(self, value: object, level: int) -> None:
        """Open a value at this level of nesting."""
        if isinstance(value, list) and level < MAX_NESTING:
            self._open_members(value, level)
        elif isinstance(value, str) and _TOKEN.fullmatch(value):
            self._open_token(value, level)
        elif isinstance(value, dict) and _is_container(value) and level < MAX_NESTING:
            self._open_presentation(value, level)
        elif isinstance(value, dict) and _ENVELOPE in _types(value) and "credentialSubject" not in value:
            self._open_envelope(value, level)
        elif level >= MAX_NESTING and _is_container(value) and _may_hold_credential(value):
            self._keep(_TOO_DEEP)
        else:
            self._keep(read_document(value))

    def _open_members(self, members: list[object], level: int) -> None:
        self.is_container = True
        for member in members:
            self.open(member, level + 1)

    def _open_presentation(self, presentation: Mapping[str, Any], level: int) -> None:
        """Open a presentation. One in an envelope is opened by its token, and by members that stand beside it."""
        enclosed = _enclosed_token(presentation)
        enveloped = enclosed is not None or _ENVELOPED_PRESENTATION in _types(presentation)
        if enclosed is not None:
            self._open_token(enclosed, level)
        elif enveloped:
            self._keep(CredentialReading(presentation, None, _of_another_form()))
        if not enveloped or "verifiableCredential" in presentation:
            self._open_presented(Presentation(presentation), level)

    def _open_presented(self, presentation: Presentation, level: int) -> None:
        if level >= MAX_NESTING:
            self._keep(_TOO_DEEP)
            return
        self.presentations.append(presentation)
        self._open_members(_listed(presentation.document.get("verifiableCredential", [])), level)

    def _open_envelope(self, envelope: Mapping[str, Any], level: int) -> None:
        enclosed = _enclosed_token(envelope)
        if enclosed is None:
            self._keep(CredentialReading(envelope, None, _of_another_form()))
        else:
            self._open_token(enclosed, level)

    def _open_token(self, token: str, level: int) -> None:
        claims = claimed(token)
        if claims is None:
            self._keep(_unread_token(token))
            return
        document = claims["vc"] if isinstance(claims.get("vc"), dict) else claims
        held = is_credential(document) or "vct" in claims  # SD-JWT VC names its type `vct`
        held = held or isinstance(claims.get("vc"), list | str)  # a credential in a form that no check takes
        if held:
            claimed_by = {"iss": claims["iss"]} if "iss" in claims else {}
            self._keep(CredentialReading({**document, **claimed_by}, None, _of_another_form(), token))
        presented = claims.get("vp", claims)
        if isinstance(presented, dict) and "verifiableCredential" in presented:  # a token may hold both
            self._open_presented(Presentation(presented, token), level)
        elif not held:
            self._keep(read_document(token))

    def _keep(self, reading: CredentialReading) -> None:
        self.credentials.append(reading)
        if len(self.credentials) > MAX_MEMBERS:
            raise DocumentRefused(Code.FILE_TOO_LARGE, f"at most {MAX_MEMBERS} credentials in one document")


def _enclosed_token(envelope: Mapping[str, Any]) -> str | None:
    """Return the compact JWS in an envelope's data: URL (VCDM 4.13.1), of whatever media type and spelling."""
    identifier = envelope.get("id")
    address = _DATA_URL.match(identifier) if isinstance(identifier, str) else None
    if not isinstance(identifier, str) or address is None:
        return None
    token = urllib.parse.unquote(identifier[address.end() :]).strip()
    if address["packed"] is not None:
        token = _decoded(token).decode("latin-1").strip()
    return token if _TOKEN.fullmatch(token) else None


def _unread_token(token: str) -> CredentialReading:
    """Return the reading of a token that has no payload to read. One meant to be a credential is a broken credential."""
    if any(sign in _decoded(part) for sign in _TOKEN_SIGNS for part in token.split(".")[1:2]):
        return CredentialReading({}, None, ProfileRefused(("proof",), Code.PROOF_MALFORMED, "a compact JWS"))
    return read_document(token)


def _decoded(text: str) -> bytes:
    """Decode base64 of any spelling; nothing where it is none."""
    try:
        return base64.b64decode(text.translate(_URL_SAFE).rstrip("=") + "==")
    except (binascii.Error, ValueError):
        return b""


def _has_sign(data: bytes) -> bool:
    return any(sign in data for sign in _SIGNS)


def _may_hold_credential(value: object) -> bool:
    text = json.dumps(value).encode()
    return _has_sign(text) or _TOKEN_BEGINS in text


def _is_container(value: object) -> bool:
    return isinstance(value, list) or (isinstance(value, dict) and not is_credential(value) and _is_presentation(value))


def _is_presentation(document: Mapping[str, Any]) -> bool:
    return "verifiableCredential" in document or not _PRESENTATIONS.isdisjoint(_types(document))


def _types(document: Mapping[str, Any]) -> list[str]:
    return [name for name in _listed(document.get("type", [])) if isinstance(name, str)]


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _of_another_form() -> ProfileRefused:
    return ProfileRefused(("proof",), Code.FORM_NOT_ALLOWED, "a Data Integrity proof")
