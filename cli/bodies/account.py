"""`acredita account new|show|import|export`: accounts in files, between wallets, our keystore and the ledger."""

import json
from pathlib import Path

import typer
from acredita.anchoring.types import Address, to_hex
from acredita.cli.bodies.account_access import address_or_file, passphrase_of
from acredita.cli.bodies.act_files import check_absent
from acredita.cli.bodies.act_options import PassphraseOptions, ReadingOptions
from acredita.cli.bodies.opened_installation import names_ledger, open_installation, trust_of
from acredita.cli.exit_codes import OK, ArgumentRefused
from acredita.node.verification.language import Language
from acredita.registry.acts.roles import AccountRoles, roles_of
from acredita.registry.acts.shapes import Text
from acredita.registry.acts.state_words import ACCOUNT_PURPOSES
from acredita.registry.keys.account_file import new_private_key, open_private_key, write_account
from acredita.registry.keys.keystore import KeyAlgorithm, Keystore, KeystoreError, KeystorePurpose
from acredita.registry.keys.passphrase import PassphraseRefused, from_file
from acredita.registry.keys.scrypt_cost import MOST_N

_PURPOSES = {"control": KeystorePurpose.CONTROL, "anchoring": KeystorePurpose.ANCHORING}
_LEAST_N = 2**12  # geth's light files


def new(file: Path, scrypt_n: int, as_json: bool, lang: Language, options: PassphraseOptions) -> int:
    """Run `acredita account new`."""
    _check_cost(scrypt_n)
    check_absent(file)
    passphrase = passphrase_of(options, file, lang, new=True)
    return _say_address(write_account(file, new_private_key(), passphrase, scrypt_n), file, as_json)


def show(file: str, options: ReadingOptions) -> int:
    """Run `acredita account show`."""
    address = address_or_file(file, "account show")
    facts: dict[str, object] = {"address": to_hex(address)}
    if _has_ledger(options):
        with open_installation(options, writing=False) as opened:
            roles = roles_of(opened.ledger, opened.name.contracts, address)
            facts["roles"] = role_words(roles, options.lang)
            facts["transactions"] = opened.ledger.nonce(address, opened.ledger.head().number)
    if options.as_json:
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return OK
    typer.echo(to_hex(address))
    for name, value in list(facts.items())[1:]:
        typer.echo(f"{_LABELS[name].said(options.lang)}: {', '.join(value) if isinstance(value, list) else value}")
    return OK


def import_account(
    file: Path,
    keystore: Path,
    keystore_passphrase: Path,
    name: str,
    purpose: str,
    as_json: bool,
    lang: Language,
    options: PassphraseOptions,
) -> int:
    """Run `acredita account import`."""
    if purpose not in _PURPOSES:
        raise ArgumentRefused(f"--purpose {purpose}: one of {', '.join(_PURPOSES)} expected")
    store = _open_keystore(keystore, keystore_passphrase)
    private = open_private_key(file, passphrase_of(options, file, lang))
    try:
        store.add(name, _PURPOSES[purpose], KeyAlgorithm.SECP256K1, private)
    except KeystoreError as error:
        raise ArgumentRefused(str(error)) from error
    return _say_address(store.account(name).address, keystore, as_json)


def export_account(
    file: Path,
    keystore: Path,
    keystore_passphrase: Path,
    name: str,
    scrypt_n: int,
    as_json: bool,
    lang: Language,
    options: PassphraseOptions,
) -> int:
    """Run `acredita account export`."""
    _check_cost(scrypt_n)
    check_absent(file)
    store = _open_keystore(keystore, keystore_passphrase)
    try:
        private = store.export_account(name)
    except KeystoreError as error:
        raise ArgumentRefused(str(error)) from error
    passphrase = passphrase_of(options, file, lang, new=True)
    return _say_address(write_account(file, private, passphrase, scrypt_n), file, as_json)


def role_words(roles: AccountRoles, language: str) -> list[str]:
    """Return the roles of an account in words."""
    words = []
    if roles.is_member:
        words.append(Text("member of the council", "miembro del consejo").said(language))
    if roles.is_recovery_holder:
        words.append(Text("holder of the recovery set", "del grupo de recuperación").said(language))
    if roles.is_party:
        purpose = ACCOUNT_PURPOSES[roles.record.purpose].said(language)
        words.append(f"{purpose} 0x{roles.record.subject.hex()}")
    return words or [Text("none", "ninguna").said(language)]


def _say_address(address: Address, file: Path, as_json: bool) -> int:
    facts = {"address": to_hex(address), "file": str(file)}
    typer.echo(json.dumps(facts, indent=2) if as_json else to_hex(address))
    return OK


def _check_cost(n: int) -> None:
    if n < _LEAST_N or n > MOST_N or n & (n - 1):
        raise ArgumentRefused(f"--scrypt-n {n}: a power of two from {_LEAST_N} to {MOST_N} expected")


def _open_keystore(path: Path, passphrase_file: Path) -> Keystore:
    try:
        return Keystore.open(path, from_file(passphrase_file))
    except (KeystoreError, PassphraseRefused) as error:
        raise ArgumentRefused(str(error)) from error


def _has_ledger(options: ReadingOptions) -> bool:
    """Return whether the roles of an account can be asked for: a trust file and a ledger are at hand."""
    try:
        _, folder, _ = trust_of(options.trust)
    except ArgumentRefused:
        return False
    return names_ledger(options, folder)


_LABELS = {"roles": Text("roles", "funciones"), "transactions": Text("transactions", "transacciones")}
