"""Read the entries of an institution's logs from tiles: a folder of them, or a host that serves them.

A copy is any folder or any address below which `log/<issuer>/<epoch>/tile/entries/…` is found: a node, a published folder,
a static host. Whole bundles are read, never a single entry, so that a host does not learn which credential is meant.

Invariants: entries are not believed, their reader compares them with the chain. Only the address that was named is asked:
no redirect is followed, no proxy of the environment is used, and every answer is bounded in bytes and in time.
"""

import http.client
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from acredita.anchoring.types import IssuerId, read_number
from acredita.node.outbound.bounded import AnswerUnavailable, BodyRefused, hung_up_after, read_body
from acredita.node.publication.tile_names import (
    MAX_BUNDLE_BYTES,
    TILE_WIDTH,
    BundleRefused,
    Tile,
    entries_in,
    tile_path,
)
from acredita.registry.ledger_facts.log_entries import EntriesOf, EntriesRefused, EntriesUnavailable

TIMEOUT_SECONDS: Final = 10.0  # for one step of a connection
BUNDLE_SECONDS: Final = 30.0  # for one bundle whole, from the first byte sent
_FOUND, _ABSENT = 200, 404
_PORTS: Final = MappingProxyType({"http": 80, "https": 443})
_PATH: Final = re.compile(r"(?:/[A-Za-z0-9._~%-]+)*/?")

_BundleOf = Callable[[int, int], bytes | None]
"""(bundle number, entries wanted of it) → a bundle with at least or at most so many; None where there is none."""


class CopyAddressRefused(Exception):
    """A name that is neither a folder with logs nor an http address that can be asked."""


def open_copies(source: str, seconds: float = BUNDLE_SECONDS) -> EntriesOf:
    """Open the copies of logs in a folder or at an address. `seconds`: the limit for one bundle.

    Raises CopyAddressRefused.
    """
    if "://" in source:
        host = TileHost.at(source, seconds)
        return lambda issuer: HostLog(host, issuer)
    folder = Path(source)
    if not folder.is_dir():
        raise CopyAddressRefused(f"{source}: a folder or an http address expected")
    return lambda issuer: FolderLog(folder, issuer)


def check_address(source: str) -> None:
    """Check that a name is an http address that can be asked. Raises CopyAddressRefused."""
    TileHost.at(source, BUNDLE_SECONDS)


@dataclass(frozen=True)
class FolderLog:
    """The logs of one issuer in a folder, `log/<issuer>/<epoch>/tile/entries/…`."""

    base: Path
    issuer: IssuerId

    def read(self, epoch: int, start: int, end: int) -> bytes:
        """Return the entries [start, end) of an epoch, or the fewer the folder has.

        Raises EntriesUnavailable, EntriesRefused.
        """
        tiles = self.base / "log" / self.issuer.hex() / str(epoch) / "tile"
        return _read(start, end, lambda index, width: _bundle_in(tiles, index, width))


@dataclass(frozen=True)
class HostLog:
    """The logs of one issuer at a host."""

    host: "TileHost"
    issuer: IssuerId

    def read(self, epoch: int, start: int, end: int) -> bytes:
        """Return the entries [start, end) of an epoch, or the fewer the host has.

        Raises EntriesUnavailable, EntriesRefused.
        """
        tiles = f"log/{self.issuer.hex()}/{epoch}/tile"
        with self.host.line() as line:
            return _read(start, end, lambda index, width: line.bundle(tiles, index, width))


@dataclass(frozen=True)
class TileHost:
    """An http address below which logs are served as tiles. `seconds`: the limit for one bundle."""

    scheme: str
    host: str
    port: int
    prefix: str
    seconds: float

    @classmethod
    def at(cls, url: str, seconds: float) -> "TileHost":
        """Parse an http address. Raises CopyAddressRefused."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise CopyAddressRefused(f"{url}: {error}") from error
        more = parts.username or parts.password or parts.query or parts.fragment
        if parts.scheme not in ("http", "https") or not host or more or _PATH.fullmatch(parts.path) is None:
            raise CopyAddressRefused(f"{url}: http or https, a host and perhaps a path expected")
        return cls(parts.scheme, host, port or _PORTS[parts.scheme], parts.path.rstrip("/"), seconds)

    @contextmanager
    def line(self) -> Iterator["_TileLine"]:
        """Open a line to the host for the bundles of one reading."""
        line = _TileLine(self)
        try:
            yield line
        finally:
            line.close()


class _TileLine:
    """One connection to a host, kept for the bundles of a reading and opened again where the host has closed it."""

    def __init__(self, host: TileHost) -> None:
        self._host = host
        self._connection: http.client.HTTPConnection | None = None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def bundle(self, tiles: str, index: int, width: int) -> bytes | None:
        """Return the bundle of exactly this width, else the full one: a copy may have dropped partial ones."""
        exact = self._get(tiles, Tile(None, index, width))
        return exact if exact is not None or width == TILE_WIDTH else self._get(tiles, Tile(None, index, TILE_WIDTH))

    def _get(self, tiles: str, tile: Tile) -> bytes | None:
        path = f"{self._host.prefix}/{tiles}/{tile_path(tile)}"
        try:
            return self._ask(path)
        except AnswerUnavailable as error:
            name, seconds = self._host.host, self._host.seconds
            raise EntriesUnavailable(f"{name}: a bundle takes longer than {seconds:g} s") from error
        # UnicodeError: a name that no host can have, such as one with an empty or an endless label.
        except (OSError, UnicodeError, http.client.HTTPException) as error:
            raise EntriesUnavailable(f"{self._host.host}: {type(error).__name__}") from error

    def _ask(self, path: str) -> bytes | None:
        """Ask on the kept line, and once more on a new one if the host had closed that."""
        if self._connection is not None:
            try:
                return self._exchange(self._connection, path)
            except (ConnectionError, http.client.RemoteDisconnected):
                self.close()
        self._connection = self._opened()
        return self._exchange(self._connection, path)

    def _opened(self) -> http.client.HTTPConnection:
        """Connect to the host. The TLS handshake is left to the exchange, so that it counts towards the same limit."""
        host = self._host
        kind = http.client.HTTPSConnection if host.scheme == "https" else http.client.HTTPConnection
        connection = kind(host.host, host.port)
        plain = socket.create_connection((host.host, host.port), timeout=TIMEOUT_SECONDS)
        if host.scheme == "https":
            context = ssl.create_default_context()
            plain = context.wrap_socket(plain, server_hostname=host.host, do_handshake_on_connect=False)
        connection.sock = plain
        return connection

    def _exchange(self, connection: http.client.HTTPConnection, path: str) -> bytes | None:
        with hung_up_after(connection.sock, self._host.seconds):
            if isinstance(connection.sock, ssl.SSLSocket):
                connection.sock.do_handshake()
            connection.request("GET", path, headers={"Accept-Encoding": "identity"})
            answer = connection.getresponse()
            content = self._body(answer, path)
        if answer.will_close:
            self.close()
        return content

    def _body(self, answer: http.client.HTTPResponse, path: str) -> bytes | None:
        if answer.status not in (_FOUND, _ABSENT):
            raise EntriesUnavailable(f"{self._host.host}: {answer.status} for {path}")
        try:
            body = read_body(answer, MAX_BUNDLE_BYTES)
        except BodyRefused as error:
            if answer.status == _ABSENT:
                self.close()  # a long page that says so
                return None
            raise EntriesRefused(f"a bundle of more than {MAX_BUNDLE_BYTES} bytes") from error
        return body if answer.status == _FOUND else None


def _read(start: int, end: int, bundle_of: _BundleOf) -> bytes:
    """Join the entries [start, end) from bundles, up to the first that is missing or short."""
    parts: list[bytes] = []
    for index in range(start // TILE_WIDTH, -(-end // TILE_WIDTH)):
        first = index * TILE_WIDTH
        width = min(TILE_WIDTH, end - first)
        bundle = bundle_of(index, width)
        entries = [] if bundle is None else list(_entries_in(bundle, index))
        parts += entries[max(start - first, 0) : width]
        if len(entries) < width:
            break
    return b"".join(parts)


def _entries_in(bundle: bytes, index: int) -> Iterator[bytes]:
    try:
        yield from entries_in(bundle)
    except BundleRefused as error:
        raise EntriesRefused(f"from entry {index * TILE_WIDTH} on, {error}") from error


def _bundle_in(tiles: Path, index: int, width: int) -> bytes | None:
    """Read the bundle of a folder with the fewest entries that are enough, else the one with the most.

    None where there is none that is a file. Raises EntriesUnavailable for one that cannot be read.
    """
    try:
        path = _bundle_path(tiles, index, width)
        return None if path is None else _read_bundle(path)
    except OSError as error:
        raise EntriesUnavailable(f"{error.filename}: {error.strerror}") from error


def _bundle_path(tiles: Path, index: int, width: int) -> Path | None:
    full = tiles / tile_path(Tile(None, index, TILE_WIDTH))
    partial = full.with_name(full.name + ".p")
    names = [read_number(path.name, TILE_WIDTH - 1) for path in partial.iterdir()] if partial.is_dir() else []
    widths = sorted(number for number in names if number and (partial / str(number)).is_file())
    enough = next((each for each in widths if each >= width), None)
    if enough is None and full.is_file():
        return full
    return partial / str(enough or widths[-1]) if widths else None


def _read_bundle(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BUNDLE_BYTES + 1)
