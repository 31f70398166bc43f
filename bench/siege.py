"""Answers to honest clients while 600 silent connections, 600 slow ones and ten poison documents at once hold the server.

DESIGN: `/healthz` within a second throughout; an honest verification within five times its median without the siege.
The server is a process of its own with its default limits, the attackers are another. They have three addresses of
loopback, the honest client has another one. A slow connection sends a byte a second. Poison documents are sent again
as soon as they are answered.

    python -m bench.siege [--learners 60] [--seconds 70]
"""

import argparse
import http.client
import json
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from acredita.node.demo.run import run_demonstration

from bench.verify import START_SECONDS, Cohort, served

CONNECTIONS = 600  # silent, and as many slow
POISON = 10
ALIKE = 2_000  # equal blank nodes of a poison document
ATTACKERS = ("127.0.0.2", "127.0.0.3", "127.0.0.4")
DESCRIPTORS = 4_096


def ask(port: int, method: str, path: str, body: bytes | None = None, source: str = "127.0.0.1") -> tuple[int, float]:
    """Return the status of an answer on a connection of its own, and its seconds."""
    started = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS, source_address=(source, 0))
    connection.request(method, path, body, {"content-type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, time.perf_counter() - started


def hold(port: int, stop: threading.Event) -> None:
    """Keep 600 silent and 600 slow connections open: open another one as soon as the server closes one."""
    silent: list[socket.socket] = []
    slow: list[socket.socket] = []
    while not stop.wait(1.0):
        for group, source, start in ((silent, ATTACKERS[0], b""), (slow, ATTACKERS[1], b"GET / HTTP/1.1\r\nX: ")):
            group[:] = [one for one in group if _is_open(one, b"a" if start else b"")]
            while len(group) < CONNECTIONS and not stop.is_set():
                one = socket.create_connection(("127.0.0.1", port), START_SECONDS, source_address=(source, 0))
                one.sendall(start)
                one.setblocking(False)
                group.append(one)
    for one in (*silent, *slow):
        one.close()


def _is_open(connection: socket.socket, byte: bytes) -> bool:
    """Send a byte, if any, and return whether the server has not closed the connection."""
    try:
        connection.send(byte)
        connection.recv(4_096)
    except BlockingIOError:
        return True
    except OSError:
        pass
    connection.close()
    return False


def send_poison(port: int, body: bytes, stop: threading.Event, statuses: list[int]) -> None:
    """Send a poison document again and again."""
    while not stop.is_set():
        statuses.append(ask(port, "POST", "/credentials/verify", body, ATTACKERS[2])[0])


def attack(port: int, poison: bytes) -> None:
    """Hold the connections, and send poison documents, until standard input ends; print the statuses."""
    stop, statuses = threading.Event(), list[int]()
    threads = [threading.Thread(target=hold, args=(port, stop))]
    threads += [threading.Thread(target=send_poison, args=(port, poison, stop, statuses)) for _ in range(POISON)]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    stop.set()
    for thread in threads:
        thread.join()
    print(json.dumps(statuses))


@contextmanager
def besieged(port: int, poison: Path, statuses: list[int]) -> Iterator[None]:
    """Attack from a process of its own, which does not share the interpreter of the honest client."""
    command = [sys.executable, "-m", "bench.siege", "--attack", str(port), str(poison)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield
        statuses += json.loads(process.communicate()[0])


def measure(port: int, bodies: Sequence[bytes], seconds: float) -> tuple[list[float], list[float]]:
    """Return the seconds of honest verifications and of `/healthz`, by turns, for so long."""
    verified, alive = [], []
    started, number = time.monotonic(), 0
    while time.monotonic() - started < seconds:
        status, took = ask(port, "POST", "/v1/verify", bodies[number % len(bodies)])
        if status != 200:
            raise RuntimeError(f"an honest verification was answered {status}")
        verified.append(took)
        status, took = ask(port, "GET", "/healthz")
        if status != 200:
            raise RuntimeError(f"/healthz was answered {status}")
        alive.append(took)
        number += 1
    return verified, alive


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=70.0)
    parser.add_argument("--attack", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.attack is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(DESCRIPTORS, hard), hard))
        attack(int(arguments.attack[0]), Path(arguments.attack[1]).read_bytes())
        return
    with ExitStack() as stack:
        out = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "d"
        run_demonstration(out, arguments.learners, int(time.time()), lambda _: None, lambda *_: None)
        cohort = Cohort.read(out)
        document = json.loads(cohort.files[0][0])
        document["evidence"] = [{"type": ["Evidence"]}] * ALIKE
        poison = out.parent / "poison.json"
        poison.write_text(json.dumps({"verifiableCredential": document}))
        port, _ = stack.enter_context(served(out))
        measure(port, cohort.bodies, 2.0)
        quiet, _ = measure(port, cohort.bodies, 10.0)
        statuses: list[int] = []
        with besieged(port, poison, statuses):
            time.sleep(5.0)  # until the connections are held
            verified, alive = measure(port, cohort.bodies, arguments.seconds)
    show(quiet, verified, alive, statuses)


def show(quiet: list[float], verified: list[float], alive: list[float], statuses: list[int]) -> None:
    median = statistics.median(quiet)
    print("| honest request | divided by | ratio or seconds | target |\n| --- | --- | --- | --- |")
    print(f"| verification, median | the same without the siege | {statistics.median(verified) / median:.1f} | ≤ 5 |")
    print(f"| verification, 95 of 100 | median without the siege | {_share(verified, 0.95) / median:.1f} | – |")
    print(f"| `/healthz`, median | – | {statistics.median(alive) * 1000:.0f} ms | – |")
    print(f"| `/healthz`, slowest of {len(alive)} | – | {max(alive):.2f} s | ≤ 1 s |")
    counts = ", ".join(f"{statuses.count(one)} × {one}" for one in sorted(set(statuses)))
    print(f"\nmedian without the siege: {median * 1000:.1f} ms; answers to poison documents: {counts}")


def _share(seconds: list[float], share: float) -> float:
    return sorted(seconds)[int(len(seconds) * share) - 1]


if __name__ == "__main__":
    main()
