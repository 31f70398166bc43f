"""The chain itself: what it keeps, how it is opened, what time it is, and what a failed write leaves."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rlp
from acredita.devnet.accounts import BALANCE, dev_accounts
from acredita.devnet.blocks import Header, Log, Receipt, Transaction, bloom_of, decode_transaction, trie_root
from acredita.devnet.chain import Chain
from acredita.devnet.database import ChainDatabase, Executed, LogFilter, log_query
from acredita.devnet.errors import (
    ChainLockedError,
    ChainMissingError,
    ChainStorageError,
    ChainUnreadableError,
    ChainUnwritableError,
    OtherChainError,
    ReadOnlyRefused,
    Refusal,
    TransactionRefused,
    UnknownBlockRefused,
)
from acredita.devnet.miner import Miner
from eth_typing import Address

from tests.devnet.client import GENESIS_TIME

ALICE, BOB = dev_accounts()[:2]
SEED = b"\x07" * 32


def frozen() -> int:
    """Return a clock that does not move: block times then follow the chain's own rule."""
    return GENESIS_TIME


def opened(path: Path | None = None, **options: Any) -> Chain:
    return Chain.open(path, **{"genesis_time": GENESIS_TIME, "extra_data": SEED, "clock": frozen, **options})


def transfer(nonce: int, value: int = 1, **fields: Any) -> Transaction:
    filled = {
        "nonce": nonce, "to": BOB.address, "value": value, "gas": 21_000, "maxFeePerGas": 0, "maxPriorityFeePerGas": 0,
        "chainId": 31337, "type": 2, **fields,
    }  # fmt: skip
    return decode_transaction(bytes(ALICE.signer.sign_transaction(filled).raw_transaction))


# ---- what stays ---------------------------------------------------------------------------------------------


def test_the_same_blocks_come_back(tmp_path: Path) -> None:
    with opened(tmp_path) as chain:
        chain.mine([transfer(0, 3)])
        chain.mine([transfer(1), transfer(2)])
        head, blocks = chain.head, [chain.block(number) for number in range(3)]
    with opened(tmp_path) as again:
        assert again.head == head
        assert [again.block(number) for number in range(3)] == blocks
        assert again.state().get_balance(BOB.address) == BALANCE + 5
        assert again.mine([transfer(3)]).block.header.parent_hash == head.hash


def test_a_seed_gives_the_same_chain_and_chance_another() -> None:
    with opened() as one, opened() as same, opened(extra_data=None) as other:
        assert one.header(0).hash == same.header(0).hash
        assert one.mine([transfer(0)]).block == same.mine([transfer(0)]).block
        assert other.header(0).hash != one.header(0).hash
        assert len(other.header(0).extra_data) == 32


def test_genesis_holds_the_development_accounts() -> None:
    with opened() as chain:
        state = chain.state()
        assert [state.get_balance(account.address) for account in dev_accounts()] == [10_000 * 10**18] * 10
        assert "0x" + ALICE.address.hex() == "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"


def test_genesis_options_count_only_for_a_new_chain(tmp_path: Path) -> None:
    with opened(tmp_path) as chain:
        genesis = chain.header(0).hash
    with opened(tmp_path, genesis_time=GENESIS_TIME + 5, extra_data=b"\x08" * 32) as again:
        assert again.header(0).hash == genesis


def test_a_free_block_leaves_no_trace_of_the_fee_account() -> None:
    # EIP-161: the coinbase is touched by a fee of zero, and an empty account is no account.
    with opened() as chain:
        chain.mine([transfer(0)])
        assert not chain.state().account_exists(Address(bytes(20)))
        assert not chain.state().account_exists(Address(bytes(19) + b"\x02"))


# ---- opening ------------------------------------------------------------------------------------------------


def test_another_chain_id_is_named(tmp_path: Path) -> None:
    opened(tmp_path, chain_id=31338).close()
    with pytest.raises(OtherChainError, match="chain id 31338, expected 31337") as other:
        opened(tmp_path)
    assert (other.value.expected, other.value.found) == (31337, 31338)


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with opened(tmp_path):
        with pytest.raises(ChainLockedError):
            opened(tmp_path)
        assert _in_another_process(tmp_path, "Chain.open(path)") == "ChainLockedError"
    opened(tmp_path).close()


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "chain.sqlite").write_bytes(b"not a database, and long enough to be taken for one" * 40)
    with pytest.raises(ChainUnreadableError):
        opened(tmp_path)


def test_a_later_format_is_refused(tmp_path: Path) -> None:
    opened(tmp_path).close()
    _alter(tmp_path, "UPDATE meta SET value=CAST('acredita-chain/2' AS BLOB) WHERE key='format'")
    for read_only in (False, True):
        with pytest.raises(ChainUnreadableError, match="acredita-chain/2"):
            opened(tmp_path, read_only=read_only)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ChainUnwritableError):
        opened(tmp_path / "file" / "chain")


def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    if os.name == "nt" or os.geteuid() == 0:
        # The superuser writes everywhere; a directory in the file's place cannot be written by anybody.
        (tmp_path / "writer.lock").mkdir()
    else:
        tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(ChainUnwritableError):
        opened(tmp_path)
    assert not (tmp_path / "chain.sqlite").exists()


# ---- reading what another writes ----------------------------------------------------------------------------


def test_reading_needs_a_chain(tmp_path: Path) -> None:
    with pytest.raises(ChainMissingError):
        opened(tmp_path / "none", read_only=True)
    assert not (tmp_path / "none").exists()


def test_a_closed_chain_is_one_plain_file(tmp_path: Path) -> None:
    with opened(tmp_path) as chain:
        chain.mine([transfer(0)])
        head = chain.head
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chain.sqlite", "writer.lock"]
    # The verifier's copy: the file alone, in a folder where nothing may be written.
    archive = tmp_path / "archive"
    archive.mkdir()
    shutil.copy(tmp_path / "chain.sqlite", archive)
    (archive / "chain.sqlite").chmod(stat.S_IRUSR)
    archive.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with opened(archive, read_only=True) as copy:
        assert copy.head == head
        assert copy.state_at(copy.header(1)).get_balance(BOB.address) == BALANCE + 1
    assert [path.name for path in archive.iterdir()] == ["chain.sqlite"]


def test_a_reader_changes_nothing(tmp_path: Path) -> None:
    opened(tmp_path).close()
    with opened(tmp_path, read_only=True) as reader:
        for write in (lambda: reader.mine(), lambda: reader.change_state(lambda _: None), lambda: reader.revert(0)):
            with pytest.raises(ReadOnlyRefused):
                write()


def test_a_reader_sees_whole_blocks_and_moves_on_when_told(tmp_path: Path) -> None:
    with opened(tmp_path) as writer:
        writer.mine([transfer(0)])
        with opened(tmp_path, read_only=True) as reader:
            writer.mine([transfer(1)])
            assert reader.head.number == 1
            assert reader.logs(LogFilter(0, 99)) == []
            with pytest.raises(UnknownBlockRefused):
                reader.header(2)
            with pytest.raises(UnknownBlockRefused):
                reader.number_of(writer.head.hash)
            assert reader.find_transaction(transfer(1).hash) is None
            assert reader.refresh() == writer.head
            assert reader.state_at(reader.head).get_balance(BOB.address) == BALANCE + 2
            assert reader.state_at(reader.header(1)).get_balance(BOB.address) == BALANCE + 1


def test_another_process_reads_while_this_one_writes(tmp_path: Path) -> None:
    with opened(tmp_path) as writer:
        writer.mine([transfer(0)])
        seen = _in_another_process(tmp_path, "print(Chain.open(path, read_only=True).head.hash.hex())")
        assert seen == writer.head.hash.hex()
        writer.mine([transfer(1)])


# ---- when the disk says no ----------------------------------------------------------------------------------


def test_a_full_disk_leaves_the_chain_as_it_was(tmp_path: Path) -> None:
    with opened(tmp_path) as chain:
        chain.mine([transfer(0)])
        head, root = chain.head, chain.state_root
        connection = chain._database._connection
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")
        with pytest.raises(ChainStorageError, match="full"):
            for nonce in range(1, 400):
                chain.mine([transfer(nonce, gas=21_000 + 16 * 2_000, data=bytes([nonce % 250 + 1]) * 2_000)])
                head, root = chain.head, chain.state_root
        assert (chain.head, chain.state_root) == (head, root)
        connection.execute("PRAGMA max_page_count=1000000")
        nonce = chain.state().get_nonce(ALICE.address)
        assert chain.mine([transfer(nonce)]).block.header.parent_hash == head.hash
    with opened(tmp_path) as again:
        assert again.head.parent_hash == head.hash


def test_a_transaction_whose_block_was_not_written_waits(tmp_path: Path) -> None:
    with opened(tmp_path) as chain:
        miner = Miner(chain)
        connection = chain._database._connection
        connection.execute("PRAGMA query_only=1")
        with pytest.raises(ChainStorageError):
            miner.submit(transfer(0))
        assert (chain.head.number, miner.waiting()) == (0, [transfer(0)])
        connection.execute("PRAGMA query_only=0")
        miner.mine_waiting_singly()
        assert (chain.head.number, miner.waiting()) == (1, [])


# ---- time ---------------------------------------------------------------------------------------------------


def test_block_times_strictly_increase_when_the_clock_stands_or_steps_back() -> None:
    now = [GENESIS_TIME]
    with opened(clock=lambda: now[0]) as chain:
        times = []
        for at in (GENESIS_TIME, GENESIS_TIME, GENESIS_TIME + 10, GENESIS_TIME - 500, GENESIS_TIME + 11):
            now[0] = at
            times.append(chain.mine().block.header.timestamp - GENESIS_TIME)
    assert times == [1, 2, 10, 11, 12]


def test_a_pinned_time_moves_the_clock() -> None:
    with opened() as chain:
        chain.set_next_timestamp(GENESIS_TIME + 1_000)
        assert chain.mine().block.header.timestamp == GENESIS_TIME + 1_000
        assert chain.mine().block.header.timestamp == GENESIS_TIME + 1_001
        assert chain.increase_time(50) == 1_050
        assert chain.mine().block.header.timestamp == GENESIS_TIME + 1_050
        with pytest.raises(ValueError, match="not after"):
            chain.set_next_timestamp(GENESIS_TIME + 1_050)
        assert chain.mine(timestamp=GENESIS_TIME + 9_999).block.header.timestamp == GENESIS_TIME + 9_999
        with pytest.raises(ValueError, match="not after"):
            chain.mine(timestamp=GENESIS_TIME)


# ---- who may send -------------------------------------------------------------------------------------------


def test_only_listed_senders_are_taken() -> None:
    with opened(allow_list=frozenset({BOB.address})) as chain:
        with pytest.raises(TransactionRefused, match="not on the allow-list: 0xf39fd6") as refused:
            Miner(chain).submit(transfer(0))
        assert refused.value.refusal is Refusal.SENDER_NOT_ALLOWED
        assert chain.head.number == 0


# ---- logs ---------------------------------------------------------------------------------------------------

CONTRACTS = [Address(bytes([1, place]) + bytes(18)) for place in range(20)]
EVENTS = [bytes([2, place]) + bytes(30) for place in range(5)]
LOGS_PER_BLOCK = 100


def fill_with_logs(database: ChainDatabase, blocks: int) -> None:
    """Write blocks of 100 logs each as the chain writes them; only their execution is left out."""
    transaction = transfer(0)
    for number in range(blocks):
        logs = tuple(
            Log(
                CONTRACTS[place % 20],
                (EVENTS[place % 5], (number * LOGS_PER_BLOCK + place).to_bytes(32, "big")),
                bytes(32),
            )
            for place in range(LOGS_PER_BLOCK)
        )
        database.append(_header(number), [_executed(transaction, number, logs)], {}, {})


def _header(number: int) -> Header:
    return Header(
        bytes(32), Address(bytes(20)), bytes(32), bytes(32), bytes(32), bytes(256), number, 1, 0,
        GENESIS_TIME + number, b"", bytes(32), 0,
    )  # fmt: skip


def _executed(transaction: Transaction, number: int, logs: tuple[Log, ...]) -> Executed:
    changed = Transaction(**{**_fields(transaction), "hash": number.to_bytes(32, "big")})
    return Executed(changed, Receipt(2, True, 21_000, 21_000, logs), 0, 0)


def _fields(transaction: Transaction) -> dict[str, Any]:
    return {name: getattr(transaction, name) for name in Transaction.__dataclass_fields__}


def work_of(database: ChainDatabase, asked: LogFilter) -> tuple[int, int]:
    """Count the logs found and the steps of SQLite's machine: a measure of work that no clock disturbs."""
    steps = [0]

    def count() -> int:
        steps[0] += 1
        return 0

    database._connection.set_progress_handler(count, 100)
    found = len(database.logs(asked))
    database._connection.set_progress_handler(None, 0)
    return found, steps[0]


def plan_of(database: ChainDatabase, asked: LogFilter) -> str:
    """Return SQLite's plan for a query of logs."""
    statement, values = log_query(asked)
    rows = database._connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
    return "\n".join(row[3] for row in rows)


FILTERS: dict[str, Callable[[int], LogFilter]] = {
    "by range": lambda last: LogFilter(last - 4, last - 3),
    "by address": lambda last: LogFilter(last - 19, last, frozenset({CONTRACTS[3]})),
    "by event": lambda last: LogFilter(last - 9, last, topics=(frozenset({EVENTS[1]}),)),
    "by subject": lambda last: LogFilter(0, last, topics=(frozenset(), frozenset({(777).to_bytes(32, "big")}))),
    "by both": lambda last: LogFilter(last - 19, last, frozenset(CONTRACTS[:2]), (frozenset({EVENTS[1]}),)),
}


def test_a_range_query_over_a_hundred_thousand_logs_is_no_scan() -> None:
    small, large = ChainDatabase.create_in_memory(), ChainDatabase.create_in_memory()
    fill_with_logs(small, 50)
    fill_with_logs(large, 1_000)
    for name, of in FILTERS.items():
        found, steps = work_of(small, of(49))
        found_in_large, steps_in_large = work_of(large, of(999))
        assert found_in_large == found > 0, name
        assert steps_in_large <= 1.2 * steps + 2, name
        assert "SCAN" not in plan_of(large, of(999)), name
    small.close()
    large.close()


# ---- reopening ----------------------------------------------------------------------------------------------


def opening_steps(path: Path) -> int:
    """Count the statements that SQLite runs to open a chain."""
    statements: list[str] = []
    connect = sqlite3.connect

    class Counting(sqlite3.Connection):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.set_trace_callback(statements.append)

    def counted(*arguments: Any, **options: Any) -> sqlite3.Connection:
        return connect(*arguments, factory=Counting, **options)

    sqlite3.connect = counted  # type: ignore[assignment]
    try:
        opened(path).close()
    finally:
        sqlite3.connect = connect
    return len(statements)


def test_reopening_asks_no_more_of_a_long_chain(tmp_path: Path) -> None:
    counts = []
    for blocks in (10, 300):
        with opened(tmp_path / str(blocks)) as chain:
            for _ in range(blocks):
                chain.mine()
        counts.append(opening_steps(tmp_path / str(blocks)))
    assert counts[0] == counts[1]


# ---- plain values -------------------------------------------------------------------------------------------


def test_a_header_survives_its_encoding() -> None:
    with opened() as chain:
        header = chain.mine([transfer(0)]).block.header
        assert Header.decode(header.encode()) == header
        assert Header.decode(chain.header(0).encode()).hash == chain.header(0).hash


def test_roots_of_an_empty_block_are_the_empty_trie() -> None:
    # Yellow paper: keccak-256 of the RLP of the empty string.
    assert trie_root([]).hex() == "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
    assert bloom_of(()) == bytes(256)


def test_a_high_s_is_refused() -> None:
    # EIP-2: the other signature of the same message, which anyone can compute.
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    fields = rlp.decode(transfer(0).raw[1:])
    s = int.from_bytes(fields[-1], "big")
    parity = b"" if fields[-3] else b"\x01"
    twisted = b"\x02" + rlp.encode([*fields[:-3], parity, fields[-2], (order - s).to_bytes(32, "big")])
    with pytest.raises(TransactionRefused) as refused:
        decode_transaction(twisted)
    assert refused.value.refusal is Refusal.BAD_SIGNATURE


def _alter(folder: Path, statement: str) -> None:
    connection = sqlite3.connect(folder / "chain.sqlite")
    connection.execute(statement)
    connection.commit()
    connection.close()


def _in_another_process(folder: Path, statement: str) -> str:
    """Return the output of the statement, or the name of the error it raises."""
    script = f"""
from pathlib import Path
from acredita.devnet.chain import Chain
path = Path({str(folder)!r})
try:
    {statement}
except Exception as error:
    print(type(error).__name__)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.strip()
