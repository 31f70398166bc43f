"""Answer whether the process is alive and ready, and its metrics: `/healthz`, `/readyz`, `/metrics`.

Alive means that the process answers. Ready means that a verification would get an answer now: storage can be read,
the ledger answers, it is the chain that the trust file pins, and the trust file is in force. An institution whose
writing has stopped, or whose status changes have waited five minutes for the chain, is listed with the code. It stops
no other institution, so it does not make the node unready. `registry` in its row says whether the registry lets the
institution issue: suspended, expired or about to end, since when, by which account and act. `index` says how far the index of
the ledger is, and why it does not advance. What the index does not have yet is read from the ledger, so it does not make the
node unready either.
`endpoints` is what each endpoint said of itself when it was last looked at: it tells an operator why, and decides nothing.
`database` says how the database is replicated, or how far the standby that a read node reads is behind.
"""

from typing import Any

from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.receipts import time_text
from acredita.node.http.dependencies import CurrentNode, Node
from acredita.node.http.metrics import MEDIA_TYPE
from acredita.node.index.read import position_document
from acredita.node.ledger.view import NodeObserver
from acredita.node.publication.trust_folder import RENEWAL
from acredita.node.storage import institutions, queue
from acredita.node.storage.database import StorageUnavailable
from acredita.node.storage.institutions import RegisteredInstitution
from acredita.node.storage.ledger_index import index_state
from acredita.node.write_path.progress import late_since
from acredita.node.write_path.stops import command_for
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.accreditation import AccreditationNow
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.ledger_facts.trust_succession import recorded_fault
from acredita.registry.verification.case import ends_soon, head_age_fault, not_in_force
from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DatabaseError

_NO_STORE = {"Cache-Control": "no-store"}


router = APIRouter(tags=["operation"])


@router.get("/healthz", summary="Check that the process answers")
async def alive() -> JSONResponse:
    """Answer that the process is alive. Needs no thread, because all of them may be taken."""
    return JSONResponse({"status": "alive"}, headers=_NO_STORE)


@router.get(
    "/readyz",
    summary="Check that the node is ready",
    responses={503: {"description": "Not ready. `checks` has the reason."}},
)
def ready(node: CurrentNode) -> JSONResponse:
    """Check whether a verification would get an answer now, and list the institutions whose writing has stopped."""
    checks, writing = _storage(node)
    observer = node.observer()  # once: a ledger that does not answer is waited for once
    checks |= _ledger(node, observer)
    registry = _registry(node, observer)
    is_ready = all(code == "ok" for code in checks.values())
    look = None if node.dependencies.endpoints is None else node.dependencies.endpoints.newest
    body = {
        "ready": is_ready,
        "checks": checks,
        "writing": [row | {"registry": registry.get(row["profile"])} for row in writing],
        "index": _index(node),
        "endpoints": None if look is None else look.documents(),
        "database": _database(node),
        "trust": _trust_file(node),
    }
    return JSONResponse(body, 200 if is_ready else 503, headers=_NO_STORE)


@router.get("/metrics", summary="Get metrics")
def metrics(node: CurrentNode) -> Response:
    """Return counters and gauges in the text form of Prometheus."""
    return Response(node.metrics.text(), media_type=MEDIA_TYPE, headers=_NO_STORE)


def _storage(node: Node) -> tuple[dict[str, str], list[dict[str, Any]]]:
    try:
        node.database.check_schema()
        with node.database.read() as connection:
            registered = [
                (one, late_since(queue.backlog(connection, one.issuer), node.clock()))
                for one in institutions.institutions(connection)
            ]
    except StorageUnavailable as error:
        return {"storage": error.code}, []
    return {"storage": "ok"}, [_writing(node, one, late) for one, late in registered]


def _registry(node: Node, observer: NodeObserver | Missing) -> dict[str, dict[str, object]]:
    """Return by profile what the registry says of each institution, or why the ledger could not tell."""
    try:
        with node.database.read() as connection:
            profiles = {one.issuer: one.profile for one in institutions.institutions(connection)}
        look = node.accreditations.look(observer, profiles)
    except (StorageUnavailable, DatabaseError):  # said by its own check
        return {}
    return {profile: _accreditation(node, look.get(issuer)) for issuer, profile in profiles.items()}


def _accreditation(node: Node, accreditation: AccreditationNow | Missing | None) -> dict[str, object]:
    if accreditation is None:  # the institution was registered since
        return {"code": Code.LEDGER_UNREACHABLE}
    trust = node.dependencies.trust
    if isinstance(accreditation, Missing) or isinstance(trust, Missing):
        missing = accreditation if isinstance(accreditation, Missing) else trust
        assert isinstance(missing, Missing)
        return {"code": missing.code}
    return accreditation.document(trust.contracts.council)


def _index(node: Node) -> dict[str, object] | None:
    """Return how far the index is, and why it does not advance. A verification does not wait for it."""
    try:
        with node.database.read() as connection:
            return position_document(index_state(connection))
    except (StorageUnavailable, DatabaseError):  # a schema of another version has no such table
        return None


def _database(node: Node) -> dict[str, object] | None:
    """Return how the database is replicated; None while it cannot be read."""
    try:
        return node.database.replication().document()
    except StorageUnavailable:
        return None


def _writing(node: Node, one: RegisteredInstitution, late: int | None) -> dict[str, Any]:
    """Return whether an institution's writing has stopped or is late, since when, and the command that ends a stop."""
    if one.stop is not None:
        row = {"profile": one.profile, "state": "stopped", "code": one.stop.code, "since": time_text(one.stop.since)}
        command = command_for(one.stop.code)
        return row if command is None else {**row, "command": command}
    if late is not None:
        return {"profile": one.profile, "state": "late", "code": Code.ANCHORING_LATE, "since": time_text(late)}
    return {"profile": one.profile, "state": "open" if one.issuer in node.tenants else "read-only"}


def _ledger(node: Node, observer: NodeObserver | Missing) -> dict[str, str]:
    trust = node.dependencies.trust
    if isinstance(trust, Missing) or isinstance(observer, Missing):
        missing = trust if isinstance(trust, Missing) else observer
        assert isinstance(missing, Missing)
        return {"ledger": missing.code}
    return {"ledger": _identity(node, trust, observer), "trust": _trust_fault(node, trust, observer) or "ok"}


def _trust_fault(node: Node, trust: Trust, observer: NodeObserver) -> Code | None:
    """Return why the trust file does not count: it is not in force, or the council recorded another one."""
    try:
        return not_in_force(trust, node.clock()) or recorded_fault(trust, observer.recorded_trust)
    except LedgerUnavailable:  # said by the other check
        return None


def _trust_file(node: Node) -> dict[str, object] | None:
    """Return which trust file is used, until when, and from two weeks before its end on what to do."""
    trust = node.dependencies.trust
    if isinstance(trust, Missing):
        return None
    used: dict[str, object] = {"number": trust.number, "expires": time_text(trust.expires)}
    return used | {"code": Code.TRUST_ENDS_SOON, "command": RENEWAL} if ends_soon(trust, node.clock()) else used


def _identity(node: Node, trust: Trust, observer: NodeObserver) -> str:
    try:
        if observer.identity != (trust.chain_id, trust.genesis):
            return Code.GENESIS_CHANGED
        if observer.code_hashes != dict(trust.code_hashes):
            return Code.CODE_CHANGED
    except LedgerUnavailable as error:
        return error.code
    return head_age_fault(observer.block.time, node.clock(), observer.stalled_after) or "ok"
