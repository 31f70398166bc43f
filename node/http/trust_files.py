"""Serve the authority's trust files: the newest, and each by its number.

They are the stored bytes. Nobody needs to believe this node: a file counts by its signatures, and whoever has pinned one
walks from number to number (`acredita trust update`).
"""

from typing import Annotated

from acredita.anchoring.types import read_number
from acredita.node.http.dependencies import CurrentNode
from acredita.node.http.problems import documented, not_found
from acredita.node.http.public_files import SHORT
from fastapi import APIRouter, Path, Response

MAX_NUMBER = 2**53 - 1  # the greatest that JSON keeps exact

router = APIRouter(tags=["registry"])


@router.get("/v1/trust", summary="Get the newest trust file", responses=documented(404))
def newest(node: CurrentNode) -> Response:
    """Return the trust file that this node uses."""
    return _file(node.dependencies.folder.trust_file(None))


@router.get("/v1/trust/{number}.json", summary="Get a trust file", responses=documented(400, 404))
def numbered(node: CurrentNode, number: Annotated[str, Path(max_length=16)]) -> Response:
    """Return the trust file of a number."""
    parsed = read_number(number, MAX_NUMBER)
    return _file(None if parsed is None else node.dependencies.folder.trust_file(parsed))


def _file(content: bytes | None) -> Response:
    if content is None:
        raise not_found("no such trust file")
    return Response(content, media_type="application/json", headers={"Cache-Control": SHORT})
