"""The nonce of the anchoring transaction: the chain's confirmed count, which must equal our own.

One account anchors for an institution, with at most one transaction in flight. A count above ours, or another transaction
with the nonce of ours, means that somebody else has the key: both raise NonceForeignError, and nothing is sent.
"""

from dataclasses import replace
from typing import Final

from acredita.anchoring.ledger import NonceForeignError
from acredita.anchoring.nonce import next_nonce
from acredita.anchoring.types import Address
from acredita.node.storage import transactions
from acredita.node.storage.stored_checkpoints import StoredCheckpoint
from acredita.node.storage.transactions import Flight
from acredita.node.write_path.log_on_chain import LogOnChain
from acredita.node.write_path.log_record import LogRecord

_NONCE: Final = "nonce of the anchoring account"


def own_nonce(record: LogRecord, chain: LogOnChain, account: Address) -> int:
    """Return the chain's confirmed count, which must be our own: nobody else sends from this account.

    Raises NonceForeignError if the chain counts more than we have settled, LedgerUnavailable if it counts fewer.
    """
    counted = chain.confirmed_nonce(account)
    with record.read() as connection:
        expected = transactions.next_nonce(connection, record.issuer, account)
    return next_nonce(counted, expected, _NONCE)


def check_nonce_is_free(chain: LogOnChain, flight: Flight, pending: StoredCheckpoint) -> None:
    """Stop if another transaction has spent the nonce: it will never take ours, and somebody else has the key."""
    spent = spent_by_another(chain, flight, pending)
    if spent is not None:
        raise NonceForeignError(_NONCE, str(flight.transaction.nonce), str(spent))


def spent_by_another(chain: LogOnChain, flight: Flight, pending: StoredCheckpoint) -> int | None:
    """Return the chain's count if it is above the flight's nonce and our transaction is not on the chain, else None."""
    log = chain.at_confirmed_block()
    spent = chain.ledger.nonce(flight.transaction.sender, log.block.number)
    if spent <= flight.transaction.nonce or chain.ledger.receipt(flight.transaction.hash) is not None:
        return None
    if (log.head.epoch, log.head.number) == (flight.epoch, flight.number):
        checkpoint = replace(pending.checkpoint, time=log.head.time)
        if log.word(flight.epoch, flight.number) == checkpoint.word():
            return None  # it is on the chain; the endpoint's receipts are late
    return spent
