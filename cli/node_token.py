"""Declare `acredita node token new|list|revoke`: the access tokens of a node."""

from typing import Annotated, Final

import typer
from acredita.cli.options import DEFAULT_CONFIG, Actor, AsJson, Config, Lang
from acredita.node.storage.rights import Right
from acredita.node.verification.language import Language

MAX_DAYS: Final = 3_650

token = typer.Typer(
    help="Make, list and revoke access tokens, by which programs write over HTTP.", no_args_is_help=True
)

OfInstitution = Annotated[
    str | None, typer.Option(help="The institution's short name. Without it, the whole node is meant.")
]


@token.command("new")
def new(
    label: Annotated[str, typer.Option(help="The token's purpose. It appears in lists and in the audit trail.")],
    right: Annotated[list[Right], typer.Option(help="A right that the token carries. Repeat the option for more.")],
    profile: OfInstitution = None,
    days: Annotated[int, typer.Option(min=1, max=MAX_DAYS, help="Days until the token expires.")] = 365,
    actor: Actor = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> int:
    """Make an access token. It is shown once; the node keeps only its hash. Its id goes to standard error."""
    from acredita.cli.bodies import node_token as body

    return body.new(label, right, profile, days, actor, config, as_json)


@token.command("list")
def list_(
    profile: OfInstitution = None, lang: Lang = Language.ES, config: Config = DEFAULT_CONFIG, as_json: AsJson = False
) -> int:
    """List the access tokens: in force, expired and revoked. The tokens themselves are stored nowhere."""
    from acredita.cli.bodies import node_token as body

    return body.list_(profile, lang, config, as_json)


@token.command("revoke")
def revoke(
    identifier: Annotated[
        str, typer.Argument(metavar="ID", help="The token's id, as `acredita node token list` prints it.")
    ],
    actor: Actor = "",
    lang: Lang = Language.ES,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> int:
    """Revoke an access token. A running node refuses it from the next request on. Exit 1 if no token has this id."""
    from acredita.cli.bodies import node_token as body

    return body.revoke(identifier, actor, lang, config, as_json)
