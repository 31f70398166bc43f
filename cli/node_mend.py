"""Declare `acredita node mend`: a log restored from a mirror, after an old backup was restored."""

from typing import Annotated

import typer
from acredita.cli.options import DEFAULT_CONFIG, Actor, AsJson, Config, Lang, Profile
from acredita.node.verification.language import Language


def mend(
    profile: Profile,
    mirror: Annotated[
        str, typer.Option(metavar="URL|DIR", help="The address of another node, or a published folder with log/ in it.")
    ],
    actor: Actor = "",
    lang: Lang = Language.ES,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> int:
    """Restore the entries that the log lacks (LOG_AHEAD) from a mirror. Each entry is checked against the chain."""
    from acredita.cli.bodies import node_mend as body

    return body.mend_log(profile, mirror, actor, lang, config, as_json)
