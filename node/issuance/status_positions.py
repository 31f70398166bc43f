"""Draw free status positions at random, list by list. The database has the last word on each of them."""

from collections.abc import Callable
from dataclasses import dataclass

from acredita.anchoring.entries import POSITIONS_PER_LIST
from acredita.anchoring.types import IssuerId
from acredita.node.storage import credentials
from acredita.registry.credentials.status_list import StatusListFullError, draw_position
from sqlalchemy import Connection


@dataclass
class StatusPositions:
    """The positions of an issuer's newest list; the next list is opened when no unused one is found in it."""

    used: set[int]
    list_number: int
    random_below: Callable[[int], int]

    @classmethod
    def read(cls, connection: Connection, issuer: IssuerId, random_below: Callable[[int], int]) -> "StatusPositions":
        """Read which positions of the newest list are drawn."""
        number = newest_list(connection, issuer)
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


def newest_list(connection: Connection, issuer: IssuerId) -> int:
    """Return the list of the highest position drawn so far. No position is drawn from an earlier one."""
    highest = credentials.highest_position(connection, issuer)
    return 0 if highest is None else highest // POSITIONS_PER_LIST
