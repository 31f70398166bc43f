# pragma version 0.4.3
# SPDX-License-Identifier: Apache-2.0
"""
@title parties
@license Apache-2.0
@notice Institutions and agencies by number, and the states of the institutions.
@dev Per institution: one packed word for now, and one packed word per transition.
"""

from modules import histories
from modules import timeline
from modules import words

uses: histories
uses: timeline

struct IssuerNow:
    state: uint8
    time: uint64
    until: uint64
    accreditor: bytes32
    delegates: bool
    lapses: uint64


STATE_RECORDED: constant(bytes32) = keccak256(
    "StateRecorded(bytes32,uint8,uint64,bytes32,bool,uint64,bytes32,address,uint64)"
)

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

# an applicant's word, each 8 bits: keys and accounts it added, attestations, applications after a withdrawal
KEYS_BIT: constant(uint256) = 0
ACCOUNTS_BIT: constant(uint256) = 8
ATTESTATIONS_BIT: constant(uint256) = 16
APPLICATIONS_BIT: constant(uint256) = 24
ACTIVATED: constant(uint256) = 1 << 32
MAX_KEYS_BEFORE: constant(uint256) = 8
MAX_ACCOUNTS_BEFORE: constant(uint256) = 4
MAX_ATTESTATIONS_BEFORE: constant(uint256) = 4
MAX_APPLICATIONS_BEFORE: constant(uint256) = 4

# an unconfirmed urgent suspension lapses after this
URGENT_LIFE: constant(uint256) = 72 * 3600
# an issuer and at most two accreditors above it
MAX_CHAIN: constant(uint256) = 3

party_count: public(uint256)
number_of: public(HashMap[bytes32, uint256])
subject_of: public(HashMap[uint256, bytes32])
# by number, so that an accreditor fits the word and a chain is walked with one read a party
now_word: public(HashMap[uint256, uint256])
# what a party did before its first activation, so that a stranger's history stays small; ACTIVATED afterwards
applicants: HashMap[uint256, uint256]


@external
@view
def issuer_now(issuer: bytes32) -> IssuerNow:
    """
    @notice An issuer now. State 0 is unknown, 9 expired; `lapses` is set while an urgent suspension is unconfirmed.
    """
    word: uint256 = self.now_word[self.number_of[issuer]]
    state: uint256 = self._state_of_word(word, block.timestamp)
    lapses: uint256 = 0
    if state == SUSPENDED and (word >> words.URGENT_BIT) & 1 == 1:
        lapses = (word & words.TIME_MASK) + URGENT_LIFE
    return IssuerNow(
        state=convert(state, uint8),
        time=convert(word & words.TIME_MASK, uint64),
        until=convert((word >> words.UNTIL_BIT) & words.TIME_MASK, uint64),
        accreditor=self.subject_of[(word >> words.ACCREDITOR_BIT) & words.NUMBER_MASK],
        delegates=(word >> words.DELEGATES_BIT) & 1 == 1,
        lapses=convert(lapses, uint64),
    )


@external
@view
def state_at(issuer: bytes32, t: uint64) -> uint8:
    """
    @notice An issuer's own state at a time, without its accreditors; 0 before it applied, 9 where it had expired.
    """
    time: uint256 = convert(t, uint256)
    word: uint256 = timeline._word_at(timeline.TRANSITIONS + self.number_of[issuer], time)
    return convert(self._state_of_word(word, time), uint8)


@external
@view
def recognised_at(issuer: bytes32, t: uint64) -> bool:
    """
    @notice Whether an issuer was active at a time with every accreditor above it active and entitled to accredit.
    """
    time: uint256 = convert(t, uint256)
    number: uint256 = self.number_of[issuer]
    for level: uint256 in range(MAX_CHAIN):
        word: uint256 = timeline._word_at(timeline.TRANSITIONS + number, time)
        if not self._carries(word, time, level):
            return False
        number = (word >> words.ACCREDITOR_BIT) & words.NUMBER_MASK
        if number == 0:
            return True
    return False


@external
@view
def transition_count(issuer: bytes32) -> uint256:
    """
    @notice How many transitions an issuer has.
    """
    return len(timeline.timelines[timeline.TRANSITIONS + self.number_of[issuer]])


@internal
def _new_party(subject: bytes32) -> uint256:
    self.party_count += 1
    self.number_of[subject] = self.party_count
    self.subject_of[self.party_count] = subject
    return self.party_count


@internal
def _count_before_activation(number: uint256, bit: uint256, most: uint256):
    word: uint256 = self.applicants[number]
    if word != ACTIVATED:
        assert (word >> bit) & words.BYTE_MASK < most, "issuer: too many"
        self.applicants[number] = word + (1 << bit)


@internal
@view
def _issuer_number(issuer: bytes32) -> uint256:
    number: uint256 = self.number_of[issuer]
    assert number != 0 and self.now_word[number] != 0, "issuer: unknown"
    return number


@internal
@pure
def _state_of_word(word: uint256, t: uint256) -> uint256:
    """
    The state a word means at a time: an unconfirmed urgent suspension lapses to active, an active one expires.
    """
    state: uint256 = (word >> words.STATE_BIT) & words.BYTE_MASK
    if (word >> words.URGENT_BIT) & 1 == 1 and t >= (word & words.TIME_MASK) + URGENT_LIFE:
        state = ACTIVE
    if state == ACTIVE and t >= (word >> words.UNTIL_BIT) & words.TIME_MASK:
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
    return level == 0 or (word >> words.DELEGATES_BIT) & 1 == 1


@internal
@view
def _recognised_now(issuer: uint256) -> bool:
    number: uint256 = issuer
    for level: uint256 in range(MAX_CHAIN):
        word: uint256 = self.now_word[number]
        if not self._carries(word, block.timestamp, level):
            return False
        number = (word >> words.ACCREDITOR_BIT) & words.NUMBER_MASK
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
        number = (self.now_word[number] >> words.ACCREDITOR_BIT) & words.NUMBER_MASK
        if number == 0:
            return count
    return MAX_CHAIN


@internal
@view
def _state_now(number: uint256) -> uint256:
    return self._state_of_word(self.now_word[number], block.timestamp)


@internal
@pure
def _allow(transition: bool):
    assert transition, "issuer: state"


@internal
@view
def _expect(number: uint256, state: uint256):
    self._allow(self._state_now(number) == state)


@internal
@view
def _expect_applicant(number: uint256):
    state: uint256 = self._state_now(number)
    self._allow(state == APPLIED or state == QA_ATTESTED or state == REVIEWED)


@internal
@view
def _expect_active(number: uint256):
    assert self._state_now(number) == ACTIVE, "issuer: not active"


@internal
@view
def _expect_accredited(number: uint256):
    state: uint256 = self._state_now(number)
    self._allow(state == ACTIVE or state == EXPIRED or state == SUSPENDED)


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
    word: uint256 = block.timestamp | (until << words.UNTIL_BIT)
    word |= (accreditor << words.ACCREDITOR_BIT) | (state << words.STATE_BIT)
    if delegates:
        word |= 1 << words.DELEGATES_BIT
    self._write_word(number, issuer, word, act, msg.sender)


@internal
def _change_state(number: uint256, issuer: bytes32, state: uint256, act: bytes32):
    """
    A new state from now on; end, accreditor and delegation stay.
    """
    word: uint256 = self.now_word[number]
    carried: uint256 = word & ~((words.BYTE_MASK << words.STATE_BIT) | (1 << words.URGENT_BIT) | words.TIME_MASK)
    self._write_word(number, issuer, carried | block.timestamp | (state << words.STATE_BIT), act, msg.sender)


@internal
def _write_word(number: uint256, issuer: bytes32, word: uint256, act: bytes32, actor: address):
    assert act != empty(bytes32), "act: missing"
    self.now_word[number] = word
    timeline.timelines[timeline.TRANSITIONS + number].append(word)
    lapses: uint256 = 0
    if (word >> words.URGENT_BIT) & 1 == 1:
        lapses = block.timestamp + URGENT_LIFE
    histories._record(
        STATE_RECORDED,
        issuer,
        abi_encode(
            convert((word >> words.STATE_BIT) & words.BYTE_MASK, uint8),
            convert((word >> words.UNTIL_BIT) & words.TIME_MASK, uint64),
            self.subject_of[(word >> words.ACCREDITOR_BIT) & words.NUMBER_MASK],
            (word >> words.DELEGATES_BIT) & 1 == 1,
            convert(lapses, uint64),
            act,
            actor,
            histories._time(),
        ),
    )


@internal
@view
def _check_until(until: uint256):
    assert block.timestamp < until and until <= words.MAX_TIME, "until: not later"
