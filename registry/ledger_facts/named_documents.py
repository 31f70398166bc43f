"""Find the documents that the ledger's records name by SHA-256, and check that bytes are such a document.

- A record names a programme, a scope, a key statement or an act. An act is any file: a decision, a report, an attestation.
- The contracts let the council, a recognised agency or an active accreditor make most records. A record that a party makes
  about itself names its `party`, because an applicant can make such a record too. Where a record does not tell, it counts
  as the party's own.
- The bytes are the form whose SHA-256 is the name: JSON in its JCS form, a key statement and any other file as they are.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from acredita.anchoring.types import Address, Digest, IssuerId
from acredita.contracts import bindings
from acredita.contracts.bindings import Event
from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code
from acredita.registry.json_documents.jcs import JcsRefused, jcs
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.keys.key_statement import KeyStatement, KeyStatementRefused, check_statement
from acredita.registry.keys.multikey import KeyId, KeyRefused, key_id
from acredita.registry.ledger_facts.histories import is_own_act, is_own_withdrawal
from acredita.registry.programmes.programme import ProgrammeRefused, parse_programme
from acredita.registry.programmes.scope import ScopeRefused, parse_scope

MAX_DOCUMENT_BYTES: Final = 2 << 20
MAX_SUBJECT_DOCUMENTS: Final = 64
MAX_SUBJECT_BYTES: Final = 4 << 20

_SUBJECT_BYTES: Final = 32

OwnerOf = Callable[[bytes], IssuerId | None]
"""Programme version → its owner; None for a version that is not known."""


class NamedDocumentRefused(CodedError[Code]):
    """A document that is not taken or not given out. `code` is stable; nothing was kept."""

    CODE_IN_TEXT = True


class DocumentKind(StrEnum):
    """The kinds of documents that records name."""

    PROGRAMME = "programme"
    SCOPE = "scope"
    KEY_STATEMENT = "key_statement"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class DocumentNaming:
    """One record's word on a document. `subject`: of the record.

    `party`: the party that made the record about itself; None for the council, an agency or an accreditor.
    `key`: identifier and purpose of the key that a statement is about.
    """

    digest: Digest
    kind: DocumentKind
    subject: bytes
    party: IssuerId | None = None
    key: tuple[KeyId, int] | None = None


NAMING_EVENTS: Final[dict[str, tuple[type[Event], ...]]] = {
    "Council": (bindings.Proposed, bindings.Executed, bindings.UrgentSuspension),
    "IssuerRegistry": (
        bindings.StateRecorded,
        bindings.ReviewRecorded,
        bindings.ScopeRecorded,
        bindings.KeyAdded,
        bindings.KeyCompromised,
        bindings.AccountAdded,
        bindings.AccountEnded,
        bindings.AccountCompromised,
        bindings.VoidFromRecorded,
        bindings.AgencyRecorded,
        bindings.PredecessorRecorded,
    ),
    "ProgrammeRegistry": (
        bindings.ProgrammeSubmitted,
        bindings.ProgrammeReviewed,
        bindings.ProgrammeRecorded,
        bindings.PredecessorRecorded,
    ),
    "CredentialLog": (bindings.EpochOpened,),
}
"""The events of each contract that name documents."""


def naming_topics(contract: str) -> frozenset[bytes]:
    """Return topic 0 of each event of a contract that names documents."""
    topics = bindings.event_topics(contract)
    return frozenset(topics[event.__name__] for event in NAMING_EVENTS[contract] if event.__name__ in topics)


def namings(event: Event, owner_of: OwnerOf) -> Iterator[DocumentNaming]:
    """Yield the documents that an event names. Zeros name none."""
    for naming in _namings(event, owner_of):
        if any(naming.digest):
            yield naming


def _namings(event: Event, owner_of: OwnerOf) -> Iterator[DocumentNaming]:
    match event:
        case bindings.Proposed() | bindings.Executed():
            yield _act(event.act, event.proposal.to_bytes(_SUBJECT_BYTES, "big"))
        case bindings.UrgentSuspension() | bindings.EpochOpened():
            yield _act(event.act, event.issuer)
        case bindings.StateRecorded():
            yield _act(event.act, event.subject, IssuerId(event.subject) if is_own_act(event) else None)
        case bindings.ReviewRecorded() | bindings.ProgrammeReviewed():
            yield _act(event.report, event.subject)
        case bindings.ScopeRecorded():
            yield DocumentNaming(Digest(event.scope), DocumentKind.SCOPE, event.subject)
            yield _act(event.act, event.subject)
        case bindings.KeyAdded():
            yield _statement(event)
        case (
            bindings.KeyCompromised()
            | bindings.AccountAdded()
            | bindings.AccountEnded()
            | bindings.AccountCompromised()
        ):  # by the party or by the council
            yield _act(event.act, event.subject, IssuerId(event.subject))
        case bindings.VoidFromRecorded() | bindings.AgencyRecorded() | bindings.PredecessorRecorded():
            yield _act(event.act, event.subject)
        case bindings.ProgrammeSubmitted():
            owner = IssuerId(event.owner)
            yield DocumentNaming(Digest(event.document), DocumentKind.PROGRAMME, event.subject, owner)
        case bindings.ProgrammeRecorded():
            yield from _programme_act(event, owner_of)


def _programme_act(event: bindings.ProgrammeRecorded, owner_of: OwnerOf) -> Iterator[DocumentNaming]:
    """Yield the act of a change of state; nothing for the owner's act on a version whose owner is not known."""
    if not is_own_withdrawal(event):
        yield _act(event.act, event.subject)
    elif (owner := owner_of(event.subject)) is not None:
        yield _act(event.act, event.subject, owner)


def _act(digest: bytes, subject: bytes, party: IssuerId | None = None) -> DocumentNaming:
    return DocumentNaming(Digest(digest), DocumentKind.ACT, subject, party)


def _statement(event: bindings.KeyAdded) -> DocumentNaming:
    key = (KeyId(event.key_id), event.purpose)
    party = IssuerId(event.subject)
    return DocumentNaming(Digest(event.statement), DocumentKind.KEY_STATEMENT, event.subject, party, key)


def check_bytes(content: bytes, digest: Digest) -> None:
    """Check size and SHA-256 of a document. Raises NamedDocumentRefused."""
    if not 0 < len(content) <= MAX_DOCUMENT_BYTES:
        raise NamedDocumentRefused(
            Code.DOCUMENT_SIZE, f"1 to {MAX_DOCUMENT_BYTES} bytes expected, found {len(content)}"
        )
    found_digest = hashlib.sha256(content).hexdigest()
    if found_digest != digest.hex():
        raise NamedDocumentRefused(
            Code.DOCUMENT_DIGEST_MISMATCH, f"SHA-256 0x{digest.hex()} expected, found 0x{found_digest}"
        )


def check_kind(content: bytes, naming: DocumentNaming, chain_id: int, registry: Address) -> None:
    """Check that bytes of the named SHA-256 are of the kind that the record names. Raises NamedDocumentRefused.

    `registry`: the IssuerRegistry of the chain, to which key statements belong.
    """
    try:
        if naming.kind is DocumentKind.PROGRAMME:
            parse_programme(read_jcs(content))
        elif naming.kind is DocumentKind.SCOPE:
            parse_scope(read_jcs(content))
        elif naming.kind is DocumentKind.KEY_STATEMENT:
            _check_statement(content, naming, chain_id, registry)
        elif is_json(content):
            read_jcs(content)
    except (JsonRefused, JcsRefused, ProgrammeRefused, ScopeRefused, KeyStatementRefused, KeyRefused) as error:
        raise NamedDocumentRefused(
            Code.DOCUMENT_KIND_MISMATCH, f"a document of the kind {naming.kind} expected: {error}"
        ) from error


def _check_statement(content: bytes, naming: DocumentNaming, chain_id: int, registry: Address) -> None:
    if naming.key is None:
        raise KeyStatementRefused("the record names no key")
    identifier, purpose = naming.key
    key = check_statement(KeyStatement(content), chain_id, registry, IssuerId(naming.subject), purpose)
    if key_id(key.multikey) != identifier:
        raise KeyStatementRefused("the statement is of another key than the record's")


def read_jcs(content: bytes) -> object:
    """Return the value of JSON in its JCS form. Raises JsonRefused, also for another form; JcsRefused for no form."""
    value = read_json(content, max_bytes=MAX_DOCUMENT_BYTES)
    if jcs(value) != content:
        raise JsonRefused("", Code.JSON_MALFORMED, "the JCS form expected (RFC 8785)")
    return value


def is_json(content: bytes) -> bool:
    """Return whether a file counts as JSON: it has one strict reading and a JCS form."""
    try:
        jcs(read_json(content, max_bytes=MAX_DOCUMENT_BYTES))
    except (JsonRefused, JcsRefused):
        return False
    return True


def media_type(content: bytes) -> str:
    """Return the media type under which a document is served. It is an attachment in any case."""
    if is_json(content):
        return "application/json"
    return "application/pdf" if content.startswith(b"%PDF-") else "application/octet-stream"
