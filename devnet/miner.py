"""Transactions that wait, and when they are mined: at once, one block each; on demand; or at an interval.

Invariants: a transaction leaves the pool when its block is on disk, or when the chain refuses it for good; transactions of
one sender are mined in order of nonce, those of different senders in order of arrival; no two with one sender and nonce wait.
The pool lives in memory: a transaction that was not mined when the process ended was never confirmed to anybody.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from acredita.devnet.blocks import Transaction
from acredita.devnet.chain import Chain, Mined, admit, check_form
from acredita.devnet.errors import Refusal, TransactionRefused
from eth_typing import Address, Hash32

# Transactions that may wait at once, so that a client that leaves gaps cannot fill the memory.
POOL_LIMIT = 10_000
# Refusals that time can cure: the transaction goes back to wait.
_MAY_COME_GOOD = frozenset({Refusal.NONCE_TOO_HIGH, Refusal.GAS_TOO_HIGH})


@dataclass(frozen=True)
class Waiting:
    """A transaction of the pool with its order of arrival."""

    arrival: int
    transaction: Transaction


class Miner:
    """The pool of transactions, and the rule when they are mined."""

    def __init__(self, chain: Chain, automine: bool = True) -> None:
        self.chain = chain
        self.automine = automine
        self._waiting: dict[tuple[Address, int], Waiting] = {}
        self._by_hash: dict[Hash32, Transaction] = {}
        self._arrivals = 0

    def submit(self, transaction: Transaction) -> Hash32:
        """Take a transaction; with automine it and those it unblocks are mined, a block each, before this returns.

        Raises TransactionRefused, and ChainStorageError when its block could not be written: then it waits.
        """
        self._check(transaction)
        self._waiting[transaction.sender, transaction.nonce] = Waiting(self._arrivals, transaction)
        self._by_hash[transaction.hash] = transaction
        self._arrivals += 1
        if self.automine:
            self.mine_waiting_singly()
        return transaction.hash

    def mine_waiting_singly(self) -> None:
        """Mine a block for each transaction that can be executed."""
        while (transaction := self._first_executable()) is not None:
            self._mine([transaction], None)

    def mine_block(self, timestamp: int | None = None) -> Mined:
        """Mine one block with everything that can be executed and has room in it."""
        return self._mine(list(self.ready()), timestamp)

    def waiting(self) -> list[Transaction]:
        """List the pool in order of arrival."""
        return [entry.transaction for entry in sorted(self._waiting.values(), key=lambda entry: entry.arrival)]

    def find(self, transaction_hash: bytes) -> Transaction | None:
        """Return a transaction of the pool by its hash."""
        return self._by_hash.get(Hash32(transaction_hash))

    def drop(self, transaction_hash: bytes) -> bool:
        """Drop a transaction; return False when the pool does not have it."""
        transaction = self._by_hash.pop(Hash32(transaction_hash), None)
        if transaction is None:
            return False
        del self._waiting[transaction.sender, transaction.nonce]
        return True

    def clear(self) -> None:
        """Empty the pool."""
        self._waiting.clear()
        self._by_hash.clear()

    def ready(self) -> Iterator[Transaction]:
        """Iterate over the transactions that a block mined now would try, in its order, within its gas limit."""
        gas = 0
        for transaction in self._ready():
            gas += transaction.gas
            if gas > self.chain.gas_limit:
                return
            yield transaction

    def next_nonce(self, sender: Address) -> int:
        """Return the nonce after the sender's last transaction that is mined or can be."""
        nonce = self.chain.accounts.get_nonce(sender)
        while (sender, nonce) in self._waiting:
            nonce += 1
        return nonce

    def _check(self, transaction: Transaction) -> None:
        check_form(transaction, self.chain.chain_id, self.chain.gas_limit)
        allowed = self.chain.allow_list
        if allowed is not None and transaction.sender not in allowed:
            raise TransactionRefused(Refusal.SENDER_NOT_ALLOWED, "0x" + transaction.sender.hex())
        accounts = self.chain.accounts
        if transaction.nonce < accounts.get_nonce(transaction.sender):
            raise TransactionRefused(Refusal.NONCE_TOO_LOW)
        if accounts.get_balance(transaction.sender) < transaction.highest_cost:
            raise TransactionRefused(Refusal.INSUFFICIENT_FUNDS)
        present = self._waiting.get((transaction.sender, transaction.nonce))
        if present is not None:
            same = present.transaction.hash == transaction.hash
            # A price of zero cannot be outbid, so a nonce that waits is taken.
            raise TransactionRefused(Refusal.ALREADY_KNOWN if same else Refusal.UNDERPRICED)
        if len(self._waiting) >= POOL_LIMIT:
            raise TransactionRefused(Refusal.POOL_FULL)

    def _first_executable(self) -> Transaction | None:
        for transaction in list(self._ready()):
            try:
                admit(self.chain.accounts, transaction, self.chain.chain_id, self.chain.gas_limit)
            except TransactionRefused as refused:
                self._forget_hopeless(transaction, refused)
                continue
            return transaction
        return None

    def _ready(self) -> Iterator[Transaction]:
        senders = {sender for sender, _ in self._waiting}
        first = [(sender, self.chain.accounts.get_nonce(sender)) for sender in senders]
        queue = [(self._waiting[key].arrival, key) for key in first if key in self._waiting]
        heapq.heapify(queue)
        while queue:
            _, (sender, nonce) = heapq.heappop(queue)
            yield self._waiting[sender, nonce].transaction
            following = self._waiting.get((sender, nonce + 1))
            if following is not None:
                heapq.heappush(queue, (following.arrival, (sender, nonce + 1)))

    def _mine(self, transactions: list[Transaction], timestamp: int | None) -> Mined:
        mined = self.chain.mine(transactions, timestamp)
        for done in mined.block.executed:
            self.drop(done.transaction.hash)
        for transaction, refused in mined.refused:
            self._forget_hopeless(transaction, refused)
        return mined

    def _forget_hopeless(self, transaction: Transaction, refused: TransactionRefused) -> None:
        if refused.refusal not in _MAY_COME_GOOD:
            self.drop(transaction.hash)
