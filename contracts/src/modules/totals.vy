# pragma version 0.4.3
# SPDX-License-Identifier: Apache-2.0
"""
@title totals
@license Apache-2.0
@notice One word over every event of a contract, in order: total' = sha256(total, topic 0, subject, data), 32 zero bytes
        at first. Whoever has all events gets the same word, so a reader sees that nothing was left out.
@dev Each contract sends all its events through one function, which calls `_count` with the bytes of the event.
"""

# topic 0, subject and the longest data of an event: a council of 32 members proposed by the recovery set
MAX_RECORD: constant(uint256) = 64 + 38 * 32

total: public(bytes32)


@internal
def _count(record: Bytes[MAX_RECORD]):
    self.total = sha256(concat(self.total, record))
