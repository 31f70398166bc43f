"""`acredita backup|restore|forget`: a node's storage taken care of by its operator."""

import json
import time
from pathlib import Path
from typing import Annotated

import typer
from acredita.anchoring.types import to_hex
from acredita.cli.exit_codes import NEGATIVE, OK, ArgumentRefused
from acredita.cli.node_options import (
    DEFAULT_CONFIG,
    AsJson,
    Config,
    Profile,
    acting,
    at_the_keyboard,
    configuration,
    digest_of,
    opened,
)
from acredita.node.custody.erasure import forget as forget_credential
from acredita.node.custody.erasure import forget_in_keys
from acredita.node.recovery.backup import Backup, BackupRefused, back_up
from acredita.node.recovery.backup import restore as restore_backup
from acredita.node.storage.database import SchemaVersionError, StorageUnavailable

Keys = Annotated[Path, typer.Option("--keys", help="The one file of data keys, kept apart from the backups.")]


def register(app: typer.Typer) -> None:
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("forget")(forget)


def backup(
    folder: Annotated[Path, typer.Argument(help="New folder for the backup.")],
    keys: Keys,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> int:
    """Back up the node's database while it runs; the data keys go to one file, which is replaced."""
    with opened(config) as node:
        try:
            made = back_up(node.database, folder, keys, now=node.clock(), actor=node.actor)
        except BackupRefused as error:
            raise ArgumentRefused(str(error)) from error
    _say(made, as_json)
    return OK


def restore(
    folder: Annotated[Path, typer.Argument(help="Folder of a backup.")],
    keys: Keys,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> int:
    """Fill the configured database, which must be empty. The next run compares log and chain."""
    try:
        made = restore_backup(
            folder, keys, configuration(config).database_url, now=int(time.time()), actor=at_the_keyboard()
        )
    except (BackupRefused, StorageUnavailable, SchemaVersionError) as error:
        raise ArgumentRefused(str(error)) from error
    _say(made, as_json)
    return OK


def forget(
    credential: Annotated[str, typer.Argument(metavar="CREDENTIAL", help="A credential file, or its digest in hex.")],
    profile: Profile,
    keys: Annotated[
        Path | None, typer.Option("--keys", help="The backups' file of data keys, so that no backup brings it back.")
    ] = None,
    actor: Annotated[str, typer.Option(help="Who acts, for the audit trail.")] = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> int:
    """Forget a credential: its bytes, data key, position map and links. The log keeps a digest that says nothing."""
    with opened(config) as node:
        tenant = node.tenant(profile)
        digest = digest_of(credential, tenant)
        acts = acting(node, actor)
        known = forget_credential(node.database, tenant.issuer, digest, actor=acts, now=int(time.time()))
        in_keys = forget_in_keys(keys, tenant.issuer, digest) if keys is not None else None
    told = {"forgotten": to_hex(digest), "known": known, "in_backup_keys": in_keys}
    typer.echo(json.dumps(told) if as_json else "; ".join(f"{name}: {value}" for name, value in told.items()))
    return OK if known or in_keys else NEGATIVE


def _say(made: Backup, as_json: bool) -> None:
    told = {"created": made.created, "rows": made.rows}
    typer.echo(json.dumps(told) if as_json else f"{sum(made.rows.values())} rows as of {made.created}")
