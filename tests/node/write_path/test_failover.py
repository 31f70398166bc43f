"""The database's primary dies when signed bytes are stored and about to be sent, and its standby takes over.

A synchronous standby has the bytes: the run goes on with the same ones. An asynchronous one may lack them: the run stops, or
begins anew where nothing was sent. Nothing is doubled in any case. The node is one process with one pool throughout, but
where it is started again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.ledger import Ledger, LedgerUnavailable, LogAheadError, NonceForeignError
from acredita.anchoring.types import TxHash
from acredita.node.storage import institutions, transactions
from acredita.node.storage.database import Database, StorageUnavailable
from acredita.node.write_path.anchor import anchor_pending
from acredita.node.write_path.batch_report import BatchStep

from tests.simulators.installation import Installation, Issuer
from tests.simulators.institution import SimulatedInstitution, check_invariants, open_institution
from tests.simulators.ledger import WrappedLedger
from tests.simulators.postgres import FIRST_PORT, Server, servers

pytestmark = pytest.mark.slow
SECOND_PORT = FIRST_PORT + 1
FIRST, LATER = (1, 2, 3), (4, 5)


class Recording(WrappedLedger):
    """The ledger it wraps; it keeps the bytes that were sent, and lets something happen at the first sending."""

    def __init__(self, ledger: Ledger, at_sending: Callable[[], None], *, arrives: bool) -> None:
        super().__init__(ledger)
        self.sent: list[bytes] = []
        self._at_sending = at_sending
        self._arrives = arrives

    def send_raw(self, raw: bytes) -> TxHash:
        self.sent.append(raw)
        if len(self.sent) > 1:
            return self.ledger.send_raw(raw)
        self._at_sending()
        if self._arrives:
            self.ledger.send_raw(raw)
        raise LedgerUnavailable("simulated: the answer was lost")


@dataclass
class Failover:
    """A primary with its standby, and a node whose URL names both."""

    primary: Server
    standby: Server
    installation: Installation
    issuer: Issuer
    database: Database = field(init=False)
    is_synchronous: bool = True

    def begin(self) -> SimulatedInstitution:
        """Open the node and bring what the first batch needs onto both servers."""
        hosts = f"host={self.primary.folder},{self.primary.folder}&port={FIRST_PORT},{SECOND_PORT}"
        self.database = Database.open(f"postgresql+psycopg://acredita@/acredita?{hosts}")
        return open_institution(self.installation, self.issuer, self.database)

    def lose(self) -> None:
        """Kill the primary and promote the standby."""
        self.primary.kill()
        if not self.is_synchronous:
            self.standby.start()
        self.standby.promote()

    def fall_behind(self) -> None:
        """Stop the standby, so that it lacks every later commit."""
        self.standby.stop()


@pytest.fixture
def failover(installation: Installation, ut: Issuer) -> Iterator[Failover]:
    with servers() as primary:
        Database.create(primary.url()).close()
        one = Failover(primary, primary.standby(SECOND_PORT), installation, ut)
        yield one
        one.database.close()
        installation.senders.clear()


def settle(institution: SimulatedInstitution) -> list[BatchStep]:
    steps: list[BatchStep] = []
    while steps[-1:] != [BatchStep.IDLE]:
        steps += [report.step for report in anchor_pending(institution.writer, force=True)]
    return steps


def flights(failover: Failover) -> list[bytes]:
    with failover.database.read() as connection:
        return [one.transaction.raw for one in transactions.unsettled(connection, failover.issuer.id)]


@pytest.mark.parametrize(("arrives", "is_restarted"), [(False, False), (True, False), (True, True)])
def test_a_synchronous_standby_goes_on_with_the_same_bytes(
    failover: Failover, arrives: bool, is_restarted: bool
) -> None:
    failover.primary.set("synchronous_standby_names", "*")
    institution = failover.begin()
    digests = institution.issue(*FIRST)
    institution.change(EntryKind.REVOKED, 1)
    ledger = Recording(failover.installation.ledger, failover.lose, arrives=arrives)
    with pytest.raises((LedgerUnavailable, StorageUnavailable)):
        anchor_pending(institution.on(ledger=ledger).writer, force=True)
    assert flights(failover) == ledger.sent
    if is_restarted:
        failover.database.close()
        institution = failover.begin()
    assert settle(institution.on(ledger=ledger)) == [BatchStep.ANCHORED, BatchStep.IDLE]
    assert set(ledger.sent) == {ledger.sent[0]}
    check_invariants(institution, digests, changes=1)


def test_an_asynchronous_standby_that_lacks_an_anchored_batch_stops(failover: Failover) -> None:
    failover.is_synchronous = False
    institution = failover.begin()
    institution.issue(*FIRST)
    failover.fall_behind()
    ledger = Recording(failover.installation.ledger, failover.lose, arrives=True)
    with pytest.raises((LedgerUnavailable, StorageUnavailable)):
        anchor_pending(institution.on(ledger=ledger).writer, force=True)
    assert flights(failover) == []
    for _ in range(2):
        with pytest.raises(LogAheadError):
            anchor_pending(institution.on(ledger=ledger).writer, force=True)
    assert len(ledger.sent) == 1
    with failover.database.read() as connection:
        registered = institutions.institution(connection, failover.issuer.id)
    assert registered is not None
    assert registered.stop is not None
    assert registered.stop.code == LogAheadError.code


def test_an_asynchronous_standby_that_lacks_a_batch_never_sent_begins_anew(failover: Failover) -> None:
    failover.is_synchronous = False
    institution = failover.begin()
    digests = institution.issue(*FIRST)
    failover.fall_behind()
    ledger = Recording(failover.installation.ledger, failover.lose, arrives=False)
    with pytest.raises((LedgerUnavailable, StorageUnavailable)):
        anchor_pending(institution.on(ledger=ledger).writer, force=True)
    digests += institution.issue(*LATER)
    assert settle(institution.on(ledger=ledger)) == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(institution, digests)


def test_lost_bytes_that_arrive_late_stop_the_run(failover: Failover) -> None:
    """Let the bytes that no server remembers take the nonce of those that were signed anew."""
    failover.is_synchronous = False
    institution = failover.begin()
    institution.issue(*FIRST)
    failover.fall_behind()
    ledger = Recording(failover.installation.ledger, failover.lose, arrives=False)
    with pytest.raises((LedgerUnavailable, StorageUnavailable)):
        anchor_pending(institution.on(ledger=ledger).writer, force=True)
    institution.issue(*LATER)
    lost = ledger.sent[0]
    late = Recording(failover.installation.ledger, lambda: arrive(failover, lost), arrives=False)
    with pytest.raises((LedgerUnavailable, NonceForeignError)):
        anchor_pending(institution.on(ledger=late).writer, force=True)
    with pytest.raises(NonceForeignError):
        anchor_pending(institution.on(ledger=late).writer, force=True)


def arrive(failover: Failover, raw: bytes) -> None:
    failover.installation.ledger.send_raw(raw)
