"""Declare `acredita node init|run`, and register the other commands of a node."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli import node_mend, node_migrate, node_requeue, node_token, node_trail
from acredita.cli.options import DEFAULT_CONFIG, Config, Lang
from acredita.node.verification.language import Language
from acredita.registry.keys.scrypt_cost import PRODUCTION_N

node = typer.Typer(help="Make a node, run it, and look after it.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.add_typer(node, name="node")
    node.command("migrate")(node_migrate.migrate)
    node.command("trail")(node_trail.trail)
    node.command("mend")(node_mend.mend)
    node.command("requeue")(node_requeue.requeue)
    node.add_typer(node_token.token, name="token")


@node.command("init")
def init(
    profile: Annotated[str, typer.Option(help="The institution's short name, used in commands and routes.")],
    name: Annotated[str, typer.Option(help="The institution's name for people.")],
    passphrase_file: Annotated[Path, typer.Option(help="The file with the keystores' passphrase, mode 0600.")],
    data: Annotated[Path, typer.Option(help="The folder to make. It must not exist.")] = Path("acredita-data"),
    scrypt_n: Annotated[
        int, typer.Option(help="The cost of a guess at the passphrase (N of scrypt), a power of two.")
    ] = PRODUCTION_N,
    did_web: Annotated[
        str,
        typer.Option(
            metavar="HOST[:PORT][/PATH]",
            help="Make the institution's DID a did:web of this host. Its keys can be rotated.",
        ),
    ] = "",
    cryptosuite: Annotated[str, typer.Option(help="The cryptosuite that signs credentials.")] = "eddsa-rdfc-2022",
    curve: Annotated[str, typer.Option(help="The curve of an ECDSA cryptosuite: P-256 or P-384.")] = "",
    lang: Lang = Language.ES,
) -> None:
    """Make a node with an embedded chain, contracts, council, agency and one institution, all of one operator."""
    from acredita.cli.bodies import node as body

    body.init(profile, name, passphrase_file, data, scrypt_n, did_web, cryptosuite, curve, lang)


@node.command("run")
def run(config: Config = DEFAULT_CONFIG) -> None:
    """Serve HTTP and anchor waiting entries, until a signal ends it."""
    from acredita.cli.bodies import node as body

    body.run(config)
