# pragma version 0.4.3
# SPDX-License-Identifier: Apache-2.0
"""
@title histories
@license Apache-2.0
@notice The history hash of each subject: h' = sha256(h, topic 0, subject, data) over all its events.
@dev All events of a registry go through `_record`, so no event can be left out of the hash or of the total.
"""

from modules import totals

uses: totals

history: public(HashMap[bytes32, bytes32])


@internal
@view
def _time() -> uint64:
    return convert(block.timestamp, uint64)


@internal
def _record(topic: bytes32, subject: bytes32, data: Bytes[256]):
    """
    The one way to emit: the event's bytes are folded into the subject's history and into the total, so that folding
    the events gives the same words.
    """
    record: Bytes[320] = concat(topic, subject, data)
    self.history[subject] = sha256(concat(self.history[subject], record))
    totals._count(record)
    raw_log([topic, subject], data)


@internal
def _record_three(topic: bytes32, subject: bytes32, first: bytes32, act: bytes32):
    """
    An event of a word, an act and the time.
    """
    self._record(topic, subject, abi_encode(first, act, self._time()))


@internal
def _record_four(topic: bytes32, subject: bytes32, first: bytes32, second: uint256, third: bytes32):
    """
    An event of three words and the time: one word of code for all of that shape, whatever the types of its fields.
    """
    self._record(topic, subject, abi_encode(first, second, third, self._time()))
