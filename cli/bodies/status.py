"""`acredita revoke|suspend|reinstate|correct|status`: what becomes of a credential after it was issued."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import typer
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import Digest, IssuerId, to_hex
from acredita.cli.bodies.opened_node import digest_of, open_configured_node
from acredita.cli.exit_codes import NEGATIVE, OK, UNKNOWN, ActRefused, worst
from acredita.cli.spanish.sentences import facts_line, said
from acredita.node.issuance.institution import Institution
from acredita.node.ledger.accreditation_watch import accreditation_or_missing
from acredita.node.publication.trust_folder import RENEWAL, read_json_file
from acredita.node.runtime.anchor_now import AnchoringSummary, anchor_now
from acredita.node.runtime.open_node import RunningNode
from acredita.node.runtime.preflight import newest_ledger, recorded_trust_fault
from acredita.node.storage.private_files import write_private
from acredita.node.verification.language import Language
from acredita.node.write_path.progress import read_progress
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.observer import Observer
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.programmes.programme import ProgrammeRefused, parse_programme
from acredita.registry.verification.case import ends_soon

_OTHER_LEDGER = (Code.GENESIS_CHANGED, Code.CODE_CHANGED)


def revoke(credential: str, profile: str, config: Path, wait: bool, lang: Language, as_json: bool) -> int:
    """Run `acredita revoke`."""
    return _change(credential, profile, config, wait, lang, as_json, "revoked", Institution.revoke)


def suspend(credential: str, profile: str, config: Path, wait: bool, lang: Language, as_json: bool) -> int:
    """Run `acredita suspend`."""
    return _change(credential, profile, config, wait, lang, as_json, "suspended", Institution.suspend)


def reinstate(credential: str, profile: str, config: Path, wait: bool, lang: Language, as_json: bool) -> int:
    """Run `acredita reinstate`."""
    return _change(credential, profile, config, wait, lang, as_json, "reinstated", Institution.reinstate)


def correct(
    credential: str,
    profile: str,
    programme: Path,
    result: str,
    out: Path | None,
    config: Path,
    wait: bool,
    lang: Language,
    as_json: bool,
) -> int:
    """Run `acredita correct`."""
    try:
        version = parse_programme(read_json_file(programme))
    except ProgrammeRefused as error:
        lines = "".join(f"\n  {problem}" for problem in error.faults)
        raise ActRefused(f"{programme}: the programme is refused:{lines}") from error
    with open_configured_node(config) as node:
        tenant = node.tenant(profile)
        new = tenant.institution.correct(digest_of(credential, tenant), version, result=result)
        if out is not None:
            write_private(out, tenant.institution.credential(new))
        anchoring = anchor_now(node, tenant, wait)
    _print_result({"corrected": to_hex(new), "anchoring": anchoring.sentence}, lang, as_json)
    return _exit_of(anchoring, anchoring.refused)


def status(config: Path, lang: Language, as_json: bool) -> int:
    """Run `acredita status`."""
    with open_configured_node(config) as node:
        tenants = read_progress(node.database, node.clock())
        ending = _trust_ending(node)
        accreditations = _accreditations(node, [progress.registered.issuer for progress in tenants])
        outdated = _trust_fault(node) if tenants else None
    if ending is not None:
        typer.echo(said(ending, lang), err=True)
    if outdated is not None:
        typer.echo(f"acredita: {said(f'{outdated.code}: {outdated.detail}', lang)}", err=True)
    if as_json:
        rows = [
            progress.document() | {"registry": one.document}
            for progress, one in zip(tenants, accreditations, strict=True)
        ]
        typer.echo(json.dumps(rows, indent=2))
    else:
        for progress, one in zip(tenants, accreditations, strict=True):
            typer.echo(said(progress.sentence(), lang))
            if one.sentence is not None:
                typer.echo(said(f"{progress.registered.profile}: {one.sentence}", lang))
    return worst([*(one.exit_code for one in accreditations), OK if outdated is None else UNKNOWN])


@dataclass(frozen=True)
class _RegistryAnswer:
    """The registry's answer about one institution. `sentence`: None where there is nothing to do."""

    document: dict[str, object]
    sentence: str | None
    exit_code: int


def _accreditations(node: RunningNode, issuers: list[IssuerId]) -> list["_RegistryAnswer"]:
    """Ask the ledger once about all institutions of the node; without any it is not asked."""
    observer = newest_ledger(node) if issuers else None
    return [] if observer is None else [_accreditation(node, observer, issuer) for issuer in issuers]


def _accreditation(node: RunningNode, observer: Observer | Missing, issuer: IssuerId) -> _RegistryAnswer:
    """Return what the registry says of an institution now, or why the ledger could not tell."""
    accreditation = accreditation_or_missing(observer, issuer, node.clock())
    if isinstance(accreditation, Missing):
        code = NEGATIVE if accreditation.code in _OTHER_LEDGER else UNKNOWN
        document: dict[str, object] = {"code": accreditation.code, "detail": accreditation.detail}
        return _RegistryAnswer(document, f"{accreditation.code}: {accreditation.detail}", code)
    council = node.trust.contracts.council if isinstance(node.trust, Trust) else bytes(20)
    sentence = None if accreditation.code is None else f"{accreditation.code}: {accreditation.sentence(council)}"
    return _RegistryAnswer(accreditation.document(council), sentence, OK if accreditation.is_active else NEGATIVE)


def _trust_fault(node: RunningNode) -> Missing | None:
    """Return why the node's trust file is not the recorded one; None also where the ledger does not answer."""
    observer = newest_ledger(node)
    if isinstance(observer, Missing) or isinstance(node.trust, Missing):
        return None
    return recorded_trust_fault(node.trust, observer)


def _trust_ending(node: RunningNode) -> str | None:
    """Return in the last two weeks of the trust file until when it is in force and what replaces it; None before."""
    if isinstance(node.trust, Missing) or not ends_soon(node.trust, node.clock()):
        return None
    return f"trust file {node.trust.number} ends {time_text(node.trust.expires)}: {RENEWAL}"


def _change(
    credential: str,
    profile: str,
    config: Path,
    wait: bool,
    lang: Language,
    as_json: bool,
    word: str,
    change: Callable[[Institution, Digest], bool],
) -> int:
    with open_configured_node(config) as node:
        tenant = node.tenant(profile)
        digest = digest_of(credential, tenant)
        fresh = change(tenant.institution, digest)
        anchoring = anchor_now(node, tenant, wait)
    _print_result({word: to_hex(digest), "changed": fresh, "anchoring": anchoring.sentence}, lang, as_json)
    return _exit_of(anchoring, anchoring.changes_wait)


def _exit_of(anchoring: AnchoringSummary, is_refused: bool) -> int:
    """Return the exit of a change that the node has made: whether it could be anchored too."""
    return worst([NEGATIVE if is_refused else OK, UNKNOWN if anchoring.is_unknown else OK])


def _print_result(document: dict[str, object], lang: Language, as_json: bool) -> None:
    typer.echo(json.dumps(document) if as_json else facts_line(document, lang))
