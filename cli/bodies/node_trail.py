"""`acredita node trail`: who did what on this node and when."""

import json
from datetime import datetime
from pathlib import Path

import typer
from acredita.cli.bodies.opened_node import open_configured_node
from acredita.cli.exit_codes import OK, ArgumentRefused
from acredita.node.storage.trail import events
from acredita.registry.credentials.days import DEFAULT_ZONE, zone_of


def print_trail(profile: str | None, since: str, config: Path, as_json: bool) -> int:
    """Run `acredita node trail`."""
    with open_configured_node(config) as node:
        tenant = None if profile is None else node.tenant(profile)
        issuer = None if tenant is None else tenant.issuer
        zone = DEFAULT_ZONE if tenant is None else tenant.institution.context.zone
        with node.database.read() as connection:
            listed = list(events(connection, issuer, _moment(since, zone)))
    if as_json:
        typer.echo(json.dumps({"events": [event.document() for event in listed]}, indent=2))
        return OK
    for event in listed:
        typer.echo(event.sentence())
    return OK


def _moment(text: str, zone: str) -> int:
    """Return the first moment to list: a day begins, and a time without a zone is, in the institution's zone."""
    if not text:
        return 0
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentRefused(f"--since {text}: a day or a moment expected") from error
    return int((moment if moment.tzinfo else moment.replace(tzinfo=zone_of(zone))).timestamp())
