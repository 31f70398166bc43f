"""Declare `acredita monitor`: watch a registry, and tell somebody what is wrong."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.options import AsJson, Lang
from acredita.node.verification.language import Language


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command("monitor")(monitor)


def monitor(
    config: Annotated[Path, typer.Option("--config", help="The monitor's configuration file (TOML).")],
    once: Annotated[bool, typer.Option("--once", help="Take one round and end, as a timer wants it.")] = False,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Follow a registry, and tell somebody what is wrong.

    A round reads the ledger and the sources, and runs the witness and the audit. Each alarm is told once until it clears.
    With --once: exit 0 without an alarm, 1 with one, 3 where a check could not be made or an alarm not delivered. Nothing
    is offered to the network.
    """
    from acredita.cli.bodies import monitor as body

    return body.monitor(config, once, lang, as_json)
