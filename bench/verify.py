"""Full verification (schema, proof, evidence, Merkle) of a demonstration's credentials: in process, and over HTTP.

DESIGN: full `verify()` at least six times as fast as @digitalbazaar/vc checks a proof alone; over HTTP at least 0.7 of in
process, p99 at most five times the median at twenty concurrent clients. The peer's figure comes from `bench.sign_verify` in
the same session; here are ours, and the ratio of the two ways.
"""

import concurrent.futures
import statistics
import tempfile
import threading
import time
from pathlib import Path

import httpx
from acredita.anchoring.ledger import RpcLedger
from acredita.anchoring.receipts import parse_receipt
from acredita.devnet.chain import Chain
from acredita.devnet.provider import EmbeddedProvider
from acredita.devnet.rpc import Rpc
from acredita.node.app import Parts, create_app, listen, server
from acredita.node.demo.play import play
from acredita.node.storage.database import Database
from acredita.node.trust_folder import TrustFolder, read_json_file, read_trust
from acredita.node.verification import Verifier
from acredita.registry.gather import Observer
from acredita.registry.verify import Moment

LEARNERS = 400
ROUNDS = 3
CLIENTS = 20


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "d"
        play(out, LEARNERS, int(time.time()), lambda _: None, lambda *_: None)
        with Chain.open(out / "chain", read_only=True) as chain:
            _measure(out, RpcLedger(EmbeddedProvider(Rpc(chain))), Path(scratch))


def _measure(out: Path, ledger: RpcLedger, scratch: Path) -> None:
    trust, folder = read_trust(out / "trust.json"), TrustFolder(out)
    verifier = Verifier(trust, Observer(ledger, trust.contracts, ledger.head(), folder.entries_of), folder)
    files = [
        (path.read_bytes(), parse_receipt(read_json_file(out / "receipts" / path.name)), path)
        for path in sorted((out / "credentials").iterdir())
    ]
    moment = Moment(int(time.time()))
    verifier.verify(files[0][0], files[0][1], moment)
    rates = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for credential, receipt, _path in files:
            verifier.verify(credential, receipt, moment)
        rates.append(len(files) / (time.perf_counter() - start))
    inside = statistics.median(rates)
    print(f"in process: {inside:,.0f} full verifications/s over {len(files)} credentials, median of {ROUNDS}")
    _over_http(out, ledger, trust, folder, scratch, files, inside)


def _over_http(out, ledger, trust, folder, scratch, files, inside) -> None:  # type: ignore[no-untyped-def]
    database = Database.create(f"sqlite:///{scratch / 'n.db'}")
    parts = Parts(database, folder, trust, ledger, lambda: int(time.time()), "http://127.0.0.1")
    bound = listen("127.0.0.1", 0)
    serving = server(create_app(parts))
    thread = threading.Thread(target=serving.run, kwargs={"sockets": [bound]})
    thread.start()
    address = f"http://127.0.0.1:{bound.getsockname()[1]}/v1/verify"
    bodies = [
        b'{"credential":' + credential + b',"receipt":' + (out / "receipts" / path.name).read_bytes() + b"}"
        for credential, _receipt, path in files
    ]
    try:
        with httpx.Client() as client:
            while True:
                try:
                    assert client.post(address, content=bodies[0]).json()["verdict"] == "recognised"
                    break
                except httpx.ConnectError:
                    time.sleep(0.05)
            _report(address, bodies, inside)
    finally:
        serving.should_exit = True
        thread.join()
        database.close()


def _report(address: str, bodies: list[bytes], inside: float) -> None:
    def one(body: bytes) -> float:
        start = time.perf_counter()
        client.post(address, content=body).raise_for_status()
        return time.perf_counter() - start

    headers = {"content-type": "application/json"}
    limits = httpx.Limits(max_connections=CLIENTS)
    with httpx.Client(headers=headers, limits=limits) as client, concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        start = time.perf_counter()
        times = sorted(pool.map(one, bodies))
        rate = len(bodies) / (time.perf_counter() - start)
    median, p99 = statistics.median(times), times[int(len(times) * 0.99) - 1]
    print(
        f"over HTTP, {CLIENTS} concurrent: {rate:,.0f}/s, {rate / inside:.2f} of in process (client on the same cores)"
    )
    print(f"latency: median {median * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms, {p99 / median:.1f} times the median")


if __name__ == "__main__":
    main()
