"""Execute one transaction or call on a state, with py-evm's Shanghai rules and a base fee of zero.

This is the only module that knows py-evm. It sets its block building aside: blocks are ours alone, so their headers need no
proof of work, no fee rule and no second validation, and the base fee stays 0 whatever the last block held, as Besu's
`zeroBaseFee` has it. The conditions for executing a transaction are in `admission`, not here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from acredita.devnet.blocks import Log, Transaction
from acredita.devnet.database import ChainDatabase
from acredita.devnet.interpreter import FastComputation
from eth.abc import SignedTransactionAPI
from eth.db.atomic import AtomicDBWriteBatch
from eth.db.backends.base import BaseAtomicDB
from eth.vm.execution_context import ExecutionContext
from eth.vm.forks.shanghai.state import ShanghaiState, ShanghaiTransactionExecutor
from eth_typing import Address, BlockNumber, Hash32
from lru import LRU

HARD_FORK = "shanghai"
BASE_FEE = 0
# Nodes kept in memory; the upper levels of the tries are asked for at every transaction. About 30 MB at worst.
NODE_CACHE_ENTRIES = 50_000
# EIP-3529: at most a fifth of the gas comes back.
MAX_REFUND_QUOTIENT = 5


class NodeStore(BaseAtomicDB):
    """Trie nodes and code by their hash: new ones in memory until the block that brings them is written."""

    def __init__(self, database: ChainDatabase) -> None:
        self._database = database
        self._cache: Any = LRU(NODE_CACHE_ENTRIES)
        self._unwritten: dict[bytes, bytes] = {}

    def __getitem__(self, key: bytes) -> bytes:
        node = self._unwritten.get(key) or self._cache.get(key) or self._database.node(key)
        if node is None:
            raise KeyError(key)
        self._cache[key] = node
        return node

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self._unwritten[key] = value

    def __delitem__(self, key: bytes) -> None:
        # Another state may hold the same node: what is named by its hash is never taken away.
        raise RuntimeError("trie nodes are never deleted")

    def _exists(self, key: bytes) -> bool:
        return key in self._unwritten or key in self._cache or self._database.node(key) is not None

    @contextmanager
    def atomic_batch(self) -> Iterator[Any]:
        """Write a batch of nodes whole or not at all."""
        with AtomicDBWriteBatch._commit_unless_raises(self) as batch:
            yield batch

    def unwritten(self) -> dict[bytes, bytes]:
        """Return the nodes that are not on disk yet."""
        return self._unwritten

    def written(self) -> None:
        """Move the unwritten nodes to the cache, because they are on disk now."""
        for key, value in self._unwritten.items():
            self._cache[key] = value
        self._unwritten = {}

    def discard(self) -> None:
        """Drop the unwritten nodes of a block that was not made."""
        self._unwritten = {}


@dataclass(frozen=True)
class Environment:
    """The facts of a block that opcodes can read."""

    chain_id: int
    number: int
    timestamp: int
    gas_limit: int
    coinbase: Address
    prev_randao: Hash32
    # Hashes of the blocks before, newest first; read only when BLOCKHASH asks.
    ancestors: Iterable[Hash32]


@dataclass(frozen=True)
class ExecutionResult:
    """The result of a transaction or call. `failure` names the error, None when it succeeded."""

    failure: str | None
    output: bytes
    gas_used: int
    gas_refunded: int
    logs: tuple[Log, ...]

    @property
    def success(self) -> bool:
        """True if nothing failed."""
        return self.failure is None

    @property
    def reverted(self) -> bool:
        """True if the code reverted."""
        return self.failure == "Revert"


class _Executor(ShanghaiTransactionExecutor):
    def validate_transaction(self, transaction: SignedTransactionAPI) -> None:
        """Do nothing: `admit` has checked already, with reasons a client understands, and a call is not checked."""


class State(ShanghaiState):
    """Accounts and storage at one root, as one block sees them."""

    computation_class = FastComputation
    transaction_executor_class = _Executor

    def touch_account(self, address: Address) -> None:
        """Do nothing: empty accounts that end are read from the calls made (EIP-161), and a touch changes none."""

    def delta_balance(self, address: Address, delta: int) -> None:
        # With a price of zero, most changes change nothing; writing the account again would cost a trie update each.
        """Change a balance; a change of zero touches nothing."""
        if delta:
            super().delta_balance(address, delta)


def open_state(nodes: NodeStore, root: Hash32, environment: Environment) -> State:
    """Open the state under a root, as a block with this environment sees it."""
    context = ExecutionContext(
        coinbase=environment.coinbase,
        timestamp=environment.timestamp,
        block_number=BlockNumber(environment.number),
        difficulty=0,
        mix_hash=environment.prev_randao,
        gas_limit=environment.gas_limit,
        prev_hashes=environment.ancestors,
        chain_id=environment.chain_id,
        base_fee_per_gas=BASE_FEE,
    )
    return State(nodes, context, root)


def execute(state: State, transaction: Transaction) -> ExecutionResult:
    """Run a transaction; its effects stay in `state`, not yet in the trie."""
    # The transactions before this one are settled: storage refunds and warm addresses count from here.
    state.lock_changes()
    return _run(state, transaction)


def try_out(state: State, transaction: Transaction) -> ExecutionResult:
    """Run a transaction and take every effect back."""
    state.lock_changes()
    snapshot = state.snapshot()
    try:
        return _run(state, transaction)
    finally:
        state.revert(snapshot)


def _run(state: State, transaction: Transaction) -> ExecutionResult:
    computation = state.apply_transaction(cast(SignedTransactionAPI, transaction))
    burnt = transaction.gas - computation.get_gas_remaining()
    refund = min(computation.get_gas_refund(), burnt // MAX_REFUND_QUOTIENT)
    logs = tuple(
        Log(Address(address), tuple(topic.to_bytes(32, "big") for topic in topics), bytes(data))
        for address, topics, data in computation.get_log_entries()
    )
    failure = type(computation.error).__name__ if computation.is_error else None
    return ExecutionResult(failure, bytes(computation.output), burnt - refund, refund, logs)
