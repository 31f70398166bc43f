"""Mirrors: tiles of another node and published folders, read within bounds; an old backup mended from each."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer

import pytest
from acredita.anchoring.types import IssuerId
from acredita.node.publication.public_files import publish
from acredita.node.publication.tile_names import MAX_BUNDLE_BYTES, parse_path
from acredita.node.publication.tiles import read_tile
from acredita.node.recovery.mend import MirrorRefused
from acredita.node.recovery.mirrors import MirrorAddressRefused, MirrorUnavailable, open_mirror
from acredita.node.storage import institutions, stored_log
from acredita.node.storage.database import Database

from tests.node.publication.test_tiles import IDENTITY
from tests.node.stored_log import fill
from tests.simulators.endpoint import listening
from tests.waiting import PATIENCE_SECONDS, pulses

SIZES = (3, 256, 300, 513, 700)
Answer = Callable[[str], tuple[int, bytes]]


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """Serve each path on loopback by one function."""

    class Host(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answer(self.path)
            self.send_response(status)
            if status == 302:
                self.send_header("Location", body.decode())
                body = b""
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Write nothing."""

    with listening(Host) as url:
        yield url


@pytest.fixture
def filled(database: Database, issuer: IssuerId) -> Database:
    with database.write() as connection:
        institutions.register(connection, issuer, profile="ut", did="did:web:ut.example", identity=IDENTITY, now=1)
    fill(database, issuer, SIZES, beyond=5)
    return database


def entries(database: Database, issuer: IssuerId, first: int, end: int) -> list[bytes]:
    with database.read() as connection:
        return list(stored_log.read_entries(connection, issuer, 1, first, end))


def tiles_of(database: Database, issuer: IssuerId, *, partial: bool = True) -> Answer:
    """Return the routes of a node that has this log. `partial` False: a copy with full tiles only, where there are
    any.
    """

    def answer(path: str) -> tuple[int, bytes]:
        head = f"/spiegel/log/{issuer.hex()}/1/tile/"
        tile = parse_path(path.removeprefix(head)) if path.startswith(head) else None
        if tile is None or (tile.is_partial and not partial and tile.index < SIZES[-1] // 256):
            return 404, b""
        with database.read() as connection:
            found = read_tile(connection, issuer, 1, tile)
        return (404, b"") if found is None else (200, found)

    return answer


RANGES = [(0, 3), (1, 3), (3, 256), (255, 256), (256, 300), (300, 513), (512, 513), (513, 700), (0, 700)]


@pytest.mark.parametrize("partial", [True, False])
def test_tiles_give_the_entries_asked_for(filled: Database, issuer: IssuerId, partial: bool) -> None:
    with serving(tiles_of(filled, issuer, partial=partial)) as url:
        mirror = open_mirror(f"{url}/spiegel/", issuer, PATIENCE_SECONDS)
        for first, end in RANGES:
            assert list(mirror(1, first, end)) == entries(filled, issuer, first, end), (first, end)
        with pytest.raises(MirrorRefused, match="no entries"):
            list(mirror(1, 700, 705))
        with pytest.raises(MirrorRefused, match="no entries"):
            list(mirror(2, 0, 1))


def test_a_folder_gives_the_entries_asked_for(filled: Database, issuer: IssuerId, tmp_path: Path) -> None:
    publish(filled, tmp_path)
    mirror = open_mirror(str(tmp_path), issuer)
    for first, end in RANGES:
        assert list(mirror(1, first, end)) == entries(filled, issuer, first, end), (first, end)
    given = mirror(1, 690, 720)
    assert [next(given) for _ in range(10)] == entries(filled, issuer, 690, 700), "what is there comes first"
    with pytest.raises(MirrorRefused, match="no entries 700 to 719"):
        next(given)
    with pytest.raises(MirrorRefused, match="no entries 0 to 0"):
        list(mirror(2, 0, 1))


@pytest.mark.parametrize(
    "named",
    [
        "no/such/folder",
        "ftp://127.0.0.1/x",
        "http://",
        "http://a:b@127.0.0.1/",
        "http://127.0.0.1/?q=1",
        "http://127.0.0.1/#f",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/a\r\nX: y",
        "http://[::1/",
    ],
)
def test_what_is_no_mirror(issuer: IssuerId, named: str) -> None:
    with pytest.raises(MirrorAddressRefused):
        open_mirror(named, issuer)


def test_a_file_is_no_mirror(issuer: IssuerId, tmp_path: Path) -> None:
    (tmp_path / "000").write_bytes(bytes(72))
    with pytest.raises(MirrorAddressRefused):
        open_mirror(str(tmp_path / "000"), issuer)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, bytes(MAX_BUNDLE_BYTES + 1), MirrorRefused),
        (200, b"\x00\x46" + bytes(69), MirrorRefused),
        (200, b"\x00\x47" + bytes(70), MirrorRefused),
        (500, b"", MirrorUnavailable),
        (302, b"http://127.0.0.1:1/elsewhere", MirrorUnavailable),
    ],
)
def test_an_odd_host_is_told_from_a_wrong_log(
    issuer: IssuerId, status: int, body: bytes, error: type[Exception]
) -> None:
    with serving(lambda _: (status, body)) as url, pytest.raises(error):
        list(open_mirror(url, issuer, PATIENCE_SECONDS)(1, 1, 2))


def test_nobody_answers(issuer: IssuerId) -> None:
    with serving(lambda _: (200, b"")) as url:
        pass
    with pytest.raises(MirrorUnavailable, match="ConnectionRefused"):
        list(open_mirror(url, issuer, PATIENCE_SECONDS)(1, 1, 2))


@contextmanager
def trickling(beginning: bytes, drop: bytes) -> Iterator[str]:
    """Serve an answer on loopback that never ends, whatever the request is."""

    class Host(BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(4_096)
            try:
                self.request.sendall(beginning)
                for _ in pulses(dry):
                    self.request.sendall(drop)
            except OSError:
                return

    dry = threading.Event()
    server = ThreadingTCPServer(("127.0.0.1", 0), Host)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        dry.set()
        server.shutdown()
        server.server_close()
        thread.join()


_OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("beginning", "drop"),
    [
        (b"HTTP/1.1 200 ", b"K"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (_OK + b"X: ", b"y"),
        (_OK + b"Content-Length: 18000\r\n\r\n", b"\x00"),
        (_OK + b"\r\n", b"\x00"),
        (_OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    ],
)
def test_a_bundle_that_never_ends_is_given_up(issuer: IssuerId, beginning: bytes, drop: bytes) -> None:
    """Give up wherever in the answer the host is slow, although every single step is quick."""
    with trickling(beginning, drop) as url, pytest.raises(MirrorUnavailable, match=r"longer than 0\.5 s"):
        list(open_mirror(url, issuer, 0.5)(1, 0, 1))


def test_a_bundle_that_breaks_off_is_no_bundle(issuer: IssuerId) -> None:
    """Break off at the border of an entry: fewer entries than the log has would be taken for a wrong log."""
    short = _OK + b"Content-Length: 144\r\n\r\n" + b"\x00\x46" + bytes(70)

    class Host(BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(4_096)
            self.request.sendall(short)

    with ThreadingTCPServer(("127.0.0.1", 0), Host) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        with pytest.raises(MirrorUnavailable, match="IncompleteRead"):
            list(open_mirror(f"http://127.0.0.1:{server.server_address[1]}", issuer, PATIENCE_SECONDS)(1, 0, 2))
