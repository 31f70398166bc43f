"""Declare `acredita documents …`: public documents sent to a node and fetched from one."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.options import AsJson, Lang
from acredita.node.verification.language import Language

documents = typer.Typer(
    help="Send documents that the ledger names to a node, and fetch them from one.", no_args_is_help=True
)
Node = Annotated[str, typer.Option("--node", metavar="URL", help="The address of the node.")]


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.add_typer(documents, name="documents")


@documents.command("put")
def put(
    files: Annotated[
        list[Path], typer.Argument(help="Documents: programmes, scopes, key statements, acts, and files of proposals.")
    ],
    node: Node,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Send documents to a node, which takes what a record of the ledger names by its SHA-256, and proposals of the council.

    JSON is sent in its JCS form. Exit 1 where one is refused, 3 where the node could not tell.
    """
    from acredita.cli.bodies import documents as body

    return body.put(files, node, lang, as_json)


@documents.command("get")
def get(
    name: Annotated[str, typer.Argument(help="The SHA-256 of a document, or the number of a proposal.")],
    node: Node,
    out: Annotated[Path, typer.Option(help="The file to write. It is not written over.")],
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Fetch a document by its SHA-256, which is checked, or a proposal by its number, which is compared when it is used.

    Exit 1 where the node has none.
    """
    from acredita.cli.bodies import documents as body

    return body.get(name, node, out, lang, as_json)
