"""Declare `acredita institution …`: what an institution does by its control account, and where it stands."""

import inspect
from typing import Annotated

import typer
from acredita.cli.act_options import with_options
from acredita.cli.bodies.act_options import ReadingOptions
from acredita.cli.council_propose import ZONE, Zone
from acredita.cli.party_commands import party_command

institution = typer.Typer(
    help="Apply, attest, and keep keys and accounts, as an institution by its control account.", no_args_is_help=True
)
_ZONE = inspect.Parameter("zone", inspect.Parameter.KEYWORD_ONLY, default=ZONE, annotation=Zone)
keys = typer.Typer(help="Add and end keys of the institution, and mark one as compromised.", no_args_is_help=True)
accounts = typer.Typer(
    help="Add and end anchoring accounts of the institution, and mark one as compromised.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    institution.add_typer(keys, name="keys")
    institution.add_typer(accounts, name="accounts")
    app.add_typer(institution, name="institution")


def status(did: Annotated[str, typer.Argument(help="The DID of the institution.")], *, options: ReadingOptions) -> int:
    """Show an institution's state on the ledger, and each step that still misses before it may be activated.

    Exit 1 where it is suspended, under review, expired, revoked or rejected.
    """
    from acredita.cli.bodies import party_status as body

    return body.show_institution(did, options)


institution.command("apply")(party_command("apply"))
institution.command("attest")(party_command("attest-quality"))
institution.command("withdraw")(party_command("withdraw"))
institution.command("accredit")(party_command("activate", _ZONE))
institution.command("renew")(party_command("renew", _ZONE))
institution.command("amend-scope")(party_command("amend-scope"))
institution.command("status")(with_options(status, ReadingOptions))
keys.command("add")(party_command("add-key"))
keys.command("end")(party_command("end-key"))
keys.command("compromised")(party_command("key-compromised"))
accounts.command("add")(party_command("add-anchoring-account"))
accounts.command("end")(party_command("end-account"))
accounts.command("compromised")(party_command("account-compromised"))
