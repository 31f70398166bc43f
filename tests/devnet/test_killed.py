"""SIGKILL under load: what was confirmed is there when the chain is opened again, and the log goes on.

A round serves the chain from a process of its own, sends transactions without a pause, and kills the process at a seeded
moment while the shared byte says that a block is being written. The next round goes on with the same folder.
"""

import http.client
import mmap
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from acredita.devnet.blocks import trie_root
from acredita.devnet.chain import Chain

from tests.devnet.client import GENESIS_TIME, ROOT, Client, accounts, probe, text
from tests.devnet.served_chain import WRITING
from tests.waiting import kill_while, wait_for

ALICE = accounts()[0]
PROBE = probe()
SEED = 20_260_301
# A block takes this long to write on a quiet machine; the moment within it is drawn.
WRITE_SECONDS = 0.002


@dataclass
class Round:
    """Record of one life of the process: the receipts it confirmed, and whether the kill hit a write."""

    confirmed: list[dict[str, Any]] = field(default_factory=list)
    while_writing: bool = False


@contextmanager
def served(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], Client]]:
    command = [sys.executable, "-m", "tests.devnet.served_chain", str(folder), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            yield process, Client("served", process.stdout.readline().strip())
        finally:
            process.kill()


def load(client: Client, contract: str, stop: threading.Event, done: Round) -> None:
    """Send one transaction after another until the connection breaks; note each receipt that was told."""
    nonce = int(client.ask("eth_getTransactionCount", text(ALICE.address), "latest"), 16)
    while not stop.is_set():
        raw = client.sign(ALICE, to=contract, nonce=nonce, data=text(PROBE.call("store", nonce, nonce)))
        try:
            sent = client.ask("eth_sendRawTransaction", raw)
            done.confirmed.append(client.ask("eth_getTransactionReceipt", sent))
        except (OSError, http.client.HTTPException):
            return
        nonce += 1


def kill_once(folder: Path, contract: str, chance: random.Random) -> Round:
    flag = folder.parent / "flag"
    flag.write_bytes(b"\x00")
    done, stop = Round(), threading.Event()
    blocks, seconds = chance.randrange(1, 30), chance.random() * WRITE_SECONDS
    with served(folder, str(flag)) as (process, client), flag.open("r+b") as file:
        shared = mmap.mmap(file.fileno(), 1)
        sending = threading.Thread(target=load, args=(client, contract, stop, done))
        sending.start()
        wait_for(lambda: len(done.confirmed) >= blocks, f"{blocks} confirmed blocks")
        kill_while(process, lambda: shared[0] == WRITING, seconds)
        process.wait()
        stop.set()
        sending.join()
        client.close()
        done.while_writing = shared[0] == WRITING
        shared.close()
    return done


def check(folder: Path, confirmed: list[dict[str, Any]]) -> int:
    """Check that everything confirmed is on the chain and every block is whole; return the height."""
    with Chain.open(folder) as chain:
        for receipt in confirmed:
            header, done = chain.find_transaction(bytes.fromhex(receipt["transactionHash"][2:])) or (None, None)
            assert header is not None and done is not None
            assert (text(header.hash), header.number) == (receipt["blockHash"], int(receipt["blockNumber"], 16))
            assert done.receipt.success
        for number in range(1, chain.head.number + 1):
            block = chain.block(number)
            assert block.header.parent_hash == chain.header(number - 1).hash
            assert block.header.transactions_root == trie_root([done.transaction.raw for done in block.executed])
            assert block.header.receipts_root == trie_root([done.receipt.encode() for done in block.executed])
            assert chain.state_at(block.header).get_nonce(ALICE.address) == number
        return chain.head.number


def campaign(folder: Path, moments: int) -> float:
    """Kill and reopen so many times; return the share of kills that hit a write."""
    chance = random.Random(SEED)
    with served(folder) as (_, client):
        contract = client.deploy(ALICE, PROBE.code)
        client.close()
    confirmed: list[dict[str, Any]] = []
    height, hits = 1, 0
    for _ in range(moments):
        done = kill_once(folder, contract, chance)
        confirmed += done.confirmed
        hits += done.while_writing
        reached = check(folder, confirmed)
        assert reached >= height + len(done.confirmed) > height
        height = reached
    return hits / moments


def test_nothing_confirmed_is_lost_by_a_kill(tmp_path: Path) -> None:
    campaign(tmp_path / "chain", 2)


@pytest.mark.slow
def test_nothing_confirmed_is_lost_by_ten_kills(tmp_path: Path) -> None:
    assert campaign(tmp_path / "chain", 10) >= 0.8


@pytest.mark.crash
@pytest.mark.timeout(3_600)
def test_nothing_confirmed_is_lost_by_fifty_kills(tmp_path: Path) -> None:
    share = campaign(tmp_path / "chain", 50)
    print(f"seed {SEED}: {share:.0%} of 50 kills hit a block being written")
    assert share >= 0.8


def test_a_signal_to_end_closes_the_chain(tmp_path: Path) -> None:
    for ending in (signal.SIGTERM, signal.SIGINT):
        with served(tmp_path / "chain") as (process, client):
            client.send(ALICE, to=text(accounts()[1].address), gas=21_000)
            client.close()
            process.send_signal(ending)
            assert process.stdout is not None
            assert process.stdout.read().strip() == "closed"
            assert process.wait() == 0
        assert not (tmp_path / "chain" / "chain.sqlite-wal").exists()
    with Chain.open(tmp_path / "chain", read_only=True) as chain:
        assert chain.head.number == 2
        assert chain.header(0).timestamp == GENESIS_TIME
