"""List the commands by name, and import the module of a command when it is run or asked for help.

The first paragraph of each command's help is here and in its module; a test compares the two.
"""

from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

import typer
from acredita.cli.reader_language import speak
from acredita.cli.spanish.help_context import ReaderContext, language_in
from acredita.node.verification.language import Language
from typer.core import TyperCommand, TyperGroup

# Command → the module of this folder that registers it, and its text in the list of commands.
COMMANDS: Final = MappingProxyType(
    {
        "demo": (
            "demo",
            "Play a year of a registry: accredit, issue, anchor, correct, revoke, suspend, steal, verify, audit.",
        ),
        "verify": ("verify", "Verify credentials and evidence bundles, and print the verdict on each."),
        "bundle": ("bundle", "Make an evidence bundle: one file that can be verified offline."),
        "proof": ("proof", "Check what a node answers about the registry, by the proof that comes with the answer."),
        "audit": ("audit", "Replay a registry's whole history and compare it with what is published."),
        "mirror": (
            "mirror",
            "Copy the logs, status lists, documents and trust files of a registry, each checked against the ledger.",
        ),
        "witness": (
            "witness",
            "Cosign the checkpoints of a registry's logs, as a witness that keeps what it saw.",
        ),
        "monitor": ("monitor", "Follow a registry, and tell somebody what is wrong."),
        "documents": (
            "documents",
            "Send documents that the ledger names to a node, fetch them from one, and withhold them.",
        ),
        "trust": ("trust", "Show, pin, update, draft, sign and publish trust files."),
        "node": ("node", "Make a node, run it, and look after it."),
        "index": ("index", "Show or rebuild the node's index of the ledger."),
        "account": (
            "account",
            "Make, show, import and export ledger accounts, and sign with them what was prepared elsewhere.",
        ),
        "council": (
            "council",
            "Act as a member of the council: propose, see, check, approve, execute, suspend at once.",
        ),
        "network": ("network", "Set up a network of Besu nodes that several parties run."),
        "agency": ("agency", "Review institutions and programmes, as a quality agency."),
        "institution": (
            "institution",
            "Apply, attest, and keep keys and accounts, as an institution by its control account.",
        ),
        "inbox": (
            "inbox",
            "List what waits for a party of the registry: what it is, until when, and the command that does it.",
        ),
        "programme": ("programme", "Write, check, submit, review and withdraw programme versions."),
        "scope": ("scope", "Write and check scope documents: what an institution may issue."),
        "registry": ("registry", "Act for the authority, where one operator holds its keys."),
        "keys": ("keys", "List, rotate and retire an institution's keys, or mark one as compromised."),
        "issue": (
            "issue",
            "Issue the credentials of a cohort. Exit 0 when every row is issued or was before, 1 when a row is refused.",
        ),
        "revoke": ("status", "Revoke a credential for ever. A suspended institution can revoke, too."),
        "suspend": ("status", "Suspend a credential until it is reinstated."),
        "reinstate": ("status", "Lift the suspension of a credential."),
        "correct": (
            "status",
            "Correct the result of a credential. The new one has the same id; the old file is superseded from then on.",
        ),
        "status": (
            "status",
            "Show for each institution the waiting entries and their age, the newest checkpoint, and a stop.",
        ),
        "deliver": ("deliver", "Deliver credentials to the people who hold them."),
        "backup": (
            "backup",
            "Back up the node's database while it runs. The data keys go to one file, which is replaced.",
        ),
        "restore": (
            "backup",
            "Restore a backup into the configured database, which must be empty. The next run compares log and chain.",
        ),
        "forget": (
            "backup",
            "Forget a credential: delete its bytes, data key, position map and links. The log keeps only a digest.",
        ),
        "completion": (
            "completion",
            "Print the script by which a shell completes commands, options and their values, with their help.",
        ),
        "manual": (
            "manual",
            "Print the manual page of all commands, made from their help, in the form that `man` reads.",
        ),
        "devnet": ("devnet", "Serve an embedded chain over JSON-RPC until interrupted."),
    }
)


class Commands(TyperGroup):
    """The group at the top: listed from the table, imported on the way to being run."""

    context_class = ReaderContext

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = {name: TyperCommand(name, help=text) for name, (_, text) in COMMANDS.items()}

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Resolve a command's name and import its module."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, None if name is None else loaded(name, language_in(ctx)), rest

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands in the reader's language."""
        speak(self, language_in(ctx))
        super().format_help(ctx, formatter)


@cache
def loaded(name: str, language: Language = Language.EN) -> Any:
    """Import the module of a command and return the command, with its help in a language.

    It is made once a process and language: a group with many commands takes a tenth of a second.
    """
    part = typer.Typer(add_completion=False)
    import_module(f"acredita.cli.{COMMANDS[name][0]}").register(part)
    command = typer.main.get_group(part).commands[name]
    speak(command, language)
    return command
