"""Declare `acredita deliver`: the files that a person receives, as a folder, a ZIP, or a link that opens once."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.options import DEFAULT_CONFIG, AsJson, Config, Lang, Profile
from acredita.node.delivery.link_days import DEFAULT_DAYS, MAX_DAYS
from acredita.node.verification.language import Language


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command("deliver")(deliver)


def deliver(
    profile: Profile,
    digests: Annotated[list[str] | None, typer.Argument(help="Credential files, or digests in hexadecimal.")] = None,
    config: Config = DEFAULT_CONFIG,
    everything: Annotated[
        bool, typer.Option("--all", help="Deliver every credential that is anchored and in force.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="The folder in which each person's folder or ZIP is written.")
    ] = None,
    as_zip: Annotated[bool, typer.Option("--zip", help="Write a ZIP for each person instead of a folder.")] = False,
    links: Annotated[bool, typer.Option("--links", help="Print a link that opens once, and write no files.")] = False,
    days: Annotated[
        int, typer.Option(min=1, max=MAX_DAYS, help="Days after which an unused link expires.")
    ] = DEFAULT_DAYS,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Deliver credentials to the people who hold them.

    Exit 0 when each is delivered, 1 when one is not in force, 3 when one is not anchored yet.
    """
    from acredita.cli.bodies import deliver as body

    return body.deliver(profile, digests, config, everything, out, as_zip, links, days, lang, as_json)
