"""`acredita node mend`: a log taken back up from a mirror, after an old backup was restored."""

from typing import Annotated

import typer
from acredita.cli.options import DEFAULT_CONFIG, Actor, AsJson, Config, Lang, Profile
from acredita.node.verification.language import Language


def mend(
    profile: Profile,
    mirror: Annotated[
        str, typer.Option(metavar="URL|DIR", help="Another node's address, or a published folder with log/.")
    ],
    actor: Actor = "",
    lang: Lang = Language.ES,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> int:
    """Take the log up to the chain's head from a mirror (LOG_AHEAD). Every entry is held against the chain."""
    from acredita.cli.bodies import node_mend as body

    return body.mend_log(profile, mirror, actor, lang, config, as_json)
