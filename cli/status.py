"""Declare `acredita revoke|suspend|reinstate|correct|status`: a credential's status, and a node's progress."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.options import DEFAULT_CONFIG, AsJson, Config, Lang, Profile, ProgrammeFile, Wait
from acredita.node.verification.language import Language

Which = Annotated[str, typer.Argument(metavar="CREDENTIAL", help="A credential file, or its digest in hexadecimal.")]


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.command("revoke")(revoke)
    app.command("suspend")(suspend)
    app.command("reinstate")(reinstate)
    app.command("correct")(correct)
    app.command("status")(status)


def revoke(
    credential: Which,
    profile: Profile,
    config: Config = DEFAULT_CONFIG,
    wait: Wait = True,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Revoke a credential for ever. A suspended institution can revoke, too."""
    from acredita.cli.bodies import status as body

    return body.revoke(credential, profile, config, wait, lang, as_json)


def suspend(
    credential: Which,
    profile: Profile,
    config: Config = DEFAULT_CONFIG,
    wait: Wait = True,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Suspend a credential until it is reinstated."""
    from acredita.cli.bodies import status as body

    return body.suspend(credential, profile, config, wait, lang, as_json)


def reinstate(
    credential: Which,
    profile: Profile,
    config: Config = DEFAULT_CONFIG,
    wait: Wait = True,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Lift the suspension of a credential."""
    from acredita.cli.bodies import status as body

    return body.reinstate(credential, profile, config, wait, lang, as_json)


def correct(
    credential: Which,
    profile: Profile,
    programme: ProgrammeFile,
    result: Annotated[str, typer.Option(help="The correct result.")],
    out: Annotated[Path | None, typer.Option(help="The file to write the corrected credential to.")] = None,
    config: Config = DEFAULT_CONFIG,
    wait: Wait = True,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Correct the result of a credential. The new one has the same id; the old file is superseded from then on."""
    from acredita.cli.bodies import status as body

    return body.correct(credential, profile, programme, result, out, config, wait, lang, as_json)


def status(config: Config = DEFAULT_CONFIG, lang: Lang = Language.ES, as_json: AsJson = False) -> int:
    """Show for each institution the waiting entries and their age, the newest checkpoint, and a stop."""
    from acredita.cli.bodies import status as body

    return body.status(config, lang, as_json)
