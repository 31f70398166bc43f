"""Declare `acredita index status|rebuild`: the node's index of the ledger."""

import typer
from acredita.cli.options import DEFAULT_CONFIG, AsJson, Config, Lang
from acredita.node.verification.language import Language

index = typer.Typer(help="Show or rebuild the node's index of the ledger.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.add_typer(index, name="index")


@index.command("status")
def status(config: Config = DEFAULT_CONFIG, lang: Lang = Language.ES, as_json: AsJson = False) -> int:
    """Show up to which block the index is checked, and why it does not advance.

    Exit 0 when it advances, 1 when the ledger has forked, 3 when the ledger could not be checked.
    """
    from acredita.cli.bodies import index as body

    return body.status(config, lang, as_json)


@index.command("rebuild")
def rebuild(config: Config = DEFAULT_CONFIG, lang: Lang = Language.ES, as_json: AsJson = False) -> int:
    """Build the index anew from the ledger's first block, check it, and put it in the place of the present one.

    The present index serves meanwhile. After a fork, make sure first that the ledger at hand is the right one.
    """
    from acredita.cli.bodies import index as body

    return body.rebuild(config, lang, as_json)
