"""`acredita trust show|pin`: which authority's word is taken for which chain."""

import json
import sys
from pathlib import Path

import typer
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import to_hex
from acredita.cli.bodies.yes_or_no import agrees
from acredita.cli.exit_codes import ActRefused
from acredita.cli.spanish.sentences import said
from acredita.node.publication.trust_folder import read_trust
from acredita.node.verification.language import Language
from acredita.node.verification.pinned_trust import (
    check_pinnable,
    configuration_folder,
    confirmed_hash,
    fingerprint,
    pin_trust,
    read_pinned_trust,
)
from acredita.registry.acts.shapes import Text
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.trust_file import Trust, TrustRefused


def show(file: Path | None, lang: Language, as_json: bool) -> None:
    """Run `acredita trust show`."""
    if file is not None:
        print_facts(read_trust(file), lang, as_json)
        return
    pinned = read_pinned_trust(configuration_folder())
    if pinned is None:
        raise ActRefused("no trust file is pinned: acredita trust pin FILE")
    print_facts(pinned.trust, lang, as_json)


def pin_file(file: Path, confirmed: str | None, lang: Language, as_json: bool) -> None:
    """Run `acredita trust pin`."""
    trust, configuration = read_trust(file), configuration_folder()
    if confirmed is None and read_pinned_trust(configuration) is not None:
        check_refused_or_kept(configuration, trust, file)  # the next file of the pinned one needs no confirmation
    else:
        confirm(trust, confirmed, lang)
    print_facts(pin_trust(configuration, file), lang, as_json)


def check_refused_or_kept(configuration: Path, trust: Trust, file: Path) -> None:
    """Check that a file follows the pinned one; keep both where they have one number."""
    try:
        check_pinnable(configuration, trust)
    except TrustRefused as error:
        if error.code is Code.TRUST_EQUIVOCATION:
            pin_trust(configuration, file)  # refuses, and keeps both
        raise


def confirm(trust: Trust, confirmed: str | None, lang: Language) -> None:
    """Let a person confirm a file's hash, as an option or at the terminal. Raises ActRefused, TrustRefused."""
    if confirmed is not None:
        if confirmed_hash(confirmed) != trust.digest:
            raise ActRefused(f"the hash of this file is {fingerprint(trust)}, another one was confirmed")
        return
    typer.echo(said(f"trust file {trust.number} of {trust.authority.did}: {fingerprint(trust)}", lang), err=True)
    if not sys.stdin.isatty():
        raise ActRefused("compare this hash with the one that the authority tells, and give it as --fingerprint HASH")
    if not agrees(Text("Is this the hash that the authority tells?", "¿Es este el hash que dice la autoridad?"), lang):
        raise ActRefused("not confirmed: nothing was changed")


def print_facts(trust: Trust, lang: Language, as_json: bool) -> None:
    """Print what a trust file says, for people or as JSON."""
    facts = {
        "number": trust.number,
        "sha256": fingerprint(trust),
        "authority": trust.authority.did,
        "issued": time_text(trust.issued),
        "expires": time_text(trust.expires),
        "chain_id": trust.chain_id,
        "genesis": to_hex(trust.genesis),
        "credential_log": to_hex(trust.credential_log),
        "kind": str(trust.chain.kind),
        "blocks": len(trust.blocks),
        "validator_sets": len(trust.chain.validators),
        "sources": list(trust.sources),
        "keys": list(trust.keys),
        "threshold": trust.threshold,
        "signed_by": sorted(trust.signers),
    }
    if as_json:
        typer.echo(json.dumps(facts, indent=2))
        return
    for name, value in facts.items():
        text = " ".join(value) if isinstance(value, list) else value
        typer.echo(f"{said(name, lang):20} {text}")
