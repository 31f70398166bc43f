"""Keep the folder of a witness: its key, the checkpoint seen last of each log, cosigned notes, and evidence.

    witness.json, witness.keystore     name and key
    state/<issuer>/<epoch>.json        the checkpoint seen last
    log/<issuer>/<epoch>/checkpoint    the note with the cosignature, as any static host may serve it
    evidence/<hash>/                   two notes that cannot both be true, or one that contradicts the ledger

Invariants: the state of a log is on the disk before a cosignature over it exists. One process works in the folder at a time.
Evidence is never overwritten.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acredita.anchoring.cosignature import WitnessKey
from acredita.anchoring.note import LogNote, NoteRefused, NoteSigner, parse_checkpoint_text, split_note
from acredita.anchoring.receipts import read_time, time_text
from acredita.anchoring.types import FormatRefused, IssuerId
from acredita.contracts.coded_error import CodedError
from acredita.node.publication.durable_files import only_process, write_durably
from acredita.node.publication.trust_folder import FileRefused, read_json_file, write_bytes, write_json
from acredita.registry.codes import Code
from acredita.registry.json_documents.members import object_of, text_of
from acredita.registry.keys.keystore import Keystore, KeystorePurpose
from acredita.registry.keys.multikey import parse_multikey
from acredita.registry.keys.scrypt_cost import PRODUCTION_N

FORMAT: Final = "acredita-witness/1"
STATE_FORMAT: Final = "acredita-witness-state/1"
EVIDENCE_FORMAT: Final = "acredita-witness-evidence/1"
KEYSTORE_FILE: Final = "witness.keystore"
NAME_FILE: Final = "witness.json"
NOTE_FILE: Final = "checkpoint"
LOCK_FILE: Final = "witness.lock"
KEY_NAME: Final = "witness"


class WitnessBusyUnavailable(CodedError[Code]):
    """Another process works in the witness's folder. It ends soon, or does the work."""


@dataclass(frozen=True)
class SeenCheckpoint:
    """A checkpoint that the witness has checked. `note`: the signed note; `seen`: when, Unix seconds."""

    note: bytes
    stated: LogNote
    seen: int


@dataclass(frozen=True)
class WitnessFolder:
    """A folder of one witness."""

    base: Path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other witnesses out of the folder. The lock ends with its process. Raises WitnessBusyUnavailable."""
        busy = WitnessBusyUnavailable(Code.WITNESS_BUSY, f"{self.base}: another process is the witness of this folder")
        with only_process(self.base / LOCK_FILE, busy):
            yield

    def seen(self, issuer: IssuerId, epoch: int) -> SeenCheckpoint | None:
        """Return the checkpoint seen last of a log; None for a log not seen yet. Raises FileRefused."""
        path = self._state(issuer, epoch)
        if not path.is_file():
            return None
        try:
            body = object_of(read_json_file(path), "", frozenset({"format", "seen", "note"}))
            if body["format"] != STATE_FORMAT:
                raise FormatRefused("/format", f'"{STATE_FORMAT}" expected')
            note = text_of(body["note"], "/note").encode()
            return SeenCheckpoint(note, parse_checkpoint_text(split_note(note)[0]), read_time(body["seen"], "/seen"))
        except (FormatRefused, NoteRefused) as error:
            raise FileRefused(f"{path}: {error}") from error

    def remember(self, issuer: IssuerId, epoch: int, checkpoint: SeenCheckpoint) -> None:
        """Write the state of a log; it is on the disk when this returns. Raises OSError."""
        document = {"format": STATE_FORMAT, "seen": time_text(checkpoint.seen), "note": checkpoint.note.decode()}
        write_durably(self._state(issuer, epoch), (json.dumps(document, indent=2) + "\n").encode())

    def publish(self, issuer: IssuerId, epoch: int, cosigned: bytes) -> None:
        """Write the cosigned note of a log. Raises OSError."""
        write_bytes(self.base / "log" / issuer.hex() / str(epoch) / NOTE_FILE, cosigned)

    def keep_evidence(self, notes: Mapping[str, bytes], words: Mapping[str, object]) -> Path:
        """Keep notes as evidence, with what they show. Returns its folder, which is the same for the same notes."""
        name = hashlib.sha256(b"\x00".join(sorted(notes.values()))).hexdigest()
        folder = self.base / "evidence" / name
        if not (folder / "finding.json").is_file():
            for file, note in notes.items():
                write_bytes(folder / file, note)
            write_json(folder / "finding.json", {"format": EVIDENCE_FORMAT, **words, "notes": sorted(notes)})
        return folder

    def new_key(self, name: str, passphrase: bytes, n: int = PRODUCTION_N) -> WitnessKey:
        """Make the witness's key. Raises KeystoreError where there is one, ValueError for a name that none can have."""
        WitnessKey(name, bytes(32))
        self.base.mkdir(parents=True, exist_ok=True)
        store = Keystore.create(self.base / KEYSTORE_FILE, passphrase, n=n)
        store.generate(KEY_NAME, KeystorePurpose.WITNESS)
        key = WitnessKey(name, parse_multikey(store.signer(KEY_NAME).multikey).raw)
        write_json(self.base / NAME_FILE, {"format": FORMAT, "name": name, "key": key.to_text()})
        return key

    def open_key(self, passphrase: bytes) -> tuple[WitnessKey, NoteSigner]:
        """Open the witness's key. Raises KeystoreError, FileRefused, OSError."""
        path = self.base / NAME_FILE
        try:
            body = object_of(read_json_file(path), "", frozenset({"format", "name", "key"}))
            name, text = text_of(body["name"], "/name"), text_of(body["key"], "/key")
        except FormatRefused as error:
            raise FileRefused(f"{path}: {error}") from error
        signer = Keystore.open(self.base / KEYSTORE_FILE, passphrase).signer(KEY_NAME)
        key = WitnessKey(name, parse_multikey(signer.multikey).raw)
        if key.to_text() != text:
            raise FileRefused(f"{path}: /key: the key of {KEYSTORE_FILE} expected")
        return key, signer

    def _state(self, issuer: IssuerId, epoch: int) -> Path:
        return self.base / "state" / issuer.hex() / f"{epoch}.json"
