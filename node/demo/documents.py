"""Read the demonstration's documents from packaged data: programmes, scopes, institutions and routes.

The data name institutions by short keys (`demo-ut`), because their DIDs come from keys that exist only when the
demonstration runs; `documents_for` replaces the keys by the DIDs. Everything is fictitious and says so.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, cast

from acredita.registry.programmes.programme import Programme, parse_programme
from acredita.registry.programmes.scope import Scope, parse_scope

# The one programme the authority has not approved yet: its credentials are `not_recognised`.
IN_REVIEW = "urn:mc-demo:prog:comercio-digital"


@dataclass(frozen=True)
class DemoInstitution:
    """A party of the demonstration. `accreditation`: (from, until) as ISO dates, for issuers only."""

    key: str
    role: str
    name: Mapping[str, str]
    country: str
    region: str
    domain: str
    accreditation: tuple[str, str] | None


@dataclass(frozen=True)
class DemoDocuments:
    """The programme versions in order of id and version, and a scope for each issuer's key."""

    programmes: tuple[Programme, ...]
    scopes: Mapping[str, Scope]

    def programme(self, identifier: str, version: str | None = None) -> Programme:
        """Return the named version, or the newest. `identifier` may be the last part of the id."""
        full_id = identifier if ":" in identifier else f"urn:mc-demo:prog:{identifier}"
        versions = [p for p in self.programmes if p.id == full_id and version in (None, p.version)]
        return versions[-1]

    def of_issuer(self, did: str) -> tuple[Programme, ...]:
        """Return every programme version that the institution owns."""
        return tuple(programme for programme in self.programmes if programme.issuer == did)


def institutions() -> tuple[DemoInstitution, ...]:
    """Return the six parties: authority, agency and four issuers."""
    rows = _read(_data() / "institutions.json")["institutions"]
    return tuple(_institution(row) for row in rows)


def routes() -> tuple[Mapping[str, Any], ...]:
    """Return the stacking routes as the data have them."""
    return tuple(_read(_data() / "routes.json")["routes"])


def documents_for(dids: Mapping[str, str]) -> DemoDocuments:
    """Return programme and scope documents with `dids` (institution key → DID) in place of the keys."""
    programmes = [parse_programme(_with_dids(raw, dids)) for raw in _folder("programmes")]
    scopes = {raw["did"]: parse_scope(raw | {"did": dids[raw["did"]]}) for raw in _folder("scopes")}
    return DemoDocuments(tuple(sorted(programmes, key=lambda p: (p.id, p.version))), scopes)


def _with_dids(raw: dict[str, Any], dids: Mapping[str, str]) -> dict[str, Any]:
    reviews = [review | {"agent": dids[review["agent"]]} for review in raw["quality_assurance"]]
    return raw | {"issuer": dids[raw["issuer"]], "quality_assurance": reviews}


def _institution(row: Mapping[str, Any]) -> DemoInstitution:
    window = row.get("accreditation")
    return DemoInstitution(
        key=row["key"],
        role=row["role"],
        name=row["name"],
        country=row["country"],
        region=row["region"],
        domain=row["domain"],
        accreditation=(window["from"], window["until"]) if window else None,
    )


def _data() -> Traversable:
    return resources.files("acredita.node.demo") / "data"


def _folder(name: str) -> list[dict[str, Any]]:
    files = (path for path in (_data() / name).iterdir() if path.name.endswith(".json"))
    return [_read(path) for path in sorted(files, key=lambda path: path.name)]


def _read(path: Traversable) -> dict[str, Any]:
    return cast(dict[str, Any], json.loads(path.read_text(encoding="utf-8")))
