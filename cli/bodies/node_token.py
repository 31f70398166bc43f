"""`acredita node token new|list|revoke`: the access tokens of a node."""

import json
import secrets
from pathlib import Path
from typing import Final

import typer
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import IssuerId
from acredita.cli.bodies.opened_node import actor_named, open_configured_node
from acredita.cli.exit_codes import OK, ActRefused, ArgumentRefused
from acredita.node.runtime.open_node import RunningNode
from acredita.node.storage import institutions
from acredita.node.storage.access_tokens import (
    MAX_LABEL_CHARACTERS,
    StoredToken,
    create_token,
    find_token,
    list_tokens,
    revoke_token,
    token_id,
)
from acredita.node.storage.rights import Right
from acredita.node.verification.language import Language, in_language

DAY_SECONDS: Final = 86_400


_STATES: Final = {
    "in_force": ("vigente", "in force"),
    "expired": ("vencido", "expired"),
    "revoked": ("revocado", "revoked"),
}


def new(label: str, right: list[Right], profile: str | None, days: int, actor: str, config: Path, as_json: bool) -> int:
    """Run `acredita node token new`."""
    if not 0 < len(label) <= MAX_LABEL_CHARACTERS or not label.isprintable():
        raise ArgumentRefused(f"--label: 1 to {MAX_LABEL_CHARACTERS} printable characters expected")
    with open_configured_node(config) as node:
        issuer, now = _issuer(node, profile), node.clock()
        expires = now + days * DAY_SECONDS
        with node.database.write() as connection:
            token = create_token(
                connection,
                label=label,
                rights=right,
                issuer=issuer,
                now=now,
                expires=expires,
                random=secrets.token_bytes,
                actor=actor_named(node, actor),
            )
    if as_json:
        typer.echo(json.dumps({"token": token, "id": token_id(token), "expires": time_text(expires)}))
        return OK
    typer.echo(f"id {token_id(token)}, expires {time_text(expires)}", err=True)
    typer.echo(token)
    return OK


def list_(profile: str | None, lang: Language, config: Path, as_json: bool) -> int:
    """Run `acredita node token list`."""
    with open_configured_node(config) as node:
        issuer, now = _issuer(node, profile), node.clock()
        with node.database.read() as connection:
            tokens = list_tokens(connection, issuer)
            profiles = {one.issuer: one.profile for one in institutions.institutions(connection)}
    if as_json:
        typer.echo(json.dumps({"tokens": [each.document(now) for each in tokens]}, indent=2))
        return OK
    for each in tokens:
        typer.echo(_line(each, profiles, now, lang))
    if not tokens:
        typer.echo(in_language(("No hay tokens de acceso.", "There are no access tokens."), lang))
    return OK


def revoke(identifier: str, actor: str, lang: Language, config: Path, as_json: bool) -> int:
    """Run `acredita node token revoke`."""
    with open_configured_node(config) as node, node.database.write() as connection:
        changed = revoke_token(connection, identifier, node.clock(), actor_named(node, actor))
        stored = find_token(connection, identifier)
    if stored is None:
        raise ActRefused(f"{identifier}: no token of this node has this id")
    if as_json:
        typer.echo(json.dumps({"id": stored.id, "label": stored.label, "changed": changed}))
        return OK
    es = "revocado" if changed else "ya estaba revocado"
    en = "revoked" if changed else "was revoked before"
    typer.echo(f"{stored.id}  {stored.label}: {in_language((es, en), lang)}")
    return OK


def _issuer(node: RunningNode, profile: str | None) -> IssuerId | None:
    return None if profile is None else node.tenant(profile).issuer


def _line(stored: StoredToken, profiles: dict[IssuerId, str], now: int, lang: Language) -> str:
    of_whom = "*" if stored.issuer is None else profiles.get(stored.issuer, stored.issuer.hex()[:16])
    state = in_language(_STATES[stored.state(now)], lang)
    until = "-" if stored.expires_at is None else time_text(stored.expires_at)
    return f"{stored.id}  {state:9}  {until:20}  {of_whom}  {','.join(sorted(stored.rights))}  {stored.label}"
