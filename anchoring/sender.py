"""Send single calls of one account, such as those of the registry and the council: sign → persist → send → confirm.

Invariants: bytes are stored before they are sent; the nonce is the chain's own count, compared with ours; one call is
settled before the next is signed. A count or a receipt that is late, as an endpoint that lags gives it, is LedgerUnavailable
and never NonceForeignError.
"""

from typing import Final, Protocol

from acredita.anchoring.ledger import Ledger, LedgerUnavailable, NonceForeignError, TxReceipt
from acredita.anchoring.nonce import next_nonce
from acredita.anchoring.transaction import (
    Patience,
    Settled,
    SignedTransaction,
    TransactionOutcome,
    TransactionSigner,
    confirmed_head,
    resend,
    sign,
    transaction_outcome,
)
from acredita.anchoring.types import Address
from acredita.contracts.abi import Call

MAX_CALL_GAS: Final = 12_000_000  # room for a batch of 200 approvals; gas is free, a block holds 30 million
PATIENCE: Final = Patience()  # for one call

_NONCE: Final = "nonce of the account"


class TransactionRevertedError(Exception):
    """The transaction is in a block and changed nothing: the state it was simulated on was gone by then."""

    def __init__(self, receipt: TxReceipt) -> None:
        super().__init__(f"reverted in block {receipt.block_number}: 0x{receipt.transaction.hex()}")
        self.receipt = receipt


class TransactionStore(Protocol):
    """Storage for the one transaction of an account that may be on its way."""

    def pending(self, account: Address) -> SignedTransaction | None:
        """Return the transaction that is on its way, if any."""

    def next_nonce(self, account: Address) -> int | None:
        """Return the nonce after the last settled one, None for an account that has sent nothing through this store."""

    def persist(self, transaction: SignedTransaction) -> None:
        """Store the bytes. On return they are on disk and `pending` gives them."""

    def settle(self, transaction: SignedTransaction, settled: Settled) -> None:
        """End the transaction. On return it is no longer pending and the next nonce is one more."""


class MemoryTransactionStore:
    """For tools whose process is the whole life of the account's work: demonstration, tests, benches."""

    def __init__(self) -> None:
        self._pending: dict[Address, SignedTransaction] = {}
        self._next: dict[Address, int] = {}

    def pending(self, account: Address) -> SignedTransaction | None:
        return self._pending.get(account)

    def next_nonce(self, account: Address) -> int | None:
        return self._next.get(account)

    def persist(self, transaction: SignedTransaction) -> None:
        self._pending[transaction.sender] = transaction

    def settle(self, transaction: SignedTransaction, settled: Settled) -> None:
        del self._pending[transaction.sender]
        self._next[transaction.sender] = transaction.nonce + 1


class Sender:
    """Sends single calls of one account, one after the other, and waits for each."""

    def __init__(
        self,
        ledger: Ledger,
        signer: TransactionSigner,
        *,
        depth: int,
        store: TransactionStore | None = None,
        patience: Patience = PATIENCE,
    ) -> None:
        self._ledger = ledger
        self._signer = signer
        self._depth = depth
        self._store: TransactionStore = MemoryTransactionStore() if store is None else store
        self._patience = patience

    @property
    def address(self) -> Address:
        """The sending account."""
        return self._signer.address

    @property
    def signer(self) -> TransactionSigner:
        """The key of the sending account."""
        return self._signer

    @property
    def ledger(self) -> Ledger:
        """The ledger that the calls go to."""
        return self._ledger

    def transact(self, call: Call, gas: int = MAX_CALL_GAS) -> TxReceipt:
        """Simulate, send and confirm one call. Raises ContractRefused, TransactionRevertedError, LedgerUnavailable."""
        self.settle_pending()
        self._ledger.simulate(call, self._signer.address)
        return self._submit(call, gas, b"")

    def deploy(self, creation_code: bytes, gas: int = MAX_CALL_GAS) -> Address:
        """Deploy a contract and return its address."""
        self.settle_pending()
        receipt = self._submit(None, gas, creation_code)
        if receipt.contract is None:
            raise LedgerUnavailable("the receipt of a deployment names no contract")
        return receipt.contract

    def settle_pending(self) -> None:
        """Settle a transaction that an earlier run left on its way."""
        pending = self._store.pending(self._signer.address)
        if pending is not None:
            self._finish(pending)

    def _submit(self, call: Call | None, gas: int, creation_code: bytes) -> TxReceipt:
        chain_id = self._ledger.chain_id()
        nonce = self._next_nonce()
        transaction = sign(
            call, signer=self._signer, chain_id=chain_id, nonce=nonce, gas=gas, creation_code=creation_code
        )
        # Point of no return: once stored, these bytes go out until the chain has settled them.
        self._store.persist(transaction)
        result = self._finish(transaction)
        if result.settled is Settled.REVERTED:
            raise TransactionRevertedError(result.receipt)
        return result.receipt

    def _next_nonce(self) -> int:
        account = self._signer.address
        counted = self._ledger.nonce(account, confirmed_head(self._ledger, self._depth).number)
        return next_nonce(counted, self._store.next_nonce(account), _NONCE)

    def _finish(self, transaction: SignedTransaction) -> TransactionOutcome:
        answer: list[str | None] = [None]

        def ask() -> TransactionOutcome | None:
            settled = transaction_outcome(self._ledger, transaction.hash, self._depth)
            if settled is None:
                words = resend(self._ledger, transaction)
                answer[0] = answer[0] or words  # the first refusal says why; later ones that it is known already
                settled = transaction_outcome(self._ledger, transaction.hash, self._depth)
            return settled

        result = self._patience.wait_for(ask)
        if result is None and self._spent_by_another(transaction) is not None:
            result = self._patience.wait_for(ask)  # receipts may come later than counts
            if result is None:
                self._check_nonce_is_free(transaction)
        if result is None:
            raise LedgerUnavailable(f"0x{transaction.hash.hex()} is in no block yet ({answer[0]})")
        self._store.settle(transaction, result.settled)
        return result

    def _check_nonce_is_free(self, transaction: SignedTransaction) -> None:
        """Raise NonceForeignError where another transaction has spent the nonce, because ours can then never be mined.

        Raises LedgerUnavailable where nothing was settled through this store yet: the account's own earlier transaction may
        have spent it, and the count that was signed with came from an endpoint that lags.
        """
        spent = self._spent_by_another(transaction)
        if spent is None:
            return
        if self._store.next_nonce(transaction.sender) is None:
            raise LedgerUnavailable(
                f"the chain counted {transaction.nonce} transactions of the account before and {spent} now: nothing was done"
            )
        raise NonceForeignError(_NONCE, str(transaction.nonce), str(spent))

    def _spent_by_another(self, transaction: SignedTransaction) -> int | None:
        """Return the chain's count if it is above the nonce and no endpoint has the transaction, else None."""
        spent = self._ledger.nonce(transaction.sender, confirmed_head(self._ledger, self._depth).number)
        return spent if spent > transaction.nonce and self._ledger.receipt(transaction.hash) is None else None
