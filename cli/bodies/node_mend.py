"""`acredita node mend`: a log taken back up from a mirror, after an old backup was restored."""

import json
import sys
from pathlib import Path

import typer
from acredita.cli.bodies.opened_node import actor_named, open_configured_node
from acredita.cli.exit_codes import OK, UNKNOWN, ActRefused, ArgumentRefused
from acredita.node.publication.public_files import publish
from acredita.node.recovery.mend import MendRefused, MendResult, MirrorRefused, mend
from acredita.node.recovery.mirrors import MirrorAddressRefused, MirrorUnavailable, open_mirror
from acredita.node.verification.language import Language, counted, in_language


def mend_log(profile: str, mirror: str, actor: str, lang: Language, config: Path, as_json: bool) -> int:
    """Run `acredita node mend`."""
    with open_configured_node(config) as node:
        tenant = node.tenant(profile)
        try:
            acting_as = actor_named(node, actor)
            result = mend(tenant.writer, open_mirror(mirror, tenant.issuer), actor=acting_as)
        except MirrorAddressRefused as error:
            raise ArgumentRefused(str(error)) from error
        except MirrorUnavailable as error:
            sys.stderr.write(
                f"acredita: {in_language(('el espejo no responde', 'the mirror does not answer'), lang)}: {error}\n"
            )
            return UNKNOWN
        except MirrorRefused as error:
            reason = in_language(
                ("el espejo no coincide con la cadena", "the mirror does not agree with the chain"), lang
            )
            raise ActRefused(f"{reason}: {error}") from error
        except MendRefused as error:
            reason = in_language(("la bitácora no puede retomarse ahora", "the log cannot be taken up now"), lang)
            raise ActRefused(f"{reason}: {error}") from error
        publish(node.database, node.folder.base, anew=True)
    typer.echo(json.dumps(_document(profile, result)) if as_json else _sentence(result, lang))
    return OK


def _document(profile: str, result: MendResult) -> dict[str, object]:
    return {
        "profile": profile,
        "checkpoints": result.checkpoints,
        "entries": result.entries,
        "released": result.released,
    }


def _sentence(result: MendResult, lang: Language) -> str:
    if not result.checkpoints:
        return in_language(("A la bitácora no le falta ningún anclaje.", "The log lacks no checkpoint."), lang)
    checkpoints, entries, released = result.checkpoints, result.entries, result.released
    es = f"Se recuperó: {counted(checkpoints, 'anclaje', 'anclajes')}, {counted(entries, 'entrada', 'entradas')}"
    en = f"Taken up: {counted(checkpoints, 'checkpoint', 'checkpoints')}, {counted(entries, 'entry', 'entries')}"
    es, en = f"{es}; de ellas esperaban en la cola {released}.", f"{en}; {released} of them waited in the queue."
    return in_language((es, en), lang)
