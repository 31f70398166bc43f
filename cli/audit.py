"""`acredita audit replay`: the whole history from the ledger, compared with the entries at hand. Nobody's permission."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.options import Lang
from acredita.node.verification.language import Language

audit = typer.Typer(help="Replay the ledger and compare.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.add_typer(audit, name="audit")


@audit.callback()
def group() -> None:
    """Replay the ledger and compare."""


@audit.command("replay")
def replay_all(
    trust: Annotated[Path, typer.Option(help="Trust file that names chain and contracts.")],
    rpc: Annotated[str | None, typer.Option(help="JSON-RPC address of the ledger.")] = None,
    chain: Annotated[Path | None, typer.Option(help="Folder of an embedded chain.")] = None,
    lang: Lang = Language.ES,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Replay every record, word, entry and published list. Exit 0 without a divergence, 1 with one, 3 without a ledger."""
    from acredita.cli.bodies import audit as body

    return body.replay_all(trust, rpc, chain, lang, as_json)
