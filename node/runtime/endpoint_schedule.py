"""Look at the endpoints of the ledger on a schedule, and log once what changes about one of them.

A job asks each endpoint every ten seconds; while it is at work it is not started again.
"""

import logging
from datetime import UTC, datetime
from typing import Final

from acredita.node.ledger.endpoint_watch import EndpointLook, EndpointWatch
from acredita.registry.codes import Code
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]

_log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 10.0


class EndpointSchedule:
    """Looks at the endpoints until it is stopped. `watch` None: there is no ledger."""

    def __init__(self, watch: EndpointWatch | None, seconds: float = LOOK_SECONDS) -> None:
        self._watch = watch
        self._seconds = seconds
        self._logged: dict[int, str | None] = {}
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._scheduler = BackgroundScheduler(job_defaults=defaults, timezone=UTC)

    def start(self) -> None:
        """Start the job."""
        if self._watch is not None:
            now = datetime.now(UTC)
            self._scheduler.add_job(
                self.run_once, "interval", seconds=self._seconds, args=[self._watch], next_run_time=now
            )
        self._scheduler.start()

    def stop(self) -> None:
        """Stop the job, and return when a look that had begun is over."""
        self._scheduler.shutdown(wait=True)

    def run_once(self, watch: EndpointWatch) -> None:
        """Take one look, now, in this thread."""
        try:
            look = watch.look()
        # The outermost loop of a worker: a fault of ours must be seen, and must not end the job.
        except Exception:  # noqa: BLE001
            _log.exception("the look at the endpoints failed", extra={"code": Code.INTERNAL_ERROR})
            return
        for number, code in enumerate(_faults(look), 1):
            if code is not None and code != self._logged.get(number):
                _log.warning("an endpoint of the ledger needs a look", extra={"code": code, "number": number})
            self._logged[number] = code


def _faults(look: EndpointLook) -> list[str | None]:
    """Return for each endpoint the code of what is wrong with it: no answer, lag, or other validators than are named."""
    codes: list[str | None] = []
    for condition in look.conditions:
        if condition.fault is not None:
            codes.append(condition.fault)
        elif condition.syncing:
            codes.append(Code.LEDGER_BEHIND)
        else:
            codes.append(Code.VALIDATORS_UNKNOWN if look.agrees(condition) is False else None)
    return codes
