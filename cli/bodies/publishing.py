"""`--publish URL`: send the documents of an act to a node, once the act is on the chain.

The act stays done whatever the node answers. A node may be some seconds behind the chain, so that a document which nothing
names yet is sent again.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import typer
from acredita.cli.bodies.act_arguments import VERSION_MARK, digest_in
from acredita.cli.bodies.act_files import read_act
from acredita.cli.spanish.sentences import said
from acredita.node.publication.document_exchange import (
    SendingRefused,
    SendingUnavailable,
    SentDocument,
    send_document,
    send_proposal,
)
from acredita.node.verification.language import Language
from acredita.registry.acts.proposal import ActProposal
from acredita.registry.acts.shapes import ActShape, FieldKind
from acredita.registry.codes import Code

PAUSES: Final = (0.5, 0.5, 1.0, 2.0, 3.0, 3.0)  # seconds between the tries
_BEHIND: Final = frozenset({Code.DOCUMENT_NOT_NAMED.value, "PROPOSAL_UNKNOWN"})
_KINDS: Final = frozenset({FieldKind.ACT, FieldKind.FILE, FieldKind.SCOPE, FieldKind.STATEMENT})
_SUBMIT: Final = "submit-programme"  # the one record that names a programme document


def files_of(shape: ActShape, arguments: Mapping[str, Any]) -> list[bytes]:
    """Return the files that an act's record names. Raises OSError."""
    return [read_act(path) for path in _paths(shape, arguments)]


def _paths(shape: ActShape, arguments: Mapping[str, Any]) -> Iterator[Path]:
    for field in shape.fields:
        argument = arguments.get(field.name)
        is_named = field.kind in _KINDS or (field.kind is FieldKind.VERSION and shape.name == _SUBMIT)
        if is_named and argument is not None and not _is_digest(str(argument)):
            yield Path(argument)


def _is_digest(argument: str) -> bool:
    """Return whether an argument is a hash, or `DID#0x` and a hash, and names no file."""
    return digest_in(argument.rpartition(VERSION_MARK)[2] if VERSION_MARK in argument else argument) is not None


def publish(
    node: str,
    contents: Iterable[bytes],
    proposal: ActProposal | None = None,
    wait: Callable[[float], None] = time.sleep,
) -> list[str]:
    """Send documents, and a proposal; return their names. Raises SendingRefused, SendingUnavailable, SourceUnavailable."""
    names = [_sent(partial(send_document, node, content), wait).name for content in contents]
    if proposal is not None:
        names.append(_sent(partial(send_proposal, node, proposal), wait).name)
    return names


def say_published(node: str, names: Iterable[str], lang: Language) -> None:
    """Print what a node has, beside the command's answer."""
    for name in names:
        typer.echo(said(f"sent to {node}: {name}", lang), err=True)


def _sent(send: Callable[[], SentDocument], wait: Callable[[float], None]) -> SentDocument:
    for pause in PAUSES:
        try:
            return send()
        except SendingRefused as error:
            if error.code not in _BEHIND:
                raise
        except SendingUnavailable as error:
            if error.code == Code.SOURCE_UNREACHABLE:
                raise
        wait(pause)
    return send()
