"""Declare `acredita network …`: a network of Besu nodes that its parties set up."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.act_options import with_options
from acredita.cli.bodies.act_options import PassphraseOptions, SignerOptions
from acredita.cli.options import AsJson, Lang, Rpc
from acredita.node.verification.language import Language

network = typer.Typer(help="Set up a network of Besu nodes that several parties run.", no_args_is_help=True)
FoundingChain = Annotated[
    Path | None, typer.Option("--chain", help="Folder of an embedded chain, in the place of --rpc.")
]


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.add_typer(network, name="network")


@network.command("key")
def key(
    name: Annotated[str, typer.Argument(help="The validator's short name, which stands in file names.")],
    host: Annotated[str, typer.Option(help="The IP address at which the other nodes connect to this one.")],
    out: Annotated[Path, typer.Option(help="The folder to make, for key and validator.json.")],
    port: Annotated[int, typer.Option(help="The port at which the other nodes connect to this one.")] = 30_303,
    as_json: AsJson = False,
    lang: Lang = Language.ES,
) -> None:
    """Make the private key of a validator, and the public file that it hands over: enode and address."""
    from acredita.cli.bodies import network as body

    body.key(name, host, port, out, as_json, lang)


@network.command("init")
def init(
    period: Annotated[int, typer.Option(help="Seconds between blocks.")],
    out: Annotated[Path, typer.Option(help="The folder to make.")],
    allow: Annotated[
        list[str],
        typer.Option(
            help="The address of an account that may send transactions, the founder's first. Repeat the option."
        ),
    ],
    chain_id: Annotated[int, typer.Option(help="The number of the chain. Each network has its own.")],
    validator: Annotated[
        list[Path] | None, typer.Option(help="The validator.json of a validator. Repeat the option for each.")
    ] = None,
    demo_keys: Annotated[
        int | None, typer.Option(help="Make this many validators with their private keys, only for chain id 31337.")
    ] = None,
    as_json: AsJson = False,
    lang: Lang = Language.ES,
) -> None:
    """Write the files of a network: first block, nodes, permissions, a configuration for each node, a Compose file.

    It holds no private key. The folder is the same for every validator, and nobody has to keep it secret.
    """
    from acredita.cli.bodies import network as body

    body.init(validator or [], demo_keys, period, out, allow, chain_id, as_json, lang)


def found(
    council: Annotated[Path, typer.Option(help="The file with the members and the threshold of the council.")],
    recovery: Annotated[Path, typer.Option(help="The file with the accounts and the threshold of the recovery set.")],
    trust_key: Annotated[
        list[str], typer.Option(help="A key that signs trust files, as a Multikey. Repeat the option for each.")
    ],
    trust_threshold: Annotated[int, typer.Option(help="How many of the keys must sign a trust file.")],
    out: Annotated[Path, typer.Option(help="The deployment file to write.")],
    draft: Annotated[Path, typer.Option(help="The trust draft to write. It is not signed yet.")],
    authority: Annotated[
        Path | None, typer.Option(help="The file with the authority's did, name and url. Without it, a made-up one.")
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL",
            help="The address of a node or mirror, which the trust file names. Repeat the option for each.",
        ),
    ] = None,
    validator: Annotated[
        list[str] | None,
        typer.Option(help="The address of a validator, for any chain id but 31337. Repeat the option for each."),
    ] = None,
    period: Annotated[
        int | None, typer.Option(help="Seconds between blocks. It goes together with --validator.")
    ] = None,
    account: Annotated[
        Path | None,
        typer.Option(help="The throw-away account that deploys. Without it, one is made and thrown away."),
    ] = None,
    rpc: Rpc = None,
    chain: FoundingChain = None,
    as_json: AsJson = False,
    lang: Lang = Language.ES,
    *,
    options: PassphraseOptions,
) -> int:
    """Deploy the four contracts from an account without rights, and write the deployment and an unsigned trust draft."""
    from acredita.cli.bodies import network_founding as body

    files = body.FoundingFiles(council, recovery, authority, out, draft, source or ())
    keys = body.FoundingKeys(trust_key, trust_threshold, account, options)
    return body.found(files, keys, validator or [], period, rpc, chain, as_json, lang)


@network.command("verify")
def verify(
    deployment: Annotated[Path, typer.Argument(help="The deployment file, as `acredita network found` writes it.")],
    council: Annotated[
        Path | None, typer.Option(help="A file with the members and the threshold that must have been deployed.")
    ] = None,
    recovery: Annotated[
        Path | None, typer.Option(help="A file with the recovery set and the threshold that must have been deployed.")
    ] = None,
    draft: Annotated[Path | None, typer.Option(help="The trust draft that must name this deployment.")] = None,
    rpc: Rpc = None,
    chain: FoundingChain = None,
    as_json: AsJson = False,
    lang: Lang = Language.ES,
) -> None:
    """Verify a deployment before signing for it: creation codes, constructor arguments, runtime codes, council.

    The codes are rebuilt from the installed package and compared with the chain's. Exit 1 at any difference.
    """
    from acredita.cli.bodies import network_founding as body

    body.verify(deployment, council, recovery, draft, rpc, chain, as_json, lang)


def check(
    rpc: Annotated[
        str,
        typer.Option(
            envvar="ACREDITA_RPC",
            help="JSON-RPC address to check, or a TOML file whose section `ledger` names endpoints with their tokens.",
        ),
    ],
    trust: Annotated[
        Path | None, typer.Option(help="A signed trust file that names the chain, its blocks and its validators.")
    ] = None,
    expect: Annotated[
        Path | None, typer.Option(help="The genesis.json of the network, as `acredita network init` writes it.")
    ] = None,
    account: Annotated[
        Path | None,
        typer.Option(help="The file of an account that may send transactions, to try the price zero with it."),
    ] = None,
    signer: Annotated[
        str | None, typer.Option(help="The address of an external signer of that account. It goes with --from.")
    ] = None,
    sender: Annotated[
        str | None, typer.Option("--from", help="The address of that account, if its key is not in --account.")
    ] = None,
    record: Annotated[
        Path | None, typer.Option(help="Write the report with date and versions to this file, which must not exist.")
    ] = None,
    as_json: AsJson = False,
    lang: Lang = Language.ES,
    *,
    options: PassphraseOptions,
) -> int:
    """Check endpoints of a network before it is relied on, one line a subject. Exit 1 at a fault, 3 where one cannot tell.

    A made-up account sends one transaction, to be refused; a given account sends some of price zero to itself.
    """
    from acredita.cli.bodies import network_check as body

    # No variable of the environment names the account: nobody sends for a role that was meant for other commands.
    signing = SignerOptions(**vars(options), account=account, signer=signer, sender=sender)
    return body.check(rpc, body.CheckFiles(trust, expect, record), as_json, lang, signing)


network.command("check")(with_options(check, PassphraseOptions))
network.command("found")(with_options(found, PassphraseOptions))
