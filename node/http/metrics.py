"""Report to Prometheus: counts, ages and durations, by institution and code, never by person or credential.

Values in storage are read at each request (backlog, ages, refused entries, stops, sizes). Events are counted when
they happen (requests, verdicts, batches). Each application has a registry of its own; nothing is global. Labels have
a bounded set of values, or come from the operator's own configuration.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from acredita.anchoring.entries import EntryKind
from acredita.anchoring.types import IssuerId
from acredita.node.ledger.accreditation_watch import AccreditationWatch
from acredita.node.ledger.endpoint_watch import EndpointWatch
from acredita.node.storage import institutions, queue
from acredita.node.storage.database import Database, StorageUnavailable
from acredita.node.storage.institutions import RegisteredInstitution
from acredita.node.storage.ledger_index import index_state
from acredita.node.storage.models import QueueItem
from acredita.node.storage.queue import ItemState
from acredita.node.storage.stored_checkpoints import confirmed_sizes
from acredita.node.write_path.batch_report import BatchReport, BatchStep
from acredita.node.write_path.progress import late_since
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.verification.results import VerificationReport
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, func, select

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

Clock = Callable[[], int]

_FAST: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SLOW: Final = (1, 5, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 86_400, 172_800, 259_200)
_ENTRIES: Final = (1, 8, 32, 64, 128, 256, 512, 1_024)


class Metrics:
    """Counters of one application, and the gauges read from its storage."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        endpoints: EndpointWatch | None = None,
        accreditations: AccreditationWatch | None = None,
    ) -> None:
        self._database = database
        self._registry = CollectorRegistry()
        self._registry.register(StorageGauges(database, clock))
        self._registry.register(EndpointGauges(endpoints))
        self._registry.register(AccreditationGauges(accreditations))
        self._requests = Counter(
            "acredita_http_requests", "Requests answered", ["route", "method", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "acredita_http_seconds", "Time to answer", ["route"], buckets=_FAST, registry=self._registry
        )
        self._verdicts = Counter("acredita_verdicts", "Verdicts given", ["verdict", "code"], registry=self._registry)
        self._batches = Counter(
            "acredita_batches",
            "Runs of the write path by the last step they reached",
            ["issuer", "step"],
            registry=self._registry,
        )
        self._batch_entries = Histogram(
            "acredita_batch_entries",
            "Entries of an anchored batch",
            ["issuer"],
            buckets=_ENTRIES,
            registry=self._registry,
        )
        self._refusals = Counter(
            "acredita_refusals", "Batches the contract refused", ["issuer", "code"], registry=self._registry
        )
        self._delay = Histogram(
            "acredita_anchor_delay_seconds",
            "From the queue to the confirmed checkpoint",
            ["issuer", "kind"],
            buckets=_SLOW,
            registry=self._registry,
        )

    def text(self) -> bytes:
        """Return all metrics in the text form of Prometheus."""
        return generate_latest(self._registry)

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request and its seconds. `route`: the template that the path matched, never the path."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def verdict(self, report: VerificationReport) -> None:
        """Count a verdict."""
        self._verdicts.labels(report.verdict.value, report.code or "").inc()

    def batches(self, issuer: IssuerId, reports: Iterable[BatchReport]) -> None:
        """Count the batches of one run of the write path."""
        for report in reports:
            self._batches.labels(issuer.hex(), report.step.value).inc()
            if report.reason is not None:
                self._refusals.labels(issuer.hex(), report.reason.code).inc()
            if report.step is BatchStep.ANCHORED:
                self._anchored(issuer, report)

    def _anchored(self, issuer: IssuerId, report: BatchReport) -> None:
        if report.checkpoint is None or report.epoch is None:
            raise RuntimeError("an anchored batch names its checkpoint")
        self._batch_entries.labels(issuer.hex()).observe(report.issued + report.status)
        with self._database.read() as connection:
            rows = _delays(connection, issuer, report.epoch, report.checkpoint.old_size, report.checkpoint.size)
        for kind, seconds in rows:
            self._delay.labels(issuer.hex(), "issued" if kind == EntryKind.ISSUED else "status").observe(seconds)


class EndpointGauges(Collector):
    """Gauges of the ledger's endpoints, from the newest look at them. What an endpoint does not tell has no value."""

    def __init__(self, endpoints: EndpointWatch | None) -> None:
        self._endpoints = endpoints

    def collect(self) -> Iterator[Metric]:
        """Return the gauges of every endpoint."""
        names = ["endpoint"]
        up = GaugeMetricFamily("acredita_endpoint_up", "The endpoint has a head", labels=names)
        head = GaugeMetricFamily("acredita_endpoint_block", "Newest block of the endpoint", labels=names)
        syncing = GaugeMetricFamily("acredita_endpoint_syncing", "The endpoint is syncing", labels=names)
        peers = GaugeMetricFamily("acredita_endpoint_peers", "Peers of the endpoint", labels=names)
        look = None if self._endpoints is None else self._endpoints.newest
        for number, condition in enumerate(() if look is None else look.conditions, 1):
            up.add_metric([str(number)], int(condition.fault is None))
            answers = ((head, condition.head), (syncing, condition.syncing), (peers, condition.peers))
            for gauge, value in answers:
                if value is not None:
                    gauge.add_metric([str(number)], int(value))
        yield from (up, head, syncing, peers)


class AccreditationGauges(Collector):
    """Gauges of the newest look at each institution's accreditation. Before the first look none has a value."""

    def __init__(self, accreditations: AccreditationWatch | None) -> None:
        self._accreditations = accreditations

    def collect(self) -> Iterator[Metric]:
        """Return the gauges of every institution."""
        stopped = GaugeMetricFamily(
            "acredita_registry_stopped", "The registry takes nothing new of the institution", labels=["issuer", "code"]
        )
        ends = GaugeMetricFamily(
            "acredita_accreditation_ends_seconds", "Unix time of the accreditation's end", labels=["issuer"]
        )
        unknown = GaugeMetricFamily(
            "acredita_registry_unknown", "The ledger could not tell the accreditation", labels=["issuer", "code"]
        )
        look = {} if self._accreditations is None else self._accreditations.newest
        for issuer, accreditation in look.items():
            if isinstance(accreditation, Missing):
                unknown.add_metric([issuer.hex(), accreditation.code], 1)
                continue
            if accreditation.is_stop:
                stopped.add_metric([issuer.hex(), accreditation.code or ""], 1)
            if accreditation.until and accreditation.accreditor is None:
                ends.add_metric([issuer.hex()], accreditation.until)
        yield from (stopped, ends, unknown)


class StorageGauges(Collector):
    """Gauges of every institution, read from storage at each request."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        """Read the gauges; if storage cannot be read, only that is reported."""
        available = GaugeMetricFamily("acredita_storage_available", "Whether storage can be read")
        try:
            with self._database.read() as connection:
                gauges = list(self._read(connection))
        except StorageUnavailable:
            available.add_metric([], 0)
            yield available
            return
        available.add_metric([], 1)
        yield available
        yield from gauges

    def _read(self, connection: Connection) -> Iterator[Metric]:
        writing = institutions.institutions(connection)
        yield from self._backlog(connection, writing)
        yield _stops(writing)
        yield _sizes(connection, writing)
        yield _refused(connection, writing)
        yield from _index(connection)

    def _backlog(self, connection: Connection, writing: Sequence[RegisteredInstitution]) -> Iterator[Metric]:
        entries = GaugeMetricFamily("acredita_backlog_entries", "Waiting entries", labels=["issuer", "kind"])
        age = GaugeMetricFamily("acredita_backlog_age_seconds", "Age of the oldest", labels=["issuer", "kind"])
        late = GaugeMetricFamily(
            "acredita_anchoring_late", "Status changes have waited five minutes for the chain", labels=["issuer"]
        )
        now = self._clock()
        for one in writing:
            waiting = queue.backlog(connection, one.issuer)
            late.add_metric([one.issuer.hex()], int(late_since(waiting, now) is not None))
            for kind, count, oldest in (
                ("issued", waiting.issued, waiting.oldest_issued),
                ("status", waiting.status, waiting.oldest_status),
            ):
                entries.add_metric([one.issuer.hex(), kind], count)
                age.add_metric([one.issuer.hex(), kind], 0 if oldest is None else max(0, now - oldest))
        yield entries
        yield age
        yield late


def _stops(writing: Sequence[RegisteredInstitution]) -> Metric:
    stops = GaugeMetricFamily("acredita_stopped", "Writing has stopped", labels=["issuer", "code"])
    for one in writing:
        if one.stop is not None:
            stops.add_metric([one.issuer.hex(), one.stop.code], 1)
    return stops


def _sizes(connection: Connection, writing: Sequence[RegisteredInstitution]) -> Metric:
    sizes = GaugeMetricFamily(
        "acredita_log_entries", "Entries under a confirmed checkpoint", labels=["issuer", "epoch"]
    )
    for one in writing:
        for epoch, size in confirmed_sizes(connection, one.issuer).items():
            sizes.add_metric([one.issuer.hex(), str(epoch)], size)
    return sizes


def _refused(connection: Connection, writing: Sequence[RegisteredInstitution]) -> Metric:
    gauge = GaugeMetricFamily("acredita_refused_entries", "Refused entries", labels=["issuer", "code"])
    for one in writing:
        rows = connection.execute(
            select(QueueItem.reason_code, func.count())
            .where(QueueItem.issuer == one.issuer, QueueItem.state == ItemState.REFUSED)
            .group_by(QueueItem.reason_code)
        )
        for code, count in rows:
            gauge.add_metric([one.issuer.hex(), code or ""], count)
    return gauge


def _index(connection: Connection) -> Iterator[Metric]:
    state = index_state(connection)
    height = GaugeMetricFamily("acredita_index_block", "Block up to which the index of the ledger is checked")
    behind = GaugeMetricFamily("acredita_index_behind_blocks", "Blocks of the ledger that the index could not check")
    fault = GaugeMetricFamily("acredita_index_fault", "The index does not advance", labels=["code"])
    if state.fault is not None:
        fault.add_metric([state.fault.code], 1)
    if state.block is not None:
        head = None if state.fault is None else state.fault.head
        height.add_metric([], state.block.number)
        behind.add_metric([], 0 if head is None else max(0, head - state.block.number))
    yield height
    yield behind
    yield fault


def _delays(connection: Connection, issuer: IssuerId, epoch: int, start: int, end: int) -> list[tuple[int, int]]:
    """Return kind and seconds in the queue of every item whose entry index is in [start, end)."""
    rows = connection.execute(
        select(QueueItem.kind, QueueItem.anchored_at, QueueItem.queued_at).where(
            QueueItem.issuer == issuer,
            QueueItem.epoch == epoch,
            QueueItem.entry_index >= start,
            QueueItem.entry_index < end,
            QueueItem.state == ItemState.ANCHORED,
        )
    )
    return [(kind, max(0, (anchored or queued) - queued)) for kind, anchored, queued in rows]
