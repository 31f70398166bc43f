"""List refused entries and requeue them: `acredita node requeue`."""

from typing import Annotated

import typer
from acredita.cli.options import DEFAULT_CONFIG, Actor, AsJson, Config, Lang, Profile, Wait
from acredita.node.verification.language import Language


def requeue(
    profile: Profile,
    code: Annotated[
        str, typer.Option(help="Requeue the entries refused with this code. Without it, refused entries are listed.")
    ] = "",
    actor: Actor = "",
    lang: Lang = Language.ES,
    wait: Wait = True,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> int:
    """List the entries that the contract or the council refused, or requeue them once the cause is gone."""
    from acredita.cli.bodies import node_requeue as body

    return body.requeue_entries(profile, code, actor, lang, wait, config, as_json)
