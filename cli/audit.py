"""Declare `acredita audit replay`: the whole history from the ledger, compared with the published entries."""

import typer
from acredita.cli.options import AsJson, ChainFolder, Lang, Log, MoreSources, PinnedByDefault, Proofs, Rpc
from acredita.node.verification.language import Language

audit = typer.Typer(
    help="Replay a registry's whole history and compare it with what is published.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.add_typer(audit, name="audit")


@audit.callback()
def group() -> None:
    """Replay a registry's whole history and compare it with what is published."""


@audit.command("replay")
def replay_all(
    trust: PinnedByDefault = None,
    rpc: Rpc = None,
    chain: ChainFolder = None,
    log: Log = None,
    source: MoreSources = None,
    proofs: Proofs = None,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Replay every record, checkpoint, entry and status list, and report each divergence.

    Exit 0 without a divergence, 1 with one, 3 without a ledger, or without an answer of the host of the logs.
    """
    from acredita.cli.bodies import audit as body

    return body.replay_all(trust, rpc, chain, log, source or [], proofs, lang, as_json)
