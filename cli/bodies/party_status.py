"""`acredita institution status` and `acredita agency show`: what the ledger states of a party at its newest block."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import typer
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import to_hex
from acredita.cli.bodies.act_arguments import digest_in
from acredita.cli.bodies.act_options import ReadingOptions
from acredita.cli.bodies.opened_installation import OpenInstallation, open_installation
from acredita.cli.exit_codes import NEGATIVE, OK, ArgumentRefused
from acredita.cli.spanish.sentences import said
from acredita.contracts.answers import IssuerNow, IssuerState, KeyPurpose
from acredita.contracts.bindings import IssuerRegistry
from acredita.registry.acts import state_words
from acredita.registry.acts.shapes import Text
from acredita.registry.keys.did import DidRefused, issuer_id

LABELS: Final[Mapping[str, Text]] = {
    "institution": Text("institution", "institución"),
    "agency": Text("agency", "agencia"),
    "recognised": Text("recognised", "reconocida"),
    "state": Text("state", "estado"),
    "since": Text("since", "desde"),
    "until": Text("until", "hasta"),
    "lapses": Text("lapses", "caduca"),
    "control": Text("control account", "cuenta de control"),
    "account": Text("account", "cuenta"),
    "scope": Text("scope", "alcance"),
    "keys": Text("key", "clave"),
    "accounts": Text("anchoring account", "cuenta de anclaje"),
    "missing": Text("missing", "falta"),
    "document": Text("document", "documento"),
    "supersedes": Text("supersedes", "sustituye a"),
}
"""The label of each fact."""
_STOPPED = (IssuerState.SUSPENDED, IssuerState.REVOKED, IssuerState.EXPIRED, IssuerState.REJECTED)
_APPLYING = (IssuerState.UNKNOWN, IssuerState.APPLIED, IssuerState.QA_ATTESTED, IssuerState.REVIEWED)


def show_institution(did: str, options: ReadingOptions) -> int:
    """Run `acredita institution status`."""
    party = _party_of(did)
    with open_installation(options, writing=False) as opened:
        registry, ledger = IssuerRegistry(opened.trust.contracts.issuer_registry), opened.ledger
        time = ledger.head().time
        now = expired_by(ledger.read(registry.issuer_now(party)), opened.present())
        keys = ledger.read(registry.usable_keys(party))
        facts: dict[str, object] = {
            "institution": did,
            "state": _state_text(now, options),
            "since": time_text(now.time) if now.time else None,
            "until": time_text(now.until) if now.until else None,
            "lapses": time_text(now.lapses) if now.lapses else None,
            "control": _account_text(ledger.read(registry.control_of(party))),
            "scope": _digest_text(ledger.read(registry.scope_at(party, time))),
            "keys": [to_hex(key) for key in keys],
            "accounts": [to_hex(account) for account in ledger.read(registry.usable_accounts(party))],
        }
        facts["missing"] = _missing(now, _has_assertion_key(party, keys, opened, time), bool(facts["accounts"]))
    tell_facts(facts, options)
    return NEGATIVE if now.state in _STOPPED or now.lapses else OK


def expired_by(now: IssuerNow, present: int) -> IssuerNow:
    """Return an institution's state at the present, which may be later than the newest block."""
    has_ended = now.state is IssuerState.ACTIVE and 0 < now.until <= present
    return replace(now, state=IssuerState.EXPIRED) if has_ended else now


def show_agency(did: str, options: ReadingOptions) -> int:
    """Run `acredita agency show`."""
    party = _party_of(did)
    with open_installation(options, writing=False) as opened:
        registry, time = IssuerRegistry(opened.trust.contracts.issuer_registry), opened.present()
        window = opened.ledger.read(registry.agency_at(party, time))
    is_recognised = window.recognised_from <= time < window.recognised_until
    facts: dict[str, object] = {
        "agency": did,
        "recognised": is_recognised,
        "account": _account_text(window.account),
        "since": time_text(window.recognised_from) if window.recognised_from else None,
        "until": time_text(window.recognised_until) if window.recognised_until else None,
    }
    tell_facts(facts, options)
    return OK if is_recognised else NEGATIVE


def _party_of(did: str) -> bytes:
    """Return the subject of a DID, or of 64 hex digits, as an inbox names a party whose DID is not at hand."""
    known = digest_in(did)
    if known is not None:
        return known
    try:
        return bytes(issuer_id(did))
    except DidRefused as error:
        raise ArgumentRefused(f"{did}: {error}") from error


def _state_text(now: IssuerNow, options: ReadingOptions) -> str:
    if options.as_json:
        return "under_review" if now.lapses else now.state.name.lower()
    return said("under review", options.lang) if now.lapses else state_words.ISSUER_STATES[now.state].said(options.lang)


def _has_assertion_key(party: bytes, keys: tuple[bytes, ...], opened: OpenInstallation, time: int) -> bool:
    registry = IssuerRegistry(opened.trust.contracts.issuer_registry)
    return any(opened.ledger.read(registry.key_at(party, key, time)) is KeyPurpose.ASSERTION for key in keys)


def _missing(now: IssuerNow, has_key: bool, has_account: bool) -> list[str]:
    """Return the steps before an activation that are not done, in their order, each with who does it."""
    if now.state not in _APPLYING:
        return []
    steps = [
        (now.state is not IssuerState.UNKNOWN, "the institution applies"),
        (has_key, "the institution adds an assertion key"),
        (has_account, "the institution adds an anchoring account"),
        (now.state >= IssuerState.QA_ATTESTED, "the institution attests its internal quality"),
        (now.state >= IssuerState.REVIEWED, "an agency reviews it favourably"),
        (False, "the council activates it"),
    ]
    return [step for is_done, step in steps if not is_done]


def _account_text(account: bytes) -> str | None:
    return to_hex(account) if any(account) else None


def _digest_text(digest: bytes) -> str | None:
    return to_hex(digest) if any(digest) else None


def tell_facts(facts: dict[str, object], options: ReadingOptions) -> None:
    """Print facts, one a line in the reader's language, without those that the ledger does not have."""
    present = {name: value for name, value in facts.items() if value is not None and value != []}
    if options.as_json:
        typer.echo(json.dumps(present, indent=2, ensure_ascii=False))
        return
    for name, value in present.items():
        values = value if isinstance(value, list) else [value]
        for each in values:
            typer.echo(f"{LABELS[name].said(options.lang)}: {said(str(each), options.lang)}")
