"""Serve `GET /registry.json`: the issuers recognised now, in the format of the Digital Credentials Consortium's registries.

    {"meta": {"created": TIME, "updated": TIME}, "registry": {DID: {"name": NAME, "url": URL}}}

Verifiers that know neither the ledger nor this project look an issuer up here by its DID. The format answers one
question and has no time: it lists an issuer while the issuer is active with every accreditor above it, and no longer
once it is suspended. No issuer is left out because a file is missing. Without its scope document the DID is unknown;
the answer is then 503, because a missing row would read as "not recognised". `location` is left out, because no
document of ours has one.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Annotated, Any, Final, cast

from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import BlockHash, Digest, to_hex
from acredita.node.http.dependencies import CurrentNode, Node
from acredita.node.http.problems import RequestRefused, documented
from acredita.node.http.registry import is_of, observed, whole_registries
from acredita.node.ledger.view import NodeObserver
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.histories import PartyHistory, recognised_at
from acredita.registry.programmes.scope import Scope
from fastapi import APIRouter, Depends, Header, Request, Response

SPANISH: Final = "es"


@dataclass(frozen=True)
class _Listing:
    """The answer at one block and in one second: between blocks only an accreditation's end changes it."""

    block: BlockHash
    second: int
    content: bytes

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.content).hexdigest()[:32]}"'


class Listings:
    """The newest listing, kept until there is another block or another second."""

    def __init__(self) -> None:
        self._newest: _Listing | None = None

    def at(self, node: Node, observer: NodeObserver, now: int) -> _Listing:
        """Return the listing at the observer's block; two threads may both make it, with the same content."""
        newest = self._newest
        if newest is None or (newest.block, newest.second) != (observer.block.hash, now):
            self._newest = newest = _listing(node, observer, now)
        return newest


async def current_listings(request: Request) -> Listings:
    """Return the listings of this request's application. A coroutine, because it needs no thread."""
    return cast(Listings, request.app.state.recognised_listings)


router = APIRouter(tags=["registry"])


@router.get("/registry.json", summary="List recognised issuers for other verifiers", responses=documented(400, 503))
def registry(
    node: CurrentNode,
    listings: Annotated[Listings, Depends(current_listings)],
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    """List the issuers that are recognised now, by DID.

    The format is that of the Digital Credentials Consortium's registries.
    """
    observer = observed(node)
    now = max(node.clock(), observer.block.time)
    listing = listings.at(node, observer, now)
    headers = {
        "Cache-Control": "public, no-cache",  # a suspension is in the next answer, as a revocation is
        "ETag": listing.etag,
        "Access-Control-Allow-Origin": "*",  # for verifiers that run in a browser, on pages of their own
    }
    if listing.etag in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(listing.content, media_type="application/json", headers=headers)


def _listing(node: Node, observer: NodeObserver, now: int) -> _Listing:
    whole_registries(observer)
    updated, parties = observer.block.time, observer.issuers()
    created = min((party.transitions[0].time for party in parties), default=updated)
    recognised = [party for party in parties if _recognised(observer, party, now)]
    rows = dict(row for party in recognised for row in _rows(node, party, now))
    document = {"meta": {"created": time_text(created), "updated": time_text(updated)}, "registry": rows}
    return _Listing(observer.block.hash, now, json.dumps(document, ensure_ascii=False).encode())


def _recognised(observer: NodeObserver, party: PartyHistory, t: int) -> bool:
    is_void = party.void_from is not None and t >= party.void_from
    return not is_void and recognised_at(observer.parties(party.subject), party.subject, t)


def _rows(node: Node, party: PartyHistory, t: int) -> list[tuple[str, dict[str, Any]]]:
    """Return the issuer's row by its DID; no row if the scope in force names another issuer: the DID is then unknown."""
    scope = _scope(node, party.scope_at(t))
    if not is_of(scope, party.subject):
        return []
    # The registry's own page on the issuer: the only address that the registry has for every institution.
    url = f"{node.dependencies.base}/v1/issuers/{party.subject.hex()}"
    return [(scope.did, {"name": _name(scope), "url": url})]


def _scope(node: Node, digest: Digest | None) -> Scope:
    scope = None if digest is None else node.document_source.scope(digest)
    if scope is None:
        unavailable = "in force" if digest is None else to_hex(digest)
        raise RequestRefused(503, Code.DOCUMENT_MISSING, f"scope document {unavailable} is missing")
    return scope


def _name(scope: Scope) -> str:
    return scope.name.get(SPANISH) or next(iter(scope.name.values()))
