"""Declare `acredita council recovery …`: a council that lost its quorum gets new members after 30 public days."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.act_options import with_options
from acredita.cli.bodies.act_options import ActingOptions, PublishingOptions, ReadingOptions

recovery = typer.Typer(
    help="Replace the members of a council that lost its quorum, as a holder of the recovery set.", no_args_is_help=True
)
_Number = Annotated[int, typer.Argument(help="The number of the recovery.")]
_RecoveryFile = Annotated[
    Path, typer.Option("--recovery", help="The recovery's file, as `acredita council recovery propose` writes it.")
]


def propose(
    member: Annotated[
        list[str],
        typer.Option(
            help="The address of a member. Repeat the option for each one; the list replaces the present members."
        ),
    ],
    threshold: Annotated[int, typer.Option(help="The number of members who must approve.")],
    out: Annotated[Path, typer.Option(help="The recovery's file to write, which the other holders read.")],
    *,
    options: ActingOptions,
) -> int:
    """Propose new members and a threshold. The proposer's approval counts."""
    from acredita.cli.bodies import council_recovery as body

    return body.propose(member, threshold, out, options)


def list_recoveries(*, options: ReadingOptions) -> int:
    """List the recoveries of the council with their approvals and the time from which they can be executed."""
    from acredita.cli.bodies import council_recovery as body

    return body.list_recoveries(options)


def approve(number: _Number, file: _RecoveryFile, *, options: ActingOptions) -> int:
    """Approve a recovery of the members and threshold in its file. Enough approvals start 30 public days."""
    from acredita.cli.bodies import council_recovery as body

    return body.approve(number, file, options)


def execute(number: _Number, file: _RecoveryFile, *, options: ActingOptions) -> int:
    """Execute a recovery, 30 to 60 days after enough holders agreed."""
    from acredita.cli.bodies import council_recovery as body

    return body.execute(number, file, options)


def cancel(
    number: _Number,
    act: Annotated[
        Path, typer.Option("--act", help="The file of the act. Its SHA-256 is recorded; JSON counts in its JCS form.")
    ],
    title: Annotated[str, typer.Option(help="The title of the act, for whoever reads the proposal.")],
    out: Annotated[Path, typer.Option(help="The proposal's file to write, which the other members read.")],
    *,
    options: PublishingOptions,
) -> int:
    """Propose to the council, as a member, to cancel a recovery."""
    from acredita.cli.bodies import council_recovery as body

    return body.cancel(number, act, title, out, options)


recovery.command("propose")(with_options(propose, ActingOptions))
recovery.command("list")(with_options(list_recoveries, ReadingOptions))
recovery.command("approve")(with_options(approve, ActingOptions))
recovery.command("execute")(with_options(execute, ActingOptions))
recovery.command("cancel")(with_options(cancel, PublishingOptions))
