"""Look at what the registry says of each institution of this node: asked for `/readyz`, and kept for the metrics.

Invariant: the metrics ask no ledger. They give the newest look, which `/readyz` and the job that follows the ledger take.
"""

import threading
from collections.abc import Callable, Iterable, Mapping

from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import IssuerId
from acredita.registry.ledger_facts.accreditation import AccreditationNow, accreditation_of
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.observer import Observer
from acredita.registry.verification.case import head_age_fault

Accreditations = Mapping[IssuerId, AccreditationNow | Missing]


def trusted_head(observer: Observer | Missing, clock: int) -> Observer | Missing:
    """Return the observer, or Missing where its newest block is too old to say what holds now. `clock`: Unix seconds."""
    if isinstance(observer, Missing):
        return observer
    fault = head_age_fault(observer.block.time, clock, observer.stalled_after)
    if fault is None:
        return observer
    return Missing(fault, f"the newest block is of {time_text(observer.block.time)}")


def accreditation_or_missing(observer: Observer | Missing, issuer: IssuerId, clock: int) -> AccreditationNow | Missing:
    """Return an institution's accreditation now, or why the ledger could not tell."""
    trusted = trusted_head(observer, clock)
    if isinstance(trusted, Missing):
        return trusted
    try:
        return accreditation_of(trusted, issuer, clock)
    except LedgerUnavailable as error:
        return Missing.of(error)


class AccreditationWatch:
    """The newest look at the registry's word on each institution."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._newest: Accreditations = {}
        self._lock = threading.Lock()

    @property
    def newest(self) -> Accreditations:
        """The newest look; empty before the first."""
        with self._lock:
            return self._newest

    def look(self, observer: Observer | Missing, issuers: Iterable[IssuerId]) -> Accreditations:
        """Ask about each institution, and keep the answers."""
        now = self._clock()
        look = {issuer: accreditation_or_missing(observer, issuer, now) for issuer in issuers}
        with self._lock:
            self._newest = look
        return look
