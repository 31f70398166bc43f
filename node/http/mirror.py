"""Serve the node's copies of what others publish, as a static server would serve the folder of `acredita mirror`.

Only files with the names of public files are served; the folder may hold others. An answer says when the copy last agreed
with the ledger (`Acredita-Fetched`). Who asks has to check it all the same. The address `<base>/mirror` is a source for
other mirrors, for `--log` and for `--source`.
"""

import re
import threading
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import Annotated, Final, cast

from acredita.anchoring.entries import MAX_LISTS
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import Digest, read_number
from acredita.node.http.address_rate import within_rate
from acredita.node.http.dependencies import CurrentNode
from acredita.node.http.problems import documented, not_found
from acredita.node.http.public_files import IMMUTABLE, LIST_CACHE, SHORT
from acredita.node.mirroring.note_copy import NOTE_FILE
from acredita.node.mirroring.state import STATE_FILE, CopyTime, read_state
from acredita.node.publication.tile_names import parse_path
from acredita.node.publication.trust_folder import TRUST_FILE, FileRefused, FileState, file_state
from fastapi import APIRouter, Depends, Path, Request, Response

FETCHED: Final = "Acredita-Fetched"

_LOG: Final = re.compile(r"log/[0-9a-f]{64}/[1-9][0-9]{0,4}")
_LIST: Final = re.compile(r"(?P<copy>status/[0-9a-f]{64}/(?P<number>0|[1-9][0-9]{0,4}))(?:\.json)?")
_DOCUMENT: Final = re.compile(r"(?P<digest>[0-9a-f]{64})\.(?:json|bin)")
_TRUST: Final = re.compile(r"trust/[1-9][0-9]{0,15}\.json")
_SANDBOXED: Final = MappingProxyType({"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"})
_JSON: Final = "application/json"
_OCTETS: Final = "application/octet-stream"


class CopyTimes:
    """The times of the copies, read again when their file has changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: tuple[FileState | None, dict[str, CopyTime]] = (None, {})

    def of(self, base: FilePath, copy: str) -> str | None:
        """Return the time of a copy; None for one that no mirror keeps here."""
        state = file_state(base / STATE_FILE)
        with self._lock:
            if self._known[0] != state:
                self._known = (state, _copies(base))
            kept = self._known[1].get(copy)
        return None if kept is None else time_text(kept.fetched)


def _copies(base: FilePath) -> dict[str, CopyTime]:
    try:
        state = read_state(base)
    except (FileRefused, OSError):
        return {}
    return {} if state is None else state.copies


async def copy_times(request: Request) -> CopyTimes:
    """Return the times of this request's application. A coroutine, because it needs no thread."""
    return cast(CopyTimes, request.app.state.copy_times)


router = APIRouter(tags=["publications"])


@router.get(
    "/mirror/documents/{name}",
    summary="Get a document of the node's mirror",
    responses=documented(400, 404, 429, 451, 503),
    dependencies=[Depends(within_rate)],
)
def mirrored_document(node: CurrentNode, name: Annotated[str, Path(max_length=80)]) -> Response:
    """Return a document by its name in a public folder, `<hash>.json` or `<hash>.bin`.

    The same documents are given out as at `/v1/documents/<hash>`.
    """
    named = _DOCUMENT.fullmatch(name)
    known = None if named is None else node.document_store.read(Digest(bytes.fromhex(named["digest"])))
    if known is None:
        raise not_found("no such copy")
    return Response(known.content, media_type=_OCTETS, headers={"Cache-Control": LIST_CACHE, **_SANDBOXED})


@router.get("/mirror/{path:path}", summary="Get a file of the node's mirror", responses=documented(400, 404))
def mirrored(node: CurrentNode, times: Annotated[CopyTimes, Depends(copy_times)], path: str) -> Response:
    """Return a copy of what an institution publishes, by its name in a public folder.

    The names are `mirror.json`, `trust.json`, `trust/<n>.json`, `log/<issuer>/<epoch>/tile/…` and
    `status/<issuer>/<list>.json`. `Acredita-Fetched` is the time at which a log or a list last agreed with the ledger.
    """
    base = node.dependencies.folder.base
    name, cache, copy = _public(path)
    file = base / name
    if not file.is_file():
        raise not_found("no such copy")
    headers = {"Cache-Control": cache, **_SANDBOXED}
    fetched = None if copy is None else times.of(base, copy)
    if fetched is not None:
        headers[FETCHED] = fetched
    return Response(file.read_bytes(), media_type=_JSON if name.endswith(".json") else _OCTETS, headers=headers)


def _public(path: str) -> tuple[str, str, str | None]:
    """Return a public file's name, how it is cached, and the name of its copy, if it is one. Raises 404."""
    if path in (STATE_FILE, TRUST_FILE) or _TRUST.fullmatch(path):
        return path, SHORT, None
    named = _LIST.fullmatch(path)
    if named is not None and read_number(named["number"], MAX_LISTS - 1) is not None:
        return f"{named['copy']}.json", LIST_CACHE, named["copy"]
    if path.endswith(f"/{NOTE_FILE}") and _LOG.fullmatch(path.removesuffix(f"/{NOTE_FILE}")):
        return path, SHORT, None
    log, _, tile = path.partition("/tile/")
    if _LOG.fullmatch(log) and parse_path(tile) is not None:
        return path, IMMUTABLE, log
    raise not_found("no such copy")
