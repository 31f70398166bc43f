"""`acredita programme new|validate|show` and `acredita scope new|validate`: documents that people write, and their state."""

import json
from pathlib import Path

import typer
from acredita.anchoring.receipts import time_text
from acredita.cli.bodies.act_arguments import ArgumentReader
from acredita.cli.bodies.act_files import check_absent, write_new
from acredita.cli.bodies.act_options import ReadingOptions
from acredita.cli.bodies.opened_installation import open_installation
from acredita.cli.bodies.party_status import tell_facts
from acredita.cli.bodies.programme_scope import programme_in, read_document, scope_in
from acredita.cli.exit_codes import OK, ArgumentRefused
from acredita.cli.spanish.sentences import facts_line
from acredita.contracts.bindings import ProgrammeRegistry, programme_version
from acredita.node.verification.language import Language
from acredita.registry.acts import state_words
from acredita.registry.acts.party_names import names_of, subject_words
from acredita.registry.acts.submission import check_scope
from acredita.registry.acts.table import ACTS
from acredita.registry.keys.did import DidRefused, issuer_id
from acredita.registry.programmes.document_templates import template_of


def new(kind: str, path: Path, did: str | None, as_json: bool, lang: Language) -> int:
    """Run `acredita programme new` and `acredita scope new`."""
    if path.suffix != ".toml":
        raise ArgumentRefused(f"{path}: a name that ends in .toml expected")
    if did is not None:
        _check_did(did)
    check_absent(path)
    path.write_text(template_of(kind, lang.value, did), encoding="utf-8")
    _tell({"template": str(path)}, as_json, lang)
    return OK


def validate(path: Path, scope: Path | None, out: Path | None, as_json: bool, lang: Language) -> int:
    """Run `acredita programme validate`."""
    document = read_document(path)
    programme = programme_in(path, document)
    if scope is not None:
        check_scope(programme, scope_in(scope, read_document(scope)))
    _tell_valid(document, programme.digest, out, as_json, lang)
    return OK


def validate_scope(path: Path, out: Path | None, as_json: bool, lang: Language) -> int:
    """Run `acredita scope validate`."""
    document = read_document(path)
    _tell_valid(document, scope_in(path, document).digest, out, as_json, lang)
    return OK


def show(version: str, options: ReadingOptions) -> int:
    """Run `acredita programme show`."""
    with open_installation(options, writing=False) as opened:
        reader = ArgumentReader(ACTS["withdraw-programme"], opened, "UTC")
        owner, document = reader.version(version)
        registry = ProgrammeRegistry(opened.trust.contracts.programme_registry)
        now = opened.ledger.read(registry.programme_now(programme_version(owner, document)))
    facts: dict[str, object] = {
        "state": now.state.name.lower()
        if options.as_json
        else state_words.PROGRAMME_STATES[now.state].said(options.lang),
        "institution": subject_words(owner, names_of(reader.dids)),
        "document": f"0x{document.hex()}",
        "since": time_text(now.time) if now.time else None,
        "until": time_text(now.until) if now.until else None,
        "supersedes": f"0x{now.supersedes.hex()}" if any(now.supersedes) else None,
    }
    tell_facts(facts, options)
    return OK


def _check_did(did: str) -> None:
    try:
        issuer_id(did)
    except DidRefused as error:
        raise ArgumentRefused(f"--did {did}: {error}") from error


def _tell_valid(document: object, digest: bytes, out: Path | None, as_json: bool, lang: Language) -> None:
    facts: dict[str, object] = {"valid": True, "sha256": f"0x{digest.hex()}"}
    if out is not None:
        write_new(out, document)
        facts["file"] = str(out)
    _tell(facts, as_json, lang)


def _tell(facts: dict[str, object], as_json: bool, lang: Language) -> None:
    typer.echo(json.dumps(facts, indent=2, ensure_ascii=False) if as_json else facts_line(facts, lang))
