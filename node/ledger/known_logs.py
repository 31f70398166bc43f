"""Keep the logs that were read, so that a log is read from its source once and then extended by what later heads add.

An issuer's log outlives its block: it is kept with its newest checkpoint, which binds every entry before it. Missing entries
are asked for again each time, because they may arrive while the chain stands still.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from acredita.anchoring.types import IssuerId
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.issuer_log import IssuerLog, continues
from acredita.registry.ledger_facts.log_chain import LogChain

KEPT_LOGS: Final = 64  # issuers whose logs are in memory; of a folder or a host some 400 bytes an entry
KEPT_HEADS: Final = 2  # of each: requests that began before the newest block still ask for the log at the one before

ReadLog = Callable[[IssuerLog | None], IssuerLog | Missing]
"""Extends an earlier log to a chain's head, or reads the whole log where there is no earlier one."""


class KnownLogs:
    """The logs that were read, of each issuer the newest ones; a bounded number of issuers.

    A log is read from its source once, and then extended by what each later head adds.
    """

    def __init__(self) -> None:
        self._logs: OrderedDict[IssuerId, list[IssuerLog]] = OrderedDict()
        self._reading: dict[IssuerId, threading.Lock] = {}
        self._lock = threading.Lock()

    def at(self, issuer: IssuerId, chain: LogChain, read: ReadLog) -> IssuerLog | Missing:
        """Return the log at a chain's head. `read` extends the newest log before it, or reads all where there is none.

        Requests for the log of one issuer wait for each other, so that it is read once. A log that was never anchored is
        not kept: a stranger's credential may name any issuer.
        """
        if not any(epoch.last.number for epoch in chain.epochs):
            return read(None)
        with self._lock:
            reading = self._reading.setdefault(issuer, threading.Lock())
        with reading:
            known = self._kept(issuer)
            for log in known:
                if log.chain.newest == chain.newest and log.chain.head.epoch == chain.head.epoch:
                    return log
            earlier = next((log for log in known if continues(log.chain, chain)), None)
            log_at_head = read(earlier)
            if isinstance(log_at_head, Missing):
                return log_at_head
            if not known or known[0].chain.newest.time <= chain.newest.time:  # one of the past is not asked for again
                self._keep(issuer, [log_at_head, *known[: KEPT_HEADS - 1]])
            return log_at_head

    def _kept(self, issuer: IssuerId) -> list[IssuerLog]:
        with self._lock:
            if issuer in self._logs:
                self._logs.move_to_end(issuer)
            return self._logs.get(issuer, [])

    def _keep(self, issuer: IssuerId, logs: list[IssuerLog]) -> None:
        with self._lock:
            self._logs[issuer] = logs
            if len(self._logs) > KEPT_LOGS:
                self._logs.popitem(last=False)
