"""Copy one epoch of an institution's log from sources, checkpoint by checkpoint.

Whole bundles are asked for. The entries of a step are kept only if they give the root that the ledger holds for the
checkpoint at its end. Sizes and roots come from the ledger alone, so that no source says how long a log is.

The folder has at every moment a log that some checkpoint anchored, so a run that was cut short is continued. A copy is never
shortened. One that is not the log the ledger states is left as it is, and reported: it may be the only copy.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from acredita.anchoring.checkpoint import Checkpoint
from acredita.anchoring.merkle import Frontier, leaf_hash
from acredita.anchoring.types import IssuerId
from acredita.node.mirroring.refusals import CopyRefused, MirrorReport
from acredita.node.mirroring.sources import AskedSource
from acredita.node.mirroring.tiles_on_disk import DiskTiles, GrowingTiles
from acredita.node.outbound.fetch import SourceUnavailable
from acredita.node.publication.tile_files import PublishedLog, TileFolder
from acredita.node.publication.tile_names import (
    MAX_BUNDLE_BYTES,
    TILE_WIDTH,
    BundleRefused,
    Tile,
    entries_in,
    tile_path,
)
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.log_chain import LinkedEpoch

STEP_ENTRIES: Final = 16_384  # checkpoints are taken together up to so many entries, about 3 MB in memory
MAX_CHECKPOINT_ENTRIES: Final = 1 << 18  # of one checkpoint; the size is the issuer's claim


@dataclass
class LogCopy:
    """The copy of one log. `source`: the name of the last source that had more of it.

    `sound`: the places whose entries this process has read or written. The others are read before they count.
    """

    base: Path
    issuer: IssuerId
    epoch: int
    source: str = ""
    sound: set[str] = field(default_factory=set)

    @property
    def place(self) -> str:
        """The path of the log, below a source and below the mirror's folder."""
        return f"log/{self.issuer.hex()}/{self.epoch}"

    @property
    def folder(self) -> TileFolder:
        """The folder of its tiles."""
        return TileFolder(self.base / self.place)

    def extend(self, linked: LinkedEpoch, sources: Sequence[AskedSource], report: MirrorReport) -> bool:
        """Take the copy towards the newest checkpoint. Return whether it has reached it. Raises OSError."""
        kept = self.folder.published()
        if kept.size > linked.last.size:
            return True  # of an epoch that was closed since, or of a ledger that is ahead
        try:
            frontier = self._frontier(linked, kept)
        except CopyRefused as error:
            report.refuse("ledger", self.place, error)
            return False
        left, grew = list(sources), False
        for step in _steps(linked, frontier.size):
            grown = self._step(frontier, step, left, report)
            if grown is None:
                break
            frontier, grew = grown, True
        report.logs += grew
        return frontier.size >= linked.last.size

    def _frontier(self, linked: LinkedEpoch, kept: PublishedLog) -> Frontier:
        """Read the frontier of the copy. Begin anew where its files are damaged.

        Raises CopyRefused where the copy is another log than the one of these checkpoints.
        """
        anchored = {each.checkpoint.size: each.checkpoint.root for each in linked.checkpoints}
        if kept.size and anchored.get(kept.size) != kept.root:
            raise CopyRefused(Code.MIRROR_COPY_DIFFERS, f"no checkpoint has {kept.size} entries and this root")
        try:
            frontier = DiskTiles(self.folder.base / "tile", kept.size).frontier()
        except (OSError, KeyError):
            frontier = Frontier()
        if kept.size and (frontier.root() != kept.root or not self._is_sound(kept)):
            self.folder.forget()
            frontier = Frontier()
        self.sound.add(self.place)
        return frontier

    def _is_sound(self, kept: PublishedLog) -> bool:
        """Return whether the entries in the folder give its root. They are read once in the life of a process."""
        if self.place in self.sound:
            return True
        tiles, growing = DiskTiles(self.folder.base / "tile", kept.size), Frontier()
        try:
            for first in range(0, kept.size, TILE_WIDTH):
                for entry in tiles.entries(first, min(first + TILE_WIDTH, kept.size)):
                    growing.append(leaf_hash(entry))
        except (OSError, KeyError, BundleRefused):
            return False
        return growing.root() == kept.root

    def _step(
        self, frontier: Frontier, step: Sequence[Checkpoint], left: list[AskedSource], report: MirrorReport
    ) -> Frontier | None:
        """Add the entries of some checkpoints from the first source that has them; a source that fails is asked no more."""
        while left:
            source = left[0]
            try:
                return self._take(frontier, step, source)
            except (CopyRefused, SourceUnavailable) as error:
                report.refuse(source.name, f"{self.place}#{frontier.size}-{step[-1].size - 1}", error)
                left.pop(0)
        return None

    def _take(self, frontier: Frontier, step: Sequence[Checkpoint], source: AskedSource) -> Frontier:
        first, last = frontier.size, step[-1]
        if last.size - first > MAX_CHECKPOINT_ENTRIES:
            raise CopyRefused(Code.MIRROR_LOG_TOO_LONG, f"at most {MAX_CHECKPOINT_ENTRIES} entries at once")
        more = self._fetch(source, first, last.size)
        tiles = GrowingTiles(
            DiskTiles(self.folder.base / "tile", first), frontier, more, [checkpoint.size for checkpoint in step]
        )
        for checkpoint in step:
            if tiles.root(checkpoint.size) != checkpoint.root:
                raise CopyRefused(
                    Code.MIRROR_LOG_DIFFERS, f"checkpoint {checkpoint.number}: the entries give another root"
                )
        self.folder.extend(tiles)
        self.source = source.public_name
        return tiles.grown

    def _fetch(self, source: AskedSource, first: int, end: int) -> list[bytes]:
        """Fetch the entries [first, end) in whole bundles. Raises CopyRefused, SourceUnavailable."""
        entries: list[bytes] = []
        for index in range(first // TILE_WIDTH, -(-end // TILE_WIDTH)):
            start = index * TILE_WIDTH
            width = min(TILE_WIDTH, end - start)
            bundle = self._bundle(source, index, width)
            entries += bundle[max(first - start, 0) : width]
        return entries

    def _bundle(self, source: AskedSource, index: int, width: int) -> list[bytes]:
        names = [Tile(None, index, width)] + ([Tile(None, index, TILE_WIDTH)] if width < TILE_WIDTH else [])
        content = source.first([f"{self.place}/tile/{tile_path(tile)}" for tile in names], MAX_BUNDLE_BYTES)
        try:
            bundle: list[bytes] = [] if content is None else list(entries_in(content))
        except BundleRefused as error:
            raise CopyRefused(Code.MIRROR_TILE_MALFORMED, f"bundle {index}: {error}") from error
        if len(bundle) < width:
            raise CopyRefused(Code.MIRROR_LOG_SHORT, f"bundle {index}: {width} entries expected, found {len(bundle)}")
        return bundle


def _steps(linked: LinkedEpoch, size: int) -> Iterator[list[Checkpoint]]:
    """Yield the checkpoints above a size in groups of at most STEP_ENTRIES entries, or of one checkpoint."""
    step: list[Checkpoint] = []
    for each in linked.checkpoints:
        checkpoint = each.checkpoint
        if checkpoint.size <= size:
            continue
        if step and checkpoint.size - size > STEP_ENTRIES:
            yield step
            size, step = step[-1].size, []
        step.append(checkpoint)
    if step:
        yield step
