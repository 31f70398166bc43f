# pragma version 0.4.3
# SPDX-License-Identifier: Apache-2.0
"""
@title agencies
@license Apache-2.0
@notice Quality agencies: the windows of their recognition, and their reviews of institutions.
"""

from modules import authority
from modules import account_consent
from modules import histories
from modules import keys_and_accounts
from modules import parties
from modules import timeline
from modules import words

uses: authority
uses: account_consent
uses: histories
uses: keys_and_accounts
uses: parties
uses: timeline

REVIEW_RECORDED: constant(bytes32) = keccak256(
    "ReviewRecorded(bytes32,bytes32,bool,bytes32,uint64,uint64,address,uint64)"
)
AGENCY_RECORDED: constant(bytes32) = keccak256("AgencyRecorded(bytes32,address,uint64,bytes32,uint64)")

# the favourable review that the next activation or renewal uses up: number of the agency
open_review: public(HashMap[uint256, uint256])
# by numbers of agency and issuer: time 40, and from bit 40 the state it reviewed
last_reviews: HashMap[uint256, HashMap[uint256, uint256]]

# an agency that reviewed an issuer in a state may do so again in the same state after this
REVIEW_PAUSE: constant(uint256) = 86400


@external
def recognise_agency(
    agency: bytes32, account: address, until: uint64, act: bytes32, deadline: uint64, signature: Bytes[65]
):
    """
    @notice Recognise a quality agency until a time, or renew its recognition, with the account it acts by. A new
            account consents.
    """
    authority._only_council()
    assert agency != empty(bytes32), "agency: zero"
    parties._check_until(convert(until, uint256))
    number: uint256 = parties.number_of[agency]
    if number == 0:
        number = parties._new_party(agency)
    assert parties.now_word[number] == 0, "agency: is an institution"
    authority._check_apart(account)
    word: uint256 = keys_and_accounts.accounts[account]
    own: uint256 = (keys_and_accounts.AGENCY << words.PURPOSE_BIT) | (number << words.PARTY_BIT)
    assert word == 0 or (word >> words.PURPOSE_BIT) << words.PURPOSE_BIT == own, "account: known"
    if word == 0:
        account_consent._check_consent(account, agency, keys_and_accounts.AGENCY, deadline, signature)
        keys_and_accounts.accounts[account] = block.timestamp | own
    self._set_agency(number, agency, account, convert(until, uint256), act)


@external
def end_agency(agency: bytes32, act: bytes32):
    """
    @notice End an agency's recognition now; its earlier reviews stay valid.
    """
    authority._only_council()
    number: uint256 = parties.number_of[agency]
    assert len(timeline.timelines[timeline.WINDOWS + number]) != 0, "agency: unknown"
    window: uint256 = timeline._word_at(timeline.WINDOWS + number, block.timestamp)
    assert block.timestamp < (window >> words.UNTIL_BIT) & words.TIME_MASK, "agency: not recognised"
    account: address = convert(window >> words.ACCOUNT_BIT, address)
    self._set_agency(number, agency, account, block.timestamp, act)


@external
def review(issuer: bytes32, favourable: bool, report: bytes32):
    """
    @notice Record a quality agency's decision. A favourable one on an attested application makes it reviewed;
            an unfavourable one is a record, and takes back the same agency's favourable one. An agency reviews an
            issuer once in each state, and again only after 24 hours.
    @param report SHA-256 of the report
    """
    window: uint256 = self._agency_window(msg.sender)
    assert window != 0, "agency: not recognised"
    agency: uint256 = (keys_and_accounts.accounts[msg.sender] >> words.PARTY_BIT) & words.NUMBER_MASK
    number: uint256 = parties._issuer_number(issuer)
    state: uint256 = parties._state_now(number)
    if state != parties.QA_ATTESTED and state != parties.REVIEWED:
        parties._expect_accredited(number)
    last: uint256 = self.last_reviews[agency][number]
    same: bool = last >> words.UNTIL_BIT == state
    assert not same or block.timestamp >= (last & words.TIME_MASK) + REVIEW_PAUSE, "agency: too soon"
    self.last_reviews[agency][number] = block.timestamp | (state << words.UNTIL_BIT)
    if favourable:
        self.open_review[number] = agency
    elif self.open_review[number] == agency:
        self.open_review[number] = 0
    histories._record(
        REVIEW_RECORDED,
        issuer,
        abi_encode(
            parties.subject_of[agency],
            favourable,
            report,
            convert(window & words.TIME_MASK, uint64),
            convert((window >> words.UNTIL_BIT) & words.TIME_MASK, uint64),
            msg.sender,
            histories._time(),
        ),
    )
    if favourable and state == parties.QA_ATTESTED:
        parties._change_state(number, issuer, parties.REVIEWED, report)


@external
@view
def agency_at(agency: bytes32, t: uint64) -> (address, uint64, uint64):
    """
    @notice The account and the window of an agency's recognition at a time, zeros where it was not recognised.
    """
    time: uint256 = convert(t, uint256)
    window: uint256 = timeline._word_at(timeline.WINDOWS + parties.number_of[agency], time)
    until: uint256 = (window >> words.UNTIL_BIT) & words.TIME_MASK
    if time >= until:
        return empty(address), 0, 0
    account: address = convert(window >> words.ACCOUNT_BIT, address)
    return account, convert(window & words.TIME_MASK, uint64), convert(until, uint64)


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
        parties.subject_of[(keys_and_accounts.accounts[account] >> words.PARTY_BIT) & words.NUMBER_MASK],
        convert(window & words.TIME_MASK, uint64),
        convert((window >> words.UNTIL_BIT) & words.TIME_MASK, uint64),
    )


@internal
@view
def _agency_window(account: address) -> uint256:
    """
    The window of the agency an account acts for now; zero if it is none's, its recognition is over, another account
    took its place, or it has become one of the authority.
    """
    word: uint256 = keys_and_accounts.accounts[account]
    if (word >> words.PURPOSE_BIT) & words.BYTE_MASK != keys_and_accounts.AGENCY:
        return 0
    agency: uint256 = (word >> words.PARTY_BIT) & words.NUMBER_MASK
    window: uint256 = timeline._word_at(timeline.WINDOWS + agency, block.timestamp)
    over: bool = block.timestamp >= (window >> words.UNTIL_BIT) & words.TIME_MASK
    replaced: bool = convert(window >> words.ACCOUNT_BIT, address) != account
    if over or replaced or authority._is_member(account):
        return 0
    return window


@internal
def _set_agency(number: uint256, agency: bytes32, account: address, until: uint256, act: bytes32):
    window: uint256 = block.timestamp | (until << words.UNTIL_BIT) | (convert(account, uint256) << words.ACCOUNT_BIT)
    timeline.timelines[timeline.WINDOWS + number].append(window)
    histories._record_four(AGENCY_RECORDED, agency, convert(account, bytes32), until, act)


@internal
def _use_review(number: uint256):
    assert self.open_review[number] != 0, "issuer: no agency review"
    self.open_review[number] = 0
