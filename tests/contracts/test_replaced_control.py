"""A stranger's key and account do not outlive `replace_control`, and a thief's hold from no time on.

Bounded lists make this one call: sixteen keys and eight anchoring accounts at most, an applicant's fewer.
"""

import pytest
from acredita.contracts.bindings import (
    MAX_ACCOUNTS,
    MAX_KEYS,
    AccountCompromised,
    AccountEnded,
    AccountPurpose,
    KeyCompromised,
    KeyEnded,
    KeyPurpose,
)

from tests.contracts.harness import (
    ACT,
    DAY,
    UT,
    World,
    active,
    add_account,
    apply,
    appoint_custodian,
    deploy,
    digest,
    prepare,
    replace_control,
)
from tests.contracts.log_evm import account

THIEF, OWNER = account("thief"), account("ut, new control")
MAX_GAS = 1_000_000  # of a whole replacement, so that it fits a block


def fill(world: World, keys: int, accounts: int) -> tuple[list[bytes], list[bytes]]:
    """Add keys and anchoring accounts as the control account; return their ids and addresses."""
    ids = [digest(f"key {number}") for number in range(keys)]
    hot = [account(f"hot {number}") for number in range(accounts)]
    for key in ids:
        world.send(UT.control, world.issuers.add_key(UT.subject, key, KeyPurpose.ASSERTION, ACT))
    for added in hot:
        add_account(world, UT, added)
    return ids, hot


def holding(world: World, keys: list[bytes], accounts: list[bytes], t: int) -> int:
    """Count the keys and accounts that hold at a time."""
    kept = sum(world.ask(world.issuers.key_at(UT.subject, key, t)) != KeyPurpose.NONE for key in keys)
    return kept + sum(world.ask(world.issuers.account_at(a, t))[1] != AccountPurpose.NONE for a in accounts)


@pytest.mark.parametrize("keep", [True, False])
def test_nothing_of_a_stranger_who_applied_in_our_name_outlives_the_replacement(keep: bool) -> None:
    """Let `keep` say what it will: a party that was never active keeps nothing."""
    world = deploy()
    apply(world)  # the stranger is the first to apply, so its account is UT.control here
    keys, hot = fill(world, 8, 4)
    world.pass_time(DAY)
    assert holding(world, keys, hot, world.now) == 12
    replace_control(world, UT, OWNER, keep)

    assert holding(world, keys, hot, world.now) == 0
    assert world.ask(world.issuers.usable_keys(UT.subject)) == ()
    assert world.ask(world.issuers.usable_accounts(UT.subject)) == ()
    assert not any(world.ask(world.issuers.anchor_rights(each)).may_status for each in (*hot, UT.control))
    events = [type(event) for event in world.events if getattr(event, "subject", None) == UT.subject]
    assert (events.count(KeyEnded), events.count(AccountEnded)) == (8, 5)  # the control account too
    # the counts of an applicant begin anew for the true institution; what was used stays used
    again = world.issuers.add_key(UT.subject, keys[0], KeyPurpose.ASSERTION, ACT)
    assert world.attempt(OWNER, again).reason == "key: known"
    world.send(OWNER, world.issuers.add_key(UT.subject, digest("our key"), KeyPurpose.ASSERTION, ACT))
    assert world.ask(world.issuers.usable_keys(UT.subject)) == (digest("our key"),)


def test_what_a_thief_added_is_compromised_from_its_start_and_the_rest_ends() -> None:
    world = deploy()
    active(world)
    custodian = account("custodian")
    appoint_custodian(world, UT, custodian)
    world.pass_time(10 * DAY)
    stolen = world.now
    keys, hot = fill(world, MAX_KEYS - 1, MAX_ACCOUNTS - 1)
    world.pass_time(DAY)
    world.send(OWNER, world.issuers.consent(UT.subject, AccountPurpose.CONTROL))
    call = world.issuers.replace_control(UT.subject, OWNER, False, stolen, ACT)
    assert world.as_council(call).gas < MAX_GAS

    for t in (stolen, world.now - 1, world.now):
        assert holding(world, keys, hot, t) == 0
    assert holding(world, [UT.key], [UT.anchoring], world.now - 1) == 2
    assert holding(world, [UT.key], [UT.anchoring], world.now) == 0
    assert world.ask(world.issuers.anchor_rights(custodian)).may_status
    kinds = [type(event) for event in world.events if getattr(event, "subject", None) == UT.subject]
    assert kinds.count(KeyCompromised) == MAX_KEYS - 1
    assert kinds.count(AccountCompromised) == MAX_ACCOUNTS - 1


def test_a_lost_account_is_replaced_and_the_institution_goes_on() -> None:
    world = deploy()
    active(world)
    replace_control(world, UT, OWNER, keep=True)
    assert world.ask(world.issuers.anchor_rights(UT.anchoring)).may_open
    assert world.ask(world.issuers.usable_keys(UT.subject)) == (UT.key,)
    end = world.issuers.end_key(UT.subject, UT.key)
    assert world.attempt(UT.control, end).reason == "issuer: not the control account"
    world.send(OWNER, end)


def test_a_strangers_history_stays_small() -> None:
    """Try everything a stranger may do to make a history long: only so many records come of it."""
    world = deploy()
    apply(world)
    for round_ in range(12):
        prepare_or_refused(world, round_)
        world.attempt(UT.control, world.issuers.attest_quality(UT.subject, ACT))
        world.attempt(UT.control, world.issuers.withdraw(UT.subject, ACT))
        world.attempt(UT.control, world.issuers.apply(UT.subject, bytes(32), ACT))
        world.pass_time(1)
    records = [event for event in world.events if getattr(event, "subject", None) == UT.subject]
    assert len(records) <= 60


def prepare_or_refused(world: World, number: int) -> None:
    key, hot = digest(f"key {number}"), account(f"hot {number}")
    world.send(hot, world.issuers.consent(UT.subject, AccountPurpose.ANCHORING))
    for call in (
        world.issuers.add_key(UT.subject, key, KeyPurpose.ASSERTION, ACT),
        world.issuers.add_anchoring_account(UT.subject, hot),
        *(world.issuers.key_compromised(UT.subject, key, world.now - back, ACT) for back in range(4)),
        world.issuers.end_key(UT.subject, key),
        world.issuers.end_account(hot, ACT),
    ):
        world.attempt(UT.control, call)


def test_an_institution_that_was_active_is_bound_by_the_lists_alone() -> None:
    world = deploy()
    apply(world)
    prepare(world)
    assert world.attempt(UT.control, world.issuers.end_key(UT.subject, UT.key)).accepted
    other = deploy()
    active(other)
    for number in range(20):
        key = digest(f"key {number}")
        other.send(UT.control, other.issuers.add_key(UT.subject, key, KeyPurpose.NOTE, ACT))
        other.send(UT.control, other.issuers.end_key(UT.subject, key))
    assert other.ask(other.issuers.usable_keys(UT.subject)) == (UT.key,)
