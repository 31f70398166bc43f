# pragma version 0.4.3
# SPDX-License-Identifier: Apache-2.0
"""
@title timeline
@license Apache-2.0
@notice Packed words in order of time, by kind of timeline and number of the party. Nothing is ever taken away.
"""

from modules import words

# kinds, added to the number of the party: transitions, recognition windows, times of scopes
TRANSITIONS: constant(uint256) = 0
WINDOWS: constant(uint256) = 2**32
SCOPES: constant(uint256) = 2 * 2**32
MAX_TIMELINE: constant(uint256) = 2**24
# halvings that find a place in the longest timeline
MAX_HALVINGS: constant(uint256) = 25

timelines: public(HashMap[uint256, DynArray[uint256, MAX_TIMELINE]])


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
        if self.timelines[timeline][middle] & words.TIME_MASK <= t:
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
