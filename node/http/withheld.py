"""Take and give out the list of withheld documents, `acredita-withheld/1`.

No token is needed to send one: the keys of the trust file sign it, and its number only rises.
"""

from typing import Annotated, Final

from acredita.node.http.address_rate import within_rate
from acredita.node.http.dependencies import CurrentNode
from acredita.node.http.documents import ASKED_AGAIN, IfNoneMatch
from acredita.node.http.problems import RequestRefused, documented, not_found, reading_problem
from acredita.node.http.request_bodies import read_at_most
from acredita.node.http.revalidation import content_unless_known
from acredita.registry.codes import Code
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.withheld_list import MAX_LIST_BYTES, WithheldListRefused, parse_withheld
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

_STATUSES: Final = {Code.WITHHELD_MALFORMED: 400, Code.WITHHELD_LIST_OLDER: 409}

router = APIRouter(tags=["documents"])


async def list_bytes(request: Request) -> bytes:
    """Read the body of a list; raises 408, 413."""
    return await read_at_most(request, MAX_LIST_BYTES)


@router.put(
    "/v1/withheld",
    summary="Send a list of withheld documents",
    responses=documented(400, 408, 409, 413, 422, 429, 503),
    dependencies=[Depends(within_rate)],
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}},
)
def put_list(node: CurrentNode, body: Annotated[bytes, Depends(list_bytes)]) -> JSONResponse:
    """Put a list in force that the keys of the trust file have signed, with a higher number than the list before it.

    The answer is 201 for a new list and 200 for the one in force.
    """
    trust = node.dependencies.trust
    if isinstance(trust, Missing):
        raise RequestRefused(503, trust.code, "this node has no trust file")
    try:
        withheld = parse_withheld(read_json(body, max_bytes=MAX_LIST_BYTES))
        is_new = node.withheld.store(withheld, trust)
    except JsonRefused as error:
        raise reading_problem(error) from None
    except WithheldListRefused as error:
        raise RequestRefused(_STATUSES.get(error.code, 422), error.code, error.message) from None
    return JSONResponse({"number": withheld.number, "new": is_new}, 201 if is_new else 200)


@router.get(
    "/v1/withheld",
    summary="Get the list of withheld documents",
    responses=documented(404, 429, 503),
    dependencies=[Depends(within_rate)],
)
def withheld_list(node: CurrentNode, if_none_match: IfNoneMatch = "") -> Response:
    """Return the list in force as it was signed."""
    withheld = node.withheld.in_force()
    if withheld is None:
        raise not_found("no document is withheld")
    headers = {"Cache-Control": ASKED_AGAIN, "ETag": f'"{withheld.number}"'}
    return content_unless_known(withheld.content, "application/json", headers, if_none_match)
