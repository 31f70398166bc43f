"""Declare `acredita node join`."""

from typing import Annotated

import typer
from acredita.cli.options import DEFAULT_CONFIG, AsJson, Config, Lang
from acredita.node.verification.language import Language


def join(
    trust: Annotated[
        str | None,
        typer.Option(
            metavar="URL|FILE",
            help="The trust file to join by: a file, or the address of a node. It may be left out once the node is bound.",
        ),
    ] = None,
    fingerprint: Annotated[
        str | None,
        typer.Option(
            help="The file's hash, as the authority told it. Without it, the hash is shown and must be confirmed."
        ),
    ] = None,
    config: Config = DEFAULT_CONFIG,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> None:
    """Bind a node to the chain of a trust file, and show each step that still misses and whose it is.

    Nothing is bound where the ledger is another one. Run it again to see what misses then.
    """
    from acredita.cli.bodies import node_join as body

    body.join(trust, fingerprint, config, lang, as_json)
