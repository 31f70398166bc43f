"""One transaction of one account: sign → persist → send → confirm at depth.

Invariants: bytes are stored before they are sent; the same bytes are sent again, never others in their place;
the nonce is the chain's own count, compared with ours; a transaction's outcome is read from the chain, never
from the answer to sending it. Price is zero on the networks this is for, so a transaction never has to be
replaced to get through.

`sign`, `resend` and `transaction_outcome` are the pieces, for a writer that keeps its own storage (the node's write
path); `Sender` puts them together for single calls, such as those of the registry and the council.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

import rlp  # type: ignore[import-untyped]
from acredita.anchoring.ledger import (
    Block,
    Ledger,
    LedgerUnavailable,
    NonceForeignError,
    SubmissionUnavailable,
    TxReceipt,
)
from acredita.anchoring.types import Address, TxHash
from acredita.contracts.abi import Call
from coincurve import PrivateKey
from eth_hash.auto import keccak

DYNAMIC_FEE_TYPE: Final = b"\x02"  # EIP-2718 envelope of an EIP-1559 transaction
MAX_CALL_GAS: Final = 12_000_000  # room for a batch of 200 approvals; gas is free, a block holds 30 million
MAX_POLL_SECONDS: Final = 2.0


class TransactionSigner(Protocol):
    """A secp256k1 account. Its key may live in a file or in a device."""

    @property
    def address(self) -> Address:
        """The account's address."""

    def sign_hash(self, hash: bytes) -> bytes:
        """Return r (32) ‖ s (32, low) ‖ recovery id (1) over these 32 bytes."""


class LocalAccount:
    """An account whose key is in memory."""

    def __init__(self, private_key: bytes) -> None:
        self._key = PrivateKey(private_key)
        self._address = Address(keccak(self._key.public_key.format(compressed=False)[1:])[-20:])

    @property
    def address(self) -> Address:
        return self._address

    def sign_hash(self, hash: bytes) -> bytes:
        return self._key.sign_recoverable(hash, hasher=None)


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """The bytes that go out, and what must be known to follow them."""

    raw: bytes
    hash: TxHash
    sender: Address
    nonce: int


class Settled(Enum):
    """Ends of a transaction."""

    CONFIRMED = "confirmed"
    REVERTED = "reverted"


@dataclass(frozen=True, slots=True)
class TransactionOutcome:
    """End of a transaction, in a block that is deep enough."""

    settled: Settled
    receipt: TxReceipt
    block: Block


class TransactionRevertedError(Exception):
    """The transaction is in a block and changed nothing: the state it was simulated on was gone by then."""

    def __init__(self, receipt: TxReceipt) -> None:
        super().__init__(f"reverted in block {receipt.block_number}: 0x{receipt.transaction.hex()}")
        self.receipt = receipt


def sign(
    call: Call | None,
    *,
    signer: TransactionSigner,
    chain_id: int,
    nonce: int,
    gas: int,
    creation_code: bytes = b"",
) -> SignedTransaction:
    """Sign a call, or a deployment where `call` is None, as an EIP-1559 transaction with both fees 0."""
    to, data = (b"", creation_code) if call is None else (call.to, call.data)
    fields: list[object] = [chain_id, nonce, 0, 0, gas, to, 0, data, []]
    signature = signer.sign_hash(keccak(DYNAMIC_FEE_TYPE + rlp.encode(fields)))
    r, s, parity = (
        int.from_bytes(signature[:32], "big"),
        int.from_bytes(signature[32:64], "big"),
        signature[64],
    )
    raw = DYNAMIC_FEE_TYPE + bytes(rlp.encode([*fields, parity, r, s]))
    return SignedTransaction(raw, TxHash(keccak(raw)), signer.address, nonce)


def confirmed_head(ledger: Ledger, depth: int) -> Block:
    """Return the newest block with `depth` blocks on top; reads at that block count as settled."""
    head = ledger.head()
    if depth == 0:
        return head
    if head.number < depth:
        raise LedgerUnavailable(f"the chain has {head.number} blocks, {depth} are to lie on top")
    block = ledger.block(head.number - depth)
    if block is None:
        raise LedgerUnavailable(f"block {head.number - depth} below the head is not known")
    return block


def resend(ledger: Ledger, transaction: SignedTransaction) -> str | None:
    """Send the same bytes again; return the endpoint's words when it did not accept them, which settles nothing."""
    try:
        ledger.send_raw(transaction.raw)
    except SubmissionUnavailable as answer:
        return str(answer)
    return None


def transaction_outcome(ledger: Ledger, transaction: TxHash, depth: int) -> TransactionOutcome | None:
    """Return the end of a transaction; None while it is in no block that is deep enough and on the present chain."""
    settled_at = confirmed_head(ledger, depth)
    receipt = ledger.receipt(transaction)
    if receipt is None or receipt.block_number > settled_at.number:
        return None
    block = settled_at if receipt.block_number == settled_at.number else ledger.block(receipt.block_number)
    if block is None or block.hash != receipt.block_hash or receipt.transaction != transaction:
        return None
    return TransactionOutcome(Settled.CONFIRMED if receipt.succeeded else Settled.REVERTED, receipt, block)


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


@dataclass(frozen=True, slots=True)
class Patience:
    """Time to ask for an outcome before reporting that it is not known yet. The clock only measures waiting."""

    seconds: float = 30.0
    poll_seconds: float = 0.05
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def wait_for(self, ask: Callable[[], "TransactionOutcome | None"]) -> "TransactionOutcome | None":
        """Ask until there is an answer or the time is over, with longer pauses each time."""
        end, pause = self.clock() + self.seconds, self.poll_seconds
        while (answer := ask()) is None and self.clock() < end:
            self.sleep(pause)
            pause = min(2 * pause, MAX_POLL_SECONDS)
        return answer


class Sender:
    """Sends single calls of one account, one after the other, and waits for each."""

    def __init__(
        self,
        ledger: Ledger,
        signer: TransactionSigner,
        *,
        depth: int,
        store: TransactionStore | None = None,
        patience: Patience = Patience(),
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
        nonce = self._ledger.nonce(account, confirmed_head(self._ledger, self._depth).number)
        expected = self._store.next_nonce(account)
        if expected is not None and nonce != expected:
            raise NonceForeignError("nonce of the account", str(expected), str(nonce))
        return nonce

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
        if result is None:
            self._check_nonce_is_free(transaction)
            raise LedgerUnavailable(f"0x{transaction.hash.hex()} is in no block yet ({answer[0]})")
        self._store.settle(transaction, result.settled)
        return result

    def _check_nonce_is_free(self, transaction: SignedTransaction) -> None:
        """Raise NonceForeignError where another transaction has spent the nonce, because ours can then never be mined."""
        spent = self._ledger.nonce(transaction.sender, confirmed_head(self._ledger, self._depth).number)
        if spent > transaction.nonce and self._ledger.receipt(transaction.hash) is None:
            raise NonceForeignError("nonce of the account", str(transaction.nonce), str(spent))
