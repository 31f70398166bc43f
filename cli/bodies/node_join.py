"""`acredita node join`: bind a node to the chain of a trust file, and show what still misses."""

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.cli.bodies.opened_node import load_configuration, open_configured_node
from acredita.cli.bodies.trust import confirm
from acredita.cli.exit_codes import ActRefused, ArgumentRefused
from acredita.cli.spanish.sentences import said
from acredita.contracts.answers import IssuerState
from acredita.node.administration.join import (
    JoinRefused,
    OfferedTrust,
    bind,
    bound_trust,
    check_joinable,
    needs_confirmation,
    read_offer,
)
from acredita.node.administration.join_steps import PARTIES, InstitutionSteps, JoinStep, Party
from acredita.node.administration.key_statements import KeyOffers
from acredita.node.config import Configuration, ConfigurationError
from acredita.node.ledger.connect import open_ledger
from acredita.node.ledger.view import NodeObserver
from acredita.node.outbound.fetch import SourceUnavailable
from acredita.node.outbound.named_host import fetch_named, is_address
from acredita.node.publication.trust_folder import read_json_file
from acredita.node.runtime.open_node import NodeIncompleteError, RunningNode, read_passphrase
from acredita.node.storage.database import SchemaVersionError
from acredita.node.verification.files import observe
from acredita.node.verification.language import Language
from acredita.node.verification.pinned_trust import configuration_folder, fingerprint, keep_both
from acredita.registry.acts.ledger_name import InstallationName
from acredita.registry.acts.shapes import Text
from acredita.registry.acts.state_words import ISSUER_STATES
from acredita.registry.codes import Code
from acredita.registry.keys.passphrase import PassphraseRefused
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.log_entries import EntriesAtHand
from acredita.registry.ledger_facts.trust_file import Trust, TrustRefused
from acredita.registry.ledger_facts.trust_succession import recorded_fault
from acredita.registry.verification.case import Moment, ends_soon

HANDOVER: Final = "handover"
MAX_TRUST_BYTES: Final = 1 << 20
_NOTHING = Text("nothing misses", "no falta nada")
_MISSING = Text("missing", "falta")
_NO_INSTITUTION = Text(
    "no institution: this node serves what others publish, and issues nothing",
    "sin institución: este nodo sirve lo que otros publican y no emite nada",
)


@dataclass(frozen=True)
class _InstitutionAt:
    """State of one institution of the node on the ledger, and the steps that it misses."""

    profile: str
    did: str
    state: IssuerState
    missing: list[JoinStep]


def join(place: str | None, confirmed: str | None, config: Path, lang: Language, as_json: bool) -> None:
    """Run `acredita node join`."""
    settings = load_configuration(config)
    _check_configured(settings, config)
    if place is not None:
        _bind(settings, place, confirmed, lang)
    elif not settings.trust_file.is_file():
        raise ArgumentRefused("--trust URL|FILE expected: this node is not bound to a chain yet")
    with open_configured_node(config) as node:
        assert not isinstance(node.trust, Missing)
        observer = _observed(node, node.trust)
        own = _own_steps(node, node.trust, observer, config)
        parties = _institutions_at(node, observer, config, lang)
        _tell(node.trust, own, parties, lang, as_json)


def _check_configured(settings: Configuration, config: Path) -> None:
    """Check what a node must have before it is bound. Raises ArgumentRefused."""
    if not settings.ledger.rpc and not settings.chain_folder.is_dir():
        raise ArgumentRefused(f"{config}: ledger.rpc: must be given before a node joins a chain; the file has examples")
    try:
        passphrase = read_passphrase(settings, os.environ)
    except (PassphraseRefused, NodeIncompleteError) as error:
        raise ArgumentRefused(str(error)) from error
    if settings.institutions and passphrase is None:
        raise ArgumentRefused(f"{config}: [keys]: the passphrase of the institution's keys must be given")


def _bind(settings: Configuration, place: str, confirmed: str | None, lang: Language) -> None:
    """Bind the node by the offered file, once somebody confirmed its hash and the ledger is the one that it pins."""
    offered = read_offer(_content(place), place)
    if _needs_confirmation(settings, offered) or confirmed is not None:
        confirm(offered.trust, confirmed, lang)
    try:
        with open_ledger(settings) as opened:
            check_joinable(settings, offered.trust, opened.ledger, int(time.time()))
    except (ConfigurationError, SchemaVersionError) as error:
        raise ArgumentRefused(str(error)) from error
    except JoinRefused as error:
        raise ActRefused(f"{error.code}: {error}") from error
    bind(settings, offered)


def _needs_confirmation(settings: Configuration, offered: OfferedTrust) -> bool:
    """Return whether a person must confirm the file. Of two files of one number both are kept."""
    try:
        return needs_confirmation(bound_trust(settings), offered.trust)
    except TrustRefused as error:
        if error.code is Code.TRUST_EQUIVOCATION:
            keep_both(configuration_folder(), [read_json_file(settings.trust_file), offered.document])
        raise


def _content(place: str) -> bytes:
    """Read the offered file, or fetch it: `/v1/trust` of a node, or an address that ends in .json."""
    if not is_address(place):
        with Path(place).open("rb") as file:
            return file.read(MAX_TRUST_BYTES)
    url = place if place.endswith(".json") else f"{place.rstrip('/')}/v1/trust"
    try:
        content = fetch_named(url)
    except SourceUnavailable as error:
        raise ArgumentRefused(str(error)) from error
    if content is None:
        raise ArgumentRefused(f"{url}: no trust file is there")
    return content


def _observed(node: RunningNode, trust: Trust) -> NodeObserver:
    """Observe the node's ledger. Raises ActRefused for another one, LedgerUnavailable."""
    observer = observe(trust, lambda issuer: EntriesAtHand(), node.reading_ledger, Moment(node.clock()))
    if isinstance(observer, Missing):
        if observer.code in (Code.GENESIS_CHANGED, Code.CODE_CHANGED):
            raise ActRefused(f"{observer.code}: {observer.detail}")
        raise LedgerUnavailable(f"{observer.code}: {observer.detail}")
    return observer


def _own_steps(node: RunningNode, trust: Trust, observer: NodeObserver, config: Path) -> list[JoinStep]:
    """Return the steps of the node itself: a newer trust file."""
    is_outdated = recorded_fault(trust, observer.recorded_trust) is Code.TRUST_OUTDATED
    if not is_outdated and not ends_soon(trust, node.clock()):
        return []
    command = f"acredita trust update --file {node.configuration.trust_file} --from URL {_reach(node, config)}"
    return [JoinStep("trust_file", Party.OPERATOR, command)]


def _institutions_at(
    node: RunningNode, observer: NodeObserver, config: Path, lang: Language
) -> Sequence[_InstitutionAt]:
    assert not isinstance(node.trust, Missing)
    parties = []
    for tenant in node.tenants.values():
        offers = KeyOffers(tenant.keys, InstallationName.of(node.trust), node.folder.base, node.clock)
        handover = node.configuration.node.data / HANDOVER / tenant.profile
        reach = f"--trust {node.configuration.trust_file} {_reach(node, config)}"
        steps = InstitutionSteps(tenant, observer, node.folder, offers, handover, reach, lang)
        state = steps.state()
        parties.append(_InstitutionAt(tenant.profile, tenant.institution.did, state, steps.missing()))
    return parties


def _reach(node: RunningNode, config: Path) -> str:
    """Return the options by which a command on this machine finds the node's ledger."""
    return f"--rpc {config}" if node.configuration.ledger.rpc else f"--chain {node.configuration.chain_folder}"


def _tell(
    trust: Trust, own: Sequence[JoinStep], parties: Sequence[_InstitutionAt], lang: Language, as_json: bool
) -> None:
    if as_json:
        typer.echo(json.dumps(_facts(trust, own, parties), indent=2, ensure_ascii=False))
        return
    typer.echo(said(f"bound by trust file {trust.number} of {trust.authority.did}: {fingerprint(trust)}", lang))
    _tell_steps(own, lang)
    if not parties:
        typer.echo(_NO_INSTITUTION.said(lang))
    for party in parties:
        typer.echo(f"{party.profile} ({party.did}): {ISSUER_STATES[party.state].said(lang)}")
        _tell_steps(party.missing, lang)
    if not own and not any(party.missing for party in parties):
        typer.echo(_NOTHING.said(lang))


def _tell_steps(steps: Sequence[JoinStep], lang: Language) -> None:
    for step in steps:
        typer.echo(f"  {_MISSING.said(lang)}: {STEPS[step.name].said(lang)} ({PARTIES[step.whose].said(lang)})")
        typer.echo(f"    {step.command}")


def _facts(trust: Trust, own: Sequence[JoinStep], parties: Sequence[_InstitutionAt]) -> dict[str, object]:
    return {
        "trust": {"number": trust.number, "sha256": fingerprint(trust), "authority": trust.authority.did},
        "chain_id": trust.chain_id,
        "missing": _documents(own),
        "institutions": [
            {
                "profile": party.profile,
                "did": party.did,
                "state": party.state.name.lower(),
                "missing": _documents(party.missing),
            }
            for party in parties
        ],
    }


def _documents(steps: Sequence[JoinStep]) -> list[dict[str, str]]:
    return [{"step": step.name, "whose": step.whose.value, "command": step.command} for step in steps]


STEPS: Final = {
    "trust_file": Text("a newer trust file", "un archivo de confianza más nuevo"),
    "apply": Text("the application for accreditation", "la solicitud de acreditación"),
    "assertion_key": Text("the key that signs credentials", "la clave que firma credenciales"),
    "note_key": Text("the key that signs checkpoints", "la clave que firma puntos de control"),
    "anchoring_account": Text("the account that anchors", "la cuenta que ancla"),
    "attest": Text("the attestation of internal quality", "la declaración de calidad interna"),
    "review": Text("a favourable review", "un dictamen favorable"),
    "activate": Text("the activation", "la activación"),
    "reinstate": Text("the end of the suspension", "el fin de la suspensión"),
    "renew": Text("the renewal", "la renovación"),
    "scope_document": Text("the scope document on this node", "el documento de alcance en este nodo"),
    "programme": Text("a submitted programme", "un programa presentado"),
    "approve_programme": Text("an approved programme", "un programa aprobado"),
    "programme_document": Text("a programme's document on this node", "el documento de un programa en este nodo"),
}
"""The name of each step for people."""
