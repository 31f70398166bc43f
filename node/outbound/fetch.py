"""Fetch documents that a submitted document names: from hosts the operator lists, never from an internal address.

A document that names an address makes the node ask there, so the node asks only where it was told it may: the host is
listed, every address it resolves to is public, the connection goes to the address that was looked at, nothing redirects,
and size and time are bounded. The result is bytes: the caller checks their content. Sources of a development chain may be
on this machine or network (`is_local_or_public`); no address of any other document may.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from acredita.contracts.coded_error import CodedError
from acredita.node.outbound.bounded import BodyRefused, hung_up_after, read_body
from acredita.registry.codes import Code

MAX_FETCHED_BYTES: Final = 256 * 1024
ACCEPT: Final = "application/vc, application/vc+jwt, application/ld+json;q=0.9, application/json;q=0.9"
ABSENT: Final = frozenset({400, 404, 410, 451})
"""Answers of a host that has no file of this name, knows no such name, or withholds the file."""
TIMEOUT_SECONDS: Final = 3.0
"""For the whole exchange, from the connection to the last byte: a slow host holds a thread no longer."""


_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
"""All of IPv6 that is given out (RFC 4291 2.4): site-local, IPv4-mapped and translated addresses lie outside."""
_DOCUMENTATION: Final = ipaddress.IPv6Network("3fff::/20")  # RFC 9637, which Python 3.11 does not know
_IETF_PROTOCOLS: Final = ipaddress.IPv4Network("192.0.0.0/24")

_PORTS: Final = MappingProxyType({"https": 443, "http": 80})

Addresses = Callable[[str, int], Sequence[str]]


class SourceUnavailable(CodedError[Code]):
    """Nothing was fetched. `code`: SOURCE_NOT_ALLOWED, nobody was asked, SOURCE_UNREACHABLE or DOCUMENT_WITHHELD."""

    CODE_IN_TEXT = True


class AbsentFileUnavailable(SourceUnavailable):
    """A host that answered that it has nothing at this address, or serves it no more."""


@dataclass(frozen=True)
class FetchedBody:
    """The body of a 200 answer. `media_type`: in lower case, without parameters; empty where the host states none."""

    content: bytes
    media_type: str


def addresses_of(host: str, port: int) -> list[str]:
    """Return every address of a host. Raises OSError where it has none."""
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in rows))


def is_public(address: str) -> bool:
    """Return True for an address that is neither private, loopback, link-local, multicast nor reserved, also inside
    IPv6.
    """
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv4Address):
        return parsed.is_global and not parsed.is_multicast and parsed not in _IETF_PROTOCOLS
    if parsed in _NAT64:  # RFC 6052: a translator on the way turns it into the IPv4 address of its last 32 bits
        return is_public(str(ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)))
    is_unicast = parsed in _GLOBAL_UNICAST and parsed not in _DOCUMENTATION and parsed.is_global
    return is_unicast and (parsed.sixtofour is None or is_public(str(parsed.sixtofour)))


def is_local_or_public(address: str) -> bool:
    """Return True for a public address, and for one of this machine or of a private network.

    Link-local addresses are never permitted, because some hosts serve secrets there.
    """
    parsed = ipaddress.ip_address(address.partition("%")[0])
    is_internal = parsed.is_loopback or (parsed.is_private and not parsed.is_unspecified and not parsed.is_reserved)
    return is_public(address) or (is_internal and not parsed.is_link_local and not parsed.is_multicast)


@dataclass(frozen=True)
class Fetcher:
    """Fetches over HTTPS from listed hosts. Resolution, the rule on addresses and trust in certificates are arguments.

    `plain`: http is permitted too; `most_bytes`: the limit of one body.
    """

    hosts: frozenset[str] = frozenset()
    addresses: Addresses = addresses_of
    permitted: Callable[[str], bool] = is_public
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context
    seconds: float = TIMEOUT_SECONDS
    plain: bool = False
    most_bytes: int = MAX_FETCHED_BYTES

    def fetch(self, url: str) -> FetchedBody:
        """Fetch the body of a 200 answer. Raises SourceUnavailable."""
        scheme, host, port, target = self._allowed(url)
        try:
            address = self._address(host, port)
            return (
                self._get_plain(host, address, port, target)
                if scheme == "http"
                else self._get(host, address, port, target)
            )
        except (
            OSError,
            UnicodeError,
            http.client.HTTPException,
        ) as error:  # UnicodeError: a name that no host can have
            raise SourceUnavailable(Code.SOURCE_UNREACHABLE, type(error).__name__) from error

    def _allowed(self, url: str) -> tuple[str, str, int, str]:
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError as error:
            raise SourceUnavailable(Code.SOURCE_NOT_ALLOWED, "an address that can be read expected") from error
        schemes = ("https", "http") if self.plain else ("https",)
        if parts.scheme not in schemes or host not in self.hosts or parts.username is not None:
            raise SourceUnavailable(Code.SOURCE_NOT_ALLOWED, "https and a host of node.allowed_hosts expected")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if not target.isascii() or not target.isprintable() or " " in target:
            raise SourceUnavailable(Code.SOURCE_NOT_ALLOWED, "a path of printable ASCII expected")
        return parts.scheme, host, port, target

    def _address(self, host: str, port: int) -> str:
        """Choose the address to connect to. One that is not public excludes the host, because the next answer may be
        that one.
        """
        addresses = self.addresses(host, port)
        if not addresses or not all(self.permitted(address) for address in addresses):
            raise SourceUnavailable(Code.SOURCE_NOT_ALLOWED, "a public address expected")
        return addresses[0]

    def _get(self, host: str, address: str, port: int, target: str) -> FetchedBody:
        with (
            socket.create_connection((address, port), timeout=self.seconds) as connected,
            self.tls().wrap_socket(connected, server_hostname=host, do_handshake_on_connect=False) as secured,
            hung_up_after(secured, self.seconds),
        ):
            secured.do_handshake()
            return _exchange(secured, host, target, self.most_bytes)

    def _get_plain(self, host: str, address: str, port: int, target: str) -> FetchedBody:
        with (
            socket.create_connection((address, port), timeout=self.seconds) as connected,
            hung_up_after(connected, self.seconds),
        ):
            return _exchange(connected, host, target, self.most_bytes)


def _exchange(line: socket.socket, host: str, target: str, most_bytes: int) -> FetchedBody:
    connection = http.client.HTTPConnection(host)
    connection.sock = line
    connection.request("GET", target, headers={"Accept": ACCEPT, "Connection": "close"})
    answer = connection.getresponse()
    if answer.status in ABSENT:
        raise AbsentFileUnavailable(Code.SOURCE_UNREACHABLE, f"200 expected, found {answer.status}")
    if answer.status != 200:  # a redirect too: where it leads nobody listed
        raise SourceUnavailable(Code.SOURCE_UNREACHABLE, f"200 expected, found {answer.status}")
    if answer.getheader("Content-Encoding", "identity") != "identity":
        raise SourceUnavailable(Code.SOURCE_UNREACHABLE, "a body that was not asked to be packed is packed")
    try:
        content = read_body(answer, most_bytes)
    except BodyRefused as error:
        raise SourceUnavailable(Code.SOURCE_UNREACHABLE, f"at most {most_bytes} bytes") from error
    return FetchedBody(content, answer.getheader("Content-Type", "").partition(";")[0].strip().lower())
