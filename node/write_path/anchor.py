"""The write path: from the queue to the release of what was anchored, in one function.

take queued → append provisional entries → publish status → build checkpoint → ask the contract → sign → persist →
send → confirm at depth → receipts → release. A run that follows a crash is the same function: what it finds in
storage tells it where to go on. A credential is released only when its entry, its confirmed checkpoint and its
receipt are on disk, which is one transaction. While the outcome of a transaction is unknown nothing is cut and
nothing else is sent.

Errors that leave `anchor_batch`: LedgerUnavailable and StorageUnavailable (call again later), LedgerStopError (an operator
decides), LeaseLostError (another process writes). A refusal by the contract is an outcome, not an error.
"""

import logging
from dataclasses import dataclass, replace
from enum import Enum

from acredita.anchoring.checkpoint import Checkpoint, CheckpointKind, unpack_head
from acredita.anchoring.entries import decode
from acredita.anchoring.ledger import (
    GenesisChangedError,
    LedgerStopError,
    LedgerUnavailable,
    LogAheadError,
    NonceForeignError,
)
from acredita.anchoring.sender import Outcome, Settled, confirmed_head, outcome, resend, sign
from acredita.contracts.bindings import ContractRefused
from acredita.node.storage import institutions, queue, receipts, stored_log, trail, transactions
from acredita.node.storage.database import Lease
from acredita.node.storage.refused import refuse_issued
from acredita.node.storage.stored_log import CheckpointState, Placed, StoredCheckpoint
from acredita.node.storage.trail import Action
from acredita.node.storage.transactions import Flight, TransactionState
from acredita.node.write_path.catch_up import catch_up, is_void
from acredita.node.write_path.draft import Draft, cut_draft, make_receipts, release_standing, take_draft
from acredita.node.write_path.writer import ANCHOR_GAS, Writer
from acredita.registry.codes import Code
from sqlalchemy import Connection

_log = logging.getLogger(__name__)

TOO_SOON = "CHECKPOINT_TIME"  # the next block is not younger than the last checkpoint yet
_ASKED_BY_EVERY_RUN = (GenesisChangedError.code, LogAheadError.code)  # a run that comes to its end has found them gone


class Step(Enum):
    """How far a run came."""

    IDLE = "idle"  # nothing was due
    BUSY = "busy"  # another process or thread writes for this institution
    ANCHORED = "anchored"
    WAITING = "waiting"  # the outcome is not known yet
    REFUSED = "refused"  # issued entries were put aside, the rest is queued again
    BLOCKED = "blocked"  # the contract takes nothing from us now; all is queued again, the reason recorded as a stop
    REVERTED = "reverted"  # the transaction changed nothing; its entries are queued again
    VOID = "void"  # the council closed the epoch below this checkpoint


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did: the checkpoint it concerned, how many entries, why not."""

    step: Step
    checkpoint: Checkpoint | None = None
    epoch: int | None = None
    issued: int = 0
    status: int = 0
    refused: int = 0
    reason: ContractRefused | None = None
    detail: str | None = None


def anchor_pending(writer: Writer, *, force: bool = False) -> list[Report]:
    """Runs batches until nothing is due or the next one has to wait. `force`: without waiting for size or age."""
    writer = writer.for_run()
    with writer.leases.held(writer.issuer) as lease:
        if lease is None:
            return [Report(Step.BUSY)]
        reports: list[Report] = []
        while not reports or reports[-1].step in (Step.ANCHORED, Step.REFUSED, Step.VOID):
            reports.append(_noting_stops(writer, lease, force))
        return reports


def anchor_batch(writer: Writer, lease: Lease, *, force: bool = False) -> Report:
    """One batch, or the rest of one that an earlier run began."""
    # Our chain, our contract, nothing undone by a reorganisation, nothing there that we do not know.
    newest = catch_up(writer, lease)

    flight = _next_flight(writer)
    if flight is None:
        # One database transaction: a draft left without a transaction was seen by nobody and is cut; what is due is
        # taken and appended behind the confirmed log. A crash after this line: the next run cuts it and begins again.
        draft = take_draft(writer, lease, newest, force=force)
        if draft is None:
            return Report(Step.IDLE)

        # Published lists run ahead of the chain, never behind: a crash after this line leaves them ahead.
        writer.publisher.publish(writer.issuer, draft.published)

        # The contract is asked before anything is signed: what it refuses here was never sent.
        try:
            writer.ledger.simulate(draft.call, writer.signer.address)
        except ContractRefused as refused:
            return _set_aside(writer, lease, draft, refused)
        flight = _sign(writer, draft)

        # POINT OF NO RETURN 1: with this transaction the signed bytes and their checkpoint are on disk. From here on
        # these bytes, and no others, go out until the chain has settled them; nothing is cut before.
        _persist(writer, lease, draft, flight)

    # A crash before, within or after this call: the same bytes go out again, and a chain takes them once.
    words = resend(writer.ledger, flight.transaction)

    ended = _confirm(writer, lease, flight)
    if ended is None:
        return Report(Step.WAITING, epoch=flight.epoch, detail=words)
    if ended.settled is Settled.REVERTED:
        return _note_reverted(writer, lease, flight)
    if ended.is_void:
        return _note_void(writer, lease, flight, ended)

    # POINT OF NO RETURN 2: checkpoint, receipts and release are one transaction. A crash before it: the next run
    # finds the transaction confirmed and makes the same receipts. After it the batch is history.
    return _release(writer, lease, flight, ended)


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a flight ended, shown by its receipt and by the contract at a block that is deep enough."""

    settled: Settled
    checkpoint: Checkpoint
    placed: Placed
    is_void: bool


def _noting_stops(writer: Writer, lease: Lease, force: bool) -> Report:
    """One batch, and the record of what stands in the way, for who asks how the institution stands."""
    try:
        report = anchor_batch(writer, lease, force=force)
        if _has_ended(writer, report):
            with writer.database.write(lease) as connection:
                institutions.clear_stop(connection, writer.issuer)
    except LedgerStopError as stop:
        with writer.database.write(lease) as connection:
            _record_stop(connection, writer, stop)
        raise
    return report


def _record_stop(connection: Connection, writer: Writer, stop: LedgerStopError | ContractRefused) -> None:
    now = writer.clock()
    if institutions.record_stop(connection, writer.issuer, stop, now=now):
        trail.record(connection, writer.issuer, trail.NODE, Action.STOPPED, now=now, code=stop.code)


def _has_ended(writer: Writer, report: Report) -> bool:
    """Whether a recorded stop is over: never because a run had no occasion to meet its cause again."""
    with writer.database.read() as connection:
        known = institutions.institution(connection, writer.issuer)
        if known is None or known.stop is None or report.step is Step.BLOCKED:
            return False
        waiting = queue.backlog(connection, writer.issuer)
    if known.stop.code in _ASKED_BY_EVERY_RUN:
        return True
    if report.step is not Step.IDLE:
        return report.reason is None or report.reason.code != TOO_SOON
    if known.stop.code == NonceForeignError.code:
        _own_nonce(writer)  # nothing is due, so nothing else asks for it
        return True
    return waiting.issued + waiting.status == 0  # the contract is in the way of nothing


def _next_flight(writer: Writer) -> Flight | None:
    """The oldest transaction whose outcome is unknown."""
    with writer.database.read() as connection:
        flights = transactions.unsettled(connection, writer.issuer)
    return flights[0] if flights else None


def _sign(writer: Writer, draft: Draft) -> Flight:
    transaction = sign(
        draft.call,
        signer=writer.signer,
        chain_id=writer.identity.chain_id,
        nonce=_own_nonce(writer),
        gas=ANCHOR_GAS,
    )
    return Flight(transaction, draft.epoch, draft.checkpoint.number)


def _own_nonce(writer: Writer) -> int:
    """The chain's confirmed count, which must be our own: nobody else sends from this account."""
    account = writer.signer.address
    block = confirmed_head(writer.ledger, writer.policy.depth)
    found = writer.ledger.nonce(account, block.number)
    with writer.database.read() as connection:
        expected = transactions.next_nonce(connection, writer.issuer, account)
    if expected is None or found == expected:
        return found
    if found < expected:
        raise LedgerUnavailable(f"the chain counts {found} transactions of our account, {expected} are confirmed")
    raise NonceForeignError("nonce of the anchoring account", str(expected), str(found))


def _persist(writer: Writer, lease: Lease, draft: Draft, flight: Flight) -> None:
    with writer.database.write(lease) as connection:
        stored_log.insert_checkpoint(
            connection, writer.issuer, draft.epoch, draft.checkpoint, state=CheckpointState.PENDING
        )
        transactions.persist(connection, writer.issuer, flight, now=writer.clock())


def _confirm(writer: Writer, lease: Lease, flight: Flight) -> _Ended | None:
    """Asks until the flight has ended or the patience is over; keeps the lease alive meanwhile."""
    pending = _pending_checkpoint(writer, flight)

    def ask() -> Outcome | None:
        found = outcome(writer.ledger, flight.transaction.hash, writer.policy.depth)
        if found is None:
            writer.leases.renew(lease)
        return found

    found = writer.policy.patience.wait_for(ask)
    if found is None:
        _check_nonce_is_free(writer, flight)
        return None
    placed = Placed(flight.transaction.hash, found.block.number, found.block.hash)
    checkpoint = replace(pending.checkpoint, time=found.block.time)
    return _shown_by_contract(writer, flight, found.settled, checkpoint, placed)


def _shown_by_contract(
    writer: Writer, flight: Flight, settled: Settled, checkpoint: Checkpoint, placed: Placed
) -> _Ended:
    """A receipt alone is an endpoint's word: the contract must show, or not show, the same checkpoint."""
    block = confirmed_head(writer.ledger, writer.policy.depth)
    word = writer.ledger.read(writer.contract.checkpoint_word(writer.issuer, flight.epoch, flight.number), block.number)
    if (word == checkpoint.word()) is not (settled is Settled.CONFIRMED):
        raise LedgerUnavailable(f"receipt says {settled.value}, the contract does not agree")
    head = unpack_head(writer.ledger.read(writer.contract.head(writer.issuer), block.number))
    return _Ended(settled, checkpoint, placed, is_void(writer, flight, head, block))


def _check_nonce_is_free(writer: Writer, flight: Flight) -> None:
    """A nonce that another transaction has spent will never take ours: somebody else has the account's key."""
    block = confirmed_head(writer.ledger, writer.policy.depth)
    spent = writer.ledger.nonce(flight.transaction.sender, block.number)
    if spent <= flight.transaction.nonce or writer.ledger.receipt(flight.transaction.hash) is not None:
        return
    head = unpack_head(writer.ledger.read(writer.contract.head(writer.issuer), block.number))
    if (head.epoch, head.number) == (flight.epoch, flight.number):
        checkpoint = replace(_pending_checkpoint(writer, flight).checkpoint, time=head.time)
        word = writer.ledger.read(writer.contract.checkpoint_word(writer.issuer, head.epoch, head.number), block.number)
        if word == checkpoint.word():
            return  # it did get there; the endpoint's receipts are late
    raise NonceForeignError("nonce of the anchoring account", str(flight.transaction.nonce), str(spent))


def _pending_checkpoint(writer: Writer, flight: Flight) -> StoredCheckpoint:
    with writer.database.read() as connection:
        stored = stored_log.checkpoint_at(connection, writer.issuer, flight.epoch, flight.number)
    if stored is None:
        raise RuntimeError(f"the transaction in flight has no checkpoint {flight.number}")
    return stored


def _set_aside(writer: Writer, lease: Lease, draft: Draft, refused: ContractRefused) -> Report:
    """The contract said no before anything was signed. The tail is cut in one transaction with what follows from it."""
    if refused.code == TOO_SOON:
        return Report(Step.WAITING, epoch=draft.epoch, reason=refused)
    put_aside = refused.code == Code.ISSUER_NOT_ACTIVE and draft.checkpoint.kind == CheckpointKind.OPEN
    with writer.database.write(lease) as connection:
        count = 0
        if put_aside:
            # Status changes of the same batch go again with kind 2, which the contract takes in any state.
            count = refuse_issued(
                connection,
                writer.issuer,
                draft.epoch,
                draft.checkpoint.old_size,
                end=draft.checkpoint.size,
                code=refused.code,
                reason=refused.reason,
            )
            trail.record(
                connection,
                writer.issuer,
                trail.NODE,
                Action.PUT_ASIDE,
                now=writer.clock(),
                count=count,
                code=refused.code,
            )
        else:
            _record_stop(connection, writer, refused)
        cut_draft(connection, writer.issuer, draft.epoch, draft.checkpoint.old_size)
    _log.warning("anchor refused", extra={"code": refused.code, "put_aside": count})
    step = Step.REFUSED if put_aside else Step.BLOCKED
    return Report(step, epoch=draft.epoch, refused=count, reason=refused)


def _note_reverted(writer: Writer, lease: Lease, flight: Flight) -> Report:
    """In a block without effect: the state it was simulated on had gone. Its entries are a draft again."""
    with writer.database.write(lease) as connection:
        transactions.settle(connection, writer.issuer, flight, TransactionState.REVERTED, now=writer.clock())
        stored_log.forget_checkpoint(connection, writer.issuer, flight.epoch, flight.number)
    return Report(Step.REVERTED, epoch=flight.epoch)


def _note_void(writer: Writer, lease: Lease, flight: Flight, ended: _Ended) -> Report:
    """On the chain, but above the good end of a closed epoch: nothing is released, the next run enters the new epoch."""
    with writer.database.write(lease) as connection:
        transactions.settle(connection, writer.issuer, flight, TransactionState.CONFIRMED, now=writer.clock())
        stored_log.confirm_checkpoint(connection, writer.issuer, flight.epoch, ended.checkpoint, ended.placed)
        stored_log.void_from(connection, writer.issuer, flight.epoch, flight.number)
    return Report(Step.VOID, checkpoint=ended.checkpoint, epoch=flight.epoch)


def _release(writer: Writer, lease: Lease, flight: Flight, ended: _Ended) -> Report:
    checkpoint, now = ended.checkpoint, writer.clock()
    with writer.database.write(lease) as connection:
        made = make_receipts(connection, writer, flight.epoch, checkpoint, ended.placed)
        stored_log.confirm_checkpoint(connection, writer.issuer, flight.epoch, checkpoint, ended.placed)
        transactions.settle(connection, writer.issuer, flight, TransactionState.CONFIRMED, now=now)
        receipts.insert_receipts(connection, writer.issuer, made)
        begin, end = checkpoint.old_size, checkpoint.size
        if queue.mark_anchored(connection, writer.issuer, flight.epoch, begin, end, now=now) < end - begin:
            # Void once, and its items put aside or queued again: a reorganisation undid what had made it void.
            data = stored_log.read_entries(connection, writer.issuer, flight.epoch, begin, end)
            entries = dict(enumerate(map(decode, data), begin))
            release_standing(connection, writer, flight.epoch, checkpoint, ended.placed, entries)
    status = checkpoint.size - checkpoint.old_size - len(made)
    return Report(Step.ANCHORED, checkpoint=checkpoint, epoch=flight.epoch, issued=len(made), status=status)
