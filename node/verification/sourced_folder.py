"""A public folder that is completed from sources: what it lacks is copied, checked against the ledger, and then read.

Copies are kept in a folder of the user's, so that no list goes back from one command to the next. If another command holds
that folder, or it cannot be written, the copies of this command are temporary. A source that fails or lies leaves a part
missing, and the answer says so.

Invariant: only what the ledger names is asked for: an institution's log, lists and documents whole, never a credential.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from acredita.anchoring.entries import ENTRY_BYTES
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.types import Digest, IssuerId
from acredita.node.ledger.view import NodeObserver
from acredita.node.mirroring.document_copies import NamedDocument
from acredita.node.mirroring.mirror import CopyKind, Mirror, MirrorBusyUnavailable
from acredita.node.mirroring.refusals import MirrorFinding
from acredita.node.publication.trust_folder import FileRefused, TrustFolder
from acredita.registry.credentials.status_list import StatusListRefused, parse_status_list
from acredita.registry.ledger_facts.log_entries import EntriesRefused, EntriesUnavailable, LogEntries
from acredita.registry.ledger_facts.trust_file import Trust, TrustRefused
from acredita.registry.ledger_facts.withheld_list import WithheldList

MAX_TAKES: Final = 1_000  # of one log, each of at most one pass


@dataclass
class Copies:
    """The copies of one command. `mirror_of`: makes a mirror in a folder; `spare`: makes an empty temporary folder.

    `findings`: what sources served wrongly.
    """

    mirror: Mirror
    mirror_of: Callable[[Path], Mirror]
    spare: Callable[[], Path]
    observer: NodeObserver | None = None
    findings: list[MirrorFinding] = field(default_factory=list)
    _taken: set[tuple[IssuerId, CopyKind]] = field(default_factory=set)
    _has_withheld: bool = False

    @property
    def folder(self) -> TrustFolder:
        """The folder of the copies."""
        return TrustFolder(self.mirror.base)

    def take(self, issuer: IssuerId, kind: CopyKind) -> None:
        """Copy an institution's log, lists or documents, once a command."""
        if self.observer is None or (issuer, kind) in self._taken:
            return
        self._taken.add((issuer, kind))
        for _ in range(MAX_TAKES):
            if not self._take(self.observer, issuer, kind):
                return

    def take_documents(self) -> None:
        """Copy the documents of the institutions whose logs were asked for."""
        for issuer in sorted({issuer for issuer, _ in self._taken}):
            self.take(issuer, CopyKind.DOCUMENTS)

    def take_document(self, named: NamedDocument) -> None:
        """Copy one document that a record of the ledger or a credential names by its hash."""
        self.take_documents()
        if self.observer is not None and not self.mirror.documents.has(named):
            self.findings += self.mirror.take_document(named).findings

    def take_withheld(self) -> None:
        """Copy the list of withheld documents, once a command."""
        if not self._has_withheld:
            self._has_withheld = True
            self.findings += self.mirror.take_withheld().findings

    def _take(self, observer: NodeObserver, issuer: IssuerId, kind: CopyKind) -> bool:
        """Take one pass. Return whether another one may add more."""
        try:
            report = self.mirror.take(observer, issuer, kind)
        except (MirrorBusyUnavailable, OSError, FileRefused, TrustRefused):
            return self._go_elsewhere()
        except LedgerUnavailable:
            return False  # whoever asks the ledger for the facts says so
        self.findings += report.findings
        return not report.is_whole and report.added > 0

    def _go_elsewhere(self) -> bool:
        """Go on in a temporary folder. Return False where this is one already."""
        if self.mirror.is_temporary:
            return False
        self.mirror = self.mirror_of(self.spare())
        self.mirror.is_temporary = True
        return True


@dataclass(frozen=True)
class SourcedFolder(TrustFolder):
    """A public folder with copies beside it."""

    copies: Copies

    def entries_of(self, issuer: IssuerId) -> LogEntries:
        """Return the issuer's logs: the folder's where they reach far enough, else the copies."""
        return _SourcedLog(super().entries_of(issuer), self.copies, issuer)

    def status_list(self, issuer: IssuerId, list_number: int) -> object | None:
        """Return the newer one of the folder's list and the copy."""
        self.copies.take(issuer, CopyKind.LISTS)
        own, copy = super().status_list(issuer, list_number), self.copies.folder.status_list(issuer, list_number)
        return copy if _version(copy) > _version(own) else own

    def status_lists(self, issuer: IssuerId) -> Mapping[int, object]:
        """Return the published lists of an issuer, by list number."""
        self.copies.take(issuer, CopyKind.LISTS)
        numbers = {*super().status_lists(issuer), *self.copies.folder.status_lists(issuer)}
        return {number: self.status_list(issuer, number) for number in sorted(numbers)}

    def key_statement(self, digest: Digest) -> bytes | None:
        """Read a key statement, cut at its limit."""
        own = super().key_statement(digest)
        if own is not None:
            return own
        self.copies.take_document(NamedDocument(digest, is_json=False))
        return self.copies.folder.key_statement(digest)

    def withheld(self, trust: Trust) -> WithheldList | None:
        """Return the newer one of the folder's list of withheld documents and the copy."""
        self.copies.take_withheld()
        lists = [super().withheld(trust), self.copies.folder.withheld(trust)]
        known = [withheld for withheld in lists if withheld is not None]
        return max(known, key=lambda withheld: withheld.number, default=None)

    def _document(self, digest: Digest) -> object | None:
        own = super()._document(digest)
        if own is not None:
            return own
        self.copies.take_document(NamedDocument(digest, is_json=True))
        return TrustFolder._document(self.copies.folder, digest)


@dataclass(frozen=True)
class _SourcedLog:
    """The logs of one issuer, from the folder or the copies."""

    own: LogEntries
    copies: Copies
    issuer: IssuerId

    def read(self, epoch: int, start: int, end: int) -> bytes:
        """Return the entries [start, end) of an epoch, or the fewer there are.

        Raises EntriesUnavailable, EntriesRefused.
        """
        wanted = (end - start) * ENTRY_BYTES
        try:
            data = self.own.read(epoch, start, end)
            if len(data) == wanted:
                return data
        except (EntriesUnavailable, EntriesRefused):
            data = b""
        self.copies.take(self.issuer, CopyKind.LOGS)
        copied = self.copies.folder.entries_of(self.issuer).read(epoch, start, end)
        return max(data, copied, key=len)


def _version(document: object) -> int:
    """Return the version of a list; less than any other where it is no list."""
    try:
        return parse_status_list(document).version
    except StatusListRefused:
        return -1
