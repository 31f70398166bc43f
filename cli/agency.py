"""Declare `acredita agency …`: what a quality agency records of institutions. Programmes: `acredita programme review`."""

from typing import Annotated

import typer
from acredita.cli.act_options import with_options
from acredita.cli.bodies.act_options import ReadingOptions
from acredita.cli.party_commands import party_command

agency = typer.Typer(help="Review institutions and programmes, as a quality agency.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.add_typer(agency, name="agency")


def show(did: Annotated[str, typer.Argument(help="The DID of the agency.")], *, options: ReadingOptions) -> int:
    """Show whether the council recognises an agency now, until when, and its account."""
    from acredita.cli.bodies import party_status as body

    return body.show_agency(did, options)


agency.command("review")(party_command("review"))
agency.command("review-programme")(party_command("review-programme"))
agency.command("show")(with_options(show, ReadingOptions))
