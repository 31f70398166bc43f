"""Declare `acredita programme …`: a programme version from its template to its review."""

import inspect
from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.act_options import with_options
from acredita.cli.bodies.act_options import ReadingOptions
from acredita.cli.options import AsJson, Lang
from acredita.cli.party_commands import party_command
from acredita.node.verification.language import Language

programme = typer.Typer(help="Write, check, submit, review and withdraw programme versions.", no_args_is_help=True)
_Scope = Annotated[
    Path | None, typer.Option("--scope", help="The scope document of the institution, to compare the programme with.")
]
_SUPERSEDE = "Submit a version that replaces an earlier one of the same institution once the council approves it."
_AccreditorScope = Annotated[
    list[Path] | None,
    typer.Option(
        "--accreditor-scope",
        help="The scope document of an accreditor above the institution. Repeat the option for each one.",
    ),
]
_SCOPES = tuple(
    inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
    for name, annotation in (("scope", _Scope), ("accreditor_scope", _AccreditorScope))
)


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.add_typer(programme, name="programme")


@programme.command()
def new(
    file: Annotated[Path, typer.Argument(help="The template to write. Its name ends in .toml.")],
    did: Annotated[str | None, typer.Option(help="The DID of the institution.")] = None,
    as_json: AsJson = False,
    lang: Lang = Language.ES,
) -> int:
    """Write the template of a programme version: TOML with a comment on each element."""
    from acredita.cli.bodies import programme as body

    return body.new("programme", file, did, as_json, lang)


@programme.command()
def validate(
    file: Annotated[Path, typer.Argument(help="The programme document, in JSON or TOML.")],
    scope: _Scope = None,
    out: Annotated[Path | None, typer.Option(help="The JSON document to write, which is submitted.")] = None,
    as_json: AsJson = False,
    lang: Lang = Language.ES,
) -> int:
    """Check a programme document and name every fault with its place. It needs no ledger."""
    from acredita.cli.bodies import programme as body

    return body.validate(file, scope, out, as_json, lang)


def show(
    version: Annotated[str, typer.Argument(help="The programme document (JSON), or DID#0x and its SHA-256.")],
    *,
    options: ReadingOptions,
) -> int:
    """Show the state of a programme version on the ledger."""
    from acredita.cli.bodies import programme as body

    return body.show(version, options)


programme.command("show")(with_options(show, ReadingOptions))
programme.command("submit")(party_command("submit-programme", *_SCOPES))
programme.command("supersede")(party_command("submit-programme", *_SCOPES, text=_SUPERSEDE, demanded="supersedes"))
programme.command("withdraw")(party_command("withdraw-programme"))
programme.command("review")(party_command("review-programme"))
