"""Declare `acredita backup|restore|forget`: an operator's care of a node's storage."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.options import DEFAULT_CONFIG, Actor, AsJson, Config, Lang, Profile
from acredita.node.verification.language import Language

Keys = Annotated[Path, typer.Option("--keys", help="The one file of data keys. Keep it apart from the backups.")]


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("forget")(forget)


def backup(
    folder: Annotated[Path, typer.Argument(help="The folder to make for the backup.")],
    keys: Keys,
    config: Config = DEFAULT_CONFIG,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Back up the node's database while it runs. The data keys go to one file, which is replaced."""
    from acredita.cli.bodies import backup as body

    return body.backup(folder, keys, config, lang, as_json)


def restore(
    folder: Annotated[Path, typer.Argument(help="The folder of a backup.")],
    keys: Keys,
    config: Config = DEFAULT_CONFIG,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Restore a backup into the configured database, which must be empty. The next run compares log and chain."""
    from acredita.cli.bodies import backup as body

    return body.restore(folder, keys, config, lang, as_json)


def forget(
    credential: Annotated[
        str, typer.Argument(metavar="CREDENTIAL", help="A credential file, or its digest in hexadecimal.")
    ],
    profile: Profile,
    keys: Annotated[
        Path | None,
        typer.Option(
            "--keys", help="The backups' file of data keys. With it, no backup can bring the credential back."
        ),
    ] = None,
    actor: Actor = "",
    config: Config = DEFAULT_CONFIG,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Forget a credential: delete its bytes, data key, position map and links. The log keeps only a digest."""
    from acredita.cli.bodies import backup as body

    return body.forget(credential, profile, keys, actor, config, lang, as_json)
