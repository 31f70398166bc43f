"""Declare `acredita node trail`: the acts on this node, with their actors and times."""

from typing import Annotated

import typer
from acredita.cli.options import DEFAULT_CONFIG, AsJson, Config


def trail(
    profile: Annotated[str | None, typer.Option(help="Print the acts of this institution only.")] = None,
    since: Annotated[
        str,
        typer.Option(
            help="Print the acts from this time on: RFC 3339, or YYYY-MM-DD, which begins in the institution's time zone."
        ),
    ] = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> int:
    """Print the audit trail: acts, actors and times. It names no credential and nobody who holds one."""
    from acredita.cli.bodies import node_trail as body

    return body.print_trail(profile, since, config, as_json)
