"""Declare the options that the commands of an audit have in common."""

from pathlib import Path
from typing import Annotated

import typer

Now = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="The time at which status lists and keys are judged, as 2026-01-15T18:00:00Z. Without it, the present.",
    ),
]

Archive = Annotated[
    Path | None,
    typer.Option(
        "--archive",
        help="An archive of `acredita audit export`, in the place of ledger and files. Nobody is asked.",
    ),
]
