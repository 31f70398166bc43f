"""`acredita backup|restore|forget`: a node's storage taken care of by its operator."""

import json
import time
from pathlib import Path

import typer
from acredita.anchoring.types import to_hex
from acredita.cli.bodies.opened_node import acting, at_the_keyboard, configuration, digest_of, opened
from acredita.cli.exit_codes import NEGATIVE, OK, ArgumentRefused
from acredita.node.custody.erasure import forget as forget_credential
from acredita.node.custody.erasure import forget_in_keys
from acredita.node.recovery.backup import Backup, BackupRefused, back_up
from acredita.node.recovery.backup import restore as restore_backup
from acredita.node.storage.database import SchemaVersionError, StorageUnavailable


def backup(folder: Path, keys: Path, config: Path, as_json: bool) -> int:
    """Run `acredita backup`."""
    with opened(config) as node:
        try:
            made = back_up(node.database, folder, keys, now=node.clock(), actor=node.actor)
        except BackupRefused as error:
            raise ArgumentRefused(str(error)) from error
    _say(made, as_json)
    return OK


def restore(folder: Path, keys: Path, config: Path, as_json: bool) -> int:
    """Run `acredita restore`."""
    try:
        made = restore_backup(
            folder, keys, configuration(config).database_url, now=int(time.time()), actor=at_the_keyboard()
        )
    except (BackupRefused, StorageUnavailable, SchemaVersionError) as error:
        raise ArgumentRefused(str(error)) from error
    _say(made, as_json)
    return OK


def forget(credential: str, profile: str, keys: Path | None, actor: str, config: Path, as_json: bool) -> int:
    """Run `acredita forget`."""
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
