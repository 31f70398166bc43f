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
from acredita.node.http.registry_proofs import Owner, Sought, only_with_proof, proof_rate, proven_response
from acredita.node.http.request_bodies import Hex64, digest_of, issuer_of
from acredita.node.ledger.view import NodeObserver
from acredita.registry.codes import Code
from acredita.registry.evidence.registry_answer import (
    is_did_of,
    issuer_members,
    key_windows,
    programme_members,
    programme_timeline,
    timeline,
)
from acredita.registry.evidence.registry_proof import AnswerKind
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.histories import PartyHistory, ProgrammeHistory
from acredita.registry.programmes.scope import Scope
from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

router = APIRouter(tags=["registry"])
_LISTED, _PROVABLE = documented(400, 503), documented(400, 404, 429, 503)


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


@router.get("/v1/issuers/{issuer}", summary="Get an issuer", responses=_PROVABLE, dependencies=[Depends(proof_rate)])
def issuer(node: CurrentNode, issuer: Hex64, sought: Sought) -> Response:
    """Return one issuer: its state and scope, every change of state, and its keys with their windows.

    With `proof=1` the answer is `acredita-registry-proof/1`, about anybody: also that the registry does not know a party.
    """
    observer = observed(node)
    if sought.proof:
        return proven_response(node, observer, sought.question(AnswerKind.ISSUER, issuer_of(issuer)), sought)
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


@router.get(
    "/v1/programmes/{digest}",
    summary="Get a programme version",
    responses=_PROVABLE,
    dependencies=[Depends(proof_rate)],
)
def programme(node: CurrentNode, digest: Hex64, sought: Sought, owner: Owner = None) -> Response:
    """Return one programme version: its state, every change of state and, if this node has it, its document.

    With `proof=1` the answer is `acredita-registry-proof/1`. Then `owner` names the issuer that submitted it; without it,
    the node finds the issuer.
    """
    observer = observed(node)
    if sought.proof:
        of = issuer_of(owner) if owner else _version(node, observer, digest_of(digest)).owner
        return proven_response(node, observer, sought.question(AnswerKind.PROGRAMME, digest_of(digest), of), sought)
    if owner is not None:
        raise only_with_proof("owner")
    history = _version(node, observer, digest_of(digest))
    document = node.given_out.programme(history.document)
    details = {"timeline": programme_timeline(history), "document": None if document is None else document.document}
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
    return programme is None or is_did_of(programme.issuer, owner)


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
    return is_did_of(scope.did, subject)


def _response(observer: NodeObserver, body: dict[str, Any]) -> JSONResponse:
    as_of = {"block": observer.block.number, "as_of": time_text(observer.block.time)}
    return JSONResponse({**body, **as_of}, headers={"Cache-Control": "public, no-cache"})


def _issuer(node: Node, observer: NodeObserver, party: PartyHistory) -> dict[str, Any]:
    now = observer.block.time
    return issuer_members(party, scope_of(node, party, now), now)


def _history(node: Node, party: PartyHistory) -> dict[str, Any]:
    return {"timeline": timeline(party), "keys": key_windows(party), "log": _log(node, party.subject)}


def _log(node: Node, issuer: IssuerId) -> dict[str, str] | None:
    """Return the origin of the issuer's log and the key that signs its checkpoints, if this node serves the log."""
    notary = node.notary(issuer)
    return None if notary is None else {"origin": notary.key(1).name, "verifier_key": notary.key(1).to_text()}


def _programme(node: Node, observer: NodeObserver, history: ProgrammeHistory) -> dict[str, Any]:
    document = node.document_source.programme(history.document)
    return programme_members(history, document, observer.block.time)
