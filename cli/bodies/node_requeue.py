"""`acredita node requeue`: entries put aside, listed by code and queued again."""

import json
from pathlib import Path

import typer
from acredita.cli.bodies.opened_node import acting, opened
from acredita.cli.exit_codes import NEGATIVE, OK, ActRefused
from acredita.node.runtime.anchor_now import anchor_now
from acredita.node.verification.language import Language, in_language
from acredita.node.write_path.refused import PutAside, RequeueRefused, put_aside, queue_again


def requeue_entries(
    profile: str, code: str, actor: str, lang: Language, wait: bool, config: Path, as_json: bool
) -> int:
    """Run `acredita node requeue`."""
    with opened(config) as node:
        tenant = node.tenant(profile)
        if not code:
            return _list(profile, put_aside(node.database, tenant.issuer), lang, as_json)
        try:
            count = queue_again(node.database, tenant.issuer, code, actor=acting(node, actor), now=node.clock())
        except RequeueRefused as error:
            raise ActRefused(f"{code}: {error}") from error
        told = anchor_now(node, tenant, wait and count > 0)
    if as_json:
        typer.echo(json.dumps({"profile": profile, "code": code, "queued": count, "anchoring": told.sentence}))
    else:
        es = f"{count} entradas de nuevo en la cola" if count else f"Nada está apartado con el código {code}"
        en = f"{count} entries queued again" if count else f"Nothing was put aside with the code {code}"
        typer.echo(in_language((es, en), lang) + (f"; {told.sentence}" if count else ""))
    return NEGATIVE if not count or told.refused else OK


def _list(profile: str, found: list[PutAside], lang: Language, as_json: bool) -> int:
    if as_json:
        typer.echo(json.dumps({"profile": profile, "put_aside": [each.document() for each in found]}, indent=2))
        return OK
    for each in found:
        told = each.document()
        typer.echo(f"{each.count:6}  {each.code}  {in_language((str(told['es']), str(told['en'])), lang)}")
    if not found:
        typer.echo(in_language(("No hay entradas apartadas.", "No entries are put aside."), lang))
    return OK
