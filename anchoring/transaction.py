"""One transaction of one account: sign it, send its bytes, read from the chain how it ended.

Invariants: a transaction's outcome is read from the chain, never from the answer to sending it; the same bytes are sent
again, never others in their place. Price is zero on the networks this is for, so a transaction never has to be replaced to
get through.

Nothing is stored here. `sender` stores single calls; the node's write path has storage of its own.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol, TypeVar

import rlp  # type: ignore[import-untyped]
from acredita.anchoring.ledger import Block, Ledger, LedgerUnavailable, SubmissionUnavailable, TxReceipt
from acredita.anchoring.types import Address, TxHash
from acredita.contracts.abi import Call
from coincurve import PrivateKey
from eth_hash.auto import keccak

T = TypeVar("T")

DYNAMIC_FEE_TYPE: Final = b"\x02"  # EIP-2718 envelope of an EIP-1559 transaction
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
class UnsignedTransaction:
    """A call of one account before its signature, for one chain and one nonce. Both fees are 0, and no value moves."""

    chain_id: int
    nonce: int
    gas: int
    call: Call


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


@dataclass(frozen=True, slots=True)
class Patience:
    """Time to ask for an outcome before reporting that it is not known yet. The clock only measures waiting."""

    seconds: float = 30.0
    poll_seconds: float = 0.05
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def wait_for(self, ask: Callable[[], T | None]) -> T | None:
        """Ask until there is an answer or the time is over, with longer pauses each time."""
        end, pause = self.clock() + self.seconds, self.poll_seconds
        while (answer := ask()) is None and self.clock() < end:
            self.sleep(pause)
            pause = min(2 * pause, MAX_POLL_SECONDS)
        return answer


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
