"""Copy one epoch of an institution's log from sources, checkpoint by checkpoint.

Whole bundles are asked for. The entries of a step are kept only if they give the root that the ledger holds for the
checkpoint at its end. Sizes and roots come from the ledger alone, so that no source says how long a log is.

The folder has at every moment a log that some checkpoint anchored, so a run that was cut short is continued, also inside a
checkpoint. Files that are damaged are made anew from those of the folder that are sound, and from sources. A copy is never
shortened. One that is not the log the ledger states is left as it is, and reported: it may be the only copy.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from acredita.anchoring.checkpoint import Checkpoint
from acredita.anchoring.merkle import Frontier
from acredita.anchoring.types import IssuerId
from acredita.node.mirroring.refusals import CopyRefused, MirrorReport
from acredita.node.mirroring.sources import AskedSource, FolderSource
from acredita.node.mirroring.tile_check import are_sound
from acredita.node.mirroring.tiles_on_disk import DiskTiles, GrowingTiles
from acredita.node.mirroring.unfinished_step import UnfinishedStep
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
_UNBOUNDED: Final = 1 << 62  # the ledger states how much is read of the own folder
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
        if not kept.size or not frontier.size:
            frontier = self._from_own_tiles(linked)
        grown = self._grown(linked, frontier, sources, report)
        report.logs += grown.size > frontier.size
        return grown.size >= linked.last.size

    def _from_own_tiles(self, linked: LinkedEpoch) -> Frontier:
        """Take what the folder itself has, where its marker or some of its tiles were lost. No source is asked."""
        if not (self.folder.base / "tile").is_dir():
            return Frontier()
        own = AskedSource(FolderSource(self.base), requests=_UNBOUNDED, body_bytes=_UNBOUNDED, seconds=_UNBOUNDED)
        grown = self._grown(linked, Frontier(), [own], MirrorReport())
        self.source = ""
        return grown

    def _grown(
        self, linked: LinkedEpoch, frontier: Frontier, sources: Sequence[AskedSource], report: MirrorReport
    ) -> Frontier:
        """Take step by step from the sources, and return the frontier that was reached. Raises OSError."""
        left = list(sources)
        for step in _steps(linked, frontier.size):
            grown = self._step(frontier, step, left, report)
            if grown is None:
                break
            frontier = grown
        return frontier

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
        sizes = [size for size in sorted(anchored) if size <= kept.size]
        if kept.size and (frontier.root() != kept.root or not self._is_sound(kept, sizes)):
            self.folder.forget()
            frontier = Frontier()
        self.sound.add(self.place)
        return frontier

    def _is_sound(self, kept: PublishedLog, sizes: Sequence[int]) -> bool:
        """Return whether the files give the root. They are read once in the life of a process."""
        return self.place in self.sound or are_sound(DiskTiles(self.folder.base / "tile", kept.size), kept.root, sizes)

    def _step(
        self, frontier: Frontier, step: Sequence[Checkpoint], left: list[AskedSource], report: MirrorReport
    ) -> Frontier | None:
        """Add the entries of some checkpoints from the first source that has them; a source that fails is asked no more."""
        while left:
            source = left[0]
            try:
                return self._take(frontier, step, source, report)
            except (CopyRefused, SourceUnavailable) as error:
                report.refuse(source.name, f"{self.place}#{frontier.size}-{step[-1].size - 1}", error)
                left.pop(0)
        return None

    def _take(
        self, frontier: Frontier, step: Sequence[Checkpoint], source: AskedSource, report: MirrorReport
    ) -> Frontier:
        first, last = frontier.size, step[-1]
        if last.size - first > MAX_CHECKPOINT_ENTRIES:
            raise CopyRefused(Code.MIRROR_LOG_TOO_LONG, f"at most {MAX_CHECKPOINT_ENTRIES} entries at once")
        unfinished = UnfinishedStep(self.base, self.place, source.name, first)
        more = self._fetch(source, unfinished, last.size, report)
        tiles = GrowingTiles(
            DiskTiles(self.folder.base / "tile", first), frontier, more, [checkpoint.size for checkpoint in step]
        )
        for checkpoint in step:
            if tiles.root(checkpoint.size) != checkpoint.root:
                unfinished.forget()
                raise CopyRefused(
                    Code.MIRROR_LOG_DIFFERS, f"checkpoint {checkpoint.number}: the entries give another root"
                )
        self.folder.extend(tiles)
        unfinished.forget_all()
        self.source = source.public_name
        return tiles.grown

    def _fetch(self, source: AskedSource, unfinished: UnfinishedStep, end: int, report: MirrorReport) -> list[bytes]:
        """Fetch the entries of a step in whole bundles, from where the last round was cut short.

        Raises CopyRefused, SourceUnavailable, OSError.
        """
        first = unfinished.first
        entries = unfinished.read(end - first)
        position = kept = first + len(entries)
        for index in range(position // TILE_WIDTH, -(-end // TILE_WIDTH)):
            start = index * TILE_WIDTH
            width = min(TILE_WIDTH, end - start)
            try:
                bundle = self._bundle(source, index, width)
            except SourceUnavailable:
                if first + len(entries) > kept:
                    unfinished.keep(entries)
                    report.has_more = True
                raise
            entries += bundle[max(position - start, 0) : width]
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
