"""`acredita keys list|rotate|retire|compromised`: an institution's keys and accounts, acted on by its control account."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import typer
from acredita.anchoring.sender import Sender, TransactionRevertedError
from acredita.anchoring.transaction import LocalAccount
from acredita.cli.bodies.durations import seconds_of
from acredita.cli.bodies.key_texts import (
    compromise_document,
    compromise_sentence,
    key_line,
    key_row,
    retirement_document,
    retirement_sentence,
    rotation_document,
    rotation_sentence,
)
from acredita.cli.bodies.opened_node import open_configured_node
from acredita.cli.exit_codes import NEGATIVE, OK, ActRefused, ArgumentRefused
from acredita.node.administration.institution_keys import ROTATED, InstitutionKeys, KeyChangeRefused
from acredita.node.administration.key_compromise import KeyCompromise, mark_compromised
from acredita.node.administration.key_retirement import KeyRetirement, due_keys, retire
from acredita.node.administration.key_rotation import rotate
from acredita.node.custody.key_ring import CONTROL, SigningKeyRefused, algorithm_of
from acredita.node.ledger.single_operator_acts import ControlAccount
from acredita.node.runtime.open_node import RunningNode
from acredita.node.runtime.tenant import Tenant
from acredita.node.verification.language import Language, in_language
from acredita.registry.acts.roles import check_party_account
from acredita.registry.codes import Code
from acredita.registry.keys.account_file import is_account_file, open_account
from acredita.registry.keys.keystore import Keystore, KeystorePurpose
from acredita.registry.keys.passphrase import PassphraseRefused, from_file
from acredita.registry.ledger_facts.facts import Missing


def list_keys(profile: str, config: Path, as_json: bool, lang: Language) -> int:
    """Run `acredita keys list`."""
    with open_configured_node(config) as node:
        tenant = node.tenant(profile)
        rows = [key_row(known) for purpose in ROTATED for known in tenant.keys.known(purpose)]
    if as_json:
        typer.echo(json.dumps({"did": tenant.institution.did, "keys": rows}, indent=2))
        return OK
    for row in rows:
        typer.echo(key_line(row, lang))
    return OK


def rotate_key(
    profile: str,
    purpose: str,
    overlap: str,
    control: Path | None,
    control_passphrase: Path | None,
    config: Path,
    as_json: bool,
    lang: Language,
) -> int:
    """Run `acredita keys rotate`."""
    seconds, chosen = seconds_of(overlap, "--overlap"), _purpose(purpose)
    with _opened_keys(config, profile, control, control_passphrase) as (node, institution_keys):
        settings = next(known for known in node.configuration.institutions if known.profile == profile)
        kind = algorithm_of(settings.cryptosuite, settings.curve) if chosen is KeystorePurpose.ASSERTION else None
        rotation = rotate(institution_keys, chosen, overlap=seconds, algorithm=kind)
        retired = [retire(institution_keys, name) for name in rotation.followed] if seconds == 0 else []
    _print_result(
        {**rotation_document(rotation), "retired": [retirement_document(one) for one in retired]},
        rotation_sentence(rotation, lang),
        as_json,
    )
    return OK


def retire_key(
    profile: str,
    key: str,
    due: bool,
    control: Path | None,
    control_passphrase: Path | None,
    config: Path,
    as_json: bool,
    lang: Language,
) -> int:
    """Run `acredita keys retire`."""
    if bool(key) is due:
        raise ArgumentRefused("keys retire: one KEY or --due expected")
    with _opened_keys(config, profile, control, control_passphrase) as (_, institution_keys):
        names = due_keys(institution_keys) if due else [key]
        outcomes = [_try_retire(institution_keys, name, due) for name in names]
    retirements = [outcome for outcome in outcomes if isinstance(outcome, KeyRetirement)]
    waiting = [str(outcome) for outcome in outcomes if isinstance(outcome, KeyChangeRefused)]
    document = {"retired": [retirement_document(one) for one in retirements], "waiting": waiting}
    lines = [retirement_sentence(one, lang) for one in retirements] + waiting
    _print_result(
        document, "\n".join(lines) or in_language(("ninguna clave por retirar", "no key is due"), lang), as_json
    )
    return NEGATIVE if waiting else OK


def _try_retire(institution_keys: InstitutionKeys, name: str, due: bool) -> KeyRetirement | KeyChangeRefused:
    """Retire a key. With a timer, one key that is still needed does not keep the others from being retired."""
    try:
        return retire(institution_keys, name)
    except KeyChangeRefused as refused:
        if not due:
            raise
        return refused


def compromised(
    key: str,
    profile: str,
    since: str,
    reason: str,
    control: Path | None,
    control_passphrase: Path | None,
    config: Path,
    as_json: bool,
    lang: Language,
) -> int:
    """Run `acredita keys compromised`."""
    with _opened_keys(config, profile, control, control_passphrase) as (_, institution_keys):
        try:
            compromise = mark_compromised(institution_keys, key, moment(since), reason)
        except KeyChangeRefused as refused:
            if refused.code == Code.COMPROMISE_TOO_FAR_BACK:
                raise ActRefused(f"{refused.code}: {refused}: {council_command(profile, key, since)}") from refused
            raise
    say_compromised(compromise, lang, as_json)
    return OK


def council_command(profile: str, key: str, since: str) -> str:
    """Return the command by which the council marks the key as compromised."""
    return f"acredita registry compromised --profile {profile} --since {since} --reason … {key}"


def say_compromised(compromise: KeyCompromise, lang: Language, as_json: bool) -> None:
    """Print the result of marking a key as compromised."""
    _print_result(compromise_document(compromise), compromise_sentence(compromise, lang), as_json)


@contextmanager
def _opened_keys(
    config: Path, profile: str, control: Path | None, control_passphrase: Path | None
) -> Iterator[tuple[RunningNode, InstitutionKeys]]:
    with open_configured_node(config) as node, refusals():
        tenant = node.tenant(profile)
        account = _control_account(tenant, control, control_passphrase)
        yield node, keys_of(node, tenant, account)


def keys_of(node: RunningNode, tenant: Tenant, account: LocalAccount | None) -> InstitutionKeys:
    """Return the keys of an institution on an open node. Raise Unusable where nothing can be sent."""
    if isinstance(node.trust, Missing):
        raise ArgumentRefused(node.trust.detail)
    if node.reading_only is not None:
        raise ArgumentRefused(
            f"{node.reading_only}: stop the node before acting on keys, or give both a chain with ledger.rpc"
        )
    if account is None:
        return InstitutionKeys(tenant, None, node.folder.base, node.clock)
    check_party_account(node.ledger, node.trust.contracts, account.address)
    policy = tenant.writer.policy
    sender = Sender(node.ledger, account, depth=policy.depth, patience=policy.patience)
    control_account = ControlAccount(node.trust.contracts, tenant.issuer, sender, node.ledger.chain_id())
    return InstitutionKeys(tenant, control_account, node.folder.base, node.clock)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn refusals of key changes into one sentence and exit 1."""
    try:
        yield
    except (KeyChangeRefused, SigningKeyRefused) as refused:
        raise ActRefused(f"{refused.code}: {refused}") from refused
    except TransactionRevertedError as reverted:
        raise ActRefused(f"the chain changed meanwhile, run it again: {reverted}") from reverted


def _control_account(tenant: Tenant, control: Path | None, passphrase: Path | None) -> LocalAccount | None:
    """Open the control account, for this command only; None where it is on another machine.

    It is cold: its keystore, or an account file of its own, may lie anywhere.
    """
    if (control is None) != (passphrase is None):
        raise ArgumentRefused("--control and --control-passphrase-file: both or neither expected")
    if control is None or passphrase is None:
        return tenant.keystore.account(CONTROL) if tenant.keystore.family(CONTROL) else None
    try:
        if is_account_file(control):
            return open_account(control, from_file(passphrase))
        return Keystore.open(control, from_file(passphrase)).account(CONTROL)
    except PassphraseRefused as error:
        raise ArgumentRefused(str(error)) from error


def _purpose(text: str) -> KeystorePurpose:
    if text not in ROTATED:
        raise ArgumentRefused(f"--purpose {text}: one of {', '.join(ROTATED)} expected")
    return KeystorePurpose(text)


def moment(text: str) -> int:
    """Read an RFC 3339 time with its zone as Unix seconds."""
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is not None:
            return int(time.astimezone(UTC).timestamp())
    except (ValueError, OverflowError):
        pass
    raise ArgumentRefused(f"--since {text}: an RFC 3339 time such as 2026-05-01T12:00:00Z expected")


def _print_result(document: dict[str, object], text: str, as_json: bool) -> None:
    typer.echo(json.dumps(document, indent=2) if as_json else text)
