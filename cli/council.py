"""Declare `acredita council …`: what a member of the council sees, checks, approves and executes."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli import council_propose, council_recovery
from acredita.cli.act_options import with_options
from acredita.cli.bodies.act_options import ActingOptions, PublishingOptions, ReadingOptions

council = typer.Typer(
    help="Act as a member of the council: propose, see, check, approve, execute, suspend at once.", no_args_is_help=True
)
_Number = Annotated[int, typer.Argument(help="The number of the proposal.")]
_ProposalFile = Annotated[
    Path | None, typer.Option("--proposal", help="The proposal's file, as `acredita council propose` writes it.")
]
_ActFile = Annotated[
    Path | None, typer.Option("--act", help="The file of the act. Its SHA-256 must be the one that the proposal names.")
]
_Node = Annotated[
    str | None,
    typer.Option(
        "--node", metavar="URL", help="A node to ask for what no file gives. It is compared with the chain's hashes."
    ),
]


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    council.add_typer(council_propose.propose, name="propose")
    council.add_typer(council_recovery.recovery, name="recovery")
    app.add_typer(council, name="council")


def members(*, options: ReadingOptions) -> int:
    """Show the members of the council, its threshold and its recovery set."""
    from acredita.cli.bodies import council as body

    return body.members(options)


def list_proposals(
    every: Annotated[
        bool, typer.Option("--all", help="List executed, retracted, void and expired ones as well.")
    ] = False,
    folder: Annotated[
        Path | None, typer.Option("--proposals", help="A folder with files of proposals, to show what they do.")
    ] = None,
    node: _Node = None,
    *,
    options: ReadingOptions,
) -> int:
    """List the proposals of the council, the newest first."""
    from acredita.cli.bodies import council as body

    return body.list_proposals(every, folder, node, options)


def show(
    number: _Number,
    proposal: Annotated[
        Path | None, typer.Option("--proposal", help="The proposal's file, to show in words what it does.")
    ] = None,
    act: Annotated[
        Path | None,
        typer.Option(
            "--act", help="The file of the act, to compare it with its hash. With --node a new file is written."
        ),
    ] = None,
    node: _Node = None,
    *,
    options: ReadingOptions,
) -> int:
    """Show a proposal: its state, who approves it and, with its file, what it will change.

    The calldata and the act are compared with the hashes on the chain. Exit 1 where one differs.
    """
    from acredita.cli.bodies import council as body
    from acredita.cli.bodies.proposal_source import ProposalSource

    return body.show(number, ProposalSource(proposal, act, node), options)


def approve(
    number: _Number,
    proposal: _ProposalFile = None,
    act: _ActFile = None,
    node: _Node = None,
    *,
    options: ActingOptions,
) -> int:
    """Approve a proposal after showing in words what it will change.

    The approval binds what was read: target, calldata and act of the file. Where the chain has others, nothing is signed.
    """
    from acredita.cli.bodies import council as body
    from acredita.cli.bodies.proposal_source import ProposalSource

    return body.approve(number, ProposalSource(proposal, act, node), options)


def retract(number: _Number, *, options: ActingOptions) -> int:
    """Take back one's own approval of a proposal. The proposer's closes the proposal."""
    from acredita.cli.bodies import council as body

    return body.retract(number, options)


def execute(number: _Number, proposal: _ProposalFile = None, node: _Node = None, *, options: ActingOptions) -> int:
    """Execute a proposal that enough members approved."""
    from acredita.cli.bodies import council as body
    from acredita.cli.bodies.proposal_source import ProposalSource

    return body.execute(number, ProposalSource(proposal, None, node), options)


def suspend(
    did: Annotated[str, typer.Argument(help="The DID of the institution.")],
    act: Annotated[
        Path, typer.Option("--act", help="The file of the act. Its SHA-256 is recorded; JSON counts in its JCS form.")
    ],
    *,
    options: PublishingOptions,
) -> int:
    """Suspend an institution at once, as one member. It lapses after 72 hours unless the council confirms it."""
    from acredita.cli.bodies import council as body

    return body.suspend(did, act, options)


council.command("members")(with_options(members, ReadingOptions))
council.command("list")(with_options(list_proposals, ReadingOptions))
council.command("show")(with_options(show, ReadingOptions))
council.command("approve")(with_options(approve, ActingOptions))
council.command("retract")(with_options(retract, ActingOptions))
council.command("execute")(with_options(execute, ActingOptions))
council.command("suspend")(with_options(suspend, PublishingOptions))
