"""Full verification (schema, proof, evidence, Merkle) of a demonstration's credentials: in process, over HTTP, and beside
@digitalbazaar/vc, which checks the proof alone.

DESIGN: full `verify()` at least six times as fast as @digitalbazaar/vc; over HTTP at least 0.7 of in process, p99 at most
five times the median at twenty concurrent clients. Rounds alternate between the three. The server is a process of its own,
as it is for its users, and the clients another: in one they would share an interpreter and measure each other.

The ratio of processor times is what a verification takes in process, divided by what the server takes for a request. Other
jobs disturb it less than the ratio of rates. The server follows its ledger with an index, as a node does. With
`--block-seconds` its chain gets a block at that pace; every block asks for a new head, a new index step and new facts.

    python -m bench.verify [--learners 400] [--rounds 5] [--block-seconds 0]
"""

import argparse
import concurrent.futures
import http.client
import itertools
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from acredita.anchoring.receipts import Receipt, parse_receipt
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.node.demo.run import run_demonstration
from acredita.node.http.app import NodeDependencies, create_app
from acredita.node.http.server import listen, server, spare_start_from_collection
from acredita.node.index.follower import IndexFollower
from acredita.node.publication.trust_folder import TrustFolder, read_json_file, read_trust
from acredita.node.storage.database import Database
from acredita.node.storage.leases import Leases
from acredita.node.verification.verifier import Verifier
from acredita.registry.ledger_facts.observer import Observer
from acredita.registry.verification.case import Moment
from web3.types import RPCEndpoint

from bench.sign_verify import PEER_MISSING, Digitalbazaar, credentials, peer_is_there

LEARNERS = 400
ROUNDS = 5
CLIENTS = 20
PEER_CREDENTIALS = 100
START_SECONDS = 60.0


@dataclass(frozen=True)
class Round:
    """One round: full verifications a second in process and over HTTP, the peer's proof checks, every answer's seconds.

    `inside_processor`, `http_processor`: processor seconds of one verification, in this process and in the server's.
    """

    inside: float
    over_http: float
    peer: float | None
    seconds: tuple[float, ...]
    inside_processor: float
    http_processor: float


@dataclass(frozen=True)
class Cohort:
    """A demonstration's credentials as files, with their receipts."""

    out: Path
    files: tuple[tuple[bytes, Receipt], ...]
    bodies: tuple[bytes, ...]

    @classmethod
    def read(cls, out: Path) -> "Cohort":
        files, bodies = [], []
        for path in sorted((out / "credentials").iterdir()):
            credential, beside = path.read_bytes(), out / "receipts" / path.name
            files.append((credential, parse_receipt(read_json_file(beside))))
            bodies.append(b'{"credential":' + credential + b',"receipt":' + beside.read_bytes() + b"}")
        return cls(out, tuple(files), tuple(bodies))


@contextmanager
def ledger_of(out: Path, *, read_only: bool = True) -> Iterator[RpcLedger]:
    with Chain.open(out / "chain", read_only=read_only) as chain:
        yield RpcLedger(EmbeddedProvider(Rpc(chain)))


# --- the server, in a process of its own ---


def serve(out: Path, block_seconds: float) -> None:
    """Serves until standard input ends; says its port first."""
    with ledger_of(out, read_only=not block_seconds) as ledger, tempfile.TemporaryDirectory() as scratch:
        database = Database.create(f"sqlite:///{scratch}/n.db")
        trust, folder = read_trust(out / "trust.json"), TrustFolder(out)
        bound = listen("127.0.0.1", 0)
        dependencies = NodeDependencies(database, folder, trust, ledger, _now, "http://127.0.0.1")
        serving = server(create_app(dependencies))
        spare_start_from_collection()
        follower, ended = IndexFollower(database, Leases(database, "bench"), ledger, trust, _now), threading.Event()
        follower.advance()
        print(bound.getsockname()[1], flush=True)
        with concurrent.futures.ThreadPoolExecutor(2) as running:
            done = running.submit(_stop_at_end_of_input, serving)
            following = running.submit(_make_blocks, ledger, follower, block_seconds, ended)
            serving.run(sockets=[bound])
            ended.set()
            done.result()
            following.result()
        database.close()


def _now() -> int:
    return int(time.time())


def _make_blocks(ledger: RpcLedger, follower: IndexFollower, seconds: float, ended: threading.Event) -> None:
    """Make a block every so many seconds, and let the index follow; none if `seconds` is 0."""
    while seconds and not ended.wait(seconds):
        ledger._provider.make_request(RPCEndpoint("evm_mine"), [])
        follower.advance()


def _stop_at_end_of_input(serving: object) -> None:
    sys.stdin.read()
    serving.should_exit = True  # type: ignore[attr-defined]


@contextmanager
def served(out: Path, block_seconds: float = 0) -> Iterator[tuple[int, int]]:
    """Start a server over this demonstration; yield its port and its process id."""
    command = [sys.executable, "-m", "bench.verify", "--serve", str(out), "--block-seconds", str(block_seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        port = int(process.stdout.readline())
        _wait_for(port)
        yield port, process.pid
        process.stdin.close()
        process.wait(timeout=START_SECONDS)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise TimeoutError("the server does not answer")


def processor_seconds(process: int) -> float:
    """Return the processor time of a process so far, in user and system mode (proc_pid_stat(5))."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# --- the three contestants ---


def rate_inside(cohort: Cohort, verifier: Verifier) -> float:
    moment = Moment(int(time.time()))
    started = time.perf_counter()
    for credential, receipt in cohort.files:
        verifier.verify(verifier.read(credential), receipt, moment)
    return len(cohort.files) / (time.perf_counter() - started)


def rate_over_http(cohort: Cohort, port: int) -> tuple[float, list[float]]:
    """Verifications a second with twenty clients, and how long each of them took."""
    shares = [cohort.bodies[number::CLIENTS] for number in range(CLIENTS)]
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as clients:
        started = time.perf_counter()
        seconds = list(itertools.chain.from_iterable(clients.map(lambda share: _ask(port, share), shares)))
        return len(cohort.bodies) / (time.perf_counter() - started), seconds


def _ask(port: int, bodies: Sequence[bytes]) -> list[float]:
    """One client, one connection, one question after another."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    seconds = []
    for body in bodies:
        started = time.perf_counter()
        connection.request("POST", "/v1/verify", body, {"content-type": "application/json"})
        answer = connection.getresponse()
        report = answer.read()
        seconds.append(time.perf_counter() - started)
        if answer.status != 200 or b'"verdict"' not in report:
            raise RuntimeError(f"the server answered {answer.status}")
    connection.close()
    return seconds


def rate_of_peer(peer: Digitalbazaar | None) -> float | None:
    """The peer signs what it verifies: credentials of the same form under its own key."""
    return None if peer is None else peer.rates(credentials(PEER_CREDENTIALS))[1]


def measure(cohort: Cohort, rounds: int, scratch: Path, block_seconds: float) -> list[Round]:
    peer = Digitalbazaar(scratch) if peer_is_there() else None
    measured = []
    with ledger_of(cohort.out) as ledger, served(cohort.out, block_seconds) as (port, server_id):
        trust, folder = read_trust(cohort.out / "trust.json"), TrustFolder(cohort.out)
        verifier = Verifier(trust, Observer(ledger, trust.contracts, ledger.head(), folder.entries_of), folder)
        for warm in [True, *[False] * rounds]:
            started = time.process_time()
            inside = rate_inside(cohort, verifier)
            inside_processor = time.process_time() - started
            started = processor_seconds(server_id)
            over_http, seconds = rate_over_http(cohort, port)
            http_processor = processor_seconds(server_id) - started
            one = Round(inside, over_http, rate_of_peer(peer), tuple(seconds), inside_processor, http_processor)
            if not warm:
                measured.append(one)
    if peer is not None:
        peer.close()
    return measured


def show(rounds: Sequence[Round]) -> None:
    print("| work | divided by | ratio (least – most) | target |\n| --- | --- | --- | --- |")
    if all(one.peer for one in rounds):
        _row(
            "full verification in process",
            "@digitalbazaar/vc, proof only",
            [r.inside / (r.peer or 1) for r in rounds],
            6,
        )
    else:
        print(PEER_MISSING)
    _row("the same over HTTP", "in process", [one.over_http / one.inside for one in rounds], 0.7)
    _row("processor time in process", "over HTTP", [one.inside_processor / one.http_processor for one in rounds], 0.65)
    tails = []
    for one in rounds:
        ordered = sorted(one.seconds)
        tails.append(ordered[int(len(ordered) * 0.99) - 1] / statistics.median(ordered))
    tails.sort()
    print(
        f"| p99 at {CLIENTS} clients | median | {statistics.median(tails):.1f} ({tails[0]:.1f} – {tails[-1]:.1f}) | ≤ 5 |"
    )
    print(f"\nin process: {statistics.median(one.inside for one in rounds):,.0f} full verifications/s")


def _row(work: str, by: str, ratios: list[float], target: float) -> None:
    ratios.sort()
    print(f"| {work} | {by} | {statistics.median(ratios):.2f} ({ratios[0]:.2f} – {ratios[-1]:.2f}) | ≥ {target} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=int, default=LEARNERS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--block-seconds", type=float, default=0)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve is not None:
        serve(arguments.serve, arguments.block_seconds)
        return
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "d"
        run_demonstration(out, arguments.learners, int(time.time()), lambda _: None, lambda *_: None)
        show(measure(Cohort.read(out), arguments.rounds, Path(scratch), arguments.block_seconds))


if __name__ == "__main__":
    main()
