"""Send the head of an answer together with the first part of its content.

uvicorn writes them one after the other, and uvloop sends each at once: two system calls and two packets, and the client is
woken twice. ASGI asks a server to wait with the head for the content.

Invariants: nothing is sent in another order than it was written. A closing sends what was held back.
"""

import asyncio
from typing import Final

_INTERIM: Final = b"HTTP/1.1 100 "


class JoinedAnswer:
    """The transport of one answer with content, in place of its connection's."""

    __slots__ = ("_has_head", "_head", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""
        self._has_head = False

    def write(self, data: bytes) -> None:
        """Hold the head back, and send anything else with what was held back."""
        if self._head:
            self._transport.writelines((self._head, data))  # no copy of a large content
            self._head = b""
        elif self._has_head or data.startswith(_INTERIM):
            self._transport.write(data)
        else:
            self._head, self._has_head = data, True

    def close(self) -> None:
        """Send what was held back, and close the connection."""
        if self._head:
            self._transport.write(self._head)
            self._head = b""
        self._transport.close()

    def is_closing(self) -> bool:
        """Return whether the connection is being closed."""
        return self._transport.is_closing()
