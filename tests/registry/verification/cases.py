"""Every code a verification can give, each reached by a fixture named for it.

The rows of `CASES` are the matrix of docs/verification.md. A fixture gets an `AnchoredWorld` (one institution accredited,
five credentials anchored), does what leads to the code by real transactions or by altering real files, and asks.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from acredita.anchoring.entries import EntryKind
from acredita.anchoring.ledger import BlockName, LogQuery
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.types import Address, BlockHash, IssuerId
from acredita.contracts import bindings
from acredita.contracts.abi import RawLog, View
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.node.ledger.view import SeenInMemory
from acredita.registry.credentials.status_list import encode_list
from acredita.registry.evidence.proven_ledger import ProvenLedger
from acredita.registry.keys.multikey import key_id
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.histories import PartyHistory, PartyState, StateTransition
from acredita.registry.ledger_facts.log_entries import EntriesAtHand
from acredita.registry.ledger_facts.observed_block import observed_block
from acredita.registry.ledger_facts.observer import Observer, observe
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.ledger_facts.trusted_chain import ValidatorSet, qbft_chain
from acredita.registry.programmes.programme import Programme, parse_programme
from acredita.registry.proofs.jose import sign_jwt
from acredita.registry.verification.results import Verdict, VerificationReport
from eth_hash.auto import keccak
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
    AnchoredWorld,
    Credential,
    Party,
    World,
    account,
    party,
    signer,
)
from tests.simulators.half_endpoint import Answers, HalfProvider, Manner, editing_logs, rolled_back, without
from tests.simulators.qbft import VALIDATORS

T = TypeVar("T")

INVALID, NOT_RECOGNISED, INDETERMINATE = Verdict.INVALID, Verdict.NOT_RECOGNISED, Verdict.INDETERMINATE
PENDING, WARNINGS = Verdict.PENDING_ANCHOR, Verdict.VALID_WITH_WARNINGS
OTHER_PERSON = Verdict.OTHER_PERSON


# --- 1 structure -----------------------------------------------------------------------------------------------


def _text(anchored: AnchoredWorld, old: str, new: str) -> VerificationReport:
    """Return the good credential's text with one piece replaced."""
    text = anchored.good.data.decode()
    assert old in text
    return ask(anchored.world, text.replace(old, new, 1).encode(), anchored.receipt)


@case("JSON_MALFORMED", 1, INVALID)
def json_malformed(anchored: AnchoredWorld) -> VerificationReport:
    return ask(anchored.world, anchored.good.data[:-1])


@case("JSON_NOT_UTF8", 1, INVALID)
def json_not_utf8(anchored: AnchoredWorld) -> VerificationReport:
    return ask(anchored.world, anchored.good.data.decode().encode("latin-1"))


@case("JSON_TOO_LARGE", 1, INVALID)
def json_too_large(anchored: AnchoredWorld) -> VerificationReport:
    return ask(anchored.world, b" " * (1 << 20) + anchored.good.data)


@case("JSON_TOO_DEEP", 1, INVALID)
def json_too_deep(anchored: AnchoredWorld) -> VerificationReport:
    return ask(anchored.world, b"[" * 40 + b"]" * 40)


@case("JSON_DUPLICATE_KEY", 1, INVALID)
def json_duplicate_key(anchored: AnchoredWorld) -> VerificationReport:
    return _text(anchored, '"type": ', '"type": [], "type": ')


@case("JSON_SURROGATE", 1, INVALID)
def json_surrogate(anchored: AnchoredWorld) -> VerificationReport:
    return ask(anchored.world, changed(anchored.good, name="\\ud800").replace(b"\\\\", b"\\"))


@case("JSON_NUMBER", 1, INVALID)
def json_number(anchored: AnchoredWorld) -> VerificationReport:
    return ask(anchored.world, changed(anchored.good, name=float("inf")))


@case("JSON_NULL", 1, INVALID)
def json_null(anchored: AnchoredWorld) -> VerificationReport:
    return ask(anchored.world, changed(anchored.good, name=None))


@case("NOT_A_CREDENTIAL", 1, INDETERMINATE, outcome=NOT_CHECKED)
def not_a_credential(anchored: AnchoredWorld) -> VerificationReport:
    return ask(anchored.world, b'{"hello": "world"}')


@case("CONTEXT_NOT_ALLOWED", 1, INVALID)
def context_not_allowed(anchored: AnchoredWorld) -> VerificationReport:
    return ask(anchored.world, changed(anchored.good, **{"@context": ["https://www.w3.org/ns/credentials/v2"]}))


@case("JSONLD_KEYWORD", 1, INVALID)
def jsonld_keyword(anchored: AnchoredWorld) -> VerificationReport:
    return ask(anchored.world, changed(anchored.good, issuer={**anchored.good.document["issuer"], "@index": "x"}))


@case("FORM_NOT_ALLOWED", 1, INVALID)
def form_not_allowed(anchored: AnchoredWorld) -> VerificationReport:
    """Sign as a VC-JWT by a registered key, which is not how this registry issues."""
    return ask(anchored.world, as_token(anchored.good.document, anchored.up))


def as_token(document: Mapping[str, object], who: Party) -> bytes:
    unsecured = {key: value for key, value in document.items() if key != "proof"}
    return sign_jwt(unsecured, signer=who.key, verification_method=who.method).encode()


@case("PROFILE_UNKNOWN_KEY", 1, INVALID)
def profile_unknown_key(anchored: AnchoredWorld) -> VerificationReport:
    return ask(anchored.world, anchored.world.sign(anchored.up, changes={"description": "más"}))


@case("PROFILE_UNKNOWN_KEY", 1, INVALID, main="PROOF_INVALID")
def profile_unknown_key__signature_broken_too(anchored: AnchoredWorld) -> VerificationReport:
    return ask(anchored.world, changed(anchored.good, description="más"))


@case("PROFILE_UNKNOWN_KEY", 1, INVALID, main="CREDENTIAL_REVOKED")
def profile_unknown_key__revoked_too(anchored: AnchoredWorld) -> VerificationReport:
    reshaped = anchored.world.sign(anchored.up, changes={"description": "más"})
    revoked = [(EntryKind.REVOKED, reshaped.position)]
    anchored.world.anchor(anchored.up, changes=revoked, kind=STATUS_ONLY)
    return ask(anchored.world, reshaped)


@case("PROFILE_MISSING", 1, INVALID, main="PROOF_INVALID")
def profile_missing(anchored: AnchoredWorld) -> VerificationReport:
    kept = {name: value for name, value in anchored.good.document.items() if name != "awardedDate"}
    return ask(anchored.world, replace(anchored.good, document=kept))


@case("PROFILE_TYPE", 1, INVALID, main="PROOF_INVALID")
def profile_type(anchored: AnchoredWorld) -> VerificationReport:
    return ask(anchored.world, changed(anchored.good, issuer=anchored.up.did))


@case("PROFILE_VALUE", 1, INVALID, main="PROOF_INVALID")
def profile_value(anchored: AnchoredWorld) -> VerificationReport:
    issuer = {**anchored.good.document["issuer"], "id": "did:ion:EiAnKD8"}
    return ask(anchored.world, changed(anchored.good, issuer=issuer), anchored.receipt)


@case("PROFILE_SET", 1, INVALID)
def profile_set(anchored: AnchoredWorld) -> VerificationReport:
    """Turn a list round that the proof signs as a set: the signature still holds."""
    subject = json.loads(json.dumps(anchored.good.document["credentialSubject"]))
    subject["achievement"]["alignment"].reverse()
    return ask(anchored.world, changed(anchored.good, credentialSubject=subject), anchored.receipt)


@case("PROFILE_SET", 1, INVALID)
def profile_set__repeated(anchored: AnchoredWorld) -> VerificationReport:
    evidence = [{"id": "https://pruebas.example/1", "type": ["Evidence"]}]
    signed = anchored.world.sign(anchored.up, changes={"evidence": evidence})
    receipts = anchored.world.anchor(anchored.up, [signed])
    return ask(anchored.world, changed(signed, evidence=evidence * 2), *receipts)


@case("PROFILE_CONTRADICTION", 1, INVALID, main="PROOF_INVALID")
def profile_contradiction(anchored: AnchoredWorld) -> VerificationReport:
    status = {**anchored.good.document["credentialStatus"], "statusListIndex": "1"}
    return ask(anchored.world, changed(anchored.good, credentialStatus=status))


@case("PROOF_MISSING", 1, INVALID)
def proof_missing(anchored: AnchoredWorld) -> VerificationReport:
    kept = {name: value for name, value in anchored.good.document.items() if name != "proof"}
    return ask(anchored.world, replace(anchored.good, document=kept), anchored.receipt)


# --- 2 schema --------------------------------------------------------------------------------------------------


@case("SCHEMA_INVALID", 2, INVALID)
def schema_invalid(anchored: AnchoredWorld) -> VerificationReport:
    two_names = anchored.world.sign(anchored.up, changes={"name": "Otro nombre"})
    return ask(anchored.world, two_names, *anchored.world.anchor(anchored.up, [two_names]))


@case("SCHEMA_INVALID", 2, INVALID)
def schema_invalid__result_not_passed(anchored: AnchoredWorld) -> VerificationReport:
    subject = json.loads(json.dumps(anchored.good.document["credentialSubject"]))
    subject["result"][0]["value"] = "59.5"
    failing = anchored.world.sign(anchored.up, changes={"credentialSubject": subject})
    return ask(anchored.world, failing, *anchored.world.anchor(anchored.up, [failing]))


# --- 3 proof ---------------------------------------------------------------------------------------------------

WEB_DID = "did:web:taller.example"


def did_document(who: Party, method: str | None = None) -> dict[str, object]:
    """Build the DID document that names one assertion key, by default under the method the party signs with."""
    name = method or who.method
    entry = {"id": name, "type": "Multikey", "controller": who.did, "publicKeyMultibase": who.key.public.multibase}
    return {"id": who.did, "verificationMethod": [entry], "assertionMethod": [name]}


def _web_credential(world: World) -> tuple[Party, Credential]:
    taller = party("taller", WEB_DID)
    world.document_source.dids[taller.did] = did_document(taller)
    return taller, world.sign(taller)


@case("PROOF_INVALID", 3, INVALID)
def proof_invalid(anchored: AnchoredWorld) -> VerificationReport:
    return _text(anchored, "Analítica", "Analitica")


@case("PROOF_MALFORMED", 3, INVALID)
def proof_malformed(anchored: AnchoredWorld) -> VerificationReport:
    return ask(anchored.world, changed(anchored.good, proof={**anchored.good.document["proof"], "proofValue": "z2"}))


@case("PROOF_KEY_REFUSED", 3, INVALID)
def proof_key_refused(anchored: AnchoredWorld) -> VerificationReport:
    taller, credential = _web_credential(anchored.world)
    anchored.world.document_source.dids[taller.did] = did_document(taller, f"{taller.did}#otra")
    return ask(anchored.world, credential)


@case("DID_UNRESOLVED", 3, INDETERMINATE, outcome=NOT_CHECKED)
def did_unresolved(anchored: AnchoredWorld) -> VerificationReport:
    _, credential = _web_credential(anchored.world)
    anchored.world.document_source.dids.clear()
    return ask(anchored.world, credential)


@case("KEY_UNREADABLE", 3, INDETERMINATE, outcome=NOT_CHECKED)
def key_unreadable(anchored: AnchoredWorld) -> VerificationReport:
    taller, credential = _web_credential(anchored.world)
    key = {"id": taller.method, "type": "Ed25519VerificationKey2018", "controller": taller.did}
    anchored.world.document_source.dids[taller.did] = {"id": taller.did, "assertionMethod": [key]}
    return ask(anchored.world, credential)


FOREIGN = Path(__file__).resolve().parents[1] / "fixtures" / "foreign"


def strangers_badge() -> dict[str, Any]:
    """Read an Open Badge of nobody here, well signed by a did:key."""
    badge: dict[str, Any] = json.loads((FOREIGN / "open_badge_well_signed.json").read_bytes())
    return badge


def _strangers(anchored: AnchoredWorld, **changes: object) -> VerificationReport:
    return ask(anchored.world, json.dumps({**strangers_badge(), **changes}).encode())


@case("CRYPTOSUITE_UNKNOWN", 3, INDETERMINATE, outcome=NOT_CHECKED)
def cryptosuite_unknown(anchored: AnchoredWorld) -> VerificationReport:
    return _strangers(anchored, proof={**strangers_badge()["proof"], "cryptosuite": "bbs-2023"})


@case("CONTEXT_UNKNOWN", 3, INDETERMINATE, outcome=NOT_CHECKED)
def context_unknown(anchored: AnchoredWorld) -> VerificationReport:
    contexts = [*strangers_badge()["@context"], "https://academia.example/contexto/v1"]
    return _strangers(anchored, **{"@context": contexts})


@case("PROOF_INVALID", 3, INVALID)
def proof_invalid__of_another_registry(anchored: AnchoredWorld) -> VerificationReport:
    return _strangers(anchored, name="Otra insignia")


@case("STEP_DEPENDS", 4, INVALID, outcome=NOT_CHECKED, main="PROOF_INVALID")
def step_depends(anchored: AnchoredWorld) -> VerificationReport:
    return proof_invalid(anchored)


# --- 4 binding -------------------------------------------------------------------------------------------------


@case("KEY_NOT_OF_ISSUER", 4, INVALID)
def key_not_of_issuer(anchored: AnchoredWorld) -> VerificationReport:
    thief = party("thief")
    forged = anchored.world.sign(anchored.up, key=thief.key, method=thief.method)
    return ask(anchored.world, forged, *anchored.world.anchor(anchored.up, [forged]))


@case("KEY_NOT_REGISTERED", 4, INVALID)
def key_not_registered(anchored: AnchoredWorld) -> VerificationReport:
    taller, _ = _web_credential(anchored.world)
    anchored.world.accredit(taller, anchored.world.scope(taller))
    stolen = replace(taller, key=signer("key that nobody registered"))
    anchored.world.document_source.dids[taller.did] = did_document(stolen)
    return ask(anchored.world, anchored.world.sign(stolen))


@case("KEY_UNCONFIRMED", 4, NOT_RECOGNISED, outcome=NOT_CHECKED, main="ISSUER_UNKNOWN")
def key_unconfirmed(anchored: AnchoredWorld) -> VerificationReport:
    _, credential = _web_credential(anchored.world)
    return ask(anchored.world, credential)


# --- 5 key -----------------------------------------------------------------------------------------------------


def key_of(who: Party) -> bytes:
    return key_id(who.key.multikey)


def compromise(anchored: AnchoredWorld, since: int) -> None:
    anchored.world.decide(anchored.world.issuers.key_compromised(anchored.up.id, key_of(anchored.up), since, ACT))


@case("KEY_NOT_VALID_AT_ISSUANCE", 5, NOT_RECOGNISED)
def key_not_valid_at_issuance(anchored: AnchoredWorld) -> VerificationReport:
    anchored.world.act(anchored.up.control, anchored.world.issuers.end_key(anchored.up.id, key_of(anchored.up)))
    late = anchored.world.sign(anchored.up)
    return ask(anchored.world, late, *anchored.world.anchor(anchored.up, [late]))


@case("KEY_NOT_VALID_NOW", 5, NOT_RECOGNISED, now=True)
def key_not_valid_now(anchored: AnchoredWorld) -> VerificationReport:
    waiting = anchored.world.sign(anchored.up)
    anchored.world.act(anchored.up.control, anchored.world.issuers.end_key(anchored.up.id, key_of(anchored.up)))
    return ask(anchored.world, waiting)


@case("KEY_COMPROMISED", 5, INVALID)
def key_compromised(anchored: AnchoredWorld) -> VerificationReport:
    compromise(anchored, anchored.receipt.checkpoint.time)
    return ask(anchored.world, anchored.good, anchored.receipt)


@case("KEY_COMPROMISED", 5, NOT_RECOGNISED, now=True)
def key_compromised__not_anchored(anchored: AnchoredWorld) -> VerificationReport:
    waiting = anchored.world.sign(anchored.up)
    compromise(anchored, anchored.world.now)
    return ask(anchored.world, waiting)


@case("KEY_COMPROMISED_NOW", 5, WARNINGS, now=True)
def key_compromised_now(anchored: AnchoredWorld) -> VerificationReport:
    compromise(anchored, anchored.receipt.checkpoint.time + 1)
    return ask(anchored.world, anchored.good, anchored.receipt)


# --- 6 chain ---------------------------------------------------------------------------------------------------


@case("TRUST_MISSING", 6, INDETERMINATE, outcome=NOT_CHECKED)
def trust_missing(anchored: AnchoredWorld) -> VerificationReport:
    return ask(anchored.world, anchored.good, anchored.receipt, trust=Missing("TRUST_MISSING"))


@case("TRUST_EXPIRED", 6, INDETERMINATE, outcome=NOT_CHECKED)
def trust_expired(anchored: AnchoredWorld) -> VerificationReport:
    trust = anchored.world.trust()
    return ask(anchored.world, anchored.good, anchored.receipt, trust=trust, clock=trust.expires)


@case("TRUST_NOT_YET_ISSUED", 6, INDETERMINATE, outcome=NOT_CHECKED)
def trust_not_yet_issued(anchored: AnchoredWorld) -> VerificationReport:
    now = max(anchored.world.clock.now, anchored.world.now)
    trust = replace(anchored.world.trust(), issued=now + 61)
    return ask(anchored.world, anchored.good, anchored.receipt, trust=trust)


@case("TRUST_OUTDATED", 6, INDETERMINATE, outcome=NOT_CHECKED)
def trust_outdated(anchored: AnchoredWorld) -> VerificationReport:
    trust = recorded_as(anchored.world, 2, bytes([7]) * 32)
    return ask(anchored.world, anchored.good, anchored.receipt, trust=trust)


@case("TRUST_EQUIVOCATION", 6, INDETERMINATE, outcome=NOT_CHECKED)
def trust_equivocation(anchored: AnchoredWorld) -> VerificationReport:
    trust = recorded_as(anchored.world, 1, bytes([7]) * 32)
    return ask(anchored.world, anchored.good, anchored.receipt, trust=trust)


def recorded_as(world: World, number: int, digest: bytes) -> Trust:
    """Let the council record a trust file, and return the file number 1 of the world."""
    world.decide(bindings.Council(world.contracts.council).record_trust(number, digest))
    return world.trust()


@case("LEDGER_MISSING", 6, INDETERMINATE, outcome=NOT_CHECKED)
def ledger_missing(anchored: AnchoredWorld) -> VerificationReport:
    return ask(anchored.world, anchored.good, anchored.receipt, observer=Missing("LEDGER_MISSING"))


class _Mute(BaseProvider):
    """An endpoint that nobody answers at."""

    def make_request(self, method: RPCEndpoint, params: object) -> RPCResponse:
        raise ConnectionError(f"{method}: connection refused")


@case("LEDGER_UNREACHABLE", 6, INDETERMINATE, outcome=NOT_CHECKED)
def ledger_unreachable(anchored: AnchoredWorld) -> VerificationReport:
    plain = anchored.world.observer()
    silent = Observer(RpcLedger(_Mute()), plain.contracts, plain.block, plain.entries_of)
    return ask(anchored.world, anchored.good, anchored.receipt, observer=silent)


def half(world: World, *manners: Manner, trust: Trust | None = None) -> Observer | Missing:
    """Observe the chain through an endpoint of these manners, as the command line does."""
    ledger = RpcLedger(HalfProvider(Answers(world.rpc), manners))
    return observe(ledger, trust or world.trust(), world.entries_of)


@case("LEDGER_INCOMPLETE", 6, INDETERMINATE, outcome=NOT_CHECKED)
def ledger_incomplete(anchored: AnchoredWorld) -> VerificationReport:
    """Revoke, and leave the last checkpoint out of the logs."""
    anchored.world.anchor(anchored.up, changes=[(EntryKind.REVOKED, anchored.good.position)], kind=STATUS_ONLY)
    observer = half(anchored.world, editing_logs(without(bindings.Anchored, last=True)))
    return ask(anchored.world, anchored.good, anchored.receipt, observer=observer)


@case("LEDGER_INCOMPLETE", 6, INDETERMINATE, outcome=NOT_CHECKED)
def ledger_incomplete__suspension(anchored: AnchoredWorld) -> VerificationReport:
    anchored.world.decide(anchored.world.issuers.suspend(anchored.up.id, ACT))
    observer = half(anchored.world, editing_logs(without(bindings.StateRecorded, last=True)))
    return ask(anchored.world, anchored.good, anchored.receipt, observer=observer)


@case("LEDGER_INCOMPLETE", 6, INDETERMINATE, outcome=NOT_CHECKED)
def ledger_incomplete__compromise(anchored: AnchoredWorld) -> VerificationReport:
    compromise(anchored, anchored.receipt.checkpoint.time)
    observer = half(anchored.world, editing_logs(without(bindings.KeyCompromised)))
    return ask(anchored.world, anchored.good, anchored.receipt, observer=observer)


@case("LEDGER_INCOMPLETE", 6, INDETERMINATE, outcome=NOT_CHECKED)
def ledger_incomplete__fraud(anchored: AnchoredWorld) -> VerificationReport:
    time = anchored.receipt.checkpoint.time
    anchored.world.decide(anchored.world.issuers.set_void_from(anchored.up.id, time, ACT))
    observer = half(anchored.world, editing_logs(without(bindings.VoidFromRecorded)))
    return ask(anchored.world, anchored.good, anchored.receipt, observer=observer)


@case("LEDGER_INCOMPLETE", 6, INDETERMINATE, outcome=NOT_CHECKED)
def ledger_incomplete__programme(anchored: AnchoredWorld) -> VerificationReport:
    """Leave every record of the programme out: an empty list is compared too."""
    observer = half(
        anchored.world,
        editing_logs(without(bindings.ProgrammeSubmitted)),
        editing_logs(without(bindings.ProgrammeRecorded)),
    )
    return ask(anchored.world, anchored.good, anchored.receipt, observer=observer)


@case("LEDGER_INCOMPLETE", 6, INDETERMINATE, outcome=NOT_CHECKED)
def ledger_incomplete__issuer(anchored: AnchoredWorld) -> VerificationReport:
    observer = half(anchored.world, editing_logs(lambda logs: []))
    return ask(anchored.world, anchored.good, anchored.receipt, observer=observer)


class Newer(RpcLedger):
    """A ledger of a later version: the issuer has one more record, of an event that this version does not know."""

    def __init__(self, provider: BaseProvider, history: View[bytes], log: RawLog) -> None:
        super().__init__(provider)
        self._history, self._log = history, log

    def logs(self, query: LogQuery) -> Sequence[RawLog]:
        found = list(super().logs(query))
        return [*found, self._log] if query.topics[1:] == (self._log.topics[1],) and found else found

    def read(self, view: View[T], block: BlockName | None = None) -> T:
        value = super().read(view, block)
        is_history = (view.to, view.data) == (self._history.to, self._history.data)
        return bindings.fold_history(value, bindings.record_of(self._log)) if is_history else value  # type: ignore


@case("LEDGER_INCOMPLETE", 6, INDETERMINATE, outcome=NOT_CHECKED)
def ledger_incomplete__unknown_topic(anchored: AnchoredWorld) -> VerificationReport:
    """Let the records fold to the contract's hash: only the event itself is not known here."""
    world, plain = anchored.world, anchored.world.observer()
    contract, topic = plain.contracts.issuer_registry, keccak(b"ScopeNarrowed(bytes32,uint64)")
    log = RawLog(contract, (topic, anchored.up.id), bytes(32), plain.block.number, plain.block.hash, bytes(32), 0)
    history = bindings.IssuerRegistry(contract).history(anchored.up.id)
    ledger = Newer(EmbeddedProvider(world.rpc), history, log)
    return ask(world, anchored.good, anchored.receipt, observer=replace(plain, ledger=ledger))


class Crowded(Observer):
    """A ledger on which a number of parties follow one another as accreditors of accreditors."""

    parties_above = 0

    def party(self, subject: IssuerId) -> PartyHistory | None:
        own = super().party(subject)
        number = int.from_bytes(subject[-8:], "big") if own is None else 0
        if number >= self.parties_above:
            return own
        above = IssuerId((number + 1).to_bytes(32, "big"))
        transition = StateTransition(
            ISSUED, PartyState.ACTIVE, ISSUED + 900 * DAY, above, True, 0, bytes(32), Address(bytes(20))
        )
        return replace(own or PartyHistory(subject), transitions=(*(own.transitions if own else ()), transition))


def crowded(anchored: AnchoredWorld, parties_above: int) -> VerificationReport:
    plain = anchored.world.observer()
    observer = Crowded(plain.ledger, plain.contracts, plain.block, plain.entries_of)
    observer.parties_above = parties_above
    return ask(anchored.world, anchored.good, anchored.receipt, observer=observer)


@case("LEDGER_INCOMPLETE", 6, INDETERMINATE, outcome=NOT_CHECKED)
def ledger_incomplete__more_than_64_parties(anchored: AnchoredWorld) -> VerificationReport:
    assert crowded(anchored, 63).step(6).ok  # with the issuer they are 64
    return crowded(anchored, 64)


@case("LEDGER_INCOMPLETE", 6, INDETERMINATE, outcome=NOT_CHECKED)
def ledger_incomplete__another_block_than_the_trust_file_names(anchored: AnchoredWorld) -> VerificationReport:
    pinned = anchored.world.trust(blocks={anchored.world.chain.head.number: BlockHash(bytes(32))})
    return ask(
        anchored.world, anchored.good, anchored.receipt, trust=pinned, observer=half(anchored.world, trust=pinned)
    )


@case("PROOFS_UNAVAILABLE", 6, INDETERMINATE, outcome=NOT_CHECKED)
def proofs_unavailable(anchored: AnchoredWorld) -> VerificationReport:
    """Ask by proof alone, of a chain that has none of the blocks the trust file names."""
    pinned = anchored.world.trust(blocks={10_000: BlockHash(bytes(32))})
    observer = observe(ProvenLedger(anchored.world.ledger, pinned), pinned, anchored.world.entries_of)
    return ask(anchored.world, anchored.good, anchored.receipt, trust=pinned, observer=observer)


@case("LEDGER_BEHIND", 6, INDETERMINATE, outcome=NOT_CHECKED)
def ledger_behind(anchored: AnchoredWorld) -> VerificationReport:
    """Ask an endpoint that is one block below the block the trust file names."""
    observer = half(anchored.world, rolled_back(1))
    return ask(anchored.world, anchored.good, anchored.receipt, observer=observer)


@case("LEDGER_FORKED", 6, INDETERMINATE, outcome=NOT_CHECKED)
def ledger_forked(anchored: AnchoredWorld) -> VerificationReport:
    """Ask a chain of validators that has another block in the place of the highest one seen."""
    world, head = anchored.world, anchored.world.ledger.head()
    seen = SeenInMemory()
    seen.note(world.trust().genesis, replace(head, number=head.number - 1, hash=BlockHash(bytes(32))))
    validators = ValidatorSet(1, None, tuple(one.address for one in VALIDATORS))
    trust = replace(world.trust(), chain=qbft_chain([validators], period=2, idle=60))
    observed = observed_block(world.ledger, trust, None, seen)
    assert isinstance(observed, Missing)
    return ask(world, anchored.good, anchored.receipt, observer=observed)


@case("GENESIS_CHANGED", 6, INDETERMINATE, outcome=NOT_CHECKED)
def genesis_changed(anchored: AnchoredWorld) -> VerificationReport:
    """Ask a ledger that is not the pinned chain; the receipt is of the pinned one."""
    pinned = replace(anchored.world.trust(), genesis=BlockHash(bytes(32)))
    receipt = replace(anchored.receipt, genesis=BlockHash(bytes(32)))
    return ask(anchored.world, anchored.good, receipt, trust=pinned)


@case("CODE_CHANGED", 6, INDETERMINATE, outcome=NOT_CHECKED)
def code_changed(anchored: AnchoredWorld) -> VerificationReport:
    trust = anchored.world.trust()
    pinned = replace(trust, code_hashes={**trust.code_hashes, "credential_log": bytes(32)})
    return ask(anchored.world, anchored.good, anchored.receipt, trust=pinned)


@case("WRONG_CHAIN", 6, INVALID)
def wrong_chain(anchored: AnchoredWorld) -> VerificationReport:
    """Show an anchor on another chain only: the log of this one has no such entry."""
    waiting = anchored.world.sign(anchored.up)
    return ask(anchored.world, waiting, replace(anchored.receipt, genesis=BlockHash(bytes(32))))


@case("WRONG_CHAIN", 6, INVALID)
def wrong_chain__other_contract(anchored: AnchoredWorld) -> VerificationReport:
    """Swap the contract in a bundle's receipt: the bundle proves status, key and records all the same."""
    bundle = bundle_of(anchored.world, anchored.good, anchored.receipt)
    return ask_offline(anchored.world, replace(bundle, receipt=replace(anchored.receipt, contract=Address(bytes(20)))))


@case("ANCHOR_NOT_FOUND", 6, INVALID)
def anchor_not_found(anchored: AnchoredWorld) -> VerificationReport:
    """Take the chain back: the receipt's block is no longer on it."""
    with anchored.world.branch():
        late = anchored.world.sign(anchored.up)
        [receipt] = anchored.world.anchor(anchored.up, [late])
    anchored.world.pass_time(HOUR)
    anchored.world.chain.mine()
    return ask(anchored.world, late, receipt, has_log=False)


@case("ANCHOR_NOT_FOUND", 6, INVALID)
def anchor_not_found__receipt_edited(anchored: AnchoredWorld) -> VerificationReport:
    checkpoint = replace(anchored.receipt.checkpoint, time=anchored.receipt.checkpoint.time - 1)
    return ask(anchored.world, anchored.good, replace(anchored.receipt, checkpoint=checkpoint), has_log=False)


@case("ANCHORED_LATER", 6, INDETERMINATE, outcome=NOT_CHECKED)
def anchored_later(anchored: AnchoredWorld) -> VerificationReport:
    return ask(anchored.world, anchored.good, anchored.receipt, at=ISSUED, observer=seen_at(anchored.world, ISSUED))


def seen_at(world: World, time: int) -> Observer:
    """Return the ledger as of the newest block not after a time."""
    number = max(n for n in range(world.chain.head.number + 1) if world.chain.header(n).timestamp <= time)
    block = world.ledger.block(number)
    assert block is not None
    return replace(world.observer(), block=block)


@case("CHECKPOINT_VOID", 6, INVALID)
def checkpoint_void(anchored: AnchoredWorld) -> VerificationReport:
    late = anchored.world.sign(anchored.up)
    [receipt] = anchored.world.anchor(anchored.up, [late])
    anchored.world.open_epoch(anchored.up, last_good=1)
    return ask(anchored.world, late, receipt)


@case("RECEIPT_MISSING", 6, INDETERMINATE, outcome=NOT_CHECKED)
def receipt_missing(anchored: AnchoredWorld) -> VerificationReport:
    return ask(anchored.world, anchored.good, has_log=False)


@case("RECEIPT_MISSING", 6, INDETERMINATE, outcome=NOT_CHECKED)
def receipt_missing__institution_suspended_since(anchored: AnchoredWorld) -> VerificationReport:
    anchored.world.decide(anchored.world.issuers.suspend(anchored.up.id, ACT))
    return ask(anchored.world, anchored.good, has_log=False)


@case("RECEIPT_MISSING", 6, INDETERMINATE, outcome=NOT_CHECKED)
def receipt_missing__programme_superseded_since(anchored: AnchoredWorld) -> VerificationReport:
    """Approve version 1.1.0: what was anchored under version 1.0.0 keeps it."""
    newer = anchored.world.documents.programme("diseno-microcredenciales", "1.1.0")
    older = anchored.world.documents.programme("diseno-microcredenciales", "1.0.0")
    anchored.world.approve(anchored.up, newer, supersedes=older)
    return ask(anchored.world, anchored.credentials[4], has_log=False)


@case("RECEIPT_MISSING", 6, INDETERMINATE, outcome=NOT_CHECKED)
def receipt_missing__key_compromised_since(anchored: AnchoredWorld) -> VerificationReport:
    anchored.world.pass_time(HOUR)
    compromise(anchored, anchored.world.now)
    return ask(anchored.world, anchored.good, has_log=False)


@case("RECEIPT_MISSING", 6, INDETERMINATE, outcome=NOT_CHECKED)
def receipt_missing__of_another_credential(anchored: AnchoredWorld) -> VerificationReport:
    return ask(anchored.world, anchored.good, anchored.receipts[1], has_log=False)


@case("RECEIPT_MISSING", 6, INDETERMINATE, outcome=NOT_CHECKED)
def receipt_missing__of_another_log(anchored: AnchoredWorld) -> VerificationReport:
    other = anchored.world.parties["ut"]
    anchored.world.accredit(other, anchored.world.documents.scopes["demo-ut"])
    credential = anchored.world.sign(anchored.up)
    return ask(anchored.world, credential, *anchored.world.anchor(other, [credential]), has_log=False)


@case("RECEIPT_MISSING", 6, INDETERMINATE, outcome=NOT_CHECKED)
def receipt_missing__of_another_chain(anchored: AnchoredWorld) -> VerificationReport:
    """Ask without the log: nothing is known of the status, and a receipt of another chain counts as none."""
    return ask(anchored.world, anchored.good, replace(anchored.receipt, genesis=BlockHash(bytes(32))), has_log=False)


@case("RECEIPT_MISSING", 6, NOT_RECOGNISED, outcome=NOT_CHECKED, main="CANNOT_BE_ANCHORED")
def receipt_missing__signed_after_a_suspension(anchored: AnchoredWorld) -> VerificationReport:
    anchored.world.decide(anchored.world.issuers.suspend(anchored.up.id, ACT))
    anchored.world.pass_time(DAY)
    anchored.world.chain.mine()
    late = anchored.world.sign(anchored.up, created=anchored.world.now - HOUR)
    return ask(anchored.world, late, has_log=False)


@case("RECEIPT_MISSING", 6, NOT_RECOGNISED, outcome=NOT_CHECKED, main="CANNOT_BE_ANCHORED")
def receipt_missing__signed_after_its_key_ended(anchored: AnchoredWorld) -> VerificationReport:
    anchored.world.act(anchored.up.control, anchored.world.issuers.end_key(anchored.up.id, key_of(anchored.up)))
    anchored.world.pass_time(DAY)
    anchored.world.chain.mine()
    late = anchored.world.sign(anchored.up, created=anchored.world.now - HOUR)
    return ask(anchored.world, late, has_log=False)


@case("RECEIPT_MISSING", 6, NOT_RECOGNISED, outcome=NOT_CHECKED, main="PROGRAMME_NOT_APPROVED_NOW")
def receipt_missing__programme_never_approved(anchored: AnchoredWorld) -> VerificationReport:
    newer = anchored.world.documents.programme("diseno-microcredenciales", "1.1.0")
    anchored.world.act(anchored.up.control, anchored.world.programmes.submit(anchored.up.id, newer.digest))
    return ask(anchored.world, anchored.world.sign(anchored.up, newer), has_log=False)


@case("PENDING_ANCHOR", 6, NOT_RECOGNISED, outcome=NOT_CHECKED, main="ISSUER_NOT_ACCREDITED_NOW")
def pending_anchor__issuer_never_active(anchored: AnchoredWorld) -> VerificationReport:
    applicant = anchored.world.parties["ut"]
    anchored.world.apply(applicant)
    return ask(anchored.world, anchored.world.sign(applicant), has_log=False)


@case("PENDING_ANCHOR", 6, PENDING, outcome=NOT_CHECKED)
def pending_anchor(anchored: AnchoredWorld) -> VerificationReport:
    return ask(anchored.world, anchored.world.sign(anchored.up))


@case("PENDING_ANCHOR", 6, NOT_RECOGNISED, outcome=NOT_CHECKED, main="ANCHOR_OVERDUE")
def pending_anchor__overdue(anchored: AnchoredWorld) -> VerificationReport:
    waiting = anchored.world.sign(anchored.up)
    return ask(anchored.world, waiting, clock=ISSUED + 72 * HOUR + 1)


# --- 6 chain, from a bundle --------------------------------------------------------------------------------------


@case("BLOCK_NOT_TRUSTED", 6, INDETERMINATE, outcome=NOT_CHECKED)
def block_not_trusted(anchored: AnchoredWorld) -> VerificationReport:
    bundle = bundle_of(anchored.world, anchored.good, anchored.receipt)
    trust = anchored.world.trust(blocks={anchored.world.chain.head.number: BlockHash(bytes(32))})
    return ask_offline(anchored.world, bundle, trust=trust)


@case("VALIDATORS_UNKNOWN", 6, INDETERMINATE, outcome=NOT_CHECKED)
def validators_unknown(anchored: AnchoredWorld) -> VerificationReport:
    bundle = bundle_of(anchored.world, anchored.good, anchored.receipt)
    validators = ValidatorSet(1_000_000, None, (Address(bytes(20)),))
    header = sealed(bundle.header, [account("validator")])
    trust = replace(anchored.world.trust(), chain=qbft_chain([validators], period=2, idle=60))
    return ask_offline(anchored.world, replace(bundle, header=header), trust=trust)


@case("STATE_PROOF_INVALID", 6, INDETERMINATE, outcome=NOT_CHECKED)
def state_proof_invalid(anchored: AnchoredWorld) -> VerificationReport:
    bundle = bundle_of(anchored.world, anchored.good, anchored.receipt)
    return ask_offline(anchored.world, replace(bundle, nodes=bundle.nodes[1:]))


@case("HISTORY_MISMATCH", 6, INDETERMINATE, outcome=NOT_CHECKED)
def history_mismatch(anchored: AnchoredWorld) -> VerificationReport:
    """Leave the registry's last record about the issuer out of a bundle."""
    anchored.world.decide(anchored.world.issuers.suspend(anchored.up.id, ACT))
    bundle = bundle_of(anchored.world, anchored.good, anchored.receipt)
    parties = {subject: records[:-1] for subject, records in bundle.parties.items()}
    return ask_offline(anchored.world, replace(bundle, parties=parties))


@case("EVIDENCE_INCOMPLETE", 6, INDETERMINATE, outcome=NOT_CHECKED)
def evidence_incomplete(anchored: AnchoredWorld) -> VerificationReport:
    below, credential, receipt = _delegated(anchored)
    bundle = bundle_of(anchored.world, credential, receipt)
    parties = {subject: records for subject, records in bundle.parties.items() if subject == below.id}
    return ask_offline(anchored.world, replace(bundle, parties=parties))


# --- 7 inclusion -------------------------------------------------------------------------------------------------


@case("MERKLE_PROOF_INVALID", 7, INVALID)
def merkle_proof_invalid(anchored: AnchoredWorld) -> VerificationReport:
    _, *rest = anchored.receipt.inclusion
    return ask(anchored.world, anchored.good, replace(anchored.receipt, inclusion=(bytes(32), *rest)), has_log=False)


@case("CHECKPOINT_NOT_FIRST", 7, INVALID)
def checkpoint_not_first(anchored: AnchoredWorld) -> VerificationReport:
    """Make a true receipt of the entry, but in a later checkpoint than the first that covers it."""
    [later] = anchored.world.anchor(anchored.up, [anchored.world.sign(anchored.up)])
    epoch = anchored.world.epoch(anchored.up)
    running = anchored.world._running((), epoch)
    inclusion = tuple(running.inclusion_path(anchored.receipt.index, later.checkpoint.size))
    return ask(
        anchored.world,
        anchored.good,
        replace(later, entry=anchored.receipt.entry, index=anchored.receipt.index, inclusion=inclusion),
        has_log=False,
    )


# --- 8 issuer ----------------------------------------------------------------------------------------------------


def _slipped_in(anchored: AnchoredWorld, who: Party | None = None) -> VerificationReport:
    """Back-date a credential in a checkpoint for status changes: the only kind the contract still takes."""
    author = who or anchored.up
    late = anchored.world.sign(author, valid_from=ISSUED - 30 * DAY)
    [receipt] = anchored.world.anchor(author, [late], kind=STATUS_ONLY)
    return ask(anchored.world, late, receipt)


@case("NOT_OF_THIS_REGISTRY", 8, NOT_RECOGNISED)
def not_of_this_registry(anchored: AnchoredWorld) -> VerificationReport:
    return _strangers(anchored)


@case("NOT_OF_THIS_REGISTRY", 8, NOT_RECOGNISED)
def not_of_this_registry__token(anchored: AnchoredWorld) -> VerificationReport:
    stranger = party("academy abroad")
    badge = {**strangers_badge(), "issuer": {"id": stranger.did, "type": ["Profile"], "name": "Academia"}}
    return ask(anchored.world, as_token(badge, stranger))


@case("NOT_OF_THIS_REGISTRY", 8, NOT_RECOGNISED)
def not_of_this_registry__another_chain(anchored: AnchoredWorld) -> VerificationReport:
    """Show a credential of our profile that an installation on another chain has anchored."""
    credential = anchored.world.sign(party("institution of another chain"))
    receipt = replace(anchored.receipt, genesis=BlockHash(bytes(32)), issuer=party("institution of another chain").id)
    return ask(anchored.world, credential, receipt)


@case("ISSUER_UNKNOWN", 8, NOT_RECOGNISED, now=True)
def issuer_unknown(anchored: AnchoredWorld) -> VerificationReport:
    return ask(anchored.world, anchored.world.sign(party("academy nobody accredited")))


@case("ISSUER_NOT_ACCREDITED_AT_ISSUANCE", 8, NOT_RECOGNISED)
def issuer_not_accredited_at_issuance(anchored: AnchoredWorld) -> VerificationReport:
    anchored.world.decide(anchored.world.issuers.suspend(anchored.up.id, ACT))
    return _slipped_in(anchored)


@case("ISSUER_NOT_ACCREDITED_AT_ISSUANCE", 8, NOT_RECOGNISED)
def issuer_not_accredited_at_issuance__expired(anchored: AnchoredWorld) -> VerificationReport:
    anchored.world.pass_time(365 * DAY)
    return _slipped_in(anchored)


@case("ISSUER_UNDER_REVIEW", 8, NOT_RECOGNISED)
def issuer_under_review(anchored: AnchoredWorld) -> VerificationReport:
    """Keep anchors from the time of one member's suspension under review, also after it lapsed."""
    suspend_at_once(anchored)
    late = anchored.world.sign(anchored.up, valid_from=ISSUED - 30 * DAY)
    [receipt] = anchored.world.anchor(anchored.up, [late], kind=STATUS_ONLY)
    return ask(anchored.world, late, receipt, clock=anchored.world.now + 100 * HOUR)


@case("ISSUER_UNDER_REVIEW", 8, WARNINGS, now=True)
def issuer_under_review__now(anchored: AnchoredWorld) -> VerificationReport:
    suspend_at_once(anchored)
    return ask(anchored.world, anchored.good, anchored.receipt)


def suspend_at_once(anchored: AnchoredWorld) -> None:
    world = anchored.world
    council = bindings.Council(world.contracts.council)
    world.act(world.members[0], council.suspend_urgently(world.contracts.issuer_registry, anchored.up.id, ACT))


@case("ISSUER_NOT_ACCREDITED_NOW", 8, NOT_RECOGNISED, now=True)
def issuer_not_accredited_now(anchored: AnchoredWorld) -> VerificationReport:
    applicant = anchored.world.parties["ut"]
    anchored.world.apply(applicant)
    return ask(anchored.world, anchored.world.sign(applicant))


@case("ISSUER_SUSPENDED_NOW", 8, WARNINGS, now=True)
def issuer_suspended_now(anchored: AnchoredWorld) -> VerificationReport:
    anchored.world.decide(anchored.world.issuers.suspend(anchored.up.id, ACT))
    return ask(anchored.world, anchored.good, anchored.receipt)


@case("ISSUER_ACCREDITATION_EXPIRED_NOW", 8, WARNINGS, now=True)
def issuer_accreditation_expired_now(anchored: AnchoredWorld) -> VerificationReport:
    return ask(anchored.world, anchored.good, anchored.receipt, trust=_young(anchored.world), clock=ISSUED + 365 * DAY)


def _young(world: World) -> Trust:
    """Return the trust file as the authority would have renewed it by the time of the test."""
    return world.trust(issued=ISSUED + 360 * DAY)


@case("ISSUER_REVOKED_NOW", 8, WARNINGS, now=True)
def issuer_revoked_now(anchored: AnchoredWorld) -> VerificationReport:
    anchored.world.decide(anchored.world.issuers.revoke(anchored.up.id, ACT))
    return ask(anchored.world, anchored.good, anchored.receipt)


@case("ISSUER_REVOKED_RETROACTIVE", 8, INVALID)
def issuer_revoked_retroactive(anchored: AnchoredWorld) -> VerificationReport:
    anchored.world.decide(anchored.world.issuers.set_void_from(anchored.up.id, anchored.receipt.checkpoint.time, ACT))
    return ask(anchored.world, anchored.good, anchored.receipt)


@case("ISSUER_REVOKED_RETROACTIVE", 8, NOT_RECOGNISED, now=True)
def issuer_revoked_retroactive__not_anchored(anchored: AnchoredWorld) -> VerificationReport:
    anchored.world.decide(anchored.world.issuers.set_void_from(anchored.up.id, anchored.receipt.checkpoint.time, ACT))
    return ask(anchored.world, anchored.world.sign(anchored.up))


@case("ISSUER_VOID_NOW", 8, WARNINGS, now=True)
def issuer_void_now(anchored: AnchoredWorld) -> VerificationReport:
    anchored.world.decide(
        anchored.world.issuers.set_void_from(anchored.up.id, anchored.receipt.checkpoint.time + 1, ACT)
    )
    return ask(anchored.world, anchored.good, anchored.receipt)


def _accreditor(anchored: AnchoredWorld) -> Party:
    """Accredit an institution that may accredit others."""
    above = party("red")
    anchored.world.accredit(above, anchored.world.scope(above))
    anchored.world.decide(anchored.world.issuers.set_delegation(above.id, True, ACT))
    return above


def _delegated(anchored: AnchoredWorld, **scope: object) -> tuple[Party, Credential, Receipt]:
    """Accredit an institution by an accreditor, with a programme of its own and one anchored credential."""
    above, below = _accreditor(anchored), party("centro")
    world = anchored.world
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
    programme = parse_programme(document)
    world.document_source.programmes[programme.digest] = programme
    return programme


@case("ACCREDITOR_NOT_ACTIVE_AT_ISSUANCE", 8, NOT_RECOGNISED)
def accreditor_not_active_at_issuance(anchored: AnchoredWorld) -> VerificationReport:
    below, _, _ = _delegated(anchored)
    anchored.world.decide(anchored.world.issuers.suspend(party("red").id, ACT))
    return _slipped_in(anchored, below)


@case("ACCREDITOR_NOT_ACTIVE_NOW", 8, WARNINGS, now=True)
def accreditor_not_active_now(anchored: AnchoredWorld) -> VerificationReport:
    _, credential, receipt = _delegated(anchored)
    anchored.world.decide(anchored.world.issuers.suspend(party("red").id, ACT))
    return ask(anchored.world, credential, receipt)


@case("ACCREDITOR_NOT_ACTIVE_NOW", 8, WARNINGS, now=True)
def accreditor_not_active_now__right_taken(anchored: AnchoredWorld) -> VerificationReport:
    _, credential, receipt = _delegated(anchored)
    anchored.world.decide(anchored.world.issuers.set_delegation(party("red").id, False, ACT))
    return ask(anchored.world, credential, receipt)


@case("CHECKPOINT_STATUS_ONLY", 8, NOT_RECOGNISED)
def checkpoint_status_only(anchored: AnchoredWorld) -> VerificationReport:
    return _slipped_in(anchored)


@case("SCOPE_MISSING", 8, NOT_RECOGNISED)
def scope_missing(anchored: AnchoredWorld) -> VerificationReport:
    """Alter the ledger's answer, because no contract of ours accredits without a scope."""
    [found] = anchored.world.observer().parties(anchored.up.id).values()
    lying = altered(anchored.world, parties={anchored.up.id: replace(found, scopes=())})
    return ask(anchored.world, anchored.good, anchored.receipt, observer=lying)


def _amended(anchored: AnchoredWorld, **scope: object) -> VerificationReport:
    """Anchor a credential under an amended scope."""
    world = anchored.world
    narrower = world.scope(anchored.up, **scope)
    world.decide(world.issuers.amend_scope(anchored.up.id, narrower.digest, ACT))
    late = world.sign(anchored.up)
    return ask(world, late, *world.anchor(anchored.up, [late]))


@case("SCOPE_LEVEL_MISMATCH", 8, NOT_RECOGNISED)
def scope_level_mismatch(anchored: AnchoredWorld) -> VerificationReport:
    return _amended(anchored, levels=["media superior"])


@case("SCOPE_SECTOR_MISMATCH", 8, NOT_RECOGNISED)
def scope_sector_mismatch(anchored: AnchoredWorld) -> VerificationReport:
    return _amended(anchored, sectors=["turismo y servicios"])


@case("SCOPE_PROGRAMME_MISMATCH", 8, NOT_RECOGNISED)
def scope_programme_mismatch(anchored: AnchoredWorld) -> VerificationReport:
    return _amended(anchored, programmes=["urn:mc-demo:prog:otro"])


@case("SCOPE_PROGRAMME_MISMATCH", 8, WARNINGS, now=True)
def scope_programme_mismatch__now(anchored: AnchoredWorld) -> VerificationReport:
    world = anchored.world
    narrower = world.scope(anchored.up, programmes=["urn:mc-demo:prog:otro"])
    world.decide(world.issuers.amend_scope(anchored.up.id, narrower.digest, ACT))
    return ask(world, anchored.good, anchored.receipt)


@case("DOCUMENT_MISSING", 8, INDETERMINATE, outcome=NOT_CHECKED)
def document_missing(anchored: AnchoredWorld) -> VerificationReport:
    anchored.world.document_source.scopes.clear()
    return ask(anchored.world, anchored.good, anchored.receipt)


# --- 9 programme -------------------------------------------------------------------------------------------------


@case("DOCUMENT_MISSING", 9, INDETERMINATE, outcome=NOT_CHECKED)
def document_missing__programme(anchored: AnchoredWorld) -> VerificationReport:
    anchored.world.document_source.programmes.clear()
    return ask(anchored.world, anchored.good, anchored.receipt)


@case("PROGRAMME_UNKNOWN", 9, NOT_RECOGNISED)
def programme_unknown(anchored: AnchoredWorld) -> VerificationReport:
    credential = anchored.world.sign(
        anchored.up, anchored.world.documents.programme("diseno-microcredenciales", "1.1.0")
    )
    return ask(anchored.world, credential, *anchored.world.anchor(anchored.up, [credential]))


@case("PROGRAMME_NOT_OF_ISSUER", 9, NOT_RECOGNISED)
def programme_not_of_issuer(anchored: AnchoredWorld) -> VerificationReport:
    world, other = anchored.world, anchored.world.parties["ut"]
    world.accredit(other, world.scope(other))
    credential = world.sign(other, "analitica-ingenieria")
    return ask(world, credential, *world.anchor(other, [credential]))


@case("PROGRAMME_NOT_OF_ISSUER", 9, NOT_RECOGNISED)
def programme_not_of_issuer__approved_by_mistake(anchored: AnchoredWorld) -> VerificationReport:
    """Approve another institution's document for this owner: a document of another issuer is never recognised."""
    world, other = anchored.world, anchored.world.parties["ut"]
    world.accredit(other, world.scope(other))
    world.approve(other, anchored.good.programme)
    credential = world.sign(other, "analitica-ingenieria")
    return ask(world, credential, *world.anchor(other, [credential]))


def _submit(anchored: AnchoredWorld, name: str, version: str | None = None) -> Credential:
    world, programme = anchored.world, anchored.world.documents.programme(name, version)
    world.act(anchored.up.control, world.programmes.submit(anchored.up.id, programme.digest))
    return world.sign(anchored.up, programme)


@case("PROGRAMME_NOT_APPROVED_AT_ISSUANCE", 9, NOT_RECOGNISED)
def programme_not_approved_at_issuance(anchored: AnchoredWorld) -> VerificationReport:
    """Approve a little later: earlier anchors stay as they were."""
    credential = _submit(anchored, "diseno-microcredenciales", "1.1.0")
    [receipt] = anchored.world.anchor(anchored.up, [credential])
    anchored.world.decide(anchored.world.programmes.approve(anchored.up.id, credential.programme.digest, 0, ACT))
    return ask(anchored.world, credential, receipt)


@case("PROGRAMME_NOT_APPROVED_NOW", 9, NOT_RECOGNISED, now=True)
def programme_not_approved_now(anchored: AnchoredWorld) -> VerificationReport:
    """Supersede the programme: anchored credentials keep it, waiting ones do not."""
    waiting = anchored.world.sign(anchored.up, anchored.credentials[4].programme)
    newer = anchored.world.documents.programme("diseno-microcredenciales", "1.1.0")
    anchored.world.approve(anchored.up, newer, supersedes=waiting.programme)
    return ask(anchored.world, waiting)


@case("PROGRAMME_WITHDRAWN_NOW", 9, WARNINGS, now=True)
def programme_withdrawn_now(anchored: AnchoredWorld) -> VerificationReport:
    anchored.world.act(
        anchored.up.control, anchored.world.programmes.withdraw(anchored.up.id, anchored.good.programme.digest, ACT)
    )
    return ask(anchored.world, anchored.good, anchored.receipt)


@case("PROGRAMME_SUSPENDED_NOW", 9, WARNINGS, now=True)
def programme_suspended_now(anchored: AnchoredWorld) -> VerificationReport:
    anchored.world.decide(anchored.world.programmes.suspend(anchored.up.id, anchored.good.programme.digest, ACT))
    return ask(anchored.world, anchored.good, anchored.receipt)


@case("PROGRAMME_WINDOW_ENDED_NOW", 9, WARNINGS, now=True)
def programme_window_ended_now(anchored: AnchoredWorld) -> VerificationReport:
    newer = anchored.world.documents.programme("diseno-microcredenciales", "1.1.0")
    until = anchored.world.now + DAY
    anchored.world.approve(anchored.up, newer, until=until)
    credential = anchored.world.sign(anchored.up, newer)
    [receipt] = anchored.world.anchor(anchored.up, [credential])
    return ask(anchored.world, credential, receipt, clock=until)


@case("PROGRAMME_MISMATCH", 9, NOT_RECOGNISED)
def programme_mismatch(anchored: AnchoredWorld) -> VerificationReport:
    """Name more hours in the credential than its programme has."""
    subject = json.loads(json.dumps(anchored.good.document["credentialSubject"]))
    subject["achievement"]["workload"]["hours"] += 100
    boasting = anchored.world.sign(anchored.up, changes={"credentialSubject": subject})
    return ask(anchored.world, boasting, *anchored.world.anchor(anchored.up, [boasting]))


@case("PROGRAMME_MISMATCH", 9, NOT_RECOGNISED)
def programme_mismatch__entry_names_another(anchored: AnchoredWorld) -> VerificationReport:
    credential = anchored.world.sign(anchored.up)
    disguised = replace(credential, programme=anchored.world.documents.programme("sostenibilidad-procesos"))
    return ask(anchored.world, credential, *anchored.world.anchor(anchored.up, [disguised]))


# --- 10 status ---------------------------------------------------------------------------------------------------


def _move(anchored: AnchoredWorld, *kinds: EntryKind) -> None:
    anchored.world.anchor(anchored.up, changes=[(kind, anchored.good.position) for kind in kinds], kind=STATUS_ONLY)


def _publish(anchored: AnchoredWorld, revoked: list[int], issued: int) -> None:
    anchored.world.document_source.lists[anchored.up.id, 0] = anchored.world.status_list(anchored.up, revoked, issued)


@case("SUPERSEDED", 10, INVALID)
def superseded(anchored: AnchoredWorld) -> VerificationReport:
    _move(anchored, EntryKind.REPLACED, EntryKind.REVOKED)
    return ask(anchored.world, anchored.good, anchored.receipt)


@case("CREDENTIAL_REVOKED", 10, INVALID)
def credential_revoked(anchored: AnchoredWorld) -> VerificationReport:
    _move(anchored, EntryKind.REVOKED)
    return ask(anchored.world, anchored.good, anchored.receipt)


@case("CREDENTIAL_REVOKED", 10, INVALID)
def credential_revoked__published_only(anchored: AnchoredWorld) -> VerificationReport:
    """Revoke in a published list alone: the bit counts before it is anchored."""
    _publish(anchored, [anchored.good.position], anchored.world.now)
    return ask(anchored.world, anchored.good, anchored.receipt)


@case("CREDENTIAL_REVOKED", 10, INVALID)
def credential_revoked__no_ledger(anchored: AnchoredWorld) -> VerificationReport:
    _publish(anchored, [anchored.good.position], anchored.world.now)
    return ask(anchored.world, anchored.good, anchored.receipt, observer=Missing("LEDGER_MISSING"))


@case("CREDENTIAL_SUSPENDED", 10, INVALID)
def credential_suspended(anchored: AnchoredWorld) -> VerificationReport:
    _move(anchored, EntryKind.SUSPENDED)
    return ask(anchored.world, anchored.good, anchored.receipt)


@case("STATUS_MISMATCH", 10, INVALID)
def status_mismatch(anchored: AnchoredWorld) -> VerificationReport:
    _move(anchored, EntryKind.REVOKED)
    _publish(anchored, [], anchored.world.now)
    return ask(anchored.world, anchored.good, anchored.receipt)


@case("STATUS_STALE", 10, INDETERMINATE, outcome=NOT_CHECKED)
def status_stale(anchored: AnchoredWorld) -> VerificationReport:
    bundle = bundle_of(anchored.world, anchored.good, anchored.receipt)
    return ask_offline(anchored.world, bundle, clock=anchored.world.now + 24 * HOUR + 1)


@case("STATUS_LATER", 10, INDETERMINATE, outcome=NOT_CHECKED)
def status_later(anchored: AnchoredWorld) -> VerificationReport:
    anchored.world.chain.mine()
    bundle = bundle_of(anchored.world, anchored.good, anchored.receipt)
    return ask_offline(anchored.world, bundle, at=anchored.receipt.checkpoint.time)


@case("LEDGER_STALLED", 10, INDETERMINATE, outcome=NOT_CHECKED)
def ledger_stalled(anchored: AnchoredWorld) -> VerificationReport:
    now = anchored.world.now
    trust = anchored.world.trust(issued=now)
    return ask(anchored.world, anchored.good, anchored.receipt, trust=trust, stalled_after=180, clock=now + 181)


@case("LEDGER_AHEAD_OF_CLOCK", 10, INDETERMINATE, outcome=NOT_CHECKED)
def ledger_ahead_of_clock(anchored: AnchoredWorld) -> VerificationReport:
    now = anchored.world.now
    trust = anchored.world.trust(issued=now)
    return ask(anchored.world, anchored.good, anchored.receipt, trust=trust, stalled_after=180, clock=now - 61)


@case("STATUS_LIST_FOREIGN", 10, INVALID)
def status_list_foreign(anchored: AnchoredWorld) -> VerificationReport:
    """Sign a credential whose status only another issuer could change."""
    other = anchored.world.sign(anchored.world.parties["ut"])
    credential = anchored.world.sign(anchored.up, changes={"credentialStatus": other.document["credentialStatus"]})
    return ask(anchored.world, credential, *anchored.world.anchor(anchored.up, [credential]))


@case("STATUS_LIST_INVALID", 10, INDETERMINATE, outcome=NOT_CHECKED)
def status_list_invalid(anchored: AnchoredWorld) -> VerificationReport:
    anchored.world.document_source.lists[anchored.up.id, 0] = {"encodedList": "u"}
    return ask(anchored.world, anchored.good, anchored.receipt)


@case("STATUS_LIST_INVALID", 10, INDETERMINATE, outcome=NOT_CHECKED)
def status_list_invalid__another_key(anchored: AnchoredWorld) -> VerificationReport:
    forged = anchored.world.status_list(anchored.up, [], anchored.world.now, key=signer("thief key"))
    anchored.world.document_source.lists[anchored.up.id, 0] = forged
    return ask(anchored.world, anchored.good, anchored.receipt)


@case("STATUS_LIST_INVALID", 10, INDETERMINATE, outcome=NOT_CHECKED)
def status_list_invalid__key_in_other_hands(anchored: AnchoredWorld) -> VerificationReport:
    _publish(anchored, [], anchored.world.now)
    compromise(anchored, anchored.receipt.checkpoint.time + 1)
    return ask(anchored.world, anchored.good, anchored.receipt)


@case("STATUS_LIST_LENGTH_ERROR", 10, INDETERMINATE, outcome=NOT_CHECKED)
def status_list_length_error(anchored: AnchoredWorld) -> VerificationReport:
    short = anchored.world.status_list(anchored.up, [], anchored.world.now)
    short["credentialSubject"]["encodedList"] = encode_list(bytes(16))
    anchored.world.document_source.lists[anchored.up.id, 0] = short
    return ask(anchored.world, anchored.good, anchored.receipt)


@case("LOG_MISSING", 10, INDETERMINATE, outcome=NOT_CHECKED)
def log_missing(anchored: AnchoredWorld) -> VerificationReport:
    observer = replace(anchored.world.observer(), entries_of=lambda issuer: EntriesAtHand())
    return ask(anchored.world, anchored.good, anchored.receipt, observer=observer)


@case("STATUS_PROOF_INVALID", 10, INDETERMINATE, outcome=NOT_CHECKED)
def status_proof_invalid(anchored: AnchoredWorld) -> VerificationReport:
    """Swap the status leaf of a bundle for one from before the revocation."""
    before = bundle_of(anchored.world, anchored.good, anchored.receipt)
    _move(anchored, EntryKind.REVOKED)
    after = bundle_of(anchored.world, anchored.good, anchored.receipt)
    return ask_offline(anchored.world, replace(after, status=before.status))


# --- 11 dates, 12 subject ----------------------------------------------------------------------------------------


@case("CREDENTIAL_NOT_YET_VALID", 11, INVALID)
def credential_not_yet_valid(anchored: AnchoredWorld) -> VerificationReport:
    early = anchored.world.sign(anchored.up, valid_from=anchored.world.now + DAY, created=ISSUED)
    return ask(anchored.world, early, *anchored.world.anchor(anchored.up, [early]))


@case("CREDENTIAL_EXPIRED", 11, INVALID)
def credential_expired(anchored: AnchoredWorld) -> VerificationReport:
    end = ISSUED + 2 * 366 * DAY
    return ask(anchored.world, anchored.good, anchored.receipt, trust=anchored.world.trust(issued=end), clock=end)


@case("SUBJECT_MISMATCH", 12, OTHER_PERSON)
def subject_mismatch(anchored: AnchoredWorld) -> VerificationReport:
    return ask(anchored.world, anchored.good, anchored.receipt, identifier=LEARNER + "x")


MATRIX: tuple[Case, ...] = tuple(CASES)
