# pragma version 0.4.3
# SPDX-License-Identifier: Apache-2.0
"""
@title IssuerRegistry
@license Apache-2.0
@notice Who may issue: institutions with their accreditation, keys and accounts, and the quality agencies that review
        them. Every fact holds from the block that records it; an answer about the past never changes, but for the
        fraud mark `void_from` and `compromised since`, which only move earlier.
@dev Subjects are keccak-256 of a DID's bytes. Per subject: one packed word for now, one packed word per transition,
     and one history hash h' = sha256(h, topic 0, subject, data) over every event of that subject. All events go
     through `histories._record`, so no event can be left out of the hash. The modules hold what one subject
     matter needs; this file holds the accreditation itself. Layouts: docs/contracts.md.
"""

from modules import agencies
from modules import authority
from modules import account_consent
from modules import histories
from modules import keys_and_accounts
from modules import parties
from modules import succession
from modules import timeline
from modules import totals
from modules import words

event StateRecorded:
    subject: indexed(bytes32)
    state: uint8
    until: uint64
    accreditor: bytes32
    delegates: bool
    lapses: uint64
    act: bytes32
    actor: address
    time: uint64

event ReviewRecorded:
    subject: indexed(bytes32)
    agency: bytes32
    favourable: bool
    report: bytes32
    recognised_from: uint64
    recognised_until: uint64
    actor: address
    time: uint64

event ScopeRecorded:
    subject: indexed(bytes32)
    scope: bytes32
    act: bytes32
    time: uint64

event KeyAdded:
    subject: indexed(bytes32)
    key_id: bytes32
    purpose: uint8
    statement: bytes32
    time: uint64

event KeyEnded:
    subject: indexed(bytes32)
    key_id: bytes32
    time: uint64

event KeyCompromised:
    subject: indexed(bytes32)
    key_id: bytes32
    since: uint64
    act: bytes32
    time: uint64

event AccountAdded:
    subject: indexed(bytes32)
    account: address
    purpose: uint8
    act: bytes32
    time: uint64

event AccountEnded:
    subject: indexed(bytes32)
    account: address
    act: bytes32
    time: uint64

event AccountCompromised:
    subject: indexed(bytes32)
    account: address
    since: uint64
    act: bytes32
    time: uint64

event VoidFromRecorded:
    subject: indexed(bytes32)
    since: uint64
    act: bytes32
    time: uint64

event AgencyRecorded:
    subject: indexed(bytes32)
    account: address
    until: uint64
    act: bytes32
    time: uint64

event PredecessorRecorded:
    subject: indexed(bytes32)
    predecessor: address
    state_hash: bytes32
    act: bytes32
    time: uint64


SCOPE_RECORDED: constant(bytes32) = keccak256("ScopeRecorded(bytes32,bytes32,bytes32,uint64)")
VOID_FROM_RECORDED: constant(bytes32) = keccak256("VoidFromRecorded(bytes32,uint64,bytes32,uint64)")

HOUR: constant(uint256) = 3600
# the same member may not suspend the same issuer again before this
URGENT_PAUSE: constant(uint256) = 30 * 24 * HOUR
MAX_URGENT: constant(uint256) = 3

# the order of these lines is the order of the slots
initializes: authority
exports: authority.council
initializes: histories[totals := totals]
exports: histories.history
initializes: parties[histories := histories, timeline := timeline]
exports: (
    parties.party_count,
    parties.number_of,
    parties.subject_of,
    parties.now_word,
    parties.issuer_now,
    parties.state_at,
    parties.recognised_at,
    parties.transition_count,
)
initializes: timeline
exports: timeline.timelines
initializes: account_consent
exports: (
    account_consent.consents,
    account_consent.consent,
)
initializes: keys_and_accounts[
    account_consent := account_consent,
    authority := authority,
    histories := histories,
    parties := parties,
]
exports: (
    keys_and_accounts.usable_keys,
    keys_and_accounts.usable_accounts,
    keys_and_accounts.add_key,
    keys_and_accounts.end_key,
    keys_and_accounts.key_compromised,
    keys_and_accounts.add_anchoring_account,
    keys_and_accounts.end_account,
    keys_and_accounts.account_compromised,
    keys_and_accounts.key,
    keys_and_accounts.key_at,
    keys_and_accounts.account,
    keys_and_accounts.account_at,
    keys_and_accounts.control_of,
)
# by number, beside the scope timeline
scopes: HashMap[uint256, DynArray[bytes32, timeline.MAX_TIMELINE]]
_void_from: HashMap[uint256, uint256]
initializes: agencies[
    account_consent := account_consent,
    authority := authority,
    histories := histories,
    keys_and_accounts := keys_and_accounts,
    parties := parties,
    timeline := timeline,
]
exports: (
    agencies.open_review,
    agencies.recognise_agency,
    agencies.end_agency,
    agencies.review,
    agencies.agency_at,
    agencies.agency_of,
)
urgent_member: HashMap[uint256, address]
urgent_slots: HashMap[address, uint256[MAX_URGENT]]
urgent_last: HashMap[address, HashMap[uint256, uint256]]
initializes: succession[authority := authority, histories := histories]
exports: (
    succession.predecessor,
    succession.record_predecessor,
)
initializes: totals
exports: totals.total


@deploy
def __init__(council_: address):
    """
    @notice Bind the registry to its council, for ever.
    """
    assert council_.is_contract, "council: no contract"
    authority.__init__(council_)


# The institution: application, internal quality assurance, withdrawal


@external
def apply(issuer: bytes32, accreditor: bytes32, act: bytes32):
    """
    @notice Apply for accreditation. The first sender becomes the control account; after a rejection or a withdrawal
            the same control account may apply again.
    @param issuer keccak-256 of the DID
    @param accreditor the party asked to accredit, zero for the council itself
    @param act SHA-256 of the application
    """
    assert issuer != empty(bytes32), "issuer: zero"
    above: uint256 = self._party_above(accreditor)
    number: uint256 = parties.number_of[issuer]
    if number == 0:
        number = parties._new_party(issuer)
        keys_and_accounts._add_account(number, issuer, msg.sender, keys_and_accounts.CONTROL, act)
        keys_and_accounts.control_accounts[number] = msg.sender
    else:
        assert parties.now_word[number] != 0, "issuer: is an agency"
        keys_and_accounts._only_control(number)
        state: uint256 = parties._state_now(number)
        parties._allow(state == parties.REJECTED or state == parties.WITHDRAWN)
        if state == parties.WITHDRAWN:
            parties._count_before_activation(number, parties.APPLICATIONS_BIT, parties.MAX_APPLICATIONS_BEFORE)
    parties._set_state(number, issuer, parties.APPLIED, 0, above, False, act)


@external
def attest_quality(issuer: bytes32, attestation: bytes32):
    """
    @notice Attest the institution's internal quality assurance.
    @param attestation SHA-256 of the attestation
    """
    number: uint256 = keys_and_accounts._controlled(issuer)
    parties._expect(number, parties.APPLIED)
    parties._count_before_activation(number, parties.ATTESTATIONS_BIT, parties.MAX_ATTESTATIONS_BEFORE)
    parties._change_state(number, issuer, parties.QA_ATTESTED, attestation)


@external
def withdraw(issuer: bytes32, act: bytes32):
    """
    @notice Withdraw an application.
    """
    number: uint256 = keys_and_accounts._controlled(issuer)
    parties._expect_applicant(number)
    parties._change_state(number, issuer, parties.WITHDRAWN, act)


# The council, and accreditors for the issuers below them


@external
def activate(issuer: bytes32, until: uint64, scope: bytes32, act: bytes32):
    """
    @notice Accredit a reviewed institution until a time, for a scope. By the council, or by the control account of
            the accreditor the institution applied to.
    @param scope SHA-256 of the JCS form of the scope document
    @param act SHA-256 of the legal act
    """
    number: uint256 = parties._issuer_number(issuer)
    accreditor: uint256 = self._acting_accreditor(number)
    state: uint256 = parties._state_now(number)
    assert state != parties.APPLIED and state != parties.QA_ATTESTED, "issuer: no agency review"
    parties._allow(state == parties.REVIEWED)
    # members change: an applicant may have become one
    authority._check_apart(keys_and_accounts.control_accounts[number])
    agencies._use_review(number)
    assert keys_and_accounts._has_assertion_key(number), "issuer: no assertion key"
    anchoring: uint256 = len(keys_and_accounts.usable[keys_and_accounts.ACCOUNTS + number])
    assert anchoring != 0, "issuer: no anchoring account"
    parties._check_until(convert(until, uint256))
    parties.applicants[number] = parties.ACTIVATED
    self._set_scope(number, issuer, scope, act)
    parties._set_state(number, issuer, parties.ACTIVE, convert(until, uint256), accreditor, False, act)


@external
def renew(issuer: bytes32, until: uint64, act: bytes32):
    """
    @notice Renew an active or expired accreditation as a new record, on a new favourable review.
    """
    number: uint256 = parties._issuer_number(issuer)
    accreditor: uint256 = self._acting_accreditor(number)
    word: uint256 = parties.now_word[number]
    state: uint256 = parties._state_of_word(word, block.timestamp)
    parties._allow(state == parties.ACTIVE or state == parties.EXPIRED)
    agencies._use_review(number)
    parties._check_until(convert(until, uint256))
    delegates: bool = (word >> words.DELEGATES_BIT) & 1 == 1
    parties._set_state(number, issuer, parties.ACTIVE, convert(until, uint256), accreditor, delegates, act)


@external
def amend_scope(issuer: bytes32, scope: bytes32, act: bytes32):
    """
    @notice Put a new scope in force from now on, for an accredited issuer.
    """
    number: uint256 = parties._issuer_number(issuer)
    self._acting_accreditor(number)
    parties._expect_accredited(number)
    self._set_scope(number, issuer, scope, act)


# The council alone


@external
def reject(issuer: bytes32, act: bytes32):
    """
    @notice Reject an application.
    """
    authority._only_council()
    number: uint256 = parties._issuer_number(issuer)
    parties._expect_applicant(number)
    parties._change_state(number, issuer, parties.REJECTED, act)


@external
def suspend(issuer: bytes32, act: bytes32):
    """
    @notice Suspend an accreditation, or confirm an urgent suspension.
    """
    authority._only_council()
    number: uint256 = parties._issuer_number(issuer)
    word: uint256 = parties.now_word[number]
    state: uint256 = parties._state_of_word(word, block.timestamp)
    confirms: bool = state == parties.SUSPENDED and (word >> words.URGENT_BIT) & 1 == 1
    parties._allow(state == parties.ACTIVE or state == parties.EXPIRED or confirms)
    parties._change_state(number, issuer, parties.SUSPENDED, act)


@external
def reinstate(issuer: bytes32, act: bytes32):
    """
    @notice End a suspension, urgent or not. The accreditation's end stays what it was.
    """
    authority._only_council()
    number: uint256 = parties._issuer_number(issuer)
    parties._expect(number, parties.SUSPENDED)
    parties._change_state(number, issuer, parties.ACTIVE, act)


@external
def revoke(issuer: bytes32, act: bytes32):
    """
    @notice Revoke an accreditation for good.
    """
    authority._only_council()
    number: uint256 = parties._issuer_number(issuer)
    parties._expect_accredited(number)
    parties._change_state(number, issuer, parties.REVOKED, act)


@external
def set_delegation(issuer: bytes32, delegates: bool, act: bytes32):
    """
    @notice Give or take an active issuer's right to accredit others. Whom it accredited is recognised only while it
            has the right.
    """
    authority._only_council()
    number: uint256 = parties._issuer_number(issuer)
    parties._expect_active(number)
    if delegates:
        assert parties._accreditors_above(number) < 2, "accreditor: too deep"
    word: uint256 = parties.now_word[number]
    until: uint256 = (word >> words.UNTIL_BIT) & words.TIME_MASK
    accreditor: uint256 = (word >> words.ACCREDITOR_BIT) & words.NUMBER_MASK
    parties._set_state(number, issuer, parties.ACTIVE, until, accreditor, delegates, act)


@external
def replace_control(
    issuer: bytes32,
    account: address,
    keep: bool,
    since: uint64,
    act: bytes32,
    deadline: uint64,
    signature: Bytes[65],
):
    """
    @notice Replace an institution's control account: lost, stolen, or never the institution's. Of a party that was
            never active every key and anchoring account ends. Custodians stay.
    @param keep whether a party that was active keeps its keys and anchoring accounts (lost), or they end (stolen)
    @param since for stolen ones: what was added at or after this time is compromised from its start
    """
    authority._only_council()
    number: uint256 = parties._issuer_number(issuer)
    keys_and_accounts._end_account(number, keys_and_accounts.control_accounts[number], act)
    if parties.applicants[number] != parties.ACTIVATED:
        parties.applicants[number] = 0
        keys_and_accounts._end_usable(number, issuer, max_value(uint256), act)
    elif not keep:
        assert since != 0 and convert(since, uint256) <= block.timestamp, "compromise: time"
        keys_and_accounts._end_usable(number, issuer, convert(since, uint256), act)
    keys_and_accounts._bind_account(
        number, issuer, account, keys_and_accounts.CONTROL, act, deadline, signature
    )
    keys_and_accounts.control_accounts[number] = account


@external
def appoint_custodian(issuer: bytes32, account: address, act: bytes32, deadline: uint64, signature: Bytes[65]):
    """
    @notice Appoint an account that can anchor status checkpoints for an issuer that no longer does, with its consent.
    """
    authority._only_council()
    number: uint256 = parties._issuer_number(issuer)
    keys_and_accounts._bind_account(
        number, issuer, account, keys_and_accounts.CUSTODIAN, act, deadline, signature
    )


@external
def set_void_from(issuer: bytes32, since: uint64, act: bytes32):
    """
    @notice Declare for fraud that nothing anchored at or after a time counts; it may only move earlier.
    """
    authority._only_council()
    number: uint256 = parties._issuer_number(issuer)
    time: uint256 = convert(since, uint256)
    assert time != 0 and time <= block.timestamp, "void: time"
    current: uint256 = self._void_from[number]
    assert current == 0 or time < current, "void: only earlier"
    self._void_from[number] = time
    histories._record_three(VOID_FROM_RECORDED, issuer, convert(time, bytes32), act)


@external
def suspend_urgently(issuer: bytes32, member: address, act: bytes32):
    """
    @notice Suspend an active issuer for review, requested by one member. It lapses after 72 hours; the same member
            waits 30 days for the same issuer and has at most three open.
    """
    authority._only_council()
    number: uint256 = parties._issuer_number(issuer)
    parties._expect_active(number)
    last: uint256 = self.urgent_last[member][number]
    assert last == 0 or block.timestamp >= last + URGENT_PAUSE, "member: suspends again"
    self._take_urgent_slot(member, number)
    self.urgent_last[member][number] = block.timestamp
    self.urgent_member[number] = member
    changed: uint256 = (words.BYTE_MASK << words.STATE_BIT) | (1 << words.URGENT_BIT) | words.TIME_MASK
    carried: uint256 = parties.now_word[number] & ~changed
    suspended: uint256 = (parties.SUSPENDED << words.STATE_BIT) | (1 << words.URGENT_BIT)
    parties._write_word(number, issuer, carried | block.timestamp | suspended, act, member)


# Views


@external
@view
def anchor_rights(account: address) -> (bytes32, bool, bool):
    """
    @notice What an account may anchor now: the issuer it belongs to (zero if none), whether it may open entries, and
            whether it may anchor status changes.
    """
    word: uint256 = keys_and_accounts.accounts[account]
    purpose: uint256 = (word >> words.PURPOSE_BIT) & words.BYTE_MASK
    if word == 0 or purpose == keys_and_accounts.AGENCY:
        return empty(bytes32), False, False
    number: uint256 = (word >> words.PARTY_BIT) & words.NUMBER_MASK
    issuer: bytes32 = parties.subject_of[number]
    if purpose == keys_and_accounts.CONTROL or not keys_and_accounts._valid(word, block.timestamp):
        return issuer, False, False
    if purpose == keys_and_accounts.CUSTODIAN:
        return issuer, False, True
    return issuer, parties._recognised_now(number), True


@external
@view
def scope_at(issuer: bytes32, t: uint64) -> bytes32:
    """
    @notice The scope in force at a time, zero before there was one.
    """
    number: uint256 = parties.number_of[issuer]
    position: uint256 = timeline._position_at(timeline.SCOPES + number, convert(t, uint256))
    if position == 0:
        return empty(bytes32)
    return self.scopes[number][position - 1]


@external
@view
def void_from(issuer: bytes32) -> uint64:
    """
    @notice The time from which nothing of the issuer counts, 0 where there is none.
    """
    return convert(self._void_from[parties.number_of[issuer]], uint64)


# Inside


@internal
@view
def _acting_accreditor(number: uint256) -> uint256:
    """
    Who accredits with this call: 0 for the council, else the accreditor the issuer belongs to or applied to.
    """
    if msg.sender == authority.council:
        return 0
    accreditor: uint256 = (parties.now_word[number] >> words.ACCREDITOR_BIT) & words.NUMBER_MASK
    assert accreditor != 0, "registry: not the council"
    keys_and_accounts._only_control(accreditor)
    entitled: bool = (parties.now_word[accreditor] >> words.DELEGATES_BIT) & 1 == 1
    assert entitled and parties._recognised_now(accreditor), "accreditor: not accredited"
    return accreditor


@internal
@view
def _party_above(accreditor: bytes32) -> uint256:
    if accreditor == empty(bytes32):
        return 0
    return parties._issuer_number(accreditor)


@internal
def _set_scope(number: uint256, issuer: bytes32, scope: bytes32, act: bytes32):
    assert scope != empty(bytes32), "scope: zero"
    timeline.timelines[timeline.SCOPES + number].append(block.timestamp)
    self.scopes[number].append(scope)
    histories._record_three(SCOPE_RECORDED, issuer, scope, act)


@internal
def _take_urgent_slot(member: address, number: uint256):
    """
    Put the issuer into a place that none of the member's open suspensions takes.
    """
    for i: uint256 in range(MAX_URGENT):
        held: uint256 = self.urgent_slots[member][i]
        word: uint256 = parties.now_word[held]
        suspended: bool = parties._state_of_word(word, block.timestamp) == parties.SUSPENDED
        unconfirmed: bool = (word >> words.URGENT_BIT) & 1 == 1 and suspended
        if not (unconfirmed and self.urgent_member[held] == member):
            self.urgent_slots[member][i] = number
            return
    raise "member: too many open"
