"""The node's public evidence: documents from its folder, status lists and logs from its own storage.

Lists and logs of other institutions come from the folder, which is laid out as `trust_folder` says. The folder grows
while the node runs, so only documents that exist are kept in memory and a missing one is looked for again. Entries may
reach beyond the anchored ones; a reader that rebuilds a log checks them against the chain.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from acredita.anchoring.types import Digest, IssuerId
from acredita.node.publication.did_documents import DidDocuments
from acredita.node.publication.trust_folder import TrustFolder
from acredita.node.storage.credentials import published_list
from acredita.node.storage.database import Database
from acredita.node.storage.stored_checkpoints import confirmed_sizes
from acredita.node.storage.stored_log import appended_size, read_entries
from acredita.registry.json_documents.strict import read_json
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope

K = TypeVar("K")
V = TypeVar("V")

KEPT_DOCUMENTS: Final = 4_096  # parsed programme and scope documents in memory, some kilobytes each


@dataclass(frozen=True)
class KnownEntries:
    """Epoch → entries of an issuer: from this node's own log if it writes for the issuer, else from the folder."""

    database: Database
    folder: TrustFolder

    def __call__(self, issuer: IssuerId) -> Mapping[int, bytes]:
        with self.database.read() as connection:
            own = {
                epoch: b"".join(read_entries(connection, issuer, epoch, 0, appended_size(connection, issuer, epoch)))
                for epoch in confirmed_sizes(connection, issuer)
            }
        return own or self.folder.entries_of(issuer)


@dataclass
class NodeDocuments:
    """The document source of a node, for its own institutions and for those it mirrors."""

    database: Database
    folder: TrustFolder
    documents: DidDocuments
    _programmes: dict[Digest, Programme] = field(default_factory=dict)
    _scopes: dict[Digest, Scope] = field(default_factory=dict)
    _lists: dict[tuple[IssuerId, int], tuple[bytes, object]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def programme(self, digest: Digest) -> Programme | None:
        known = self._programmes.get(digest)
        if known is None and (known := TrustFolder(self.folder.base).programme(digest)) is not None:
            with self._lock:
                _keep(self._programmes, digest, known)
        return known

    def scope(self, digest: Digest) -> Scope | None:
        known = self._scopes.get(digest)
        if known is None and (known := TrustFolder(self.folder.base).scope(digest)) is not None:
            with self._lock:
                _keep(self._scopes, digest, known)
        return known

    def status_list(self, issuer: IssuerId, list_number: int) -> object | None:
        stored = self.stored_list(issuer, list_number)
        if stored is not None:
            return self._read_once(issuer, list_number, stored)
        return self.folder.status_list(issuer, list_number)

    def _read_once(self, issuer: IssuerId, list_number: int, stored: bytes) -> object:
        """Return the list as JSON. The bytes are compared each time, so an older reading is never used."""
        known = self._lists.get((issuer, list_number))
        if known is None or known[0] != stored:
            known = (stored, read_json(stored))
            with self._lock:
                _keep(self._lists, (issuer, list_number), known)
        return known[1]

    def stored_list(self, issuer: IssuerId, list_number: int) -> bytes | None:
        """Return the bytes of a list this node has published itself."""
        with self.database.read() as connection:
            return published_list(connection, issuer, list_number)

    @property
    def dids(self) -> Mapping[str, object]:
        """DID documents by DID."""
        return self.documents


def _keep(documents: dict[K, V], key: K, document: V) -> None:
    if len(documents) >= KEPT_DOCUMENTS:
        del documents[next(iter(documents))]
    documents[key] = document
