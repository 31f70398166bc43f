"""The six lines of the verdict, then and now, and which of several codes is the main one."""

import base64
import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.receipts import Receipt, time_text
from acredita.anchoring.types import Digest
from acredita.contracts import bindings
from acredita.registry.codes import CODES, Code
from acredita.registry.credentials.parse import parse_credential
from acredita.registry.evidence.proven_ledger import ProvenLedger
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.observer import Observer, observe
from acredita.registry.ledger_facts.trust_succession import RecordedTrust
from acredita.registry.verification.receipt_choice import ReceiptChoice
from acredita.registry.verification.results import (
    CLEANED_IDENTIFIER,
    StepOutcome,
    StepResult,
    Verdict,
    VerificationReport,
    failed,
    main_code,
    not_asked,
    not_checked,
    passed,
)
from acredita.registry.verification.status import EARLY_SECONDS
from acredita.registry.verification.verdict import conclude
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.registry.verification import cases
from tests.registry.verification.asking import ask, ask_offline, bundle_of, changed
from tests.registry.world import (
    ACT,
    DAY,
    HOUR,
    ISSUED,
    LEARNER,
    STATUS_ONLY,
    AnchoredWorld,
    Credential,
    account,
    party,
)

HOLDER = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


def plain(report: VerificationReport) -> tuple[Verdict, str | None]:
    return report.verdict, report.code


def move(anchored: AnchoredWorld, *kinds: EntryKind) -> None:
    anchored.world.anchor(anchored.up, changes=[(kind, anchored.good.position) for kind in kinds], kind=STATUS_ONLY)


# --- recognised --------------------------------------------------------------------------------------------------


def test_a_good_credential_is_recognised_and_every_step_says_so(anchored: AnchoredWorld) -> None:
    report = ask(anchored.world, anchored.good, anchored.receipt)
    assert plain(report) == (Verdict.RECOGNISED, None)
    assert [step.outcome for step in report.steps] == [StepOutcome.PASSED] * 11 + [StepOutcome.NOT_ASKED]
    assert [step.number for step in report.now] == [5, 8, 9]
    assert report.anchored_at == anchored.receipt.checkpoint.time
    assert report.as_of == anchored.world.now


def test_each_credential_of_a_batch_is_recognised_with_its_own_receipt(anchored: AnchoredWorld) -> None:
    for credential, receipt in zip(anchored.credentials, anchored.receipts, strict=True):
        assert ask(anchored.world, credential, receipt).verdict is Verdict.RECOGNISED


def test_a_did_web_issuer_is_recognised_by_its_registered_key(anchored: AnchoredWorld) -> None:
    credential, receipt = web_issuer(anchored)
    assert plain(ask(anchored.world, credential, receipt)) == (Verdict.RECOGNISED, None)
    anchored.world.document_source.dids.clear()
    assert plain(ask(anchored.world, credential, receipt)) == (Verdict.RECOGNISED, None)


def web_issuer(anchored: AnchoredWorld) -> tuple[Credential, Receipt]:
    world, web = anchored.world, party("taller", cases.WEB_DID)
    world.document_source.dids[web.did] = cases.did_document(web)
    world.accredit(web, world.scope(web))
    return cases.anchored_by(world, web)


def test_a_did_web_outside_the_registry_is_judged_by_a_key_in_any_form_that_is_read(anchored: AnchoredWorld) -> None:
    """Read the key from its document in each form, whatever the document says of its end."""
    world, web = anchored.world, party("taller", cases.WEB_DID)
    world.document_source.dids[web.did] = cases.did_document(web)
    credential = world.sign(web)
    x = base64.urlsafe_b64encode(web.key.public.raw).rstrip(b"=").decode()
    method = {"id": web.method, "controller": web.did}
    multikey = {**method, "type": "Multikey", "publicKeyMultibase": web.key.public.multibase}
    jwk = {**method, "type": "JsonWebKey", "publicKeyJwk": {"kty": "OKP", "crv": "Ed25519", "x": x}}
    relative = {**multikey, "id": "#" + web.method.partition("#")[2]}
    for entry in (
        multikey,
        jwk,
        {**jwk, "type": "JsonWebKey2020"},
        relative,
        {**jwk, "expires": "2026-01-01T00:00:00Z"},
    ):
        world.document_source.dids[web.did] = {"id": web.did, "assertionMethod": [entry]}
        report = ask(world, credential)
        assert plain(report) == (Verdict.NOT_RECOGNISED, "ISSUER_UNKNOWN")
        assert report.step(3).outcome is StepOutcome.PASSED
    for entry, answer in (
        ({**jwk, "controller": "did:web:otra.example"}, (StepOutcome.FAILED, "PROOF_KEY_REFUSED")),
        ({**jwk, "type": "JwsVerificationKey2020"}, (StepOutcome.NOT_CHECKED, "KEY_UNREADABLE")),
        ({**jwk, "publicKeyJwk": {"kty": "RSA"}}, (StepOutcome.NOT_CHECKED, "KEY_UNREADABLE")),
    ):
        world.document_source.dids[web.did] = {"id": web.did, "assertionMethod": [entry]}
        report = ask(world, credential)
        assert (report.step(3).outcome, report.step(3).code) == answer


def test_a_revoked_key_of_a_did_web_is_judged_by_the_ledger(anchored: AnchoredWorld) -> None:
    """Judge by the ledger: the document no longer has the key for assertions, and earlier anchors stay good (DOMAIN
    I-8).
    """
    world, web = anchored.world, party("taller", cases.WEB_DID)
    credential, receipt = web_issuer(anchored)
    since = receipt.checkpoint.time + 1
    document: dict[str, Any] = cases.did_document(web)
    document["verificationMethod"][0]["revoked"] = "2026-01-01T00:00:00Z"
    world.document_source.dids[web.did] = document | {"assertionMethod": []}
    with world.branch():
        world.decide(world.issuers.key_compromised(web.id, cases.key_of(web), since, ACT))
        assert plain(ask(world, credential, receipt)) == (Verdict.VALID_WITH_WARNINGS, "KEY_COMPROMISED_NOW")
    world.decide(world.issuers.key_compromised(web.id, cases.key_of(web), since - 1, ACT))
    assert plain(ask(world, credential, receipt)) == (Verdict.INVALID, "KEY_COMPROMISED")
    del document["verificationMethod"][0]["revoked"]  # neither asserting nor revoked: the registry counts all the same
    world.document_source.dids[web.did] = document | {"assertionMethod": []}
    assert plain(ask(world, credential, receipt)) == (Verdict.INVALID, "KEY_COMPROMISED")


def test_two_accreditors_deep_is_recognised_and_each_of_them_counts(anchored: AnchoredWorld) -> None:
    world = anchored.world
    top, middle, low = party("red"), party("consorcio"), party("centro")
    world.accredit(top, world.scope(top))
    world.decide(world.issuers.set_delegation(top.id, True, ACT))
    world.accredit(middle, world.scope(middle), accreditor=top)
    world.decide(world.issuers.set_delegation(middle.id, True, ACT))
    world.accredit(low, world.scope(low), accreditor=middle)
    credential, receipt = cases.anchored_by(world, low)
    assert plain(ask(world, credential, receipt)) == (Verdict.RECOGNISED, None)
    with world.branch():
        narrower = world.scope(top, sectors=["turismo y servicios"])
        world.decide(world.issuers.amend_scope(top.id, narrower.digest, ACT))
        assert plain(ask(world, credential, receipt)) == (Verdict.VALID_WITH_WARNINGS, "SCOPE_SECTOR_MISMATCH")
    world.decide(world.issuers.suspend(top.id, ACT))
    assert plain(ask(world, credential, receipt)) == (Verdict.VALID_WITH_WARNINGS, "ACCREDITOR_NOT_ACTIVE_NOW")


def test_a_superseded_version_keeps_what_was_anchored_under_it(anchored: AnchoredWorld) -> None:
    world, old = anchored.world, anchored.credentials[4]
    newer = world.documents.programme("diseno-microcredenciales", "1.1.0")
    world.approve(anchored.up, newer, supersedes=old.programme)
    assert plain(ask(world, old, anchored.receipts[4])) == (Verdict.RECOGNISED, None)
    late = world.sign(anchored.up, old.programme)
    [receipt] = world.anchor(anchored.up, [late])
    assert plain(ask(world, late, receipt)) == (Verdict.NOT_RECOGNISED, "PROGRAMME_NOT_APPROVED_AT_ISSUANCE")


def test_a_rotated_key_leaves_its_anchored_signatures_good(anchored: AnchoredWorld) -> None:
    world = anchored.world
    world.act(anchored.up.control, world.issuers.end_key(anchored.up.id, cases.key_of(anchored.up)))
    assert plain(ask(world, anchored.good, anchored.receipt)) == (Verdict.RECOGNISED, None)


def test_a_suspended_issuer_can_still_revoke_and_a_custodian_for_one_that_is_gone(anchored: AnchoredWorld) -> None:
    world = anchored.world
    world.decide(world.issuers.suspend(anchored.up.id, ACT))
    world.anchor(anchored.up, changes=[(EntryKind.REVOKED, anchored.credentials[1].position)], kind=STATUS_ONLY)
    assert plain(ask(world, anchored.credentials[1], anchored.receipts[1])) == (Verdict.INVALID, "CREDENTIAL_REVOKED")
    world.decide(world.issuers.revoke(anchored.up.id, ACT))
    custodian = account("custodian")
    consent = world.consent(custodian, anchored.up.id, 2)
    world.decide(world.issuers.appoint_custodian(anchored.up.id, custodian.address, ACT, consent))
    position = anchored.credentials[2].position
    world.anchor(anchored.up, changes=[(EntryKind.REVOKED, position)], kind=STATUS_ONLY, account=custodian)
    assert plain(ask(world, anchored.credentials[2], anchored.receipts[2])) == (Verdict.INVALID, "CREDENTIAL_REVOKED")
    assert plain(ask(world, anchored.good, anchored.receipt)) == (Verdict.VALID_WITH_WARNINGS, "ISSUER_REVOKED_NOW")


@pytest.mark.parametrize("spelling", ["125.0", "1.25e2", "12500e-2"])
def test_another_spelling_of_the_same_number_is_the_same_credential(anchored: AnchoredWorld, spelling: str) -> None:
    text = anchored.good.data.decode()
    assert '"hours": 125,' in text
    other = text.replace('"hours": 125,', f'"hours": {spelling},').encode()
    assert plain(ask(anchored.world, other, anchored.receipt)) == (Verdict.RECOGNISED, None)


# --- status --------------------------------------------------------------------------------------------------------


def test_a_reinstated_credential_is_good_again_and_a_revoked_one_never(anchored: AnchoredWorld) -> None:
    move(anchored, EntryKind.SUSPENDED)
    assert ask(anchored.world, anchored.good, anchored.receipt).verdict is Verdict.INVALID
    move(anchored, EntryKind.REINSTATED)
    assert plain(ask(anchored.world, anchored.good, anchored.receipt)) == (Verdict.RECOGNISED, None)
    move(anchored, EntryKind.REVOKED)
    move(anchored, EntryKind.REINSTATED)
    assert plain(ask(anchored.world, anchored.good, anchored.receipt)) == (Verdict.INVALID, "CREDENTIAL_REVOKED")


def test_a_list_older_than_the_revocation_hides_nothing(anchored: AnchoredWorld) -> None:
    world = anchored.world
    world.document_source.lists[anchored.up.id, 0] = world.status_list(anchored.up, [], world.now)
    assert plain(ask(world, anchored.good, anchored.receipt)) == (Verdict.RECOGNISED, None)
    world.pass_time(HOUR)
    move(anchored, EntryKind.REVOKED)
    assert plain(ask(world, anchored.good, anchored.receipt)) == (Verdict.INVALID, "CREDENTIAL_REVOKED")


def test_a_position_in_a_list_no_entry_has_named_is_clear(anchored: AnchoredWorld) -> None:
    late = anchored.world.sign(anchored.up, position=5 * 2**17 + 3)
    [receipt] = anchored.world.anchor(anchored.up, [late])
    assert plain(ask(anchored.world, late, receipt)) == (Verdict.RECOGNISED, None)
    assert plain(ask_offline(anchored.world, bundle_of(anchored.world, late, receipt))) == (Verdict.RECOGNISED, None)


def test_staleness_does_not_hide_a_revocation(anchored: AnchoredWorld) -> None:
    move(anchored, EntryKind.REVOKED)
    bundle = bundle_of(anchored.world, anchored.good, anchored.receipt)
    later = anchored.world.now + 30 * DAY
    assert plain(ask_offline(anchored.world, bundle, clock=later)) == (Verdict.INVALID, "CREDENTIAL_REVOKED")


# --- epochs --------------------------------------------------------------------------------------------------------


def test_after_a_theft_the_honest_history_stays_and_the_thiefs_does_not(anchored: AnchoredWorld) -> None:
    world = anchored.world
    stolen = world.sign(anchored.up)
    [void] = world.anchor(anchored.up, [stolen], [(EntryKind.REVOKED, anchored.good.position)])
    world.open_epoch(anchored.up, last_good=1)
    assert plain(ask(world, anchored.good, anchored.receipt)) == (Verdict.RECOGNISED, None)
    assert plain(ask(world, stolen, void)) == (Verdict.INVALID, "CHECKPOINT_VOID")
    move(anchored, EntryKind.REVOKED)
    assert plain(ask(world, anchored.good, anchored.receipt)) == (Verdict.INVALID, "CREDENTIAL_REVOKED")
    fresh = world.sign(anchored.up)
    [receipt] = world.anchor(anchored.up, [fresh])
    assert receipt.epoch == 2
    assert plain(ask(world, fresh, receipt)) == (Verdict.RECOGNISED, None)


def test_bits_run_on_through_epochs(anchored: AnchoredWorld) -> None:
    move(anchored, EntryKind.REVOKED)
    anchored.world.open_epoch(anchored.up, last_good=2)
    assert plain(ask(anchored.world, anchored.good, anchored.receipt)) == (Verdict.INVALID, "CREDENTIAL_REVOKED")


# --- then, now and --at ----------------------------------------------------------------------------------------------


def test_a_moment_in_the_past_gets_the_answer_of_that_moment(anchored: AnchoredWorld) -> None:
    world = anchored.world
    before = world.now
    world.pass_time(DAY)
    world.decide(world.issuers.suspend(anchored.up.id, ACT))
    between = world.now
    world.pass_time(DAY)
    move(anchored, EntryKind.REVOKED)

    def asked_of(moment: int) -> tuple[Verdict, str | None]:
        return plain(ask(world, anchored.good, anchored.receipt, at=moment, observer=cases.seen_at(world, moment)))

    assert asked_of(before) == (Verdict.RECOGNISED, None)
    assert asked_of(between) == (Verdict.VALID_WITH_WARNINGS, "ISSUER_SUSPENDED_NOW")
    assert asked_of(world.now) == (Verdict.INVALID, "CREDENTIAL_REVOKED")


def test_back_dating_does_not_help(anchored: AnchoredWorld) -> None:
    world = anchored.world
    world.pass_time(400 * DAY)
    late = world.sign(anchored.up, valid_from=ISSUED)
    [receipt] = world.anchor(anchored.up, [late], kind=STATUS_ONLY)
    report = ask(world, late, receipt)
    assert plain(report) == (Verdict.NOT_RECOGNISED, "ISSUER_NOT_ACCREDITED_AT_ISSUANCE")
    assert report.step(3).ok
    assert report.step(7).ok


def test_fraud_voids_from_its_date_on_and_only_moves_earlier(anchored: AnchoredWorld) -> None:
    world, anchored_at = anchored.world, anchored.receipt.checkpoint.time
    world.pass_time(DAY)
    world.decide(world.issuers.set_void_from(anchored.up.id, anchored_at + 1, ACT))
    assert plain(ask(world, anchored.good, anchored.receipt)) == (Verdict.VALID_WITH_WARNINGS, "ISSUER_VOID_NOW")
    world.decide(world.issuers.set_void_from(anchored.up.id, anchored_at, ACT))
    assert plain(ask(world, anchored.good, anchored.receipt)) == (Verdict.INVALID, "ISSUER_REVOKED_RETROACTIVE")


def test_a_lapsed_urgent_suspension_leaves_no_warning(anchored: AnchoredWorld) -> None:
    cases.suspend_at_once(anchored)
    lapsed = anchored.world.now + 72 * HOUR
    assert plain(ask(anchored.world, anchored.good, anchored.receipt, clock=lapsed - 1))[1] == "ISSUER_UNDER_REVIEW"
    assert plain(ask(anchored.world, anchored.good, anchored.receipt, clock=lapsed)) == (Verdict.RECOGNISED, None)


def test_a_clock_behind_the_chain_is_not_believed(anchored: AnchoredWorld) -> None:
    now = anchored.world.now
    trust = anchored.world.trust(issued=now)
    report = ask(anchored.world, anchored.good, anchored.receipt, trust=trust, clock=ISSUED - 400 * DAY)
    assert report.checked_at == now
    assert report.verdict is Verdict.RECOGNISED


def test_an_older_record_of_the_council_refuses_nothing_and_a_newer_one_is_not_checked(anchored: AnchoredWorld) -> None:
    world, council = anchored.world, bindings.Council(anchored.world.contracts.council)
    trust = world.trust()
    world.decide(council.record_trust(trust.number, trust.digest))
    for used in (trust, replace(trust, number=2)):
        assert plain(ask(world, anchored.good, anchored.receipt, trust=used)) == (Verdict.RECOGNISED, None)
    world.decide(council.record_trust(3, bytes([7]) * 32))
    renewed = replace(trust, number=2)
    assert ask(world, anchored.good, anchored.receipt, trust=renewed).code == "TRUST_OUTDATED"
    forged = changed(anchored.good, name="otro")
    assert ask(world, forged, anchored.receipt, trust=renewed).verdict is Verdict.INVALID
    proven = observe(ProvenLedger(world.ledger, world.trust()), world.trust(), world.entries_of)
    assert isinstance(proven, Observer)
    assert proven.recorded_trust == RecordedTrust(3, Digest(bytes([7]) * 32))


def test_a_trust_file_may_be_dated_a_minute_ahead_and_no_more(anchored: AnchoredWorld) -> None:
    world, now = anchored.world, max(anchored.world.clock.now, anchored.world.now)
    for ahead, answer in (
        (60, (Verdict.RECOGNISED, None)),
        (61, (Verdict.INDETERMINATE, "TRUST_NOT_YET_ISSUED")),
    ):
        trust = world.trust(issued=now + ahead)
        assert plain(ask(world, anchored.good, anchored.receipt, trust=trust)) == answer
        past = ask(world, anchored.good, anchored.receipt, trust=trust, at=anchored.world.now)
        assert past.code != "TRUST_NOT_YET_ISSUED"


# --- no receipt, no ledger -------------------------------------------------------------------------------------------


def test_seventy_two_hours_are_the_last_moment_of_waiting(anchored: AnchoredWorld) -> None:
    waiting = anchored.world.sign(anchored.up)
    limit = ISSUED + 72 * HOUR
    assert plain(ask(anchored.world, waiting, clock=limit)) == (Verdict.PENDING_ANCHOR, "PENDING_ANCHOR")
    assert plain(ask(anchored.world, waiting, clock=limit + 1)) == (Verdict.NOT_RECOGNISED, "ANCHOR_OVERDUE")


@pytest.mark.parametrize("lacking", ["programmes", "scopes"])
def test_what_waits_for_its_anchor_and_for_a_document_is_indeterminate(anchored: AnchoredWorld, lacking: str) -> None:
    waiting = anchored.world.sign(anchored.up)
    getattr(anchored.world.document_source, lacking).clear()
    assert plain(ask(anchored.world, waiting)) == (Verdict.INDETERMINATE, "DOCUMENT_MISSING")


def test_without_receipt_an_issuer_that_does_not_hold_now_is_not_recognised(anchored: AnchoredWorld) -> None:
    waiting = anchored.world.sign(anchored.up)
    anchored.world.decide(anchored.world.issuers.suspend(anchored.up.id, ACT))
    assert plain(ask(anchored.world, waiting)) == (Verdict.NOT_RECOGNISED, "ISSUER_SUSPENDED_NOW")


def test_a_did_key_outside_the_registry_speaks_for_itself_and_is_not_recognised(anchored: AnchoredWorld) -> None:
    report = ask(anchored.world, anchored.world.sign(party("academy nobody accredited")))
    assert report.step(4).ok
    assert plain(report) == (Verdict.NOT_RECOGNISED, "ISSUER_UNKNOWN")


def test_without_a_chain_sound_is_indeterminate_and_broken_is_invalid(anchored: AnchoredWorld) -> None:
    missing = Missing("LEDGER_MISSING")
    sound = ask(anchored.world, anchored.good, anchored.receipt, observer=missing)
    assert plain(sound) == (Verdict.INDETERMINATE, "LEDGER_MISSING")
    assert sound.as_of is None
    broken = anchored.good.data.replace("Analítica".encode(), b"Analitica")
    assert plain(ask(anchored.world, broken, anchored.receipt, observer=missing)) == (Verdict.INVALID, "PROOF_INVALID")


# --- subject ---------------------------------------------------------------------------------------------------------


def test_the_subject_is_matched_by_salted_hash_or_by_did(anchored: AnchoredWorld) -> None:
    matched = ask(anchored.world, anchored.good, anchored.receipt, identifier=f"  {LEARNER} ")
    assert (matched.verdict, matched.step(12).outcome) == (Verdict.RECOGNISED, StepOutcome.PASSED)
    held = anchored.world.sign(anchored.up, did=HOLDER)
    [receipt] = anchored.world.anchor(anchored.up, [held])
    assert ask(anchored.world, held, receipt, identifier=HOLDER).verdict is Verdict.RECOGNISED
    assert plain(ask(anchored.world, held, receipt, identifier=LEARNER)) == (Verdict.OTHER_PERSON, "SUBJECT_MISMATCH")


def test_a_beginning_may_lie_a_minute_ahead_and_an_end_is_never_stretched(anchored: AnchoredWorld) -> None:
    world = anchored.world
    ahead = {name: world.sign(anchored.up, **{name: world.now + 30 * DAY}) for name in ("valid_from", "created")}
    receipts = {name: world.anchor(anchored.up, [credential]) for name, credential in ahead.items()}
    for name, credential in ahead.items():
        parsed = parse_credential(json.loads(credential.data))
        begins = parsed.valid_from if name == "valid_from" else parsed.created
        assert begins is not None
        moments = ({"clock": begins - 60}, {"clock": begins - 61}, {"at": begins - 1}, {"at": begins})
        codes = [ask(world, credential, *receipts[name], **moment).step(11).code for moment in moments]
        early = Code.CREDENTIAL_NOT_YET_VALID
        assert codes == [None, early, early, None], "a moment that was given has one clock"
    end = parse_credential(json.loads(anchored.good.data)).valid_until
    assert end is not None
    for now, code in ((end, None), (end + 1, Code.CREDENTIAL_EXPIRED)):
        report = ask(world, anchored.good, anchored.receipt, trust=world.trust(issued=end), clock=now)
        assert report.step(11).code == code


@pytest.mark.parametrize("invisible", ["\u200b", "\u202e", "\ufeff", "\u00ad", "\U000e0041"])
def test_invisible_characters_of_a_typed_identifier_are_left_out_and_named(
    anchored: AnchoredWorld, invisible: str
) -> None:
    for typed, verdict in ((LEARNER, Verdict.RECOGNISED), ("OTRA-PERSONA-4711", Verdict.OTHER_PERSON)):
        report = ask(anchored.world, anchored.good, anchored.receipt, identifier=f"{typed[:3]}{invisible}{typed[3:]}")
        assert (report.verdict, report.step(12).found) == (verdict, CLEANED_IDENTIFIER)
        assert ask(anchored.world, anchored.good, anchored.receipt, identifier=typed).step(12).found is None


def test_another_person_takes_the_place_of_every_answer_that_is_not_negative(anchored: AnchoredWorld) -> None:
    """Keep what is wrong with the credential itself: the person makes no answer milder."""
    world, wrong = anchored.world, "OTRA-PERSONA-4711"
    waiting = world.sign(anchored.up)

    def asked(credential: Credential, receipt: Receipt | None, **more: Any) -> tuple[Verdict, str | None, object]:
        report = ask(world, credential, receipt, identifier=wrong, **more)
        return report.verdict, report.code, report.otherwise

    def other_person(otherwise: Verdict) -> tuple[Verdict, str, Verdict]:
        return Verdict.OTHER_PERSON, "SUBJECT_MISMATCH", otherwise

    assert asked(anchored.good, anchored.receipt) == other_person(Verdict.RECOGNISED)
    assert asked(waiting, None) == other_person(Verdict.PENDING_ANCHOR)
    no_ledger = Missing("LEDGER_MISSING")
    assert asked(anchored.good, anchored.receipt, observer=no_ledger) == other_person(Verdict.INDETERMINATE)
    with world.branch():
        move(anchored, EntryKind.REVOKED)
        assert asked(anchored.good, anchored.receipt) == (Verdict.INVALID, "CREDENTIAL_REVOKED", None)
    world.decide(world.issuers.suspend(anchored.up.id, ACT))
    assert asked(anchored.good, anchored.receipt) == other_person(Verdict.VALID_WITH_WARNINGS)
    assert asked(waiting, None) == (Verdict.NOT_RECOGNISED, "ISSUER_SUSPENDED_NOW", None)


def test_no_report_repeats_the_identifier(anchored: AnchoredWorld) -> None:
    for identifier in (LEARNER, "OTRA-PERSONA-4711"):
        assert identifier not in repr(ask(anchored.world, anchored.good, anchored.receipt, identifier=identifier))


# --- the main code ---------------------------------------------------------------------------------------------------

PRECEDENCE = (
    (3, "PROOF_INVALID"),
    (6, "WRONG_CHAIN"),
    (7, "MERKLE_PROOF_INVALID"),
    (5, "KEY_COMPROMISED"),
    (8, "ISSUER_REVOKED_RETROACTIVE"),
    (10, "SUPERSEDED"),
    (10, "CREDENTIAL_REVOKED"),
    (10, "CREDENTIAL_SUSPENDED"),
    (11, "CREDENTIAL_EXPIRED"),
    (4, "KEY_NOT_REGISTERED"),
    (12, "SUBJECT_MISMATCH"),
)


@pytest.mark.parametrize("first", range(len(PRECEDENCE)))
def test_of_several_codes_the_earlier_in_the_order_is_the_main_one(first: int) -> None:
    causes = [failed(number, code) for number, code in reversed(PRECEDENCE[first:])]
    assert main_code(causes) == PRECEDENCE[first][1]


def test_a_step_that_only_waits_is_never_the_main_one() -> None:
    assert main_code([not_checked(4, "STEP_DEPENDS", needs=3), not_checked(10, "LOG_MISSING")]) == "LOG_MISSING"
    assert main_code([]) is None


def all_at_once(anchored: AnchoredWorld, *happened: Callable[[], None]) -> str | None:
    for happen in happened:
        happen()
    end = ISSUED + 2 * 366 * DAY
    trust = anchored.world.trust(issued=end)
    return ask(anchored.world, anchored.good, anchored.receipt, trust=trust, clock=end).code


def test_when_everything_happened_to_one_credential(anchored: AnchoredWorld) -> None:
    world = anchored.world

    def void() -> None:
        world.decide(world.issuers.set_void_from(anchored.up.id, ISSUED, ACT))

    assert all_at_once(anchored) == "CREDENTIAL_EXPIRED"
    assert all_at_once(anchored, lambda: move(anchored, EntryKind.SUSPENDED)) == "CREDENTIAL_SUSPENDED"
    assert all_at_once(anchored, lambda: move(anchored, EntryKind.REVOKED)) == "CREDENTIAL_REVOKED"
    assert all_at_once(anchored, lambda: move(anchored, EntryKind.REPLACED)) == "SUPERSEDED"
    assert all_at_once(anchored, void) == "ISSUER_REVOKED_RETROACTIVE"
    assert all_at_once(anchored, lambda: cases.compromise(anchored, ISSUED)) == "KEY_COMPROMISED"
    wrong = replace(anchored.receipt, chain_id=1)
    assert ask(world, anchored.good, anchored.receipts[1]).code == "KEY_COMPROMISED"
    assert ask(world, anchored.good, wrong).code == "KEY_COMPROMISED"
    assert ask(world, changed(anchored.good, awardedDate="2026-02-21T00:00:00Z"), wrong).code == "PROOF_INVALID"


# --- the table as such -----------------------------------------------------------------------------------------------

CODE_OF = {StepOutcome.FAILED: "ISSUER_UNKNOWN", StepOutcome.NOT_CHECKED: "LOG_MISSING"}
OUTCOMES = st.sampled_from([StepOutcome.PASSED] * 6 + [StepOutcome.FAILED, StepOutcome.NOT_CHECKED])


def step(number: int, outcome: StepOutcome) -> StepResult:
    if outcome is StepOutcome.PASSED:
        return passed(number)
    make = failed if outcome is StepOutcome.FAILED else not_checked
    return make(number, CODE_OF[outcome])


@settings(max_examples=200, derandomize=True, deadline=None)
@given(then=st.lists(OUTCOMES, min_size=11, max_size=11), now=st.lists(OUTCOMES, min_size=3, max_size=3))
def test_nothing_is_called_good_that_was_not_checked(
    shared_anchored: AnchoredWorld, then: list[StepOutcome], now: list[StepOutcome]
) -> None:
    steps = [*(step(number, outcome) for number, outcome in enumerate(then, 1)), not_asked(12)]
    again = [step(number, outcome) for number, outcome in zip((5, 8, 9), now, strict=True)]
    found = conclude(
        steps, again, at=0, created=0, facts=Missing("LEDGER_MISSING"), choice=ReceiptChoice(shared_anchored.receipt)
    )
    if found.verdict in (Verdict.RECOGNISED, Verdict.VALID_WITH_WARNINGS):
        assert set(then) == {StepOutcome.PASSED}
        assert StepOutcome.NOT_CHECKED not in now
    if found.verdict is Verdict.RECOGNISED:
        assert set(now) == {StepOutcome.PASSED}
        assert found.code is None
    if StepOutcome.FAILED in then:
        assert found.verdict in (Verdict.INVALID, Verdict.NOT_RECOGNISED)
    elif StepOutcome.NOT_CHECKED in [*then, *now]:
        assert found.verdict is Verdict.INDETERMINATE


# --- the published list -------------------------------------------------------------------------------------------


def put_list(anchored: AnchoredWorld, *, revoked: bool, issued: int) -> None:
    indexes = [anchored.good.position] if revoked else []
    anchored.world.document_source.lists[anchored.up.id, 0] = anchored.world.status_list(anchored.up, indexes, issued)


def test_without_a_list_the_answer_is_per_chain_of_its_time(anchored: AnchoredWorld) -> None:
    without = ask(anchored.world, anchored.good, anchored.receipt).step(10)
    assert (without.found or "").endswith(f", per chain of {time_text(anchored.world.now)}")
    put_list(anchored, revoked=False, issued=anchored.world.now)
    with_list = ask(anchored.world, anchored.good, anchored.receipt).step(10)
    assert with_list.ok and "per chain" not in (with_list.found or "")


@pytest.mark.parametrize(("early", "counts"), [(EARLY_SECONDS, True), (EARLY_SECONDS + 1, False)])
def test_a_list_counts_if_its_issuers_clock_is_a_minute_ahead(
    anchored: AnchoredWorld, early: int, counts: bool
) -> None:
    now = max(anchored.world.clock.now, anchored.world.now)
    put_list(anchored, revoked=True, issued=now + early)
    wanted = (Verdict.INVALID, Code.CREDENTIAL_REVOKED) if counts else (Verdict.RECOGNISED, None)
    assert plain(ask(anchored.world, anchored.good, anchored.receipt)) == wanted
    # a moment that was named is no clock
    assert ask(anchored.world, anchored.good, anchored.receipt, at=now).verdict is Verdict.RECOGNISED


# --- whatever it is given ----------------------------------------------------------------------------------------------

JUNK = st.sampled_from([None, True, -1, 1.5, "", "x", [], {}, ["x"], {"x": "y"}, "did:key:z", "did:web:A", 2**70])


def paths_in(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, child in below for found in paths_in(child, (*path, key)))]


@settings(max_examples=60, derandomize=True, deadline=None)
@given(data=st.data())
def test_whatever_is_altered_the_answer_is_a_report(shared_anchored: AnchoredWorld, data: st.DataObject) -> None:
    document = copy.deepcopy(dict(shared_anchored.good.document))
    path = data.draw(st.sampled_from(paths_in(document)[1:]))
    target: object = document
    for key in path[:-1]:
        target = target[key]  # type: ignore[index]
    target[path[-1]] = data.draw(JUNK)  # type: ignore[index]
    report = ask(shared_anchored.world, replace(shared_anchored.good, document=document), shared_anchored.receipt)
    assert report.verdict is Verdict.INVALID
    assert report.code in CODES
