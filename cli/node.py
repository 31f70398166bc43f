"""`acredita node init|run|token|migrate|trail|mend|requeue`: serve a node and look after it."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli import node_mend, node_migrate, node_requeue, node_token, node_trail
from acredita.cli.options import DEFAULT_CONFIG, Config
from acredita.registry.keys.scrypt_cost import PRODUCTION_N

node = typer.Typer(help="A node: its folder, its server, its tokens.", no_args_is_help=True)


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
    profile: Annotated[str, typer.Option(help="Short name of the institution, as in commands and routes.")],
    name: Annotated[str, typer.Option(help="Name of the institution for people.")],
    passphrase_file: Annotated[Path, typer.Option(help="File with the keystores' passphrase, mode 0600.")],
    data: Annotated[Path, typer.Option(help="Folder to make; it must not exist.")] = Path("acredita-data"),
    scrypt_n: Annotated[int, typer.Option(help="Cost of a guess at the passphrase; a power of two.")] = PRODUCTION_N,
    did_web: Annotated[
        str, typer.Option(metavar="HOST[:PORT][/PATH]", help="The institution's did:web, whose keys can be rotated.")
    ] = "",
    cryptosuite: Annotated[str, typer.Option(help="What credentials are signed with.")] = "eddsa-rdfc-2022",
    curve: Annotated[str, typer.Option(help="P-256 or P-384, for an ECDSA cryptosuite.")] = "",
) -> None:
    """Make a node with an embedded chain of its own: contracts, council, agency and one institution, one operator."""
    from acredita.cli.bodies import node as body

    body.init(profile, name, passphrase_file, data, scrypt_n, did_web, cryptosuite, curve)


@node.command("run")
def run(config: Config = DEFAULT_CONFIG) -> None:
    """Serve HTTP and anchor what waits, until a signal ends it."""
    from acredita.cli.bodies import node as body

    body.run(config)
