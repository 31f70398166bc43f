"""`acredita node migrate`: an institution's log moves to another chain, because the one it was tied to is gone for good.

Nothing of it can happen by accident: both genesis blocks are written out by whoever starts it, and a chain that still
answers is never left.
"""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.options import DEFAULT_CONFIG, AsJson, Config, Profile, Wait


def migrate(
    profile: Profile,
    old: Annotated[str, typer.Option("--from", help="Genesis block hash of the chain that is gone.")],
    new: Annotated[str, typer.Option("--to", help="Genesis block hash of the chain that takes its place.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen and touch nothing.")] = False,
    deploy: Annotated[
        bool, typer.Option("--redeploy", help="Deploy, accredit and approve anew: embedded chain of one operator.")
    ] = False,
    scope: Annotated[Path | None, typer.Option(help="Scope document of the accreditation; with --redeploy.")] = None,
    until: Annotated[str, typer.Option(help="Last day of the accreditation, YYYY-MM-DD; with --redeploy.")] = "",
    leave: Annotated[
        bool, typer.Option("--leave-unrecognised", help="Leave behind what would not be recognised there.")
    ] = False,
    config: Config = DEFAULT_CONFIG,
    wait: Wait = True,
    as_json: AsJson = False,
) -> int:
    """Move an institution's log to another chain, its own being gone for good. Run again after a crash, it goes on."""
    from acredita.cli.bodies import node_migrate as body

    return body.migrate_log(profile, old, new, dry_run, deploy, scope, until, leave, config, wait, as_json)
