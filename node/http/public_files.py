"""Serve what the node publishes as files: status lists, logs as tiles, contexts.

A file that is named by its content, or that never changes, may be cached for ever. Lists and checkpoints change, so
a cache asks again for each answer, or after some seconds. Answers are the stored bytes.
"""

import gzip
import hashlib
import json
from datetime import UTC, datetime
from email.utils import format_datetime
from importlib import resources
from typing import Annotated, Final

from acredita.anchoring.entries import MAX_LISTS
from acredita.anchoring.types import IssuerId
from acredita.node.http.accepted_types import accepted_type
from acredita.node.http.dependencies import CurrentNode, Node
from acredita.node.http.paging import OneSpelling
from acredita.node.http.problems import RequestRefused, documented, not_found
from acredita.node.http.request_bodies import Hex64, issuer_of
from acredita.node.http.revalidation import content_unless_known
from acredita.node.publication.tile_names import parse_path
from acredita.node.publication.tiles import read_tile
from acredita.node.storage.status_lists import MILLISECONDS
from acredita.node.storage.stored_checkpoints import newest_of_epoch
from acredita.node.verification.node_documents import list_version
from acredita.registry.codes import Code
from fastapi import APIRouter, Header, Path, Response

IMMUTABLE: Final = "public, max-age=31536000, immutable"
SHORT: Final = "public, max-age=5"
LIST_CACHE: Final = "public, no-cache"  # a cache asks for each answer whether the list has changed

_OCTETS: Final = "application/octet-stream"
_TEXT: Final = "text/plain; charset=utf-8"
Epoch = Annotated[int, Path(ge=1, lt=1 << 16), OneSpelling]
AcceptEncoding = Annotated[str, Header()]
Accept = Annotated[str, Header()]
LIST_TYPES: Final = ("application/vc", "application/ld+json", "application/json")
"""Names of the same bytes. Libraries that ask for JSON parse no answer under another name."""


router = APIRouter(tags=["publications"])
_ABSENT = documented(400, 404)


@router.get("/status/{issuer}/{number}", summary="Get a status list", responses=_ABSENT)
def status_list(
    node: CurrentNode,
    issuer: Hex64,
    number: Annotated[int, Path(ge=0, lt=MAX_LISTS), OneSpelling],
    accept: Accept = "",
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    """Return a signed BitstringStatusListCredential.

    The answer is the newest version. `Last-Modified` is the moment it was issued. It is `application/vc`, or
    `application/ld+json` or `application/json` for a request that prefers one of these.
    """
    content, version = _newest_list(node, issuer_of(issuer), number)
    media_type = accepted_type(accept, LIST_TYPES)
    etag = f'"{hashlib.sha256(media_type.encode() + content).hexdigest()[:32]}"'  # one for each name of the bytes
    headers = {"Cache-Control": LIST_CACHE, "ETag": etag, "Vary": "Accept"}
    if version is not None:
        headers["Last-Modified"] = format_datetime(datetime.fromtimestamp(version // MILLISECONDS, UTC), usegmt=True)
    return content_unless_known(content, media_type, headers, if_none_match)


def _newest_list(node: Node, issuer: IssuerId, number: int) -> tuple[bytes, int | None]:
    """Return a list with its version: this node's own, or its copy of another institution's. Raises 404."""
    stored = node.document_source.stored_list(issuer, number)
    if stored is not None:
        return stored.document, stored.version
    document = node.document_source.mirrored_list(issuer, number)
    if document is None:
        raise not_found("no such status list")
    return json.dumps(document, ensure_ascii=False).encode(), list_version(document)


@router.get(
    "/log/{issuer}/{epoch}/checkpoint",
    summary="Get the newest checkpoint of a log",
    responses=documented(400, 404, 503),
)
def checkpoint(node: CurrentNode, issuer: Hex64, epoch: Epoch) -> Response:
    """Return the newest confirmed checkpoint of a log as a signed note (C2SP tlog-checkpoint)."""
    with node.database.read() as connection:
        stored = newest_of_epoch(connection, issuer_of(issuer), epoch)
    if stored is None:
        raise not_found("no such log")
    notary = node.notary(issuer_of(issuer))
    if notary is None:
        raise RequestRefused(503, Code.NOTE_KEY_CLOSED, "the institution's note key is not open on this node")
    return Response(notary.note(stored), media_type=_TEXT, headers={"Cache-Control": SHORT})


@router.get("/log/{issuer}/{epoch}/tile/{path:path}", summary="Get a tile of a log", responses=_ABSENT)
def tile(node: CurrentNode, issuer: Hex64, epoch: Epoch, path: str, accept_encoding: AcceptEncoding = "") -> Response:
    """Return a hash tile or an entry bundle under a confirmed checkpoint (C2SP tlog-tiles)."""
    coordinates = parse_path(path)
    if coordinates is None:
        raise not_found("no such tile")
    with node.database.read() as connection:
        content = read_tile(connection, issuer_of(issuer), epoch, coordinates)
    if content is None:
        raise not_found("no confirmed checkpoint has this tile")
    headers = {"Cache-Control": IMMUTABLE, "Vary": "Accept-Encoding"}
    if coordinates.level is None and accepts_gzip(accept_encoding):
        # tlog-tiles, Log entries: bundles should be compressed. Half of an entry is zeros.
        return Response(gzip.compress(content, mtime=0), media_type=_OCTETS, headers={**headers, **_GZIPPED})
    return Response(content, media_type=_OCTETS, headers=headers)


@router.get("/contexts", summary="List JSON-LD contexts")
def contexts() -> Response:
    """List the bundled JSON-LD contexts with address, file and SHA-256."""
    return Response(_context_bytes("manifest.json"), media_type="application/json")


@router.get("/contexts/{name}", summary="Get a JSON-LD context", responses=_ABSENT)
def context(name: str) -> Response:
    """Return a bundled JSON-LD context, byte for byte as it is pinned."""
    if name not in _context_files():
        raise not_found("no such context")
    return Response(_context_bytes(name), media_type="application/ld+json", headers={"Cache-Control": IMMUTABLE})


_GZIPPED: Final = {"Content-Encoding": "gzip"}


def accepts_gzip(header: str) -> bool:
    """Return whether an Accept-Encoding accepts gzip (RFC 9110 12.5.3); a weight of zero refuses it."""
    for part in header.split(","):
        coding, _, weight = part.strip().partition(";")
        if coding.strip().lower() == "gzip":
            return weight.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _context_files() -> frozenset[str]:
    manifest = json.loads(_context_bytes("manifest.json"))
    return frozenset(row["file"] for row in manifest["contexts"])


def _context_bytes(name: str) -> bytes:
    return (resources.files("acredita.registry.canonicalisation") / "context_documents" / name).read_bytes()
