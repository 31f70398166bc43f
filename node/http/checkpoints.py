"""List the checkpoints of an institution's log, anchor now instead of when due, list and requeue refused entries."""

import logging
from typing import Annotated, Any

from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import to_hex
from acredita.contracts.bindings import ContractRefused
from acredita.node.http.bearer_tokens import require
from acredita.node.http.dependencies import CurrentNode, Node
from acredita.node.http.paging import OneSpelling
from acredita.node.http.problems import RequestRefused, documented, not_found
from acredita.node.http.request_bodies import Hex64, issuer_of
from acredita.node.publication.public_files import publish
from acredita.node.runtime.tenant import Tenant
from acredita.node.storage.access_tokens import Access
from acredita.node.storage.rights import Right
from acredita.node.storage.stored_checkpoints import StoredCheckpoint, confirmed_checkpoints, confirmed_sizes
from acredita.node.write_path.anchor import anchor_pending
from acredita.node.write_path.batch_report import BatchReport, BatchStep
from acredita.node.write_path.refused import RequeueRefused, refused_entries
from acredita.node.write_path.refused import requeue as requeue_entries
from acredita.registry.codes import Code
from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import JSONResponse

MAX_PAGE = 100
CODE = "^[A-Z][A-Z0-9_]{0,63}$"
_log = logging.getLogger(__name__)


router = APIRouter(tags=["batches"])
AnchorAccess = Annotated[Access, Depends(require(Right.ANCHOR))]


@router.post("/v1/batches/{issuer}", summary="Anchor now", responses=documented(400, 401, 403, 404, 409, 503))
def anchor(issuer: Hex64, access: AnchorAccess, node: CurrentNode) -> JSONResponse:
    """Anchor the queued entries of an institution now, instead of when they are due.

    A second request does no harm: it finds nothing left to anchor.
    """
    tenant = _tenant(node, issuer)
    reports = anchor_pending(tenant.writer, force=True)
    node.metrics.batches(tenant.issuer, reports)
    if any(report.step is BatchStep.ANCHORED for report in reports):
        _publish(node)
    return JSONResponse({"runs": [_run(report) for report in reports]}, 200)


@router.get("/v1/batches/{issuer}/refused", summary="List refused entries", responses=documented(400, 401, 403, 404))
def refused(issuer: Hex64, access: AnchorAccess, node: CurrentNode) -> JSONResponse:
    """List the entries that the contract or the council refused, by code. They wait for a decision."""
    groups = refused_entries(node.database, _tenant(node, issuer).issuer)
    return JSONResponse({"issuer": "0x" + issuer, "refused": [group.document() for group in groups]})


@router.post(
    "/v1/batches/{issuer}/refused/{code}",
    summary="Requeue refused entries",
    responses=documented(400, 401, 403, 404, 409),
)
def requeue(
    issuer: Hex64, code: Annotated[str, Path(pattern=CODE)], access: AnchorAccess, node: CurrentNode
) -> JSONResponse:
    """Requeue the entries refused with this code. A second request finds nothing left to requeue."""
    tenant = _tenant(node, issuer)
    now = node.clock()
    try:
        count = requeue_entries(node.database, tenant.issuer, code, actor=access.actor, now=now)
    except RequeueRefused as error:
        raise RequestRefused(409, code, str(error)) from None
    return JSONResponse({"issuer": "0x" + issuer, "code": code, "queued": count})


@router.get("/v1/batches/{issuer}", summary="List checkpoints", responses=documented(400, 404))
def checkpoints(
    issuer: Hex64,
    node: CurrentNode,
    epoch: Annotated[int | None, Query(ge=1, lt=1 << 16), OneSpelling] = None,
    first: Annotated[int, Query(ge=0, lt=1 << 40), OneSpelling] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE), OneSpelling] = MAX_PAGE,
) -> JSONResponse:
    """List the confirmed checkpoints of an epoch, from number `first` on. The newest epoch is the default."""
    with node.database.read() as connection:
        epochs = confirmed_sizes(connection, issuer_of(issuer))
        chosen = max(epochs, default=0) if epoch is None else epoch
        if chosen not in epochs:
            raise not_found("no such log")
        page = list(confirmed_checkpoints(connection, issuer_of(issuer), chosen, first))[: limit + 1]
    rows = [_checkpoint(stored) for stored in page[:limit]]
    next_number = page[limit].checkpoint.number if len(page) > limit else None
    return JSONResponse({"issuer": "0x" + issuer, "epoch": chosen, "checkpoints": rows, "next": next_number})


def _tenant(node: Node, issuer: str) -> Tenant:
    tenant = node.tenants.get(issuer_of(issuer))
    if tenant is None:
        raise not_found("this node does not write for that institution")
    return tenant


def _publish(node: Node) -> None:
    """Write the public folder after an anchor. A failure does not undo the anchor; the next anchor writes everything."""
    try:
        publish(node.database, node.dependencies.folder.base)
    except OSError:
        _log.warning("public folder not written", extra={"code": Code.STORAGE_UNAVAILABLE})


def _checkpoint(stored: StoredCheckpoint) -> dict[str, Any]:
    checkpoint, block_position = stored.checkpoint, stored.block_position
    return {
        "kind": checkpoint.kind,
        "number": checkpoint.number,
        "old_size": checkpoint.old_size,
        "size": checkpoint.size,
        "root": to_hex(checkpoint.root),
        "status_root": to_hex(checkpoint.status_root),
        "time": time_text(checkpoint.time),
        "word": to_hex(checkpoint.word()),
        "transaction": None if block_position is None else to_hex(block_position.transaction),
        "block_number": None if block_position is None else block_position.block_number,
    }


def _run(report: BatchReport) -> dict[str, Any]:
    run: dict[str, Any] = {"step": report.step.value, "issued": report.issued, "status": report.status}
    if report.checkpoint is not None:
        run["number"] = report.checkpoint.number
    if report.refused:
        run["refused"] = report.refused
    if isinstance(report.reason, ContractRefused):
        run["code"] = report.reason.code
    return run
