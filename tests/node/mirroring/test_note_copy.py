"""Test which signed checkpoints a mirror keeps."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from acredita.anchoring.checkpoint import Checkpoint, CheckpointKind
from acredita.anchoring.note import NoteKey, checkpoint_text, origin, sign_note
from acredita.anchoring.types import IssuerId, Root, Word
from acredita.node.mirroring.note_copy import NoteCopy
from acredita.node.mirroring.refusals import MirrorReport
from acredita.node.mirroring.sources import AskedSource, FolderSource
from acredita.registry.codes import Code
from acredita.registry.keys.multikey import parse_multikey
from acredita.registry.keys.signer import Signer
from acredita.registry.ledger_facts.log_chain import LinkedCheckpoint, LinkedEpoch

from tests.registry.world import signer

ISSUER, OTHER = IssuerId(b"\x11" * 32), IssuerId(b"\x22" * 32)
KEY, STRANGER = signer("note key"), signer("another note key")


def checkpoint(number: int, root: bytes = b"\x01" * 32) -> Checkpoint:
    return Checkpoint(
        kind=CheckpointKind.OPEN,
        number=number,
        old_size=number,
        size=number + 1,
        root=Root(root),
        status_root=Root(b"\x02" * 32),
        time=100 + number,
        previous=Word(b"\x03" * 32),
    )


LINKED = LinkedEpoch(1, tuple(LinkedCheckpoint(checkpoint(number), None) for number in (1, 2, 3)), is_closed=False)


def note(of: Checkpoint, by: Signer = KEY, issuer: IssuerId = ISSUER, epoch: int = 1) -> bytes:
    key = NoteKey(origin("ut.example", issuer, epoch), parse_multikey(by.multikey).raw)
    return sign_note(checkpoint_text(key.name, of), key, by)


@dataclass
class Folders:
    """A mirror's folder, and the folder of its only source."""

    base: Path

    def take(self, content: bytes) -> tuple[bytes | None, list[Code]]:
        """Let the source serve a note. Return the mirror's note, and the codes of the refusals."""
        copy = NoteCopy(self.base / "mirror", ISSUER, LINKED, (parse_multikey(KEY.multikey),))
        served = self.base / "source" / copy.place
        served.parent.mkdir(parents=True, exist_ok=True)
        served.write_bytes(content)
        report = MirrorReport()
        copy.extend([AskedSource(FolderSource(self.base / "source"))], report)
        kept = copy.base / copy.place
        return kept.read_bytes() if kept.is_file() else None, [finding.code for finding in report.findings]


def test_a_note_moves_forward_only(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    first, second, third = (note(checkpoint(number)) for number in (1, 2, 3))
    assert folders.take(second) == (second, [])
    assert folders.take(first) == (second, [])
    assert folders.take(third) == (third, [])
    assert folders.take(b"") == (third, [])  # of the newest checkpoint: nobody is asked


@pytest.mark.parametrize(
    "content",
    [
        note(checkpoint(2), by=STRANGER),
        note(checkpoint(2, root=b"\x09" * 32)),
        note(checkpoint(4)),
        note(checkpoint(2), issuer=OTHER),
        note(checkpoint(2), epoch=2),
        note(checkpoint(2)).replace(b"2", b"3", 1),
        note(checkpoint(2))[:-9],
        b"",
        b"\xff\xfe",
    ],
)
def test_any_other_note_is_refused(tmp_path: Path, content: bytes) -> None:
    assert Folders(tmp_path).take(content) == (None, [Code.MIRROR_NOTE_REFUSED])
