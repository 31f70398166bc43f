# pragma version 0.4.3
# SPDX-License-Identifier: Apache-2.0
"""
@title programme_versions
@license Apache-2.0
@notice Programme versions: one packed word for now and a timeline of packed entries.
@dev A version belongs to its owner: its subject is keccak-256("acredita/programme/1", owner, document). So nobody can
     take another's place, whoever submits a document first.
"""

from modules import histories

uses: histories

struct ProgrammeNow:
    state: uint8
    time: uint64
    until: uint64
    owner: bytes32
    supersedes: bytes32


PROGRAMME_RECORDED: constant(bytes32) = keccak256("ProgrammeRecorded(bytes32,uint8,uint64,bytes32,uint64)")

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
MAX_HALVINGS: constant(uint256) = 33

now_word: public(HashMap[bytes32, uint256])
timeline: public(HashMap[bytes32, HashMap[uint256, uint256]])
owner_of: public(HashMap[bytes32, bytes32])
# the earlier document of the same owner
supersedes: public(HashMap[bytes32, bytes32])


@external
@pure
def version_of(owner: bytes32, document: bytes32) -> bytes32:
    """
    @notice The subject of a version.
    @param document SHA-256 of the JCS form of the programme document
    """
    return self._version_of(owner, document)


@external
@view
def programme_now(version: bytes32) -> ProgrammeNow:
    """
    @notice A version now; state 0 is unknown, 7 expired. `supersedes` is an earlier document of the same owner.
    """
    word: uint256 = self.now_word[version]
    return ProgrammeNow(
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


@internal
@pure
def _version_of(owner: bytes32, document: bytes32) -> bytes32:
    return keccak256(concat(b"acredita/programme/1", owner, document))


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
    data: Bytes[256] = abi_encode(convert(state, uint8), convert(until, uint64), act, histories._time())
    histories._record(PROGRAMME_RECORDED, version, data)


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
