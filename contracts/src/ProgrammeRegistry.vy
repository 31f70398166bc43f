# pragma version 0.4.3
# SPDX-License-Identifier: Apache-2.0
"""
@title ProgrammeRegistry
@license Apache-2.0
@notice Which versions of which programmes are approved, and when. A version is an owner and a document, by the SHA-256
        of its JCS form; so an approved version cannot change, and nobody can occupy another's.
@dev Per version: one packed word for now, a timeline of packed entries, and one history hash
     h' = sha256(h, topic 0, version, data) over every event of that version. Layouts: docs/contracts.md.
"""

from modules import authority
from modules import histories
from modules import programme_versions
from modules import succession
from modules import totals

interface IssuerRegistry:
    def council() -> address: view
    def control_of(issuer: bytes32) -> address: view
    def agency_of(account: address) -> (bytes32, uint64, uint64): view


struct Version:
    owner: bytes32
    document: bytes32


event ProgrammeSubmitted:
    subject: indexed(bytes32)
    owner: bytes32
    document: bytes32
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
    owner: bytes32
    document: bytes32
    time: uint64

event PredecessorRecorded:
    subject: indexed(bytes32)
    predecessor: address
    state_hash: bytes32
    act: bytes32
    time: uint64


PROGRAMME_SUBMITTED: constant(bytes32) = keccak256(
    "ProgrammeSubmitted(bytes32,bytes32,bytes32,bytes32,address,uint64)"
)
PROGRAMME_REVIEWED: constant(bytes32) = keccak256(
    "ProgrammeReviewed(bytes32,bytes32,bool,bytes32,uint64,uint64,address,uint64)"
)
PROGRAMME_SUPERSEDED: constant(bytes32) = keccak256("ProgrammeSuperseded(bytes32,bytes32,bytes32,uint64)")

MAX_BATCH: constant(uint256) = 200
# an agency that reviewed a version in a state may do so again in the same state after this
REVIEW_PAUSE: constant(uint256) = 86400

# the order of these lines is the order of the slots
initializes: authority
exports: authority.council
issuer_registry: public(immutable(address))
initializes: histories[totals := totals]
exports: histories.history
initializes: programme_versions[histories := histories]
exports: (
    programme_versions.now_word,
    programme_versions.timeline,
    programme_versions.owner_of,
    programme_versions.supersedes,
    programme_versions.version_of,
    programme_versions.programme_now,
    programme_versions.state_at,
    programme_versions.approved_at,
    programme_versions.transition_count,
    programme_versions.transition,
)
# by version and agency: time 40, and from bit 40 the state it reviewed
last_reviews: HashMap[bytes32, HashMap[bytes32, uint256]]
initializes: succession[authority := authority, histories := histories]
exports: (
    succession.predecessor,
    succession.record_predecessor,
)
initializes: totals
exports: totals.total


@deploy
def __init__(council_: address, issuer_registry_: address):
    """
    @notice Bind the registry to its council and to the registry that knows owners and agencies.
    """
    assert issuer_registry_.is_contract, "registry: no contract"
    assert staticcall IssuerRegistry(issuer_registry_).council() == council_, "registry: other council"
    authority.__init__(council_)
    issuer_registry = issuer_registry_


# The owner


@external
def submit(owner: bytes32, document: bytes32, supersedes: bytes32):
    """
    @notice Submit a version, by its owner's control account.
    @param document SHA-256 of the JCS form of the programme document
    @param supersedes an earlier document of the same owner that the approval of this one replaces, or zero
    """
    self._only_control(owner)
    assert document != empty(bytes32), "programme: zero"
    version: bytes32 = programme_versions._version_of(owner, document)
    assert programme_versions.now_word[version] == 0, "programme: known"
    if supersedes != empty(bytes32):
        programme_versions._known_state(programme_versions._version_of(owner, supersedes))
        programme_versions.supersedes[version] = supersedes
        programme_versions.now_word[version] = 1 << programme_versions.SUPERSEDES_BIT
    programme_versions.owner_of[version] = owner
    histories._record(
        PROGRAMME_SUBMITTED, version, abi_encode(owner, document, supersedes, msg.sender, histories._time())
    )
    programme_versions._append(version, programme_versions.SUBMITTED, 0, empty(bytes32))


@external
def withdraw(owner: bytes32, document: bytes32, act: bytes32):
    """
    @notice Withdraw a version for good, by its owner's control account.
    """
    version: bytes32 = programme_versions._version_of(owner, document)
    state: uint256 = programme_versions._known_state(version)
    self._only_control(owner)
    self._check_open(state)
    self._change(version, programme_versions.WITHDRAWN, act)


# The agency


@external
def review(owner: bytes32, document: bytes32, favourable: bool, report: bytes32):
    """
    @notice Record a quality agency's decision on a version; a favourable one makes a submitted version reviewed. An
            agency reviews a version once in each state, and again only after 24 hours.
    """
    agency: bytes32 = empty(bytes32)
    recognised_from: uint64 = 0
    recognised_until: uint64 = 0
    agency, recognised_from, recognised_until = staticcall IssuerRegistry(issuer_registry).agency_of(msg.sender)
    assert agency != empty(bytes32), "agency: not recognised"
    version: bytes32 = programme_versions._version_of(owner, document)
    state: uint256 = programme_versions._known_state(version)
    self._check_open(state)
    last: uint256 = self.last_reviews[version][agency]
    same: bool = last >> programme_versions.UNTIL_BIT == state
    again: uint256 = (last & programme_versions.TIME_MASK) + REVIEW_PAUSE
    assert not same or block.timestamp >= again, "agency: too soon"
    self.last_reviews[version][agency] = block.timestamp | (state << programme_versions.UNTIL_BIT)
    histories._record(
        PROGRAMME_REVIEWED,
        version,
        abi_encode(agency, favourable, report, recognised_from, recognised_until, msg.sender, histories._time()),
    )
    if favourable and state == programme_versions.SUBMITTED:
        programme_versions._append(version, programme_versions.REVIEWED, 0, report)


# The council


@external
def approve(owner: bytes32, document: bytes32, until: uint64, act: bytes32):
    """
    @notice Approve a version until a time (0: open), or approve an expired one again. What it supersedes becomes
            superseded with it.
    """
    authority._only_council()
    self._approve(owner, document, convert(until, uint256), act)


@external
def approve_batch(versions: DynArray[Version, MAX_BATCH], until: uint64, act: bytes32):
    """
    @notice Approve up to 200 versions by one legal act; one that cannot be approved stops them all.
    """
    authority._only_council()
    for version: Version in versions:
        self._approve(version.owner, version.document, convert(until, uint256), act)


@external
def suspend(owner: bytes32, document: bytes32, act: bytes32):
    """
    @notice Suspend an approved version.
    """
    authority._only_council()
    version: bytes32 = programme_versions._version_of(owner, document)
    state: uint256 = programme_versions._known_state(version)
    assert state == programme_versions.APPROVED or state == programme_versions.EXPIRED, "programme: state"
    self._change(version, programme_versions.SUSPENDED, act)


@external
def reinstate(owner: bytes32, document: bytes32, act: bytes32):
    """
    @notice End a suspension; the window's end stays what it was.
    """
    authority._only_council()
    version: bytes32 = programme_versions._version_of(owner, document)
    assert programme_versions._known_state(version) == programme_versions.SUSPENDED, "programme: state"
    self._change(version, programme_versions.APPROVED, act)


# Inside


@internal
@view
def _only_control(owner: bytes32):
    control: address = staticcall IssuerRegistry(issuer_registry).control_of(owner)
    assert control != empty(address) and control == msg.sender, "programme: not the owner"


@internal
@pure
def _check_open(state: uint256):
    closed: bool = state == programme_versions.WITHDRAWN or state == programme_versions.SUPERSEDED
    assert not closed, "programme: state"


@internal
def _approve(owner: bytes32, document: bytes32, until: uint256, act: bytes32):
    window: bool = until == 0 or (block.timestamp < until and until <= programme_versions.MAX_TIME)
    assert window, "until: not later"
    version: bytes32 = programme_versions._version_of(owner, document)
    state: uint256 = programme_versions._known_state(version)
    ready: bool = state == programme_versions.SUBMITTED or state == programme_versions.REVIEWED
    assert ready or state == programme_versions.EXPIRED, "programme: state"
    assert act != empty(bytes32), "act: missing"
    if (programme_versions.now_word[version] >> programme_versions.SUPERSEDES_BIT) & 1 == 1:
        self._supersede(owner, programme_versions.supersedes[version], document, act)
    programme_versions._append(version, programme_versions.APPROVED, until, act)


@internal
def _supersede(owner: bytes32, document: bytes32, successor: bytes32, act: bytes32):
    """
    An approved version gives way. A suspended one stays suspended: superseded counts as approved for what was
    anchored before, and a new version must not lift a suspension.
    """
    version: bytes32 = programme_versions._version_of(owner, document)
    state: uint256 = programme_versions._known_state(version)
    if state != programme_versions.APPROVED and state != programme_versions.EXPIRED:
        return
    histories._record(PROGRAMME_SUPERSEDED, version, abi_encode(owner, successor, histories._time()))
    programme_versions._append(version, programme_versions.SUPERSEDED, 0, act)


@internal
def _change(version: bytes32, state: uint256, act: bytes32):
    assert act != empty(bytes32), "act: missing"
    word: uint256 = programme_versions.now_word[version]
    until: uint256 = (word >> programme_versions.UNTIL_BIT) & programme_versions.TIME_MASK
    programme_versions._append(version, state, until, act)
