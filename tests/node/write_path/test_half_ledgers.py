"""The write path over ledgers that are half there: it waits, and never stops, doubles or gives up for what is left out.

The endpoints lag, leave out, repeat, reorder or do not answer (`tests/simulators/half_endpoint.py`). Whatever they answer,
a run ends or could not tell; when the ledger is whole again everything is anchored once.
"""

import json
from random import Random
from typing import Any

import pytest
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.types import Digest
from acredita.node.storage import stored_checkpoints
from acredita.node.storage.database import Database
from acredita.node.write_path.anchor import anchor_pending
from acredita.node.write_path.batch_report import BatchStep

from tests.node.write_path.test_epochs import codes_aside, open_epoch, settle
from tests.simulators.half_endpoint import HalfProvider, drawn_manners
from tests.simulators.installation import Installation, Issuer
from tests.simulators.institution import SimulatedInstitution, check_invariants, check_released, open_institution

RUNS = 40


@pytest.fixture
def institution(installation: Installation, ut: Issuer, database: Database) -> SimulatedInstitution:
    return open_institution(installation, ut, database)


def answer_of(installation: Installation, method: str, params: list[Any]) -> dict[str, Any]:
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    answer: dict[str, Any] = json.loads(json.dumps(installation.rpc.handle(request)))
    return answer


def newest_number(institution: SimulatedInstitution) -> int:
    with institution.writer.database.read() as connection:
        newest = stored_checkpoints.newest_confirmed(connection, institution.writer.issuer)
    assert newest is not None
    return newest.checkpoint.number


def run_over_half_ledgers(institution: SimulatedInstitution, seeds: range) -> tuple[list[Digest], int]:
    """Run once over each seed's endpoint, issuing now and then. Return the digests and how often it could not tell."""
    installation = institution.installation
    assert isinstance(installation, Installation)
    issued, could_not_tell = [], 0
    for seed in seeds:
        if seed % 10 == 5:
            issued += institution.issue(seed)
        manners = drawn_manners(Random(seed), None, makes_sense=False)
        half = RpcLedger(HalfProvider(lambda method, params: answer_of(installation, method, params), manners))
        try:
            anchor_pending(institution.on(ledger=half).writer, force=True)
        except LedgerUnavailable:
            could_not_tell += 1
    return issued, could_not_tell


def test_half_ledgers_stop_and_double_nothing(institution: SimulatedInstitution) -> None:
    old, could_not_tell = run_over_half_ledgers(institution, range(RUNS))
    assert 0 < could_not_tell < RUNS
    assert settle(institution)[-1] is BatchStep.IDLE
    check_invariants(institution, old)

    open_epoch(institution, newest_number(institution))
    new, could_not_tell = run_over_half_ledgers(institution, range(RUNS, 2 * RUNS))
    assert 0 < could_not_tell < RUNS
    assert settle(institution)[-1] is BatchStep.IDLE
    check_released(institution, old, epoch=1)
    check_invariants(institution, new)
    assert codes_aside(institution) == []
