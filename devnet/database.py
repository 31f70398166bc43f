"""The chain's file: trie nodes, blocks, transactions with their receipts, and logs, in one SQLite database.

Invariants: a block and everything it brings become visible in one SQLite transaction, which is on disk when `append`
returns; trie nodes are named by their hash, are never changed and never deleted, so every past state can be read again.
Logs are indexed by address and by the first two topics, each with the block number, so a range query touches only rows it
may return. While the chain is open for writing the file is in WAL mode, so that readers of other processes see the last
whole block; closed, it is one plain file that opens in a folder nobody may write to.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acredita.devnet.blocks import Header, Log, Receipt, Transaction, decode_transaction
from acredita.devnet.errors import (
    ChainLockedError,
    ChainMissingError,
    ChainStorageError,
    ChainUnreadableError,
    ChainUnwritableError,
    UnknownBlockRefused,
)
from eth_typing import Address, Hash32

FILE_NAME = "chain.sqlite"
LOCK_NAME = "writer.lock"
FORMAT = "acredita-chain/1"
# How long a reader or writer waits for the other's short lock, in milliseconds.
BUSY_TIMEOUT_MS = 5_000
# Pages of write-ahead log after which SQLite moves them into the file (4 KiB each).
CHECKPOINT_PAGES = 2_000

_SCHEMA = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE nodes(hash BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE blocks(number INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, timestamp INTEGER NOT NULL,
    header BLOB NOT NULL);
CREATE TABLE transactions(
    block INTEGER NOT NULL, position INTEGER NOT NULL, hash BLOB NOT NULL UNIQUE, sender BLOB NOT NULL,
    raw BLOB NOT NULL, success INTEGER NOT NULL, gas_used INTEGER NOT NULL, cumulative_gas INTEGER NOT NULL,
    PRIMARY KEY(block, position)) WITHOUT ROWID;
CREATE TABLE logs(
    block INTEGER NOT NULL, position INTEGER NOT NULL, tx INTEGER NOT NULL, address BLOB NOT NULL,
    topic0 BLOB, topic1 BLOB, topic2 BLOB, topic3 BLOB, data BLOB NOT NULL,
    PRIMARY KEY(block, position)) WITHOUT ROWID;
CREATE INDEX logs_by_address ON logs(address, block);
CREATE INDEX logs_by_topic0 ON logs(topic0, block);
CREATE INDEX logs_by_topic1 ON logs(topic1, block);
"""


@dataclass(frozen=True)
class Executed:
    """A transaction in its block, with its receipt and the position of its first log in the block."""

    transaction: Transaction
    receipt: Receipt
    position: int
    first_log: int


@dataclass(frozen=True)
class PlacedLog:
    """A log and where it stands."""

    log: Log
    block: int
    block_hash: Hash32
    timestamp: int
    position: int
    transaction: Hash32
    transaction_position: int


@dataclass(frozen=True)
class LogFilter:
    """A filter of eth_getLogs. An empty `addresses`, or an empty set of a topic, does not restrict."""

    first: int
    last: int
    addresses: frozenset[Address] = frozenset()
    topics: tuple[frozenset[bytes], ...] = ()


class ChainDatabase:
    """One open chain file. Not for several threads at once."""

    def __init__(self, connection: sqlite3.Connection, lock: sqlite3.Connection | None, read_only: bool) -> None:
        self._connection = connection
        self._lock = lock
        self.read_only = read_only

    @classmethod
    def create_in_memory(cls) -> ChainDatabase:
        """Create a database that ends with the process."""
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        connection.executescript(_SCHEMA)
        return cls(connection, None, read_only=False)

    @classmethod
    def open(cls, folder: Path) -> ChainDatabase:
        """Open for writing, making the folder and an empty file when there is none."""
        lock = _take_writer_lock(folder)
        try:
            connection = _connect_writer(folder)
        except BaseException:
            lock.close()
            raise
        return cls(connection, lock, read_only=False)

    @classmethod
    def open_read_only(cls, folder: Path) -> ChainDatabase:
        """Open without writing anything; another process may be writing the chain."""
        path = folder / FILE_NAME
        if not path.is_file():
            raise ChainMissingError(folder)
        uri = f"{path.resolve().as_uri()}?mode=ro"
        try:
            connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
            connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.DatabaseError as error:
            raise ChainUnreadableError(folder, str(error)) from error
        return cls(connection, None, read_only=True)

    def close(self) -> None:
        """Fold the write-ahead log into the file, so that it can be read where nothing may be written."""
        lock, self._lock = self._lock, None
        if lock is not None:
            self._leave_wal_mode()
        self._connection.close()
        if lock is not None:
            lock.close()

    def _leave_wal_mode(self) -> None:
        try:
            self._connection.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError:
            # A reader is still there, or the disk is full: the write-ahead log stays beside the file and counts.
            return

    # ---- meta -----------------------------------------------------------------------------------------------------

    def meta(self, key: str) -> bytes | None:
        """Return a stored value by its key."""
        row = self._connection.execute("SELECT value FROM meta WHERE key=?", (key,)).fetchone()
        return None if row is None else bytes(row[0])

    def write(self, meta: Mapping[str, bytes], nodes: Mapping[bytes, bytes]) -> None:
        """Keep values and trie nodes outside any block; on disk when it returns."""
        with self._transaction():
            self._insert_nodes(nodes)
            self._set_meta(meta)

    # ---- blocks ---------------------------------------------------------------------------------------------------

    def append(
        self,
        header: Header,
        executed: Sequence[Executed],
        nodes: Mapping[bytes, bytes],
        meta: Mapping[str, bytes],
    ) -> None:
        """Add the next block; when it returns, block, receipts, logs and state are on disk. Raises ChainStorageError."""
        with self._transaction():
            self._insert_nodes(nodes)
            self._set_meta(meta)
            row = (header.number, header.hash, header.timestamp, header.encode())
            self._connection.execute("INSERT INTO blocks VALUES(?,?,?,?)", row)
            self._connection.executemany(
                "INSERT INTO transactions VALUES(?,?,?,?,?,?,?,?)", _transaction_rows(header.number, executed)
            )
            self._connection.executemany(
                "INSERT INTO logs VALUES(?,?,?,?,?,?,?,?,?)", _log_rows(header.number, executed)
            )

    def truncate(self, last: int, meta: Mapping[str, bytes]) -> None:
        """Forget every block after `last`; their trie nodes stay, unreachable."""
        with self._transaction():
            self._set_meta(meta)
            self._connection.execute("DELETE FROM blocks WHERE number>?", (last,))
            self._connection.execute("DELETE FROM transactions WHERE block>?", (last,))
            self._connection.execute("DELETE FROM logs WHERE block>?", (last,))

    def head(self) -> Header | None:
        row = self._connection.execute("SELECT header FROM blocks ORDER BY number DESC LIMIT 1").fetchone()
        return None if row is None else Header.decode(row[0])

    def header(self, number: int) -> Header:
        """Return the header at a height. Raises UnknownBlockRefused."""
        row = self._connection.execute("SELECT header FROM blocks WHERE number=?", (number,)).fetchone()
        if row is None:
            raise UnknownBlockRefused(number)
        return Header.decode(row[0])

    def number_of(self, block_hash: bytes) -> int:
        """Return the height of a block by its hash. Raises UnknownBlockRefused."""
        row = self._connection.execute("SELECT number FROM blocks WHERE hash=?", (block_hash,)).fetchone()
        if row is None:
            raise UnknownBlockRefused("0x" + block_hash.hex())
        return int(row[0])

    def block_hash(self, number: int) -> Hash32:
        """Return the hash of the block at a height. Raises UnknownBlockRefused."""
        row = self._connection.execute("SELECT hash FROM blocks WHERE number=?", (number,)).fetchone()
        if row is None:
            raise UnknownBlockRefused(number)
        return Hash32(row[0])

    def executed(self, number: int) -> tuple[Executed, ...]:
        """Return the transactions of a block with their receipts, in order."""
        rows = self._connection.execute(
            "SELECT position, sender, raw, success, gas_used, cumulative_gas FROM transactions"
            " WHERE block=? ORDER BY position",
            (number,),
        ).fetchall()
        logs = self._logs_by_transaction(number)
        result, first_log = [], 0
        for position, sender, raw, success, gas_used, cumulative in rows:
            transaction = decode_transaction(raw, Address(sender))
            own = logs.get(position, ())
            receipt = Receipt(transaction.type_id, bool(success), gas_used, cumulative, own)
            result.append(Executed(transaction, receipt, position, first_log))
            first_log += len(own)
        return tuple(result)

    def place_of(self, transaction_hash: bytes) -> tuple[int, int] | None:
        """Block number and position of a mined transaction."""
        row = self._connection.execute(
            "SELECT block, position FROM transactions WHERE hash=?", (transaction_hash,)
        ).fetchone()
        return None if row is None else (int(row[0]), int(row[1]))

    def _logs_by_transaction(self, number: int) -> dict[int, tuple[Log, ...]]:
        rows = self._connection.execute(
            "SELECT tx, address, topic0, topic1, topic2, topic3, data FROM logs WHERE block=? ORDER BY position",
            (number,),
        )
        logs_by_position: dict[int, tuple[Log, ...]] = {}
        for position, address, *topics, data in rows:
            logs_by_position[position] = (*logs_by_position.get(position, ()), _log(address, topics, data))
        return logs_by_position

    # ---- logs -----------------------------------------------------------------------------------------------------

    def logs(self, query: LogFilter) -> list[PlacedLog]:
        """Return the logs that match, in chain order."""
        statement, values = log_query(query)
        return [_placed_log(row) for row in self._connection.execute(statement, values)]

    # ---- trie nodes -----------------------------------------------------------------------------------------------

    def node(self, node_hash: bytes) -> bytes | None:
        row = self._connection.execute("SELECT value FROM nodes WHERE hash=?", (node_hash,)).fetchone()
        return None if row is None else row[0]

    def nodes(self) -> Iterator[tuple[bytes, bytes]]:
        """Iterate over all trie nodes."""
        yield from self._connection.execute("SELECT hash, value FROM nodes")

    def _insert_nodes(self, nodes: Mapping[bytes, bytes]) -> None:
        self._connection.executemany("INSERT OR IGNORE INTO nodes VALUES(?,?)", nodes.items())

    def _set_meta(self, meta: Mapping[str, bytes]) -> None:
        self._connection.executemany("INSERT OR REPLACE INTO meta VALUES(?,?)", meta.items())

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise ChainStorageError(f"the chain could not be written: {error}") from error


def log_query(query: LogFilter) -> tuple[str, list[object]]:
    """Build the statement of a filter, through the index that narrows it most."""
    conditions, values = ["l.block BETWEEN ? AND ?"], list[object]([query.first, query.last])
    columns: list[tuple[str, frozenset[Any]]] = [("address", query.addresses)] if query.addresses else []
    columns += [(f"topic{place}", wanted) for place, wanted in enumerate(query.topics)]
    for column, wanted in columns:
        # A place that is named but left open asks for a log that has a topic there.
        marks = ",".join("?" * len(wanted))
        conditions.append(f"l.{column} IN ({marks})" if wanted else f"l.{column} IS NOT NULL")
        values.extend(sorted(wanted))
    statement = (
        "SELECT l.block, b.hash, b.timestamp, l.position, t.hash, l.tx, l.address,"
        " l.topic0, l.topic1, l.topic2, l.topic3, l.data"
        f" FROM logs AS l {_index_for(query)} CROSS JOIN blocks AS b ON b.number=l.block"
        " CROSS JOIN transactions AS t ON t.block=l.block AND t.position=l.tx"
        f" WHERE {' AND '.join(conditions)} ORDER BY l.block, l.position"
    )
    return statement, values


def _index_for(query: LogFilter) -> str:
    # A subject (topic 1) is rarer than a contract, and a contract rarer than an event of any contract.
    if len(query.topics) > 1 and query.topics[1]:
        return "INDEXED BY logs_by_topic1"
    if query.addresses:
        return "INDEXED BY logs_by_address"
    if query.topics and query.topics[0]:
        return "INDEXED BY logs_by_topic0"
    return "NOT INDEXED"


def _placed_log(row: Sequence[Any]) -> PlacedLog:
    block, block_hash, timestamp, position, transaction, transaction_position, address, *topics, data = row
    return PlacedLog(
        log=_log(address, topics, data),
        block=block,
        block_hash=Hash32(block_hash),
        timestamp=timestamp,
        position=position,
        transaction=Hash32(transaction),
        transaction_position=transaction_position,
    )


def _log(address: bytes, topics: Iterable[bytes | None], data: bytes) -> Log:
    return Log(Address(address), tuple(topic for topic in topics if topic is not None), data)


def _transaction_rows(number: int, executed: Sequence[Executed]) -> Iterator[tuple[object, ...]]:
    for done in executed:
        transaction, receipt = done.transaction, done.receipt
        yield (
            number,
            done.position,
            transaction.hash,
            transaction.sender,
            transaction.raw,
            int(receipt.success),
            receipt.gas_used,
            receipt.cumulative_gas_used,
        )


def _log_rows(number: int, executed: Sequence[Executed]) -> Iterator[tuple[object, ...]]:
    for done in executed:
        for offset, log in enumerate(done.receipt.logs):
            topics = (*log.topics, *(None,) * (4 - len(log.topics)))
            yield (number, done.first_log + offset, done.position, log.address, *topics, log.data)


def _take_writer_lock(folder: Path) -> sqlite3.Connection:
    """Lock the folder for one writer, by SQLite's own file lock, because that ends with the process on every system."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = sqlite3.connect(folder / LOCK_NAME, isolation_level=None, timeout=0, check_same_thread=False)
    except (OSError, sqlite3.OperationalError) as error:
        raise ChainUnwritableError(folder, str(error)) from error
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise ChainLockedError(folder) from error
        raise ChainUnwritableError(folder, str(error)) from error
    return lock


def _connect_writer(folder: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(folder / FILE_NAME, isolation_level=None, check_same_thread=False)
    try:
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA journal_mode=WAL")
        # FULL: the log is flushed at every commit, so a told receipt outlives a power cut, not only a killed process.
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
            connection.executescript(f"BEGIN;{_SCHEMA}COMMIT;")
    except sqlite3.DatabaseError as error:
        connection.close()
        if not isinstance(error, sqlite3.OperationalError):
            raise ChainUnreadableError(folder, str(error)) from error
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise ChainLockedError(folder) from error
        raise ChainUnwritableError(folder, str(error)) from error
    return connection
