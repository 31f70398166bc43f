"""The node's public evidence: documents from its folder and its store, status lists from its own storage.

Lists of other institutions come from the folder, which is laid out as `trust_folder` says. The folder grows
while the node runs, so only documents that exist are kept in memory and a missing one is looked for again.

Invariants: the version of a list is read before a kept reading of it is used, so that a change by any process counts in
the next answer. No older version of a list follows a newer one in the answers of a process: not after another institution's
copy went back, and not after a failover to a standby that lacks the last version.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from acredita.anchoring.entries import status_change
from acredita.anchoring.status_bits import CLEAR, Status, StatusBits
from acredita.anchoring.types import Digest, IssuerId
from acredita.node.publication.did_documents import DidDocuments
from acredita.node.publication.document_store import DocumentStore
from acredita.node.publication.trust_folder import FileState, TrustFolder, is_settled
from acredita.node.publication.withheld_store import WithheldStore
from acredita.node.storage import status_lists
from acredita.node.storage.credentials import status_changes
from acredita.node.storage.database import Database
from acredita.node.storage.status_lists import StoredList
from acredita.registry.credentials.status_list import StatusListRefused, parse_status_list
from acredita.registry.json_documents.strict import read_json
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope
from sqlalchemy import Connection

K = TypeVar("K")
V = TypeVar("V")

_ListKey = tuple[IssuerId, int]

KEPT_DOCUMENTS: Final = 4_096  # parsed programme and scope documents in memory, some kilobytes each


@dataclass
class NodeDocuments:
    """The document source of a node, for its own institutions and for those it mirrors."""

    database: Database
    folder: TrustFolder
    documents: DidDocuments
    store: DocumentStore
    _programmes: dict[Digest, Programme] = field(default_factory=dict)
    _scopes: dict[Digest, Scope] = field(default_factory=dict)
    _lists: dict[_ListKey, tuple[StoredList, object]] = field(default_factory=dict)
    _mirrored: dict[_ListKey, tuple[int, object]] = field(default_factory=dict)
    _settled: dict[_ListKey, FileState] = field(default_factory=dict)  # of the file that a kept copy was read from
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def programme(self, digest: Digest) -> Programme | None:
        known = self._programmes.get(digest)
        if known is None and (known := self._programme(digest)) is not None:
            with self._lock:
                _keep(self._programmes, digest, known)
        return known

    def scope(self, digest: Digest) -> Scope | None:
        known = self._scopes.get(digest)
        if known is None and (known := self._scope(digest)) is not None:
            with self._lock:
                _keep(self._scopes, digest, known)
        return known

    def _programme(self, digest: Digest) -> Programme | None:
        return TrustFolder(self.folder.base).programme(digest) or self.store.programme(digest)

    def _scope(self, digest: Digest) -> Scope | None:
        return TrustFolder(self.folder.base).scope(digest) or self.store.scope(digest)

    def status_list(self, issuer: IssuerId, list_number: int) -> object | None:
        """Return the newest version of a list: of this node's own, or of the folder's copy of another institution's."""
        own = self._own_list(issuer, list_number)
        return self.mirrored_list(issuer, list_number) if own is None else own[1]

    def stored_list(self, issuer: IssuerId, list_number: int) -> StoredList | None:
        """Return the newest version of a list of an institution that writes into this database."""
        own = self._own_list(issuer, list_number)
        return None if own is None else own[0]

    def _own_list(self, issuer: IssuerId, list_number: int) -> tuple[StoredList, object] | None:
        """Return a list as stored and as read, or None. A kept one is used unless the row has a newer version."""
        key = (issuer, list_number)
        with self.database.read() as connection:
            version = status_lists.read_version(connection, issuer, list_number)
            if version is None:
                return None
            known = self._lists.get(key)
            if known is not None and version <= known[0].version:
                return known
            stored = status_lists.read_list(connection, issuer, list_number)
        assert stored is not None  # one transaction
        read = (stored, read_json(stored.document))
        with self._lock:
            known = self._lists.get(key)
            if known is not None and stored.version < known[0].version:  # another thread has read a newer one
                return known
            _keep(self._lists, key, read)
        return read

    def mirrored_list(self, issuer: IssuerId, list_number: int) -> object | None:
        """Return the copy of another institution's list, or a newer copy that this process has seen before."""
        key, now = (issuer, list_number), time.time_ns()
        state = self.folder.status_list_state(issuer, list_number)
        known = self._mirrored.get(key)
        if known is not None and state is not None and self._settled.get(key) == state:
            return known[1]
        copy = self.folder.status_list(issuer, list_number)
        version = list_version(copy)
        with self._lock:
            known = self._mirrored.get(key)  # another thread may have read a newer copy meanwhile
            if known is not None and (version is None or version < known[0]):
                return known[1]
            self._settled.pop(key, None)
            if version is not None:
                _keep(self._mirrored, key, (version, copy))
            if version is not None and state is not None and is_settled(state, now):
                _keep(self._settled, key, state)
        return copy

    def requested_status(self, issuer: IssuerId, position: int, until: int | None) -> Status:
        """Return the status after every change that staff of this node's institutions requested, anchored or not.

        `until`: only changes requested up to this moment, Unix seconds.
        """
        with self.database.read() as connection:
            return requested_status(connection, issuer, position, until)

    @property
    def dids(self) -> Mapping[str, object]:
        """DID documents by DID."""
        return self.documents


@dataclass(frozen=True)
class GivenOutDocuments:
    """The programmes and scopes of a node but for withheld ones, for answers that carry the documents themselves."""

    source: NodeDocuments
    withheld: WithheldStore

    def programme(self, digest: Digest) -> Programme | None:
        """Return a programme that may be given out."""
        return None if self.withheld.holds(digest) else self.source.programme(digest)

    def scope(self, digest: Digest) -> Scope | None:
        """Return a scope that may be given out."""
        return None if self.withheld.holds(digest) else self.source.scope(digest)


def list_version(document: object) -> int | None:
    """Return the version of a list as read, or None if it is no list of the profile."""
    try:
        return parse_status_list(document).version
    except StatusListRefused:
        return None


def _keep(documents: dict[K, V], key: K, document: V) -> None:
    if len(documents) >= KEPT_DOCUMENTS:
        del documents[next(iter(documents))]
    documents[key] = document


def requested_status(connection: Connection, issuer: IssuerId, position: int, until: int | None) -> Status:
    """Return the status after every requested change that this transaction sees, until a moment in Unix seconds."""
    changes = status_changes(connection, issuer, position, until=until)
    if not changes:
        return CLEAR
    bits = StatusBits()
    bits.replay(status_change(kind, position) for kind in changes)
    return bits.status(position)
