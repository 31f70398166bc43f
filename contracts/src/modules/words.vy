# pragma version 0.4.3
# SPDX-License-Identifier: Apache-2.0
"""
@title words
@license Apache-2.0
@notice Bits of the packed words that a registry stores.
@dev Layouts: docs/contracts.md.
"""

TIME_MASK: constant(uint256) = 2**40 - 1
NUMBER_MASK: constant(uint256) = 2**32 - 1
BYTE_MASK: constant(uint256) = 255
MAX_TIME: constant(uint256) = 2**40 - 1

# every word begins with a time of 40 bits; most have an end of 40 bits after it
UNTIL_BIT: constant(uint256) = 40
# a word of now and of a transition, from bit 0: time 40, until 40, accreditor 32, state 8, delegates 1, urgent 1
ACCREDITOR_BIT: constant(uint256) = 80
STATE_BIT: constant(uint256) = 112
DELEGATES_BIT: constant(uint256) = 120
URGENT_BIT: constant(uint256) = 121
# a key or account, from bit 0: from 40, until 40, compromised since 40, purpose 8, number of the party 32
COMPROMISED_BIT: constant(uint256) = 80
PURPOSE_BIT: constant(uint256) = 120
PARTY_BIT: constant(uint256) = 128
# an agency's window, from bit 0: time 40, until 40, account 160
ACCOUNT_BIT: constant(uint256) = 80
