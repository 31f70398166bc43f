"""Declare `acredita node init`."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.options import AsJson, Lang
from acredita.node.administration.node_role import NodeRole
from acredita.node.verification.language import Language
from acredita.registry.keys.scrypt_cost import PRODUCTION_N


def init(
    role: Annotated[
        NodeRole | None, typer.Option(help="The purpose of the node. It is asked for at a terminal.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="The institution's short name, used in commands and routes.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The institution's name for people.")] = None,
    base: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="The public address of the node. Credentials name it for ever. Without it, https and the host of --did-web.",
        ),
    ] = None,
    did_web: Annotated[
        str | None,
        typer.Option(
            metavar="HOST[:PORT][/PATH]",
            help="The did:web of the institution or authority. Without it, that of the public address.",
        ),
    ] = None,
    did_key: Annotated[
        bool, typer.Option("--did-key", help="Make the institution a did:key. Its assertion key can never be rotated.")
    ] = False,
    timezone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="The zone of the institution's days, by its IANA name.")
    ] = None,
    rpc: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="The address of an endpoint of the chain. It may be given several times."),
    ] = None,
    depth: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="The blocks that must follow a transaction: 1 on QBFT, 0 on a development chain. It goes with --rpc.",
        ),
    ] = None,
    passphrase_file: Annotated[
        Path | None, typer.Option(help="The file with the keystores' passphrase, mode 0600.")
    ] = None,
    data: Annotated[Path, typer.Option(help="The folder to make. It must not exist.")] = Path("acredita-data"),
    scrypt_n: Annotated[
        int, typer.Option(help="The cost of a guess at the passphrase (N of scrypt), a power of two.")
    ] = PRODUCTION_N,
    cryptosuite: Annotated[str, typer.Option(help="The cryptosuite that signs credentials.")] = "eddsa-rdfc-2022",
    curve: Annotated[str, typer.Option(help="The curve of an ECDSA cryptosuite: P-256 or P-384.")] = "",
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> None:
    """Make the folder of a node, with a configuration that starts as it stands. What is not given is asked for.

    A single operator's node has a chain of its own. Every other node joins one by `acredita node join`.
    """
    from acredita.cli.bodies import node_init as body

    endpoints = tuple(rpc or ())
    answers = body.InitAnswers(role, profile, name, base, did_web, did_key, timezone, endpoints, depth, passphrase_file)
    body.init(answers, data, scrypt_n, cryptosuite, curve, lang, as_json)
