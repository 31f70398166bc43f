"""Declare `acredita registry …`: the authority's acts, where one operator holds its keys.

In production the council's members act from their own machines; here one keystore holds them all, and it says so.
"""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli import keys
from acredita.cli.options import DEFAULT_CONFIG, AsJson, Config, Lang, Profile
from acredita.node.verification.language import Language

registry = typer.Typer(help="Act for the authority, where one operator holds its keys.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.add_typer(registry, name="registry")


@registry.command("accredit")
def accredit(
    profile: Profile,
    scope: Annotated[Path, typer.Option(help="The scope document (JSON). An empty `did` in it is filled in.")],
    until: Annotated[
        str,
        typer.Option(help="The last day of the accreditation, YYYY-MM-DD, which ends in the institution's time zone."),
    ],
    config: Config = DEFAULT_CONFIG,
    lang: Lang = Language.ES,
) -> None:
    """Apply, attest, review and activate an institution."""
    from acredita.cli.bodies import registry as body

    body.accredit(profile, scope, until, config, lang)


@registry.command("approve")
def approve(
    profile: Profile,
    programme: Annotated[Path, typer.Argument(help="The programme document (JSON).")],
    config: Config = DEFAULT_CONFIG,
    lang: Lang = Language.ES,
) -> None:
    """Submit and approve a programme version of an institution."""
    from acredita.cli.bodies import registry as body

    body.approve(profile, programme, config, lang)


@registry.command("suspend")
def suspend(
    profile: Profile,
    reason: Annotated[str, typer.Option(help="The reason. It is public.")],
    config: Config = DEFAULT_CONFIG,
    lang: Lang = Language.ES,
) -> None:
    """Suspend an institution. The chain refuses its new credentials from the next block on."""
    from acredita.cli.bodies import registry as body

    body.suspend(profile, reason, config, lang)


@registry.command("reinstate")
def reinstate(
    profile: Profile,
    reason: Annotated[str, typer.Option(help="The reason. It is public.")],
    config: Config = DEFAULT_CONFIG,
    lang: Lang = Language.ES,
) -> None:
    """Lift the suspension of an institution."""
    from acredita.cli.bodies import registry as body

    body.reinstate(profile, reason, config, lang)


@registry.command("compromised")
def compromised(
    key: keys.Name,
    profile: Profile,
    since: Annotated[
        str, typer.Option(help="The time since which the key was in other hands, RFC 3339 in UTC. Any time is allowed.")
    ],
    reason: keys.Reason,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
    lang: Lang = Language.ES,
) -> None:
    """Mark an institution's key as compromised by the council's decision, as far back as needed."""
    from acredita.cli.bodies import registry as body

    body.compromised(key, profile, since, reason, config, as_json, lang)


@registry.command("did")
def did(profile: Profile, config: Config = DEFAULT_CONFIG) -> None:
    """Print the DID of an institution, for its programme and scope documents."""
    from acredita.cli.bodies import registry as body

    body.did(profile, config)
