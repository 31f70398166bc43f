"""`acredita witness run|key new`: a witness that pulls signed checkpoints, checks them and cosigns them."""

import json
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import typer
from acredita.anchoring.cosignature import WitnessKey
from acredita.anchoring.note import NoteSigner
from acredita.cli.bodies.watched_registry import observer_now, open_observations, watched_trust
from acredita.cli.exit_codes import NEGATIVE, OK, UNKNOWN, ArgumentRefused
from acredita.cli.spanish.sentences import said
from acredita.node.monitor.log_witness import WitnessFinding
from acredita.node.monitor.witness import Witness, WitnessReport
from acredita.node.monitor.witness_folder import WitnessFolder
from acredita.node.verification.language import Language
from acredita.registry.codes import Code, sentence
from acredita.registry.keys.keystore import KeystoreError
from acredita.registry.keys.passphrase import PassphraseRefused, from_file


def run(
    folder: Path,
    passphrase_file: Path,
    trust: Path | None,
    logs: Sequence[str],
    rpc: str | None,
    chain: Path | None,
    lang: Language,
    as_json: bool,
) -> int:
    """Run `acredita witness run`."""
    trusted = watched_trust(trust)
    sources = trusted.sources(logs)
    if not sources:
        raise ArgumentRefused(f"{Code.MIRROR_NO_SOURCE}: acredita trust pin FILE, or --log URL")
    key, signer = open_witness_key(folder, passphrase_file)
    with ExitStack() as stack:
        observations, _ = open_observations(stack, folder, trusted, rpc, chain)
        witness = Witness(folder, trusted.trust, sources, key, signer, lambda: int(time.time()))
        report = witness.round(observer_now(observations))
    _print(report, key, lang, as_json)
    if report.has_divergence:
        return NEGATIVE
    return UNKNOWN if report.findings else OK


def open_witness_key(folder: Path, passphrase_file: Path) -> tuple[WitnessKey, NoteSigner]:
    """Open the key of a witness. Raises ArgumentRefused, FileRefused, OSError."""
    try:
        return WitnessFolder(folder).open_key(from_file(passphrase_file))
    except (KeystoreError, PassphraseRefused) as error:
        raise ArgumentRefused(str(error)) from error


def new_key(folder: Path, name: str, passphrase_file: Path, scrypt_n: int, lang: Language, as_json: bool) -> int:
    """Run `acredita witness key new`."""
    try:
        key = WitnessFolder(folder).new_key(name, from_file(passphrase_file), scrypt_n)
    except (KeystoreError, PassphraseRefused) as error:
        raise ArgumentRefused(str(error)) from error
    except ValueError as error:
        raise ArgumentRefused(f"--name {name}: {error}") from error
    typer.echo(json.dumps({"name": name, "key": key.to_text()}, indent=2) if as_json else key.to_text())
    return OK


def _print(report: WitnessReport, key: WitnessKey, lang: Language, as_json: bool) -> None:
    if as_json:
        counts = {"witness": key.name, "logs": report.logs, "cosigned": report.cosigned}
        findings = [finding_document(finding) for finding in report.findings]
        document = {"format": "acredita-witness-report/1", **counts, "findings": findings}
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    typer.echo(said(f"logs checked {report.logs}, notes cosigned {report.cosigned}", lang))
    for finding in report.findings:
        kept = "" if finding.evidence is None else f" [{finding.evidence}]"
        words = f"{finding.where}: {said(finding.detail, lang)}{kept}"
        typer.echo(f"{finding.code}: {sentence(finding.code, lang.value)} ({words})", err=True)


def finding_document(finding: WitnessFinding) -> dict[str, object]:
    """Return the JSON form of a finding."""
    evidence = {} if finding.evidence is None else {"evidence": str(finding.evidence)}
    return {
        "weight": finding.weight.value,
        "code": finding.code,
        "where": finding.where,
        "detail": finding.detail,
        **evidence,
    }
