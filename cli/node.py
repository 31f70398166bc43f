"""Declare `acredita node run`, and register the other commands of a node."""

import typer
from acredita.cli import node_init, node_join, node_mend, node_migrate, node_requeue, node_token, node_trail
from acredita.cli.options import DEFAULT_CONFIG, Config

node = typer.Typer(help="Make a node, run it, and look after it.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.add_typer(node, name="node")
    node.command("init")(node_init.init)
    node.command("join")(node_join.join)
    node.command("migrate")(node_migrate.migrate)
    node.command("trail")(node_trail.trail)
    node.command("mend")(node_mend.mend)
    node.command("requeue")(node_requeue.requeue)
    node.add_typer(node_token.token, name="token")


@node.command("run")
def run(config: Config = DEFAULT_CONFIG) -> None:
    """Serve HTTP and anchor waiting entries, until a signal ends it."""
    from acredita.cli.bodies import node as body

    body.run(config)
