# pragma version 0.4.3
# SPDX-License-Identifier: Apache-2.0
"""
@title keys_and_accounts
@license Apache-2.0
@notice Keys and accounts of the parties. Each holds from the block that adds it, and an ended one does not come back.
"""

from modules import authority
from modules import account_consent
from modules import histories
from modules import parties
from modules import words

uses: authority
uses: account_consent
uses: histories
uses: parties

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


KEY_ADDED: constant(bytes32) = keccak256("KeyAdded(bytes32,bytes32,uint8,bytes32,uint64)")
KEY_ENDED: constant(bytes32) = keccak256("KeyEnded(bytes32,bytes32,uint64)")
KEY_COMPROMISED: constant(bytes32) = keccak256("KeyCompromised(bytes32,bytes32,uint64,bytes32,uint64)")
ACCOUNT_ADDED: constant(bytes32) = keccak256("AccountAdded(bytes32,address,uint8,bytes32,uint64)")
ACCOUNT_ENDED: constant(bytes32) = keccak256("AccountEnded(bytes32,address,bytes32,uint64)")
ACCOUNT_COMPROMISED: constant(bytes32) = keccak256("AccountCompromised(bytes32,address,uint64,bytes32,uint64)")

# purposes of keys
ASSERTION: constant(uint256) = 1
NOTE: constant(uint256) = 2

# purposes of accounts
ANCHORING: constant(uint256) = 1
CUSTODIAN: constant(uint256) = 2
CONTROL: constant(uint256) = 3
AGENCY: constant(uint256) = 4

# the masks of `until` and `compromised since`, which follow each other
BOTH_ENDS: constant(uint256) = 2**80 - 1

# usable keys and anchoring accounts of a party: they are ended in one call, so their number is bounded
MAX_KEYS: constant(uint256) = 16
MAX_ACCOUNTS: constant(uint256) = 8
# added to the number of the party, for its list of anchoring accounts
ACCOUNTS: constant(uint256) = 2**32

# how far back the control account may date a compromise: more would let a stolen one rewrite history
CONTROL_REACH: constant(uint256) = 72 * 3600

accounts: HashMap[address, uint256]
control_accounts: HashMap[uint256, address]
keys: HashMap[uint256, HashMap[bytes32, uint256]]
# what is neither ended nor compromised, so that all of it can be ended in one call: key ids by number of the party,
# anchoring accounts by number and ACCOUNTS
usable: HashMap[uint256, DynArray[bytes32, MAX_KEYS]]


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
    parties._count_before_activation(number, parties.KEYS_BIT, parties.MAX_KEYS_BEFORE)
    assert len(self.usable[number]) < MAX_KEYS, "key: too many"
    self.usable[number].append(key_id)
    self.keys[number][key_id] = block.timestamp | (kind << words.PURPOSE_BIT)
    histories._record_four(KEY_ADDED, issuer, key_id, kind, statement)


@external
def end_key(issuer: bytes32, key_id: bytes32):
    """
    @notice End a key now; what it signed before stays good.
    """
    number: uint256 = self._controlled(issuer)
    word: uint256 = self.keys[number][key_id]
    assert word != 0, "key: unknown"
    assert (word >> words.UNTIL_BIT) & words.TIME_MASK == 0, "key: ended"
    self._end_key(number, issuer, key_id, word)


@external
def key_compromised(issuer: bytes32, key_id: bytes32, since: uint64, act: bytes32):
    """
    @notice Mark a key as compromised since a time; it may only move earlier. The control account reaches
            72 hours back, the council any time.
    """
    number: uint256 = parties._issuer_number(issuer)
    word: uint256 = self.keys[number][key_id]
    self._check_compromise(number, word, convert(since, uint256))
    assert word != 0, "key: unknown"
    self._mark_key(number, issuer, key_id, word, convert(since, uint256), act)


@external
def add_anchoring_account(issuer: bytes32, account: address, deadline: uint64, signature: Bytes[65]):
    """
    @notice Add an account that can anchor and nothing else, with its consent. It belongs to this issuer for ever.
    """
    number: uint256 = self._controlled(issuer)
    parties._count_before_activation(number, parties.ACCOUNTS_BIT, parties.MAX_ACCOUNTS_BEFORE)
    assert len(self.usable[ACCOUNTS + number]) < MAX_ACCOUNTS, "account: too many"
    self._bind_account(number, issuer, account, ANCHORING, empty(bytes32), deadline, signature)
    self.usable[ACCOUNTS + number].append(convert(account, bytes32))


@external
def end_account(account: address, act: bytes32):
    """
    @notice End an anchoring account (its control account) or a custodian (the council) now.
    """
    word: uint256 = self.accounts[account]
    purpose: uint256 = (word >> words.PURPOSE_BIT) & words.BYTE_MASK
    assert purpose == ANCHORING or purpose == CUSTODIAN, "account: unknown"
    number: uint256 = (word >> words.PARTY_BIT) & words.NUMBER_MASK
    if purpose == CUSTODIAN:
        authority._only_council()
    else:
        self._only_control(number)
    self._end_account(number, account, act)


@external
def account_compromised(account: address, since: uint64, act: bytes32):
    """
    @notice Mark an account as compromised since a time; rules as for keys. A custodian only by the council.
    """
    word: uint256 = self.accounts[account]
    purpose: uint256 = (word >> words.PURPOSE_BIT) & words.BYTE_MASK
    assert word != 0 and purpose != AGENCY, "account: unknown"
    number: uint256 = (word >> words.PARTY_BIT) & words.NUMBER_MASK
    if purpose == CUSTODIAN:
        authority._only_council()
    self._check_compromise(number, word, convert(since, uint256))
    self._mark_account(number, account, word, convert(since, uint256), act)


@external
@view
def usable_keys(issuer: bytes32) -> DynArray[bytes32, MAX_KEYS]:
    """
    @notice The keys of an issuer that are neither ended nor compromised.
    """
    return self.usable[parties.number_of[issuer]]


@external
@view
def usable_accounts(issuer: bytes32) -> DynArray[address, MAX_ACCOUNTS]:
    """
    @notice The anchoring accounts of an issuer that are neither ended nor compromised.
    """
    accounts: DynArray[address, MAX_ACCOUNTS] = []
    for member: bytes32 in self.usable[ACCOUNTS + parties.number_of[issuer]]:
        accounts.append(convert(convert(member, uint256), address))
    return accounts


@external
@view
def key(issuer: bytes32, key_id: bytes32) -> Key:
    """
    @notice A key's purpose and window; purpose 0 is unknown, until 0 open, compromised 0 never marked.
    """
    word: uint256 = self.keys[parties.number_of[issuer]][key_id]
    return Key(
        purpose=convert((word >> words.PURPOSE_BIT) & words.BYTE_MASK, uint8),
        valid_from=convert(word & words.TIME_MASK, uint64),
        until=convert((word >> words.UNTIL_BIT) & words.TIME_MASK, uint64),
        compromised=convert((word >> words.COMPROMISED_BIT) & words.TIME_MASK, uint64),
    )


@external
@view
def key_at(issuer: bytes32, key_id: bytes32, t: uint64) -> uint8:
    """
    @notice The purpose for which a key held at a time, 0 where it did not.
    """
    word: uint256 = self.keys[parties.number_of[issuer]][key_id]
    if not self._valid(word, convert(t, uint256)):
        return 0
    return convert((word >> words.PURPOSE_BIT) & words.BYTE_MASK, uint8)


@external
@view
def account(account: address) -> Account:
    """
    @notice An account's subject, purpose and window; purpose 0 is unknown, 4 an agency's.
    """
    word: uint256 = self.accounts[account]
    return Account(
        subject=parties.subject_of[(word >> words.PARTY_BIT) & words.NUMBER_MASK],
        purpose=convert((word >> words.PURPOSE_BIT) & words.BYTE_MASK, uint8),
        valid_from=convert(word & words.TIME_MASK, uint64),
        until=convert((word >> words.UNTIL_BIT) & words.TIME_MASK, uint64),
        compromised=convert((word >> words.COMPROMISED_BIT) & words.TIME_MASK, uint64),
    )


@external
@view
def account_at(account: address, t: uint64) -> (bytes32, uint8):
    """
    @notice The issuer and purpose for which an account held at a time, zero where it did not. For agencies: agency_at.
    """
    word: uint256 = self.accounts[account]
    purpose: uint256 = (word >> words.PURPOSE_BIT) & words.BYTE_MASK
    if purpose == AGENCY or not self._valid(word, convert(t, uint256)):
        return empty(bytes32), 0
    return parties.subject_of[(word >> words.PARTY_BIT) & words.NUMBER_MASK], convert(purpose, uint8)


@external
@view
def control_of(issuer: bytes32) -> address:
    """
    @notice The control account that can act now, zero where there is none.
    """
    control: address = self.control_accounts[parties.number_of[issuer]]
    if not self._usable(self.accounts[control]):
        return empty(address)
    return control


@internal
@view
def _only_control(number: uint256):
    word: uint256 = self.accounts[msg.sender]
    own: bool = self.control_accounts[number] == msg.sender and self._usable(word)
    assert own, "issuer: not the control account"


@internal
@view
def _controlled(issuer: bytes32) -> uint256:
    number: uint256 = parties._issuer_number(issuer)
    self._only_control(number)
    return number


@internal
@pure
def _usable(word: uint256) -> bool:
    """
    Whether a key or account exists and was neither ended nor compromised.
    """
    # until and compromised since, both zero
    return word != 0 and (word >> words.UNTIL_BIT) & BOTH_ENDS == 0


@internal
@pure
def _valid(word: uint256, t: uint256) -> bool:
    """
    Whether a key or account held at a time: from <= t < until, and t before the compromise.
    """
    until: uint256 = (word >> words.UNTIL_BIT) & words.TIME_MASK
    compromised: uint256 = (word >> words.COMPROMISED_BIT) & words.TIME_MASK
    begun: bool = word != 0 and word & words.TIME_MASK <= t
    return begun and (until == 0 or t < until) and (compromised == 0 or t < compromised)


@internal
@view
def _check_compromise(number: uint256, word: uint256, since: uint256):
    assert since != 0 and since <= block.timestamp, "compromise: time"
    if msg.sender != authority.council:
        self._only_control(number)
        assert since + CONTROL_REACH >= block.timestamp, "compromise: too far back"
        # an applicant marks once: moving the mark on and on would make a long history
        marked: bool = (word >> words.COMPROMISED_BIT) & words.TIME_MASK != 0
        assert not marked or parties.applicants[number] == parties.ACTIVATED, "issuer: too many"


@internal
@pure
def _marked(word: uint256, since: uint256) -> uint256:
    current: uint256 = (word >> words.COMPROMISED_BIT) & words.TIME_MASK
    assert current == 0 or since < current, "compromise: only earlier"
    return (word & ~(words.TIME_MASK << words.COMPROMISED_BIT)) | (since << words.COMPROMISED_BIT)


@internal
def _drop_usable(list: uint256, word: uint256, member: bytes32):
    """
    Take a key or an account off the list it is on, if it is on one.
    """
    if not self._usable(word):
        return
    count: uint256 = len(self.usable[list])
    for i: uint256 in range(count, bound=MAX_KEYS):
        if self.usable[list][i] == member:
            self.usable[list][i] = self.usable[list][count - 1]
            self.usable[list].pop()
            return


@internal
def _end_key(number: uint256, issuer: bytes32, key_id: bytes32, word: uint256):
    self._drop_usable(number, word, key_id)
    self.keys[number][key_id] = word | (block.timestamp << words.UNTIL_BIT)
    histories._record(KEY_ENDED, issuer, abi_encode(key_id, histories._time()))


@internal
def _mark_key(number: uint256, issuer: bytes32, key_id: bytes32, word: uint256, since: uint256, act: bytes32):
    self._drop_usable(number, word, key_id)
    self.keys[number][key_id] = self._marked(word, since)
    histories._record_four(KEY_COMPROMISED, issuer, key_id, since, act)


@internal
def _mark_account(number: uint256, account: address, word: uint256, since: uint256, act: bytes32):
    self._drop_usable(ACCOUNTS + number, word, convert(account, bytes32))
    self.accounts[account] = self._marked(word, since)
    subject: bytes32 = parties.subject_of[number]
    histories._record_four(ACCOUNT_COMPROMISED, subject, convert(account, bytes32), since, act)


@internal
def _end_usable(number: uint256, issuer: bytes32, since: uint256, act: bytes32):
    """
    End every usable key and anchoring account, each by its own event; what was added at or after `since` is compromised
    from its start instead.
    """
    for i: uint256 in range(len(self.usable[number]), bound=MAX_KEYS):
        key_id: bytes32 = self.usable[number][0]  # the list gets shorter each time
        word: uint256 = self.keys[number][key_id]
        if word & words.TIME_MASK >= since:
            self._mark_key(number, issuer, key_id, word, word & words.TIME_MASK, act)
        else:
            self._end_key(number, issuer, key_id, word)
    for i: uint256 in range(len(self.usable[ACCOUNTS + number]), bound=MAX_KEYS):
        account: address = convert(convert(self.usable[ACCOUNTS + number][0], uint256), address)
        word: uint256 = self.accounts[account]
        if word & words.TIME_MASK >= since:
            self._mark_account(number, account, word, word & words.TIME_MASK, act)
        else:
            self._end_account(number, account, act)


@internal
@view
def _has_assertion_key(number: uint256) -> bool:
    for key_id: bytes32 in self.usable[number]:
        if (self.keys[number][key_id] >> words.PURPOSE_BIT) & words.BYTE_MASK == ASSERTION:
            return True
    return False


@internal
def _bind_account(
    number: uint256,
    issuer: bytes32,
    account: address,
    purpose: uint256,
    act: bytes32,
    deadline: uint64,
    signature: Bytes[65],
):
    self._add_account(number, issuer, account, purpose, act)
    account_consent._check_consent(account, issuer, purpose, deadline, signature)


@internal
def _add_account(number: uint256, issuer: bytes32, account: address, purpose: uint256, act: bytes32):
    authority._check_apart(account)
    assert self.accounts[account] == 0, "account: known"
    self.accounts[account] = block.timestamp | (purpose << words.PURPOSE_BIT) | (number << words.PARTY_BIT)
    histories._record_four(ACCOUNT_ADDED, issuer, convert(account, bytes32), purpose, act)


@internal
def _end_account(number: uint256, account: address, act: bytes32):
    word: uint256 = self.accounts[account]
    assert (word >> words.UNTIL_BIT) & words.TIME_MASK == 0, "account: ended"
    self._drop_usable(ACCOUNTS + number, word, convert(account, bytes32))
    self.accounts[account] = word | (block.timestamp << words.UNTIL_BIT)
    histories._record_three(ACCOUNT_ENDED, parties.subject_of[number], convert(account, bytes32), act)
