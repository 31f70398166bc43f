"""Remind the operator, in the log and once a day, that the trust file ends within two weeks.

The node replaces nothing by itself: which trust file counts is its operator's decision.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from acredita.anchoring.receipts import time_text
from acredita.node.publication.trust_folder import RENEWAL
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.verification.case import ends_soon
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]

_log = logging.getLogger(__name__)

REMIND_HOURS: Final = 24


class TrustReminder:
    """Looks at the end of a trust file at the start and then once a day, until it is stopped."""

    def __init__(self, trust: Trust | Missing, clock: Callable[[], int]) -> None:
        self._trust, self._clock = trust, clock
        self._scheduler = BackgroundScheduler(timezone=UTC)

    def start(self) -> None:
        """Start the job."""
        self._scheduler.add_job(self.remind, "interval", hours=REMIND_HOURS, next_run_time=datetime.now(UTC))
        self._scheduler.start()

    def stop(self) -> None:
        """Stop the job."""
        self._scheduler.shutdown(wait=True)

    def remind(self) -> bool:
        """Log that the trust file ends, and by which command a newer one comes. Returns False while it is not due."""
        if isinstance(self._trust, Missing) or not ends_soon(self._trust, self._clock()):
            return False
        _log.warning(
            "the trust file ends: put the newest one in its place and start the node again",
            extra={"code": Code.TRUST_ENDS_SOON, "expires": time_text(self._trust.expires), "command": RENEWAL},
        )
        return True
