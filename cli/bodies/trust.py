"""`acredita trust show|pin`: which authority's word is taken for which chain."""

import json
from pathlib import Path

import typer
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import to_hex
from acredita.cli.exit_codes import ActRefused
from acredita.cli.spanish.sentences import said
from acredita.node.publication.trust_folder import read_trust
from acredita.node.verification.language import Language
from acredita.node.verification.pinned_trust import configuration_folder, pin_trust, read_pinned_trust
from acredita.registry.ledger_facts.trust_file import Trust


def show(file: Path | None, lang: Language, as_json: bool) -> None:
    """Run `acredita trust show`."""
    if file is not None:
        _print(read_trust(file), lang, as_json)
        return
    pinned = read_pinned_trust(configuration_folder())
    if pinned is None:
        raise ActRefused("no trust file is pinned: acredita trust pin FILE")
    _print(pinned.trust, lang, as_json)


def pin_file(file: Path, lang: Language, as_json: bool) -> None:
    """Run `acredita trust pin`."""
    _print(pin_trust(configuration_folder(), file), lang, as_json)


def _print(trust: Trust, lang: Language, as_json: bool) -> None:
    facts = {
        "number": trust.number,
        "sha256": to_hex(trust.digest),
        "authority": trust.authority.did,
        "issued": time_text(trust.issued),
        "expires": time_text(trust.expires),
        "chain_id": trust.chain_id,
        "genesis": to_hex(trust.genesis),
        "credential_log": to_hex(trust.credential_log),
        "kind": str(trust.chain.kind),
        "blocks": len(trust.blocks),
        "validator_sets": len(trust.chain.validators),
        "keys": list(trust.keys),
        "threshold": trust.threshold,
    }
    if as_json:
        typer.echo(json.dumps(facts, indent=2))
        return
    for name, value in facts.items():
        typer.echo(f"{said(name, lang):20} {value}")
