"""List, rotate and end an institution's keys and accounts: `acredita keys list|rotate|retire|compromised`.

The control account signs the changes of the registry.
"""

from pathlib import Path
from typing import Annotated, Final

import typer
from acredita.cli.options import DEFAULT_CONFIG, AsJson, Config, Lang, Profile
from acredita.node.verification.language import Language

OVERLAP: Final = "72h"

Name = Annotated[str, typer.Argument(metavar="KEY", help="Name of the key in the keystore, as `keys list` has it.")]
Control = Annotated[
    Path | None, typer.Option("--control", help="Keystore with the control account; the institution's where absent.")
]
ControlPassphrase = Annotated[
    Path | None,
    typer.Option("--control-passphrase-file", help="Its passphrase, mode 0600; must be given with --control."),
]
Reason = Annotated[str, typer.Option(help="Why; public, so without a person's name.")]

keys = typer.Typer(help="An institution's keys: list, rotate, retire, mark as compromised.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.add_typer(keys, name="keys")


@keys.command("list")
def list_keys(
    profile: Profile, config: Config = DEFAULT_CONFIG, as_json: AsJson = False, lang: Lang = Language.ES
) -> int:
    """List every key and account with its window, as keystore and ledger have it."""
    from acredita.cli.bodies import keys as body

    return body.list_keys(profile, config, as_json, lang)


@keys.command("rotate")
def rotate_key(
    profile: Profile,
    purpose: Annotated[str, typer.Option(help="assertion, note or anchoring.")] = "assertion",
    overlap: Annotated[str, typer.Option(help="How long the keys before it still hold: 0, 90m, 72h, 7d.")] = OVERLAP,
    control: Control = None,
    control_passphrase: ControlPassphrase = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
    lang: Lang = Language.ES,
) -> int:
    """Rotate to a new key, used from the next signature on. A second run after a stop goes on with the same key."""
    from acredita.cli.bodies import keys as body

    return body.rotate_key(profile, purpose, overlap, control, control_passphrase, config, as_json, lang)


@keys.command("retire")
def retire_key(
    profile: Profile,
    key: Annotated[str, typer.Argument(metavar="[KEY]", help="Name of the key; none with --due.")] = "",
    due: Annotated[bool, typer.Option("--due", help="Every key whose overlap is over; for a timer.")] = False,
    control: Control = None,
    control_passphrase: ControlPassphrase = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
    lang: Lang = Language.ES,
) -> int:
    """End a key that another has followed. What it signed and anchored stays good."""
    from acredita.cli.bodies import keys as body

    return body.retire_key(profile, key, due, control, control_passphrase, config, as_json, lang)


@keys.command("compromised")
def compromised(
    key: Name,
    profile: Profile,
    since: Annotated[str, typer.Option(help="Since when, RFC 3339 UTC; at most 72 hours back.")],
    reason: Reason,
    control: Control = None,
    control_passphrase: ControlPassphrase = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
    lang: Lang = Language.ES,
) -> int:
    """Mark a key as compromised: everything anchored from then on is invalid, everything before stays good."""
    from acredita.cli.bodies import keys as body

    return body.compromised(key, profile, since, reason, control, control_passphrase, config, as_json, lang)
