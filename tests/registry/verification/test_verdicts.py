"""The six lines of the verdict, then and now, and which of several codes is the main one."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.receipts import Receipt
from acredita.registry.codes import CODES
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.verification.results import (
    Outcome,
    Report,
    StepResult,
    Verdict,
    failed,
    main_code,
    not_asked,
    not_checked,
    passed,
)
from acredita.registry.verification.verdict import report as verdict_of
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
    Credential,
    Standing,
    account,
    party,
)

HOLDER = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


def plain(report: Report) -> tuple[Verdict, str | None]:
    return report.verdict, report.code


def move(place: Standing, *kinds: EntryKind) -> None:
    place.world.anchor(place.up, changes=[(kind, place.good.position) for kind in kinds], kind=STATUS_ONLY)


# --- recognised --------------------------------------------------------------------------------------------------


def test_a_good_credential_is_recognised_and_every_step_says_so(place: Standing) -> None:
    report = ask(place.world, place.good, place.receipt)
    assert plain(report) == (Verdict.RECOGNISED, None)
    assert [step.outcome for step in report.steps] == [Outcome.PASSED] * 11 + [Outcome.NOT_ASKED]
    assert [step.number for step in report.now] == [5, 8, 9]
    assert report.anchored_at == place.receipt.checkpoint.time
    assert report.as_of == place.world.now


def test_each_credential_of_a_batch_is_recognised_with_its_own_receipt(place: Standing) -> None:
    for credential, receipt in zip(place.credentials, place.receipts, strict=True):
        assert ask(place.world, credential, receipt).verdict is Verdict.RECOGNISED


def test_a_did_web_issuer_is_recognised_by_its_registered_key(place: Standing) -> None:
    credential, receipt = web_issuer(place)
    assert plain(ask(place.world, credential, receipt)) == (Verdict.RECOGNISED, None)
    place.world.shelf.dids.clear()
    assert plain(ask(place.world, credential, receipt)) == (Verdict.INDETERMINATE, "DID_UNRESOLVED")


def web_issuer(place: Standing) -> tuple[Credential, Receipt]:
    world, web = place.world, party("taller", cases.WEB_DID)
    world.shelf.dids[web.did] = cases.did_document(web)
    world.accredit(web, world.scope(web))
    return cases.anchored_by(world, web)


def test_a_revoked_key_of_a_did_web_is_judged_by_the_ledger(place: Standing) -> None:
    """Its document has it no more among the keys that assert; what was anchored before stays good (DOMAIN I-8)."""
    world, web = place.world, party("taller", cases.WEB_DID)
    credential, receipt = web_issuer(place)
    since = receipt.checkpoint.time + 1
    document: dict[str, Any] = cases.did_document(web)
    document["verificationMethod"][0]["revoked"] = "2026-01-01T00:00:00Z"
    world.shelf.dids[web.did] = document | {"assertionMethod": []}
    with world.branch():
        world.decide(world.issuers.key_compromised(web.id, cases.key_of(web), since, ACT))
        assert plain(ask(world, credential, receipt)) == (Verdict.VALID_WITH_WARNINGS, "KEY_COMPROMISED_NOW")
    world.decide(world.issuers.key_compromised(web.id, cases.key_of(web), since - 1, ACT))
    assert plain(ask(world, credential, receipt)) == (Verdict.INVALID, "KEY_COMPROMISED")
    del document["verificationMethod"][0]["revoked"]  # neither asserting nor revoked: not a key for credentials at all
    world.shelf.dids[web.did] = document | {"assertionMethod": []}
    assert plain(ask(world, credential, receipt)) == (Verdict.INVALID, "PROOF_KEY_REFUSED")


def test_two_accreditors_deep_is_recognised_and_each_of_them_counts(place: Standing) -> None:
    world = place.world
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


def test_a_superseded_version_keeps_what_was_anchored_under_it(place: Standing) -> None:
    world, old = place.world, place.credentials[4]
    newer = world.documents.programme("diseno-microcredenciales", "1.1.0")
    world.approve(place.up, newer, supersedes=old.programme)
    assert plain(ask(world, old, place.receipts[4])) == (Verdict.RECOGNISED, None)
    late = world.sign(place.up, old.programme)
    [receipt] = world.anchor(place.up, [late])
    assert plain(ask(world, late, receipt)) == (Verdict.NOT_RECOGNISED, "PROGRAMME_NOT_APPROVED_AT_ISSUANCE")


def test_a_rotated_key_leaves_its_anchored_signatures_good(place: Standing) -> None:
    world = place.world
    world.act(place.up.control, world.issuers.end_key(place.up.id, cases.key_of(place.up)))
    assert plain(ask(world, place.good, place.receipt)) == (Verdict.RECOGNISED, None)


def test_a_suspended_issuer_can_still_revoke_and_a_custodian_for_one_that_is_gone(place: Standing) -> None:
    world = place.world
    world.decide(world.issuers.suspend(place.up.id, ACT))
    world.anchor(place.up, changes=[(EntryKind.REVOKED, place.credentials[1].position)], kind=STATUS_ONLY)
    assert plain(ask(world, place.credentials[1], place.receipts[1])) == (Verdict.INVALID, "CREDENTIAL_REVOKED")
    world.decide(world.issuers.revoke(place.up.id, ACT))
    custodian = account("custodian")
    world.decide(world.issuers.appoint_custodian(place.up.id, custodian.address, ACT))
    position = place.credentials[2].position
    world.anchor(place.up, changes=[(EntryKind.REVOKED, position)], kind=STATUS_ONLY, account=custodian)
    assert plain(ask(world, place.credentials[2], place.receipts[2])) == (Verdict.INVALID, "CREDENTIAL_REVOKED")
    assert plain(ask(world, place.good, place.receipt)) == (Verdict.VALID_WITH_WARNINGS, "ISSUER_REVOKED_NOW")


@pytest.mark.parametrize("spelling", ["125.0", "1.25e2", "12500e-2"])
def test_another_spelling_of_the_same_number_is_the_same_credential(place: Standing, spelling: str) -> None:
    text = place.good.data.decode()
    assert '"hours": 125,' in text
    other = text.replace('"hours": 125,', f'"hours": {spelling},').encode()
    assert plain(ask(place.world, other, place.receipt)) == (Verdict.RECOGNISED, None)


# --- status --------------------------------------------------------------------------------------------------------


def test_a_reinstated_credential_is_good_again_and_a_revoked_one_never(place: Standing) -> None:
    move(place, EntryKind.SUSPENDED)
    assert ask(place.world, place.good, place.receipt).verdict is Verdict.INVALID
    move(place, EntryKind.REINSTATED)
    assert plain(ask(place.world, place.good, place.receipt)) == (Verdict.RECOGNISED, None)
    move(place, EntryKind.REVOKED)
    move(place, EntryKind.REINSTATED)
    assert plain(ask(place.world, place.good, place.receipt)) == (Verdict.INVALID, "CREDENTIAL_REVOKED")


def test_a_list_older_than_the_revocation_hides_nothing(place: Standing) -> None:
    world = place.world
    world.shelf.lists[place.up.id, 0] = world.status_list(place.up, [], world.now)
    assert plain(ask(world, place.good, place.receipt)) == (Verdict.RECOGNISED, None)
    world.pass_time(HOUR)
    move(place, EntryKind.REVOKED)
    assert plain(ask(world, place.good, place.receipt)) == (Verdict.INVALID, "CREDENTIAL_REVOKED")


def test_a_position_in_a_list_no_entry_has_named_is_clear(place: Standing) -> None:
    late = place.world.sign(place.up, position=5 * 2**17 + 3)
    [receipt] = place.world.anchor(place.up, [late])
    assert plain(ask(place.world, late, receipt)) == (Verdict.RECOGNISED, None)
    assert plain(ask_offline(place.world, bundle_of(place.world, late, receipt))) == (Verdict.RECOGNISED, None)


def test_staleness_does_not_hide_a_revocation(place: Standing) -> None:
    move(place, EntryKind.REVOKED)
    bundle = bundle_of(place.world, place.good, place.receipt)
    later = place.world.now + 30 * DAY
    assert plain(ask_offline(place.world, bundle, clock=later)) == (Verdict.INVALID, "CREDENTIAL_REVOKED")


# --- epochs --------------------------------------------------------------------------------------------------------


def test_after_a_theft_the_honest_history_stays_and_the_thiefs_does_not(place: Standing) -> None:
    world = place.world
    stolen = world.sign(place.up)
    [void] = world.anchor(place.up, [stolen], [(EntryKind.REVOKED, place.good.position)])
    world.open_epoch(place.up, last_good=1)
    assert plain(ask(world, place.good, place.receipt)) == (Verdict.RECOGNISED, None)
    assert plain(ask(world, stolen, void)) == (Verdict.INVALID, "CHECKPOINT_VOID")
    move(place, EntryKind.REVOKED)
    assert plain(ask(world, place.good, place.receipt)) == (Verdict.INVALID, "CREDENTIAL_REVOKED")
    fresh = world.sign(place.up)
    [receipt] = world.anchor(place.up, [fresh])
    assert receipt.epoch == 2
    assert plain(ask(world, fresh, receipt)) == (Verdict.RECOGNISED, None)


def test_bits_run_on_through_epochs(place: Standing) -> None:
    move(place, EntryKind.REVOKED)
    place.world.open_epoch(place.up, last_good=2)
    assert plain(ask(place.world, place.good, place.receipt)) == (Verdict.INVALID, "CREDENTIAL_REVOKED")


# --- then, now and --at ----------------------------------------------------------------------------------------------


def test_a_moment_in_the_past_gets_the_answer_of_that_moment(place: Standing) -> None:
    world = place.world
    before = world.now
    world.pass_time(DAY)
    world.decide(world.issuers.suspend(place.up.id, ACT))
    between = world.now
    world.pass_time(DAY)
    move(place, EntryKind.REVOKED)

    def asked_of(moment: int) -> tuple[Verdict, str | None]:
        return plain(ask(world, place.good, place.receipt, at=moment, observer=cases.seen_at(world, moment)))

    assert asked_of(before) == (Verdict.RECOGNISED, None)
    assert asked_of(between) == (Verdict.VALID_WITH_WARNINGS, "ISSUER_SUSPENDED_NOW")
    assert asked_of(world.now) == (Verdict.INVALID, "CREDENTIAL_REVOKED")


def test_back_dating_does_not_help(place: Standing) -> None:
    world = place.world
    world.pass_time(400 * DAY)
    late = world.sign(place.up, valid_from=ISSUED)
    [receipt] = world.anchor(place.up, [late], kind=STATUS_ONLY)
    report = ask(world, late, receipt)
    assert plain(report) == (Verdict.NOT_RECOGNISED, "ISSUER_NOT_ACCREDITED_AT_ISSUANCE")
    assert report.step(3).ok
    assert report.step(7).ok


def test_fraud_voids_from_its_date_on_and_only_moves_earlier(place: Standing) -> None:
    world, anchored = place.world, place.receipt.checkpoint.time
    world.pass_time(DAY)
    world.decide(world.issuers.set_void_from(place.up.id, anchored + 1, ACT))
    assert plain(ask(world, place.good, place.receipt)) == (Verdict.VALID_WITH_WARNINGS, "ISSUER_VOID_NOW")
    world.decide(world.issuers.set_void_from(place.up.id, anchored, ACT))
    assert plain(ask(world, place.good, place.receipt)) == (Verdict.INVALID, "ISSUER_REVOKED_RETROACTIVE")


def test_a_lapsed_urgent_suspension_leaves_no_warning(place: Standing) -> None:
    cases.suspend_at_once(place)
    lapsed = place.world.now + 72 * HOUR
    assert plain(ask(place.world, place.good, place.receipt, clock=lapsed - 1))[1] == "ISSUER_UNDER_REVIEW"
    assert plain(ask(place.world, place.good, place.receipt, clock=lapsed)) == (Verdict.RECOGNISED, None)


def test_a_clock_behind_the_chain_is_not_believed(place: Standing) -> None:
    report = ask(place.world, place.good, place.receipt, clock=ISSUED - 400 * DAY)
    assert report.checked_at == place.world.now
    assert report.verdict is Verdict.RECOGNISED


# --- no receipt, no ledger -------------------------------------------------------------------------------------------


def test_seventy_two_hours_are_the_last_moment_of_waiting(place: Standing) -> None:
    waiting = place.world.sign(place.up)
    limit = ISSUED + 72 * HOUR
    assert plain(ask(place.world, waiting, clock=limit)) == (Verdict.PENDING_ANCHOR, "PENDING_ANCHOR")
    assert plain(ask(place.world, waiting, clock=limit + 1)) == (Verdict.NOT_RECOGNISED, "ANCHOR_OVERDUE")


@pytest.mark.parametrize("lacking", ["programmes", "scopes"])
def test_what_waits_for_its_anchor_and_for_a_document_is_indeterminate(place: Standing, lacking: str) -> None:
    waiting = place.world.sign(place.up)
    getattr(place.world.shelf, lacking).clear()
    assert plain(ask(place.world, waiting)) == (Verdict.INDETERMINATE, "DOCUMENT_MISSING")


def test_without_receipt_an_issuer_that_does_not_hold_now_is_not_recognised(place: Standing) -> None:
    waiting = place.world.sign(place.up)
    place.world.decide(place.world.issuers.suspend(place.up.id, ACT))
    assert plain(ask(place.world, waiting)) == (Verdict.NOT_RECOGNISED, "ISSUER_SUSPENDED_NOW")
    assert plain(ask(place.world, place.good)) == (Verdict.NOT_RECOGNISED, "ISSUER_SUSPENDED_NOW")


def test_an_anchored_credential_without_its_receipt_is_not_pending(place: Standing) -> None:
    assert plain(ask(place.world, place.good)) == (Verdict.INDETERMINATE, "RECEIPT_MISSING")


def test_a_did_key_outside_the_registry_speaks_for_itself_and_is_not_recognised(place: Standing) -> None:
    report = ask(place.world, place.world.sign(party("academy nobody accredited")))
    assert report.step(4).ok
    assert plain(report) == (Verdict.NOT_RECOGNISED, "ISSUER_UNKNOWN")


def test_without_a_chain_sound_is_indeterminate_and_broken_is_invalid(place: Standing) -> None:
    missing = Missing("LEDGER_MISSING")
    sound = ask(place.world, place.good, place.receipt, observer=missing)
    assert plain(sound) == (Verdict.INDETERMINATE, "LEDGER_MISSING")
    assert sound.as_of is None
    broken = place.good.data.replace("Analítica".encode(), b"Analitica")
    assert plain(ask(place.world, broken, place.receipt, observer=missing)) == (Verdict.INVALID, "PROOF_INVALID")


# --- subject ---------------------------------------------------------------------------------------------------------


def test_the_subject_is_matched_by_salted_hash_or_by_did(place: Standing) -> None:
    matched = ask(place.world, place.good, place.receipt, identifier=f"  {LEARNER} ")
    assert (matched.verdict, matched.step(12).outcome) == (Verdict.RECOGNISED, Outcome.PASSED)
    held = place.world.sign(place.up, did=HOLDER)
    [receipt] = place.world.anchor(place.up, [held])
    assert ask(place.world, held, receipt, identifier=HOLDER).verdict is Verdict.RECOGNISED
    assert plain(ask(place.world, held, receipt, identifier=LEARNER)) == (Verdict.INVALID, "SUBJECT_MISMATCH")


def test_no_report_repeats_the_identifier(place: Standing) -> None:
    for identifier in (LEARNER, "OTRA-PERSONA-4711"):
        assert identifier not in repr(ask(place.world, place.good, place.receipt, identifier=identifier))


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


def all_at_once(place: Standing, *happened: Callable[[], None]) -> str | None:
    for happen in happened:
        happen()
    end = ISSUED + 2 * 366 * DAY
    trust = place.world.trust(issued=end)
    return ask(place.world, place.good, place.receipt, trust=trust, clock=end).code


def test_when_everything_happened_to_one_credential(place: Standing) -> None:
    world = place.world

    def void() -> None:
        world.decide(world.issuers.set_void_from(place.up.id, ISSUED, ACT))

    assert all_at_once(place) == "CREDENTIAL_EXPIRED"
    assert all_at_once(place, lambda: move(place, EntryKind.SUSPENDED)) == "CREDENTIAL_SUSPENDED"
    assert all_at_once(place, lambda: move(place, EntryKind.REVOKED)) == "CREDENTIAL_REVOKED"
    assert all_at_once(place, lambda: move(place, EntryKind.REPLACED)) == "SUPERSEDED"
    assert all_at_once(place, void) == "ISSUER_REVOKED_RETROACTIVE"
    assert all_at_once(place, lambda: cases.compromise(place, ISSUED)) == "KEY_COMPROMISED"
    wrong = replace(place.receipt, chain_id=1)
    assert ask(world, place.good, place.receipts[1]).code == "LEAF_MISMATCH"
    assert ask(world, place.good, wrong).code == "WRONG_CHAIN"
    assert ask(world, changed(place.good, awardedDate="2026-02-21T00:00:00Z"), wrong).code == "PROOF_INVALID"


# --- the table as such -----------------------------------------------------------------------------------------------

CODE_OF = {Outcome.FAILED: "ISSUER_UNKNOWN", Outcome.NOT_CHECKED: "LOG_MISSING"}
OUTCOMES = st.sampled_from([Outcome.PASSED] * 6 + [Outcome.FAILED, Outcome.NOT_CHECKED])


def step(number: int, outcome: Outcome) -> StepResult:
    if outcome is Outcome.PASSED:
        return passed(number)
    make = failed if outcome is Outcome.FAILED else not_checked
    return make(number, CODE_OF[outcome])


@settings(max_examples=200, derandomize=True, deadline=None)
@given(then=st.lists(OUTCOMES, min_size=11, max_size=11), now=st.lists(OUTCOMES, min_size=3, max_size=3))
def test_nothing_is_called_good_that_was_not_checked(
    founded: Standing, then: list[Outcome], now: list[Outcome]
) -> None:
    steps = [*(step(number, outcome) for number, outcome in enumerate(then, 1)), not_asked(12)]
    again = [step(number, outcome) for number, outcome in zip((5, 8, 9), now, strict=True)]
    found = verdict_of(steps, again, at=0, created=0, facts=Missing("LEDGER_MISSING"), receipt=founded.receipt)
    if found.verdict in (Verdict.RECOGNISED, Verdict.VALID_WITH_WARNINGS):
        assert set(then) == {Outcome.PASSED}
        assert Outcome.NOT_CHECKED not in now
    if found.verdict is Verdict.RECOGNISED:
        assert set(now) == {Outcome.PASSED}
        assert found.code is None
    if Outcome.FAILED in then:
        assert found.verdict in (Verdict.INVALID, Verdict.NOT_RECOGNISED)
    elif Outcome.NOT_CHECKED in [*then, *now]:
        assert found.verdict is Verdict.INDETERMINATE


# --- whatever it is given ----------------------------------------------------------------------------------------------

JUNK = st.sampled_from([None, True, -1, 1.5, "", "x", [], {}, ["x"], {"x": "y"}, "did:key:z", "did:web:A", 2**70])


def paths_in(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, child in below for found in paths_in(child, (*path, key)))]


@settings(max_examples=60, derandomize=True, deadline=None)
@given(data=st.data())
def test_whatever_is_altered_the_answer_is_a_report(founded: Standing, data: st.DataObject) -> None:
    document = copy.deepcopy(dict(founded.good.document))
    path = data.draw(st.sampled_from(paths_in(document)[1:]))
    target: object = document
    for key in path[:-1]:
        target = target[key]  # type: ignore[index]
    target[path[-1]] = data.draw(JUNK)  # type: ignore[index]
    report = ask(founded.world, replace(founded.good, document=document), founded.receipt)
    assert report.verdict is Verdict.INVALID
    assert report.code in CODES
