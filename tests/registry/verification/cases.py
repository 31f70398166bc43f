"""Every code a verification can give, each reached by a fixture named for it.

The rows of `CASES` are the matrix of docs/verification.md. A fixture gets a standing world (one institution accredited,
five credentials anchored), does what leads to the code by real transactions or by altering real files, and asks.
"""

import json
from dataclasses import replace

from acredita.anchoring.entries import EntryKind
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.types import Address, BlockHash
from acredita.contracts import bindings
from acredita.registry.credentials.status_list import encode_list
from acredita.registry.keys.multikey import key_id
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.observer import Observer
from acredita.registry.ledger_facts.trust_file import Trust, ValidatorSet
from acredita.registry.programmes.programme import Programme, parse_programme
from acredita.registry.verification.results import Report, Verdict
from web3.providers.base import BaseProvider
from web3.types import RPCEndpoint, RPCResponse

from tests.anchoring.sealing import sealed
from tests.registry.verification.asking import (
    CASES,
    NOT_CHECKED,
    Case,
    altered,
    ask,
    ask_offline,
    bundle_of,
    case,
    changed,
)
from tests.registry.world import (
    ACT,
    DAY,
    HOUR,
    ISSUED,
    LEARNER,
    STATUS_ONLY,
    Credential,
    Party,
    Standing,
    World,
    account,
    party,
    signer,
)

INVALID, NOT_RECOGNISED, INDETERMINATE = Verdict.INVALID, Verdict.NOT_RECOGNISED, Verdict.INDETERMINATE
PENDING, WARNINGS = Verdict.PENDING_ANCHOR, Verdict.VALID_WITH_WARNINGS


# --- 1 structure -----------------------------------------------------------------------------------------------


def _text(place: Standing, old: str, new: str) -> Report:
    """The good credential's text with one piece replaced."""
    text = place.good.data.decode()
    assert old in text
    return ask(place.world, text.replace(old, new, 1).encode(), place.receipt)


@case("JSON_MALFORMED", 1, INVALID)
def json_malformed(place: Standing) -> Report:
    return ask(place.world, place.good.data[:-1])


@case("JSON_NOT_UTF8", 1, INVALID)
def json_not_utf8(place: Standing) -> Report:
    return ask(place.world, place.good.data.decode().encode("latin-1"))


@case("JSON_TOO_LARGE", 1, INVALID)
def json_too_large(place: Standing) -> Report:
    return ask(place.world, b" " * (1 << 20) + place.good.data)


@case("JSON_TOO_DEEP", 1, INVALID)
def json_too_deep(place: Standing) -> Report:
    return ask(place.world, b"[" * 40 + b"]" * 40)


@case("JSON_DUPLICATE_KEY", 1, INVALID)
def json_duplicate_key(place: Standing) -> Report:
    return _text(place, '"type": ', '"type": [], "type": ')


@case("JSON_SURROGATE", 1, INVALID)
def json_surrogate(place: Standing) -> Report:
    return ask(place.world, changed(place.good, name="\\ud800").replace(b"\\\\", b"\\"))


@case("JSON_NUMBER", 1, INVALID)
def json_number(place: Standing) -> Report:
    return ask(place.world, changed(place.good, name=float("inf")))


@case("JSON_NULL", 1, INVALID)
def json_null(place: Standing) -> Report:
    return ask(place.world, changed(place.good, name=None))


@case("NOT_A_CREDENTIAL", 1, INVALID)
def not_a_credential(place: Standing) -> Report:
    return ask(place.world, b'{"hello": "world"}')


@case("CONTEXT_NOT_ALLOWED", 1, INVALID)
def context_not_allowed(place: Standing) -> Report:
    return ask(place.world, changed(place.good, **{"@context": ["https://www.w3.org/ns/credentials/v2"]}))


@case("JSONLD_KEYWORD", 1, INVALID)
def jsonld_keyword(place: Standing) -> Report:
    return ask(place.world, changed(place.good, issuer={**place.good.document["issuer"], "@index": "x"}))


@case("PROFILE_UNKNOWN_KEY", 1, INVALID)
def profile_unknown_key(place: Standing) -> Report:
    return ask(place.world, changed(place.good, description="más"))


@case("PROFILE_MISSING", 1, INVALID)
def profile_missing(place: Standing) -> Report:
    kept = {name: value for name, value in place.good.document.items() if name != "awardedDate"}
    return ask(place.world, replace(place.good, document=kept))


@case("PROFILE_TYPE", 1, INVALID)
def profile_type(place: Standing) -> Report:
    return ask(place.world, changed(place.good, issuer=place.up.did))


@case("PROFILE_VALUE", 1, INVALID)
def profile_value(place: Standing) -> Report:
    issuer = {**place.good.document["issuer"], "id": "did:ion:EiAnKD8"}
    return ask(place.world, changed(place.good, issuer=issuer), place.receipt)


@case("PROFILE_CONTRADICTION", 1, INVALID)
def profile_contradiction(place: Standing) -> Report:
    status = {**place.good.document["credentialStatus"], "statusListIndex": "1"}
    return ask(place.world, changed(place.good, credentialStatus=status))


@case("PROOF_MISSING", 1, INVALID)
def proof_missing(place: Standing) -> Report:
    kept = {name: value for name, value in place.good.document.items() if name != "proof"}
    return ask(place.world, replace(place.good, document=kept), place.receipt)


# --- 2 schema --------------------------------------------------------------------------------------------------


@case("SCHEMA_INVALID", 2, INVALID)
def schema_invalid(place: Standing) -> Report:
    two_names = place.world.sign(place.up, changes={"name": "Otro nombre"})
    return ask(place.world, two_names, *place.world.anchor(place.up, [two_names]))


@case("SCHEMA_INVALID", 2, INVALID)
def schema_invalid__result_not_passed(place: Standing) -> Report:
    subject = json.loads(json.dumps(place.good.document["credentialSubject"]))
    subject["result"][0]["value"] = "59.5"
    failing = place.world.sign(place.up, changes={"credentialSubject": subject})
    return ask(place.world, failing, *place.world.anchor(place.up, [failing]))


# --- 3 proof ---------------------------------------------------------------------------------------------------

WEB_DID = "did:web:taller.example"


def did_document(who: Party, method: str | None = None) -> dict[str, object]:
    """The DID document that names one assertion key, under the method the party signs with unless told otherwise."""
    name = method or who.method
    entry = {"id": name, "type": "Multikey", "controller": who.did, "publicKeyMultibase": who.key.public.multibase}
    return {"id": who.did, "verificationMethod": [entry], "assertionMethod": [name]}


def _web_credential(world: World) -> tuple[Party, Credential]:
    taller = party("taller", WEB_DID)
    world.shelf.dids[taller.did] = did_document(taller)
    return taller, world.sign(taller)


@case("PROOF_INVALID", 3, INVALID)
def proof_invalid(place: Standing) -> Report:
    return _text(place, "Analítica", "Analitica")


@case("PROOF_MALFORMED", 3, INVALID)
def proof_malformed(place: Standing) -> Report:
    return ask(place.world, changed(place.good, proof={**place.good.document["proof"], "proofValue": "z2"}))


@case("PROOF_KEY_REFUSED", 3, INVALID)
def proof_key_refused(place: Standing) -> Report:
    taller, credential = _web_credential(place.world)
    place.world.shelf.dids[taller.did] = did_document(taller, f"{taller.did}#otra")
    return ask(place.world, credential)


@case("DID_UNRESOLVED", 3, INDETERMINATE, outcome=NOT_CHECKED)
def did_unresolved(place: Standing) -> Report:
    _, credential = _web_credential(place.world)
    place.world.shelf.dids.clear()
    return ask(place.world, credential)


@case("STEP_DEPENDS", 4, INVALID, outcome=NOT_CHECKED, main="PROOF_INVALID")
def step_depends(place: Standing) -> Report:
    return proof_invalid(place)


# --- 4 binding -------------------------------------------------------------------------------------------------


@case("KEY_NOT_OF_ISSUER", 4, INVALID)
def key_not_of_issuer(place: Standing) -> Report:
    thief = party("thief")
    forged = place.world.sign(place.up, key=thief.key, method=thief.method)
    return ask(place.world, forged, *place.world.anchor(place.up, [forged]))


@case("LOG_NOT_OF_ISSUER", 4, INVALID)
def log_not_of_issuer(place: Standing) -> Report:
    other = place.world.parties["ut"]
    place.world.accredit(other, place.world.documents.scopes["demo-ut"])
    credential = place.world.sign(place.up)
    return ask(place.world, credential, *place.world.anchor(other, [credential]))


@case("KEY_NOT_REGISTERED", 4, INVALID)
def key_not_registered(place: Standing) -> Report:
    taller, _ = _web_credential(place.world)
    place.world.accredit(taller, place.world.scope(taller))
    stolen = replace(taller, key=signer("key that nobody registered"))
    place.world.shelf.dids[taller.did] = did_document(stolen)
    return ask(place.world, place.world.sign(stolen))


@case("KEY_UNCONFIRMED", 4, NOT_RECOGNISED, outcome=NOT_CHECKED, main="ISSUER_UNKNOWN")
def key_unconfirmed(place: Standing) -> Report:
    _, credential = _web_credential(place.world)
    return ask(place.world, credential)


# --- 5 key -----------------------------------------------------------------------------------------------------


def key_of(who: Party) -> bytes:
    return key_id(who.key.multikey)


def compromise(place: Standing, since: int) -> None:
    place.world.decide(place.world.issuers.key_compromised(place.up.id, key_of(place.up), since, ACT))


@case("KEY_NOT_VALID_AT_ISSUANCE", 5, NOT_RECOGNISED)
def key_not_valid_at_issuance(place: Standing) -> Report:
    place.world.act(place.up.control, place.world.issuers.end_key(place.up.id, key_of(place.up)))
    late = place.world.sign(place.up)
    return ask(place.world, late, *place.world.anchor(place.up, [late]))


@case("KEY_NOT_VALID_NOW", 5, NOT_RECOGNISED, now=True)
def key_not_valid_now(place: Standing) -> Report:
    waiting = place.world.sign(place.up)
    place.world.act(place.up.control, place.world.issuers.end_key(place.up.id, key_of(place.up)))
    return ask(place.world, waiting)


@case("KEY_COMPROMISED", 5, INVALID)
def key_compromised(place: Standing) -> Report:
    compromise(place, place.receipt.checkpoint.time)
    return ask(place.world, place.good, place.receipt)


@case("KEY_COMPROMISED", 5, NOT_RECOGNISED, now=True)
def key_compromised__not_anchored(place: Standing) -> Report:
    waiting = place.world.sign(place.up)
    compromise(place, place.world.now)
    return ask(place.world, waiting)


@case("KEY_COMPROMISED_NOW", 5, WARNINGS, now=True)
def key_compromised_now(place: Standing) -> Report:
    compromise(place, place.receipt.checkpoint.time + 1)
    return ask(place.world, place.good, place.receipt)


# --- 6 chain ---------------------------------------------------------------------------------------------------


@case("TRUST_MISSING", 6, INDETERMINATE, outcome=NOT_CHECKED)
def trust_missing(place: Standing) -> Report:
    return ask(place.world, place.good, place.receipt, trust=Missing("TRUST_MISSING"))


@case("TRUST_EXPIRED", 6, INDETERMINATE, outcome=NOT_CHECKED)
def trust_expired(place: Standing) -> Report:
    trust = place.world.trust()
    return ask(place.world, place.good, place.receipt, trust=trust, clock=trust.expires)


@case("LEDGER_MISSING", 6, INDETERMINATE, outcome=NOT_CHECKED)
def ledger_missing(place: Standing) -> Report:
    return ask(place.world, place.good, place.receipt, observer=Missing("LEDGER_MISSING"))


class _Mute(BaseProvider):
    """An endpoint that nobody answers at."""

    def make_request(self, method: RPCEndpoint, params: object) -> RPCResponse:
        raise ConnectionError(f"{method}: connection refused")


@case("LEDGER_UNREACHABLE", 6, INDETERMINATE, outcome=NOT_CHECKED)
def ledger_unreachable(place: Standing) -> Report:
    plain = place.world.observer()
    silent = Observer(RpcLedger(_Mute()), plain.contracts, plain.block, plain.entries_of)
    return ask(place.world, place.good, place.receipt, observer=silent)


@case("GENESIS_CHANGED", 6, INDETERMINATE, outcome=NOT_CHECKED)
def genesis_changed(place: Standing) -> Report:
    """The ledger at hand is not the pinned chain; the receipt is of the pinned one."""
    pinned = replace(place.world.trust(), genesis=BlockHash(bytes(32)))
    receipt = replace(place.receipt, genesis=BlockHash(bytes(32)))
    return ask(place.world, place.good, receipt, trust=pinned)


@case("CODE_CHANGED", 6, INDETERMINATE, outcome=NOT_CHECKED)
def code_changed(place: Standing) -> Report:
    trust = place.world.trust()
    pinned = replace(trust, code_hashes={**trust.code_hashes, "credential_log": bytes(32)})
    return ask(place.world, place.good, place.receipt, trust=pinned)


@case("WRONG_CHAIN", 6, INVALID)
def wrong_chain(place: Standing) -> Report:
    return ask(place.world, place.good, replace(place.receipt, genesis=BlockHash(bytes(32))))


@case("WRONG_CHAIN", 6, INVALID)
def wrong_chain__other_contract(place: Standing) -> Report:
    return ask(place.world, place.good, replace(place.receipt, contract=Address(bytes(20))))


@case("ANCHOR_NOT_FOUND", 6, INVALID)
def anchor_not_found(place: Standing) -> Report:
    """The chain went back: what the receipt names happened, but not on the chain as it stands."""
    with place.world.branch():
        late = place.world.sign(place.up)
        [receipt] = place.world.anchor(place.up, [late])
    return ask(place.world, late, receipt)


@case("ANCHOR_NOT_FOUND", 6, INVALID)
def anchor_not_found__receipt_edited(place: Standing) -> Report:
    checkpoint = replace(place.receipt.checkpoint, time=place.receipt.checkpoint.time - 1)
    return ask(place.world, place.good, replace(place.receipt, checkpoint=checkpoint))


@case("ANCHORED_LATER", 6, INDETERMINATE, outcome=NOT_CHECKED)
def anchored_later(place: Standing) -> Report:
    return ask(place.world, place.good, place.receipt, at=ISSUED, observer=seen_at(place.world, ISSUED))


def seen_at(world: World, time: int) -> Observer:
    """The ledger as of the newest block not after a time."""
    number = max(n for n in range(world.chain.head.number + 1) if world.chain.header(n).timestamp <= time)
    block = world.ledger.block(number)
    assert block is not None
    return replace(world.observer(), block=block)


@case("CHECKPOINT_VOID", 6, INVALID)
def checkpoint_void(place: Standing) -> Report:
    late = place.world.sign(place.up)
    [receipt] = place.world.anchor(place.up, [late])
    place.world.open_epoch(place.up, last_good=1)
    return ask(place.world, late, receipt)


@case("RECEIPT_MISSING", 6, INDETERMINATE, outcome=NOT_CHECKED)
def receipt_missing(place: Standing) -> Report:
    return ask(place.world, place.good)


@case("PENDING_ANCHOR", 6, PENDING, outcome=NOT_CHECKED)
def pending_anchor(place: Standing) -> Report:
    return ask(place.world, place.world.sign(place.up))


@case("PENDING_ANCHOR", 6, NOT_RECOGNISED, outcome=NOT_CHECKED, main="ANCHOR_OVERDUE")
def pending_anchor__overdue(place: Standing) -> Report:
    waiting = place.world.sign(place.up)
    return ask(place.world, waiting, clock=ISSUED + 72 * HOUR + 1)


# --- 6 chain, from a bundle --------------------------------------------------------------------------------------


@case("BLOCK_NOT_TRUSTED", 6, INDETERMINATE, outcome=NOT_CHECKED)
def block_not_trusted(place: Standing) -> Report:
    bundle = bundle_of(place.world, place.good, place.receipt)
    trust = place.world.trust(blocks={place.world.chain.head.number: BlockHash(bytes(32))})
    return ask_offline(place.world, bundle, trust=trust)


@case("VALIDATORS_UNKNOWN", 6, INDETERMINATE, outcome=NOT_CHECKED)
def validators_unknown(place: Standing) -> Report:
    bundle = bundle_of(place.world, place.good, place.receipt)
    validators = ValidatorSet(1_000_000, None, (Address(bytes(20)),))
    header = sealed(bundle.header, [account("validator")])
    trust = replace(place.world.trust(), validators=(validators,))
    return ask_offline(place.world, replace(bundle, header=header), trust=trust)


@case("STATE_PROOF_INVALID", 6, INDETERMINATE, outcome=NOT_CHECKED)
def state_proof_invalid(place: Standing) -> Report:
    bundle = bundle_of(place.world, place.good, place.receipt)
    return ask_offline(place.world, replace(bundle, nodes=bundle.nodes[1:]))


@case("HISTORY_MISMATCH", 6, INDETERMINATE, outcome=NOT_CHECKED)
def history_mismatch(place: Standing) -> Report:
    """A bundle that leaves out the last thing the registry recorded about the issuer."""
    place.world.decide(place.world.issuers.suspend(place.up.id, ACT))
    bundle = bundle_of(place.world, place.good, place.receipt)
    parties = {subject: records[:-1] for subject, records in bundle.parties.items()}
    return ask_offline(place.world, replace(bundle, parties=parties))


@case("EVIDENCE_INCOMPLETE", 6, INDETERMINATE, outcome=NOT_CHECKED)
def evidence_incomplete(place: Standing) -> Report:
    below, credential, receipt = _delegated(place)
    bundle = bundle_of(place.world, credential, receipt)
    parties = {subject: records for subject, records in bundle.parties.items() if subject == below.id}
    return ask_offline(place.world, replace(bundle, parties=parties))


# --- 7 inclusion -------------------------------------------------------------------------------------------------


@case("LEAF_MISMATCH", 7, INVALID)
def leaf_mismatch(place: Standing) -> Report:
    return ask(place.world, place.good, place.receipts[1])


@case("MERKLE_PROOF_INVALID", 7, INVALID)
def merkle_proof_invalid(place: Standing) -> Report:
    _, *rest = place.receipt.inclusion
    return ask(place.world, place.good, replace(place.receipt, inclusion=(bytes(32), *rest)))


@case("CHECKPOINT_NOT_FIRST", 7, INVALID)
def checkpoint_not_first(place: Standing) -> Report:
    """A true receipt of the entry, but in a later checkpoint than the first that covers it."""
    [later] = place.world.anchor(place.up, [place.world.sign(place.up)])
    epoch = place.world.epoch(place.up)
    running = place.world._running((), epoch)
    inclusion = tuple(running.inclusion_path(place.receipt.index, later.checkpoint.size))
    return ask(
        place.world,
        place.good,
        replace(later, entry=place.receipt.entry, index=place.receipt.index, inclusion=inclusion),
    )


# --- 8 issuer ----------------------------------------------------------------------------------------------------


def _slipped_in(place: Standing, who: Party | None = None) -> Report:
    """A credential, back-dated, in a checkpoint for status changes: the only kind the contract still takes."""
    author = who or place.up
    late = place.world.sign(author, valid_from=ISSUED - 30 * DAY)
    [receipt] = place.world.anchor(author, [late], kind=STATUS_ONLY)
    return ask(place.world, late, receipt)


@case("ISSUER_UNKNOWN", 8, NOT_RECOGNISED, now=True)
def issuer_unknown(place: Standing) -> Report:
    return ask(place.world, place.world.sign(party("academy nobody accredited")))


@case("ISSUER_NOT_ACCREDITED_AT_ISSUANCE", 8, NOT_RECOGNISED)
def issuer_not_accredited_at_issuance(place: Standing) -> Report:
    place.world.decide(place.world.issuers.suspend(place.up.id, ACT))
    return _slipped_in(place)


@case("ISSUER_NOT_ACCREDITED_AT_ISSUANCE", 8, NOT_RECOGNISED)
def issuer_not_accredited_at_issuance__expired(place: Standing) -> Report:
    place.world.pass_time(365 * DAY)
    return _slipped_in(place)


@case("ISSUER_UNDER_REVIEW", 8, NOT_RECOGNISED)
def issuer_under_review(place: Standing) -> Report:
    """What was anchored while one member's suspension stood stays so, also after it lapsed."""
    suspend_at_once(place)
    late = place.world.sign(place.up, valid_from=ISSUED - 30 * DAY)
    [receipt] = place.world.anchor(place.up, [late], kind=STATUS_ONLY)
    return ask(place.world, late, receipt, clock=place.world.now + 100 * HOUR)


@case("ISSUER_UNDER_REVIEW", 8, WARNINGS, now=True)
def issuer_under_review__now(place: Standing) -> Report:
    suspend_at_once(place)
    return ask(place.world, place.good, place.receipt)


def suspend_at_once(place: Standing) -> None:
    world = place.world
    council = bindings.Council(world.contracts.council)
    world.act(world.members[0], council.suspend_urgently(world.contracts.issuer_registry, place.up.id, ACT))


@case("ISSUER_NOT_ACCREDITED_NOW", 8, NOT_RECOGNISED, now=True)
def issuer_not_accredited_now(place: Standing) -> Report:
    applicant = place.world.parties["ut"]
    place.world.apply(applicant)
    return ask(place.world, place.world.sign(applicant))


@case("ISSUER_SUSPENDED_NOW", 8, WARNINGS, now=True)
def issuer_suspended_now(place: Standing) -> Report:
    place.world.decide(place.world.issuers.suspend(place.up.id, ACT))
    return ask(place.world, place.good, place.receipt)


@case("ISSUER_ACCREDITATION_EXPIRED_NOW", 8, WARNINGS, now=True)
def issuer_accreditation_expired_now(place: Standing) -> Report:
    return ask(place.world, place.good, place.receipt, trust=_young(place.world), clock=ISSUED + 365 * DAY)


def _young(world: World) -> Trust:
    """The trust file as the authority would have renewed it by the time a test asks."""
    return world.trust(issued=ISSUED + 360 * DAY)


@case("ISSUER_REVOKED_NOW", 8, WARNINGS, now=True)
def issuer_revoked_now(place: Standing) -> Report:
    place.world.decide(place.world.issuers.revoke(place.up.id, ACT))
    return ask(place.world, place.good, place.receipt)


@case("ISSUER_REVOKED_RETROACTIVE", 8, INVALID)
def issuer_revoked_retroactive(place: Standing) -> Report:
    place.world.decide(place.world.issuers.set_void_from(place.up.id, place.receipt.checkpoint.time, ACT))
    return ask(place.world, place.good, place.receipt)


@case("ISSUER_REVOKED_RETROACTIVE", 8, NOT_RECOGNISED, now=True)
def issuer_revoked_retroactive__not_anchored(place: Standing) -> Report:
    place.world.decide(place.world.issuers.set_void_from(place.up.id, place.receipt.checkpoint.time, ACT))
    return ask(place.world, place.world.sign(place.up))


@case("ISSUER_VOID_NOW", 8, WARNINGS, now=True)
def issuer_void_now(place: Standing) -> Report:
    place.world.decide(place.world.issuers.set_void_from(place.up.id, place.receipt.checkpoint.time + 1, ACT))
    return ask(place.world, place.good, place.receipt)


def _accreditor(place: Standing) -> Party:
    """An institution that may accredit others."""
    above = party("red")
    place.world.accredit(above, place.world.scope(above))
    place.world.decide(place.world.issuers.set_delegation(above.id, True, ACT))
    return above


def _delegated(place: Standing, **scope: object) -> tuple[Party, Credential, Receipt]:
    """An institution accredited by an accreditor, with a programme of its own and one credential anchored."""
    above, below = _accreditor(place), party("centro")
    world = place.world
    world.accredit(below, world.scope(below, **scope), accreditor=above)
    return below, *anchored_by(world, below)


def anchored_by(world: World, who: Party) -> tuple[Credential, Receipt]:
    programme = own_programme(world, who)
    world.approve(who, programme)
    credential = world.sign(who, programme)
    [receipt] = world.anchor(who, [credential])
    return credential, receipt


def own_programme(world: World, who: Party) -> Programme:
    document = dict(world.documents.programme("analitica-ingenieria").document) | {"issuer": who.did}
    made = parse_programme(document)
    world.shelf.programmes[made.digest] = made
    return made


@case("ACCREDITOR_NOT_ACTIVE_AT_ISSUANCE", 8, NOT_RECOGNISED)
def accreditor_not_active_at_issuance(place: Standing) -> Report:
    below, _, _ = _delegated(place)
    place.world.decide(place.world.issuers.suspend(party("red").id, ACT))
    return _slipped_in(place, below)


@case("ACCREDITOR_NOT_ACTIVE_NOW", 8, WARNINGS, now=True)
def accreditor_not_active_now(place: Standing) -> Report:
    _, credential, receipt = _delegated(place)
    place.world.decide(place.world.issuers.suspend(party("red").id, ACT))
    return ask(place.world, credential, receipt)


@case("ACCREDITOR_NOT_ACTIVE_NOW", 8, WARNINGS, now=True)
def accreditor_not_active_now__right_taken(place: Standing) -> Report:
    _, credential, receipt = _delegated(place)
    place.world.decide(place.world.issuers.set_delegation(party("red").id, False, ACT))
    return ask(place.world, credential, receipt)


@case("CHECKPOINT_STATUS_ONLY", 8, NOT_RECOGNISED)
def checkpoint_status_only(place: Standing) -> Report:
    return _slipped_in(place)


@case("SCOPE_MISSING", 8, NOT_RECOGNISED)
def scope_missing(place: Standing) -> Report:
    """No contract of ours accredits without a scope, so the ledger's answer is altered."""
    [found] = place.world.observer().parties(place.up.id).values()
    lying = altered(place.world, parties={place.up.id: replace(found, scopes=())})
    return ask(place.world, place.good, place.receipt, observer=lying)


def _amended(place: Standing, **scope: object) -> Report:
    """A credential anchored under an amended scope."""
    world = place.world
    narrower = world.scope(place.up, **scope)
    world.decide(world.issuers.amend_scope(place.up.id, narrower.digest, ACT))
    late = world.sign(place.up)
    return ask(world, late, *world.anchor(place.up, [late]))


@case("SCOPE_LEVEL_MISMATCH", 8, NOT_RECOGNISED)
def scope_level_mismatch(place: Standing) -> Report:
    return _amended(place, levels=["media superior"])


@case("SCOPE_SECTOR_MISMATCH", 8, NOT_RECOGNISED)
def scope_sector_mismatch(place: Standing) -> Report:
    return _amended(place, sectors=["turismo y servicios"])


@case("SCOPE_PROGRAMME_MISMATCH", 8, NOT_RECOGNISED)
def scope_programme_mismatch(place: Standing) -> Report:
    return _amended(place, programmes=["urn:mc-demo:prog:otro"])


@case("SCOPE_PROGRAMME_MISMATCH", 8, WARNINGS, now=True)
def scope_programme_mismatch__now(place: Standing) -> Report:
    world = place.world
    narrower = world.scope(place.up, programmes=["urn:mc-demo:prog:otro"])
    world.decide(world.issuers.amend_scope(place.up.id, narrower.digest, ACT))
    return ask(world, place.good, place.receipt)


@case("DOCUMENT_MISSING", 8, INDETERMINATE, outcome=NOT_CHECKED)
def document_missing(place: Standing) -> Report:
    place.world.shelf.scopes.clear()
    return ask(place.world, place.good, place.receipt)


# --- 9 programme -------------------------------------------------------------------------------------------------


@case("DOCUMENT_MISSING", 9, INDETERMINATE, outcome=NOT_CHECKED)
def document_missing__programme(place: Standing) -> Report:
    place.world.shelf.programmes.clear()
    return ask(place.world, place.good, place.receipt)


@case("PROGRAMME_UNKNOWN", 9, NOT_RECOGNISED)
def programme_unknown(place: Standing) -> Report:
    credential = place.world.sign(place.up, place.world.documents.programme("diseno-microcredenciales", "1.1.0"))
    return ask(place.world, credential, *place.world.anchor(place.up, [credential]))


@case("PROGRAMME_NOT_OF_ISSUER", 9, NOT_RECOGNISED)
def programme_not_of_issuer(place: Standing) -> Report:
    world, other = place.world, place.world.parties["ut"]
    world.accredit(other, world.scope(other))
    credential = world.sign(other, "analitica-ingenieria")
    return ask(world, credential, *world.anchor(other, [credential]))


def _submit(place: Standing, name: str, version: str | None = None) -> Credential:
    world, programme = place.world, place.world.documents.programme(name, version)
    world.act(place.up.control, world.programmes.submit(programme.digest, place.up.id))
    return world.sign(place.up, programme)


@case("PROGRAMME_NOT_APPROVED_AT_ISSUANCE", 9, NOT_RECOGNISED)
def programme_not_approved_at_issuance(place: Standing) -> Report:
    """Approved a little later: what was anchored before stays as it was."""
    credential = _submit(place, "diseno-microcredenciales", "1.1.0")
    [receipt] = place.world.anchor(place.up, [credential])
    place.world.decide(place.world.programmes.approve(credential.programme.digest, 0, ACT))
    return ask(place.world, credential, receipt)


@case("PROGRAMME_NOT_APPROVED_NOW", 9, NOT_RECOGNISED, now=True)
def programme_not_approved_now(place: Standing) -> Report:
    """Superseded: what was anchored keeps it, what waits for its anchor does not."""
    waiting = place.world.sign(place.up, place.credentials[4].programme)
    newer = place.world.documents.programme("diseno-microcredenciales", "1.1.0")
    place.world.approve(place.up, newer, supersedes=waiting.programme)
    return ask(place.world, waiting)


@case("PROGRAMME_WITHDRAWN_NOW", 9, WARNINGS, now=True)
def programme_withdrawn_now(place: Standing) -> Report:
    place.world.act(place.up.control, place.world.programmes.withdraw(place.good.programme.digest, ACT))
    return ask(place.world, place.good, place.receipt)


@case("PROGRAMME_SUSPENDED_NOW", 9, WARNINGS, now=True)
def programme_suspended_now(place: Standing) -> Report:
    place.world.decide(place.world.programmes.suspend(place.good.programme.digest, ACT))
    return ask(place.world, place.good, place.receipt)


@case("PROGRAMME_WINDOW_ENDED_NOW", 9, WARNINGS, now=True)
def programme_window_ended_now(place: Standing) -> Report:
    newer = place.world.documents.programme("diseno-microcredenciales", "1.1.0")
    until = place.world.now + DAY
    place.world.approve(place.up, newer, until=until)
    credential = place.world.sign(place.up, newer)
    [receipt] = place.world.anchor(place.up, [credential])
    return ask(place.world, credential, receipt, clock=until)


@case("PROGRAMME_MISMATCH", 9, NOT_RECOGNISED)
def programme_mismatch(place: Standing) -> Report:
    """The credential says more hours than the programme it names."""
    subject = json.loads(json.dumps(place.good.document["credentialSubject"]))
    subject["achievement"]["workload"]["hours"] += 100
    boasting = place.world.sign(place.up, changes={"credentialSubject": subject})
    return ask(place.world, boasting, *place.world.anchor(place.up, [boasting]))


@case("PROGRAMME_MISMATCH", 9, NOT_RECOGNISED)
def programme_mismatch__entry_names_another(place: Standing) -> Report:
    credential = place.world.sign(place.up)
    disguised = replace(credential, programme=place.world.documents.programme("sostenibilidad-procesos"))
    return ask(place.world, credential, *place.world.anchor(place.up, [disguised]))


# --- 10 status ---------------------------------------------------------------------------------------------------


def _move(place: Standing, *kinds: EntryKind) -> None:
    place.world.anchor(place.up, changes=[(kind, place.good.position) for kind in kinds], kind=STATUS_ONLY)


def _publish(place: Standing, revoked: list[int], issued: int) -> None:
    place.world.shelf.lists[place.up.id, 0] = place.world.status_list(place.up, revoked, issued)


@case("SUPERSEDED", 10, INVALID)
def superseded(place: Standing) -> Report:
    _move(place, EntryKind.REPLACED, EntryKind.REVOKED)
    return ask(place.world, place.good, place.receipt)


@case("CREDENTIAL_REVOKED", 10, INVALID)
def credential_revoked(place: Standing) -> Report:
    _move(place, EntryKind.REVOKED)
    return ask(place.world, place.good, place.receipt)


@case("CREDENTIAL_REVOKED", 10, INVALID)
def credential_revoked__published_only(place: Standing) -> Report:
    """Lists run ahead of the chain: the bit counts before it is anchored."""
    _publish(place, [place.good.position], place.world.now)
    return ask(place.world, place.good, place.receipt)


@case("CREDENTIAL_REVOKED", 10, INVALID)
def credential_revoked__no_ledger(place: Standing) -> Report:
    _publish(place, [place.good.position], place.world.now)
    return ask(place.world, place.good, place.receipt, observer=Missing("LEDGER_MISSING"))


@case("CREDENTIAL_SUSPENDED", 10, INVALID)
def credential_suspended(place: Standing) -> Report:
    _move(place, EntryKind.SUSPENDED)
    return ask(place.world, place.good, place.receipt)


@case("STATUS_MISMATCH", 10, INVALID)
def status_mismatch(place: Standing) -> Report:
    _move(place, EntryKind.REVOKED)
    _publish(place, [], place.world.now)
    return ask(place.world, place.good, place.receipt)


@case("STATUS_STALE", 10, INDETERMINATE, outcome=NOT_CHECKED)
def status_stale(place: Standing) -> Report:
    bundle = bundle_of(place.world, place.good, place.receipt)
    return ask_offline(place.world, bundle, clock=place.world.now + 24 * HOUR + 1)


@case("STATUS_LATER", 10, INDETERMINATE, outcome=NOT_CHECKED)
def status_later(place: Standing) -> Report:
    place.world.chain.mine()
    bundle = bundle_of(place.world, place.good, place.receipt)
    return ask_offline(place.world, bundle, at=place.receipt.checkpoint.time)


@case("LEDGER_STALLED", 10, INDETERMINATE, outcome=NOT_CHECKED)
def ledger_stalled(place: Standing) -> Report:
    return ask(place.world, place.good, place.receipt, has_period=True, clock=place.world.now + 601)


@case("STATUS_LIST_FOREIGN", 10, INVALID)
def status_list_foreign(place: Standing) -> Report:
    """A credential whose status only somebody else could ever change."""
    other = place.world.sign(place.world.parties["ut"])
    credential = place.world.sign(place.up, changes={"credentialStatus": other.document["credentialStatus"]})
    return ask(place.world, credential, *place.world.anchor(place.up, [credential]))


@case("STATUS_LIST_INVALID", 10, INDETERMINATE, outcome=NOT_CHECKED)
def status_list_invalid(place: Standing) -> Report:
    place.world.shelf.lists[place.up.id, 0] = {"encodedList": "u"}
    return ask(place.world, place.good, place.receipt)


@case("STATUS_LIST_INVALID", 10, INDETERMINATE, outcome=NOT_CHECKED)
def status_list_invalid__another_key(place: Standing) -> Report:
    forged = place.world.status_list(place.up, [], place.world.now, key=signer("thief key"))
    place.world.shelf.lists[place.up.id, 0] = forged
    return ask(place.world, place.good, place.receipt)


@case("STATUS_LIST_INVALID", 10, INDETERMINATE, outcome=NOT_CHECKED)
def status_list_invalid__key_in_other_hands(place: Standing) -> Report:
    _publish(place, [], place.world.now)
    compromise(place, place.receipt.checkpoint.time + 1)
    return ask(place.world, place.good, place.receipt)


@case("STATUS_LIST_LENGTH_ERROR", 10, INDETERMINATE, outcome=NOT_CHECKED)
def status_list_length_error(place: Standing) -> Report:
    short = place.world.status_list(place.up, [], place.world.now)
    short["credentialSubject"]["encodedList"] = encode_list(bytes(16))
    place.world.shelf.lists[place.up.id, 0] = short
    return ask(place.world, place.good, place.receipt)


@case("LOG_MISSING", 10, INDETERMINATE, outcome=NOT_CHECKED)
def log_missing(place: Standing) -> Report:
    observer = replace(place.world.observer(), entries_of=lambda issuer: {})
    return ask(place.world, place.good, place.receipt, observer=observer)


@case("STATUS_PROOF_INVALID", 10, INDETERMINATE, outcome=NOT_CHECKED)
def status_proof_invalid(place: Standing) -> Report:
    """A bundle whose status leaf was swapped for one taken before the revocation."""
    before = bundle_of(place.world, place.good, place.receipt)
    _move(place, EntryKind.REVOKED)
    after = bundle_of(place.world, place.good, place.receipt)
    return ask_offline(place.world, replace(after, status=before.status))


# --- 11 dates, 12 subject ----------------------------------------------------------------------------------------


@case("CREDENTIAL_NOT_YET_VALID", 11, INVALID)
def credential_not_yet_valid(place: Standing) -> Report:
    early = place.world.sign(place.up, valid_from=place.world.now + DAY, created=ISSUED)
    return ask(place.world, early, *place.world.anchor(place.up, [early]))


@case("CREDENTIAL_EXPIRED", 11, INVALID)
def credential_expired(place: Standing) -> Report:
    end = ISSUED + 2 * 366 * DAY
    return ask(place.world, place.good, place.receipt, trust=place.world.trust(issued=end), clock=end)


@case("SUBJECT_MISMATCH", 12, INVALID)
def subject_mismatch(place: Standing) -> Report:
    return ask(place.world, place.good, place.receipt, identifier=LEARNER + "x")


MATRIX: tuple[Case, ...] = tuple(CASES)
