"""Declare `acredita audit replay`: the whole history from the ledger, compared with the published entries.

The commands of the report are in `audit_report`, those of the archive in `audit_archive`, the comparison
of nodes in `audit_compare`.
"""

from typing import Annotated

import typer
from acredita.cli import audit_archive, audit_compare, audit_report
from acredita.cli.audit_options import Archive, Now
from acredita.cli.options import AsJson, ChainFolder, Lang, Log, MoreSources, PinnedByDefault, Proofs, Rpc
from acredita.node.verification.language import Language

audit = typer.Typer(
    help="Replay a registry's whole history and compare it with what is published.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    audit_report.register_in(audit)
    audit_archive.register_in(audit)
    audit_compare.register_in(audit)
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
    archive: Archive = None,
    now: Now = None,
    code: Annotated[
        str | None, typer.Option(help="Print only the findings of this code. The answer is the same.")
    ] = None,
    where: Annotated[
        str | None, typer.Option(help="Print only the findings at this place. The answer is the same.")
    ] = None,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Replay every record, checkpoint, entry and status list, and report each divergence.

    Exit 0 without a divergence, 1 with one, 3 where something could not be told: no ledger, or a file that no source has.
    """
    from acredita.cli.bodies import audit as body

    question = body.AuditQuestion(trust, rpc, chain, log, source or [], proofs, body.read_now(now), archive)
    return body.replay_all(question, lang, as_json, body.Shown(code, where))
