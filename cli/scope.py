"""Declare `acredita scope new|validate`: the document that says what an institution may issue."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.options import AsJson, Lang
from acredita.node.verification.language import Language

scope = typer.Typer(help="Write and check scope documents: what an institution may issue.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.add_typer(scope, name="scope")


@scope.command()
def new(
    file: Annotated[Path, typer.Argument(help="The template to write. Its name ends in .toml.")],
    did: Annotated[str | None, typer.Option(help="The DID of the institution.")] = None,
    as_json: AsJson = False,
    lang: Lang = Language.ES,
) -> int:
    """Write the template of a scope: TOML with a comment on each element."""
    from acredita.cli.bodies import programme as body

    return body.new("scope", file, did, as_json, lang)


@scope.command()
def validate(
    file: Annotated[Path, typer.Argument(help="The scope document, in JSON or TOML.")],
    out: Annotated[Path | None, typer.Option(help="The JSON document to write, which the council names.")] = None,
    as_json: AsJson = False,
    lang: Lang = Language.ES,
) -> int:
    """Check a scope document and name every fault with its place. It needs no ledger."""
    from acredita.cli.bodies import programme as body

    return body.validate_scope(file, out, as_json, lang)
