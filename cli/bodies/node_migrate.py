"""`acredita node migrate`: an institution's log moves to another chain, because the one it was tied to is gone for good.

Nothing of it can happen by accident: both genesis blocks are written out by whoever starts it, and a chain that still
answers is never left.
"""

import json
import os
from pathlib import Path

import typer
from acredita.anchoring.types import BlockHash, FormatRefused, from_hex, to_hex
from acredita.cli.bodies.opened_node import load_configuration, open_configured_node
from acredita.cli.bodies.registry import end_of, scope_of
from acredita.cli.exit_codes import NEGATIVE, OK, UNKNOWN, ActRefused, ArgumentRefused, worst
from acredita.cli.spanish.sentences import said
from acredita.node.administration.init import AUTHORITY_KEYSTORE
from acredita.node.administration.redeploy import AccreditationTerms, needs_deployment, redeploy
from acredita.node.administration.single_operator import Operator
from acredita.node.recovery.migrate import finished_migration, migrate
from acredita.node.recovery.migration_ledgers import MigrationRefused, MigrationRequest
from acredita.node.recovery.migration_survey import survey_before_deployment, survey_migration
from acredita.node.runtime.anchor_now import anchor_now
from acredita.node.runtime.open_node import read_passphrase
from acredita.node.verification.language import Language
from acredita.registry.keys.keystore import Keystore

_HASH_BYTES = 32


def migrate_log(
    profile: str,
    old: str,
    new: str,
    dry_run: bool,
    deploy: bool,
    scope: Path | None,
    until: str,
    leave: bool,
    config: Path,
    wait: bool,
    lang: Language,
    as_json: bool,
) -> int:
    """Run `acredita node migrate`."""
    request = MigrationRequest(_genesis(old, "--from"), _genesis(new, "--to"))
    if deploy != (scope is not None and bool(until)):
        raise ArgumentRefused("--redeploy, --scope FILE and --until DAY go together")
    if load_configuration(config).keys.passphrase_descriptor is not None:
        raise ArgumentRefused("keys.passphrase_descriptor: a migration opens the keystores more than once; use a file")
    try:
        if dry_run:
            return _print_result(_foreseen(config, profile, request, deploy, leave), lang, as_json)
        if scope is not None:
            _redeploy(config, profile, request, scope, until, lang)
        return _migrate(config, profile, request, leave, wait, lang, as_json)
    except MigrationRefused as error:
        raise ActRefused(str(error)) from error


def _genesis(text: str, option: str) -> BlockHash:
    try:
        return BlockHash(from_hex(text if text.startswith("0x") else f"0x{text}", _HASH_BYTES, option))
    except FormatRefused as error:
        raise ArgumentRefused(str(error)) from error


def _foreseen(config: Path, profile: str, request: MigrationRequest, deploy: bool, leave: bool) -> dict[str, object]:
    with open_configured_node(config) as node:
        tenant = node.tenant(profile)
        if finished_migration(node, tenant, request) is not None:
            return {"migrated": True}
        deploys = deploy and needs_deployment(node)
        survey = (
            survey_before_deployment(node, tenant, request)
            if deploys
            else survey_migration(node, tenant, request, leave_unrecognised=leave)
        )
        return {"migrated": False, "redeploy": deploys, **survey.document()}


def _redeploy(config: Path, profile: str, request: MigrationRequest, scope: Path, until: str, lang: Language) -> None:
    """Deploy the contracts anew, unless an earlier run has done it."""
    with open_configured_node(config) as node:
        tenant = node.tenant(profile)
        if not needs_deployment(node):
            return
        path, passphrase = node.folder.base / AUTHORITY_KEYSTORE, read_passphrase(node.configuration, os.environ)
        if passphrase is None or not path.is_file():
            raise ArgumentRefused(f"{path}: the authority's keystore is not here")
        operator = Operator(node.ledger, Keystore.open(path, passphrase), node.folder.base, node.clock)
        redeploy(
            node, operator, tenant, request, AccreditationTerms(scope_of(scope, tenant), end_of(until, tenant, lang))
        )


def _migrate(
    config: Path, profile: str, request: MigrationRequest, leave: bool, wait: bool, lang: Language, as_json: bool
) -> int:
    with open_configured_node(config) as node:
        tenant = node.tenant(profile)
        migration = migrate(node, tenant, request, leave_unrecognised=leave, actor=tenant.institution.context.actor)
        counts = {} if migration.survey is None else migration.survey.document()
    with open_configured_node(config) as node:  # the tenant is tied to the new ledger only when it is opened again
        anchoring = anchor_now(node, node.tenant(profile), wait)
    _print_result(
        {
            "migrated": True,
            "record": to_hex(migration.record),
            "on_ledger": migration.on_ledger,
            **counts,
            "anchoring": anchoring.sentence,
        },
        lang,
        as_json,
    )
    return worst([NEGATIVE if anchoring.refused else OK, UNKNOWN if anchoring.is_unknown else OK])


def _print_result(document: dict[str, object], lang: Language, as_json: bool) -> int:
    if as_json:
        typer.echo(json.dumps(document))
    else:
        for name, value in document.items():
            typer.echo(said(f"{name}: {_text(value)}", lang))
    return OK


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{count} {name}" for name, count in value.items()) or "none"
    return str(value)
