"""The alarm about a change of status that waits for the chain, in the metrics of a node on either engine."""

import pytest
from acredita.anchoring.entries import EntryKind
from acredita.node.http.metrics import Metrics
from acredita.node.storage.database import Database
from acredita.node.write_path.anchor import anchor_pending
from acredita.node.write_path.progress import LATE_SECONDS, read_progress

from tests.simulators.installation import Installation, Issuer
from tests.simulators.institution import SimulatedInstitution, open_institution


@pytest.fixture
def institution(database: Database, installation: Installation, ut: Issuer) -> SimulatedInstitution:
    return open_institution(installation, ut, database)


def test_an_alarm_begins_after_five_minutes_and_ends_with_the_anchor(
    institution: SimulatedInstitution, installation: Installation
) -> None:
    metrics = Metrics(institution.writer.database, installation.clock)
    name = f'acredita_anchoring_late{{issuer="{institution.writer.issuer.hex()}"}}'

    def late() -> float:
        [line] = [line for line in metrics.text().decode().splitlines() if line.startswith(name)]
        return float(line.split()[-1])

    institution.issue(1)
    installation.clock.now += LATE_SECONDS + 1
    assert late() == 0.0, "an issued entry may wait for its batch"
    institution.change(EntryKind.REVOKED, 7)
    installation.clock.now += LATE_SECONDS
    assert late() == 0.0
    installation.clock.now += 1
    assert late() == 1.0
    [progress] = read_progress(institution.writer.database, installation.clock())
    assert progress.backlog.status == 1
    anchor_pending(institution.writer, force=True)
    assert late() == 0.0
