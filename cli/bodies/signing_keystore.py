"""Make a keystore with one signing key, and open the key: those of a trust signer and of an auditor."""

import json
from pathlib import Path

import typer
from acredita.cli.exit_codes import ArgumentRefused
from acredita.registry.keys.keystore import Keystore, KeystoreError, KeystorePurpose
from acredita.registry.keys.multikey import encode_multibase
from acredita.registry.keys.passphrase import PassphraseRefused, from_file
from acredita.registry.keys.signer import Signer


def make_signing_keystore(
    out: Path, passphrase_file: Path, purpose: KeystorePurpose, scrypt_n: int, *, as_json: bool
) -> None:
    """Make a keystore with one key, named by its purpose, and print its public part. Raises ArgumentRefused."""
    try:
        keystore = Keystore.create(out, from_file(passphrase_file), n=scrypt_n)
        keystore.generate(purpose.value, purpose)
    except (KeystoreError, PassphraseRefused) as error:
        raise ArgumentRefused(str(error)) from error
    key = encode_multibase(keystore.signer(purpose.value).multikey)
    # Without --json the key stands alone, so that it can be handed over as it is.
    typer.echo(json.dumps({"key": key, "keystore": str(out)}, indent=2) if as_json else key)


def open_signing_key(keystore: Path, passphrase_file: Path, purpose: KeystorePurpose) -> Signer:
    """Open the key of such a keystore. Raises ArgumentRefused."""
    try:
        return Keystore.open(keystore, from_file(passphrase_file)).signer(purpose.value)
    except (KeystoreError, PassphraseRefused) as error:
        raise ArgumentRefused(str(error)) from error
