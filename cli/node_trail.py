"""`acredita node trail`: who did what on this node and when."""

from typing import Annotated

import typer
from acredita.cli.options import DEFAULT_CONFIG, AsJson, Config


def trail(
    profile: Annotated[str | None, typer.Option(help="One institution's acts only.")] = None,
    since: Annotated[str, typer.Option(help="From this moment on, YYYY-MM-DD or RFC 3339.")] = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> int:
    """Print the trail: who did what and when. It names nobody who holds a credential, and no credential."""
    from acredita.cli.bodies import node_trail as body

    return body.print_trail(profile, since, config, as_json)
