"""`acredita node migrate`: an institution's log moves to another chain, because the one it was tied to is gone for good.

Nothing of it can happen by accident: both genesis blocks are written out by whoever starts it, and a chain that still
answers is never left.
"""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.options import DEFAULT_CONFIG, AsJson, Config, Lang, Profile, Wait
from acredita.node.verification.language import Language


def migrate(
    profile: Profile,
    old: Annotated[str, typer.Option("--from", help="The hash of the lost chain's genesis block.")],
    new: Annotated[str, typer.Option("--to", help="The hash of the new chain's genesis block.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the consequences and change nothing.")] = False,
    deploy: Annotated[
        bool,
        typer.Option(
            "--redeploy",
            help="Deploy the contracts, accredit and approve again. For an embedded chain of one operator.",
        ),
    ] = False,
    scope: Annotated[
        Path | None, typer.Option(help="The scope document of the accreditation. It goes together with --redeploy.")
    ] = None,
    until: Annotated[
        str,
        typer.Option(
            help="The last day of the accreditation, YYYY-MM-DD, which ends in the institution's time zone. It goes together "
            "with --redeploy."
        ),
    ] = "",
    leave: Annotated[
        bool,
        typer.Option(
            "--leave-unrecognised", help="Leave behind the entries that would not be recognised on the new chain."
        ),
    ] = False,
    config: Config = DEFAULT_CONFIG,
    wait: Wait = True,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Move an institution's log to another chain, because its own is lost. Run it again after a crash: it continues."""
    from acredita.cli.bodies import node_migrate as body

    return body.migrate_log(profile, old, new, dry_run, deploy, scope, until, leave, config, wait, lang, as_json)
