"""The same `Rpc` over HTTP: POST a JSON-RPC request to any path.

Invariants: one request is answered at a time, so the chain has one writer; SIGTERM and SIGINT let the request in hand end,
then the server returns. It listens on the loopback interface unless told otherwise and allows no other origin: its accounts
are unlocked, and a web page has no business with them. No WebSocket.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import uvicorn
from acredita.devnet.defaults import HOST, PORT
from acredita.devnet.errors import AddressRefused
from acredita.devnet.rpc.dispatch import Rpc
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

# Length of a request, so that none can fill the memory: 32 MiB holds any batch and most state dumps.
BODY_LIMIT_BYTES = 32 * 1024 * 1024
# Seconds an open connection may keep the server from ending.
SHUTDOWN_SECONDS = 3
BACKLOG = 128


def application(rpc: Rpc) -> ASGIApp:
    """Build the ASGI application of an endpoint."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = await _respond(rpc, request)
        await response(scope, receive, send)

    return answer


def claim(host: str = HOST, port: int = PORT) -> socket.socket:
    """Take an address before anything is made that would be left behind. Raises AddressRefused."""
    return _listen(host, port)


def serve_on(listening: socket.socket, rpc: Rpc, ready: Callable[[str], None] | None = None) -> None:
    """Serve on a claimed address until SIGTERM or SIGINT; `ready` is told the address once requests are taken.

    To be called in the main thread. Closes socket and Rpc; the chain is the caller's to close.
    """
    with contextlib.closing(rpc), contextlib.closing(listening):
        server = _Server(rpc)
        server.tell = lambda: ready(address_of(listening)) if ready else None
        server.run(sockets=[listening])


@contextlib.contextmanager
def serving(rpc: Rpc, host: str = HOST, port: int = 0) -> Iterator[str]:
    """Serve from a thread of its own while the block runs; gives the address. Closes the Rpc."""
    with contextlib.closing(rpc), contextlib.closing(_listen(host, port)) as listening:
        server = _Server(rpc, signals=False)
        up = threading.Event()
        server.tell = up.set
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="devnet-server")
        thread.start()
        try:
            up.wait()
            yield address_of(listening)
        finally:
            server.should_exit = True
            thread.join()


def address_of(listening: socket.socket) -> str:
    """Return the URL of a listening socket."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    """uvicorn, which tells when it takes requests and ends on a signal without raising it again."""

    def __init__(self, rpc: Rpc, signals: bool = True) -> None:
        config = uvicorn.Config(
            application(rpc),
            loop="asyncio",
            http="h11",  # the node's parser needs the limits that the node sets (node/http/connections.py)
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
        super().__init__(config)
        self._signals = signals
        self.tell: Callable[[], object] = lambda: None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.tell()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if not self._signals:
            yield
            return
        with super().capture_signals():
            yield
            # A signal that was heeded is not an error: the caller goes on and closes the chain.
            self._captured_signals.clear()


async def _respond(rpc: Rpc, request: Request) -> Response:
    if request.method != "POST":
        return Response(
            "POST a JSON-RPC request\n", status_code=405, headers={"Allow": "POST"}, media_type="text/plain"
        )
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > BODY_LIMIT_BYTES:
            return Response("request too large\n", status_code=413, media_type="text/plain")
    return Response(rpc.handle_bytes(bytes(body)), media_type="application/json")


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        # asyncio switches Nagle's delay off only where the protocol is named; with it each answer waits 40 ms.
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise AddressRefused(host, port, error.strerror or str(error)) from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listening.close()
        raise AddressRefused(host, port, getattr(error, "strerror", None) or str(error)) from error
    return listening
