"""Count what happened in a registry by month, in one time zone, from the events and entries that an audit has replayed.

- Issued entries and status changes count in the month of their checkpoint. Void checkpoints do not count.
- Entries that no source gave are counted as unread, because their kinds are unknown.
- A party counts as accredited at the end of a month if it and every accreditor above it are active then.
- The ledger does not state when a credential was signed. A latency needs the credential itself (`SignedAndAnchored`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median_low
from typing import Final

from acredita.anchoring.checkpoint import Checkpoint
from acredita.anchoring.entries import ENTRY_BYTES, EntryKind
from acredita.anchoring.ledger import Block, Ledger
from acredita.anchoring.types import Address, IssuerId
from acredita.contracts import bindings
from acredita.contracts.abi import Deployment
from acredita.registry.credentials.days import zone_of
from acredita.registry.ledger_facts.histories import PartyHistory, fold_party, recognised_at
from acredita.registry.ledger_facts.log_chain import checkpoint_of
from acredita.registry.ledger_facts.log_entries import EntriesOf, EntriesRefused, EntriesUnavailable
from acredita.registry.ledger_facts.whole_records import events_of, whole_contract

READ_AHEAD: Final = 16 * 256
"""Entries of one read: whole bundles, a few hundred kilobytes."""
_KIND: Final = 1  # the byte of an entry that names its kind


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


def registry_activity(
    ledger: Ledger,
    contracts: Deployment,
    block: Block,
    entries_of: EntriesOf,
    zone: str,
    credentials: Sequence[SignedAndAnchored] = (),
) -> Activity:
    """Count the activity of a registry up to `block`. Raises LedgerUnavailable."""
    checkpoints = _counted_checkpoints(ledger, contracts, block)
    parties = _parties(ledger, contracts, block)
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    anchors: Counter[str] = Counter()
    unread: Counter[str] = Counter()
    for (issuer, epoch, _), checkpoint in sorted(checkpoints.items()):
        month = _month(checkpoint.time, zone)
        anchors[month] += 1
        kinds = _kinds(entries_of, issuer, epoch, checkpoint)
        counts[month] += kinds
        unread[month] += checkpoint.size - checkpoint.old_size - kinds.total()
    first = [transition.time for party in parties.values() for transition in party.transitions]
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
            sum(recognised_at(parties, subject, end) for subject in parties),
        )
        for name, end in _months(times, block.time, zone)
    )
    return Activity(months, _latencies(credentials, checkpoints, zone))


def _counted_checkpoints(ledger: Ledger, contracts: Deployment, block: Block) -> dict[CheckpointName, Checkpoint]:
    """Return the checkpoints of all logs, without those that a closed epoch voids."""
    log = bindings.CredentialLog(contracts.credential_log)
    checkpoints: dict[CheckpointName, Checkpoint] = {}
    last_good: dict[tuple[IssuerId, int], int] = {}
    for event in events_of(whole_contract(ledger, Address(log.address), block, log.total())):
        if isinstance(event, bindings.Anchored):
            checkpoints[IssuerId(event.issuer), event.epoch, event.number] = checkpoint_of(event)
        elif isinstance(event, bindings.EpochOpened):
            last_good[IssuerId(event.issuer), event.epoch - 1] = event.last_good
    return {
        name: checkpoint
        for name, checkpoint in checkpoints.items()
        if checkpoint.number <= last_good.get(name[:2], checkpoint.number)
    }


def _parties(ledger: Ledger, contracts: Deployment, block: Block) -> dict[IssuerId, PartyHistory]:
    registry = bindings.IssuerRegistry(contracts.issuer_registry)
    by_subject: dict[bytes, list[bindings.Event]] = defaultdict(list)
    logs = whole_contract(ledger, Address(registry.address), block, registry.total())
    for log, event in zip(logs, events_of(logs), strict=True):
        by_subject[log.topics[1]].append(event)
    return {IssuerId(subject): fold_party(IssuerId(subject), events) for subject, events in by_subject.items()}


def _kinds(entries_of: EntriesOf, issuer: IssuerId, epoch: int, checkpoint: Checkpoint) -> Counter[int]:
    """Count the entries of one checkpoint by kind; fewer than it has where the source gives fewer."""
    kinds: Counter[int] = Counter()
    for start in range(checkpoint.old_size, checkpoint.size, READ_AHEAD):
        end = min(start + READ_AHEAD, checkpoint.size)
        try:
            encoded = entries_of(issuer).read(epoch, start, end)
        except (EntriesRefused, EntriesUnavailable):
            break
        kinds += Counter(encoded[_KIND : len(encoded) // ENTRY_BYTES * ENTRY_BYTES : ENTRY_BYTES])
        if len(encoded) < (end - start) * ENTRY_BYTES:
            break
    return kinds


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
