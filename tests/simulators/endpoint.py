"""JSON-RPC endpoints on loopback: one that passes everything on to an embedded chain, and ones that answer as told."""

import json
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.simulators.installation import Installation


class Hangup(Exception):
    """The endpoint closes the connection without an answer."""


Answer = Callable[[dict[str, Any]], tuple[int, bytes]]


class QuietServer(ThreadingHTTPServer):
    """A server that says nothing about callers whose handshake fails or who hang up."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a line that broke; the caller tells."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler], tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve on loopback by this handler until the block ends, over TLS where given; yield the address."""
    server = QuietServer(("127.0.0.1", 0), handler)
    if tls is not None:  # the handshake is the thread's of the connection, so that a bad one holds up nobody
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def endpoint(answer: Answer) -> Iterator[str]:
    """Serve JSON-RPC on loopback by one function; yield the address."""

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            try:
                status, body = answer(request)
            except Hangup:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):  # who asked has gone
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Write nothing."""

    with listening(Endpoint) as url:
        yield url


def passing_on(installation: Installation) -> Answer:
    return lambda request: (200, json.dumps(installation.rpc.handle(request)).encode())
