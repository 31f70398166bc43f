"""Take documents that the ledger names, and give out the public ones: from storage, else from the node's folder.

- A document is permitted if a record of the council, a recognised agency, or a party that is or ever was active names it.
- A document that applicants alone name is permitted at the authority's node, and is public once one of them was activated.
- Bytes count by their SHA-256 and by the kind of document that the record names. Whoever sends them is not asked for.
- What the signers of the trust file withhold is neither taken nor given out. It still counts in a verdict here.
- The limits count by the subject of the record; what an applicant names counts by the applicant, whatever the subject.

Invariant: nothing is stored before every check has passed.
"""

from collections.abc import Callable
from dataclasses import dataclass

from acredita.anchoring.types import Address, Digest, IssuerId
from acredita.node.ledger.naming import namings_of
from acredita.node.ledger.view import NodeObserver
from acredita.node.publication.trust_folder import TrustFolder
from acredita.node.publication.withheld_store import WithheldStore
from acredita.node.storage import documents
from acredita.node.storage.database import Database
from acredita.node.storage.documents import StoredDocument
from acredita.registry.codes import Code
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.named_documents import (
    MAX_SUBJECT_BYTES,
    MAX_SUBJECT_DOCUMENTS,
    DocumentNaming,
    NamedDocumentRefused,
    check_bytes,
    check_kind,
    media_type,
)
from acredita.registry.programmes.programme import Programme, ProgrammeRefused, parse_programme
from acredita.registry.programmes.scope import Scope, ScopeRefused, parse_scope


@dataclass(frozen=True)
class DocumentPermit:
    """The permission to store a document. `namings`: of one sort, public or of applicants."""

    digest: Digest
    namings: tuple[DocumentNaming, ...]
    is_public: bool
    chain_id: int
    registry: Address


@dataclass(frozen=True)
class PublicDocument:
    """A document's bytes with the media type under which they are served."""

    content: bytes
    media_type: str


class DocumentStore:
    """The documents of one node. `observe`: the ledger at its newest block. `takes_applicants`: the authority's node."""

    def __init__(
        self,
        database: Database,
        folder: TrustFolder,
        observe: Callable[[], NodeObserver | Missing],
        clock: Callable[[], int],
        *,
        takes_applicants: bool = False,
        withheld: WithheldStore,
    ) -> None:
        self._database = database
        self._folder = folder
        self._observe = observe
        self._clock = clock
        self._takes_applicants = takes_applicants
        self._withheld = withheld

    # ---- taking -----------------------------------------------------------------------------------------------

    def permit(self, observer: NodeObserver, digest: Digest) -> DocumentPermit:
        """Return the permission to send a document of this SHA-256. Raises NamedDocumentRefused, LedgerUnavailable."""
        self._withheld.check(digest)
        named = namings_of(observer, digest)
        if not named:
            raise NamedDocumentRefused(Code.DOCUMENT_NOT_NAMED, f"no record names 0x{digest.hex()}")
        public = tuple(naming for naming in named if _is_public(observer, naming))
        if not public and not self._takes_applicants:
            raise NamedDocumentRefused(Code.DOCUMENT_OF_APPLICANT, f"only applicants name 0x{digest.hex()}")
        registry = Address(observer.contracts.issuer_registry)
        return DocumentPermit(digest, public or tuple(named), bool(public), observer.identity[0], registry)

    def store(self, permit: DocumentPermit, content: bytes) -> bool:
        """Store a permitted document. Return whether it is new. Raises NamedDocumentRefused, StorageUnavailable."""
        check_bytes(content, permit.digest)
        known = self._stored(permit.digest)
        if known is not None and (known.applicant is None or not permit.is_public):
            return False  # its kind was checked when it came
        fitting = _fitting(content, permit)
        served_as = media_type(content)
        with self._database.write() as connection:
            documents.lock(connection)
            stored = documents.read_document(connection, permit.digest)
            if stored is not None:
                if permit.is_public and stored.applicant is not None:
                    documents.make_public(connection, permit.digest)
                return False
            for naming in fitting:
                document = _document(naming, permit, served_as, content)
                if _has_room(*documents.charged_to(connection, document.charged), len(content)):
                    documents.insert_document(connection, document, self._clock())
                    return True
        raise NamedDocumentRefused(
            Code.DOCUMENTS_FULL,
            f"at most {MAX_SUBJECT_DOCUMENTS} documents and {MAX_SUBJECT_BYTES} bytes of one subject",
        )

    # ---- giving out -------------------------------------------------------------------------------------------

    def read(self, digest: Digest, *, with_applicants: bool = False) -> PublicDocument | None:
        """Return a document that may be given out; None where there is none.

        `with_applicants`: for a reader who may see what is not public yet. Raises NamedDocumentRefused for a withheld one,
        StorageUnavailable.
        """
        self._withheld.check(digest)
        stored = self._stored(digest)
        if stored is not None and (with_applicants or self._is_public_now(stored)):
            return PublicDocument(stored.content, stored.media_type)
        return self._in_folder(digest)

    def programme(self, digest: Digest) -> Programme | None:
        """Return the programme whose stored and public document has this digest."""
        try:
            programme = parse_programme(self._json(digest))
        except ProgrammeRefused:
            return None
        return programme if programme.digest == digest else None

    def scope(self, digest: Digest) -> Scope | None:
        """Return the scope whose stored and public document has this digest."""
        try:
            scope = parse_scope(self._json(digest))
        except ScopeRefused:
            return None
        return scope if scope.digest == digest else None

    def key_statement(self, digest: Digest) -> bytes | None:
        """Return a key statement of the folder, else one that is stored and public. The caller compares the digest."""
        in_folder = self._folder.key_statement(digest)
        if in_folder is not None:
            return in_folder
        stored = self._stored(digest)
        return stored.content if stored is not None and self._is_public_now(stored) else None

    def _stored(self, digest: Digest) -> StoredDocument | None:
        with self._database.read() as connection:
            return documents.read_document(connection, digest)

    def _is_public_now(self, stored: StoredDocument) -> bool:
        """Return whether a stored document is public. One of an applicant is not while the ledger cannot tell."""
        if stored.applicant is None:
            return True
        observer = self._observe()
        return not isinstance(observer, Missing) and _was_active(observer, stored.applicant)

    def _json(self, digest: Digest) -> object:
        """Return the JSON value of a stored and public document; None where there is none, which nothing parses as."""
        stored = self._stored(digest)
        if stored is None or not self._is_public_now(stored):
            return None
        try:
            return read_json(stored.content, max_bytes=len(stored.content))
        except JsonRefused:
            return None

    def _in_folder(self, digest: Digest) -> PublicDocument | None:
        """Return a document of the folder, in the form whose SHA-256 is the name."""
        content = self._folder.document(digest)
        if content is not None:
            return PublicDocument(content, "application/json")
        file = self._folder.named_file(digest)
        return None if file is None else PublicDocument(file, media_type(file))


def _is_public(observer: NodeObserver, naming: DocumentNaming) -> bool:
    return naming.party is None or _was_active(observer, naming.party)


def _was_active(observer: NodeObserver, party: IssuerId) -> bool:
    history = observer.party(party)
    return history is not None and history.was_active


def _fitting(content: bytes, permit: DocumentPermit) -> list[DocumentNaming]:
    """Return the namings of whose kind the bytes are, one a subject. Raises NamedDocumentRefused if there is none."""
    refusals: dict[tuple[object, ...], NamedDocumentRefused | None] = {}
    fitting: dict[bytes, DocumentNaming] = {}
    for naming in permit.namings:
        # One act may be named by hundreds of records, and is read once.
        question = (naming.kind,) if naming.key is None else (naming.kind, naming.subject, naming.key)
        if question not in refusals:
            refusals[question] = _refusal(content, naming, permit)
        if refusals[question] is None:
            fitting.setdefault(naming.subject, naming)
    first = next((refusal for refusal in refusals.values() if refusal is not None), None)
    if not fitting and first is not None:
        raise first
    return list(fitting.values())


def _refusal(content: bytes, naming: DocumentNaming, permit: DocumentPermit) -> NamedDocumentRefused | None:
    try:
        check_kind(content, naming, permit.chain_id, permit.registry)
    except NamedDocumentRefused as refusal:
        return refusal
    return None


def _document(naming: DocumentNaming, permit: DocumentPermit, served_as: str, content: bytes) -> StoredDocument:
    applicant = None if permit.is_public else naming.party
    charged = naming.subject if applicant is None else applicant
    return StoredDocument(permit.digest, naming.kind, served_as, charged, applicant, content)


def _has_room(count: int, size: int, more: int) -> bool:
    return count < MAX_SUBJECT_DOCUMENTS and size + more <= MAX_SUBJECT_BYTES
