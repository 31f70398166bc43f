"""Declare the options of the commands of several hands, and give them to a command as one argument.

A command has a parameter `options` of a class of `cli.bodies.act_options`. `with_options` replaces it by an option for each
field, so that every such command has the same options with the same help.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from acredita.cli.options import AsJson, ChainFolder, Lang, PinnedByDefault, Rpc, unless
from acredita.node.verification.language import Language

AccountFile = Annotated[
    Path | None,
    typer.Option(
        "--account",
        envvar="ACREDITA_ACCOUNT",
        callback=unless("account", "sender", "send"),
        help="The account that acts: a Web3 Secret Storage file, as `acredita account new` writes.",
    ),
]
Signer = Annotated[
    str | None,
    typer.Option(
        "--signer", help="The address of an external signer that answers eth_signTransaction. It goes with --from."
    ),
]
Sender = Annotated[
    str | None,
    typer.Option("--from", help="The address of the account that acts, if its key is not in --account."),
]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        envvar="ACREDITA_PASSPHRASE_FILE",
        callback=unless("passphrase_file", "passphrase_descriptor", "passphrase_credential"),
        help="The file with the account's passphrase, mode 0600.",
    ),
]
PassphraseDescriptor = Annotated[
    int | None,
    typer.Option("--passphrase-descriptor", help="An inherited file descriptor to read the account's passphrase from."),
]
PassphraseCredential = Annotated[
    str | None,
    typer.Option("--passphrase-credential", help="The name of a systemd credential with the account's passphrase."),
]
Prepare = Annotated[
    Path | None,
    typer.Option("--prepare", help="Write the act to this file, to be signed elsewhere by `acredita account sign`."),
]
Send = Annotated[Path | None, typer.Option("--send", help="Send this act, which was prepared and signed elsewhere.")]
Yes = Annotated[bool, typer.Option("--yes", help="Sign without asking. What is signed is shown all the same.")]
Publish = Annotated[
    str | None,
    typer.Option(
        "--publish", metavar="URL", help="Send the act's documents to this node, once the act is on the chain."
    ),
]

_OPTIONS: Final[Mapping[str, tuple[Any, Any]]] = {
    "account": (AccountFile, None),
    "signer": (Signer, None),
    "sender": (Sender, None),
    "passphrase_file": (PassphraseFile, None),
    "passphrase_descriptor": (PassphraseDescriptor, None),
    "passphrase_credential": (PassphraseCredential, None),
    "prepare": (Prepare, None),
    "send": (Send, None),
    "yes": (Yes, False),
    "publish": (Publish, None),
    "trust": (PinnedByDefault, None),
    "rpc": (Rpc, None),
    "chain": (ChainFolder, None),
    "as_json": (AsJson, False),
    "lang": (Lang, Language.ES),
}


def with_options(command: Callable[..., int], options: type) -> Callable[..., int]:
    """Return the command with an option for each field of `options` in the place of its parameter `options`."""
    names = {field.name for field in fields(options)}
    own = [parameter for name, parameter in inspect.signature(command).parameters.items() if name != "options"]

    def run(**arguments: Any) -> int:
        gathered = options(**{name: arguments.pop(name) for name in names})
        return command(**arguments, options=gathered)

    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in _OPTIONS.items()
        if name in names
    ]
    return described(run, [*(each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own), *shared], command)


def described(
    run: Callable[..., int], parameters: list[inspect.Parameter], command: Callable[..., int]
) -> Callable[..., int]:
    """Return a function that looks to typer as if it had these parameters and the command's name and help."""
    described_run: Any = run
    described_run.__name__, described_run.__doc__ = command.__name__, command.__doc__
    described_run.__signature__ = inspect.Signature(parameters, return_annotation=int)
    described_run.__annotations__ = {each.name: each.annotation for each in parameters} | {"return": int}
    return run
