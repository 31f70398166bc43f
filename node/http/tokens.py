"""List and revoke access tokens over HTTP. A token is made at the command line alone, where it is shown once.

A token with the right `admin` for one institution sees and revokes that institution's tokens; one for the whole node, all.
"""

from typing import Annotated

from acredita.anchoring.types import IssuerId
from acredita.node.http.bearer_tokens import Carries, require
from acredita.node.http.dependencies import CurrentNode
from acredita.node.http.paging import MAX_PAGE, Limit, Offset, page_of
from acredita.node.http.problems import documented, not_found
from acredita.node.storage.access_tokens import Access, find_token, list_tokens, revoke_token
from acredita.node.storage.rights import Right
from fastapi import APIRouter, Depends, Path
from fastapi.responses import JSONResponse

_NO_STORE = {"Cache-Control": "no-store"}

router = APIRouter(tags=["tokens"])
TokenId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", description="The id that the list of tokens shows.")]


def issuer_of_token(token_id: TokenId, node: CurrentNode) -> IssuerId | None:
    """Return the institution that a token is for, or None for a token of the whole node. Raises 404."""
    with node.database.read() as connection:
        stored = find_token(connection, token_id)
    if stored is None:
        raise not_found("no token of this node has this id")
    return stored.issuer


@router.get("/v1/tokens", summary="List access tokens", responses=documented(400, 401, 403))
def tokens(
    access: Annotated[Access, Depends(Carries(Right.ADMIN))],
    node: CurrentNode,
    offset: Offset = 0,
    limit: Limit = MAX_PAGE,
) -> JSONResponse:
    """List the access tokens that are in force, expired or revoked, by id and label. The tokens are stored nowhere.

    A token for one institution lists the tokens of that institution.
    """
    now = node.clock()
    with node.database.read() as connection:
        page, next_offset = page_of(list_tokens(connection, access.issuer), offset, limit)
    return JSONResponse({"tokens": [each.document(now) for each in page], "next": next_offset}, headers=_NO_STORE)


@router.delete("/v1/tokens/{token_id}", summary="Revoke an access token", responses=documented(400, 401, 403, 404))
def revoke(
    token_id: TokenId,
    access: Annotated[Access, Depends(require(Right.ADMIN, issuer_of_token))],
    node: CurrentNode,
) -> JSONResponse:
    """Revoke an access token. It is refused from the next request on.

    `changed` is false if the token was revoked before.
    """
    with node.database.write() as connection:
        changed = revoke_token(connection, token_id, node.clock(), access.actor)
    return JSONResponse({"id": token_id, "changed": changed}, headers=_NO_STORE)
