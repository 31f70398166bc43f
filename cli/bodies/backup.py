"""`acredita backup|restore|forget`: a node's storage taken care of by its operator."""

import json
import time
from pathlib import Path

import typer
from acredita.anchoring.types import to_hex
from acredita.cli.bodies.opened_node import (
    actor_at_keyboard,
    actor_named,
    digest_of,
    load_configuration,
    open_configured_node,
)
from acredita.cli.exit_codes import NEGATIVE, OK, ArgumentRefused
from acredita.cli.spanish.sentences import facts_line, said
from acredita.node.custody.erasure import forget as forget_credential
from acredita.node.custody.erasure import forget_in_keys
from acredita.node.recovery.backup import Backup, BackupRefused, back_up
from acredita.node.recovery.backup import restore as restore_backup
from acredita.node.storage.database import SchemaVersionError, StorageUnavailable
from acredita.node.verification.language import Language


def backup(folder: Path, keys: Path, config: Path, lang: Language, as_json: bool) -> int:
    """Run `acredita backup`."""
    with open_configured_node(config) as node:
        try:
            result = back_up(node.database, folder, keys, now=node.clock(), actor=node.actor)
        except BackupRefused as error:
            raise ArgumentRefused(str(error)) from error
    _print_backup(result, lang, as_json)
    return OK


def restore(folder: Path, keys: Path, config: Path, lang: Language, as_json: bool) -> int:
    """Run `acredita restore`."""
    try:
        result = restore_backup(
            folder, keys, load_configuration(config).database_url, now=int(time.time()), actor=actor_at_keyboard()
        )
    except (BackupRefused, StorageUnavailable, SchemaVersionError) as error:
        raise ArgumentRefused(str(error)) from error
    _print_backup(result, lang, as_json)
    return OK


def forget(
    credential: str, profile: str, keys: Path | None, actor: str, config: Path, lang: Language, as_json: bool
) -> int:
    """Run `acredita forget`."""
    with open_configured_node(config) as node:
        tenant = node.tenant(profile)
        digest = digest_of(credential, tenant)
        acting_as = actor_named(node, actor)
        known = forget_credential(node.database, tenant.issuer, digest, actor=acting_as, now=int(time.time()))
        in_keys = forget_in_keys(keys, tenant.issuer, digest) if keys is not None else None
    document = {"forgotten": to_hex(digest), "known": known, "in_backup_keys": in_keys}
    typer.echo(json.dumps(document) if as_json else facts_line(document, lang))
    return OK if known or in_keys else NEGATIVE


def _print_backup(result: Backup, lang: Language, as_json: bool) -> None:
    document = {"created": result.created, "rows": result.rows}
    text = said(f"{sum(result.rows.values())} rows as of {result.created}", lang)
    typer.echo(json.dumps(document) if as_json else text)
