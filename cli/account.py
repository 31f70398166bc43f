"""Declare `acredita account …`: the account of one party, in a file that wallets read, and what it signs."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.act_options import with_options
from acredita.cli.bodies.act_options import PassphraseOptions, ReadingOptions, SignerOptions
from acredita.cli.options import AsJson, ChainFolder, Lang, PinnedByDefault, Rpc
from acredita.node.verification.language import Language

account = typer.Typer(
    help="Make, show, import and export ledger accounts, and sign with them what was prepared elsewhere.",
    no_args_is_help=True,
)
_AccountPath = Annotated[Path, typer.Argument(help="The account file (Web3 Secret Storage 3).")]
_Keystore = Annotated[Path, typer.Option("--keystore", help="The keystore of an institution.")]
_KeystorePassphrase = Annotated[
    Path, typer.Option("--keystore-passphrase-file", help="The file with the keystore's passphrase, mode 0600.")
]
_KeyName = Annotated[str, typer.Option("--name", help="The name of the key in the keystore.")]


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.add_typer(account, name="account")


def new(
    file: _AccountPath,
    scrypt_n: Annotated[
        int, typer.Option(help="The cost of a guess at the passphrase (N of scrypt), a power of two.")
    ] = 2**18,
    as_json: AsJson = False,
    lang: Lang = Language.ES,
    *,
    options: PassphraseOptions,
) -> int:
    """Make an account and write it to a new file with mode 0600, which geth, Besu's signer and wallets read."""
    from acredita.cli.bodies import account as body

    return body.new(file, scrypt_n, as_json, lang, options)


def show(
    file: Annotated[str, typer.Argument(help="The account file, or an address.")], *, options: ReadingOptions
) -> int:
    """Show an account's address and, where a ledger is at hand, its role and the number of its transactions."""
    from acredita.cli.bodies import account as body

    return body.show(file, options)


def import_account(
    file: _AccountPath,
    keystore: _Keystore,
    keystore_passphrase: _KeystorePassphrase,
    name: _KeyName,
    purpose: Annotated[str, typer.Option(help="The purpose of the key in the keystore: control or anchoring.")],
    as_json: AsJson = False,
    lang: Lang = Language.ES,
    *,
    options: PassphraseOptions,
) -> int:
    """Import an account file into the keystore of an institution."""
    from acredita.cli.bodies import account as body

    return body.import_account(file, keystore, keystore_passphrase, name, purpose, as_json, lang, options)


def export_account(
    file: Annotated[Path, typer.Argument(help="The account file to write. It must not exist.")],
    keystore: _Keystore,
    keystore_passphrase: _KeystorePassphrase,
    name: _KeyName,
    scrypt_n: Annotated[
        int, typer.Option(help="The cost of a guess at the passphrase (N of scrypt), a power of two.")
    ] = 2**18,
    as_json: AsJson = False,
    lang: Lang = Language.ES,
    *,
    options: PassphraseOptions,
) -> int:
    """Export a control or anchoring account of a keystore to a file of its own, under the passphrase of that file."""
    from acredita.cli.bodies import account as body

    return body.export_account(file, keystore, keystore_passphrase, name, scrypt_n, as_json, lang, options)


def sign(
    file: Annotated[Path, typer.Argument(help="The act that --prepare wrote. The signature is added to this file.")],
    trust: PinnedByDefault = None,
    proposal: Annotated[
        Path | None,
        typer.Option(help="The proposal's file, to show what is proposed, approved or executed by its number."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Sign without asking. What is signed is shown all the same.")
    ] = False,
    as_json: AsJson = False,
    lang: Lang = Language.ES,
    *,
    options: SignerOptions,
) -> int:
    """Show in words what a prepared act does, and sign it. It needs no ledger.

    The calldata are decoded with the contracts' own interface. An act for another chain than the trust file's is refused.
    """
    from acredita.cli.bodies import account_sign as body

    return body.sign(file, trust, proposal, yes, as_json, lang, options)


def consent(
    did: Annotated[str, typer.Option(help="The DID of the party that the account is to be bound to.")],
    purpose: Annotated[str, typer.Option(help="The purpose: anchoring, custodian, control or agency.")],
    out: Annotated[Path, typer.Option(help="The consent file to write.")],
    days: Annotated[int, typer.Option(help="The days for which the consent holds, from 1 to 45.")] = 30,
    trust: PinnedByDefault = None,
    rpc: Rpc = None,
    chain: ChainFolder = None,
    as_json: AsJson = False,
    lang: Lang = Language.ES,
    *,
    options: SignerOptions,
) -> int:
    """Sign the account's consent to be bound to a party, for whoever binds it. It needs no ledger.

    Where a development chain is at hand, the days count from the later of this machine's clock and the newest block.
    """
    from acredita.cli.bodies import account_sign as body

    return body.consent(did, purpose, out, days, ReadingOptions(trust, rpc, chain, as_json, lang), options)


account.command("new")(with_options(new, PassphraseOptions))
account.command("show")(with_options(show, ReadingOptions))
account.command("import")(with_options(import_account, PassphraseOptions))
account.command("export")(with_options(export_account, PassphraseOptions))
account.command("sign")(with_options(sign, SignerOptions))
account.command("consent")(with_options(consent, SignerOptions))
