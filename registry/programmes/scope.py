"""Read scope documents, `acredita-scope/1`: the programmes that an issuer, or an accreditor above it, may issue.

The chain holds SHA-256 of the RFC 8785 form. `in_scope` checks one document. Its caller checks, for one time, the scope
in force of the issuer and of every accreditor above it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from acredita.anchoring.types import Digest
from acredita.registry.codes import Code
from acredita.registry.json_documents.compiled_schema import faults_under
from acredita.registry.json_documents.jcs import jcs_digest
from acredita.registry.json_documents.schema_faults import SchemaCodes, SchemaFault
from acredita.registry.programmes.programme import Programme, Texts

SCHEMA = "acredita-scope-1"

_schema_faults = faults_under(
    SCHEMA, SchemaCodes(Code.SCOPE_MISSING_ELEMENT, Code.SCOPE_UNKNOWN_KEY, Code.SCOPE_MALFORMED)
)


class ScopeRefused(Exception):
    """The document is not a scope; `faults` holds every reason."""

    def __init__(self, faults: list[SchemaFault]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Scope:
    """One scope document, parsed. An empty list of programmes means every programme of these levels and sectors."""

    document: Mapping[str, Any]
    digest: Digest
    did: str
    name: Texts
    levels: frozenset[str]
    sectors: frozenset[str]
    programmes: frozenset[str]


def parse_scope(document: object) -> Scope:
    """Read one scope document. Raises ScopeRefused with all its faults."""
    faults = _schema_faults(document)
    if faults:
        raise ScopeRefused(faults)
    fields = cast(Mapping[str, Any], document)
    return Scope(
        document=fields,
        digest=jcs_digest(fields),
        did=fields["did"],
        name=fields["name"],
        levels=frozenset(fields["levels"]),
        sectors=frozenset(fields["sectors"]),
        programmes=frozenset(fields["programmes"]),
    )


def in_scope(programme: Programme, scope: Scope) -> Code | None:
    """Return None where the scope covers the programme, else the code of the first limit that it breaks."""
    if programme.level_mx not in scope.levels:
        return Code.SCOPE_LEVEL_MISMATCH
    if programme.sector not in scope.sectors:
        return Code.SCOPE_SECTOR_MISMATCH
    if scope.programmes and programme.id not in scope.programmes:
        return Code.SCOPE_PROGRAMME_MISMATCH
    return None
