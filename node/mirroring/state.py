"""State of a mirror, `mirror.json` in its folder: what was fetched when, from where, and what was refused.

A reader of a copy sees by it how old the copy is. The file says whose ledger the folder mirrors, so that no folder ever
mixes two. Nothing in it is evidence: a damaged file is made anew from the copies.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from acredita.anchoring.receipts import read_time, time_text
from acredita.anchoring.types import BlockHash, FormatRefused, from_hex, to_hex
from acredita.node.mirroring.refusals import MirrorFinding
from acredita.node.publication.tile_files import MARKER
from acredita.node.publication.trust_folder import TRUST_FILE, FileRefused, read_trust, write_json
from acredita.registry.codes import Code
from acredita.registry.json_documents.members import list_of, object_of, text_of
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.ledger_facts.trust_file import TrustRefused

FORMAT: Final = "acredita-mirror/1"
STATE_FILE: Final = "mirror.json"
MAX_FINDINGS: Final = 100  # of the last round, in the file
_MAX_COPIES: Final = 1_000_000
_MAX_STATE_BYTES: Final = 512 << 20  # so many copies, each with a source of 300 characters


@dataclass(frozen=True, slots=True)
class CopyTime:
    """The moment at which a log or list last agreed with the ledger, and its source. `fetched`: Unix seconds."""

    fetched: int
    source: str


@dataclass
class MirrorState:
    """The state of one folder. `copies`: by path below the folder. `ended`: when the last round ended, Unix seconds."""

    genesis: BlockHash
    ended: int = 0
    block: int = 0
    copies: dict[str, CopyTime] = field(default_factory=dict)
    findings: tuple[MirrorFinding, ...] = ()

    def document(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "format": FORMAT,
            "genesis": to_hex(self.genesis),
            "ended": time_text(self.ended),
            "block": self.block,
            "copies": {
                place: {"fetched": time_text(copy.fetched), "source": copy.source}
                for place, copy in sorted(self.copies.items())
            },
            "findings": [
                {"source": f.source, "place": f.place, "code": f.code, "detail": f.detail}
                for f in self.findings[:MAX_FINDINGS]
            ],
        }

    def write(self, base: Path) -> None:
        """Write the file. Raises OSError."""
        write_json(base / STATE_FILE, self.document())


def read_state(base: Path) -> MirrorState | None:
    """Read the state of a folder; None where nothing was mirrored into it. Raises FileRefused, OSError."""
    path = base / STATE_FILE
    if not path.is_file():
        return None
    try:
        return _parse(read_json(path.read_bytes(), max_bytes=_MAX_STATE_BYTES))
    except (JsonRefused, FormatRefused) as error:
        raise FileRefused(f"{path}: {error}") from error


def recovered_state(base: Path, genesis: BlockHash) -> MirrorState:
    """Return the state of a folder whose state file is damaged: each copy is as old as its file.

    Raises TrustRefused where the folder has a trust file of another ledger, OSError.
    """
    for path in (base / TRUST_FILE, *sorted((base / "trust").glob("*.json"))):
        try:
            trust = read_trust(path) if path.is_file() else None
        except (FileRefused, TrustRefused):
            continue  # damaged too
        if trust is not None and trust.genesis != genesis:
            raise other_ledger(base)
    state = MirrorState(genesis)
    for kept in (*base.glob(f"log/*/*/{MARKER}"), *base.glob("status/*/*.json")):
        place = kept.parent if kept.name == MARKER else kept.with_suffix("")
        state.copies[place.relative_to(base).as_posix()] = CopyTime(int(kept.stat().st_mtime), "")
    return state


def other_ledger(base: Path) -> TrustRefused:
    """Return the refusal of a folder that mirrors another ledger."""
    return TrustRefused(Code.TRUST_OTHER_LEDGER, f"{base}: the folder mirrors another ledger")


def _parse(document: object) -> MirrorState:
    body = object_of(document, "", frozenset({"format", "genesis", "ended", "block", "copies", "findings"}))
    if body["format"] != FORMAT or not isinstance(body["copies"], dict) or len(body["copies"]) > _MAX_COPIES:
        raise FormatRefused("/", f'"{FORMAT}" with copies expected')
    list_of(body["findings"], "/findings", MAX_FINDINGS)  # of another round; the next one finds them again
    return MirrorState(
        genesis=BlockHash(from_hex(body["genesis"], 32, "/genesis")),
        ended=read_time(body["ended"], "/ended"),
        copies={place: _copy(value) for place, value in body["copies"].items()},
    )


def _copy(value: object) -> CopyTime:
    members: Mapping[str, Any] = object_of(value, "/copies", frozenset({"fetched", "source"}))
    return CopyTime(read_time(members["fetched"], "/copies"), text_of(members["source"], "/copies"))
