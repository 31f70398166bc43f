"""The embedded chain: genesis, blocks, calls, receipts, logs, proofs, snapshots.

Invariants: when `mine` returns, the block and its receipts are on disk; block times strictly increase; the base fee is 0;
a failed write leaves head and state where they were. One process writes a folder; others may read it, and see the blocks
that were whole when they opened it (or last called `refresh`). A genesis made fresh carries 32 random bytes, so two chains
never share a genesis hash. Other modules hold waiting transactions (`miner`), check the signatures of a
given transaction (`blocks`) and speak JSON (`rpc`). Not for several threads at once; `Rpc` holds the lock.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Protocol

import rlp  # type: ignore[import-untyped]
from acredita.devnet.accounts import BALANCE, dev_accounts
from acredita.devnet.blocks import (
    BLANK_ROOT,
    LEGACY,
    ZERO_ADDRESS,
    ZERO_HASH,
    Header,
    Receipt,
    Transaction,
    bloom_of,
    trie_root,
)
from acredita.devnet.database import FORMAT, ChainDatabase, Executed, LogFilter, PlacedLog
from acredita.devnet.defaults import CHAIN_ID
from acredita.devnet.errors import (
    ChainStorageError,
    ChainUnreadableError,
    OtherChainError,
    ReadOnlyRefused,
    Refusal,
    TransactionRefused,
    UnknownBlockRefused,
)
from acredita.devnet.evm import BASE_FEE, Environment, NodeStore, State, execute, open_state
from acredita.devnet.proofs import AccountProof, prove_account
from eth_typing import Address, Hash32

BLOCK_GAS_LIMIT = 30_000_000
EXTRA_DATA_BYTES = 32
# BLOCKHASH reaches this many blocks back.
ANCESTORS = 256

Clock = Callable[[], int]


def wall_clock() -> int:
    """Return the time of the machine in Unix seconds."""
    return int(time.time())


@dataclass(frozen=True)
class Block:
    """A header with the transactions that were executed in its block."""

    header: Header
    executed: tuple[Executed, ...]

    @cached_property
    def size(self) -> int:
        """Length of the block's RLP: header, transactions, no uncles, no withdrawals."""
        transactions = [
            rlp.decode(done.transaction.raw) if done.transaction.type_id == LEGACY else done.transaction.raw
            for done in self.executed
        ]
        return len(rlp.encode([rlp.decode(self.header.encode()), transactions, [], []]))


@dataclass(frozen=True)
class Mined:
    """A new block, and the transactions that could not go into it with the rule each broke."""

    block: Block
    refused: tuple[tuple[Transaction, TransactionRefused], ...]


@dataclass(frozen=True)
class _Draft:
    executed: tuple[Executed, ...] = ()
    refused: tuple[tuple[Transaction, TransactionRefused], ...] = ()

    def with_one_more(self, done: Executed) -> _Draft:
        return replace(self, executed=(*self.executed, done))


@dataclass(frozen=True)
class Snapshot:
    """A point to come back to: a block, the state after it, and the shift of the clock."""

    number: int
    block_hash: Hash32
    state_root: Hash32
    clock_shift: int


class Chain:
    """Use `Chain.open`; close it, or use it as a context manager."""

    def __init__(self, database: ChainDatabase, chain_id: int, clock: Clock) -> None:
        self._database = database
        self._nodes = NodeStore(database)
        self._clock = clock
        self.chain_id = chain_id
        self.allow_list: frozenset[Address] | None = None
        self._clock_shift = 0
        self._next_timestamp: int | None = None
        self._read: tuple[Hash32, State] | None = None
        self._newest: Block | None = None
        self._snapshots: dict[int, Snapshot] = {}
        self._snapshot_count = 0
        self.gas_limit = BLOCK_GAS_LIMIT
        self.coinbase = ZERO_ADDRESS
        self._adopt_head()

    @classmethod
    def open(
        cls,
        path: Path | None,
        *,
        chain_id: int = CHAIN_ID,
        genesis_time: int | None = None,
        extra_data: bytes | None = None,
        clock: Clock = wall_clock,
        allow_list: frozenset[Address] | None = None,
        balances: Mapping[Address, int] | None = None,
        read_only: bool = False,
    ) -> Chain:
        """Open the chain in a folder, or make it there; `None` keeps it in memory.

        `genesis_time`, `extra_data` and `balances` count only for a chain that is made now; they stand for the clock, for
        32 random bytes and for the ten development accounts. Raises ChainFolderError.
        """
        database = _open_database(path, read_only)
        try:
            if database.head() is None:
                genesis_time = clock() if genesis_time is None else genesis_time
                extra = secrets.token_bytes(EXTRA_DATA_BYTES) if extra_data is None else extra_data
                _write_genesis(database, chain_id, genesis_time, extra, _default_balances(balances))
            _check_identity(database, path, chain_id)
            chain = cls(database, chain_id, clock)
        except BaseException:
            database.close()
            raise
        chain.allow_list = allow_list
        return chain

    def close(self) -> None:
        """Close the database and give up the folder."""
        self._database.close()

    def __enter__(self) -> Chain:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def nodes(self) -> NodeStore:
        """The trie nodes of the chain's states."""
        return self._nodes

    @property
    def state_root(self) -> Hash32:
        """Root the next block starts from: the head's, unless state was set outside blocks."""
        return self._state_root

    @property
    def read_only(self) -> bool:
        """True if the folder was opened for reading only."""
        return self._database.read_only

    # ---- blocks ---------------------------------------------------------------------------------------------------

    @property
    def head(self) -> Header:
        return self._head

    def refresh(self) -> Header:
        """Take notice of blocks another process has written since."""
        self._adopt_head()
        return self._head

    def header(self, number: int) -> Header:
        """Return the header at a height. Raises UnknownBlockRefused."""
        if number == self._head.number:
            return self._head
        if not 0 <= number < self._head.number:
            raise UnknownBlockRefused(number)
        return self._database.header(number)

    def number_of(self, block_hash: bytes) -> int:
        """Return the height of a block by its hash. Raises UnknownBlockRefused."""
        number = self._database.number_of(block_hash)
        if number > self._head.number:
            raise UnknownBlockRefused("0x" + block_hash.hex())
        return number

    def block(self, number: int) -> Block:
        if self._newest is not None and number == self._newest.header.number:
            return self._newest
        block = Block(self.header(number), self._database.executed(number))
        if block.header is self._head:
            self._newest = block
        return block

    def find_transaction(self, transaction_hash: bytes) -> tuple[Header, Executed] | None:
        """Return a mined transaction with its receipt and block, or None."""
        place = self._database.place_of(transaction_hash)
        if place is None or place[0] > self._head.number:
            return None
        block = self.block(place[0])
        return block.header, block.executed[place[1]]

    def logs(self, query: LogFilter) -> list[PlacedLog]:
        return self._database.logs(replace(query, last=min(query.last, self._head.number)))

    # ---- mining ---------------------------------------------------------------------------------------------------

    def mine(self, transactions: Sequence[Transaction] = (), timestamp: int | None = None) -> Mined:
        """Make the next block of these transactions, in this order.

        One that may not be executed when its turn comes is left out and reported. When this returns, the block is on disk;
        when it raises (ChainStorageError), there is none.
        """
        self._refuse_read_only()
        environment = self.next_environment(timestamp)
        state = open_state(self._nodes, self._state_root, environment)
        try:
            draft = self._execute_all(state, transactions)
            state.persist()
            header = self._seal(environment, state.state_root, draft.executed)
            meta = self._meta_after(state.state_root)
            self._database.append(header, draft.executed, self._nodes.unwritten(), meta)
        except BaseException:
            self._nodes.discard()
            raise
        # A crash before this line: the block is whole on disk and is the head when the chain is opened again.
        self._nodes.written()
        block = Block(header, draft.executed)
        self._advance(block)
        return Mined(block, draft.refused)

    def draft(self, transactions: Sequence[Transaction]) -> tuple[Block, State]:
        """Execute the block that `mine` would make now, and return it with the state after it. Nothing is kept."""
        environment = self.next_environment()
        state = open_state(self._nodes, self._state_root, environment)
        draft = self._execute_all(state, transactions)
        header = self._seal(environment, state.make_state_root(), draft.executed)
        return Block(header, draft.executed), state

    def next_environment(self, timestamp: int | None = None) -> Environment:
        """Return the environment of the block that would be mined now."""
        return Environment(
            chain_id=self.chain_id,
            number=self._head.number + 1,
            timestamp=self._time_of_next(timestamp),
            gas_limit=self.gas_limit,
            coinbase=self.coinbase,
            prev_randao=ZERO_HASH,
            ancestors=self._ancestors(self._head),
        )

    def _execute_all(self, state: State, transactions: Sequence[Transaction]) -> _Draft:
        draft = _Draft()
        gas_used, log_count = 0, 0
        for transaction in transactions:
            try:
                admit(state, transaction, self.chain_id, self.gas_limit - gas_used)
            except TransactionRefused as refused:
                draft = replace(draft, refused=(*draft.refused, (transaction, refused)))
                continue
            result = execute(state, transaction)
            gas_used += result.gas_used
            receipt = Receipt(transaction.type_id, result.success, result.gas_used, gas_used, result.logs)
            done = Executed(transaction, receipt, len(draft.executed), log_count)
            draft = draft.with_one_more(done)
            log_count += len(result.logs)
        return draft

    def _seal(self, environment: Environment, state_root: Hash32, executed: Sequence[Executed]) -> Header:
        return Header(
            parent_hash=self._head.hash,
            coinbase=environment.coinbase,
            state_root=state_root,
            transactions_root=trie_root([done.transaction.raw for done in executed]),
            receipts_root=trie_root([done.receipt.encode() for done in executed]),
            bloom=bloom_of(tuple(log for done in executed for log in done.receipt.logs)),
            number=environment.number,
            gas_limit=environment.gas_limit,
            gas_used=executed[-1].receipt.cumulative_gas_used if executed else 0,
            timestamp=environment.timestamp,
            extra_data=b"",
            prev_randao=environment.prev_randao,
            base_fee=BASE_FEE,
        )

    def _advance(self, block: Block) -> None:
        if self._next_timestamp is not None:
            self._clock_shift = block.header.timestamp - self._clock()
            self._next_timestamp = None
        self._head = block.header
        self._state_root = block.header.state_root
        # What a client asks for next is the receipt in this block.
        self._newest = block

    # ---- time -----------------------------------------------------------------------------------------------------

    def _time_of_next(self, timestamp: int | None) -> int:
        chosen = timestamp if timestamp is not None else self._next_timestamp
        if chosen is not None and chosen <= self._head.timestamp:
            raise ValueError(f"block time {chosen} is not after {self._head.timestamp}")
        if chosen is not None:
            return chosen
        # Strictly increasing: a log accepts one checkpoint a second at most, and two blocks never share a time.
        return max(self._clock() + self._clock_shift, self._head.timestamp + 1)

    def set_next_timestamp(self, timestamp: int) -> None:
        """Time of the next block; the clock goes on from there."""
        if timestamp <= self._head.timestamp:
            raise ValueError(f"block time {timestamp} is not after {self._head.timestamp}")
        self._next_timestamp = timestamp

    def set_time(self, timestamp: int) -> int:
        """Set the clock; returns by how much it was moved."""
        before = self._clock_shift
        self._clock_shift = timestamp - self._clock()
        return self._clock_shift - before

    def increase_time(self, seconds: int) -> int:
        """Shift the clock; returns the whole shift."""
        self._clock_shift += seconds
        return self._clock_shift

    # ---- state ----------------------------------------------------------------------------------------------------

    @property
    def accounts(self) -> Accounts:
        """The accounts as they are, kept as long as they stay so: they are asked for several times a transaction."""
        if self._read is None or self._read[0] != self._state_root:
            self._read = (self._state_root, self.state())
        return self._read[1]

    def state(self) -> State:
        """Open the state that the next block starts from, as seen from that block."""
        return open_state(self._nodes, self._state_root, self.next_environment())

    def state_at(self, header: Header) -> State:
        """Open the state after a block, as seen from that block. For the head it includes what was set outside
        blocks.
        """
        environment = Environment(
            chain_id=self.chain_id,
            number=header.number,
            timestamp=header.timestamp,
            gas_limit=header.gas_limit,
            coinbase=header.coinbase,
            prev_randao=header.prev_randao,
            ancestors=self._ancestors(header, with_itself=False),
        )
        root = self._state_root if header.number == self._head.number else header.state_root
        return open_state(self._nodes, root, environment)

    def change_state(self, change: Callable[[State], None]) -> None:
        """Set balances, code or storage outside any block, as only a development chain can."""
        self._refuse_read_only()
        state = self.state()
        try:
            change(state)
            state.persist()
            self._database.write({"state_root": state.state_root}, self._nodes.unwritten())
        except BaseException:
            self._nodes.discard()
            raise
        self._nodes.written()
        self._state_root = state.state_root

    def adopt_state(self, root: Hash32, nodes: Mapping[bytes, bytes]) -> None:
        """Put a whole state in place of the present one, outside any block."""
        self._refuse_read_only()
        self._database.write({"state_root": root}, nodes)
        self._state_root = root

    def prove(self, header: Header, address: Address, slots: tuple[tuple[str, int], ...]) -> AccountProof:
        """Prove an account under a header's own state root (EIP-1186); later changes outside blocks are not in it."""
        return prove_account(self._nodes, header.state_root, address, slots)

    # ---- snapshots ------------------------------------------------------------------------------------------------

    def snapshot(self) -> int:
        """Remember this moment until the process ends; returns its number."""
        taken = self._snapshot_count
        self._snapshot_count += 1
        self._snapshots[taken] = Snapshot(self._head.number, self._head.hash, self._state_root, self._clock_shift)
        return taken

    def revert(self, snapshot: int) -> bool:
        """Go back to a snapshot; this and later snapshots are used up. Return False when there is no such snapshot."""
        self._refuse_read_only()
        if snapshot not in self._snapshots:
            return False
        back = self._snapshots[snapshot]
        self._database.truncate(back.number, {"state_root": back.state_root})
        self._snapshots = {number: kept for number, kept in self._snapshots.items() if number < snapshot}
        self._clock_shift = back.clock_shift
        self._next_timestamp = None
        self._adopt_head()
        return True

    # ---- inner ----------------------------------------------------------------------------------------------------

    def _adopt_head(self) -> None:
        head = self._database.head()
        if head is None:
            raise ChainStorageError("the chain has no block")
        root = self._database.meta("state_root")
        self._head = head
        self._newest = None
        self._state_root = Hash32(root) if root else head.state_root

    def _meta_after(self, state_root: Hash32) -> dict[str, bytes]:
        return {} if self._state_root == self._head.state_root else {"state_root": state_root}

    def _ancestors(self, header: Header, with_itself: bool = True) -> Iterator[Hash32]:
        start = header.number if with_itself else header.number - 1
        for number in range(start, max(-1, start - ANCESTORS), -1):
            yield self._database.block_hash(number)

    def _refuse_read_only(self) -> None:
        if self._database.read_only:
            raise ReadOnlyRefused("this chain was opened read-only")


class Accounts(Protocol):
    """Facts about a sender that decide whether its transaction is admitted."""

    def get_nonce(self, address: Address) -> int:
        """Return the number of transactions that the account has sent."""

    def get_balance(self, address: Address) -> int:
        """Return the balance in wei."""


def admit(accounts: Accounts, transaction: Transaction, chain_id: int, gas_left: int) -> None:
    """Admit a transaction for execution now. Raises TransactionRefused."""
    check_form(transaction, chain_id, gas_left)
    nonce = accounts.get_nonce(transaction.sender)
    if transaction.nonce != nonce:
        refusal = Refusal.NONCE_TOO_LOW if transaction.nonce < nonce else Refusal.NONCE_TOO_HIGH
        raise TransactionRefused(refusal)
    if accounts.get_balance(transaction.sender) < transaction.highest_cost:
        raise TransactionRefused(Refusal.INSUFFICIENT_FUNDS)


def check_form(transaction: Transaction, chain_id: int, gas_limit: int) -> None:
    """Check a transaction as far as the state is not needed. Raises TransactionRefused."""
    if transaction.chain_id not in (None, chain_id):
        raise TransactionRefused(Refusal.WRONG_CHAIN, f"transaction names {transaction.chain_id}, chain is {chain_id}")
    if transaction.max_priority_fee_per_gas > transaction.max_fee_per_gas:
        raise TransactionRefused(Refusal.TIP_ABOVE_FEE)
    if transaction.initcode_too_large:
        raise TransactionRefused(Refusal.INITCODE_TOO_LARGE)
    if transaction.gas < transaction.least_gas:
        raise TransactionRefused(Refusal.INTRINSIC_GAS)
    if transaction.gas > gas_limit:
        raise TransactionRefused(Refusal.GAS_TOO_HIGH)


def _default_balances(balances: Mapping[Address, int] | None) -> Mapping[Address, int]:
    return {account.address: BALANCE for account in dev_accounts()} if balances is None else balances


def _open_database(path: Path | None, read_only: bool) -> ChainDatabase:
    if path is None:
        return ChainDatabase.create_in_memory()
    return ChainDatabase.open_read_only(path) if read_only else ChainDatabase.open(path)


def _write_genesis(
    database: ChainDatabase, chain_id: int, genesis_time: int, extra_data: bytes, balances: Mapping[Address, int]
) -> None:
    nodes = NodeStore(database)
    environment = Environment(chain_id, 0, genesis_time, BLOCK_GAS_LIMIT, ZERO_ADDRESS, ZERO_HASH, ())
    state = open_state(nodes, BLANK_ROOT, environment)
    for address, balance in balances.items():
        state.set_balance(address, balance)
    state.persist()
    header = Header(
        parent_hash=ZERO_HASH,
        coinbase=ZERO_ADDRESS,
        state_root=state.state_root,
        transactions_root=BLANK_ROOT,
        receipts_root=BLANK_ROOT,
        bloom=bytes(256),
        number=0,
        gas_limit=BLOCK_GAS_LIMIT,
        gas_used=0,
        timestamp=genesis_time,
        extra_data=extra_data,
        prev_randao=ZERO_HASH,
        base_fee=BASE_FEE,
    )
    identity = {"format": FORMAT.encode(), "chain_id": chain_id.to_bytes(32, "big")}
    database.append(header, (), nodes.unwritten(), identity)


def _check_identity(database: ChainDatabase, path: Path | None, chain_id: int) -> None:
    folder = path or Path(":memory:")
    stored = database.meta("format")
    if stored != FORMAT.encode():
        raise ChainUnreadableError(folder, f"format is {stored!r}, expected {FORMAT}")
    own = int.from_bytes(database.meta("chain_id") or b"", "big")
    if own != chain_id:
        raise OtherChainError(folder, chain_id, own)
