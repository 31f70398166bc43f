"""Remember the highest block of each chain that was seen, in a file of the node or of the user's pin folder.

A ledger whose head is lower is behind, or was cut short: nothing is concluded from it. The file is `acredita-seen/1`:
genesis → number and hash. A file that cannot be written is no reason to refuse an answer; the process still remembers.

Invariant: no number in the file goes down. Several processes share it, so each reads it again under a lock before it
writes.
"""

import fcntl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from acredita.anchoring.ledger import Block
from acredita.anchoring.types import BlockHash, FormatRefused, from_hex, to_hex
from acredita.node.publication.trust_folder import FileRefused, read_json_file, write_json
from acredita.registry.json_documents.members import count_of, object_of
from acredita.registry.ledger_facts.observed_block import SeenBlock

FORMAT: Final = "acredita-seen/1"
FILE_NAME: Final = "seen-blocks.json"
_MAX_CHAINS: Final = 1_000


class SeenFile:
    """The highest block seen of each chain, kept in one file."""

    def __init__(self, path: Path) -> None:
        """Read the file, if there is one. Raises FileRefused."""
        self._path = path
        self._lock = threading.Lock()
        self._blocks = _read(path)

    def highest(self, genesis: BlockHash) -> int:
        """Return the number of the highest block seen; 0 where none was."""
        known = self._blocks.get(genesis)
        return 0 if known is None else known.number

    def highest_block(self, genesis: BlockHash) -> SeenBlock | None:
        """Return the highest block seen; None where none was."""
        return self._blocks.get(genesis)

    def note(self, genesis: BlockHash, block: Block) -> None:
        """Remember a block if it is the highest."""
        if block.number <= self.highest(genesis):
            return
        with self._lock:
            self._blocks = _highest(self._blocks, {genesis: SeenBlock(block.number, block.hash)})
            with suppress(OSError, FileRefused):  # a file that another hand has spoilt is told at the next start
                self._write()

    def _write(self) -> None:
        with _locked(self._path):
            self._blocks = _highest(_read(self._path), self._blocks)
            write_json(self._path, _document(self._blocks))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock beside a file, which ends with the process. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _highest(some: Mapping[BlockHash, SeenBlock], others: Mapping[BlockHash, SeenBlock]) -> dict[BlockHash, SeenBlock]:
    """Return of each chain the higher block of two."""
    blocks = dict(some)
    for genesis, block in others.items():
        known = blocks.get(genesis)
        blocks[genesis] = block if known is None or block.number > known.number else known
    return blocks


def _read(path: Path) -> dict[BlockHash, SeenBlock]:
    if not path.is_file():
        return {}
    try:
        return _parse(read_json_file(path))
    except FormatRefused as error:
        raise FileRefused(f"{path}: {error}") from error


def _parse(document: object) -> dict[BlockHash, SeenBlock]:
    body = object_of(document, "", frozenset({"format", "chains"}))
    if body["format"] != FORMAT or not isinstance(body["chains"], dict) or len(body["chains"]) > _MAX_CHAINS:
        raise FormatRefused("/", f'"{FORMAT}" with chains expected')
    return {BlockHash(from_hex(genesis, 32, "/chains")): _block(value) for genesis, value in body["chains"].items()}


def _block(value: object) -> SeenBlock:
    members = object_of(value, "/chains", frozenset({"number", "hash"}))
    return SeenBlock(count_of(members["number"], "/chains"), BlockHash(from_hex(members["hash"], 32, "/chains")))


def _document(blocks: Mapping[BlockHash, SeenBlock]) -> dict[str, object]:
    chains = {to_hex(genesis): {"number": b.number, "hash": to_hex(b.hash)} for genesis, b in sorted(blocks.items())}
    return {"format": FORMAT, "chains": chains}
