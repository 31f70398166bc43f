"""Look at each endpoint of the ledger from time to time, and keep what it said of itself for `/readyz` and the metrics.

Invariant: no request waits for an endpoint that does not answer, because looks are taken in a job. Endpoints have the numbers
of their places in `ledger.rpc`, from 1; their addresses are told to nobody.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from acredita.anchoring.endpoint_condition import EndpointCondition, condition_of
from acredita.anchoring.ledger import Ledger
from acredita.anchoring.quorum import endpoints_of
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import Address


@dataclass(frozen=True, slots=True)
class EndpointLook:
    """Conditions of all endpoints at one time, Unix seconds. `named`: the validators of the trust file, if it has any."""

    time: int
    conditions: tuple[EndpointCondition, ...]
    named: frozenset[Address] | None

    def agrees(self, condition: EndpointCondition) -> bool | None:
        """Decide whether an endpoint sees the validators that the trust file names; None where one of them is not told."""
        if condition.validators is None or self.named is None:
            return None
        return condition.validators == self.named

    def documents(self) -> list[dict[str, object]]:
        """Return one JSON object an endpoint; what it does not tell is null."""
        return [
            {
                "endpoint": number,
                "state": condition.fault or "ok",
                "head": condition.head,
                "syncing": condition.syncing,
                "peers": condition.peers,
                "validators": None if condition.validators is None else len(condition.validators),
                "validators_as_named": self.agrees(condition),
                "as_of": time_text(self.time),
            }
            for number, condition in enumerate(self.conditions, 1)
        ]


class EndpointWatch:
    """The newest look at the endpoints of a ledger. `named`: the validators in force by the trust file; None without any."""

    def __init__(self, ledger: Ledger, named: Sequence[Address] | None, clock: Callable[[], int]) -> None:
        self._endpoints = endpoints_of(ledger) or (ledger,)
        self._named = None if named is None else frozenset(named)
        self._clock = clock
        self._look: EndpointLook | None = None
        self._lock = threading.Lock()

    @property
    def newest(self) -> EndpointLook | None:
        """The newest look, None before the first."""
        with self._lock:
            return self._look

    def look(self) -> EndpointLook:
        """Ask every endpoint about itself, all at the same time, and keep the answers."""
        with ThreadPoolExecutor(len(self._endpoints), thread_name_prefix="endpoint") as pool:
            conditions = tuple(pool.map(condition_of, self._endpoints))
        look = EndpointLook(self._clock(), conditions, self._named)
        with self._lock:
            self._look = look
        return look
