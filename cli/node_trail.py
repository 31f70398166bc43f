"""`acredita node trail`: who did what on this node and when."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer
from acredita.cli.exit_codes import OK, ArgumentRefused
from acredita.cli.node_options import DEFAULT_CONFIG, AsJson, Config, opened
from acredita.node.storage.trail import events


def command(
    profile: Annotated[str | None, typer.Option(help="One institution's acts only.")] = None,
    since: Annotated[str, typer.Option(help="From this moment on, YYYY-MM-DD or RFC 3339.")] = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> int:
    """Print the trail: who did what and when. It names nobody who holds a credential, and no credential."""
    with opened(config) as node:
        issuer = None if profile is None else node.tenant(profile).issuer
        with node.database.read() as connection:
            found = list(events(connection, issuer, _moment(since)))
    if as_json:
        typer.echo(json.dumps({"events": [event.document() for event in found]}, indent=2))
        return OK
    for event in found:
        typer.echo(event.sentence())
    return OK


def _moment(text: str) -> int:
    if not text:
        return 0
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentRefused(f"--since {text}: a day or a moment expected") from error
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
