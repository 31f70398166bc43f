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
     through `_record`, so no event can be left out of the hash. Layouts: docs/contracts.md.
"""

interface Council:
    def is_member(account: address) -> bool: view


struct Standing:
    state: uint8
    time: uint64
    until: uint64
    accreditor: bytes32
    delegates: bool
    lapses: uint64

struct Key:
    purpose: uint8
    valid_from: uint64
    until: uint64
    compromised: uint64

struct Account:
    subject: bytes32
    purpose: uint8
    valid_from: uint64
    until: uint64
    compromised: uint64


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


STATE_RECORDED: constant(bytes32) = keccak256(
    "StateRecorded(bytes32,uint8,uint64,bytes32,bool,uint64,bytes32,address,uint64)"
)
REVIEW_RECORDED: constant(bytes32) = keccak256(
    "ReviewRecorded(bytes32,bytes32,bool,bytes32,uint64,uint64,address,uint64)"
)
SCOPE_RECORDED: constant(bytes32) = keccak256("ScopeRecorded(bytes32,bytes32,bytes32,uint64)")
KEY_ADDED: constant(bytes32) = keccak256("KeyAdded(bytes32,bytes32,uint8,bytes32,uint64)")
KEY_ENDED: constant(bytes32) = keccak256("KeyEnded(bytes32,bytes32,uint64)")
KEY_COMPROMISED: constant(bytes32) = keccak256("KeyCompromised(bytes32,bytes32,uint64,bytes32,uint64)")
ACCOUNT_ADDED: constant(bytes32) = keccak256("AccountAdded(bytes32,address,uint8,bytes32,uint64)")
ACCOUNT_ENDED: constant(bytes32) = keccak256("AccountEnded(bytes32,address,bytes32,uint64)")
ACCOUNT_COMPROMISED: constant(bytes32) = keccak256("AccountCompromised(bytes32,address,uint64,bytes32,uint64)")
VOID_FROM_RECORDED: constant(bytes32) = keccak256("VoidFromRecorded(bytes32,uint64,bytes32,uint64)")
AGENCY_RECORDED: constant(bytes32) = keccak256("AgencyRecorded(bytes32,address,uint64,bytes32,uint64)")
PREDECESSOR_RECORDED: constant(bytes32) = keccak256("PredecessorRecorded(bytes32,address,bytes32,bytes32,uint64)")

# states; 9 is derived, never written
APPLIED: constant(uint256) = 1
QA_ATTESTED: constant(uint256) = 2
REVIEWED: constant(uint256) = 3
ACTIVE: constant(uint256) = 4
SUSPENDED: constant(uint256) = 5
REVOKED: constant(uint256) = 6
REJECTED: constant(uint256) = 7
WITHDRAWN: constant(uint256) = 8
EXPIRED: constant(uint256) = 9

# purposes of keys
ASSERTION: constant(uint256) = 1
NOTE: constant(uint256) = 2

# purposes of accounts
ANCHORING: constant(uint256) = 1
CUSTODIAN: constant(uint256) = 2
CONTROL: constant(uint256) = 3
AGENCY: constant(uint256) = 4

# a word of now and of a transition, from bit 0: time 40, until 40, accreditor 32, state 8, delegates 1, urgent 1
UNTIL_BIT: constant(uint256) = 40
ACCREDITOR_BIT: constant(uint256) = 80
STATE_BIT: constant(uint256) = 112
DELEGATES_BIT: constant(uint256) = 120
URGENT_BIT: constant(uint256) = 121
# a key or account, from bit 0: from 40, until 40, compromised since 40, purpose 8, number of the party 32
COMPROMISED_BIT: constant(uint256) = 80
PURPOSE_BIT: constant(uint256) = 120
PARTY_BIT: constant(uint256) = 128
# an agency's window, from bit 0: time 40, until 40, account 160
ACCOUNT_BIT: constant(uint256) = 80

# kinds of timelines, added to the number of the party: transitions, recognition windows, times of scopes
TRANSITIONS: constant(uint256) = 0
WINDOWS: constant(uint256) = 2**32
SCOPES: constant(uint256) = 2 * 2**32
MAX_TIMELINE: constant(uint256) = 2**24
# halvings that find a place in the longest timeline
MAX_HALVINGS: constant(uint256) = 25

TIME_MASK: constant(uint256) = 2**40 - 1
NUMBER_MASK: constant(uint256) = 2**32 - 1
BYTE_MASK: constant(uint256) = 255

MAX_TIME: constant(uint256) = 2**40 - 1
HOUR: constant(uint256) = 3600
# an unconfirmed urgent suspension lapses after this
URGENT_LIFE: constant(uint256) = 72 * HOUR
# how far back the control account may date a compromise: more would let a stolen one rewrite history
CONTROL_REACH: constant(uint256) = 72 * HOUR
# the same member may not suspend the same issuer again before this
URGENT_PAUSE: constant(uint256) = 30 * 24 * HOUR
MAX_URGENT: constant(uint256) = 3
# an issuer and at most two accreditors above it
MAX_CHAIN: constant(uint256) = 3

council: public(immutable(address))

history: public(HashMap[bytes32, bytes32])
party_count: public(uint256)
number_of: public(HashMap[bytes32, uint256])
subject_of: public(HashMap[uint256, bytes32])
# by number, so that an accreditor fits the word and a chain is walked with one read a party
now_word: public(HashMap[uint256, uint256])
# words in order of time, by kind of timeline and number of the party
timelines: public(HashMap[uint256, DynArray[uint256, MAX_TIMELINE]])
accounts: HashMap[address, uint256]
control_accounts: HashMap[uint256, address]
keys: HashMap[uint256, HashMap[bytes32, uint256]]
# counted only for the guard of activation
usable_keys: public(HashMap[uint256, uint256])
usable_accounts: public(HashMap[uint256, uint256])
# by number, beside the scope timeline
scopes: HashMap[uint256, DynArray[bytes32, MAX_TIMELINE]]
_void_from: HashMap[uint256, uint256]
# the favourable review that the next activation or renewal uses up: number of the agency
open_review: public(HashMap[uint256, uint256])
urgent_member: HashMap[uint256, address]
urgent_slots: HashMap[address, uint256[MAX_URGENT]]
urgent_last: HashMap[address, HashMap[uint256, uint256]]
predecessor: public(address)


@deploy
def __init__(council_: address):
    """
    @notice Bind the registry to its council, for ever.
    """
    assert council_.is_contract, "council: no contract"
    council = council_


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
    asked: uint256 = self._asked_accreditor(accreditor)
    number: uint256 = self.number_of[issuer]
    if number == 0:
        number = self._new_party(issuer)
        self._add_account(number, issuer, msg.sender, CONTROL, act)
        self.control_accounts[number] = msg.sender
    else:
        assert self.now_word[number] != 0, "issuer: is an agency"
        self._only_control(number)
        state: uint256 = self._state_now(number)
        assert state == REJECTED or state == WITHDRAWN, "issuer: state"
    self._set_state(number, issuer, APPLIED, 0, asked, False, act)


@external
def attest_quality(issuer: bytes32, attestation: bytes32):
    """
    @notice Attest the institution's internal quality assurance.
    @param attestation SHA-256 of the attestation
    """
    number: uint256 = self._controlled(issuer)
    self._expect(number, APPLIED)
    self._change_state(number, issuer, QA_ATTESTED, attestation)


@external
def withdraw(issuer: bytes32, act: bytes32):
    """
    @notice Withdraw an application.
    """
    number: uint256 = self._controlled(issuer)
    self._expect_applicant(number)
    self._change_state(number, issuer, WITHDRAWN, act)


# The institution: keys and accounts, from the block's time and never earlier


@external
def add_key(issuer: bytes32, key_id: bytes32, purpose: uint8, statement: bytes32):
    """
    @notice Add an assertion key (1) or a note key (2).
    @param key_id SHA-256 of the Multikey bytes
    @param statement SHA-256 of the key's own statement and its signature, which the verifier checks
    """
    number: uint256 = self._controlled(issuer)
    assert key_id != empty(bytes32) and statement != empty(bytes32), "key: zero"
    kind: uint256 = convert(purpose, uint256)
    assert kind == ASSERTION or kind == NOTE, "key: purpose"
    assert self.keys[number][key_id] == 0, "key: known"
    self.keys[number][key_id] = block.timestamp | (kind << PURPOSE_BIT)
    if kind == ASSERTION:
        self.usable_keys[number] += 1
    self._record(KEY_ADDED, issuer, abi_encode(key_id, purpose, statement, self._time()))


@external
def end_key(issuer: bytes32, key_id: bytes32):
    """
    @notice End a key now; what it signed before stays good.
    """
    number: uint256 = self._controlled(issuer)
    word: uint256 = self.keys[number][key_id]
    assert word != 0, "key: unknown"
    assert (word >> UNTIL_BIT) & TIME_MASK == 0, "key: ended"
    self._drop_usable_key(number, word)
    self.keys[number][key_id] = word | (block.timestamp << UNTIL_BIT)
    self._record(KEY_ENDED, issuer, abi_encode(key_id, self._time()))


@external
def key_compromised(issuer: bytes32, key_id: bytes32, since: uint64, act: bytes32):
    """
    @notice Say that a key was in other hands since a time; it may only move earlier. The control account reaches
            72 hours back, the council any time.
    """
    number: uint256 = self._issuer_number(issuer)
    self._check_compromise(number, convert(since, uint256))
    word: uint256 = self.keys[number][key_id]
    assert word != 0, "key: unknown"
    self._drop_usable_key(number, word)
    self.keys[number][key_id] = self._marked(word, convert(since, uint256))
    self._record(KEY_COMPROMISED, issuer, abi_encode(key_id, since, act, self._time()))


@external
def add_anchoring_account(issuer: bytes32, account: address):
    """
    @notice Add an account that can anchor and nothing else. It belongs to this issuer for ever.
    """
    number: uint256 = self._controlled(issuer)
    self._add_account(number, issuer, account, ANCHORING, empty(bytes32))
    self.usable_accounts[number] += 1


@external
def end_account(account: address, act: bytes32):
    """
    @notice End an anchoring account (its control account) or a custodian (the council) now.
    """
    word: uint256 = self.accounts[account]
    purpose: uint256 = (word >> PURPOSE_BIT) & BYTE_MASK
    assert purpose == ANCHORING or purpose == CUSTODIAN, "account: unknown"
    number: uint256 = (word >> PARTY_BIT) & NUMBER_MASK
    if purpose == CUSTODIAN:
        self._only_council()
    else:
        self._only_control(number)
    self._end_account(number, account, act)


@external
def account_compromised(account: address, since: uint64, act: bytes32):
    """
    @notice Say that an account was in other hands since a time; rules as for keys. A custodian only by the council.
    """
    word: uint256 = self.accounts[account]
    purpose: uint256 = (word >> PURPOSE_BIT) & BYTE_MASK
    assert word != 0 and purpose != AGENCY, "account: unknown"
    number: uint256 = (word >> PARTY_BIT) & NUMBER_MASK
    if purpose == CUSTODIAN:
        self._only_council()
    self._check_compromise(number, convert(since, uint256))
    self._drop_usable_account(number, word)
    self.accounts[account] = self._marked(word, convert(since, uint256))
    self._record(ACCOUNT_COMPROMISED, self.subject_of[number], abi_encode(account, since, act, self._time()))


# The agency


@external
def review(issuer: bytes32, favourable: bool, report: bytes32):
    """
    @notice Record a quality agency's decision. A favourable one on an attested application makes it reviewed;
            an unfavourable one is a record, and takes back the same agency's favourable one.
    @param report SHA-256 of the report
    """
    window: uint256 = self._agency_window(msg.sender)
    assert window != 0, "agency: not recognised"
    agency: uint256 = (self.accounts[msg.sender] >> PARTY_BIT) & NUMBER_MASK
    number: uint256 = self._issuer_number(issuer)
    state: uint256 = self._state_now(number)
    assert (
        state == QA_ATTESTED
        or state == REVIEWED
        or state == ACTIVE
        or state == SUSPENDED
        or state == EXPIRED
    ), "issuer: state"
    if favourable:
        self.open_review[number] = agency
    elif self.open_review[number] == agency:
        self.open_review[number] = 0
    self._record(
        REVIEW_RECORDED,
        issuer,
        abi_encode(
            self.subject_of[agency],
            favourable,
            report,
            convert(window & TIME_MASK, uint64),
            convert((window >> UNTIL_BIT) & TIME_MASK, uint64),
            msg.sender,
            self._time(),
        ),
    )
    if favourable and state == QA_ATTESTED:
        self._change_state(number, issuer, REVIEWED, report)


# The council: agencies


@external
def recognise_agency(agency: bytes32, account: address, until: uint64, act: bytes32):
    """
    @notice Recognise a quality agency until a time, or renew its recognition, with the account it acts by.
    """
    self._only_council()
    assert agency != empty(bytes32), "agency: zero"
    self._check_until(convert(until, uint256))
    number: uint256 = self.number_of[agency]
    if number == 0:
        number = self._new_party(agency)
    assert self.now_word[number] == 0, "agency: is an institution"
    self._check_apart(account)
    word: uint256 = self.accounts[account]
    own: uint256 = (AGENCY << PURPOSE_BIT) | (number << PARTY_BIT)
    assert word == 0 or (word >> PURPOSE_BIT) << PURPOSE_BIT == own, "account: known"
    if word == 0:
        self.accounts[account] = block.timestamp | own
    self._set_agency(number, agency, account, convert(until, uint256), act)


@external
def end_agency(agency: bytes32, act: bytes32):
    """
    @notice End an agency's recognition now; its earlier reviews stand.
    """
    self._only_council()
    number: uint256 = self.number_of[agency]
    assert len(self.timelines[WINDOWS + number]) != 0, "agency: unknown"
    window: uint256 = self._word_at(WINDOWS + number, block.timestamp)
    assert block.timestamp < (window >> UNTIL_BIT) & TIME_MASK, "agency: not recognised"
    account: address = convert(window >> ACCOUNT_BIT, address)
    self._set_agency(number, agency, account, block.timestamp, act)


# The council, and accreditors for the issuers below them


@external
def activate(issuer: bytes32, until: uint64, scope: bytes32, act: bytes32):
    """
    @notice Accredit a reviewed institution until a time, for a scope. By the council, or by the control account of
            the accreditor the institution applied to.
    @param scope SHA-256 of the JCS form of the scope document
    @param act SHA-256 of the legal act
    """
    number: uint256 = self._issuer_number(issuer)
    accreditor: uint256 = self._acting_accreditor(number)
    state: uint256 = self._state_now(number)
    assert state != APPLIED and state != QA_ATTESTED, "issuer: no agency review"
    assert state == REVIEWED, "issuer: state"
    # members change: an applicant may have become one
    self._check_apart(self.control_accounts[number])
    self._use_review(number)
    assert self.usable_keys[number] != 0, "issuer: no assertion key"
    assert self.usable_accounts[number] != 0, "issuer: no anchoring account"
    self._check_until(convert(until, uint256))
    self._set_scope(number, issuer, scope, act)
    self._set_state(number, issuer, ACTIVE, convert(until, uint256), accreditor, False, act)


@external
def renew(issuer: bytes32, until: uint64, act: bytes32):
    """
    @notice Renew an active or expired accreditation as a new record, on a new favourable review.
    """
    number: uint256 = self._issuer_number(issuer)
    accreditor: uint256 = self._acting_accreditor(number)
    word: uint256 = self.now_word[number]
    state: uint256 = self._state_of_word(word, block.timestamp)
    assert state == ACTIVE or state == EXPIRED, "issuer: state"
    self._use_review(number)
    self._check_until(convert(until, uint256))
    delegates: bool = (word >> DELEGATES_BIT) & 1 == 1
    self._set_state(number, issuer, ACTIVE, convert(until, uint256), accreditor, delegates, act)


@external
def amend_scope(issuer: bytes32, scope: bytes32, act: bytes32):
    """
    @notice Put a new scope in force from now on, for an accredited issuer.
    """
    number: uint256 = self._issuer_number(issuer)
    self._acting_accreditor(number)
    self._expect_accredited(number)
    self._set_scope(number, issuer, scope, act)


# The council alone


@external
def reject(issuer: bytes32, act: bytes32):
    """
    @notice Reject an application.
    """
    self._only_council()
    number: uint256 = self._issuer_number(issuer)
    self._expect_applicant(number)
    self._change_state(number, issuer, REJECTED, act)


@external
def suspend(issuer: bytes32, act: bytes32):
    """
    @notice Suspend an accreditation, or confirm an urgent suspension.
    """
    self._only_council()
    number: uint256 = self._issuer_number(issuer)
    word: uint256 = self.now_word[number]
    state: uint256 = self._state_of_word(word, block.timestamp)
    confirms: bool = state == SUSPENDED and (word >> URGENT_BIT) & 1 == 1
    assert state == ACTIVE or state == EXPIRED or confirms, "issuer: state"
    self._change_state(number, issuer, SUSPENDED, act)


@external
def reinstate(issuer: bytes32, act: bytes32):
    """
    @notice End a suspension, urgent or not. The accreditation's end stays what it was.
    """
    self._only_council()
    number: uint256 = self._issuer_number(issuer)
    self._expect(number, SUSPENDED)
    self._change_state(number, issuer, ACTIVE, act)


@external
def revoke(issuer: bytes32, act: bytes32):
    """
    @notice Revoke an accreditation for good.
    """
    self._only_council()
    number: uint256 = self._issuer_number(issuer)
    state: uint256 = self._state_now(number)
    assert state == ACTIVE or state == EXPIRED or state == SUSPENDED, "issuer: state"
    self._change_state(number, issuer, REVOKED, act)


@external
def set_delegation(issuer: bytes32, delegates: bool, act: bytes32):
    """
    @notice Give or take an active issuer's right to accredit others. Whom it accredited is recognised only while it
            has the right.
    """
    self._only_council()
    number: uint256 = self._issuer_number(issuer)
    self._expect_active(number)
    if delegates:
        assert self._accreditors_above(number) < 2, "accreditor: too deep"
    word: uint256 = self.now_word[number]
    until: uint256 = (word >> UNTIL_BIT) & TIME_MASK
    accreditor: uint256 = (word >> ACCREDITOR_BIT) & NUMBER_MASK
    self._set_state(number, issuer, ACTIVE, until, accreditor, delegates, act)


@external
def replace_control(issuer: bytes32, account: address, act: bytes32):
    """
    @notice Replace an institution's control account: lost, stolen, or never the institution's.
    """
    self._only_council()
    number: uint256 = self._issuer_number(issuer)
    old: address = self.control_accounts[number]
    self._end_account(number, old, act)
    self._add_account(number, issuer, account, CONTROL, act)
    self.control_accounts[number] = account


@external
def appoint_custodian(issuer: bytes32, account: address, act: bytes32):
    """
    @notice Appoint an account that can anchor status checkpoints for an issuer that no longer does.
    """
    self._only_council()
    number: uint256 = self._issuer_number(issuer)
    self._add_account(number, issuer, account, CUSTODIAN, act)


@external
def set_void_from(issuer: bytes32, since: uint64, act: bytes32):
    """
    @notice Declare for fraud that nothing anchored at or after a time counts; it may only move earlier.
    """
    self._only_council()
    number: uint256 = self._issuer_number(issuer)
    time: uint256 = convert(since, uint256)
    assert time != 0 and time <= block.timestamp, "void: time"
    current: uint256 = self._void_from[number]
    assert current == 0 or time < current, "void: only earlier"
    self._void_from[number] = time
    self._record(VOID_FROM_RECORDED, issuer, abi_encode(since, act, self._time()))


@external
def suspend_urgently(issuer: bytes32, member: address, act: bytes32):
    """
    @notice Suspend an active issuer for review, asked for by one member. It lapses after 72 hours; the same member
            waits 30 days for the same issuer and has at most three open.
    """
    self._only_council()
    number: uint256 = self._issuer_number(issuer)
    self._expect_active(number)
    last: uint256 = self.urgent_last[member][number]
    assert last == 0 or block.timestamp >= last + URGENT_PAUSE, "member: suspends again"
    self._take_urgent_slot(member, number)
    self.urgent_last[member][number] = block.timestamp
    self.urgent_member[number] = member
    carried: uint256 = self.now_word[number] & ~((BYTE_MASK << STATE_BIT) | (1 << URGENT_BIT) | TIME_MASK)
    self._write_word(
        number, issuer, carried | block.timestamp | (SUSPENDED << STATE_BIT) | (1 << URGENT_BIT), act, member
    )


@external
def record_predecessor(predecessor: address, state_hash: bytes32, act: bytes32):
    """
    @notice Record once the registry this one succeeds and the hash of its final state.
    """
    self._only_council()
    assert self.predecessor == empty(address), "predecessor: recorded"
    assert predecessor != empty(address), "predecessor: zero"
    self.predecessor = predecessor
    self._record(
        PREDECESSOR_RECORDED,
        convert(predecessor, bytes32),
        abi_encode(predecessor, state_hash, act, self._time()),
    )


# Views


@external
@view
def anchor_rights(account: address) -> (bytes32, bool, bool):
    """
    @notice What an account may anchor now: the issuer it belongs to (zero if none), whether it may open entries, and
            whether it may anchor status changes.
    """
    word: uint256 = self.accounts[account]
    purpose: uint256 = (word >> PURPOSE_BIT) & BYTE_MASK
    if word == 0 or purpose == AGENCY:
        return empty(bytes32), False, False
    number: uint256 = (word >> PARTY_BIT) & NUMBER_MASK
    issuer: bytes32 = self.subject_of[number]
    if purpose == CONTROL or not self._valid(word, block.timestamp):
        return issuer, False, False
    if purpose == CUSTODIAN:
        return issuer, False, True
    return issuer, self._recognised_now(number), True


@external
@view
def standing(issuer: bytes32) -> Standing:
    """
    @notice An issuer now. State 0 is unknown, 9 expired; `lapses` is set while an urgent suspension is unconfirmed.
    """
    word: uint256 = self.now_word[self.number_of[issuer]]
    state: uint256 = self._state_of_word(word, block.timestamp)
    lapses: uint256 = 0
    if state == SUSPENDED and (word >> URGENT_BIT) & 1 == 1:
        lapses = (word & TIME_MASK) + URGENT_LIFE
    return Standing(
        state=convert(state, uint8),
        time=convert(word & TIME_MASK, uint64),
        until=convert((word >> UNTIL_BIT) & TIME_MASK, uint64),
        accreditor=self.subject_of[(word >> ACCREDITOR_BIT) & NUMBER_MASK],
        delegates=(word >> DELEGATES_BIT) & 1 == 1,
        lapses=convert(lapses, uint64),
    )


@external
@view
def state_at(issuer: bytes32, t: uint64) -> uint8:
    """
    @notice An issuer's own state at a time, its accreditors not asked; 0 before it applied, 9 where it had expired.
    """
    time: uint256 = convert(t, uint256)
    return convert(self._state_of_word(self._word_at(TRANSITIONS + self.number_of[issuer], time), time), uint8)


@external
@view
def recognised_at(issuer: bytes32, t: uint64) -> bool:
    """
    @notice Whether an issuer was active at a time with every accreditor above it active and entitled to accredit.
    """
    time: uint256 = convert(t, uint256)
    number: uint256 = self.number_of[issuer]
    for level: uint256 in range(MAX_CHAIN):
        word: uint256 = self._word_at(TRANSITIONS + number, time)
        if not self._carries(word, time, level):
            return False
        number = (word >> ACCREDITOR_BIT) & NUMBER_MASK
        if number == 0:
            return True
    return False


@external
@view
def transition_count(issuer: bytes32) -> uint256:
    """
    @notice How many transitions an issuer has.
    """
    return len(self.timelines[TRANSITIONS + self.number_of[issuer]])


@external
@view
def key(issuer: bytes32, key_id: bytes32) -> Key:
    """
    @notice A key's purpose and window; purpose 0 is unknown, until 0 open, compromised 0 never said.
    """
    word: uint256 = self.keys[self.number_of[issuer]][key_id]
    return Key(
        purpose=convert((word >> PURPOSE_BIT) & BYTE_MASK, uint8),
        valid_from=convert(word & TIME_MASK, uint64),
        until=convert((word >> UNTIL_BIT) & TIME_MASK, uint64),
        compromised=convert((word >> COMPROMISED_BIT) & TIME_MASK, uint64),
    )


@external
@view
def key_at(issuer: bytes32, key_id: bytes32, t: uint64) -> uint8:
    """
    @notice The purpose for which a key held at a time, 0 where it did not.
    """
    word: uint256 = self.keys[self.number_of[issuer]][key_id]
    if not self._valid(word, convert(t, uint256)):
        return 0
    return convert((word >> PURPOSE_BIT) & BYTE_MASK, uint8)


@external
@view
def account(account: address) -> Account:
    """
    @notice An account's subject, purpose and window; purpose 0 is unknown, 4 an agency's.
    """
    word: uint256 = self.accounts[account]
    return Account(
        subject=self.subject_of[(word >> PARTY_BIT) & NUMBER_MASK],
        purpose=convert((word >> PURPOSE_BIT) & BYTE_MASK, uint8),
        valid_from=convert(word & TIME_MASK, uint64),
        until=convert((word >> UNTIL_BIT) & TIME_MASK, uint64),
        compromised=convert((word >> COMPROMISED_BIT) & TIME_MASK, uint64),
    )


@external
@view
def account_at(account: address, t: uint64) -> (bytes32, uint8):
    """
    @notice The issuer and purpose for which an account held at a time, zero where it did not. For agencies: agency_at.
    """
    word: uint256 = self.accounts[account]
    purpose: uint256 = (word >> PURPOSE_BIT) & BYTE_MASK
    if purpose == AGENCY or not self._valid(word, convert(t, uint256)):
        return empty(bytes32), 0
    return self.subject_of[(word >> PARTY_BIT) & NUMBER_MASK], convert(purpose, uint8)


@external
@view
def control_of(issuer: bytes32) -> address:
    """
    @notice The control account that can act now, zero where there is none.
    """
    control: address = self.control_accounts[self.number_of[issuer]]
    if not self._usable(self.accounts[control]):
        return empty(address)
    return control


@external
@view
def scope_at(issuer: bytes32, t: uint64) -> bytes32:
    """
    @notice The scope in force at a time, zero before there was one.
    """
    number: uint256 = self.number_of[issuer]
    position: uint256 = self._position_at(SCOPES + number, convert(t, uint256))
    if position == 0:
        return empty(bytes32)
    return self.scopes[number][position - 1]


@external
@view
def void_from(issuer: bytes32) -> uint64:
    """
    @notice The time from which nothing of the issuer counts, 0 where there is none.
    """
    return convert(self._void_from[self.number_of[issuer]], uint64)


@external
@view
def agency_at(agency: bytes32, t: uint64) -> (address, uint64, uint64):
    """
    @notice The account and the window of an agency's recognition at a time, zeros where it was not recognised.
    """
    time: uint256 = convert(t, uint256)
    window: uint256 = self._word_at(WINDOWS + self.number_of[agency], time)
    until: uint256 = (window >> UNTIL_BIT) & TIME_MASK
    if time >= until:
        return empty(address), 0, 0
    return convert(window >> ACCOUNT_BIT, address), convert(window & TIME_MASK, uint64), convert(until, uint64)


@external
@view
def agency_of(account: address) -> (bytes32, uint64, uint64):
    """
    @notice The agency an account acts for now and its window, zeros where it may not act.
    """
    window: uint256 = self._agency_window(account)
    if window == 0:
        return empty(bytes32), 0, 0
    return (
        self.subject_of[(self.accounts[account] >> PARTY_BIT) & NUMBER_MASK],
        convert(window & TIME_MASK, uint64),
        convert((window >> UNTIL_BIT) & TIME_MASK, uint64),
    )


# Inside: who asks


@internal
@view
def _only_council():
    assert msg.sender == council, "registry: not the council"


@internal
@view
def _issuer_number(issuer: bytes32) -> uint256:
    number: uint256 = self.number_of[issuer]
    assert number != 0 and self.now_word[number] != 0, "issuer: unknown"
    return number


@internal
@view
def _only_control(number: uint256):
    word: uint256 = self.accounts[msg.sender]
    own: bool = self.control_accounts[number] == msg.sender and self._usable(word)
    assert own, "issuer: not the control account"


@internal
@view
def _controlled(issuer: bytes32) -> uint256:
    number: uint256 = self._issuer_number(issuer)
    self._only_control(number)
    return number


@internal
@view
def _acting_accreditor(number: uint256) -> uint256:
    """
    Who accredits with this call: 0 for the council, else the accreditor the issuer belongs to or applied to.
    """
    if msg.sender == council:
        return 0
    accreditor: uint256 = (self.now_word[number] >> ACCREDITOR_BIT) & NUMBER_MASK
    assert accreditor != 0, "registry: not the council"
    self._only_control(accreditor)
    entitled: bool = (self.now_word[accreditor] >> DELEGATES_BIT) & 1 == 1
    assert entitled and self._recognised_now(accreditor), "accreditor: not accredited"
    return accreditor


@internal
@view
def _asked_accreditor(accreditor: bytes32) -> uint256:
    if accreditor == empty(bytes32):
        return 0
    return self._issuer_number(accreditor)


@internal
@view
def _check_apart(account: address):
    """
    Institution, agency and authority are different hands.
    """
    assert account != empty(address), "account: zero"
    authority: bool = account == council or staticcall Council(council).is_member(account)
    assert not authority, "account: is the authority"


# Inside: states


@internal
@pure
def _state_of_word(word: uint256, t: uint256) -> uint256:
    """
    The state a word means at a time: an unconfirmed urgent suspension lapses to active, an active one expires.
    """
    state: uint256 = (word >> STATE_BIT) & BYTE_MASK
    if (word >> URGENT_BIT) & 1 == 1 and t >= (word & TIME_MASK) + URGENT_LIFE:
        state = ACTIVE
    if state == ACTIVE and t >= (word >> UNTIL_BIT) & TIME_MASK:
        state = EXPIRED
    return state


@internal
@pure
def _carries(word: uint256, t: uint256, level: uint256) -> bool:
    """
    Whether a party with this word is active and, above the issuer itself, entitled to accredit.
    """
    if self._state_of_word(word, t) != ACTIVE:
        return False
    return level == 0 or (word >> DELEGATES_BIT) & 1 == 1


@internal
@view
def _recognised_now(issuer: uint256) -> bool:
    number: uint256 = issuer
    for level: uint256 in range(MAX_CHAIN):
        word: uint256 = self.now_word[number]
        if not self._carries(word, block.timestamp, level):
            return False
        number = (word >> ACCREDITOR_BIT) & NUMBER_MASK
        if number == 0:
            return True
    return False


@internal
@view
def _accreditors_above(party: uint256) -> uint256:
    """
    How many accreditors are above a party. Only the council can move an accredited issuer, and only up to itself, so
    a chain never grows and checking its depth when the right to accredit is given is enough.
    """
    number: uint256 = party
    for count: uint256 in range(MAX_CHAIN):
        number = (self.now_word[number] >> ACCREDITOR_BIT) & NUMBER_MASK
        if number == 0:
            return count
    return MAX_CHAIN


@internal
@view
def _position_at(timeline: uint256, t: uint256) -> uint256:
    """
    How many words of a timeline are at or before a time; within one block the last word speaks for its time.
    """
    low: uint256 = 0
    high: uint256 = len(self.timelines[timeline])
    for i: uint256 in range(MAX_HALVINGS):
        if low == high:
            break
        middle: uint256 = (low + high) // 2
        if self.timelines[timeline][middle] & TIME_MASK <= t:
            low = middle + 1
        else:
            high = middle
    return low


@internal
@view
def _word_at(timeline: uint256, t: uint256) -> uint256:
    """
    The word in force at a time, zero where there is none yet.
    """
    position: uint256 = self._position_at(timeline, t)
    if position == 0:
        return 0
    return self.timelines[timeline][position - 1]


@internal
@view
def _state_now(number: uint256) -> uint256:
    return self._state_of_word(self.now_word[number], block.timestamp)


@internal
@view
def _expect(number: uint256, state: uint256):
    assert self._state_now(number) == state, "issuer: state"


@internal
@view
def _expect_applicant(number: uint256):
    state: uint256 = self._state_now(number)
    assert state == APPLIED or state == QA_ATTESTED or state == REVIEWED, "issuer: state"


@internal
@view
def _expect_active(number: uint256):
    assert self._state_now(number) == ACTIVE, "issuer: not active"


@internal
@view
def _expect_accredited(number: uint256):
    state: uint256 = self._state_now(number)
    assert state == ACTIVE or state == EXPIRED or state == SUSPENDED, "issuer: state"


@internal
@view
def _check_until(until: uint256):
    assert block.timestamp < until and until <= MAX_TIME, "until: not later"


# Inside: keys, accounts, agencies


@internal
@pure
def _usable(word: uint256) -> bool:
    """
    Whether a key or account exists and was neither ended nor compromised.
    """
    return word != 0 and (word >> UNTIL_BIT) & TIME_MASK == 0 and (word >> COMPROMISED_BIT) & TIME_MASK == 0


@internal
@pure
def _valid(word: uint256, t: uint256) -> bool:
    """
    Whether a key or account held at a time: from <= t < until, and t before the compromise.
    """
    until: uint256 = (word >> UNTIL_BIT) & TIME_MASK
    compromised: uint256 = (word >> COMPROMISED_BIT) & TIME_MASK
    begun: bool = word != 0 and word & TIME_MASK <= t
    return begun and (until == 0 or t < until) and (compromised == 0 or t < compromised)


@internal
@view
def _check_compromise(number: uint256, since: uint256):
    assert since != 0 and since <= block.timestamp, "compromise: time"
    if msg.sender != council:
        self._only_control(number)
        assert since + CONTROL_REACH >= block.timestamp, "compromise: too far back"


@internal
@pure
def _marked(word: uint256, since: uint256) -> uint256:
    current: uint256 = (word >> COMPROMISED_BIT) & TIME_MASK
    assert current == 0 or since < current, "compromise: only earlier"
    return (word & ~(TIME_MASK << COMPROMISED_BIT)) | (since << COMPROMISED_BIT)


@internal
def _drop_usable_key(number: uint256, word: uint256):
    if self._usable(word) and (word >> PURPOSE_BIT) & BYTE_MASK == ASSERTION:
        self.usable_keys[number] -= 1


@internal
def _drop_usable_account(number: uint256, word: uint256):
    if self._usable(word) and (word >> PURPOSE_BIT) & BYTE_MASK == ANCHORING:
        self.usable_accounts[number] -= 1


@internal
def _new_party(subject: bytes32) -> uint256:
    self.party_count += 1
    self.number_of[subject] = self.party_count
    self.subject_of[self.party_count] = subject
    return self.party_count


@internal
def _add_account(number: uint256, issuer: bytes32, account: address, purpose: uint256, act: bytes32):
    self._check_apart(account)
    assert self.accounts[account] == 0, "account: known"
    self.accounts[account] = block.timestamp | (purpose << PURPOSE_BIT) | (number << PARTY_BIT)
    self._record(ACCOUNT_ADDED, issuer, abi_encode(account, convert(purpose, uint8), act, self._time()))


@internal
def _end_account(number: uint256, account: address, act: bytes32):
    word: uint256 = self.accounts[account]
    assert (word >> UNTIL_BIT) & TIME_MASK == 0, "account: ended"
    self._drop_usable_account(number, word)
    self.accounts[account] = word | (block.timestamp << UNTIL_BIT)
    self._record(ACCOUNT_ENDED, self.subject_of[number], abi_encode(account, act, self._time()))


@internal
@view
def _agency_window(account: address) -> uint256:
    """
    The window of the agency an account acts for now; zero if it is none's, its recognition is over, another account
    took its place, or it has become one of the authority.
    """
    word: uint256 = self.accounts[account]
    if (word >> PURPOSE_BIT) & BYTE_MASK != AGENCY:
        return 0
    window: uint256 = self._word_at(WINDOWS + ((word >> PARTY_BIT) & NUMBER_MASK), block.timestamp)
    over: bool = block.timestamp >= (window >> UNTIL_BIT) & TIME_MASK
    replaced: bool = convert(window >> ACCOUNT_BIT, address) != account
    if over or replaced or staticcall Council(council).is_member(account):
        return 0
    return window


@internal
def _set_agency(number: uint256, agency: bytes32, account: address, until: uint256, act: bytes32):
    window: uint256 = block.timestamp | (until << UNTIL_BIT) | (convert(account, uint256) << ACCOUNT_BIT)
    self.timelines[WINDOWS + number].append(window)
    self._record(AGENCY_RECORDED, agency, abi_encode(account, convert(until, uint64), act, self._time()))


# Inside: what every record goes through


@internal
def _use_review(number: uint256):
    assert self.open_review[number] != 0, "issuer: no agency review"
    self.open_review[number] = 0


@internal
def _set_scope(number: uint256, issuer: bytes32, scope: bytes32, act: bytes32):
    assert scope != empty(bytes32), "scope: zero"
    self.timelines[SCOPES + number].append(block.timestamp)
    self.scopes[number].append(scope)
    self._record(SCOPE_RECORDED, issuer, abi_encode(scope, act, self._time()))


@internal
def _set_state(
    number: uint256,
    issuer: bytes32,
    state: uint256,
    until: uint256,
    accreditor: uint256,
    delegates: bool,
    act: bytes32,
):
    word: uint256 = block.timestamp | (until << UNTIL_BIT) | (accreditor << ACCREDITOR_BIT) | (state << STATE_BIT)
    if delegates:
        word |= 1 << DELEGATES_BIT
    self._write_word(number, issuer, word, act, msg.sender)


@internal
def _change_state(number: uint256, issuer: bytes32, state: uint256, act: bytes32):
    """
    A new state from now on; end, accreditor and delegation stay.
    """
    word: uint256 = self.now_word[number]
    carried: uint256 = word & ~((BYTE_MASK << STATE_BIT) | (1 << URGENT_BIT) | TIME_MASK)
    self._write_word(number, issuer, carried | block.timestamp | (state << STATE_BIT), act, msg.sender)


@internal
def _write_word(number: uint256, issuer: bytes32, word: uint256, act: bytes32, actor: address):
    assert act != empty(bytes32), "act: missing"
    self.now_word[number] = word
    self.timelines[TRANSITIONS + number].append(word)
    lapses: uint256 = 0
    if (word >> URGENT_BIT) & 1 == 1:
        lapses = block.timestamp + URGENT_LIFE
    self._record(
        STATE_RECORDED,
        issuer,
        abi_encode(
            convert((word >> STATE_BIT) & BYTE_MASK, uint8),
            convert((word >> UNTIL_BIT) & TIME_MASK, uint64),
            self.subject_of[(word >> ACCREDITOR_BIT) & NUMBER_MASK],
            (word >> DELEGATES_BIT) & 1 == 1,
            convert(lapses, uint64),
            act,
            actor,
            self._time(),
        ),
    )


@internal
def _take_urgent_slot(member: address, number: uint256):
    """
    Put the issuer where none of the member's open suspensions stands.
    """
    for i: uint256 in range(MAX_URGENT):
        held: uint256 = self.urgent_slots[member][i]
        word: uint256 = self.now_word[held]
        unconfirmed: bool = (word >> URGENT_BIT) & 1 == 1 and self._state_of_word(word, block.timestamp) == SUSPENDED
        if not (unconfirmed and self.urgent_member[held] == member):
            self.urgent_slots[member][i] = number
            return
    raise "member: too many open"


@internal
@view
def _time() -> uint64:
    return convert(block.timestamp, uint64)


@internal
def _record(topic: bytes32, subject: bytes32, data: Bytes[256]):
    """
    The one way to emit: the event's bytes are folded into the subject's history, so that folding all its events gives
    the same hash.
    """
    self.history[subject] = sha256(concat(self.history[subject], topic, subject, data))
    raw_log([topic, subject], data)
