"""Take one round over every log of a registry, and cosign the checkpoints that may be cosigned.

Keys and anchored checkpoints come from the ledger; notes, tiles and key statements come from sources that are not
believed. An institution whose note key has no statement at hand is reported, and its log is left alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from acredita.anchoring.cosignature import WitnessKey
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.note import NoteSigner
from acredita.anchoring.types import to_hex
from acredita.node.ledger.view import NodeObserver
from acredita.node.mirroring.mirror import CopyKind, Mirror
from acredita.node.mirroring.note_copy import note_keys
from acredita.node.mirroring.sources import AskedSource, MirrorSource
from acredita.node.monitor.log_witness import LogWitness, WitnessFinding, WitnessWeight
from acredita.node.monitor.witness_folder import WitnessFolder
from acredita.node.publication.trust_folder import TrustFolder
from acredita.registry.codes import CODES, Code
from acredita.registry.keys.multikey import PublicKey
from acredita.registry.ledger_facts.histories import NOTE, PartyHistory
from acredita.registry.ledger_facts.trust_file import Trust

COPIES: Final = "copies"  # key statements, below the witness's folder


@dataclass
class WitnessReport:
    """The result of one round. `cosigned`: how many notes; `logs`: how many logs have a checkpoint."""

    logs: int = 0
    cosigned: int = 0
    findings: list[WitnessFinding] = field(default_factory=list)

    @property
    def has_divergence(self) -> bool:
        """True if signed evidence was found against an institution."""
        return any(finding.weight is WitnessWeight.DIVERGENCE for finding in self.findings)


@dataclass(frozen=True)
class Witness:
    """A witness and the sources it pulls from. `clock`: Unix seconds."""

    base: Path
    trust: Trust
    sources: Sequence[MirrorSource]
    key: WitnessKey
    signer: NoteSigner
    clock: Callable[[], int]

    def round(self, observer: NodeObserver) -> WitnessReport:
        """Take one round. Raises WitnessBusyUnavailable, MirrorBusyUnavailable, FileRefused, LedgerUnavailable, OSError."""
        folder, report = WitnessFolder(self.base), WitnessReport()
        sources = [AskedSource(source) for source in self.sources]
        with folder.locked():
            for party in observer.issuers():
                try:
                    self._party(folder, observer, party, sources, report)
                except LedgerUnavailable as error:
                    code = CODES.get(error.code, Code.LEDGER_UNREACHABLE)
                    where = to_hex(party.subject)
                    report.findings.append(WitnessFinding(WitnessWeight.UNKNOWN, code, where, str(error)))
        return report

    def _party(
        self,
        folder: WitnessFolder,
        observer: NodeObserver,
        party: PartyHistory,
        sources: Sequence[AskedSource],
        report: WitnessReport,
    ) -> None:
        epochs = [linked for linked in observer.chain(party.subject).epochs if linked.last.number]
        if not epochs:
            return
        keys = self._keys(observer, party)
        if not keys:
            words = WitnessFinding(
                WitnessWeight.UNKNOWN,
                Code.WITNESS_NOTE_MISSING,
                to_hex(party.subject),
                "no key statement of a note key is at hand",
            )
            report.findings.append(words)
            return
        for linked in epochs:
            log = LogWitness(folder, party.subject, linked, keys)
            report.logs += 1
            report.cosigned += log.run(sources, self.key, self.signer, self.clock())
            report.findings += log.findings

    def _keys(self, observer: NodeObserver, party: PartyHistory) -> tuple[PublicKey, ...]:
        """Return the note keys of a party; statements that the witness lacks are asked for first."""
        copies = self.base / COPIES
        folder, statements = TrustFolder(copies), observer.key_statements(party.subject)
        named = [statements[key] for key, window in party.keys.items() if window.purpose == NOTE and key in statements]
        if any(folder.named_file(digest) is None for digest in named):
            Mirror(copies, self.sources, self.clock, trust=self.trust).take(observer, party.subject, CopyKind.DOCUMENTS)
        return tuple(note_keys(observer, party, TrustFolder(copies)))
