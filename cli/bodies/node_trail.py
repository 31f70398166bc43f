"""`acredita node trail`: who did what on this node and when."""

import json
from datetime import UTC, datetime
from pathlib import Path

import typer
from acredita.cli.bodies.opened_node import open_configured_node
from acredita.cli.exit_codes import OK, ArgumentRefused
from acredita.node.storage.trail import events


def print_trail(profile: str | None, since: str, config: Path, as_json: bool) -> int:
    """Run `acredita node trail`."""
    with open_configured_node(config) as node:
        issuer = None if profile is None else node.tenant(profile).issuer
        with node.database.read() as connection:
            listed = list(events(connection, issuer, _moment(since)))
    if as_json:
        typer.echo(json.dumps({"events": [event.document() for event in listed]}, indent=2))
        return OK
    for event in listed:
        typer.echo(event.sentence())
    return OK


def _moment(text: str) -> int:
    if not text:
        return 0
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentRefused(f"--since {text}: a day or a moment expected") from error
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
