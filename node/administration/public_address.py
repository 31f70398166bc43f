"""Read the address under which others reach a node, and say what keeps others from it.

Invariant: an address has one spelling: host in lower case, no slash at its end. It stands in status lists, DID documents and
log origins, so nothing is changed in it later.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from acredita.anchoring.types import FormatRefused
from acredita.registry.keys.did import DidRefused, parse_did

RULE: Final = "an address as https://nodo.example expected: http or https, a host in ASCII, no user, no query"
_PATH: Final = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")
_HOST: Final = re.compile(r"[a-z0-9.:-]+")
_LOOPBACK: Final = "localhost"
_SCHEMES: Final = ("http", "https")


@dataclass(frozen=True)
class PublicAddress:
    """An address that was read. `port` None: that of the scheme."""

    scheme: str
    host: str
    port: int | None
    path: str

    @property
    def text(self) -> str:
        """The address in its one spelling."""
        return f"{self.scheme}://{self._authority}{self.path}"

    @property
    def is_loopback(self) -> bool:
        """True where only this machine reaches the address."""
        number = _number(self.host)
        named = self.host == _LOOPBACK or self.host.endswith(f".{_LOOPBACK}")
        return named or (number is not None and (number.is_loopback or number.is_unspecified))

    @property
    def is_local(self) -> bool:
        """True where no more than one network reaches the address."""
        number = _number(self.host)
        return not number.is_global if number is not None else "." not in self.host

    def shortcoming(self) -> str | None:
        """Return what keeps others from the address, in one sentence; None for a public one."""
        if self.is_loopback:
            return f"{self.text} is a loopback address: nobody else reaches it, and credentials name it for ever"
        if self.is_local:
            return (
                f"{self.text} is an address of one network: nobody outside reaches it, and credentials name it for ever"
            )
        if self.scheme != "https":
            return f"{self.text} is not https: others do not read status lists and DID documents there"
        return None

    def did_web(self) -> str:
        """Return the did:web that is read at the address; empty where it can have none (did:web 3.2)."""
        if self.is_loopback or self.is_local or _number(self.host) is not None or self.scheme != "https":
            return ""
        did = "did:web:" + ":".join([self._authority.replace(":", "%3A"), *self.path.strip("/").split("/")])
        try:
            return parse_did(did.rstrip(":")).text
        except DidRefused:  # a path with capital letters, for one
            return ""

    @property
    def _authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"


def parse_address(text: str, where: str) -> PublicAddress:
    """Parse an address of a node. `where`: the option or setting that holds it. Raises FormatRefused."""
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError as error:
        raise FormatRefused(where, RULE) from error
    host, path = (parts.hostname or "").lower(), parts.path.rstrip("/")
    is_usable = parts.scheme in _SCHEMES and _HOST.fullmatch(host) and _PATH.fullmatch(path)
    if not is_usable or _has_more(parts) or port == 0:
        raise FormatRefused(where, RULE)
    return PublicAddress(parts.scheme, host, port, path)


def _has_more(parts: SplitResult) -> bool:
    return bool("@" in parts.netloc or parts.query or parts.fragment)


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return a host that is a number as such; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
