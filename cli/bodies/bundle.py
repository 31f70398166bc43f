"""`acredita bundle`: an anchored credential with everything one verification needs but the trust file, in one small file."""

import time
from pathlib import Path

import typer
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.cli.bodies.mirror_findings import print_findings
from acredita.cli.exit_codes import ActRefused
from acredita.cli.spanish.sentences import said
from acredita.node.storage.private_files import write_private
from acredita.node.verification.files import open_sources
from acredita.node.verification.language import Language
from acredita.registry.evidence.build_bundle import EvidenceUnavailable
from acredita.registry.ledger_facts.facts import COULD_NOT_TELL
from acredita.registry.verification.case import Moment


def bundle(
    file: Path,
    out: Path,
    trust: Path | None,
    receipt: Path | None,
    rpc: str | None,
    chain: Path | None,
    log: str | None,
    more_sources: list[str],
    records: str | None,
    proofs: bool | None,
    lang: Language,
) -> None:
    """Run `acredita bundle`."""
    moment = Moment(int(time.time()))
    with open_sources(
        trust, rpc, chain, moment, proofs=proofs, log=log, records=records, sources=more_sources
    ) as sources:
        try:
            content = sources.bundle(file, receipt)
        except EvidenceUnavailable as error:
            if error.code in COULD_NOT_TELL:
                raise LedgerUnavailable(f"{error.code}: {error}") from error
            raise ActRefused(f"{error.code}: {error}") from error
        finally:
            print_findings(sources.findings, lang)
    write_private(out, content)
    typer.echo(said(f"{out}: {len(content)} bytes", lang))
