"""Take and give out proposals of the council, `acredita-proposal/1`, so that members see them before they approve.

No token is needed to send one: it is taken if its calldata, target and act are those of the chain's proposal.
"""

from typing import Annotated, Final

from acredita.anchoring.types import FormatRefused
from acredita.node.http.address_rate import within_rate
from acredita.node.http.dependencies import CurrentNode
from acredita.node.http.documents import ASKED_AGAIN, IfNoneMatch
from acredita.node.http.paging import OneSpelling
from acredita.node.http.problems import RequestRefused, documented, not_found, reading_problem
from acredita.node.http.registry import observed
from acredita.node.http.request_bodies import read_at_most
from acredita.node.http.revalidation import content_unless_known
from acredita.node.publication.proposal_store import MAX_PROPOSAL_BYTES
from acredita.registry.acts.refused import RegistryActRefused
from acredita.registry.codes import Code
from acredita.registry.json_documents.strict import JsonRefused
from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse

MAX_NUMBER: Final = 2**53 - 1  # the greatest that JSON keeps exact
_STATUSES: Final = {"PROPOSAL_UNKNOWN": 404, Code.PROPOSAL_STORED.value: 409}

router = APIRouter(tags=["documents"])
Number = Annotated[int, Path(ge=1, le=MAX_NUMBER), OneSpelling]


async def proposal_bytes(request: Request) -> bytes:
    """Read the body of a proposal; raises 408, 413."""
    return await read_at_most(request, MAX_PROPOSAL_BYTES)


@router.put(
    "/v1/proposals/{number}",
    summary="Send a proposal of the council",
    responses=documented(400, 404, 408, 409, 413, 422, 429, 503),
    dependencies=[Depends(within_rate)],
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}},
)
def put_proposal(node: CurrentNode, number: Number, body: Annotated[bytes, Depends(proposal_bytes)]) -> JSONResponse:
    """Store the proposal of this number, if it is the chain's.

    The answer is 201 for a new proposal and 200 for a known one. The first one sent of a number stays.
    """
    observer = observed(node)
    try:
        is_new = node.proposal_store.store(observer, number, body)
    except JsonRefused as error:
        raise reading_problem(error) from None
    except FormatRefused as error:
        raise RequestRefused(400, Code.VALUE_MALFORMED, error.rule, pointer=error.where) from None
    except RegistryActRefused as error:
        raise RequestRefused(_STATUSES.get(error.code, 422), error.code, error.message) from None
    return JSONResponse({"proposal": number, "new": is_new}, 201 if is_new else 200)


@router.get(
    "/v1/proposals/{number}",
    summary="Get a proposal of the council",
    responses=documented(400, 404, 429, 503),
    dependencies=[Depends(within_rate)],
)
def proposal(node: CurrentNode, number: Number, if_none_match: IfNoneMatch = "") -> Response:
    """Return a proposal as its member sent it. Nothing in it is to be believed: compare it with the chain."""
    stored = node.proposal_store.read(number)
    if stored is None:
        raise not_found("no such proposal")
    headers = {"Cache-Control": ASKED_AGAIN, "ETag": f'"{stored.tag}"'}
    return content_unless_known(stored.content, "application/json", headers, if_none_match)
