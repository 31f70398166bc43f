"""Admit connections: bounded for each address and in total, so that nobody takes the server away from everybody.

- A connection that the server waits for (for a handshake, a request, or the rest of one) gives its place to a new one:
  of the same address if that address has all of its places, of any address if all places are taken.
- A connection whose request is being answered keeps its place. A new connection is refused only if all others do.
- Connections of a trusted proxy are bounded in total alone. The requests that it forwards are bounded by the address
  that it names.
- An address counts as IPv4, or as the first 64 bits of IPv6, because a host has all addresses below them.
"""

import ipaddress
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

MAX_CONNECTIONS: Final = 1_024
MAX_CONNECTIONS_PER_ADDRESS: Final = 128  # a school behind one address: some twenty browsers with six connections each

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_HOST_BITS: Final = 64


@dataclass(frozen=True)
class AdmissionLimits:
    """Bounds of the connections, and the proxies whose forwarded addresses count."""

    total: int = MAX_CONNECTIONS
    per_address: int = MAX_CONNECTIONS_PER_ADDRESS
    trusted_proxies: tuple[Network, ...] = ()


class Place:
    """The place of one connection. `close` ends the connection when another one gets its place."""

    def __init__(self, admission: "Admission", address: str | None) -> None:
        self._admission = admission
        self.address = address
        self.close: Callable[[], None] = _nothing

    @property
    def limits(self) -> AdmissionLimits:
        """The bounds of the server."""
        return self._admission.limits

    def begin_forwarded(self, address: str) -> bool:
        """Count a request that a trusted proxy forwards; return False if its address has all it may have."""
        return self._admission.begin_forwarded(address)

    def end_forwarded(self, address: str) -> None:
        """Count a forwarded request no longer."""
        self._admission.end_forwarded(address)

    def answering(self) -> None:
        """Keep the place: a request is complete and is being answered."""
        self._admission.answering(self)

    def waiting(self) -> None:
        """Offer the place to others: the server waits for the client."""
        self._admission.waiting(self)

    def release(self) -> None:
        """Return the place: the connection has ended."""
        self._admission.release(self)


class Admission:
    """The places of a server. Used on its event loop only."""

    def __init__(self, limits: AdmissionLimits) -> None:
        self.limits = limits
        self._open: set[Place] = set()
        self._waiting: dict[Place, None] = {}  # longest first; not those of trusted proxies
        self._by_address: Counter[str] = Counter()
        self._forwarded: Counter[str] = Counter()

    def admit(self, address: str) -> Place | None:
        """Return a place for a connection of this address, or None if there is none. May end another connection."""
        is_proxy = is_trusted(address, self.limits.trusted_proxies)
        place = Place(self, None if is_proxy else counted_address(address))
        if self._is_full_for(place) and not self._end_longest(
            one for one in self._waiting if one.address == place.address
        ):
            return None
        if len(self._open) >= self.limits.total and not self._end_longest(self._waiting):
            return None
        self._open.add(place)
        if place.address is not None:
            self._by_address[place.address] += 1
            self._waiting[place] = None
        return place

    def begin_forwarded(self, address: str) -> bool:
        """Count a request that a trusted proxy forwards; return False if its address has all it may have."""
        counted = counted_address(address)
        if self._forwarded[counted] >= self.limits.per_address:
            return False
        self._forwarded[counted] += 1
        return True

    def end_forwarded(self, address: str) -> None:
        """Count a forwarded request no longer."""
        _decrement(self._forwarded, counted_address(address))

    def answering(self, place: Place) -> None:
        """Keep a place, because its request is being answered."""
        self._waiting.pop(place, None)

    def waiting(self, place: Place) -> None:
        """Offer a place to others, after those that have waited for longer."""
        if place in self._open and place.address is not None:
            self._waiting.pop(place, None)
            self._waiting[place] = None

    def release(self, place: Place) -> None:
        """Return a place, once."""
        if place not in self._open:
            return
        self._open.remove(place)
        self._waiting.pop(place, None)
        if place.address is not None:
            _decrement(self._by_address, place.address)

    def _is_full_for(self, place: Place) -> bool:
        return place.address is not None and self._by_address[place.address] >= self.limits.per_address

    def _end_longest(self, candidates: Iterable[Place]) -> bool:
        """End the connection that the server has waited for longest; return False if there is none."""
        longest = next(iter(candidates), None)
        if longest is None:
            return False
        self.release(longest)
        longest.close()
        return True


def is_trusted(address: str, proxies: Iterable[Network]) -> bool:
    """Return whether an address is one of these proxies'."""
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in proxies)


def client_address(peer: str, forwarded: str, proxies: tuple[Network, ...]) -> str:
    """Return the client's address: the last one of X-Forwarded-For that is no proxy of ours, or the peer's.

    A proxy appends the address it saw, so what stands before it may be made up by the client.
    """
    address = peer
    for named in reversed(forwarded.split(",")):
        if not is_trusted(address, proxies) or _parsed(named.strip()) is None:
            break
        address = named.strip()
    return address


def counted_address(address: str) -> str:
    """Return the form of an address that is counted."""
    parsed = _parsed(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((int(parsed) >> _HOST_BITS << _HOST_BITS, _HOST_BITS)))
    return address if parsed is None else str(parsed)


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return mapped or parsed


def _decrement(counter: Counter[str], address: str) -> None:
    counter[address] -= 1
    if counter[address] <= 0:
        del counter[address]


def _nothing() -> None:
    """Do nothing: the connection is not yet made."""
