"""Store signed transactions and the nonces of the accounts that signed them.

States: *in_flight* may be on its way, at most one for each institution (a unique index ensures it). *orphaned* was
confirmed, then undone by a reorganisation; it is sent again, unchanged, when its turn comes. *confirmed* and *reverted* are
in a block. *void* is given up, because its epoch was closed and its account is no longer used.
"""

from dataclasses import dataclass
from typing import Final

from acredita.anchoring.transaction import SignedTransaction
from acredita.anchoring.types import Address, IssuerId, TxHash
from acredita.node.storage.models import AccountRow, CheckpointRow, TransactionRow
from sqlalchemy import ColumnElement, Connection, func, insert, select, update


class TransactionState:
    """The states of a transaction, as the module describes them."""

    IN_FLIGHT: Final = "in_flight"
    ORPHANED: Final = "orphaned"
    CONFIRMED: Final = "confirmed"
    REVERTED: Final = "reverted"
    VOID: Final = "void"


UNSETTLED: Final = (TransactionState.IN_FLIGHT, TransactionState.ORPHANED)


@dataclass(frozen=True, slots=True)
class Flight:
    """A transaction whose outcome is not known, with epoch and number of its checkpoint."""

    transaction: SignedTransaction
    epoch: int
    number: int


def persist(connection: Connection, issuer: IssuerId, flight: Flight, *, now: int) -> None:
    """Store the bytes that are about to be sent. Raises IntegrityError if another transaction is in flight."""
    signed = flight.transaction
    connection.execute(
        insert(TransactionRow).values(
            issuer=issuer,
            tx_hash=signed.hash,
            account=signed.sender,
            nonce=signed.nonce,
            raw=signed.raw,
            epoch=flight.epoch,
            number=flight.number,
            state=TransactionState.IN_FLIGHT,
            signed_at=now,
        )
    )


def unsettled(connection: Connection, issuer: IssuerId) -> list[Flight]:
    """Return every transaction whose outcome is not known, in the order they have to be sent."""
    return _flights(connection, TransactionRow.issuer == issuer, TransactionRow.state.in_(UNSETTLED))


def confirmed_above(connection: Connection, issuer: IssuerId, block_number: int) -> list[Flight]:
    """Return the confirmed transactions whose block is above this one, in the order they were sent."""
    return _flights(
        connection,
        TransactionRow.issuer == issuer,
        TransactionRow.state == TransactionState.CONFIRMED,
        select(CheckpointRow.number)
        .where(
            CheckpointRow.issuer == issuer,
            CheckpointRow.epoch == TransactionRow.epoch,
            CheckpointRow.number == TransactionRow.number,
            CheckpointRow.block_number > block_number,
        )
        .exists(),
    )


def settle(connection: Connection, issuer: IssuerId, flight: Flight, state: str, *, now: int) -> None:
    """Record the outcome of a transaction. One in a block has used its nonce; a later one may have ended before it."""
    sent = flight.transaction
    _set_state(connection, issuer, sent.hash, state, now)
    if state != TransactionState.VOID:
        known = next_nonce(connection, issuer, sent.sender) or 0
        set_next_nonce(connection, issuer, sent.sender, max(known, sent.nonce + 1))


def take_off(connection: Connection, issuer: IssuerId, epoch: int, number: int) -> None:
    """Mark the confirmed transactions of a checkpoint and of later ones of its epoch as orphaned by a reorganisation."""
    chosen = (
        TransactionRow.issuer == issuer,
        TransactionRow.epoch == epoch,
        TransactionRow.number >= number,
        TransactionRow.state == TransactionState.CONFIRMED,
    )
    lowest = connection.execute(
        select(TransactionRow.account, func.min(TransactionRow.nonce)).where(*chosen).group_by(TransactionRow.account)
    ).all()
    connection.execute(update(TransactionRow).where(*chosen).values(state=TransactionState.ORPHANED, settled_at=None))
    for account, nonce in lowest:
        # Transactions of a later epoch may have been confirmed again before these.
        kept = connection.execute(
            select(func.max(TransactionRow.nonce)).where(
                TransactionRow.issuer == issuer,
                TransactionRow.account == account,
                TransactionRow.state == TransactionState.CONFIRMED,
            )
        ).scalar_one()
        set_next_nonce(connection, issuer, Address(account), nonce if kept is None else max(nonce, kept + 1))


def next_nonce(connection: Connection, issuer: IssuerId, account: Address) -> int | None:
    """Return the nonce after the last settled transaction of the account, or None if it has sent none for us."""
    return connection.execute(
        select(AccountRow.next_nonce).where(AccountRow.issuer == issuer, AccountRow.account == account)
    ).scalar_one_or_none()


def set_next_nonce(connection: Connection, issuer: IssuerId, account: Address, nonce: int) -> None:
    """Set the nonce that the next transaction of the account takes."""
    known = connection.execute(
        update(AccountRow).where(AccountRow.issuer == issuer, AccountRow.account == account).values(next_nonce=nonce)
    )
    if known.rowcount == 0:
        connection.execute(insert(AccountRow).values(issuer=issuer, account=account, next_nonce=nonce))


def _set_state(connection: Connection, issuer: IssuerId, tx: TxHash, state: str, now: int) -> None:
    connection.execute(
        update(TransactionRow)
        .where(TransactionRow.issuer == issuer, TransactionRow.tx_hash == tx)
        .values(state=state, settled_at=now)
    )


def _flights(connection: Connection, *chosen: ColumnElement[bool]) -> list[Flight]:
    row = TransactionRow
    rows = connection.execute(
        select(row.raw, row.tx_hash, row.account, row.nonce, row.epoch, row.number).where(*chosen).order_by(row.id)
    )
    return [
        Flight(SignedTransaction(raw, TxHash(tx), Address(account), nonce), epoch, number)
        for raw, tx, account, nonce, epoch, number in rows
    ]
