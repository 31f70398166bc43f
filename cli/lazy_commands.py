"""The commands by name, each in a module that is imported when the command is run: help and usage cost no chain library.

The first sentence or two of every command stand here and in its module; a test holds the two together.
"""

from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

# Command → the module of this folder that registers it, and what the list of commands says of it.
COMMANDS: Final = MappingProxyType(
    {
        "demo": (
            "demo",
            "Play a year of a registry: accredit, issue, anchor, correct, revoke, suspend, steal, verify, audit.",
        ),
        "verify": (
            "verify",
            "Verify credentials. Exit 0 recognised, 1 a negative answer, 2 unusable file, 3 could not tell.",
        ),
        "bundle": ("bundle", "Make an evidence bundle that verifies with the cable out."),
        "audit": ("audit", "Replay the ledger and compare."),
        "trust": ("trust", "Trust files: what the authority vouches for."),
        "node": ("node", "A node: its folder, its server, its tokens."),
        "registry": ("registry", "The authority's acts, where one operator holds its keys."),
        "keys": ("keys", "An institution's keys: list, rotate, retire, mark as compromised."),
        "issue": (
            "issue",
            "Issue a cohort. Exit 0 when every row is issued or was before, 1 when any row is refused.",
        ),
        "revoke": (
            "status",
            "Revoke a credential for good. The chain takes it also from a suspended institution.",
        ),
        "suspend": ("status", "Suspend a credential until it is reinstated."),
        "reinstate": ("status", "Lift the suspension of a credential."),
        "correct": (
            "status",
            "Correct the result: same id, newer validFrom; the old file reads as superseded from then on.",
        ),
        "status": (
            "status",
            "Show for each institution of the node its backlog and its age, its checkpoints and its stops.",
        ),
        "deliver": (
            "deliver",
            "Deliver credentials. Exit 0 when each is delivered, 1 when one is not in force, "
            "3 when one is not anchored yet.",
        ),
        "backup": (
            "backup",
            "Back up the node's database while it runs; the data keys go to one file, which is replaced.",
        ),
        "restore": (
            "backup",
            "Fill the configured database, which must be empty. The next run compares log and chain.",
        ),
        "forget": (
            "backup",
            "Forget a credential: its bytes, data key, position map and links. "
            "The log keeps a digest that says nothing.",
        ),
        "devnet": ("devnet", "Serve an embedded chain until interrupted."),
    }
)


class Commands(TyperGroup):
    """The group at the top: listed from the table, imported on the way to being run."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = {name: TyperCommand(name, help=text) for name, (_, text) in COMMANDS.items()}

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Resolve a command's name and import its module."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, None if name is None else loaded(name), rest


def loaded(name: str) -> Any:
    """Import the module of a command and return the command."""
    part = typer.Typer(add_completion=False)
    import_module(f"acredita.cli.{COMMANDS[name][0]}").register(part)
    return typer.main.get_group(part).commands[name]
