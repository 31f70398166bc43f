"""Draw free status positions at random, list by list. The database has the last word on each of them.

Invariant: a list has one address, which its credentials name. After a change of the address a new list is begun.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from acredita.anchoring.entries import POSITIONS_PER_LIST
from acredita.anchoring.types import IssuerId
from acredita.node.issuance.context import InstitutionRefused
from acredita.node.storage import credentials, list_addresses
from acredita.registry.codes import Code
from acredita.registry.credentials.status_list import StatusListFullError, draw_position
from sqlalchemy import Connection


@dataclass
class StatusPositions:
    """The positions of an issuer's newest list; the next list is opened when no unused one is found in it."""

    used: set[int]
    list_number: int
    random_below: Callable[[int], int]

    @classmethod
    def read(
        cls, connection: Connection, issuer: IssuerId, base: str, random_below: Callable[[int], int]
    ) -> "StatusPositions":
        """Read which positions of the newest list are drawn; of the next list, if the newest has another address."""
        number = newest_list(connection, issuer)
        if list_addresses.address_of(connection, issuer, number) not in (None, base):
            return cls(set(), number + 1, random_below)
        first = number * POSITIONS_PER_LIST
        used = credentials.used_positions(connection, issuer, first, first + POSITIONS_PER_LIST - 1)
        return cls(used, number, random_below)

    def draw(self) -> int:
        """Draw a position that is not used yet."""
        try:
            status_position = draw_position(self.list_number, self.used, self.random_below)
        except StatusListFullError:
            self.list_number, self.used = self.list_number + 1, set()
            status_position = draw_position(self.list_number, self.used, self.random_below)
        self.used.add(status_position)
        return status_position


def begin_lists(connection: Connection, issuer: IssuerId, base: str, positions: Iterable[int]) -> None:
    """Begin the lists of drawn positions under an address, in the transaction that stores them.

    Raises InstitutionRefused if another process has begun one of them under another address.
    """
    for number in sorted({position // POSITIONS_PER_LIST for position in positions}):
        settled = list_addresses.settle(connection, issuer, number, base)
        if settled != base:
            raise InstitutionRefused(
                Code.BASE_CHANGED, f"another process issues under {settled}, this one under {base}"
            )


def newest_list(connection: Connection, issuer: IssuerId) -> int:
    """Return the list of the highest position drawn so far. No position is drawn from an earlier one."""
    highest = credentials.highest_position(connection, issuer)
    return 0 if highest is None else highest // POSITIONS_PER_LIST
