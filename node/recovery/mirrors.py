"""Read the entries of a lost log from another node's tiles, or from a published folder.

Entries are not trusted: `mend` compares them with the chain. Only the address that the operator named is asked: no
redirect is followed, no proxy of the environment is used, and every answer is bounded in bytes and in time.
"""

import http.client
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from acredita.anchoring.entries import ENTRY_BYTES
from acredita.anchoring.types import IssuerId
from acredita.node.outbound.bounded import AnswerUnavailable, BodyRefused, hung_up_after, read_body
from acredita.node.publication.tiles import TILE_WIDTH, Tile, tile_path
from acredita.node.recovery.mend import Mirror, MirrorRefused

TIMEOUT_SECONDS: Final = 10.0  # for one step of a connection
BUNDLE_SECONDS: Final = 30.0  # for one bundle whole, from the first byte sent
_ROW_BYTES: Final = 2 + ENTRY_BYTES  # tlog-tiles, Log entries: uint16 length, then the entry
_PREFIX: Final = ENTRY_BYTES.to_bytes(2, "big")
MAX_BUNDLE_BYTES: Final = TILE_WIDTH * _ROW_BYTES
_ENTRIES_AT_ONCE: Final = 4_096
_FOUND, _ABSENT = 200, 404
_PORTS: Final = MappingProxyType({"http": 80, "https": 443})
_PATH: Final = re.compile(r"(?:/[A-Za-z0-9._~%-]+)*/?")


class MirrorAddressRefused(Exception):
    """A name that is neither an existing folder nor an http address that can be asked."""


class MirrorUnavailable(Exception):
    """A mirror that cannot be read now. Ask again later, or ask another one."""


def open_mirror(source: str, issuer: IssuerId, seconds: float = BUNDLE_SECONDS) -> Mirror:
    """Open the mirror of one institution's logs at an address or in a folder.

    `seconds`: the limit for one bundle. Raises MirrorAddressRefused.
    """
    if "://" in source:
        return TileMirror.at(source, issuer, seconds)
    if not Path(source).is_dir():
        raise MirrorAddressRefused(f"{source}: a folder or an http address expected")
    return FolderMirror(Path(source), issuer)


@dataclass(frozen=True)
class FolderMirror:
    """A published folder, with the entries in `log/<issuer>/<epoch>/entries.bin`."""

    base: Path
    issuer: IssuerId

    def __call__(self, epoch: int, first: int, end: int) -> Iterator[bytes]:
        path = self.base / "log" / self.issuer.hex() / str(epoch) / "entries.bin"
        if not path.is_file():
            raise MirrorRefused(f"{path} is not there")
        with path.open("rb") as file:
            file.seek(first * ENTRY_BYTES)
            for start in range(first, end, _ENTRIES_AT_ONCE):
                data = file.read(min(_ENTRIES_AT_ONCE, end - start) * ENTRY_BYTES)
                yield from _entries_in(data)


@dataclass(frozen=True)
class TileMirror:
    """Another node, or a static copy of its tiles: `/log/<issuer>/<epoch>/tile/entries/…` (C2SP tlog-tiles)."""

    scheme: str
    host: str
    port: int | None
    prefix: str
    issuer: IssuerId
    seconds: float

    @classmethod
    def at(cls, url: str, issuer: IssuerId, seconds: float) -> "TileMirror":
        """Parse an http address. Raises MirrorAddressRefused."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise MirrorAddressRefused(f"{url}: {error}") from error
        more = parts.username or parts.password or parts.query or parts.fragment
        if parts.scheme not in ("http", "https") or not host or more or _PATH.fullmatch(parts.path) is None:
            raise MirrorAddressRefused(f"{url}: http or https, a host and perhaps a path expected")
        return cls(parts.scheme, host, port, parts.path.rstrip("/"), issuer, seconds)

    def __call__(self, epoch: int, first: int, end: int) -> Iterator[bytes]:
        for index in range(first // TILE_WIDTH, -(-end // TILE_WIDTH)):
            start = index * TILE_WIDTH
            rows = self._bundle(epoch, index, min(TILE_WIDTH, end - start))
            yield from rows[max(first - start, 0) : end - start]

    def _bundle(self, epoch: int, index: int, width: int) -> list[bytes]:
        """Return at least the first `width` entries of a bundle. A copy may have only the full one."""
        bundle = self._get(epoch, Tile(None, index, width))
        if bundle is None and width < TILE_WIDTH:
            bundle = self._get(epoch, Tile(None, index, TILE_WIDTH))
        if bundle is None:
            raise MirrorRefused(f"the mirror has no entries {index * TILE_WIDTH} to {index * TILE_WIDTH + width - 1}")
        return list(_rows_in(bundle))

    def _get(self, epoch: int, tile: Tile) -> bytes | None:
        path = f"{self.prefix}/log/{self.issuer.hex()}/{epoch}/tile/{tile_path(tile)}"
        try:
            with self._line() as line, hung_up_after(line, self.seconds):
                return self._exchange(line, path)
        except AnswerUnavailable as error:
            raise MirrorUnavailable(f"{self.host}: a bundle takes longer than {self.seconds:g} s") from error
        except (OSError, http.client.HTTPException) as error:
            raise MirrorUnavailable(f"{self.host}: {type(error).__name__}") from error

    @contextmanager
    def _line(self) -> Iterator[socket.socket]:
        """Connect to the host. The TLS handshake is left to the caller, so that it counts towards the same limit."""
        port = self.port or _PORTS[self.scheme]
        with socket.create_connection((self.host, port), timeout=TIMEOUT_SECONDS) as plain:
            if self.scheme == "http":
                yield plain
                return
            context = ssl.create_default_context()
            with context.wrap_socket(plain, server_hostname=self.host, do_handshake_on_connect=False) as secured:
                yield secured

    def _exchange(self, line: socket.socket, path: str) -> bytes | None:
        if isinstance(line, ssl.SSLSocket):
            line.do_handshake()
        kind = http.client.HTTPSConnection if self.scheme == "https" else http.client.HTTPConnection
        connection = kind(self.host, self.port)
        connection.sock = line
        connection.request("GET", path, headers={"Accept-Encoding": "identity", "Connection": "close"})
        answer = connection.getresponse()
        if answer.status == _ABSENT:
            return None
        if answer.status != _FOUND:
            raise MirrorUnavailable(f"{self.host}: {answer.status} for {path}")
        try:
            return read_body(answer, MAX_BUNDLE_BYTES)
        except BodyRefused as error:
            raise MirrorRefused(f"a bundle of more than {MAX_BUNDLE_BYTES} bytes") from error


def _entries_in(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), ENTRY_BYTES):
        yield data[start : start + ENTRY_BYTES]


def _rows_in(bundle: bytes) -> Iterator[bytes]:
    for start in range(0, len(bundle), _ROW_BYTES):
        row = bundle[start : start + _ROW_BYTES]
        if len(row) != _ROW_BYTES or row[:2] != _PREFIX:
            raise MirrorRefused(f"a bundle whose entries are not {ENTRY_BYTES} bytes long")
        yield row[2:]
