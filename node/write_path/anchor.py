"""Anchor queued entries: from the queue to the release of the anchored items, in one function.

take queued → append provisional entries → publish status → build checkpoint → ask the contract → sign → persist → send →
confirm at depth → receipts → release.

Invariants: a run that follows a crash is the same function, and the state in the database decides where it continues. A
credential is released only when its entry, its confirmed checkpoint and its receipt are on disk, which is one transaction.
While the outcome of a transaction is unknown nothing is cut and nothing else is sent.

Errors that leave `anchor_batch`: LedgerUnavailable and StorageUnavailable (call again later), LedgerStopError (an operator
decides), LeaseLostError (another process writes). A refusal by the contract is a result, not an error.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Final

from acredita.anchoring.checkpoint import CheckpointKind
from acredita.anchoring.ledger import LedgerStopError
from acredita.anchoring.transaction import Patience, Settled, TransactionSigner, resend, sign
from acredita.contracts.abi import Call
from acredita.contracts.bindings import ContractRefused
from acredita.node.storage import stored_checkpoints, trail, transactions
from acredita.node.storage.database import Lease
from acredita.node.storage.leases import renew
from acredita.node.storage.refused import refuse_issued
from acredita.node.storage.stored_checkpoints import CheckpointState
from acredita.node.storage.trail import Action
from acredita.node.storage.transactions import Flight, TransactionState
from acredita.node.write_path.batch_report import BatchReport, BatchStep
from acredita.node.write_path.catch_up import catch_up
from acredita.node.write_path.confirm import SettledTransaction, confirm
from acredita.node.write_path.draft import Draft, cut_draft, take_draft
from acredita.node.write_path.log_on_chain import LogOnChain
from acredita.node.write_path.log_record import LogRecord
from acredita.node.write_path.nonce import own_nonce
from acredita.node.write_path.refusal import refusal
from acredita.node.write_path.release import release
from acredita.node.write_path.stop_record import TOO_SOON, clear_stop_after, record_stop
from acredita.node.write_path.writer import Writer
from acredita.registry.codes import Code
from sqlalchemy import Connection

_log = logging.getLogger(__name__)

# 105k with two accreditors, 64 path hashes of 1.2k, and room for a client that meters otherwise. Gas is free.
ANCHOR_GAS: Final = 500_000
_GO_ON: Final = (BatchStep.ANCHORED, BatchStep.REFUSED, BatchStep.VOID)  # after these the next batch may be due


def anchor_pending(writer: Writer, *, force: bool = False) -> list[BatchReport]:
    """Run batches until nothing is due or the next one has to wait.

    `force`: without waiting for size or age; somebody waits for the result, so a block that must be younger is waited for.
    """
    writer = writer.for_run()
    with writer.leases.held(writer.issuer) as lease:
        if lease is None:
            return [BatchReport(BatchStep.BUSY)]
        reports: list[BatchReport] = []
        while not reports or reports[-1].step in _GO_ON:
            reports.append(_anchor_noting_stops(writer, lease, force))
        return reports


def anchor_batch(writer: Writer, lease: Lease, *, force: bool = False) -> BatchReport:
    """Anchor one batch, or finish one that an earlier run began."""
    record, chain, account = writer.record(lease), writer.chain, writer.signer

    # Our chain, our contract, nothing undone by a reorganisation, no checkpoint that we do not know. A crash within
    # leaves whole transactions, and `catch_up` of the next run does the rest.
    newest = catch_up(record, chain, account.address)

    flight = _next_flight(record)
    if flight is None:
        # A crash after it leaves a draft that nobody has seen: `take_draft` of the next run cuts it and drafts again.
        draft = take_draft(record, writer.status_memory, writer.policy, newest, force=force)
        if draft is None:
            return BatchReport(BatchStep.IDLE)

        # Published lists run ahead of the chain, never behind. A crash after this line leaves them ahead, and
        # `take_draft` of the next run drafts the same status changes again.
        writer.publisher.publish(writer.issuer, draft.published)

        # The contract is asked before anything is signed: a draft that it refuses here was never sent. A refusal that
        # the registry's state does not explain is no answer, and leaves the draft to `take_draft` of the next run.
        call = draft.call(chain.contract)
        ask = partial(refusal, record, chain, account.address, call, writer.registry)
        if (refused := _in_a_later_second(record, ask, writer.policy.patience) if force else ask()) is not None:
            return _note_refused(record, draft, refused)

        # POINT OF NO RETURN 1: from here these bytes, and no others, are sent until the chain has settled them. A crash
        # before it leaves a draft, which `take_draft` cuts; after it, a flight, which `_next_flight` finds.
        flight = _sign_and_persist(record, chain, account, draft, call)

    # A crash from here to point 2 leaves the flight, and the next run sends the same bytes again. A chain accepts them
    # once, because it takes each nonce once. Nothing is written while we wait.
    words = resend(chain.ledger, flight.transaction)
    settled = confirm(record, chain, flight, writer.policy.patience)
    if settled is None:
        return BatchReport(BatchStep.WAITING, epoch=flight.epoch, detail=words)

    # POINT OF NO RETURN 2: the end of the flight, its receipts and their release are one database transaction. A crash
    # before it leaves the flight, which `confirm` of the next run finds in its block; `release` makes the same receipts.
    # After it the batch is done; only a reorganisation undoes it, and `catch_up` (check 3) sees that.
    return _note_settled(record, flight, settled)


def _anchor_noting_stops(writer: Writer, lease: Lease, force: bool) -> BatchReport:
    """Anchor one batch, and keep the record of what stops the institution."""
    record = writer.record(lease)
    try:
        report = anchor_batch(writer, lease, force=force)
        clear_stop_after(record, writer.chain, writer.signer.address, report)
    except LedgerStopError as stop:
        with record.write() as connection:
            record_stop(connection, record, stop)
        raise
    return report


def _next_flight(record: LogRecord) -> Flight | None:
    """Return the oldest transaction whose outcome is unknown."""
    with record.read() as connection:
        flights = transactions.unsettled(connection, record.issuer)
    return flights[0] if flights else None


def _in_a_later_second(
    record: LogRecord, ask: Callable[[], ContractRefused | None], patience: Patience
) -> ContractRefused | None:
    """Ask the contract again while the next block would be no younger than the last checkpoint, and keep the lease.

    A client that simulates on the newest block says so until there is another block. Return what the contract said last.
    """
    answers: list[ContractRefused | None] = []

    def is_answered() -> bool | None:
        answers.append(ask())
        if answers[-1] is None or answers[-1].code != TOO_SOON:
            return True
        renew(record.database, record.lease)
        return None

    patience.wait_for(is_answered)
    return answers[-1]


def _sign_and_persist(
    record: LogRecord, chain: LogOnChain, account: TransactionSigner, draft: Draft, call: Call
) -> Flight:
    """Sign a draft's call, and put the signed bytes and their checkpoint on disk in one database transaction."""
    nonce = own_nonce(record, chain, account.address)
    transaction = sign(call, signer=account, chain_id=record.log.ledger.chain_id, nonce=nonce, gas=ANCHOR_GAS)
    flight = Flight(transaction, draft.epoch, draft.checkpoint.number)
    with record.write() as connection:
        stored_checkpoints.insert_checkpoint(
            connection, record.issuer, draft.epoch, draft.checkpoint, state=CheckpointState.PENDING
        )
        transactions.persist(connection, record.issuer, flight, now=record.clock())
    return flight


def _note_refused(record: LogRecord, draft: Draft, refused: ContractRefused) -> BatchReport:
    """Cut a draft that the contract refused before anything was signed, and record what follows, in one transaction.

    A crash before it leaves the draft, which `take_draft` of the next run cuts.
    """
    if refused.code == TOO_SOON:
        return BatchReport(BatchStep.WAITING, epoch=draft.epoch, reason=refused)
    refuses_issued = refused.code == Code.ISSUER_NOT_ACTIVE and draft.checkpoint.kind == CheckpointKind.OPEN
    count = 0
    with record.write() as connection:
        if refuses_issued:
            count = _refuse_issued(connection, record, draft, refused)
        else:
            record_stop(connection, record, refused)
        # Status changes of the same batch go again with kind 2, which the contract takes in any state.
        cut_draft(connection, record.issuer, draft.epoch, draft.checkpoint.old_size)
    _log.warning("anchor refused", extra={"code": refused.code, "refused": count})
    step = BatchStep.REFUSED if refuses_issued else BatchStep.BLOCKED
    return BatchReport(step, epoch=draft.epoch, refused=count, reason=refused)


def _refuse_issued(connection: Connection, record: LogRecord, draft: Draft, refused: ContractRefused) -> int:
    """Refuse the `issued` items of a draft and record it in the audit trail. Return how many."""
    issuer, start, end = record.issuer, draft.checkpoint.old_size, draft.checkpoint.size
    count = refuse_issued(connection, issuer, draft.epoch, start, end=end, code=refused.code, reason=refused.reason)
    trail.record(connection, issuer, trail.NODE, Action.REFUSED, now=record.clock(), count=count, code=refused.code)
    return count


def _note_settled(record: LogRecord, flight: Flight, settled: SettledTransaction) -> BatchReport:
    """Record how a flight ended, and what follows from that, in one database transaction."""
    if settled.settled is Settled.REVERTED:
        return _note_reverted(record, flight)
    if settled.is_void:
        return _note_void(record, flight, settled)
    return _note_anchored(record, flight, settled)


def _note_reverted(record: LogRecord, flight: Flight) -> BatchReport:
    """Record a transaction that is in a block without effect, because the state it was simulated on was gone.

    Its entries are a draft again, which `take_draft` of the next batch cuts.
    """
    with record.write() as connection:
        transactions.settle(connection, record.issuer, flight, TransactionState.REVERTED, now=record.clock())
        stored_checkpoints.forget_checkpoint(connection, record.issuer, flight.epoch, flight.number)
    return BatchReport(BatchStep.REVERTED, epoch=flight.epoch)


def _note_void(record: LogRecord, flight: Flight, settled: SettledTransaction) -> BatchReport:
    """Record a checkpoint above the last good one of a closed epoch. Nothing is released.

    `catch_up` of the next batch (check 5) enters the new epoch.
    """
    anchored = settled.anchored
    with record.write() as connection:
        transactions.settle(connection, record.issuer, flight, TransactionState.CONFIRMED, now=record.clock())
        stored_checkpoints.confirm_checkpoint(
            connection, record.issuer, flight.epoch, anchored.checkpoint, anchored.block_position
        )
        stored_checkpoints.void_from(connection, record.issuer, flight.epoch, flight.number)
    return BatchReport(BatchStep.VOID, checkpoint=anchored.checkpoint, epoch=flight.epoch)


def _note_anchored(record: LogRecord, flight: Flight, settled: SettledTransaction) -> BatchReport:
    """Record the checkpoint as confirmed, store its receipts and release its batch."""
    checkpoint, now = settled.anchored.checkpoint, record.clock()
    with record.write() as connection:
        transactions.settle(connection, record.issuer, flight, TransactionState.CONFIRMED, now=now)
        issued = release(connection, record.log, settled.anchored, now=now)
    status = checkpoint.size - checkpoint.old_size - issued
    return BatchReport(BatchStep.ANCHORED, checkpoint=checkpoint, epoch=flight.epoch, issued=issued, status=status)
