"""The node's public evidence: documents in its folder, status lists and logs from its own storage, else the folder's.

The folder is laid out as `trust_folder` says; a node adds to it while it runs, so what was not there is looked for again
and only what was found is kept. Entries may reach beyond what is anchored: who rebuilds a log holds them against the
chain.
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
from acredita.node.storage.stored_log import appended_size, confirmed_sizes, read_entries
from acredita.registry.json_documents.strict import read_json
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope

K = TypeVar("K")
V = TypeVar("V")

KEPT_DOCUMENTS: Final = 4_096  # parsed programme and scope documents in memory, some kilobytes each


@dataclass(frozen=True)
class KnownEntries:
    """Epoch → entries of an issuer, from this node's own log where it writes for the issuer, else from the folder."""

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
    """What this node has at hand, for its own institutions and for those it mirrors."""

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
        """The list as JSON; the bytes are compared each time, so that an older reading is never told."""
        known = self._lists.get((issuer, list_number))
        if known is None or known[0] != stored:
            known = (stored, read_json(stored))
            with self._lock:
                _keep(self._lists, (issuer, list_number), known)
        return known[1]

    def stored_list(self, issuer: IssuerId, list_number: int) -> bytes | None:
        """The bytes of a list this node has published itself."""
        with self.database.read() as connection:
            return published_list(connection, issuer, list_number)

    @property
    def dids(self) -> Mapping[str, object]:
        return self.documents


def _keep(known: dict[K, V], key: K, found: V) -> None:
    if len(known) >= KEPT_DOCUMENTS:
        del known[next(iter(known))]
    known[key] = found
