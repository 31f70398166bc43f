"""Declare `acredita audit export|import`: the whole public state of a registry in one file, and that file as a folder."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.audit_options import Now
from acredita.cli.options import AsJson, ChainFolder, Lang, Log, MoreSources, PinnedByDefault, Proofs, Rpc
from acredita.node.verification.language import Language


def register_in(audit: typer.Typer) -> None:
    """Add the commands of this module to `acredita audit`."""
    audit.command("export")(export_archive)
    audit.command("import")(import_archive)


def export_archive(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The archive to write. It is never written over.")],
    trust: PinnedByDefault = None,
    rpc: Rpc = None,
    chain: ChainFolder = None,
    log: Log = None,
    source: MoreSources = None,
    proofs: Proofs = None,
    now: Now = None,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Write the whole public state of a registry into one file, with which it can be audited without a network.

    The registry is audited first. Exit codes are those of `acredita audit replay`; nothing is written where nothing could be
    replayed.
    """
    from acredita.cli.bodies import audit as replay_body
    from acredita.cli.bodies import audit_archive as body

    question = replay_body.AuditQuestion(trust, rpc, chain, log, source or [], proofs, replay_body.read_now(now))
    return body.export_archive(question, out, lang, as_json)


def import_archive(
    file: Annotated[Path, typer.Argument(help="The archive, as `acredita audit export` writes it.")],
    to: Annotated[Path, typer.Option(help="The folder to make. It can be named as a mirror with --source.")],
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Check every byte of an archive, and unpack it into a folder with the layout of a public folder.

    Exit 3 for an archive of which a byte was changed: it is damaged, and accuses nobody.
    """
    from acredita.cli.bodies import audit_archive as body

    return body.import_archive(file, to, lang, as_json)
