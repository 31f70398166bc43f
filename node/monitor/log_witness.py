"""Decide about one log: which of the notes that sources serve may be cosigned, and what contradicts what.

Rules, in this order:

1. A note counts if a note key of the institution signed it. Any other one is refused at its source.
2. Two signed notes of one size or number that differ are an equivocation. So is a newer one that does not extend the one
   seen before: hash tiles under the newer root give another older root.
3. A signed note that differs from the anchored checkpoint of its number contradicts the ledger.
4. A note above the ledger's newest checkpoint is not cosigned yet: an endpoint may be behind. One above the last good
   checkpoint of a closed epoch is void.
5. The largest note left is cosigned if it is not smaller than the one seen before, and extends it.

Only rules 2 and 3 accuse: their evidence is signed. What no source has is missing, and nobody's fault.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from acredita.anchoring.cosignature import WitnessKey, cosign, cosigned_at
from acredita.anchoring.note import (
    MAX_NOTE_BYTES,
    LogNote,
    NoteKey,
    NoteRefused,
    NoteSigner,
    parse_checkpoint_text,
    verified_parts,
)
from acredita.anchoring.types import IssuerId, to_hex
from acredita.node.mirroring.sources import AskedSource
from acredita.node.monitor.hash_tiles import HashTiles, TilesUnavailable
from acredita.node.monitor.witness_folder import NOTE_FILE, SeenCheckpoint, WitnessFolder
from acredita.node.outbound.fetch import SourceUnavailable
from acredita.registry.codes import Code
from acredita.registry.keys.multikey import PublicKey
from acredita.registry.ledger_facts.log_chain import LinkedEpoch

MAX_HOST_CHARACTERS: Final = 255


class WitnessWeight(StrEnum):
    """Weights of a finding: signed evidence against an institution, or a thing that could not be told."""

    DIVERGENCE = "divergence"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class WitnessFinding:
    """One finding of a witness. `evidence`: the folder with the notes, None where nothing is proven."""

    weight: WitnessWeight
    code: Code
    where: str
    detail: str
    evidence: Path | None = None


@dataclass(frozen=True)
class ServedNote:
    """A note that a note key of the institution signed, and its source."""

    source: str
    content: bytes
    stated: LogNote
    key: NoteKey


@dataclass
class LogWitness:
    """The witness of one epoch's log. `keys`: the institution's note keys; `findings`: what was found so far."""

    folder: WitnessFolder
    issuer: IssuerId
    linked: LinkedEpoch
    keys: tuple[PublicKey, ...]
    findings: list[WitnessFinding] = field(default_factory=list)

    @property
    def place(self) -> str:
        """The path of the log below a source."""
        return f"log/{self.issuer.hex()}/{self.linked.number}"

    def run(self, sources: Sequence[AskedSource], key: WitnessKey, signer: NoteSigner, now: int) -> bool:
        """Ask every source for the log's note, and cosign the newest that may be. Returns whether one was cosigned.

        `now`: Unix seconds. Raises FileRefused, OSError.
        """
        seen = self.folder.seen(self.issuer, self.linked.number)
        notes = [note for source in sources if (note := self._fetch(source)) is not None]
        if not notes and self.linked.last.number:
            self._unknown(Code.WITNESS_NOTE_MISSING, f"looked in {', '.join(source.name for source in sources)}")
        self._find_equivocation([*self._as_served(seen), *notes])
        anchored = [note for note in notes if self._is_anchored(note)]
        newest = max(anchored, key=lambda note: note.stated.number, default=None)
        if newest is None or not self._extends(seen, newest, sources):
            return False
        checkpoint = SeenCheckpoint(newest.content, newest.stated, now)
        self.folder.remember(self.issuer, self.linked.number, checkpoint)  # before any signature exists
        cosigned = cosign(newest.content, [newest.key], key, signer, now)
        cosigned_at(cosigned, key)  # read back, because a signature that does not verify helps nobody
        self.folder.publish(self.issuer, self.linked.number, cosigned)
        return True

    def _fetch(self, source: AskedSource) -> ServedNote | None:
        """Return the note of a source, if the institution signed it."""
        try:
            content = source.get(f"{self.place}/{NOTE_FILE}", MAX_NOTE_BYTES)
        except SourceUnavailable as error:
            self._unknown(error.code, f"{source.name}: {error.message}")
            return None
        if content is None:
            return None
        try:
            return self._checked(source.name, content)
        except NoteRefused as error:
            self._unknown(Code.MIRROR_NOTE_REFUSED, f"{source.name}: {error}")
            return None

    def _checked(self, source: str, content: bytes) -> ServedNote:
        """Read a note of this log and verify its signature. Raises NoteRefused."""
        origin = content.split(b"\n", 1)[0].decode("utf-8", "replace")
        ending = f"/{self.place}"
        if not origin.endswith(ending) or len(origin) > MAX_HOST_CHARACTERS + len(ending):
            raise NoteRefused("the note is of another log")
        try:
            keys = [NoteKey(origin, key.raw) for key in self.keys]
        except ValueError as error:
            raise NoteRefused(str(error)) from error
        for key in keys:
            try:
                text, _ = verified_parts(content, [key])
            except NoteRefused:
                continue
            return ServedNote(source, content, parse_checkpoint_text(text), key)
        raise NoteRefused("no note key of the institution has signed the note")

    def _as_served(self, seen: SeenCheckpoint | None) -> Iterable[ServedNote]:
        """Yield the note seen before beside those of the sources."""
        if seen is not None:
            yield ServedNote("the witness", seen.note, seen.stated, NoteKey(seen.stated.origin, bytes(32)))

    def _find_equivocation(self, notes: Sequence[ServedNote]) -> None:
        """Compare each two statements once, whoever serves them."""
        different = list({_stated(note.stated): note for note in reversed(notes)}.values())
        for place, one in enumerate(different):
            for other in different[place + 1 :]:
                is_same = one.stated.size == other.stated.size or one.stated.number == other.stated.number
                if is_same:
                    self._equivocation(one, other, "one size or number, two contents")

    def _equivocation(self, one: ServedNote, other: ServedNote, why: str) -> None:
        first, second = sorted((one, other), key=lambda note: note.content)
        detail = f"{why}: {_words(one.stated)} at {one.source}, {_words(other.stated)} at {other.source}"
        words = {"code": Code.LOG_EQUIVOCATION, "issuer": to_hex(self.issuer), "epoch": self.linked.number, "why": why}
        kept = self.folder.keep_evidence({"first.note": first.content, "second.note": second.content}, words)
        self._add(WitnessFinding(WitnessWeight.DIVERGENCE, Code.LOG_EQUIVOCATION, self._where, detail, kept))

    def _is_anchored(self, note: ServedNote) -> bool:
        """Return whether the ledger holds what a note states. One that it contradicts is kept as evidence."""
        stated = note.stated
        anchored = {each.checkpoint.number: each.checkpoint for each in self.linked.checkpoints}
        checkpoint = anchored.get(stated.number)
        if checkpoint is None:
            if not self.linked.is_closed:
                self._unknown(Code.WITNESS_NOTE_AHEAD, f"{note.source}: {_words(stated)}")
            return False
        if _stated(stated) == (checkpoint.size, checkpoint.root, checkpoint.number, checkpoint.status_root):
            return True
        words = {
            "code": Code.LOG_NOTE_NOT_ANCHORED,
            "issuer": to_hex(self.issuer),
            "epoch": self.linked.number,
            "anchored": {
                "number": checkpoint.number,
                "size": checkpoint.size,
                "root": to_hex(checkpoint.root),
                "status_root": to_hex(checkpoint.status_root),
                "word": to_hex(checkpoint.word()),
            },
        }
        kept = self.folder.keep_evidence({"first.note": note.content}, words)
        detail = f"{note.source}: {_words(stated)}; anchored: size {checkpoint.size} root {to_hex(checkpoint.root)}"
        self._add(WitnessFinding(WitnessWeight.DIVERGENCE, Code.LOG_NOTE_NOT_ANCHORED, self._where, detail, kept))
        return False

    def _extends(self, seen: SeenCheckpoint | None, newest: ServedNote, sources: Sequence[AskedSource]) -> bool:
        """Return whether a note may follow the one seen before."""
        if seen is None or _stated(seen.stated) == _stated(newest.stated):
            return True
        if newest.stated.size <= seen.stated.size:
            return False
        reasons = []
        for source in sources:
            tiles = HashTiles(source, self.place, newest.stated.size)
            try:
                root = tiles.root_of_prefix(seen.stated.size, newest.stated.root)
            except (TilesUnavailable, SourceUnavailable) as error:
                reasons.append(f"{source.name}: {error}")
                continue
            if root == seen.stated.root:
                return True
            [before] = self._as_served(seen)
            self._equivocation(before, newest, "the newer checkpoint does not extend the older one")
            return False
        self._unknown(Code.WITNESS_TILES_MISSING, "; ".join(reasons))
        return False

    @property
    def _where(self) -> str:
        return f"{to_hex(self.issuer)} epoch {self.linked.number}"

    def _unknown(self, code: Code, detail: str) -> None:
        self._add(WitnessFinding(WitnessWeight.UNKNOWN, code, self._where, detail))

    def _add(self, finding: WitnessFinding) -> None:
        if finding not in self.findings:
            self.findings.append(finding)


def _stated(note: LogNote) -> tuple[int, bytes, int, bytes]:
    return note.size, note.root, note.number, note.status_root


def _words(note: LogNote) -> str:
    return f"number {note.number} size {note.size} root {to_hex(note.root)}"
