"""`acredita node mend`: a log taken back up from a mirror, after an old backup was restored."""

import json
import sys
from pathlib import Path

import typer
from acredita.cli.bodies.opened_node import acting, opened
from acredita.cli.exit_codes import OK, UNKNOWN, ActRefused, ArgumentRefused
from acredita.node.publication.public_files import publish
from acredita.node.recovery.mend import MendRefused, MendResult, MirrorRefused, mend
from acredita.node.recovery.mirrors import MirrorAddressRefused, MirrorUnavailable, open_mirror
from acredita.node.verification.language import Language, in_language


def mend_log(profile: str, mirror: str, actor: str, lang: Language, config: Path, as_json: bool) -> int:
    """Run `acredita node mend`."""
    with opened(config) as node:
        tenant = node.tenant(profile)
        try:
            acts = acting(node, actor)
            done = mend(tenant.writer, open_mirror(mirror, tenant.issuer), actor=acts)
        except MirrorAddressRefused as error:
            raise ArgumentRefused(str(error)) from error
        except MirrorUnavailable as error:
            sys.stderr.write(
                f"acredita: {_say(lang, 'el espejo no responde', 'the mirror does not answer')}: {error}\n"
            )
            return UNKNOWN
        except MirrorRefused as error:
            said = _say(lang, "el espejo no coincide con la cadena", "the mirror does not agree with the chain")
            raise ActRefused(f"{said}: {error}") from error
        except MendRefused as error:
            said = _say(lang, "la bitácora no puede retomarse ahora", "the log cannot be taken up now")
            raise ActRefused(f"{said}: {error}") from error
        publish(node.database, node.folder.base)
    typer.echo(json.dumps(_document(profile, done)) if as_json else _sentence(done, lang))
    return OK


def _document(profile: str, done: MendResult) -> dict[str, object]:
    return {
        "profile": profile,
        "checkpoints": done.checkpoints,
        "entries": done.entries,
        "released": done.released,
    }


def _sentence(done: MendResult, lang: Language) -> str:
    if not done.checkpoints:
        return _say(lang, "A la bitácora no le falta ningún anclaje.", "The log lacks no checkpoint.")
    return _say(
        lang,
        f"Recuperados: {done.checkpoints} anclajes, {done.entries} entradas; {done.released} de ellas esperaban en la cola.",
        f"Taken up: {done.checkpoints} checkpoints, {done.entries} entries; {done.released} of them waited in the queue.",
    )


def _say(lang: Language, es: str, en: str) -> str:
    return in_language((es, en), lang)
