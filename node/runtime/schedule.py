"""Run the write path on a schedule: a job for each institution looks at its queue every few seconds.

A job that is still at work when its time comes round is left alone, and institutions wait for nobody but themselves.
Size and age decide inside the write path; a job only looks. The result of a run goes to the observer, which
keeps metrics; an error that asks for patience is logged and the next run tries again.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from acredita.anchoring.ledger import LedgerStopError, LedgerUnavailable
from acredita.anchoring.types import IssuerId
from acredita.node.storage.database import LeaseLostError, StorageUnavailable
from acredita.node.storage.queue import backlog
from acredita.node.write_path.anchor import anchor_pending
from acredita.node.write_path.batch_report import BatchReport
from acredita.node.write_path.progress import late_since
from acredita.node.write_path.writer import Writer
from acredita.registry.codes import Code
from apscheduler.executors.pool import ThreadPoolExecutor  # type: ignore[import-untyped]
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]

_log = logging.getLogger(__name__)

UNEXPECTED: Final = Code.INTERNAL_ERROR
MAX_WRITERS: Final = 32  # institutions at work at the same time; others wait for a free thread


@dataclass(frozen=True, slots=True)
class LastRun:
    """The end of an institution's last run: its reports, or the code of the error that ended it."""

    reports: tuple[BatchReport, ...]
    error: str | None


RunObserver = Callable[[IssuerId, LastRun], None]


class AnchoringSchedule:
    """Runs the write path of several institutions until it is stopped."""

    def __init__(self, writers: Sequence[Writer], poll_seconds: float, observe: RunObserver | None = None) -> None:
        self._writers = tuple(writers)
        self._poll_seconds = poll_seconds
        self._observe = observe
        self._late: set[IssuerId] = set()
        pool = ThreadPoolExecutor(max(1, min(len(self._writers), MAX_WRITERS)))
        # Whole seconds of the wall clock play no part: a job missed by any time runs once, at once.
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._scheduler = BackgroundScheduler(executors={"default": pool}, job_defaults=defaults, timezone=UTC)

    def start(self) -> None:
        """Start a job for each institution."""
        for writer in self._writers:
            self._scheduler.add_job(
                self.run_once,
                "interval",
                seconds=self._poll_seconds,
                args=[writer],
                id=writer.issuer.hex(),
                next_run_time=datetime.now(UTC),
            )
        self._scheduler.start()

    def stop(self) -> None:
        """Stop the jobs, and return when every run that had begun is over."""
        self._scheduler.shutdown(wait=True)

    def run_once(self, writer: Writer, *, force: bool = False) -> LastRun:
        """Run once, now, in this thread."""
        last = _run(writer, force)
        self._raise_alarm(writer)
        if self._observe is not None:
            self._observe(writer.issuer, last)
        return last

    def _raise_alarm(self, writer: Writer) -> None:
        """Log once that status changes have waited too long for the chain, and again after they were anchored."""
        try:
            with writer.database.read() as connection:
                waiting = backlog(connection, writer.issuer)
        except StorageUnavailable:
            return  # the run itself has logged it
        since = late_since(waiting, writer.clock())
        if since is None:
            self._late.discard(writer.issuer)
        elif writer.issuer not in self._late:
            self._late.add(writer.issuer)
            extra = {"issuer": writer.issuer.hex(), "code": Code.ANCHORING_LATE, "waiting": waiting.status}
            _log.error("anchoring is late", extra=extra)


def _run(writer: Writer, force: bool) -> LastRun:
    try:
        return LastRun(tuple(anchor_pending(writer, force=force)), None)
    except LedgerStopError as stop:
        _log.error("anchoring stopped", extra={"issuer": writer.issuer.hex(), "code": stop.code})
        return LastRun((), stop.code)
    except (LedgerUnavailable, StorageUnavailable, LeaseLostError) as error:
        _log.warning("anchoring waits", extra={"issuer": writer.issuer.hex(), "code": error.code})
        return LastRun((), error.code)
    # The outermost loop of a worker: one institution's fault must not end the others' jobs, and must be seen.
    except Exception:  # noqa: BLE001
        _log.exception("anchoring failed", extra={"issuer": writer.issuer.hex(), "code": UNEXPECTED})
        return LastRun((), UNEXPECTED)
