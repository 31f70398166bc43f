"""Keep copies of the documents that the ledger names: each is known by its SHA-256, so that no source can alter one.

A JSON document is kept in its JCS form, whatever form it came in. A key statement is kept byte for byte. The DID documents
of the registry's institutions are built from these statements and the ledger; no host's DID document is believed.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from acredita.anchoring.types import Digest, IssuerId
from acredita.contracts import bindings
from acredita.node.ledger.view import NodeObserver
from acredita.node.mirroring.refusals import CopyRefused, MirrorReport
from acredita.node.mirroring.sources import AskedSource
from acredita.node.outbound.fetch import SourceUnavailable
from acredita.node.publication.trust_folder import write_bytes
from acredita.registry.codes import Code
from acredita.registry.json_documents.jcs import JcsRefused, jcs
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.ledger_facts.histories import PartyHistory
from acredita.registry.ledger_facts.named_documents import MAX_DOCUMENT_BYTES, DocumentKind, namings
from acredita.registry.ledger_facts.whole_records import events_of

RETRY_SECONDS: Final = 600  # until a document that no source had is asked for again
ACT_RETRY_SECONDS: Final = 6 * 3600  # until an act is; many are never sent


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """A document that the ledger names by its hash. `is_json`: the hash is over its JCS form.

    `is_needed`: verification or an audit asks for it. An act or a report is read by people, and may never have been sent.
    """

    digest: Digest
    is_json: bool
    is_needed: bool = True

    @property
    def name(self) -> str:
        """The file's name in a folder."""
        return f"documents/{self.digest.hex()}.{'json' if self.is_json else 'bin'}"

    @property
    def names(self) -> list[str]:
        """The document's paths at a node and in a folder."""
        more = [] if self.is_needed else [f"documents/{self.digest.hex()}.txt"]
        return [f"v1/documents/{self.digest.hex()}", self.name, *more]

    def checked(self, content: bytes) -> bytes:
        """Return the form of a document that is kept. Raises CopyRefused for another document."""
        kept = _jcs_form(content) if self.is_json else content
        if kept is None or hashlib.sha256(kept).digest() != self.digest:
            raise CopyRefused(Code.MIRROR_DOCUMENT_DIFFERS, "the bytes have another hash")
        return kept


def named_documents(observer: NodeObserver, party: PartyHistory) -> Iterator[NamedDocument]:
    """Yield the documents that the records of a party and of its programmes name, those that are needed first.

    Raises LedgerUnavailable.
    """
    named = dict.fromkeys(_named(observer, party.subject))
    yield from (document for document in named if document.is_needed)
    yield from (document for document in named if not document.is_needed)


def _named(observer: NodeObserver, subject: IssuerId) -> Iterator[NamedDocument]:
    registries = observer.contracts
    logs = list(observer.records(registries.issuer_registry, subject))
    for owner, document in observer.versions:
        if owner == subject:
            yield NamedDocument(document, is_json=True)
            if observer.snapshot is not None:  # without an index each version would be a question to the ledger
                logs += observer.records(registries.programme_registry, bindings.programme_version(owner, document))
    for event in events_of(logs):
        for naming in namings(event, lambda version: subject):
            is_json = naming.kind in (DocumentKind.PROGRAMME, DocumentKind.SCOPE)
            yield NamedDocument(naming.digest, is_json, is_needed=naming.kind is not DocumentKind.ACT)


@dataclass
class DocumentCopies:
    """The documents of a mirror's folder. Those that no source had are asked for again only after some minutes.

    `withheld`: those that are neither fetched nor kept.
    """

    base: Path
    withheld: frozenset[Digest] = frozenset()
    _asked: dict[Digest, int] = field(default_factory=dict)
    _sound: set[str] = field(default_factory=set)

    def has(self, named: NamedDocument) -> bool:
        """Return whether the folder has the document. Its bytes are read once in the life of a process."""
        path = self.base / named.name
        if not path.is_file():
            return False
        if named.name not in self._sound and _is_sound(named, path):
            self._sound.add(named.name)
        return named.name in self._sound

    def fetch(self, named: NamedDocument, sources: Sequence[AskedSource], report: MirrorReport, now: int) -> bool:
        """Fetch a document that the folder lacks. Return whether none is missing now. Raises OSError."""
        if named.digest in self.withheld:
            (self.base / named.name).unlink(missing_ok=True)
            return True
        if self.has(named):
            return True
        asked_at, patience = self._asked.get(named.digest), RETRY_SECONDS if named.is_needed else ACT_RETRY_SECONDS
        if asked_at is not None and 0 <= now - asked_at < patience:  # a clock that was set back delays nothing
            return False
        if any(self._take(named, source, report) for source in sources):
            self._asked.pop(named.digest, None)
            return True
        if not all(source.is_over for source in sources):
            self._asked[named.digest] = now
        return False

    def _take(self, named: NamedDocument, source: AskedSource, report: MirrorReport) -> bool:
        try:
            content = source.first(named.names, MAX_DOCUMENT_BYTES)
            if content is None:
                return False
            write_bytes(self.base / named.name, named.checked(content))
        except (SourceUnavailable, CopyRefused) as error:
            report.refuse(source.name, named.names[0], error)
            return False
        report.documents += 1
        return True


def _is_sound(named: NamedDocument, path: Path) -> bool:
    """Return whether a file is the document of its name. One that cannot be read is not."""
    try:
        with path.open("rb") as file:
            named.checked(file.read(MAX_DOCUMENT_BYTES + 1))
    except (OSError, CopyRefused):
        return False
    return True


def _jcs_form(content: bytes) -> bytes | None:
    try:
        return jcs(read_json(content, max_bytes=MAX_DOCUMENT_BYTES))
    except (JsonRefused, JcsRefused):
        return None
