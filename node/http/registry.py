"""Serve the public registry: issuers and programme versions as the ledger has them at its newest block.

States come from the ledger's records. Names come from the scope and programme documents whose digest the ledger
holds; without a document the name is left out, never the state.
"""

from typing import Any

from acredita.anchoring.ledger import PartialLedgerUnavailable
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import Digest, IssuerId, to_hex
from acredita.node.http.dependencies import CurrentNode, Node
from acredita.node.http.paging import MAX_PAGE, Limit, Offset, page_of
from acredita.node.http.problems import RequestRefused, documented, not_found
from acredita.node.http.request_bodies import Hex64, digest_of, issuer_of
from acredita.node.ledger.view import NodeObserver
from acredita.registry.codes import Code
from acredita.registry.keys.did import DidRefused, issuer_id
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.histories import ASSERTION, PartyHistory, ProgrammeHistory
from acredita.registry.programmes.scope import Scope
from fastapi import APIRouter
from fastapi.responses import JSONResponse

router = APIRouter(tags=["registry"])
_LISTED, _SINGLE = documented(400, 503), documented(400, 404, 503)


@router.get("/v1/issuers", summary="List issuers", responses=_LISTED)
def issuers(node: CurrentNode, offset: Offset = 0, limit: Limit = MAX_PAGE) -> JSONResponse:
    """List the issuers that are or were accredited, with their present state.

    `whole` is false while records of the registry are missing here. An issuer whose own records are not whole has a `code`
    in place of its state.
    """
    observer = observed(node)
    page, next_offset = page_of(observer.listed, offset, limit)
    rows = [_listed_issuer(node, observer, subject) for subject in page]
    whole = observer.lacks_of(observer.contracts.issuer_registry) is None
    return _response(observer, {"issuers": rows, "next": next_offset, "whole": whole})


@router.get("/v1/issuers/{issuer}", summary="Get an issuer", responses=_SINGLE)
def issuer(node: CurrentNode, issuer: Hex64) -> JSONResponse:
    """Return one issuer: its state and scope, every change of state, and its keys with their windows."""
    observer = observed(node)
    party = observer.party(issuer_of(issuer))
    if party is None or not party.transitions:
        raise not_found("the registry knows no such issuer")
    return _response(observer, {**_issuer(node, observer, party), **_history(node, party)})


@router.get("/v1/programmes", summary="List programme versions", responses=_LISTED)
def programmes(node: CurrentNode, offset: Offset = 0, limit: Limit = MAX_PAGE) -> JSONResponse:
    """List all programme versions that were submitted, with their present state.

    A submission whose document names another issuer is not listed, because it is never recognised. So a page may have
    fewer rows than its limit; `next` says whether there are more. `whole` is false while records of the registry are missing
    here. A version whose own records are not whole has a `code` in place of its state.
    """
    observer = observed(node)
    page, next_offset = page_of(observer.versions, offset, limit)
    own = (version for version in page if _may_be_own(node, *version))
    rows = [row for version in own if (row := _listed_programme(node, observer, *version)) is not None]
    whole = observer.lacks_of(observer.contracts.programme_registry) is None
    return _response(observer, {"programmes": rows, "next": next_offset, "whole": whole})


@router.get("/v1/programmes/{digest}", summary="Get a programme version", responses=_SINGLE)
def programme(node: CurrentNode, digest: Hex64) -> JSONResponse:
    """Return one programme version: its state, every change of state and, if this node has it, its document."""
    observer = observed(node)
    history = _version(node, observer, digest_of(digest))
    timeline = [_record(record.time, record.state.value, record.until) for record in history.records]
    document = node.document_source.programme(history.document)
    details = {"timeline": timeline, "document": None if document is None else document.document}
    return _response(observer, {**_programme(node, observer, history), **details})


def observed(node: Node) -> NodeObserver:
    """Return the ledger at its newest block; raises 503 with the reason."""
    observer = node.observer()
    if isinstance(observer, Missing):
        raise RequestRefused(503, observer.code, "the ledger cannot be read now")
    return observer


def whole_registries(observer: NodeObserver) -> None:
    """Check that no record of the registries is missing here. Raises RequestRefused (503)."""
    contracts = observer.contracts
    for registry in (contracts.issuer_registry, contracts.programme_registry):
        if observer.lacks_of(registry) is not None:
            raise RequestRefused(503, Code.LEDGER_INCOMPLETE, "records of the registry are missing")


def _listed_issuer(node: Node, observer: NodeObserver, subject: IssuerId) -> dict[str, Any]:
    """Return the row of an issuer, or the code of one whose records are not whole."""
    try:
        party = observer.party(subject)
    except PartialLedgerUnavailable as error:
        return {"issuer": to_hex(subject), "code": error.code}
    return _issuer(node, observer, party or PartyHistory(subject))


def _listed_programme(node: Node, observer: NodeObserver, owner: IssuerId, document: Digest) -> dict[str, Any] | None:
    """Return the row of a version, or the code of one whose records are not whole."""
    try:
        history = observer.programme(owner, document)
    except PartialLedgerUnavailable as error:
        return {"programme": to_hex(document), "owner": to_hex(owner), "code": error.code}
    return None if history is None else _programme(node, observer, history)


def _may_be_own(node: Node, owner: IssuerId, document: Digest) -> bool:
    programme = node.document_source.programme(document)
    return programme is None or names(programme.issuer, owner)


def _version(node: Node, observer: NodeObserver, document: Digest) -> ProgrammeHistory:
    """Return the version of the issuer that the document names. Anybody may submit another's document.

    Raises RequestRefused without a version, and without the document where several parties submitted it.
    """
    owners = [owner for owner, known in observer.versions if known == document and _may_be_own(node, owner, document)]
    if len(owners) > 1:
        raise RequestRefused(503, Code.DOCUMENT_MISSING, f"programme document {to_hex(document)} is missing")
    history = observer.programme(owners[0], document) if owners else None
    if history is None:
        raise not_found("the registry knows no such programme version")
    return history


def scope_of(node: Node, party: PartyHistory, t: int) -> Scope | None:
    """Return the scope document in force, if it is this party's own."""
    digest = party.scope_at(t)
    scope = node.document_source.scope(digest) if digest else None
    return scope if scope is not None and is_of(scope, party.subject) else None


def is_of(scope: Scope, subject: IssuerId) -> bool:
    """Return whether the scope names this party: a council can record one that names another."""
    return names(scope.did, subject)


def names(did: str, subject: IssuerId) -> bool:
    """Return whether a DID is the one of this party."""
    try:
        return issuer_id(did) == subject
    except DidRefused:
        return False


def _response(observer: NodeObserver, body: dict[str, Any]) -> JSONResponse:
    as_of = {"block": observer.block.number, "as_of": time_text(observer.block.time)}
    return JSONResponse({**body, **as_of}, headers={"Cache-Control": "public, no-cache"})


def _issuer(node: Node, observer: NodeObserver, party: PartyHistory) -> dict[str, Any]:
    now = observer.block.time
    accreditation, scope = party.at(now), scope_of(node, party, now)
    digest = party.scope_at(now)
    return {
        "issuer": to_hex(party.subject),
        "did": None if scope is None else scope.did,
        "name": None if scope is None else scope.name,
        "state": accreditation.state.value,
        "until": time_text(accreditation.until) if accreditation.until else None,
        "accreditor": None if accreditation.accreditor is None else to_hex(accreditation.accreditor),
        "delegates": accreditation.delegates,
        "scope": None if digest is None else to_hex(digest),
        "levels": None if scope is None else sorted(scope.levels),
        "sectors": None if scope is None else sorted(scope.sectors),
        "void_from": None if party.void_from is None else time_text(party.void_from),
    }


def _history(node: Node, party: PartyHistory) -> dict[str, Any]:
    keys = [
        {
            "key": to_hex(key),
            "purpose": "assertion" if window.purpose == ASSERTION else "note",
            "from": time_text(window.start),
            "until": None if window.until is None else time_text(window.until),
            "compromised": None if window.compromised is None else time_text(window.compromised),
        }
        for key, window in party.keys.items()
    ]
    timeline = [_record(step.time, step.state.value, step.until, to_hex(step.act)) for step in party.transitions]
    return {"timeline": timeline, "keys": keys, "log": _log(node, party.subject)}


def _log(node: Node, issuer: IssuerId) -> dict[str, str] | None:
    """Return the origin of the issuer's log and the key that signs its checkpoints, if this node serves the log."""
    notary = node.notary(issuer)
    return None if notary is None else {"origin": notary.key(1).name, "verifier_key": notary.key(1).to_text()}


def _programme(node: Node, observer: NodeObserver, history: ProgrammeHistory) -> dict[str, Any]:
    document = node.document_source.programme(history.document)
    return {
        "programme": to_hex(history.document),
        "owner": to_hex(history.owner),
        "state": history.state_at(observer.block.time).value,
        "id": None if document is None else document.id,
        "version": None if document is None else document.version,
        "title": None if document is None else document.title,
    }


def _record(time: int, state: str, until: int, act: str | None = None) -> dict[str, Any]:
    record: dict[str, Any] = {"time": time_text(time), "state": state, "until": time_text(until) if until else None}
    return record if act is None else {**record, "act": act}
