# pragma version 0.4.3
# SPDX-License-Identifier: Apache-2.0
"""
@title authority
@license Apache-2.0
@notice The council that a registry belongs to, for ever.
"""

interface Council:
    def is_member(account: address) -> bool: view


council: public(immutable(address))


@deploy
def __init__(council_: address):
    """
    @notice Bind the registry to its council.
    """
    council = council_


@internal
@view
def _only_council():
    assert msg.sender == council, "registry: not the council"


@internal
@view
def _is_member(account: address) -> bool:
    return staticcall Council(council).is_member(account)


@internal
@view
def _check_apart(account: address):
    """
    Institution, agency and authority are different hands.
    """
    assert account != empty(address), "account: zero"
    assert account != council and not self._is_member(account), "account: is the authority"
