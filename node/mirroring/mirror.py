"""Take one round over every institution of the registry, and keep what agrees with the ledger.

A round has four passes over all institutions: logs, lists, documents, notes. Each pass has its own budget for each
source, so that a long log does not hold up the lists. The institution that comes first changes from round to round. A
round that was cut short is continued by the next.

All sources are asked for a list, because only its issuer's own is surely the newest. A log or a document is the same
everywhere, so one good source is enough.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from acredita.anchoring.entries import MAX_LISTS
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.types import IssuerId
from acredita.contracts.coded_error import CodedError
from acredita.node.ledger.view import NodeObserver
from acredita.node.mirroring.document_copies import DocumentCopies, NamedDocument, named_documents
from acredita.node.mirroring.list_copy import MAX_LIST_BYTES, ListCopy
from acredita.node.mirroring.log_copy import LogCopy
from acredita.node.mirroring.note_copy import NoteCopy, note_keys
from acredita.node.mirroring.refusals import CopyRefused, MirrorFinding, MirrorReport
from acredita.node.mirroring.sources import AskedSource, MirrorSource
from acredita.node.mirroring.state import CopyTime, MirrorState, other_ledger, read_state, recovered_state
from acredita.node.mirroring.withheld_copy import mirror_withheld
from acredita.node.outbound.fetch import SourceUnavailable
from acredita.node.publication.durable_files import only_process
from acredita.node.publication.trust_folder import FileRefused, TrustFolder
from acredita.registry.codes import CODES, Code
from acredita.registry.ledger_facts.histories import PartyHistory
from acredita.registry.ledger_facts.issuer_log import IssuerLog
from acredita.registry.ledger_facts.trust_file import Trust

MAX_ROUNDS: Final = 10_000  # of one run that ends once the mirror is whole
LOCK_FILE: Final = "mirror.lock"


class CopyKind(StrEnum):
    """The kinds of copies, one for each pass."""

    LOGS = "logs"
    LISTS = "lists"
    DOCUMENTS = "documents"


class MirrorBusyUnavailable(CodedError[Code]):
    """Another process mirrors into the folder. It ends soon, or does the work."""


@dataclass
class Mirror:
    """A folder of public files, and the sources it is filled from.

    `skipped`: institutions whose files another program writes there. `clock`: Unix seconds. `trust`: whose keys sign the
    list of withheld documents; None takes no such list.
    """

    base: Path
    sources: Sequence[MirrorSource]
    clock: Callable[[], int]
    skipped: Callable[[], frozenset[IssuerId]] = frozenset
    trust: Trust | None = None
    rounds: int = field(default=0, init=False)
    is_temporary: bool = False

    def __post_init__(self) -> None:
        self.documents = DocumentCopies(self.base)
        self.sound = set[str]()
        self._stopped = threading.Event()
        self._failed: set[str] = set()

    def stop(self) -> None:
        """Ask no source any more: a round that has begun ends soon, and is continued after the next start."""
        self._stopped.set()

    def round(self, observer: NodeObserver) -> MirrorReport:
        """Take one round, and write its state. Raises MirrorBusyUnavailable, TrustRefused, OSError."""
        report = MirrorReport()
        with self._locked():
            state = self._state(observer)
            copying = _Copying(self, observer, state, report)
            parties = self._parties(observer, report)
            self._take_withheld(self._within_budget(), report)
            for take in (copying.logs, copying.lists, copying.documents, copying.notes):
                within_budget = self._within_budget()
                for party in parties:
                    take(party, within_budget)
            self.rounds += 1
            state.ended, state.block, state.findings = self.clock(), observer.block.number, self._public(report)
            state.write(self.base)
        return report

    def take(self, observer: NodeObserver, issuer: IssuerId, kind: CopyKind) -> MirrorReport:
        """Take one pass over the copies of one kind of one institution. Nothing is taken for whom the registry lacks.

        A source that fails once is not asked again by this object, because somebody waits for the answer.

        Raises MirrorBusyUnavailable, TrustRefused, LedgerUnavailable, OSError.
        """
        report = MirrorReport()
        party = observer.party(issuer)
        with self._locked():
            state = self._state(observer)
            copying = _Copying(self, observer, state, report, with_acts=False)
            passes = {CopyKind.LOGS: copying.logs, CopyKind.LISTS: copying.lists, CopyKind.DOCUMENTS: copying.documents}
            if party is not None:
                passes[kind](party, self._not_failed())
            state.write(self.base)
        return report

    def take_document(self, named: NamedDocument) -> MirrorReport:
        """Take one document, if a source has it. Nothing else is read or written."""
        report = MirrorReport()
        try:
            self.documents.fetch(named, self._not_failed(), report, self.clock())
        except OSError:
            report.is_whole = False
        return report

    def take_withheld(self) -> MirrorReport:
        """Take the newest list of withheld documents, if a source has a newer one. Nothing else is read or written."""
        report = MirrorReport()
        try:
            self._take_withheld(self._not_failed(), report)
        except OSError:
            report.is_whole = False
        return report

    def _take_withheld(self, sources: Sequence[AskedSource], report: MirrorReport) -> None:
        if self.trust is not None:
            self.documents.withheld = mirror_withheld(self.base, self.trust, sources, report)

    def _not_failed(self) -> list[AskedSource]:
        """Return the sources that have not failed, each for one failure, which is remembered."""
        return [
            AskedSource(source, most_failures=1, on_failure=self._failed.add, is_stopped=self._stopped.is_set)
            for source in self.sources
            if source.name not in self._failed
        ]

    def _within_budget(self) -> list[AskedSource]:
        """Return the sources with what each may cost in one pass."""
        return [AskedSource(source, is_stopped=self._stopped.is_set) for source in self.sources]

    def _parties(self, observer: NodeObserver, report: MirrorReport) -> list[PartyHistory]:
        """Return the institutions to mirror; another one comes first in each round."""
        try:
            parties, skipped = observer.issuers(), self.skipped()
        except LedgerUnavailable as error:
            _report_ledger(report, "registry", error)
            return []
        wanted = [party for party in parties if party.subject not in skipped]
        first = self.rounds % max(1, len(wanted))
        return wanted[first:] + wanted[:first]

    def _public(self, report: MirrorReport) -> tuple[MirrorFinding, ...]:
        """Return the findings with the names of sources that others may read."""
        names = {source.name: source.public_name for source in self.sources}
        return tuple(replace(finding, source=names.get(finding.source, finding.source)) for finding in report.findings)

    def _state(self, observer: NodeObserver) -> MirrorState:
        genesis = observer.identity[1]
        try:
            state = read_state(self.base) or MirrorState(genesis)
        except FileRefused:
            state = recovered_state(self.base, genesis)
        if state.genesis != genesis:
            raise other_ledger(self.base)
        return state

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other mirrors out of the folder."""
        busy = MirrorBusyUnavailable(Code.MIRROR_BUSY, f"{self.base}: another process mirrors into this folder")
        with only_process(self.base / LOCK_FILE, busy):
            yield


@dataclass
class _Copying:
    """One round at one block of the ledger. `with_acts`: documents that only people read are copied too."""

    mirror: Mirror
    observer: NodeObserver
    state: MirrorState
    report: MirrorReport
    with_acts: bool = True

    def logs(self, party: PartyHistory, sources: Sequence[AskedSource]) -> None:
        """Take every epoch of a party's log towards its newest checkpoint."""
        try:
            chain = self.observer.chain(party.subject)
        except LedgerUnavailable as error:
            _report_ledger(self.report, f"log/{party.subject.hex()}", error)
            return
        for linked in chain.epochs:
            if linked.last.number == 0:
                continue
            copy = LogCopy(self.mirror.base, party.subject, linked.number, sound=self.mirror.sound)
            is_whole = copy.extend(linked, sources, self.report)
            self.report.is_whole &= is_whole
            if is_whole:
                self._note(copy.place, copy.source)

    def lists(self, party: PartyHistory, sources: Sequence[AskedSource]) -> None:
        """Take the newest version of each list of a party."""
        log = self._log(party.subject)
        least = 0 if log is None else log.status.lists
        for number in range(MAX_LISTS):
            copy = ListCopy(self.mirror.base, party, number, log, self._present())
            is_there = self._list(copy, sources)
            if not is_there and number >= least:
                return
            self.report.is_whole &= is_there

    def _list(self, copy: ListCopy, sources: Sequence[AskedSource]) -> bool:
        """Ask every source for a list. Return whether the mirror has it now."""
        for source in sources:
            try:
                content = source.first(copy.names, MAX_LIST_BYTES)
                if content is None:
                    continue
                self.report.lists += copy.keep(content)
                self._note(copy.place, source.public_name)
            except (SourceUnavailable, CopyRefused) as error:
                self.report.refuse(source.name, copy.place, error)
        return copy.version() >= 0

    def documents(self, party: PartyHistory, sources: Sequence[AskedSource]) -> None:
        """Take the documents of a party that the folder lacks."""
        try:
            named = list(named_documents(self.observer, party))
        except LedgerUnavailable as error:
            _report_ledger(self.report, f"documents of {party.subject.hex()}", error)
            return
        for each in named:
            if not (each.is_needed or self.with_acts):
                continue
            has = self.mirror.documents.fetch(each, sources, self.report, self.mirror.clock())
            self.report.is_whole &= has or not each.is_needed

    def _present(self) -> int:
        """Return the later of clock and head: a development chain may be ahead, a network's head is by a minute at most."""
        return max(self.mirror.clock(), self.observer.block.time)

    def notes(self, party: PartyHistory, sources: Sequence[AskedSource]) -> None:
        """Take the signed checkpoint of each epoch of a party's log, as far as its note keys are known."""
        try:
            keys = tuple(note_keys(self.observer, party, TrustFolder(self.mirror.base)))
            epochs = self.observer.chain(party.subject).epochs if keys else ()
        except LedgerUnavailable as error:
            _report_ledger(self.report, f"log/{party.subject.hex()}", error)
            return
        for linked in epochs:
            NoteCopy(self.mirror.base, party.subject, linked, keys).extend(sources, self.report)

    def _log(self, issuer: IssuerId) -> IssuerLog | None:
        try:
            log = self.observer.log(issuer)
        except LedgerUnavailable:
            return None
        return log if isinstance(log, IssuerLog) else None

    def _note(self, place: str, source: str) -> None:
        kept = self.state.copies.get(place)
        self.state.copies[place] = CopyTime(self.mirror.clock(), source or (kept.source if kept else ""))


def _report_ledger(report: MirrorReport, place: str, error: LedgerUnavailable) -> None:
    report.is_whole = False
    code = CODES.get(error.code, Code.LEDGER_UNREACHABLE)
    report.add(MirrorFinding("ledger", place, code, str(error)))
