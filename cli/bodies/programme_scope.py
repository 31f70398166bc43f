"""Compare a programme version with the scope of its institution, before it is submitted."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from acredita.anchoring.types import Digest, FormatRefused
from acredita.cli.bodies.act_options import ReadingOptions
from acredita.cli.bodies.opened_installation import OpenInstallation, trust_of
from acredita.cli.exit_codes import ActRefused, ArgumentRefused
from acredita.contracts.bindings import NO_SUBJECT, IssuerRegistry
from acredita.node.publication.trust_folder import FileRefused, read_json_file
from acredita.registry.acts.submission import check_accreditor_scope, check_recorded, check_scope
from acredita.registry.json_documents.schema_faults import SchemaFault
from acredita.registry.json_documents.strict import JsonRefused
from acredita.registry.json_documents.toml_form import read_toml
from acredita.registry.keys.did import issuer_id
from acredita.registry.ledger_facts.histories import MAX_ACCREDITORS
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


def check_submission(
    path: Path,
    scope: Path | None,
    accreditor_scopes: Sequence[Path],
    opened: OpenInstallation,
    options: ReadingOptions,
) -> None:
    """Check a programme file against the scopes that the ledger names: of its institution, and of each accreditor above.

    An institution without a scope yet is compared with the file alone, where one is named. Raises ActRefused,
    RegistryActRefused, ArgumentRefused.
    """
    programme, folder = programme_in(path, read_json_file(path)), trust_of(options.trust)[1]
    registry, time = IssuerRegistry(opened.trust.contracts.issuer_registry), opened.ledger.head().time
    issuer = bytes(issuer_id(programme.issuer))
    recorded = opened.ledger.read(registry.scope_at(issuer, time))
    document = None if scope is None else scope_in(scope, read_document(scope))
    if any(recorded):
        document = document or folder.scope(Digest(recorded))
        if document is None:
            raise ArgumentRefused(f"--scope expected: the document of the scope 0x{recorded.hex()} is not at hand")
        check_recorded(document, recorded)
    if document is not None:
        check_scope(programme, document)
    at_hand = {each.digest: each for each in (scope_in(each, read_document(each)) for each in accreditor_scopes)}
    for accreditor in _accreditors(issuer, opened, registry):
        recorded = opened.ledger.read(registry.scope_at(accreditor, time))
        if not any(recorded):
            continue
        above = at_hand.get(Digest(recorded)) or folder.scope(Digest(recorded))
        if above is None:
            raise ArgumentRefused(
                f"--accreditor-scope expected: the document of the scope 0x{recorded.hex()} of the accreditor "
                f"0x{accreditor.hex()} is not at hand"
            )
        check_accreditor_scope(programme, above, accreditor)


def _accreditors(issuer: bytes, opened: OpenInstallation, registry: IssuerRegistry) -> Iterator[bytes]:
    """Yield the accreditors above an institution, at most as many as the contract lets accredit in a chain."""
    party = issuer
    for _ in range(MAX_ACCREDITORS):
        party = opened.ledger.read(registry.issuer_now(party)).accreditor
        if party == NO_SUBJECT:
            return
        yield party
