"""Declare `acredita trust show|pin|update|key|draft|sign|publish`: the trust file, read, kept, renewed and signed."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.options import AsJson, ChainFolder, Lang, PassphraseFile, Rpc, WorkFactor
from acredita.node.verification.language import Language
from acredita.registry.keys.scrypt_cost import PRODUCTION_N

trust = typer.Typer(help="Show, pin, update, draft, sign and publish trust files.", no_args_is_help=True)
key = typer.Typer(help="Make the key of a trust signer.", no_args_is_help=True)

Fingerprint = Annotated[
    str | None,
    typer.Option(
        help="The file's hash, as the authority told it. Without it, the hash is shown and must be confirmed."
    ),
]
KeystoreFile = Annotated[Path, typer.Option(help="The signer's keystore, as `acredita trust key new` makes it.")]


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    trust.add_typer(key, name="key")
    app.add_typer(trust, name="trust")


@trust.command("show")
def show(
    file: Annotated[
        Path | None, typer.Argument(help="The trust file. Without it, the pinned trust file is shown.")
    ] = None,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> None:
    """Show a trust file after checking its signatures."""
    from acredita.cli.bodies import trust as body

    body.show(file, lang, as_json)


@trust.command("pin")
def pin_file(
    file: Annotated[Path, typer.Argument(help="The trust file to pin. Its keys are trusted from now on.")],
    fingerprint: Fingerprint = None,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> None:
    """Pin a trust file. The next file must then be signed by its keys; any other is pinned by its hash alone."""
    from acredita.cli.bodies import trust as body

    body.pin_file(file, fingerprint, lang, as_json)


@trust.command("update")
def update(
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="The address of a node, or a folder of a trust file. Without it, the folder and mirrors of the pinned file.",
        ),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="The trust file to replace, for example a node's. Without it, the pinned one.")
    ] = None,
    rpc: Rpc = None,
    chain: ChainFolder = None,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> None:
    """Update a trust file to the newest, number by number. Each must be signed by the keys of the one before."""
    from acredita.cli.bodies import trust_update as body

    body.update(source, file, rpc, chain, lang, as_json)


@trust.command("draft")
def draft(
    last: Annotated[Path, typer.Argument(help="The last trust file.")],
    out: Annotated[Path, typer.Option(help="The file to write. It is not signed yet.")],
    add_key: Annotated[list[str] | None, typer.Option(help="A key that may sign from now on.")] = None,
    remove_key: Annotated[list[str] | None, typer.Option(help="A key that may no longer sign.")] = None,
    threshold: Annotated[int | None, typer.Option(help="How many of the keys must sign.")] = None,
    add_source: Annotated[list[str] | None, typer.Option(help="The address of one more mirror.")] = None,
    remove_source: Annotated[list[str] | None, typer.Option(help="The address of a mirror to leave out.")] = None,
    add_service: Annotated[
        list[str] | None,
        typer.Option(help="One more service key: KEY,PURPOSE,UNTIL, the last as 2026-01-15T18:00:00Z."),
    ] = None,
    remove_service: Annotated[list[str] | None, typer.Option(help="A service key to leave out.")] = None,
    validator: Annotated[
        list[str] | None, typer.Option(help="The address of a validator of the new set. It goes together with --since.")
    ] = None,
    since: Annotated[int | None, typer.Option(help="The height from which the new set of validators counts.")] = None,
    days: Annotated[int, typer.Option(min=1, max=90, help="How many days the file is in force.")] = 90,
    rpc: Rpc = None,
    chain: ChainFolder = None,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> None:
    """Draft the next trust file, unsigned, from the last one.

    On a development chain whose ledger is given, the draft names the newest block too.
    """
    from acredita.cli.bodies import trust_signing as body

    lists = {"add_key": add_key or [], "remove_key": remove_key or [], "validator": validator or []}
    lists |= {"add_source": add_source or [], "remove_source": remove_source or []}
    lists |= {"add_service": add_service or [], "remove_service": remove_service or []}
    body.draft(last, out, lists, threshold, since, days, rpc, chain, lang, as_json)


@trust.command("sign")
def sign(
    file: Annotated[Path, typer.Argument(help="The trust file to sign. The signature is added to it.")],
    keystore: KeystoreFile,
    passphrase_file: PassphraseFile,
    last: Annotated[
        Path | None, typer.Option(help="The trust file before it. Without it, the pinned one, where there is one.")
    ] = None,
    fingerprint: Fingerprint = None,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> None:
    """Sign a trust file after showing what changes from the last one."""
    from acredita.cli.bodies import trust_signing as body

    body.sign(file, keystore, passphrase_file, last, fingerprint, lang, as_json)


@trust.command("publish")
def publish(
    file: Annotated[Path, typer.Argument(help="The signed trust file.")],
    to: Annotated[Path, typer.Option(help="The folder that a node serves: the one of its trust file.")],
    fingerprint: Annotated[
        str | None, typer.Option(help="The file's hash, where it does not follow the one in the folder.")
    ] = None,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> None:
    """Publish a trust file, if enough keys have signed it.

    A node serves it under its number at once, and uses it from its next start on.
    """
    from acredita.cli.bodies import trust_signing as body

    body.publish(file, to, fingerprint, lang, as_json)


@key.command("new")
def new_key(
    out: Annotated[Path, typer.Option(help="The keystore to make. It is never written over.")],
    passphrase_file: PassphraseFile,
    scrypt_n: WorkFactor = PRODUCTION_N,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> None:
    """Make the key of a trust signer in a keystore of its own, and print its public part."""
    from acredita.cli.bodies import trust_signing as body

    body.new_key(out, passphrase_file, scrypt_n, as_json)
