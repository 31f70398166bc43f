# pragma version 0.4.3
# SPDX-License-Identifier: Apache-2.0
"""
@title Council
@license Apache-2.0
@notice The state authority: m of n members decide together. A proposal binds a target, the hash of its calldata
        and the hash of the legal act that orders it. One member alone can only suspend an issuer for review.
@dev Every event goes through `_record`, which counts it in the total: its subject is the proposal's number, or zero.
     There is no owner, no proxy and no way around the threshold but the recovery set, which is slow, public and
     can be cancelled by the quorum. The one raw_call of the system is in `execute`.
"""

from modules import totals

interface SuspendingRegistry:
    def council() -> address: view
    def suspend_urgently(issuer: bytes32, member: address, act: bytes32): nonpayable


struct Proposal:
    target: address
    calldata_hash: bytes32
    act: bytes32
    proposer: address
    proposed: uint256
    configuration: uint256
    executed: bool
    closed: bool


struct Recovery:
    members_hash: bytes32
    approvals: uint256
    ready: uint256
    configuration: uint256
    closed: bool


event Proposed:
    proposal: indexed(uint256)
    target: address
    member: address
    calldata_hash: bytes32
    act: bytes32
    time: uint64

event Approved:
    proposal: indexed(uint256)
    member: address
    time: uint64

event Retracted:
    proposal: indexed(uint256)
    member: address
    closed: bool
    time: uint64

event Executed:
    proposal: indexed(uint256)
    member: address
    act: bytes32
    time: uint64

event MembersSet:
    configuration: uint256
    members: DynArray[address, 32]
    threshold: uint256
    time: uint64

event UrgentSuspension:
    registry: address
    issuer: bytes32
    member: address
    act: bytes32
    time: uint64

event TrustRecorded:
    number: uint64
    digest: bytes32
    time: uint64

event RecoveryProposed:
    recovery: uint256
    member: address
    members: DynArray[address, 32]
    threshold: uint256
    time: uint64

event RecoveryApproved:
    recovery: uint256
    member: address
    ready: uint64
    time: uint64

event RecoveryCancelled:
    recovery: uint256
    time: uint64

event RecoveryExecuted:
    recovery: uint256
    member: address
    time: uint64


PROPOSED: constant(bytes32) = keccak256("Proposed(uint256,address,address,bytes32,bytes32,uint64)")
APPROVED: constant(bytes32) = keccak256("Approved(uint256,address,uint64)")
RETRACTED: constant(bytes32) = keccak256("Retracted(uint256,address,bool,uint64)")
EXECUTED: constant(bytes32) = keccak256("Executed(uint256,address,bytes32,uint64)")
MEMBERS_SET: constant(bytes32) = keccak256("MembersSet(uint256,address[],uint256,uint64)")
URGENT_SUSPENSION: constant(bytes32) = keccak256("UrgentSuspension(address,bytes32,address,bytes32,uint64)")
TRUST_RECORDED: constant(bytes32) = keccak256("TrustRecorded(uint64,bytes32,uint64)")
RECOVERY_PROPOSED: constant(bytes32) = keccak256("RecoveryProposed(uint256,address,address[],uint256,uint64)")
RECOVERY_APPROVED: constant(bytes32) = keccak256("RecoveryApproved(uint256,address,uint64,uint64)")
RECOVERY_CANCELLED: constant(bytes32) = keccak256("RecoveryCancelled(uint256,uint64)")
RECOVERY_EXECUTED: constant(bytes32) = keccak256("RecoveryExecuted(uint256,address,uint64)")

# the subject of an event about no proposal; the first proposal has number 1
NO_PROPOSAL: constant(uint256) = 0
MAX_MEMBERS: constant(uint256) = 32
# 200 versions of 64 bytes, selector, offset, length, window and act: 12,932 bytes
MAX_CALLDATA: constant(uint256) = 12960
# the longest event: five fields, the length of the list and 32 members
MAX_DATA: constant(uint256) = 38 * 32
DAY: constant(uint256) = 86400
PROPOSAL_LIFE: constant(uint256) = 30 * DAY
RECOVERY_DELAY: constant(uint256) = 30 * DAY
# a recovery that nobody carried out is not a loaded gun for years
RECOVERY_LIFE: constant(uint256) = 30 * DAY
DEMO_CHAIN: constant(uint256) = 31337

_members: DynArray[address, 32]
threshold: public(uint256)
_recovery_members: DynArray[address, 32]
recovery_threshold: public(uint256)
# counts every change of members or threshold; a proposal of an earlier one is void
configuration: public(uint256)
proposals: public(HashMap[uint256, Proposal])
proposal_count: public(uint256)
approved: public(HashMap[uint256, HashMap[address, bool]])
recoveries: public(HashMap[uint256, Recovery])
recovery_count: public(uint256)
recovery_approved: public(HashMap[uint256, HashMap[address, bool]])
# the newest trust file's number, and the SHA-256 of each without its signatures, in JCS form
trust_number: public(uint64)
trust_files: public(HashMap[uint64, bytes32])
initializes: totals
exports: totals.total


@deploy
def __init__(
    members: DynArray[address, 32],
    threshold: uint256,
    recovery_members: DynArray[address, 32],
    recovery_threshold: uint256,
):
    """
    @notice Name the members and the recovery set; an empty recovery set with threshold 0 means no recovery.
    """
    self._set_members(members, threshold)
    self._check_distinct(recovery_members)
    if len(recovery_members) == 0:
        assert recovery_threshold == 0, "council: threshold"
    else:
        least: uint256 = 1 if chain.id == DEMO_CHAIN else 2
        assert least <= recovery_threshold, "council: threshold"
        assert recovery_threshold <= len(recovery_members), "council: threshold"
    self._recovery_members = recovery_members
    self.recovery_threshold = recovery_threshold


# Proposals


@external
def propose(target: address, calldata_hash: bytes32, act: bytes32) -> uint256:
    """
    @notice Propose a call; proposing is the proposer's approval.
    @param calldata_hash keccak-256 of the calldata that `execute` must be given
    @param act SHA-256 of the legal act
    @return number of the proposal
    """
    self._only_member()
    assert act != empty(bytes32), "act: missing"
    self.proposal_count += 1
    proposal: uint256 = self.proposal_count
    self.proposals[proposal] = Proposal(
        target=target,
        calldata_hash=calldata_hash,
        act=act,
        proposer=msg.sender,
        proposed=block.timestamp,
        configuration=self.configuration,
        executed=False,
        closed=False,
    )
    self.approved[proposal][msg.sender] = True
    self._record(PROPOSED, proposal, abi_encode(target, msg.sender, calldata_hash, act, self._time()))
    return proposal


@external
def approve(proposal: uint256, target: address, calldata_hash: bytes32, act: bytes32):
    """
    @notice Approve an open proposal; each member counts once. The signature binds what the member read: target, hash
            of the calldata and act must be those of the proposal.
    """
    self._only_member()
    self._check_open(proposal)
    stored: Proposal = self.proposals[proposal]
    same: bool = stored.target == target and stored.calldata_hash == calldata_hash and stored.act == act
    assert same, "council: other proposal"
    assert not self.approved[proposal][msg.sender], "council: already approved"
    self.approved[proposal][msg.sender] = True
    self._record(APPROVED, proposal, abi_encode(msg.sender, self._time()))


@external
def retract(proposal: uint256):
    """
    @notice Take back one's own approval of an open proposal. The proposer's closes the proposal.
    """
    self._only_member()
    self._check_open(proposal)
    assert self.approved[proposal][msg.sender], "council: not approved"
    closes: bool = self.proposals[proposal].proposer == msg.sender
    self.approved[proposal][msg.sender] = False
    self.proposals[proposal].closed = closes
    self._record(RETRACTED, proposal, abi_encode(msg.sender, closes, self._time()))


@external
@nonreentrant
def execute(proposal: uint256, data: Bytes[MAX_CALLDATA]):
    """
    @notice Carry out a proposal that enough current members approved; a failing call reverts everything.
    """
    self._only_member()
    self._check_open(proposal)
    assert keccak256(data) == self.proposals[proposal].calldata_hash, "council: calldata"
    assert self._approvals(proposal) >= self.threshold, "council: too few approvals"
    target: address = self.proposals[proposal].target
    # a call to an address without code would succeed and do nothing
    assert target.is_contract, "council: no contract"
    self.proposals[proposal].executed = True
    self._record(EXECUTED, proposal, abi_encode(msg.sender, self.proposals[proposal].act, self._time()))
    raw_call(target, data)


@external
def set_members(members: DynArray[address, 32], threshold: uint256):
    """
    @notice Replace members and threshold; only by an executed proposal. Every open proposal becomes void.
    """
    self._only_self()
    self._set_members(members, threshold)


@external
def record_trust(number: uint64, digest: bytes32):
    """
    @notice Record a trust file; only by an executed proposal, and each with a higher number than the one before.
    @param digest SHA-256 of the trust file without its signatures, in its JCS form
    """
    self._only_self()
    assert digest != empty(bytes32), "trust: zero"
    assert number > self.trust_number, "trust: only upward"
    self.trust_number = number
    self.trust_files[number] = digest
    self._record(TRUST_RECORDED, NO_PROPOSAL, abi_encode(number, digest, self._time()))


# Urgent suspension


@external
@nonreentrant
def suspend_urgently(registry: address, issuer: bytes32, act: bytes32):
    """
    @notice Suspend an issuer for review, at once and alone. The registry sets the limits: it lapses after 72 hours
            unless the quorum confirms it, and a member cannot repeat or hoard it.
    @dev The registry is an argument because it is deployed after the council. That gives no power: the selector is
         fixed, the issuer registry alone has it, and it receives the member's account.
    """
    self._only_member()
    assert registry.is_contract, "council: no contract"
    assert staticcall SuspendingRegistry(registry).council() == self, "council: foreign registry"
    self._record(URGENT_SUSPENSION, NO_PROPOSAL, abi_encode(registry, issuer, msg.sender, act, self._time()))
    extcall SuspendingRegistry(registry).suspend_urgently(issuer, msg.sender, act)


# Recovery


@external
def propose_recovery(members: DynArray[address, 32], threshold: uint256) -> uint256:
    """
    @notice Propose new members as one of the recovery set; proposing is the proposer's approval.
    @return number of the recovery
    """
    assert msg.sender in self._recovery_members, "recovery: not a member"
    self._check_council(members, threshold)
    self.recovery_count += 1
    recovery: uint256 = self.recovery_count
    self.recoveries[recovery] = Recovery(
        members_hash=self._members_hash(members, threshold),
        approvals=0,
        ready=0,
        configuration=self.configuration,
        closed=False,
    )
    self._record(RECOVERY_PROPOSED, NO_PROPOSAL, abi_encode(recovery, msg.sender, members, threshold, self._time()))
    self._approve_recovery(recovery)
    return recovery


@external
def approve_recovery(recovery: uint256, members_hash: bytes32):
    """
    @notice Approve a recovery. The approval that reaches the threshold starts the 30 days.
    @param members_hash keccak-256 of the ABI form of members and threshold, as the sender read them
    """
    assert msg.sender in self._recovery_members, "recovery: not a member"
    self._check_recovery_open(recovery)
    assert members_hash == self.recoveries[recovery].members_hash, "recovery: other members"
    assert not self.recovery_approved[recovery][msg.sender], "recovery: already approved"
    self._approve_recovery(recovery)


@external
def execute_recovery(recovery: uint256, members: DynArray[address, 32], threshold: uint256):
    """
    @notice Replace the members, 30 days after the recovery set agreed and not later than 60.
    """
    assert msg.sender in self._recovery_members, "recovery: not a member"
    self._check_recovery_open(recovery)
    ready: uint256 = self.recoveries[recovery].ready
    assert ready != 0, "recovery: too few approvals"
    assert block.timestamp >= ready, "recovery: too early"
    assert block.timestamp < ready + RECOVERY_LIFE, "recovery: expired"
    members_hash: bytes32 = self._members_hash(members, threshold)
    assert members_hash == self.recoveries[recovery].members_hash, "recovery: other members"
    self.recoveries[recovery].closed = True
    self._record(RECOVERY_EXECUTED, NO_PROPOSAL, abi_encode(recovery, msg.sender, self._time()))
    self._set_members(members, threshold)


@external
def cancel_recovery(recovery: uint256):
    """
    @notice Cancel a recovery; only by an executed proposal of the quorum.
    """
    self._only_self()
    self._check_recovery_open(recovery)
    self.recoveries[recovery].closed = True
    self._record(RECOVERY_CANCELLED, NO_PROPOSAL, abi_encode(recovery, self._time()))


# Views


@external
@view
def members() -> DynArray[address, 32]:
    """
    @notice The members now.
    """
    return self._members


@external
@view
def recovery_members() -> DynArray[address, 32]:
    """
    @notice The recovery set, fixed at deployment.
    """
    return self._recovery_members


@external
@view
def is_member(account: address) -> bool:
    """
    @notice Whether the account is a member now.
    """
    return account in self._members


@external
@view
def approvals(proposal: uint256) -> uint256:
    """
    @notice How many of the current members approved the proposal.
    """
    return self._approvals(proposal)


# Inside


@internal
@view
def _only_member():
    assert msg.sender in self._members, "council: not a member"


@internal
@view
def _only_self():
    assert msg.sender == self, "council: not by proposal"


@internal
@view
def _check_open(proposal: uint256):
    assert self.proposals[proposal].proposed != 0, "council: unknown proposal"
    assert not self.proposals[proposal].executed, "council: executed"
    assert not self.proposals[proposal].closed, "council: retracted"
    assert self.proposals[proposal].configuration == self.configuration, "council: void"
    assert block.timestamp < self.proposals[proposal].proposed + PROPOSAL_LIFE, "council: expired"


@internal
@view
def _approvals(proposal: uint256) -> uint256:
    count: uint256 = 0
    for member: address in self._members:
        if self.approved[proposal][member]:
            count += 1
    return count


@internal
@view
def _check_recovery_open(recovery: uint256):
    assert self.recoveries[recovery].members_hash != empty(bytes32), "recovery: unknown"
    assert not self.recoveries[recovery].closed, "recovery: closed"
    # the quorum changed its members meanwhile: it is alive, and this recovery was for another council
    assert self.recoveries[recovery].configuration == self.configuration, "recovery: void"


@internal
def _approve_recovery(recovery: uint256):
    self.recovery_approved[recovery][msg.sender] = True
    self.recoveries[recovery].approvals += 1
    if self.recoveries[recovery].approvals == self.recovery_threshold:
        self.recoveries[recovery].ready = block.timestamp + RECOVERY_DELAY
    ready: uint64 = convert(self.recoveries[recovery].ready, uint64)
    self._record(RECOVERY_APPROVED, NO_PROPOSAL, abi_encode(recovery, msg.sender, ready, self._time()))


@internal
@pure
def _members_hash(members: DynArray[address, 32], threshold: uint256) -> bytes32:
    return keccak256(abi_encode(members, threshold))


@internal
def _set_members(members: DynArray[address, 32], threshold: uint256):
    self._check_council(members, threshold)
    self._members = members
    self.threshold = threshold
    self.configuration += 1
    self._record(MEMBERS_SET, NO_PROPOSAL, abi_encode(self.configuration, members, threshold, self._time()))


@internal
@view
def _check_council(members: DynArray[address, 32], threshold: uint256):
    # m = n would let one lost key stop everything; m = 1 is for demonstrations only
    least: uint256 = 1 if chain.id == DEMO_CHAIN else 2
    assert least <= threshold, "council: threshold"
    assert threshold < len(members), "council: threshold"
    self._check_distinct(members)


@internal
@pure
def _check_distinct(members: DynArray[address, 32]):
    for i: uint256 in range(len(members), bound=MAX_MEMBERS):
        assert members[i] != empty(address), "council: members"
        for j: uint256 in range(i, bound=MAX_MEMBERS):
            assert members[j] != members[i], "council: members"


@internal
@view
def _time() -> uint64:
    return convert(block.timestamp, uint64)


@internal
def _record(topic: bytes32, proposal: uint256, data: Bytes[MAX_DATA]):
    """
    The one way to emit: the event's bytes are counted in the total. An event about no proposal has no second topic.
    """
    subject: bytes32 = convert(proposal, bytes32)
    totals._count(concat(topic, subject, data))
    if proposal == NO_PROPOSAL:
        raw_log([topic], data)
    else:
        raw_log([topic, subject], data)
