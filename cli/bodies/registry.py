"""`acredita registry …`: the authority's acts (accredit, approve, suspend …), where one operator holds its keys.

In production the council's members act from their own machines; here one keystore holds them all, and it says so.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import typer
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import Digest, to_hex
from acredita.cli.bodies import keys
from acredita.cli.bodies.act_report import act_lines, change_lines, show_lines
from acredita.cli.bodies.opened_node import open_configured_node
from acredita.cli.exit_codes import ActRefused, ArgumentRefused
from acredita.cli.spanish.sentences import said
from acredita.contracts.bindings import IssuerRegistry
from acredita.node.administration.init import AUTHORITY_KEYSTORE
from acredita.node.administration.key_compromise import apply_compromise
from acredita.node.administration.single_operator import AGENCY_DID, Operator
from acredita.node.custody.key_ring import CONTROL
from acredita.node.delivery.printing.printable import notice, unprintable_in
from acredita.node.publication.trust_folder import read_json_file
from acredita.node.runtime.open_node import RunningNode, read_passphrase
from acredita.node.runtime.tenant import Tenant
from acredita.node.verification.language import Language
from acredita.registry.acts.calldata import DecodedAct
from acredita.registry.acts.changes import LedgerView, changes_of
from acredita.registry.acts.party_names import names_of
from acredita.registry.acts.submission import check_scope
from acredita.registry.credentials.days import end_of_day
from acredita.registry.keys.keystore import Keystore
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.programmes.programme import Programme, ProgrammeRefused, parse_programme
from acredita.registry.programmes.scope import Scope, ScopeRefused, parse_scope


def accredit(profile: str, scope: Path, until: str, config: Path, lang: Language) -> None:
    """Run `acredita registry accredit`."""
    with _open_authority(config, lang) as authority:
        tenant = authority.node.tenant(profile)
        parsed = scope_of(scope, tenant)
        end = end_of(until, tenant, lang)
        say_unprintable(parsed.document, scope, lang)
        authority.operator.accredit(authority.trust.contracts, tenant.keystore, parsed, end)
        authority.renew_trust()
        typer.echo(said(f"active until {until}: {tenant.institution.did} ({to_hex(tenant.issuer)})", lang))


def approve(profile: str, programme: Path, config: Path, lang: Language) -> None:
    """Run `acredita registry approve`."""
    with _open_authority(config, lang) as authority:
        tenant = authority.node.tenant(profile)
        try:
            parsed = parse_programme(read_json_file(programme))
        except ProgrammeRefused as error:
            lines = "".join(f"\n  {problem}" for problem in error.faults)
            raise ActRefused(f"{programme}: the programme is refused:{lines}") from error
        if parsed.issuer != tenant.institution.did:
            raise ActRefused(f"{programme}: /issuer is {parsed.issuer}, not {tenant.institution.did}")
        _check_scope(parsed, tenant, authority)
        say_unprintable(parsed.document, programme, lang)
        digest = authority.operator.approve(authority.trust.contracts, tenant.keystore, parsed)
        authority.renew_trust()
        typer.echo(said(f"approved: {to_hex(digest)}", lang))


def _check_scope(programme: Programme, tenant: Tenant, authority: "_Authority") -> None:
    """Compare a programme with the institution's recorded scope, where its document is at hand. Raises RegistryActRefused."""
    node, registry = authority.node, IssuerRegistry(authority.trust.contracts.issuer_registry)
    recorded = node.ledger.read(registry.scope_at(tenant.issuer, node.ledger.head().time))
    scope = node.folder.scope(Digest(recorded)) if any(recorded) else None
    if scope is not None:
        check_scope(programme, scope)


def suspend(profile: str, reason: str, config: Path, lang: Language) -> None:
    """Run `acredita registry suspend`."""
    with _open_authority(config, lang) as authority:
        authority.operator.suspend(authority.trust.contracts, authority.node.tenant(profile).issuer, reason)
        authority.renew_trust()


def reinstate(profile: str, reason: str, config: Path, lang: Language) -> None:
    """Run `acredita registry reinstate`."""
    with _open_authority(config, lang) as authority:
        authority.operator.reinstate(authority.trust.contracts, authority.node.tenant(profile).issuer, reason)
        authority.renew_trust()


def compromised(key: str, profile: str, since: str, reason: str, config: Path, as_json: bool, lang: Language) -> None:
    """Run `acredita registry compromised`."""
    time = keys.moment(since)
    with _open_authority(config, lang) as authority, keys.refusals():
        tenant = authority.node.tenant(profile)
        institution_keys = keys.keys_of(authority.node, tenant, tenant.keystore.account(CONTROL))
        known = institution_keys.window(institution_keys.key(key)).compromised
        if known is None or time < known:
            identifier = tenant.keys.identifier(institution_keys.key(key))
            authority.operator.mark_compromised(authority.trust.contracts, tenant.issuer, identifier, time, reason)
        compromise = apply_compromise(institution_keys, key)
        authority.renew_trust()
    keys.say_compromised(compromise, lang, as_json)


def did(profile: str, config: Path) -> None:
    """Run `acredita registry did`."""
    with open_configured_node(config) as node:
        typer.echo(node.tenant(profile).institution.did)


@dataclass(frozen=True)
class _Authority:
    node: RunningNode
    operator: Operator
    trust: Trust

    def renew_trust(self) -> None:
        """Write a newer trust file, so that bundles of the newest block count."""
        self.operator.write_trust(self.trust.contracts, self.trust.number + 1)


@contextmanager
def _open_authority(config: Path, lang: Language) -> Iterator[_Authority]:
    with open_configured_node(config) as node:
        if isinstance(node.trust, Missing):
            raise ArgumentRefused(node.trust.detail)
        if node.reading_only is not None:
            raise ArgumentRefused(f"{node.reading_only}: stop the node before acting for the authority")
        path = node.folder.base / AUTHORITY_KEYSTORE
        passphrase = read_passphrase(node.configuration, os.environ)
        if passphrase is None or not path.is_file():
            raise ArgumentRefused(f"{path}: the authority's keystore is not here")
        keystore, shown = Keystore.open(path, passphrase), _shown(node, node.trust, lang)
        operator = Operator(node.ledger, keystore, node.folder.base, node.clock, shown)
        yield _Authority(node, operator, node.trust)


def _shown(node: RunningNode, trust: Trust, lang: Language) -> Callable[[DecodedAct], None]:
    """Return what shows each act before it is sent: in words, and what it changes from now to then."""
    names = names_of(tenant.institution.did for tenant in node.tenants.values()) | names_of([AGENCY_DID])

    def show(act: DecodedAct) -> None:
        view = LedgerView(node.ledger, trust.contracts, names, lang, node.ledger.head().time)
        show_lines([*act_lines(act, names, lang), *change_lines(changes_of(act, view), lang)])

    return show


def say_unprintable(document: Mapping[str, Any], path: Path, lang: Language) -> None:
    """Say before an approval which characters of a document cannot be printed on badge and PDF."""
    for where, characters in unprintable_in(document):
        typer.echo(f"acredita: {path}: {notice(where, characters, lang)}", err=True)


def scope_of(path: Path, tenant: Tenant) -> Scope:
    """Read the scope document of an institution and fill in an empty `did`."""
    document = read_json_file(path)
    if isinstance(document, dict) and not document.get("did"):
        document = document | {"did": tenant.institution.did}
    try:
        return parse_scope(document)
    except ScopeRefused as error:
        raise ActRefused(f"{path}: {error}") from error


def end_of(day: str, tenant: Tenant, lang: Language) -> int:
    """Return the last second of a day in the institution's zone, as Unix seconds, and show it before it is signed."""
    zone = tenant.institution.context.zone
    try:
        end = end_of_day(date.fromisoformat(day), zone)
    except (ValueError, OverflowError) as error:
        raise ArgumentRefused(f"--until {day}: a day YYYY-MM-DD that exists expected") from error
    typer.echo(said(f"until the end of {day} in {zone}, {time_text(end)}", lang), err=True)
    return end
