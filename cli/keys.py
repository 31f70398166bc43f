"""List, rotate and end an institution's keys and accounts: `acredita keys list|statements|rotate|retire|compromised`.

The control account signs the changes of the registry.
"""

from pathlib import Path
from typing import Annotated, Final

import typer
from acredita.cli.options import DEFAULT_CONFIG, AsJson, Config, Lang, Profile
from acredita.node.verification.language import Language

OVERLAP: Final = "72h"

Name = Annotated[
    str, typer.Argument(metavar="KEY", help="The key's name in the keystore, as `acredita keys list` prints it.")
]
Control = Annotated[
    Path | None,
    typer.Option(
        "--control",
        help="An account file or a keystore with the control account. Without it, the institution's keystore, if it has one.",
    ),
]
ControlPassphrase = Annotated[
    Path | None,
    typer.Option(
        "--control-passphrase-file",
        help="The file with its passphrase, mode 0600. It goes together with --control.",
    ),
]
Reason = Annotated[str, typer.Option(help="The reason. It is public: name no person.")]

keys = typer.Typer(
    help="List, rotate and retire an institution's keys, or mark one as compromised.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.add_typer(keys, name="keys")


@keys.command("list")
def list_keys(
    profile: Profile, config: Config = DEFAULT_CONFIG, as_json: AsJson = False, lang: Lang = Language.ES
) -> int:
    """List every key and account with the time in which it is valid, by the keystore and the ledger."""
    from acredita.cli.bodies import keys as body

    return body.list_keys(profile, config, as_json, lang)


@keys.command("statements")
def statements(
    profile: Profile,
    out: Annotated[Path, typer.Option(help="The folder to write the files to. They are public.")],
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
    lang: Lang = Language.ES,
) -> int:
    """Write the files by which the control account, on another machine, adds the keys that the ledger does not name yet.

    It prints the commands to run there: a key hands over its statement, an anchoring account its consent.
    """
    from acredita.cli.bodies import key_statements as body

    return body.statements(profile, out, config, as_json, lang)


@keys.command("rotate")
def rotate_key(
    profile: Profile,
    purpose: Annotated[str, typer.Option(help="The purpose of the key: assertion, note or anchoring.")] = "assertion",
    overlap: Annotated[str, typer.Option(help="How long the earlier keys stay valid: 0, 90m, 72h or 7d.")] = OVERLAP,
    control: Control = None,
    control_passphrase: ControlPassphrase = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
    lang: Lang = Language.ES,
) -> int:
    """Rotate to a new key, which is used from the next signature on. Run it again after a stop: it completes the rotation."""
    from acredita.cli.bodies import keys as body

    return body.rotate_key(profile, purpose, overlap, control, control_passphrase, config, as_json, lang)


@keys.command("retire")
def retire_key(
    profile: Profile,
    key: Annotated[str, typer.Argument(metavar="[KEY]", help="The key's name. Leave it out with --due.")] = "",
    due: Annotated[
        bool, typer.Option("--due", help="Retire every key whose overlap is over. Made for a timer.")
    ] = False,
    control: Control = None,
    control_passphrase: ControlPassphrase = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
    lang: Lang = Language.ES,
) -> int:
    """Retire a key that another has followed. Credentials that it signed stay valid."""
    from acredita.cli.bodies import keys as body

    return body.retire_key(profile, key, due, control, control_passphrase, config, as_json, lang)


@keys.command("compromised")
def compromised(
    key: Name,
    profile: Profile,
    since: Annotated[
        str,
        typer.Option(help="The time since which the key was in other hands, RFC 3339 in UTC, at most 72 hours back."),
    ],
    reason: Reason,
    control: Control = None,
    control_passphrase: ControlPassphrase = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
    lang: Lang = Language.ES,
) -> int:
    """Mark a key as compromised. Credentials anchored after that time are invalid; those before stay valid."""
    from acredita.cli.bodies import keys as body

    return body.compromised(key, profile, since, reason, control, control_passphrase, config, as_json, lang)
