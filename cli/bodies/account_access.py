"""Find the account that a command acts by: its address, its passphrase, its signer."""

import getpass
import os
import sys
from pathlib import Path

from acredita.anchoring.call_signer import CallSigner, ExternalCallSigner, LocalCallSigner
from acredita.anchoring.types import Address
from acredita.cli.bodies.act_options import PassphraseOptions, SignerOptions
from acredita.cli.exit_codes import ArgumentRefused
from acredita.registry.acts.shapes import Text
from acredita.registry.keys.account_file import open_account, read_address
from acredita.registry.keys.passphrase import PassphraseRefused, from_descriptor, from_file, from_systemd

_DIGITS = 40


def address_of(text: str, option: str) -> Address:
    """Return the address in an argument. Raises ArgumentRefused."""
    digits = text.removeprefix("0x")
    if len(digits) != _DIGITS or not all(digit in "0123456789abcdefABCDEF" for digit in digits):
        raise ArgumentRefused(f"{option} {text}: an address of 40 hex digits expected")
    return Address(bytes.fromhex(digits))


def address_or_file(text: str, option: str) -> Address:
    """Return the address of an account file, or the address itself. Raises ArgumentRefused, AccountFileRefused, OSError."""
    if Path(text).is_file():
        return read_address(Path(text))
    try:
        return address_of(text, option)
    except ArgumentRefused as error:
        raise ArgumentRefused(f"{option} {text}: an address of 40 hex digits, or an account file, expected") from error


def acting_address(options: SignerOptions) -> Address:
    """Return the address of the account that acts, without its passphrase."""
    if options.account is not None:
        address = read_address(options.account)
        if options.sender is not None and address_of(options.sender, "--from") != address:
            raise ArgumentRefused(f"--from {options.sender}: the address of --account expected, 0x{address.hex()}")
        return address
    if options.sender is None:
        raise ArgumentRefused("--account FILE, or --from ADDRESS with --signer or --prepare, expected")
    return address_of(options.sender, "--from")


def call_signer(options: SignerOptions, language: str) -> CallSigner:
    """Open the signer of the account that acts; the passphrase is read now."""
    address = acting_address(options)
    if options.signer is not None:
        return ExternalCallSigner.over_http(options.signer, address)
    if options.account is None:
        raise ArgumentRefused("--account FILE, or --from ADDRESS with --signer or --prepare, expected")
    return LocalCallSigner(open_account(options.account, passphrase_of(options, options.account, language)))


def passphrase_of(options: PassphraseOptions, path: Path, language: str, *, new: bool = False) -> bytes:
    """Read the passphrase of an account file from where the options say, else at the terminal. `new`: twice."""
    named = (options.passphrase_file, options.passphrase_descriptor, options.passphrase_credential)
    if sum(place is not None for place in named) > 1:
        raise ArgumentRefused("one place of the passphrase expected")
    try:
        if options.passphrase_file is not None:
            return from_file(options.passphrase_file)
        if options.passphrase_descriptor is not None:
            return from_descriptor(options.passphrase_descriptor)
        if options.passphrase_credential is not None:
            return from_systemd(_credentials_folder(), options.passphrase_credential)
    except PassphraseRefused as error:
        raise ArgumentRefused(str(error)) from error
    return _from_terminal(path, language, new)


def _credentials_folder() -> Path:
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        raise ArgumentRefused("--passphrase-credential: systemd has named no credentials directory")
    return Path(folder)


def _from_terminal(path: Path, language: str, new: bool) -> bytes:
    if not sys.stdin.isatty():
        raise ArgumentRefused("--passphrase-file, --passphrase-descriptor or --passphrase-credential expected")
    prompt = Text(f"Passphrase of {path}: ", f"Contraseña de {path}: ").said(language)
    passphrase = getpass.getpass(prompt)
    if new and getpass.getpass(Text("Once more: ", "Otra vez: ").said(language)) != passphrase:
        raise ArgumentRefused("the same passphrase twice expected")
    if not passphrase:
        raise ArgumentRefused("a passphrase expected")
    return passphrase.encode()
