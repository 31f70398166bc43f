"""`acredita keys statements`: the files by which the control account adds a node's keys, on another machine."""

import json
from pathlib import Path

import typer
from acredita.cli.bodies.opened_node import open_configured_node
from acredita.cli.exit_codes import OK, ArgumentRefused
from acredita.node.administration.key_statements import KeyOffers, OfferedKey
from acredita.node.verification.language import Language
from acredita.registry.acts.ledger_name import InstallationName
from acredita.registry.acts.shapes import Text
from acredita.registry.keys.keystore import KeystorePurpose
from acredita.registry.ledger_facts.facts import Missing

_NOTHING = Text("the ledger names every key already", "la cadena ya nombra todas las claves")


def statements(profile: str, out: Path, config: Path, as_json: bool, lang: Language) -> int:
    """Run `acredita keys statements`."""
    with open_configured_node(config) as node:
        tenant = node.tenant(profile)
        if isinstance(node.trust, Missing):
            raise ArgumentRefused(node.trust.detail)
        keys = KeyOffers(tenant.keys, InstallationName.of(node.trust), node.folder.base, node.clock)
        written = keys.write(out)
        did = tenant.institution.did
    commands = [_command(offered, did) for offered in written]
    if as_json:
        rows = [{"key": one.key, "purpose": one.purpose.value, "file": str(one.file)} for one in written]
        typer.echo(json.dumps({"did": did, "keys": rows, "commands": commands}, indent=2))
        return OK
    typer.echo("\n".join(commands) or _NOTHING.said(lang))
    return OK


def _command(offered: OfferedKey, did: str) -> str:
    """Return the command of the control account that adds a key."""
    if offered.purpose is KeystorePurpose.ANCHORING:
        return f"acredita institution accounts add --did {did} --consent {offered.file}"
    return f"acredita institution keys add --did {did} --statement {offered.file}"
