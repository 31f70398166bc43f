"""`acredita node requeue`: entries put aside, listed by code and queued again."""

from typing import Annotated

import typer
from acredita.cli.options import DEFAULT_CONFIG, Actor, AsJson, Config, Lang, Profile, Wait
from acredita.node.verification.language import Language


def requeue(
    profile: Profile,
    code: Annotated[str, typer.Option(help="Queue again what was put aside with this code; absent: list.")] = "",
    actor: Actor = "",
    lang: Lang = Language.ES,
    wait: Wait = True,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> int:
    """List what the chain or the council put aside, or queue it again once its cause is gone."""
    from acredita.cli.bodies import node_requeue as body

    return body.requeue_entries(profile, code, actor, lang, wait, config, as_json)
