"""Count what happened in a registry by month, in one time zone, from what an audit has replayed.

- Issued entries and status changes count in the month of their checkpoint. Void checkpoints do not count.
- Entries that the replay did not reach are counted as unread, because nothing proves their kinds.
- A party counts as accredited at the end of a month if it and every accreditor above it are active then.
- The ledger does not state when a credential was signed. A latency needs the credential itself (`SignedAndAnchored`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median_low

from acredita.anchoring.checkpoint import Checkpoint
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.types import IssuerId
from acredita.registry.audit.replay import Audit
from acredita.registry.credentials.days import zone_of
from acredita.registry.ledger_facts.histories import recognised_at


@dataclass(frozen=True)
class MonthOfRegistry:
    """One month, as `2026-01`: entries by kind, entries that were not read, checkpoints, accredited parties at its end."""

    month: str
    issued: int
    revoked: int
    replaced: int
    suspended: int
    unread: int
    checkpoints: int
    accredited: int


@dataclass(frozen=True)
class SignedAndAnchored:
    """A credential's signing time and the place of its anchor. Times in Unix seconds."""

    issuer: IssuerId
    epoch: int
    number: int
    signed: int
    anchored: int


@dataclass(frozen=True)
class LatencyOfMonth:
    """The time from signing to anchor of credentials that were anchored in one month, in seconds."""

    month: str
    credentials: int
    median: int
    longest: int


@dataclass(frozen=True)
class Activity:
    """The months of a registry up to one block, and the latencies of the credentials at hand."""

    months: tuple[MonthOfRegistry, ...]
    latencies: tuple[LatencyOfMonth, ...]


CheckpointName = tuple[IssuerId, int, int]
"""Issuer, epoch and number of a checkpoint."""


def registry_activity(audit: Audit, zone: str, credentials: Sequence[SignedAndAnchored] = ()) -> Activity:
    """Count the activity of a registry up to the block of an audit."""
    checkpoints: dict[CheckpointName, Checkpoint] = {}
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    anchors: Counter[str] = Counter()
    unread: Counter[str] = Counter()
    for log in audit.logs:
        for replayed in log.replayed:
            checkpoint = replayed.checkpoint
            checkpoints[log.issuer, log.epoch, checkpoint.number] = checkpoint
            month = _month(checkpoint.time, zone)
            anchors[month] += 1
            if replayed.kinds is None:
                unread[month] += checkpoint.size - checkpoint.old_size
            else:
                counts[month].update(replayed.kinds)
    first = [transition.time for party in audit.histories.values() for transition in party.transitions]
    times = [*first, *(checkpoint.time for checkpoint in checkpoints.values())]
    months = tuple(
        MonthOfRegistry(
            name,
            counts[name][EntryKind.ISSUED],
            counts[name][EntryKind.REVOKED],
            counts[name][EntryKind.REPLACED],
            counts[name][EntryKind.SUSPENDED],
            unread[name],
            anchors[name],
            sum(recognised_at(audit.histories, subject, end) for subject in audit.histories),
        )
        for name, end in _months(times, audit.block.time, zone)
    )
    return Activity(months, _latencies(credentials, checkpoints, zone))


def _latencies(
    credentials: Iterable[SignedAndAnchored], checkpoints: Mapping[CheckpointName, Checkpoint], zone: str
) -> tuple[LatencyOfMonth, ...]:
    """Return the latencies of credentials whose checkpoint the ledger has at the time that the receipt states."""
    by_month: dict[str, list[int]] = defaultdict(list)
    for each in credentials:
        checkpoint = checkpoints.get((each.issuer, each.epoch, each.number))
        if checkpoint is not None and checkpoint.time == each.anchored:
            by_month[_month(each.anchored, zone)].append(max(0, each.anchored - each.signed))
    return tuple(
        LatencyOfMonth(month, len(seconds), median_low(seconds), max(seconds))
        for month, seconds in sorted(by_month.items())
    )


def _month(time: int, zone: str) -> str:
    return datetime.fromtimestamp(time, zone_of(zone)).strftime("%Y-%m")


def _months(times: Sequence[int], last: int, zone: str) -> Iterator[tuple[str, int]]:
    """Yield each month from the first time to `last`, with its last second, or `last` in the last month."""
    if not times:
        return
    at = datetime.fromtimestamp(min(times), zone_of(zone)).replace(day=1, hour=0, minute=0, second=0)
    while at.timestamp() <= last:
        following = at.replace(year=at.year + at.month // 12, month=at.month % 12 + 1)
        yield at.strftime("%Y-%m"), min(int(following.timestamp()) - 1, last)
        at = following
