"""List refused entries and requeue them: the body of `acredita node requeue`."""

import json
from pathlib import Path

import typer
from acredita.cli.bodies.opened_node import actor_named, open_configured_node
from acredita.cli.exit_codes import NEGATIVE, OK, UNKNOWN, ActRefused, worst
from acredita.node.runtime.anchor_now import anchor_now
from acredita.node.verification.language import Language, in_language
from acredita.node.write_path.refused import RefusedEntries, RequeueRefused, refused_entries, requeue


def requeue_entries(
    profile: str, code: str, actor: str, lang: Language, wait: bool, config: Path, as_json: bool
) -> int:
    """Run `acredita node requeue`."""
    with open_configured_node(config) as node:
        tenant = node.tenant(profile)
        if not code:
            return _list(profile, refused_entries(node.database, tenant.issuer), lang, as_json)
        try:
            count = requeue(node.database, tenant.issuer, code, actor=actor_named(node, actor), now=node.clock())
        except RequeueRefused as error:
            raise ActRefused(f"{code}: {error}") from error
        anchoring = anchor_now(node, tenant, wait and count > 0)
    if as_json:
        typer.echo(json.dumps({"profile": profile, "code": code, "queued": count, "anchoring": anchoring.sentence}))
    else:
        es = f"{count} entradas de nuevo en la cola" if count else f"Nada está rechazado con el código {code}"
        en = f"{count} entries requeued" if count else f"Nothing is refused with the code {code}"
        typer.echo(in_language((es, en), lang) + (f"; {anchoring.sentence}" if count else ""))
    return worst([NEGATIVE if not count or anchoring.refused else OK, UNKNOWN if anchoring.is_unknown else OK])


def _list(profile: str, groups: list[RefusedEntries], lang: Language, as_json: bool) -> int:
    if as_json:
        typer.echo(json.dumps({"profile": profile, "refused": [group.document() for group in groups]}, indent=2))
        return OK
    for group in groups:
        document = group.document()
        reason = in_language((str(document["es"]), str(document["en"])), lang)
        typer.echo(f"{group.count:6}  {group.code}  {reason}")
    if not groups:
        typer.echo(in_language(("No hay entradas rechazadas.", "No entries are refused."), lang))
    return OK
