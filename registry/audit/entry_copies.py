"""Read the entries of one epoch from unsigned copies, in the order of their sources, and take only what the chain proves.

Invariants:
- The entries up to a checkpoint count if they give its anchored root. Nothing else of a copy counts.
- A copy that gives less or something else is named and left, and the next source is asked. No copy accuses anybody.
- A source that did not answer once is not asked again in the same audit, so that a silent host costs one wait.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from acredita.anchoring.checkpoint import Checkpoint
from acredita.anchoring.entries import ENTRY_BYTES
from acredita.anchoring.merkle import Frontier, leaf_hash
from acredita.anchoring.types import IssuerId
from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.log_entries import EntriesOf, EntriesRefused, EntriesUnavailable, LogEntries

_READ_AHEAD: Final = 16 * 256  # entries: whole bundles, a few hundred kilobytes


@dataclass(frozen=True)
class LogSource:
    """One place with copies of the logs."""

    place: str
    entries_of: EntriesOf


@dataclass
class LogSources:
    """The places with copies of the logs, in the order in which they are asked. `silent`: those that did not answer."""

    sources: Sequence[LogSource]
    silent: dict[str, str] = field(default_factory=dict)

    @property
    def places(self) -> tuple[str, ...]:
        """The places by name; empty where they have none."""
        return tuple(source.place for source in self.sources if source.place)


@dataclass(frozen=True)
class CopyFault:
    """The reason why a copy does not give the entries of a checkpoint, and the place of the copy."""

    code: Code
    number: int
    detail: str
    place: str


class _CopyRefused(CodedError[Code]):
    """A copy that does not give the entries of a checkpoint."""


class EpochCopies:
    """The copies of one epoch's entries. `faults`: those of the copies that were left. `is_spent`: none is left.

    `opening`: gives the epoch's first entry, which names the log.
    """

    def __init__(self, sources: LogSources, issuer: IssuerId, epoch: int, opening: Callable[[], bytes]) -> None:
        self._sources, self._issuer, self._epoch, self._opening = sources, issuer, epoch, opening
        self._left = iter(sources.sources)
        self._open: tuple[LogSource, _ReadAhead] | None = None
        self._frontier = Frontier()
        self.faults: list[CopyFault] = []
        self.is_spent = False

    def entries(self, checkpoint: Checkpoint, end: int) -> list[bytes] | None:
        """Return the entries that a checkpoint adds, or None where no copy gives its root.

        Checkpoints come in order. `end`: the size at the epoch's last one.
        """
        while (opened := self._opened(end)) is not None:
            source, ahead = opened
            try:
                return self._take(ahead, checkpoint)
            except _CopyRefused as refusal:
                self.faults.append(CopyFault(refusal.code, checkpoint.number, refusal.message, source.place))
            except EntriesUnavailable as error:
                self._sources.silent[source.place] = str(error)
                self.faults.append(CopyFault(Code.LOG_MISSING, checkpoint.number, str(error), source.place))
            self._open = None
        self.is_spent = True
        return None

    def _opened(self, end: int) -> "tuple[LogSource, _ReadAhead] | None":
        """Return the source that is read, else the next one that answers, from the entries that are still wanted."""
        while self._open is None:
            source = next(self._left, None)
            if source is None:
                return None
            if (silence := self._sources.silent.get(source.place)) is not None:
                self.faults.append(CopyFault(Code.LOG_MISSING, 0, silence, source.place))
                continue
            entries = source.entries_of(self._issuer)
            self._open = source, _ReadAhead(entries, self._epoch, self._frontier.size, end)
        return self._open

    def _take(self, ahead: "_ReadAhead", checkpoint: Checkpoint) -> list[bytes]:
        """Return the entries of a checkpoint from one copy. Raises _CopyRefused, EntriesUnavailable."""
        try:
            entries = ahead.entries(checkpoint.size - self._frontier.size)
        except EntriesRefused as error:
            raise _CopyRefused(Code.LOG_MISSING, str(error)) from error
        if self._frontier.size + len(entries) < checkpoint.size:
            raise _CopyRefused(Code.LOG_MISSING, f"{checkpoint.size} entries expected, fewer available")
        grown = self._frontier.copy()
        grown.extend(map(leaf_hash, entries))
        if grown.root() != checkpoint.root:
            if self._frontier.size == 0 and entries[0] != self._opening():
                raise _CopyRefused(Code.LOG_MISSING, "the copy does not begin with the opening of this log")
            raise _CopyRefused(Code.ROOT_MISMATCH, "the entries of this copy do not give the anchored root")
        self._frontier = grown
        return entries


class _ReadAhead:
    """The entries of one copy in order, read some bundles at a time, so that a long log needs little memory."""

    def __init__(self, source: LogEntries, epoch: int, start: int, end: int) -> None:
        self._source, self._epoch = source, epoch
        self._at, self._end = start, end
        self._buffer = b""

    def entries(self, count: int) -> list[bytes]:
        """Return the next `count` entries, or the fewer there are. Raises EntriesUnavailable, EntriesRefused."""
        data = b"".join(self._parts(count))
        self._buffer = data[count * ENTRY_BYTES :]
        return [data[at : at + ENTRY_BYTES] for at in range(0, min(len(data), count * ENTRY_BYTES), ENTRY_BYTES)]

    def _parts(self, count: int) -> Iterator[bytes]:
        yield self._buffer
        held = len(self._buffer)
        while held < count * ENTRY_BYTES and self._at < self._end:
            end = min(self._at + _READ_AHEAD, self._end)
            more = self._source.read(self._epoch, self._at, end)
            held += len(more)
            whole = len(more) // ENTRY_BYTES * ENTRY_BYTES
            if len(more) < (end - self._at) * ENTRY_BYTES:
                self._end = 0  # the source has no more
            self._at = end
            yield more[:whole]
