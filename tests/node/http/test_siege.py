"""Silent connections, connections that send a byte now and then, and poison documents: each ends, and others are served.

No clock decides: deadlines are the server's own, and the tests count answers and closed connections.
"""

import json
import resource
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from acredita.node.http.admission import AdmissionLimits
from acredita.node.http.app import create_app
from acredita.node.http.connections import ConnectionLimits
from acredita.node.http.server import DEFAULT_LIMITS

from tests.node.http.test_server import running
from tests.node.http.two_institution_node import TwoInstitutionNode
from tests.waiting import PATIENCE_SECONDS, pulses, wait_for

POISON = 10
SHORT = ConnectionLimits(head_seconds=1.0, request_seconds=1.0)
ROOM = AdmissionLimits(total=4_000, per_address=2_000)  # so that deadlines end each connection, and no other one
STARTS = (
    b"",
    b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n",
)


@dataclass
class Siege:
    """Connections of an attacker to one server."""

    port: int
    silent: list[socket.socket] = field(default_factory=list)
    slow: list[socket.socket] = field(default_factory=list)

    def open_count(self) -> int:
        """Return how many connections the server has not closed."""
        return sum(not _has_ended(one) for one in (*self.silent, *self.slow))


def _has_ended(connection: socket.socket) -> bool:
    """Return whether the server has closed a connection; what it answered before is read and forgotten."""
    try:
        while connection.recv(4_096):
            pass
    except BlockingIOError:
        return False
    except OSError:  # reset
        return True
    return True


@contextmanager
def besieged(port: int, count: int) -> Iterator[Siege]:
    """Open as many silent connections as slow ones; the slow send a byte at each pulse."""
    siege, stop = Siege(port), threading.Event()
    with ExitStack() as stack:
        for number in range(count):
            for source, group in (("127.0.0.2", siege.silent), ("127.0.0.3", siege.slow)):
                address = (source, 0)
                one = socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS, source_address=address)
                stack.enter_context(one)
                if group is siege.slow:
                    one.sendall(STARTS[number % len(STARTS)])
                one.setblocking(False)
                group.append(one)
        sender = threading.Thread(target=_drip, args=(siege.slow, stop))
        sender.start()
        try:
            yield siege
        finally:
            stop.set()
            sender.join()


def _drip(connections: list[socket.socket], stop: threading.Event) -> None:
    for beat, _ in enumerate(pulses(stop)):
        for one in connections[beat % 50 :: 50]:  # fifty pulses a second: a byte a second for each
            try:
                one.send(b"a")
            except OSError:  # closed by the server
                continue


def poison(node: TwoInstitutionNode, number: int) -> bytes:
    """Return a document whose blank nodes are alike, in one of two ways."""
    credential = json.loads(node.credential(node.digests[0]))
    if number % 2:
        credential["evidence"] = [{"type": ["Evidence"]}] * 2_000
    else:  # each names all others
        names = [f"_:e{one}" for one in range(40)]
        credential["evidence"] = [
            {"id": name, "type": ["Evidence"], "narrative": "x", "https://x.example/p": [{"id": o} for o in names]}
            for name in names
        ]
    return json.dumps({"verifiableCredential": credential}).encode()


def ask_poison(port: int, body: bytes) -> int:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_SECONDS) as client:
        headers = {"Content-Type": "application/json"}
        return client.post("/credentials/verify", content=body, headers=headers).status_code


def withstand(node: TwoInstitutionNode, count: int, limits: ConnectionLimits) -> tuple[int, int]:
    """Return how many honest answers a besieged server gives until every attack has ended, and how many to poison."""
    honest = 0
    with running(create_app(node.dependencies), limits=limits, admission=ROOM) as port, ExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(POISON))
        siege = stack.enter_context(besieged(port, count))
        answers = [threads.submit(ask_poison, port, poison(node, number)) for number in range(POISON)]
        client = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_SECONDS))

        def is_over() -> bool:
            nonlocal honest
            assert client.get("/healthz").status_code == 200
            verified = client.post("/v1/verify", content=node.credential(node.digests[0]))
            assert (verified.status_code, verified.json()["verdict"]) == (200, "recognised")
            honest += 1
            return not siege.open_count() and all(one.done() for one in answers)

        wait_for(is_over, "the end of every attacking connection and document")
        assert {one.result() for one in answers} <= {400, 503}
    return honest, len(answers)


def test_a_small_siege_shuts_nobody_out(node: TwoInstitutionNode) -> None:
    honest, answered = withstand(node, 60, SHORT)
    assert honest >= 1 and answered == POISON


@pytest.mark.slow
def test_600_silent_600_slow_and_ten_poison_documents_shut_nobody_out(node: TwoInstitutionNode) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4_096 if hard == resource.RLIM_INFINITY else min(4_096, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    honest, answered = withstand(node, 600, DEFAULT_LIMITS)
    assert honest >= 1 and answered == POISON
