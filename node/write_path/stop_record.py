"""Record why an institution's queue does not advance, and clear the record once the cause is gone."""

from acredita.anchoring.ledger import GenesisChangedError, LedgerStopError, LogAheadError, NonceForeignError
from acredita.anchoring.types import Address
from acredita.contracts.bindings import ContractRefused
from acredita.node.index.ancestor import LedgerForkedError
from acredita.node.storage import institutions, queue, trail
from acredita.node.storage.institutions import Stop
from acredita.node.storage.queue import Backlog
from acredita.node.storage.trail import Action
from acredita.node.write_path.batch_report import BatchReport, BatchStep
from acredita.node.write_path.log_on_chain import LogOnChain
from acredita.node.write_path.log_record import LogRecord
from acredita.node.write_path.nonce import own_nonce
from sqlalchemy import Connection

TOO_SOON = "CHECKPOINT_TIME"  # the next block is not younger than the last checkpoint yet
_CHECKED_BY_EVERY_RUN = (
    GenesisChangedError.code,
    LogAheadError.code,
    LedgerForkedError.code,
)  # a completed run proves that they are gone


def record_stop(connection: Connection, record: LogRecord, stop: LedgerStopError | ContractRefused) -> None:
    """Record a stop in the caller's transaction; a new one also in the audit trail."""
    now = record.clock()
    if institutions.record_stop(connection, record.issuer, stop, now=now):
        trail.record(connection, record.issuer, trail.NODE, Action.STOPPED, now=now, code=stop.code)


def clear_stop_after(record: LogRecord, chain: LogOnChain, account: Address, report: BatchReport) -> None:
    """Clear a recorded stop if this run shows that its cause is gone."""
    with record.read() as connection:
        known = institutions.institution(connection, record.issuer)
        if known is None or known.stop is None or report.step is BatchStep.BLOCKED:
            return
        backlog = queue.backlog(connection, record.issuer)
    if report.step is BatchStep.IDLE and known.stop.code == NonceForeignError.code:
        own_nonce(record, chain, account)  # nothing is due, so nothing else reads it
    elif not _is_over(known.stop, report, backlog):
        return
    with record.write() as connection:
        institutions.clear_stop(connection, record.issuer)


def _is_over(stop: Stop, report: BatchReport, backlog: Backlog) -> bool:
    """Decide whether a recorded stop may be cleared.

    A run that did not reach the failing step proves nothing and clears nothing.
    """
    if stop.code in _CHECKED_BY_EVERY_RUN:
        return True
    if report.step is not BatchStep.IDLE:
        return report.reason is None or report.reason.code != TOO_SOON
    return backlog.issued + backlog.status == 0  # the contract is in the way of nothing
