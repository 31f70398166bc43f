"""Accept the connections of a bound socket, as far as admission has places for them.

A connection has its place from the moment it is accepted, so that one without a TLS handshake is bounded too.
"""

import asyncio
import contextlib
import errno
import logging
import socket
import ssl
from collections.abc import Callable
from functools import partial
from typing import Final

from acredita.node.http.admission import Admission, Place

_log = logging.getLogger(__name__)

BACKLOG: Final = 2_048  # connections that the system holds until they are accepted
EXHAUSTED_SECONDS: Final = 0.5  # without a free file descriptor nothing can be accepted until a connection ends
_EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_FULL: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\nCache-Control: no-store\r\n"
    b"Connection: close\r\nContent-Length: 0\r\n\r\n"
)


def _cancel(task: "asyncio.Task[None]") -> None:
    task.cancel()


class Listener:
    """Accepts connections until it is closed. `protocol_of` makes the protocol of a connection with its place."""

    def __init__(
        self,
        bound: socket.socket,
        admission: Admission,
        protocol_of: Callable[[Place], asyncio.Protocol],
        tls: ssl.SSLContext | None,
        handshake_seconds: float,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._bound = bound
        self._admission = admission
        self._protocol_of = protocol_of
        self._tls = tls
        self._handshake_seconds = handshake_seconds
        self._beginning: set[asyncio.Task[None]] = set()
        bound.setblocking(False)
        bound.listen(BACKLOG)
        self._accepting = self._loop.create_task(self._accept())

    def close(self) -> None:
        """Accept no more connections. Those that exist go on."""
        self._accepting.cancel()

    async def wait_closed(self) -> None:
        """Wait until nothing is accepted any more."""
        with contextlib.suppress(asyncio.CancelledError):
            await self._accepting

    async def _accept(self) -> None:
        while True:
            try:
                connection, peer = await self._loop.sock_accept(self._bound)
            except OSError as error:  # the client is gone already, or no file descriptor is free
                if error.errno in _EXHAUSTED:
                    _log.warning("no file descriptor is free for a connection")
                    await asyncio.sleep(EXHAUSTED_SECONDS)
                continue
            self._begin(connection, str(peer[0]))

    def _begin(self, connection: socket.socket, address: str) -> None:
        place = self._admission.admit(address)
        if place is None:
            self._refuse(connection)
            return
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        task = self._loop.create_task(self._connect(connection, place))
        place.close = partial(_cancel, task)
        self._beginning.add(task)
        task.add_done_callback(self._beginning.discard)

    async def _connect(self, connection: socket.socket, place: Place) -> None:
        """Make the connection's transport, with TLS if it is configured; release the place if that fails."""
        handshake = None if self._tls is None else self._handshake_seconds
        try:
            await self._loop.connect_accepted_socket(
                lambda: self._protocol_of(place), connection, ssl=self._tls, ssl_handshake_timeout=handshake
            )
        except (OSError, asyncio.CancelledError):  # no handshake in time, none that we speak, or the place was needed
            place.release()
            connection.close()

    def _refuse(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.setblocking(False)
            if self._tls is None:
                connection.send(_FULL)
