# pragma version 0.4.3
# SPDX-License-Identifier: Apache-2.0
"""
@title ProgrammeRegistry
@license Apache-2.0
@notice Which versions of which programmes are approved, and when. A version is the SHA-256 of the JCS form of its
        document, so an approved version cannot change: another text is another version.
@dev Per version: one packed word for now, a timeline of packed entries, and one history hash
     h' = sha256(h, topic 0, version, data) over every event of that version. Layouts: docs/contracts.md.
"""

interface IssuerRegistry:
    def council() -> address: view
    def control_of(issuer: bytes32) -> address: view
    def agency_of(account: address) -> (bytes32, uint64, uint64): view


struct Standing:
    state: uint8
    time: uint64
    until: uint64
    owner: bytes32
    supersedes: bytes32


event ProgrammeSubmitted:
    subject: indexed(bytes32)
    owner: bytes32
    supersedes: bytes32
    actor: address
    time: uint64

event ProgrammeReviewed:
    subject: indexed(bytes32)
    agency: bytes32
    favourable: bool
    report: bytes32
    recognised_from: uint64
    recognised_until: uint64
    actor: address
    time: uint64

event ProgrammeRecorded:
    subject: indexed(bytes32)
    state: uint8
    until: uint64
    act: bytes32
    time: uint64

event ProgrammeSuperseded:
    subject: indexed(bytes32)
    successor: bytes32
    time: uint64

event PredecessorRecorded:
    subject: indexed(bytes32)
    predecessor: address
    state_hash: bytes32
    act: bytes32
    time: uint64


PROGRAMME_SUBMITTED: constant(bytes32) = keccak256("ProgrammeSubmitted(bytes32,bytes32,bytes32,address,uint64)")
PROGRAMME_REVIEWED: constant(bytes32) = keccak256(
    "ProgrammeReviewed(bytes32,bytes32,bool,bytes32,uint64,uint64,address,uint64)"
)
PROGRAMME_RECORDED: constant(bytes32) = keccak256("ProgrammeRecorded(bytes32,uint8,uint64,bytes32,uint64)")
PROGRAMME_SUPERSEDED: constant(bytes32) = keccak256("ProgrammeSuperseded(bytes32,bytes32,uint64)")
PREDECESSOR_RECORDED: constant(bytes32) = keccak256("PredecessorRecorded(bytes32,address,bytes32,bytes32,uint64)")

# states; 7 is derived, never written
SUBMITTED: constant(uint256) = 1
REVIEWED: constant(uint256) = 2
APPROVED: constant(uint256) = 3
SUSPENDED: constant(uint256) = 4
WITHDRAWN: constant(uint256) = 5
SUPERSEDED: constant(uint256) = 6
EXPIRED: constant(uint256) = 7

# an entry, from bit 0: time 40, until 40 (0 is open), state 5. Three fit a word, so that approving a submitted or
# reviewed version writes into a word that exists: a fresh word would make a batch half as large again.
ENTRY_BITS: constant(uint256) = 85
ENTRIES: constant(uint256) = 3
ENTRY_MASK: constant(uint256) = 2**85 - 1
UNTIL_BIT: constant(uint256) = 40
STATE_BIT: constant(uint256) = 80
TIME_MASK: constant(uint256) = 2**40 - 1
STATE_MASK: constant(uint256) = 31
# the word of now: the last entry, from bit 96 how many entries there are (32), bit 128 whether it supersedes another
COUNT_BIT: constant(uint256) = 96
COUNT_MASK: constant(uint256) = 2**32 - 1
SUPERSEDES_BIT: constant(uint256) = 128

MAX_TIME: constant(uint256) = 2**40 - 1
MAX_BATCH: constant(uint256) = 200
MAX_HALVINGS: constant(uint256) = 33

council: public(immutable(address))
issuer_registry: public(immutable(address))

history: public(HashMap[bytes32, bytes32])
now_word: public(HashMap[bytes32, uint256])
timeline: public(HashMap[bytes32, HashMap[uint256, uint256]])
owner_of: public(HashMap[bytes32, bytes32])
supersedes: public(HashMap[bytes32, bytes32])
predecessor: public(address)


@deploy
def __init__(council_: address, issuer_registry_: address):
    """
    @notice Bind the registry to its council and to the registry that knows owners and agencies.
    """
    assert issuer_registry_.is_contract, "registry: no contract"
    assert staticcall IssuerRegistry(issuer_registry_).council() == council_, "registry: other council"
    council = council_
    issuer_registry = issuer_registry_


# The owner


@external
def submit(version: bytes32, owner: bytes32, supersedes: bytes32):
    """
    @notice Submit a version, by its owner's control account.
    @param version SHA-256 of the JCS form of the programme document
    @param supersedes an earlier version of the same owner that the approval of this one replaces, or zero
    """
    self._only_control(owner)
    assert version != empty(bytes32), "programme: zero"
    assert self.now_word[version] == 0, "programme: known"
    if supersedes != empty(bytes32):
        assert self.owner_of[supersedes] == owner, "programme: other owner"
        self.supersedes[version] = supersedes
        self.now_word[version] = 1 << SUPERSEDES_BIT
    self.owner_of[version] = owner
    self._record(PROGRAMME_SUBMITTED, version, abi_encode(owner, supersedes, msg.sender, self._time()))
    self._append(version, SUBMITTED, 0, empty(bytes32))


@external
def withdraw(version: bytes32, act: bytes32):
    """
    @notice Withdraw a version for good, by its owner's control account.
    """
    state: uint256 = self._known_state(version)
    self._only_control(self.owner_of[version])
    assert state != WITHDRAWN and state != SUPERSEDED, "programme: state"
    self._change(version, WITHDRAWN, act)


# The agency


@external
def review(version: bytes32, favourable: bool, report: bytes32):
    """
    @notice Record a quality agency's decision on a version; a favourable one makes a submitted version reviewed.
    """
    agency: bytes32 = empty(bytes32)
    recognised_from: uint64 = 0
    recognised_until: uint64 = 0
    agency, recognised_from, recognised_until = staticcall IssuerRegistry(issuer_registry).agency_of(msg.sender)
    assert agency != empty(bytes32), "agency: not recognised"
    state: uint256 = self._known_state(version)
    assert state != WITHDRAWN and state != SUPERSEDED, "programme: state"
    self._record(
        PROGRAMME_REVIEWED,
        version,
        abi_encode(agency, favourable, report, recognised_from, recognised_until, msg.sender, self._time()),
    )
    if favourable and state == SUBMITTED:
        self._append(version, REVIEWED, 0, report)


# The council


@external
def approve(version: bytes32, until: uint64, act: bytes32):
    """
    @notice Approve a version until a time (0: open), or approve an expired one again. What it supersedes becomes
            superseded with it.
    """
    self._only_council()
    self._approve(version, convert(until, uint256), act)


@external
def approve_batch(versions: DynArray[bytes32, MAX_BATCH], until: uint64, act: bytes32):
    """
    @notice Approve up to 200 versions by one legal act; one that cannot be approved stops them all.
    """
    self._only_council()
    for version: bytes32 in versions:
        self._approve(version, convert(until, uint256), act)


@external
def suspend(version: bytes32, act: bytes32):
    """
    @notice Suspend an approved version.
    """
    self._only_council()
    state: uint256 = self._known_state(version)
    assert state == APPROVED or state == EXPIRED, "programme: state"
    self._change(version, SUSPENDED, act)


@external
def reinstate(version: bytes32, act: bytes32):
    """
    @notice End a suspension; the window's end stays what it was.
    """
    self._only_council()
    assert self._known_state(version) == SUSPENDED, "programme: state"
    self._change(version, APPROVED, act)


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
def standing(version: bytes32) -> Standing:
    """
    @notice A version now; state 0 is unknown, 7 expired.
    """
    word: uint256 = self.now_word[version]
    return Standing(
        state=convert(self._state_of_entry(word, block.timestamp), uint8),
        time=convert(word & TIME_MASK, uint64),
        until=convert((word >> UNTIL_BIT) & TIME_MASK, uint64),
        owner=self.owner_of[version],
        supersedes=self.supersedes[version],
    )


@external
@view
def state_at(version: bytes32, t: uint64) -> uint8:
    """
    @notice A version's state at a time; 0 before it was submitted, 7 where its window had ended.
    """
    time: uint256 = convert(t, uint256)
    return convert(self._state_of_entry(self._entry_at(version, time), time), uint8)


@external
@view
def approved_at(version: bytes32, t: uint64) -> bool:
    """
    @notice Whether a version was approved at a time.
    """
    time: uint256 = convert(t, uint256)
    return self._state_of_entry(self._entry_at(version, time), time) == APPROVED


@external
@view
def transition_count(version: bytes32) -> uint256:
    """
    @notice How many entries a version's timeline has.
    """
    return self._count(version)


@external
@view
def transition(version: bytes32, position: uint256) -> uint256:
    """
    @notice One entry of a version's timeline.
    """
    assert position < self._count(version), "programme: no such entry"
    return self._entry(version, position)


# Inside


@internal
@view
def _only_council():
    assert msg.sender == council, "registry: not the council"


@internal
@view
def _only_control(owner: bytes32):
    control: address = staticcall IssuerRegistry(issuer_registry).control_of(owner)
    assert control != empty(address) and control == msg.sender, "programme: not the owner"


@internal
@view
def _known_state(version: bytes32) -> uint256:
    word: uint256 = self.now_word[version]
    assert word != 0, "programme: unknown"
    return self._state_of_entry(word, block.timestamp)


@internal
@pure
def _state_of_entry(entry: uint256, t: uint256) -> uint256:
    state: uint256 = (entry >> STATE_BIT) & STATE_MASK
    until: uint256 = (entry >> UNTIL_BIT) & TIME_MASK
    if state == APPROVED and until != 0 and t >= until:
        return EXPIRED
    return state


@internal
def _approve(version: bytes32, until: uint256, act: bytes32):
    assert until == 0 or (block.timestamp < until and until <= MAX_TIME), "until: not later"
    state: uint256 = self._known_state(version)
    assert state == SUBMITTED or state == REVIEWED or state == EXPIRED, "programme: state"
    assert act != empty(bytes32), "act: missing"
    if (self.now_word[version] >> SUPERSEDES_BIT) & 1 == 1:
        self._supersede(self.supersedes[version], version, act)
    self._append(version, APPROVED, until, act)


@internal
def _supersede(version: bytes32, successor: bytes32, act: bytes32):
    """
    An approved version gives way. A suspended one stays suspended: superseded counts as approved for what was
    anchored before, and a new version must not lift a suspension.
    """
    state: uint256 = self._known_state(version)
    if state != APPROVED and state != EXPIRED:
        return
    self._record(PROGRAMME_SUPERSEDED, version, abi_encode(successor, self._time()))
    self._append(version, SUPERSEDED, 0, act)


@internal
def _change(version: bytes32, state: uint256, act: bytes32):
    assert act != empty(bytes32), "act: missing"
    until: uint256 = (self.now_word[version] >> UNTIL_BIT) & TIME_MASK
    self._append(version, state, until, act)


@internal
def _append(version: bytes32, state: uint256, until: uint256, act: bytes32):
    """
    Every change of state is one entry and one ProgrammeRecorded.
    """
    word: uint256 = self.now_word[version]
    count: uint256 = (word >> COUNT_BIT) & COUNT_MASK
    entry: uint256 = block.timestamp | (until << UNTIL_BIT) | (state << STATE_BIT)
    self.timeline[version][count // ENTRIES] |= entry << ((count % ENTRIES) * ENTRY_BITS)
    flag: uint256 = word & (1 << SUPERSEDES_BIT)
    self.now_word[version] = entry | ((count + 1) << COUNT_BIT) | flag
    data: Bytes[256] = abi_encode(convert(state, uint8), convert(until, uint64), act, self._time())
    self._record(PROGRAMME_RECORDED, version, data)


@internal
@view
def _count(version: bytes32) -> uint256:
    return (self.now_word[version] >> COUNT_BIT) & COUNT_MASK


@internal
@view
def _entry(version: bytes32, position: uint256) -> uint256:
    word: uint256 = self.timeline[version][position // ENTRIES]
    return (word >> ((position % ENTRIES) * ENTRY_BITS)) & ENTRY_MASK


@internal
@view
def _entry_at(version: bytes32, t: uint256) -> uint256:
    """
    The last entry at or before a time, zero where there is none; within one block the last one speaks for its time.
    """
    low: uint256 = 0
    high: uint256 = self._count(version)
    for i: uint256 in range(MAX_HALVINGS):
        if low == high:
            break
        middle: uint256 = (low + high) // 2
        if self._entry(version, middle) & TIME_MASK <= t:
            low = middle + 1
        else:
            high = middle
    if low == 0:
        return 0
    return self._entry(version, low - 1)


@internal
@view
def _time() -> uint64:
    return convert(block.timestamp, uint64)


@internal
def _record(topic: bytes32, subject: bytes32, data: Bytes[256]):
    """
    The one way to emit: the event's bytes are folded into the version's history, so that folding all its events gives
    the same hash.
    """
    self.history[subject] = sha256(concat(self.history[subject], topic, subject, data))
    raw_log([topic, subject], data)
