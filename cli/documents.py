"""Declare `acredita documents …`: public documents sent to a node and fetched from one."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.options import AsJson, Lang, PassphraseFile, PinnedByDefault
from acredita.cli.trust import KeystoreFile
from acredita.node.verification.language import Language

documents = typer.Typer(
    help="Send documents that the ledger names to a node, fetch them from one, and withhold them.", no_args_is_help=True
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

    A list of withheld documents is sent in the same way. JSON is sent in its JCS form. Exit 1 where one is refused, 3 where
    the node could not tell.
    """
    from acredita.cli.bodies import documents as body

    return body.put(files, node, lang, as_json)


@documents.command("get")
def get(
    name: Annotated[
        str,
        typer.Argument(
            help="The SHA-256 of a document, the number of a proposal, or `withheld`: the list of withheld documents."
        ),
    ],
    node: Node,
    out: Annotated[Path, typer.Option(help="The file to write. It is not written over.")],
    act: Annotated[
        Path | None, typer.Option(help="The file to write the act of a proposal to. It is not written over.")
    ] = None,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Fetch a document by its SHA-256, which is checked, or a proposal by its number, which is compared when it is used.

    Exit 1 where the node has none.
    """
    from acredita.cli.bodies import documents as body

    return body.get(name, node, out, act, lang, as_json)


@documents.command("withhold")
def withhold(
    out: Annotated[Path, typer.Option(help="The list to write. It is not signed yet, and not written over.")],
    names: Annotated[list[str] | None, typer.Argument(help="The SHA-256 of each document to withhold.")] = None,
    last: Annotated[
        Path | None, typer.Option(help="The list in force. Without it, the new list is the first, with the number 1.")
    ] = None,
    release: Annotated[list[str] | None, typer.Option(help="A document that is no longer withheld.")] = None,
    trust: PinnedByDefault = None,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Write the next list of withheld documents: those of the last list, and these. It counts once enough signers sign it.

    A node answers for a withheld document that it is withheld; mirrors and audits know it.
    """
    from acredita.cli.bodies import withheld as body

    return body.withhold(names or [], out, last, release or [], trust, lang, as_json)


@documents.command("sign")
def sign(
    file: Annotated[Path, typer.Argument(help="The list of withheld documents. The signature is added to it.")],
    keystore: KeystoreFile,
    passphrase_file: PassphraseFile,
    trust: PinnedByDefault = None,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Sign a list of withheld documents with a key of the trust file, after showing what it withholds."""
    from acredita.cli.bodies import withheld as body

    return body.sign(file, keystore, passphrase_file, trust, lang, as_json)
