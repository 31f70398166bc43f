"""The write path over a line that delays, hangs up, cuts answers short and delivers requests twice, by a seeded die."""

import json
import random
import threading
from collections import Counter
from typing import Any

import pytest
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.node.storage.database import Database
from acredita.node.write_path.anchor import anchor_pending
from acredita.node.write_path.batch_report import BatchStep

from tests.simulators.endpoint import Hangup, endpoint
from tests.simulators.installation import Installation, Issuer
from tests.simulators.institution import check_invariants, open_institution
from tests.waiting import PATIENCE_SECONDS

TIMEOUT_SECONDS = 2.0  # an answer that is slower on a busy machine counts as late, and the run is repeated
MANY_RUNS = 200
FAULTS = ("late", "lost request", "lost answer", "cut short", "twice", "gateway")
FAULT_RATE = 0.06  # a run asks some thirty questions and needs an answer to each
BATCHES = 4


class BadLine:
    """Passes requests on to the chain, most of the time."""

    def __init__(self, installation: Installation, seed: int) -> None:
        self._installation = installation
        self._die = random.Random(seed)
        self.rolled: Counter[str] = Counter()
        self.over = threading.Event()

    def __call__(self, request: dict[str, Any]) -> tuple[int, bytes]:
        fate = self._die.choice(FAULTS) if self._die.random() < FAULT_RATE else "deliver"
        self.rolled[fate] += 1
        if fate == "lost request":
            raise Hangup
        if fate == "gateway":
            return 502, b"bad gateway"
        body = json.dumps(self._installation.rpc.handle(request)).encode()
        if fate == "twice":
            body = json.dumps(self._installation.rpc.handle(request)).encode()
        if fate == "late":
            self.over.wait(PATIENCE_SECONDS)
        if fate == "lost answer":
            raise Hangup
        return 200, body[: len(body) // 2] if fate == "cut short" else body


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_bad_line_delays_and_does_no_harm(
    installation: Installation, ut: Issuer, database: Database, seed: int
) -> None:
    institution = open_institution(installation, ut, database)
    line = BadLine(installation, seed)
    with endpoint(line) as url:
        hampered = institution.on(ledger=RpcLedger.over_http(url, timeout=TIMEOUT_SECONDS))
        digests = []
        for number in range(BATCHES):
            digests += institution.issue(2 * number, 2 * number + 1)
            institution.change(EntryKind.REVOKED, number)
            assert any(_run(hampered)[-1:] == [BatchStep.IDLE] for _ in range(MANY_RUNS))
        line.over.set()
    assert len(line.rolled) > len(FAULTS) / 2
    check_invariants(institution, digests, BATCHES)


def _run(institution: Any) -> list[BatchStep]:
    try:
        return [report.step for report in anchor_pending(institution.writer, force=True)]
    except LedgerUnavailable:
        return []
