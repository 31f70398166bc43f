"""Declare `acredita proof check`: an answer of a node about the registry, checked by its proof."""

from pathlib import Path
from typing import Annotated

import typer
from acredita.cli.options import AsJson, Lang, PinnedByDefault
from acredita.node.verification.language import Language

proof = typer.Typer(
    help="Check what a node answers about the registry, by the proof that comes with the answer.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.add_typer(proof, name="proof")


@proof.command("check")
def check(
    file: Annotated[
        Path,
        typer.Argument(help="The answer with its proof, as `GET /v1/issuers/<issuer>?proof=1` of a node gives it."),
    ],
    trust: PinnedByDefault = None,
    subject: Annotated[
        str | None,
        typer.Option(
            help="The DID or id of the issuer, or the digest of the programme document, that the answer must be about."
        ),
    ] = None,
    owner: Annotated[
        str | None,
        typer.Option(help="The DID or id of the issuer that submitted the programme, as the answer must say."),
    ] = None,
    at: Annotated[str | None, typer.Option(help="The time to verify at, RFC 3339 in UTC. Without it, now.")] = None,
    lang: Lang = Language.ES,
    as_json: AsJson = False,
) -> int:
    """Check an answer with its proof, offline, and print what held then and what holds at its block. Exit 0 if it is proven,
    1 if it is refused, 2 for an unusable file, 3 if the trust file vouches for no such block or the block is too old.
    """
    from acredita.cli.bodies import proof as body

    return body.check(file, trust, subject, owner, at, lang, as_json)
