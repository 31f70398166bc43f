# pragma version 0.4.3
# SPDX-License-Identifier: Apache-2.0
"""
@title succession
@license Apache-2.0
@notice The registry that this one succeeds. The event is declared by the contract that uses the module.
"""

from modules import authority
from modules import histories

uses: authority
uses: histories

PREDECESSOR_RECORDED: constant(bytes32) = keccak256("PredecessorRecorded(bytes32,address,bytes32,bytes32,uint64)")

predecessor: public(address)


@external
def record_predecessor(predecessor: address, state_hash: bytes32, act: bytes32):
    """
    @notice Record once the registry this one succeeds and the hash of its final state.
    """
    authority._only_council()
    assert self.predecessor == empty(address), "predecessor: recorded"
    assert predecessor != empty(address), "predecessor: zero"
    self.predecessor = predecessor
    subject: bytes32 = convert(predecessor, bytes32)
    histories._record_four(PREDECESSOR_RECORDED, subject, subject, convert(state_hash, uint256), act)
