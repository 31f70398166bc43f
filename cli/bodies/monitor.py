"""`acredita monitor`: one round, or rounds by APScheduler until the process is asked to end."""

import json
import logging
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import typer
from acredita.anchoring.ledger import Ledger
from acredita.cli.bodies.watched_registry import WatchedTrust, open_observations, watched_trust
from acredita.cli.bodies.witness import open_witness_key
from acredita.cli.exit_codes import NEGATIVE, OK, UNKNOWN, ArgumentRefused
from acredita.cli.spanish.sentences import said
from acredita.node.config import ConfigurationError
from acredita.node.ledger.view import Observations
from acredita.node.mirroring.sources import MirrorSource
from acredita.node.monitor.channels import alarm_document, channels_of
from acredita.node.monitor.monitor import COPIES, Monitor, MonitorRound
from acredita.node.monitor.settings import MonitorConfiguration, load_monitor
from acredita.node.monitor.witness import Witness
from acredita.node.publication.trust_folder import FileRefused
from acredita.node.runtime.json_logs import write_json_lines
from acredita.node.verification.language import Language
from acredita.registry.codes import Code, sentence
from acredita.registry.keys.passphrase import PassphraseRefused
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]

_log = logging.getLogger(__name__)


def monitor(config: Path, once: bool, lang: Language, as_json: bool) -> int:
    """Run `acredita monitor`."""
    configuration, watched = open_monitor(config, lang, lambda: int(time.time()))
    if once:
        taken = watched.round()
        _print(taken, lang, as_json)
        if not taken.is_whole:
            return UNKNOWN
        return NEGATIVE if taken.raised else OK
    _serve(watched, configuration.monitor.interval_seconds)
    return OK


def open_monitor(config: Path, lang: Language, clock: Callable[[], int]) -> tuple[MonitorConfiguration, Monitor]:
    """Make the monitor of a configuration. Raises ArgumentRefused, FileRefused, TrustRefused, OSError."""
    try:
        configuration = load_monitor(config)
        channels = channels_of(configuration.webhook, configuration.mail, lang.value)
    except (ConfigurationError, PassphraseRefused) as error:
        raise ArgumentRefused(str(error)) from error
    settings = configuration.monitor
    trusted = watched_trust(settings.trust)
    sources = trusted.sources(settings.sources)
    if not sources:
        raise ArgumentRefused(f"{Code.MIRROR_NO_SOURCE}: acredita trust pin FILE, or monitor.sources")
    settings.folder.mkdir(parents=True, exist_ok=True)

    def open_ledger(stack: ExitStack) -> tuple[Observations, Ledger]:
        return open_observations(stack, settings.folder / COPIES, trusted, settings.rpc or None, settings.chain)

    witness = _witness(configuration, trusted, sources, clock)
    watched = Monitor(
        settings.folder,
        trusted.trust,
        sources,
        open_ledger,
        channels,
        witness,
        clock,
        configuration.silent_seconds,
        settings.metrics,
    )
    return configuration, watched


def _witness(
    configuration: MonitorConfiguration,
    trusted: WatchedTrust,
    sources: list[MirrorSource],
    clock: Callable[[], int],
) -> Witness | None:
    settings = configuration.witness
    if settings.folder is None or settings.passphrase_file is None:
        return None
    key, signer = open_witness_key(settings.folder, settings.passphrase_file)
    return Witness(settings.folder, trusted.trust, sources, key, signer, clock)


def _serve(watched: Monitor, interval_seconds: int) -> None:
    """Take rounds until the process is asked to end; a round that has begun is ended first."""
    over = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        over.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    write_json_lines(sys.stderr)
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler = BackgroundScheduler(job_defaults=defaults, timezone=UTC)
    now = datetime.now(UTC)
    scheduler.add_job(_one_round, "interval", seconds=interval_seconds, args=[watched], next_run_time=now)
    scheduler.start()
    over.wait()
    scheduler.shutdown(wait=True)


def _one_round(watched: Monitor) -> None:
    try:
        taken = watched.round()
    except (FileRefused, OSError) as error:
        _log.error("monitoring failed", extra={"code": Code.MONITOR_INCOMPLETE, "detail": str(error)})
        return
    _log.info("round", extra={"block": taken.block, "alarms": len(taken.raised), "deliveries": taken.deliveries})


def _print(taken: MonitorRound, lang: Language, as_json: bool) -> None:
    if as_json:
        alarms = [alarm_document(raised) for raised in taken.raised]
        counts = {"block": taken.block, "deliveries": taken.deliveries, "whole": taken.is_whole}
        document = {"format": "acredita-monitor-report/1", **counts, "alarms": alarms}
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    typer.echo(said(f"alarms {len(taken.raised)}, deliveries {taken.deliveries}", lang))
    for raised in taken.raised:
        alarm = raised.alarm
        typer.echo(f"{alarm.code}: {sentence(alarm.code, lang.value)} ({alarm.where}: {said(alarm.detail, lang)})")
