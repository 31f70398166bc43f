"""Say an act field by field, in the reader's language: what is shown before anybody signs."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from acredita.anchoring.receipts import time_text
from acredita.contracts.account_consent import SignedConsent
from acredita.contracts.answers import AccountPurpose, KeyPurpose
from acredita.registry.acts import state_words
from acredita.registry.acts.calldata import DecodedAct
from acredita.registry.acts.party_names import Names, subject_words
from acredita.registry.acts.shapes import SPANISH, FieldKind, Text

_NONE: Final = bytes(32)
MAX_TIME: Final = 253_402_300_799  # the end of the year 9999; a later one is shown as a number
LABELS: Final[Mapping[str, Text]] = {
    "did": Text("party", "parte"),
    "accreditor": Text("accreditor", "acredita"),
    "account-address": Text("account", "cuenta"),
    "until": Text("until", "hasta"),
    "since": Text("since", "desde"),
    "scope": Text("scope", "alcance"),
    "act": Text("act", "resolución"),
    "consent": Text("consent", "consentimiento"),
    "delegates": Text("may accredit", "puede acreditar"),
    "keep": Text("keys stay", "claves se quedan"),
    "key": Text("key", "clave"),
    "programme": Text("programme", "programa"),
    "supersedes": Text("supersedes", "sustituye a"),
    "member": Text("members", "miembros"),
    "threshold": Text("threshold", "umbral"),
    "members-hash": Text("hash of members", "huella de miembros"),
    "trust-file": Text("trust file", "archivo de confianza"),
    "recovery": Text("recovery", "recuperación"),
    "last-good": Text("last good", "último bueno"),
    "predecessor": Text("predecessor", "anterior"),
    "state-hash": Text("state hash", "huella del estado"),
    "target": Text("contract", "contrato"),
    "calldata": Text("calldata", "datos"),
    "calldata-hash": Text("keccak of calldata", "keccak de los datos"),
    "proposal": Text("proposal", "propuesta"),
    "registry": Text("registry", "registro"),
    "attestation": Text("attestation", "declaración"),
    "purpose": Text("purpose", "propósito"),
    "statement": Text("statement", "declaración"),
    "favourable": Text("favourable", "favorable"),
    "report": Text("report", "dictamen"),
    "kind": Text("kind", "tipo"),
    "size": Text("size", "tamaño"),
    "root": Text("root", "raíz"),
    "status-root": Text("status root", "raíz de estados"),
    "previous": Text("previous", "anterior"),
    "path": Text("path", "camino"),
}
"""The label of each field of an act."""


def label_of(field: str, language: str) -> str:
    """Return what a field is called in a language."""
    return LABELS[field].said(language)


def field_words(act: DecodedAct, names: Names, language: str) -> list[tuple[str, str]]:
    """Return each field of an act as its name and its value in words."""
    return [
        (field.name, value_words(field.kind, act.values[field.name], names, language)) for field in act.shape.fields
    ]


def value_words(kind: FieldKind, value: Any, names: Names, language: str) -> str:
    """Return a field's value in words."""
    say = _SAYING.get(kind)
    if say is not None:
        return say(value, names, language)
    return f"0x{value.hex()}" if isinstance(value, bytes) else str(value)


def moment_words(seconds: int) -> str:
    """Return a time of the ledger as RFC 3339; one after the year 9999 as its number."""
    return time_text(seconds) if seconds <= MAX_TIME else str(seconds)


def version_words(version: tuple[bytes, bytes], names: Names, language: str) -> str:
    """Return owner and document of a programme version."""
    of = "de" if language == SPANISH else "of"
    return f"0x{version[1].hex()} {of} {subject_words(version[0], names)}"


def accounts_words(accounts: Iterable[bytes]) -> str:
    """Return accounts one after the other."""
    return ", ".join(f"0x{account.hex()}" for account in accounts)


def _party_or_council(subject: bytes, names: Names, language: str) -> str:
    if subject == _NONE:
        return "el consejo" if language == SPANISH else "the council"
    return subject_words(subject, names)


def _consent(consent: SignedConsent, _names: Names, language: str) -> str:
    spanish = language == SPANISH
    if not consent.signature:
        return "por su propia llamada" if spanish else "by its own call"
    return f"{'firmado hasta' if spanish else 'signed until'} {moment_words(consent.deadline)}"


def _calldata(data: bytes, _names: Names, _language: str) -> str:
    return f"{len(data)} bytes"


def _trust_file(pair: tuple[int, bytes], _names: Names, _language: str) -> str:
    return f"{pair[0]}, 0x{pair[1].hex()}"


def _versions(versions: Iterable[tuple[bytes, bytes]], names: Names, language: str) -> str:
    return "\n".join(version_words(version, names, language) for version in versions)


_SAYING: Final[Mapping[FieldKind, Callable[[Any, Names, str], str]]] = {
    FieldKind.PARTY: lambda value, names, _: subject_words(value, names),
    FieldKind.PARTY_OR_COUNCIL: _party_or_council,
    FieldKind.ACCOUNTS: lambda value, _names, _language: accounts_words(value),
    FieldKind.VERSION: version_words,
    FieldKind.VERSIONS: _versions,
    FieldKind.DOCUMENT_OR_NONE: lambda value, _, language: (
        state_words.NONE.said(language) if value == _NONE else f"0x{value.hex()}"
    ),
    FieldKind.END: lambda value, _names, _language: moment_words(value),
    FieldKind.OPEN_END: lambda value, _, language: moment_words(value) if value else state_words.OPEN.said(language),
    FieldKind.SINCE: lambda value, _names, _language: moment_words(value),
    FieldKind.FLAG: lambda value, _, language: (state_words.YES if value else state_words.NO).said(language),
    FieldKind.KEY_PURPOSE: lambda value, _, language: _enumerated(
        KeyPurpose, state_words.KEY_PURPOSES, value, language
    ),
    FieldKind.ACCOUNT_PURPOSE: lambda value, _, language: _enumerated(
        AccountPurpose, state_words.ACCOUNT_PURPOSES, value, language
    ),
    FieldKind.CONSENT: _consent,
    FieldKind.CALLDATA: _calldata,
    FieldKind.TRUST_FILE: _trust_file,
    FieldKind.CHECKPOINT: lambda value, _names, _language: ", ".join(f"0x{word.hex()}" for word in value),
    FieldKind.HASHES: lambda value, _names, _language: ", ".join(f"0x{word.hex()}" for word in value),
}


def _enumerated(kind: Any, texts: Mapping[Any, Any], value: int, language: str) -> str:
    return str(texts[kind(value)].said(language)) if value in set(kind) else str(value)
