"""Declare `acredita audit report|verify-report|key`: an audit as a report that an auditor signs, and its check."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.audit_options import Archive, Now
from acredita.cli.options import (
    AsJson,
    ChainFolder,
    Lang,
    Log,
    MoreSources,
    PassphraseFile,
    PinnedByDefault,
    Proofs,
    Rpc,
    WorkFactor,
)
from acredita.node.verification.language import Language
from acredita.registry.credentials.days import DEFAULT_ZONE
from acredita.registry.keys.scrypt_cost import PRODUCTION_N

key = typer.Typer(help="Make the key of an auditor.", no_args_is_help=True)


def register_in(audit: typer.Typer) -> None:
    """Add the commands of this module to `acredita audit`."""
    audit.command("report")(report)
    audit.command("verify-report")(verify_report)
    key.command("new")(new_key)
    audit.add_typer(key, name="key")


def report(
    out: Annotated[Path, typer.Option(help="The folder to write the report to. A report in it is not replaced.")],
    keystore: Annotated[Path, typer.Option(help="The auditor's keystore, as `acredita audit key new` makes it.")],
    passphrase_file: PassphraseFile,
    trust: PinnedByDefault = None,
    rpc: Rpc = None,
    chain: ChainFolder = None,
    log: Log = None,
    source: MoreSources = None,
    proofs: Proofs = None,
    archive: Archive = None,
    now: Now = None,
    zone: Annotated[str, typer.Option(help="The registry's time zone, in which months and days are counted.")] = (
        DEFAULT_ZONE
    ),
    credentials: Annotated[
        Path | None,
        typer.Option(
            help="A folder of credentials with ../receipts/ beside it. With it the report states how long anchors took."
        ),
    ] = None,
    node: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL", help="Address of a node. The report states how far its index is. Repeat the option for more."
        ),
    ] = None,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Audit a registry and write a signed report: JSON, and pages as HTML and PDF in Spanish and English.

    Exit codes are those of `acredita audit replay`. Nothing is written where nothing could be replayed.
    """
    from acredita.cli.bodies import audit as replay_body
    from acredita.cli.bodies import audit_report as body

    question = replay_body.AuditQuestion(
        trust, rpc, chain, log, source or [], proofs, replay_body.read_now(now), archive
    )
    options = body.ReportOptions(out, keystore, passphrase_file, zone, credentials, tuple(node or ()))
    return body.report(question, options, lang, as_json)


def verify_report(
    file: Annotated[Path, typer.Argument(help="The report: the file report.json.")],
    expected: Annotated[
        str | None, typer.Option("--key", metavar="KEY", help="The auditor's public key, as the auditor told it.")
    ] = None,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Verify that a report is unaltered, and that the auditor's key signed it.

    Exit 0 if the key of --key signed it, 1 if not or if it was altered, 3 without --key: a signature names nobody.
    """
    from acredita.cli.bodies import audit_report as body

    return body.verify(file, expected, lang, as_json)


def new_key(
    out: Annotated[Path, typer.Option(help="The keystore to make. It is never written over.")],
    passphrase_file: PassphraseFile,
    scrypt_n: WorkFactor = PRODUCTION_N,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> None:
    """Make the key of an auditor in a keystore of its own, and print its public part."""
    from acredita.cli.bodies import audit_report as body

    body.new_key(out, passphrase_file, scrypt_n, as_json)
