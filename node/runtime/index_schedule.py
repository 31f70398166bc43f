"""Keep the index of the ledger at its head, on a schedule.

A job looks at the newest block every second or so; while it is at work it is not started again. Several processes on one
database may run it: the holder of the lease advances, the others leave it to that process. An error is logged once while
it lasts, and the next look tries again.
"""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from acredita.node.index.follower import IndexFollower, IndexRun, IndexStep
from acredita.node.runtime.open_node import NodeIncompleteError, RunningNode
from acredita.node.storage.database import LeaseLostError, StorageUnavailable
from acredita.node.storage.leases import Leases
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.facts import Missing
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]

_log = logging.getLogger(__name__)

BUSY_SECONDS: Final = 0.2
MAX_BUSY_TRIES: Final = 150  # half a minute; a running node holds the lease only while it takes a step


def index_follower(node: RunningNode) -> IndexFollower:
    """Return the follower of a node's ledger. Raises NodeIncompleteError without a trust file."""
    if isinstance(node.trust, Missing):
        raise NodeIncompleteError(f"{node.trust.code}: {node.trust.detail}")
    settings = node.configuration
    leases = Leases(node.database, settings.node.instance, stale_seconds=settings.anchoring.lease_seconds)
    return IndexFollower(node.database, leases, node.reading_ledger, node.trust, node.clock)


def rebuild_index(follower: IndexFollower, sleep: Callable[[float], None] = time.sleep) -> IndexRun:
    """Build the whole index anew, as soon as no other process is at work on it."""
    run = follower.rebuild()
    for _ in range(MAX_BUSY_TRIES):
        if run.step is not IndexStep.BUSY:
            return run
        sleep(BUSY_SECONDS)
        run = follower.rebuild()
    return run


class IndexSchedule:
    """Follows the ledger until it is stopped. `follower` None: there is no ledger to follow.

    `at_head`: called after each step that ended at the head, to prepare what requests will ask for.
    """

    def __init__(
        self, follower: IndexFollower | None, poll_seconds: float, at_head: Callable[[], None] = lambda: None
    ) -> None:
        self._follower = follower
        self._at_head = at_head
        self._poll_seconds = poll_seconds
        self._logged: str | None = None
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._scheduler = BackgroundScheduler(job_defaults=defaults, timezone=UTC)

    def start(self) -> None:
        """Start the job."""
        if self._follower is not None:
            now = datetime.now(UTC)
            self._scheduler.add_job(
                self.run_once, "interval", seconds=self._poll_seconds, args=[self._follower], next_run_time=now
            )
        self._scheduler.start()

    def stop(self) -> None:
        """Stop the job, and return when a run that had begun is over."""
        self._scheduler.shutdown(wait=True)

    def run_once(self, follower: IndexFollower) -> str | None:
        """Take one step, now, in this thread. Return the code of the error that ended it, if one did."""
        code = _run(follower, self._at_head)
        if code is not None and code != self._logged:
            _log.warning("the index does not advance", extra={"code": code})
        self._logged = code
        return code


def _run(follower: IndexFollower, at_head: Callable[[], None]) -> str | None:
    try:
        fault = follower.advance().fault
        if fault is None:
            at_head()
    except (StorageUnavailable, LeaseLostError) as error:
        return error.code
    # The outermost loop of a worker: a fault of ours must be seen, and must not end the job.
    except Exception:  # noqa: BLE001
        _log.exception("the index failed", extra={"code": Code.INTERNAL_ERROR})
        return Code.INTERNAL_ERROR
    return None if fault is None else fault.code
