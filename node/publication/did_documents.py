"""DID documents of issuers: those the operator put into `dids.json`, else built from the ledger's key history.

The registry knows keys by their hash; the key itself stands in its statement, which is checked before it is believed. The
statement comes from `documents/<hash>.bin` or from the store of documents. A key that was ended stays in the DID document,
because credentials signed before that are still good and a foreign verifier has no history to ask; whether it was in force
when a credential was anchored is the ledger's answer. A compromised key may assert nothing any more. did:key documents
say only what the DID says itself.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.receipts import time_text
from acredita.anchoring.status_bits import Status
from acredita.anchoring.types import Address, Digest, IssuerId
from acredita.node.ledger.view import NodeObserver, Observations
from acredita.node.publication.trust_folder import TrustFolder
from acredita.registry.keys.did import DidRefused, did_key_document, issuer_id, parse_did, web_method
from acredita.registry.keys.key_statement import KeyStatement, KeyStatementRefused, check_statement
from acredita.registry.keys.multikey import KeyId, KeyRefused, PublicKey, key_id
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.histories import ASSERTION, PartyHistory, ValidityWindow
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope

CONTEXTS = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"]

StatementOf = Callable[[Digest], bytes | None]
"""SHA-256 → the key statement with that digest, or None where it is not available. It is compared with the digest."""


def did_web_document(did: str, keys: Mapping[KeyId, tuple[PublicKey, ValidityWindow]]) -> dict[str, object]:
    """Build the document of a did:web from its assertion keys and their windows (DID Core 5, Controlled Identifiers
    2.2.2).
    """
    methods, asserting = [], []
    for key, window in keys.values():
        method: dict[str, object] = {
            "id": web_method(did, key),
            "type": "Multikey",
            "controller": did,
            "publicKeyMultibase": key.multibase,
        }
        if window.compromised is None:
            asserting.append(method["id"])
        else:
            method["revoked"] = time_text(window.compromised)
        methods.append(method)
    return {"@context": CONTEXTS, "id": did, "verificationMethod": methods, "assertionMethod": asserting}


def ledger_document(statement_of: StatementOf, observer: NodeObserver, did: str) -> object | None:
    """Build the document of a did:web of the registry; None where it is none, or no statement of its keys is
    available.
    """
    try:
        subject = issuer_id(did)
        party = observer.party(subject) if did.startswith("did:web:") else None
        keys = {} if party is None else _keys(statement_of, observer, party)
    except (DidRefused, LedgerUnavailable):
        return None
    return did_web_document(did, keys) if keys else None


@dataclass
class DidDocuments(Mapping[str, object]):
    """DID → document, as far as this node can tell at the ledger's newest block."""

    folder: TrustFolder
    observations: Observations
    statement_of: StatementOf
    _built: tuple[bytes, dict[str, object]] = field(default_factory=lambda: (b"", {}))
    _read: tuple[tuple[int, int] | None, TrustFolder] | None = None

    def __getitem__(self, did: str) -> object:
        listed = self._listed
        return listed[did] if did in listed else self.at(self.observations.now(), did)

    def __iter__(self) -> Iterator[str]:
        return iter(self._listed)

    def __len__(self) -> int:
        return len(self._listed)

    @property
    def _listed(self) -> Mapping[str, object]:
        """The documents of `dids.json`, read again when the file has changed: an ended key must not live on here."""
        state = self.folder.dids_state()
        if self._read is None or self._read[0] != state:
            self._read = (state, TrustFolder(self.folder.base))
        return self._read[1].dids

    def resolve(self, did: str) -> object | None:
        """Return the document of a did:key or did:web; None where this node has none. Raises DidRefused."""
        parsed = parse_did(did)
        if parsed.key is not None:
            return did_key_document(parsed.key)
        return self.get(did)

    def seen_by(self, observe: Callable[[], NodeObserver | Missing]) -> "DidsAtOneHead":
        """Return the documents at a head that is observed already, so that nothing is asked of the ledger for them."""
        return DidsAtOneHead(self, observe)

    def at(self, observer: NodeObserver | Missing, did: str) -> object:
        """Return the document of a DID at an observed head. Raises KeyError."""
        listed = self._listed
        document = listed[did] if did in listed else self._from_ledger(did, observer)
        if document is None:
            raise KeyError(did)
        return document

    def _from_ledger(self, did: str, observer: NodeObserver | Missing) -> object | None:
        if isinstance(observer, Missing):
            return None
        block, documents = self._built
        if block != observer.block.hash:
            documents = {}
            self._built = (observer.block.hash, documents)
        if did not in documents:
            built = ledger_document(self.statement_of, observer, did)
            if built is None:  # a statement may arrive while the chain stands still
                return None
            documents[did] = built
        return documents[did]


@dataclass(frozen=True)
class DidsAtOneHead(Mapping[str, object]):
    """The documents of a node for whoever observes one head of the ledger. `observe`: called when the ledger is needed."""

    documents: DidDocuments
    observe: Callable[[], NodeObserver | Missing]

    def __getitem__(self, did: str) -> object:
        return self.documents.at(self.observe(), did)

    def __iter__(self) -> Iterator[str]:
        return iter(self.documents)

    def __len__(self) -> int:
        return len(self.documents)


@dataclass(frozen=True)
class FolderDids(Mapping[str, object]):
    """The same for whoever has a folder and one block of the ledger: listed documents, else those of the registry."""

    folder: TrustFolder
    observer: NodeObserver | Missing

    def __getitem__(self, did: str) -> object:
        listed = self.folder.dids
        if did in listed:
            return listed[did]
        built = (
            None
            if isinstance(self.observer, Missing)
            else ledger_document(self.folder.key_statement, self.observer, did)
        )
        if built is None:
            raise KeyError(did)
        return built

    def __iter__(self) -> Iterator[str]:
        return iter(self.folder.dids)

    def __len__(self) -> int:
        return len(self.folder.dids)


@dataclass(frozen=True)
class LedgerFolder:
    """A folder's evidence, with DID documents from the ledger's key history where the folder lists none."""

    folder: TrustFolder
    observer: NodeObserver | Missing

    def programme(self, digest: Digest) -> Programme | None:
        """Return the programme whose document has this digest, if the folder has it."""
        return self.folder.programme(digest)

    def scope(self, digest: Digest) -> Scope | None:
        """Return the scope whose document has this digest, if the folder has it."""
        return self.folder.scope(digest)

    def status_list(self, issuer: IssuerId, list_number: int) -> object | None:
        """Return a published status list, if the folder has it."""
        return self.folder.status_list(issuer, list_number)

    def requested_status(self, issuer: IssuerId, position: int, until: int | None) -> Status:
        """Return no bits: a folder holds what was published, not what was requested."""
        return self.folder.requested_status(issuer, position, until)

    @property
    def dids(self) -> Mapping[str, object]:
        """The DID documents of the folder, else those built from the ledger."""
        return FolderDids(self.folder, self.observer)


def _keys(
    statement_of: StatementOf, observer: NodeObserver, party: PartyHistory
) -> dict[KeyId, tuple[PublicKey, ValidityWindow]]:
    """Return the assertion keys whose statements are available and valid, in the order they were added."""
    valid = {}
    statements = observer.key_statements(party.subject)
    for identifier, window in party.keys.items():
        if window.purpose == ASSERTION and identifier in statements:
            key = _key(statement_of, observer, party, statements[identifier])
            if key is not None and key_id(key.multikey) == identifier:
                valid[identifier] = (key, window)
    return valid


def _key(statement_of: StatementOf, observer: NodeObserver, party: PartyHistory, digest: Digest) -> PublicKey | None:
    data = statement_of(digest)
    if data is None or (statement := KeyStatement(data)).digest != digest:
        return None
    registry = Address(observer.contracts.issuer_registry)
    try:
        return check_statement(statement, observer.identity[0], registry, party.subject, ASSERTION)
    except (KeyStatementRefused, KeyRefused):
        return None
