"""Write the configuration of a new node, with comments in the language of who makes it. It starts as it stands."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acredita.node.administration.node_role import NodeRole
from acredita.node.administration.public_address import PublicAddress
from acredita.node.config import NodeSettings
from acredita.node.custody.key_ring import DEFAULT_CRYPTOSUITE
from acredita.registry.acts.shapes import Text
from acredita.registry.credentials.days import DEFAULT_ZONE

_HEADING: Final = Text(
    "# Every setting: docs/operations.md. Paths are relative to this file.",
    "# Todos los ajustes: docs/operations.md. Las rutas parten de este archivo.",
)
_EMBEDDED: Final = Text(
    "# The chain is the one in chain/. No other node can join it.",
    "# La cadena es la de chain/. Ningún otro nodo puede unirse a ella.",
)
_ENDPOINTS: Final = Text(
    """\
# Endpoints of the chain: addresses, or tables with a token, a client certificate or authorities of their own.
# With agree = 2, two of them must tell the same. depth is the number of blocks that must follow a transaction's
# block before it counts: 1 on QBFT, 0 on a development chain.
# rpc = ["https://validador-1.example:8545", "https://validador-2.example:8545"]
# rpc = [{ url = "https://cadena.example:8545", token_file = "cadena.token", ca = "cadena.pem" }]
# agree = 2
# depth = 1""",
    """\
# Servidores de la cadena: direcciones, o tablas con un token, un certificado de cliente o autoridades propias.
# Con agree = 2, dos de ellos deben decir lo mismo. depth es el número de bloques que deben seguir al bloque de una
# transacción antes de que cuente: 1 en QBFT, 0 en una cadena de desarrollo.
# rpc = ["https://validador-1.example:8545", "https://validador-2.example:8545"]
# rpc = [{ url = "https://cadena.example:8545", token_file = "cadena.token", ca = "cadena.pem" }]
# agree = 2
# depth = 1""",
)
_APPLICANTS: Final = Text(
    "# This node alone takes documents of institutions that only apply; they become public with the first activation.",
    "# Solo este nodo recibe documentos de instituciones que apenas solicitan; son públicos desde la primera activación.",
)
_BASE: Final = Text(
    "# The public address. It stands in status lists and credentials, so choose it once.",
    "# La dirección pública. Está en las listas de estado y en las credenciales; elíjala una sola vez.",
)


@dataclass(frozen=True)
class NodeConfiguration:
    """The content of a new configuration. `did`: of the institution or authority. `rpc` goes with `depth`."""

    role: NodeRole
    base: PublicAddress
    language: str
    did: str = ""
    profile: str = ""
    name: str = ""
    zone: str = DEFAULT_ZONE
    keystore: str = ""
    passphrase_file: Path | None = None
    cryptosuite: str = DEFAULT_CRYPTOSUITE
    curve: str = ""
    rpc: Sequence[str] = ()
    depth: int | None = None

    def text(self) -> str:
        """Return the file's text."""
        sections = [self._node(), self._ledger()]
        if self.role.has_institution:
            sections += [self._keys(), self._institution()]
        return "\n\n".join([_HEADING.said(self.language) + "\n" + sections[0], *sections[1:]]) + "\n"

    def _node(self) -> str:
        lines = ["[node]", 'data = "."', _BASE.said(self.language), f"base = {_text(self.base.text)}"]
        if self.base.is_loopback and self.base.port not in (None, NodeSettings().port):
            lines.append(f"port = {self.base.port}")
        if self.role is NodeRole.AUTHORITY:
            lines += [_APPLICANTS.said(self.language), "takes_applicants = true"]
            lines += [f"authority = {_text(self.did)}"] if self.did else []
        return "\n".join(lines)

    def _ledger(self) -> str:
        lines = ["[ledger]"]
        if self.role is NodeRole.SINGLE_OPERATOR:
            return "\n".join([*lines, _EMBEDDED.said(self.language)])
        lines.append(_ENDPOINTS.said(self.language))
        if self.rpc:
            lines += [f"rpc = [{', '.join(map(_text, self.rpc))}]", f"depth = {self.depth}"]
        return "\n".join(lines)

    def _keys(self) -> str:
        return f"[keys]\npassphrase_file = {_text(str(self.passphrase_file))}"

    def _institution(self) -> str:
        """Return the institution's table; of the settings with a default, those that differ from it and the zone."""
        settings = {"profile": self.profile, "name": self.name, "keystore": self.keystore, "timezone": self.zone}
        others = {"did": self.did, "cryptosuite": self.cryptosuite, "curve": self.curve}
        settings |= {name: value for name, value in others.items() if value not in ("", DEFAULT_CRYPTOSUITE)}
        return "\n".join(["[[institution]]", *(f"{name} = {_text(value)}" for name, value in settings.items())])


def _text(value: str) -> str:
    """Return a TOML basic string: its escapes are those of JSON."""
    return json.dumps(value, ensure_ascii=False)
