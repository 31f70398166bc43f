"""Compare a programme version with the scope of its institution, before it is submitted."""

from pathlib import Path

from acredita.anchoring.types import Digest, FormatRefused
from acredita.cli.bodies.act_options import ReadingOptions
from acredita.cli.bodies.opened_installation import OpenInstallation, trust_of
from acredita.cli.exit_codes import ActRefused, ArgumentRefused
from acredita.contracts.bindings import IssuerRegistry
from acredita.node.publication.trust_folder import FileRefused, read_json_file
from acredita.registry.acts.submission import check_recorded, check_scope
from acredita.registry.json_documents.schema_faults import SchemaFault
from acredita.registry.json_documents.strict import JsonRefused
from acredita.registry.json_documents.toml_form import read_toml
from acredita.registry.keys.did import issuer_id
from acredita.registry.programmes.programme import Programme, ProgrammeRefused, parse_programme
from acredita.registry.programmes.scope import Scope, ScopeRefused, parse_scope


def read_document(path: Path) -> object:
    """Read a document in JSON, or in TOML by the end of its name. Raises FileRefused, OSError."""
    if path.suffix != ".toml":
        return read_json_file(path)
    try:
        return read_toml(path.read_bytes())
    except (FormatRefused, JsonRefused) as error:
        raise FileRefused(f"{path}: {error}") from error


def programme_in(path: Path, document: object) -> Programme:
    """Parse a programme document. Raises ActRefused with every fault and its place."""
    try:
        return parse_programme(document)
    except ProgrammeRefused as error:
        raise ActRefused(_all_faults(path, "the programme is refused", error.faults)) from error


def scope_in(path: Path, document: object) -> Scope:
    """Parse a scope document. Raises ActRefused with every fault and its place."""
    try:
        return parse_scope(document)
    except ScopeRefused as error:
        raise ActRefused(_all_faults(path, "the scope is refused", error.faults)) from error


def _all_faults(path: Path, heading: str, faults: tuple[SchemaFault, ...]) -> str:
    return f"{path}: {heading}:" + "".join(f"\n  {fault}" for fault in faults)


def check_submission(path: Path, scope: Path | None, opened: OpenInstallation, options: ReadingOptions) -> None:
    """Check a programme file against the scope that the ledger names. Raises ActRefused, RegistryActRefused.

    An institution without a scope yet is compared with the file alone, where one is named.
    """
    programme = programme_in(path, read_json_file(path))
    registry = IssuerRegistry(opened.trust.contracts.issuer_registry)
    recorded = opened.ledger.read(registry.scope_at(issuer_id(programme.issuer), opened.ledger.head().time))
    document = None if scope is None else scope_in(scope, read_document(scope))
    if any(recorded):
        document = document or trust_of(options.trust)[1].scope(Digest(recorded))
        if document is None:
            raise ArgumentRefused(f"--scope expected: the document of the scope 0x{recorded.hex()} is not at hand")
        check_recorded(document, recorded)
    if document is not None:
        check_scope(programme, document)
