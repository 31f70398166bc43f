"""Copy the signed checkpoint of a log, the note by which witnesses and monitors follow it.

A note is kept if one of the institution's note keys signed it and it states a checkpoint of the ledger. The keys are those
whose statements the mirror has. A note never goes back to an earlier checkpoint. No verdict depends on a note.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acredita.anchoring.note import (
    MAX_NOTE_BYTES,
    LogNote,
    NoteKey,
    NoteRefused,
    open_note,
    parse_checkpoint_text,
)
from acredita.anchoring.types import Address, IssuerId
from acredita.node.ledger.view import NodeObserver
from acredita.node.mirroring.refusals import CopyRefused, MirrorReport
from acredita.node.mirroring.sources import AskedSource
from acredita.node.outbound.fetch import SourceUnavailable
from acredita.node.publication.trust_folder import TrustFolder, write_bytes
from acredita.registry.codes import Code
from acredita.registry.keys.key_statement import KeyStatement, KeyStatementRefused, check_statement
from acredita.registry.keys.multikey import ED25519, PublicKey
from acredita.registry.ledger_facts.histories import NOTE, PartyHistory
from acredita.registry.ledger_facts.log_chain import LinkedEpoch

NOTE_FILE: Final = "checkpoint"


@dataclass(frozen=True)
class NoteCopy:
    """The note of one epoch's log. `keys`: the institution's note keys."""

    base: Path
    issuer: IssuerId
    linked: LinkedEpoch
    keys: tuple[PublicKey, ...]

    @property
    def place(self) -> str:
        """The path of the note, below a source and below the mirror's folder."""
        return f"log/{self.issuer.hex()}/{self.linked.number}/{NOTE_FILE}"

    def extend(self, sources: Iterable[AskedSource], report: MirrorReport) -> None:
        """Take the newest note that a source has, unless the copy is of the newest checkpoint. Raises OSError."""
        kept = self._kept()
        for source in sources:
            if kept == self.linked.last.number:
                return
            try:
                content = source.get(self.place, MAX_NOTE_BYTES)
                if content is None:
                    continue
                note = self._checked(content)
            except (SourceUnavailable, CopyRefused) as error:
                report.refuse(source.name, self.place, error)
                continue
            if note.number > kept:
                write_bytes(self.base / self.place, content)
                kept = note.number

    def _kept(self) -> int:
        """Return the number of the copy's checkpoint; -1 where there is no note that counts."""
        path = self.base / self.place
        if not path.is_file():
            return -1
        with path.open("rb") as file:
            content = file.read(MAX_NOTE_BYTES + 1)
        try:
            return self._checked(content).number
        except CopyRefused:
            return -1

    def _checked(self, content: bytes) -> LogNote:
        """Read a note, and check its signature, its log and its checkpoint. Raises CopyRefused."""
        origin = content.split(b"\n", 1)[0].decode("ascii", "replace")
        if not origin.endswith(f"/log/{self.issuer.hex()}/{self.linked.number}"):
            raise CopyRefused(Code.MIRROR_NOTE_REFUSED, "the note is of another log")
        try:
            note = parse_checkpoint_text(open_note(content, [NoteKey(origin, key.raw) for key in self.keys]))
        except (NoteRefused, ValueError) as error:
            raise CopyRefused(Code.MIRROR_NOTE_REFUSED, str(error)) from error
        stated = (note.size, note.root, note.number, note.status_root)
        checkpoints = (each.checkpoint for each in self.linked.checkpoints)
        if stated not in {(each.size, each.root, each.number, each.status_root) for each in checkpoints}:
            raise CopyRefused(Code.MIRROR_NOTE_REFUSED, "the ledger has no such checkpoint")
        return note


def note_keys(observer: NodeObserver, party: PartyHistory, folder: TrustFolder) -> Iterator[PublicKey]:
    """Yield the note keys of a party whose statements the folder has. Raises LedgerUnavailable."""
    registry = Address(observer.contracts.issuer_registry)
    statements = observer.key_statements(party.subject)
    for identifier, window in party.keys.items():
        if window.purpose != NOTE or window.compromised is not None or identifier not in statements:
            continue
        content = folder.named_file(statements[identifier])
        try:
            key = check_statement(KeyStatement(content or b""), observer.identity[0], registry, party.subject, NOTE)
        except KeyStatementRefused:
            continue
        if key.algorithm == ED25519:
            yield key
