"""`acredita deliver`: what a person receives, as a folder, a ZIP, or a link that opens once."""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import typer
from acredita.anchoring.types import Digest, to_hex
from acredita.cli.bodies.opened_node import digest_of, open_configured_node
from acredita.cli.exit_codes import NEGATIVE, OK, UNKNOWN, ArgumentRefused, worst
from acredita.cli.spanish.sentences import said
from acredita.node.delivery.links import create_link, link_address
from acredita.node.delivery.parcel import (
    DeliveryRefused,
    Parcel,
    ParcelBuilder,
    registered_names,
    write_folder,
    write_zip,
)
from acredita.node.delivery.printing.wording import PrintedNames
from acredita.node.issuance.institution import InstitutionRefused
from acredita.node.runtime.open_node import RunningNode
from acredita.node.runtime.tenant import Tenant
from acredita.node.storage import credentials
from acredita.node.storage.trail import Action, record
from acredita.node.verification.language import Language
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.log_entries import EntriesAtHand
from acredita.registry.ledger_facts.observer import observe


def deliver(
    profile: str,
    digests: list[str] | None,
    config: Path,
    everything: bool,
    out: Path | None,
    as_zip: bool,
    links: bool,
    days: int,
    lang: Language,
    as_json: bool,
) -> int:
    """Run `acredita deliver`."""
    if everything == bool(digests):
        raise ArgumentRefused("either digests or --all expected")
    if links == (out is not None) or (links and as_zip):
        raise ArgumentRefused("either --out DIR, with or without --zip, or --links expected")
    with open_configured_node(config) as node:
        tenant = node.tenant(profile)
        chosen = _all(tenant) if everything else [digest_of(text, tenant) for text in digests or []]
        rows = list(_delivered(node, tenant, chosen, out, as_zip, days))
    _print(rows, lang, as_json)
    return OK if everything else worst(_exit_code(row) for row in rows)


def _delivered(
    node: RunningNode, tenant: Tenant, chosen: list[Digest], out: Path | None, as_zip: bool, days: int
) -> Iterator[dict[str, str]]:
    """Deliver credentials. Yield one row for each: the place it went to, or why it was not delivered."""
    builder = _parcel_builder(node, tenant)
    for digest in chosen:
        row = {"digest": to_hex(digest)}
        try:
            parcel = builder.parcel(digest)
        except (DeliveryRefused, InstitutionRefused) as error:
            yield {**row, "code": error.code, "reason": str(error)}
            continue
        yield {**row, **_handed_out(node, tenant, parcel, out, as_zip, days)}


def _handed_out(
    node: RunningNode, tenant: Tenant, parcel: Parcel, out: Path | None, as_zip: bool, days: int
) -> dict[str, str]:
    now, actor = node.clock(), node.actor
    if out is not None:
        path = write_zip(parcel, out) if as_zip else write_folder(parcel, out)
        with node.database.write() as connection:
            record(connection, tenant.issuer, actor, Action.DELIVERED, now=now, count=1)
        return {"path": str(path)}
    with node.database.write() as connection:
        token = create_link(
            connection, tenant.issuer, parcel.digest, now=now, days=days, random=secrets.token_bytes, actor=actor
        )
    return {"link": link_address(node.configuration.node.base, token)}


def _all(tenant: Tenant) -> list[Digest]:
    with tenant.database.read() as connection:
        return credentials.digests(connection, tenant.issuer)


def _parcel_builder(node: RunningNode, tenant: Tenant) -> ParcelBuilder:
    names = _names(node, tenant)
    return ParcelBuilder(tenant.institution, node.configuration.node.base, node.folder.programme, lambda: names)


def _names(node: RunningNode, tenant: Tenant) -> PrintedNames:
    """Read the names to print, once a command and not once a credential."""
    if isinstance(node.trust, Missing):
        return registered_names(tenant.institution, node.trust, node.folder.scope, demo=False)
    demo = node.trust.is_demo_chain
    observer = observe(node.ledger, node.trust, lambda issuer: EntriesAtHand())
    return registered_names(tenant.institution, observer, node.folder.scope, demo=demo)


def _print(rows: list[dict[str, str]], lang: Language, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"deliveries": rows}, ensure_ascii=False, indent=2))
        return
    for row in rows:
        address = row.get("path") or row.get("link")
        reason = "" if address else said(f"{row['digest']}: {row['code']}: {row['reason']}", lang)
        typer.echo(reason or f"{row['digest']}  {address}")
    left_out = sum("code" in row for row in rows)
    typer.echo(said(f"{len(rows) - left_out} delivered, {left_out} left out", lang))


def _exit_code(row: dict[str, str]) -> int:
    if "code" not in row:
        return OK
    return UNKNOWN if row["code"] == Code.PENDING_ANCHOR else NEGATIVE
