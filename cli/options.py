"""Declare the options that several commands have in common."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.node.verification.language import Language

Config = Annotated[
    Path, typer.Option("--config", envvar="ACREDITA_CONFIG", help="Configuration file that `node init` has written.")
]
Profile = Annotated[str, typer.Option(help="Short name of the institution in the configuration.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object instead of text.")]
Actor = Annotated[str, typer.Option(help="Who acts, for the audit trail.")]
Lang = Annotated[Language, typer.Option(help="Language of what people read.")]
Wait = Annotated[bool, typer.Option("--anchor/--no-anchor", help="Anchor now, or leave it to the node.")]
DEFAULT_CONFIG = Path("acredita-data/acredita.toml")
