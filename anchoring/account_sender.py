"""Send single calls of an account that has no node and no database: draft → sign → send → confirm.

Invariants: a call is simulated before anybody signs it; the nonce is the chain's own count; fees are 0; waiting is bounded.
Nothing is stored. The same call with the same nonce gives the same bytes, so a repeated command sends them again and never
a second time. Whether an act was done is read from the chain, by the receipt here and by the state where the act is known.

An endpoint that lags behind gives a nonce that is spent. This ends as "could not tell", not as a stop, because no storage
of ours says otherwise: the same command later counts anew.
"""

from typing import Final

from acredita.anchoring.ledger import Ledger, LedgerUnavailable, TxReceipt
from acredita.anchoring.sender import MAX_CALL_GAS, TransactionRevertedError
from acredita.anchoring.transaction import (
    Patience,
    Settled,
    SignedTransaction,
    TransactionOutcome,
    UnsignedTransaction,
    resend,
    transaction_outcome,
)
from acredita.anchoring.types import Address
from acredita.contracts.abi import Call
from acredita.contracts.coded_error import FixedCodeError

PATIENCE: Final = Patience(seconds=60.0)  # QBFT blocks come every few seconds
_FINAL_DEPTH: Final = 0  # a QBFT block is final, and a development chain has one operator


class LaggingNonceUnavailable(LedgerUnavailable):
    """The nonce was spent by another transaction of the account, so ours can never be in a block."""

    code = "NONCE_LAGGING"


class OtherChainRefused(FixedCodeError):
    """A transaction signed for another chain than the one at hand. Nothing was sent."""

    CODE_IN_TEXT = True
    code = "TRANSACTION_OTHER_CHAIN"


def draft(ledger: Ledger, account: Address, call: Call, gas: int = MAX_CALL_GAS) -> UnsignedTransaction:
    """Simulate a call and give it the account's next nonce. Raises ContractRefused, LedgerUnavailable."""
    ledger.simulate(call, account)
    return UnsignedTransaction(ledger.chain_id(), ledger.nonce(account, ledger.head().number), gas, call)


def send(ledger: Ledger, transaction: SignedTransaction, chain_id: int, patience: Patience = PATIENCE) -> TxReceipt:
    """Send signed bytes until the chain has settled them. `chain_id`: of the transaction.

    Raises OtherChainRefused before anything is sent, TransactionRevertedError, LedgerUnavailable.
    """
    present = ledger.chain_id()
    if present != chain_id:
        raise OtherChainRefused(f"a transaction for chain {present} expected, found one for chain {chain_id}")
    outcome = _settled(ledger, transaction, patience)
    if outcome.settled is Settled.REVERTED:
        raise TransactionRevertedError(outcome.receipt)
    return outcome.receipt


def _settled(ledger: Ledger, transaction: SignedTransaction, patience: Patience) -> TransactionOutcome:
    answers: list[str] = []

    def ask() -> TransactionOutcome | None:
        outcome = transaction_outcome(ledger, transaction.hash, _FINAL_DEPTH)
        if outcome is None:
            words = resend(ledger, transaction)
            if words is not None:
                answers.append(words)
            outcome = transaction_outcome(ledger, transaction.hash, _FINAL_DEPTH)
        if outcome is None:
            _check_nonce_is_free(ledger, transaction)
        return outcome

    outcome = patience.wait_for(ask)
    if outcome is None:
        why = answers[0] if answers else "no block"
        raise LedgerUnavailable(f"0x{transaction.hash.hex()} is in no block yet ({why})")
    return outcome


def _check_nonce_is_free(ledger: Ledger, transaction: SignedTransaction) -> None:
    spent = ledger.nonce(transaction.sender, ledger.head().number)
    if spent > transaction.nonce and ledger.receipt(transaction.hash) is None:
        raise LaggingNonceUnavailable(
            f"nonce {transaction.nonce} of 0x{transaction.sender.hex()} was used by another transaction, the next is {spent}"
        )
