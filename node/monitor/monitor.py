"""Take the rounds of a monitor: pull, check, tell each alarm once, write state, metrics and heartbeat.

A round goes on where one check fails, because the others still tell something. What a check could not tell clears none of its
alarms. `last_success` is the end of the last round in which every check was made and every alarm was delivered, so that
somebody else can notice the monitor's own silence.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from acredita.anchoring.ledger import Ledger, LedgerUnavailable
from acredita.devnet.errors import ChainFolderError
from acredita.node.ledger.view import NodeObserver, Observations
from acredita.node.mirroring.mirror import Mirror, MirrorBusyUnavailable
from acredita.node.mirroring.refusals import MirrorReport
from acredita.node.mirroring.sources import MirrorSource
from acredita.node.monitor.alarms import Alarm, MonitorState, RaisedAlarm, read_state
from acredita.node.monitor.channels import Channel, TellingUnavailable
from acredita.node.monitor.watches import (
    audited,
    block_times,
    expiries,
    silent_chain,
    silent_sources,
    stopped_institutions,
    witnessed,
)
from acredita.node.monitor.witness import Witness
from acredita.node.monitor.witness_folder import WitnessBusyUnavailable
from acredita.node.publication.durable_files import write_durably
from acredita.node.publication.trust_folder import FileRefused, TrustFolder
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.trust_file import Trust, TrustRefused
from prometheus_client import CollectorRegistry, Gauge, generate_latest

_log = logging.getLogger(__name__)

COPIES: Final = "copies"

OpenLedger = Callable[[ExitStack], tuple[Observations, Ledger]]
"""Opens the ledger for one round. Raises LedgerUnavailable, ChainFolderError, FileRefused, TrustRefused."""


class AuditIncompleteError(Exception):
    """An audit that could not tell. Nobody is accused, and the round is not whole."""


@dataclass(frozen=True)
class MonitorRound:
    """The result of one round. `deliveries`: by all channels; `is_whole`: every check was made and every alarm delivered."""

    block: int | None
    raised: tuple[RaisedAlarm, ...]
    deliveries: int
    is_whole: bool


@dataclass
class Monitor:
    """A monitor of one registry. `clock`: Unix seconds; `silent_seconds`: silence that is an alarm."""

    base: Path
    trust: Trust
    sources: Sequence[MirrorSource]
    open_ledger: OpenLedger
    channels: Sequence[Channel]
    witness: Witness | None
    clock: Callable[[], int]
    silent_seconds: int
    metrics: Path | None = None
    _failed: bool = field(default=False, init=False)

    def round(self) -> MonitorRound:
        """Take one round. Raises FileRefused, OSError where the state cannot be read or written."""
        state, now = read_state(self.base), self.clock()
        self._failed = False
        block = self._look(state, now)
        self._take(state, "silent_chain", silent_chain(state, now, self.silent_seconds), now)
        names = [source.name for source in self.sources]
        self._take(state, "silent_sources", silent_sources(state, names, now, self.silent_seconds), now)
        state.last_look = now
        state.write(self.base)
        deliveries = self._tell(state, now)
        if not self._failed:
            state.last_success = now
        state.write(self.base)
        self._write_metrics(state, block)
        return MonitorRound(block, tuple(state.raised.values()), deliveries, not self._failed)

    def _look(self, state: MonitorState, now: int) -> int | None:
        """Make the checks that need the ledger. Returns the block; None without an answer."""
        with ExitStack() as stack:
            try:
                observations, ledger = self.open_ledger(stack)
                head = ledger.head()
                self._take(state, "block_times", block_times(state, ledger, head, now), now)
                observer = observations.now()
            except (LedgerUnavailable, ChainFolderError, FileRefused) as error:
                self._fail("ledger", error)
                return None
            except TrustRefused as error:  # another ledger than the trust file pins
                self._take(state, "identity", [Alarm(error.code, "ledger", str(error))], now)
                return None
            self._take(state, "identity", [], now)
            if isinstance(observer, Missing):
                self._fail("ledger", Exception(f"{observer.code}: {observer.detail}"))
                return None
            state.answered["ledger"] = now
            self._pull(state, observer, now)
            self._check(state, observer, now)
            return head.number

    def _pull(self, state: MonitorState, observer: NodeObserver, now: int) -> None:
        """Copy what is published, and note which sources answered."""
        mirror = Mirror(self.base / COPIES, self.sources, self.clock, trust=self.trust)
        try:
            report = mirror.round(observer)
        except (MirrorBusyUnavailable, TrustRefused, FileRefused, OSError) as error:
            self._fail("mirror", error)
            return
        silent = _unreachable(report)
        state.answered |= {source.name: now for source in self.sources if source.name not in silent}

    def _check(self, state: MonitorState, observer: NodeObserver, now: int) -> None:
        copies = TrustFolder(self.base / COPIES)
        checks: dict[str, Callable[[], list[Alarm] | None]] = {
            "expiries": lambda: expiries(observer, self.trust, now),
            "stopped": lambda: stopped_institutions(observer, copies, now),
            "witness": lambda: self._witnessed(observer),
            "audit": lambda: audited(observer, copies, self.trust, now),
        }
        for name, check in checks.items():
            try:
                alarms = check()
            except (LedgerUnavailable, FileRefused, WitnessBusyUnavailable, MirrorBusyUnavailable, OSError) as error:
                self._fail(name, error)
                continue
            if alarms is None:
                self._fail(name, AuditIncompleteError("the audit could not tell: acredita audit replay says of what"))
            self._take(state, name, alarms, now)

    def _witnessed(self, observer: NodeObserver) -> list[Alarm]:
        return [] if self.witness is None else witnessed(self.witness.round(observer))

    def _take(self, state: MonitorState, check: str, alarms: list[Alarm] | None, now: int) -> None:
        for cleared in state.take(check, alarms, now):
            _log.info("alarm cleared", extra={"code": cleared.alarm.code, "where": cleared.alarm.where})

    def _tell(self, state: MonitorState, now: int) -> int:
        """Deliver each alarm by each channel that has not delivered it, and log it once."""
        deliveries = 0
        for raised in state.raised.values():
            if "log" not in raised.delivered_by:
                extra = {"code": raised.alarm.code, "where": raised.alarm.where, "detail": raised.alarm.detail}
                _log.error("alarm", extra=extra)
                raised.delivered_by.append("log")
            for channel in self.channels:
                if channel.name in raised.delivered_by:
                    continue
                try:
                    channel.tell(raised, now)
                except TellingUnavailable as error:
                    self._fail(channel.name, error)
                    continue
                raised.delivered_by.append(channel.name)
                state.write(self.base)
                deliveries += 1
        return deliveries

    def _fail(self, part: str, error: Exception) -> None:
        self._failed = True
        _log.warning("monitoring waits", extra={"part": part, "code": Code.MONITOR_INCOMPLETE, "detail": str(error)})

    def _write_metrics(self, state: MonitorState, block: int | None) -> None:
        """Write the metrics file, whole or not at all. Raises OSError."""
        if self.metrics is None:
            return
        registry = CollectorRegistry()
        success = Gauge(
            "acredita_monitor_last_success_seconds", "End of the last whole round, Unix time", registry=registry
        )
        success.set(state.last_success)
        alarms = Gauge("acredita_monitor_alarm", "An alarm that lasts", ["code", "where"], registry=registry)
        for raised in state.raised.values():
            alarms.labels(raised.alarm.code, raised.alarm.where).set(1)
        if block is not None:
            Gauge("acredita_monitor_block", "The newest block seen", registry=registry).set(block)
        write_durably(self.metrics, generate_latest(registry))


def _unreachable(report: MirrorReport) -> set[str]:
    """Return the names of the sources that gave no answer."""
    return {finding.source for finding in report.findings if finding.code is Code.SOURCE_UNREACHABLE}
