"""Serve the plain records of a subject, a page at a time: `acredita-records/1`.

A record is topic 0, subject and data of one event, as in an evidence bundle. The records of a registry's subject fold to the
history hash that the contract states, and the checkpoints of a log chain by their words to its head. So a reader need not
believe this node that none is missing. `request_rate` bounds the requests of each address.
"""

from typing import Annotated, Final, Literal

from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import to_hex
from acredita.contracts.bindings import record_of
from acredita.node.http.address_rate import within_rate
from acredita.node.http.dependencies import CurrentNode
from acredita.node.http.paging import MAX_PAGE, Limit, Offset
from acredita.node.http.problems import documented
from acredita.node.http.registry import observed
from acredita.node.http.request_bodies import Hex64
from fastapi import APIRouter, Depends, Header, Response
from fastapi.responses import JSONResponse

FORMAT: Final = "acredita-records/1"

router = APIRouter(tags=["registry"])
RecordingContract = Literal["issuer_registry", "programme_registry", "credential_log"]
"""The contracts whose records belong to subjects, by their names in the trust file."""


@router.get(
    "/v1/records/{contract}/{subject}",
    summary="Get the records of a subject",
    responses=documented(400, 429, 503),
    dependencies=[Depends(within_rate)],
)
def records(
    node: CurrentNode,
    contract: RecordingContract,
    subject: Hex64,
    offset: Offset = 0,
    limit: Limit = MAX_PAGE,
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    """Return the records of a party, a programme version or a log, oldest first. A subject without records has none.

    A page is the same at one block, whose hash is its `ETag`.
    """
    observer = observed(node)
    headers = {"Cache-Control": "public, no-cache", "ETag": f'"{observer.block.hash.hex()[:32]}"'}
    if headers["ETag"] in if_none_match:
        return Response(status_code=304, headers=headers)
    address = getattr(observer.contracts, contract)
    page = observer.page_of_records(address, bytes.fromhex(subject), offset, limit + 1)
    body = {
        "format": FORMAT,
        "contract": contract,
        "address": to_hex(address),
        "subject": "0x" + subject,
        "records": [to_hex(record_of(log)) for log in page[:limit]],
        "next": offset + limit if len(page) > limit else None,
        "block": observer.block.number,
        "as_of": time_text(observer.block.time),
    }
    return JSONResponse(body, headers=headers)
