"""Declare `acredita audit compare`: the answers of nodes against the ledger."""

from typing import Annotated

import typer
from acredita.cli.options import AsJson, ChainFolder, Lang, PinnedByDefault, Rpc
from acredita.node.verification.language import Language


def register_in(audit: typer.Typer) -> None:
    """Add the command of this module to `acredita audit`."""
    audit.command("compare")(compare)


def compare(
    node: Annotated[list[str], typer.Option(metavar="URL", help="The address of a node. Repeat the option for more.")],
    trust: PinnedByDefault = None,
    rpc: Rpc = None,
    chain: ChainFolder = None,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Compare what nodes answer about issuers, keys and programmes with the ledger, each answer at its own block.

    Exit 0 where all agree, 1 where an answer differs, 3 where a node is silent, ahead of the ledger, or not whole. An
    answer is not signed: a difference is a fault of the node that gave it.
    """
    from acredita.cli.bodies import audit_compare as body

    return body.compare(node, trust, rpc, chain, lang, as_json)
