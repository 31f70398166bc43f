"""`acredita documents put|get`: public documents sent to a node and fetched from one."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import typer
from acredita.anchoring.types import Digest, FormatRefused, read_number
from acredita.cli.bodies.act_arguments import digest_in
from acredita.cli.bodies.act_files import check_absent, read_act
from acredita.cli.exit_codes import NEGATIVE, OK, UNKNOWN, UNUSABLE, ActRefused, ArgumentRefused, worst
from acredita.cli.spanish.sentences import said
from acredita.node.outbound.fetch import SourceUnavailable
from acredita.node.publication.document_exchange import (
    SendingRefused,
    SendingUnavailable,
    SentDocument,
    fetch_document,
    fetch_proposal,
    fetch_withheld,
    send_document,
    send_proposal,
    send_withheld,
)
from acredita.node.publication.trust_folder import write_bytes, write_json
from acredita.node.verification.language import Language
from acredita.registry.acts.proposal import FORMAT as PROPOSAL_FORMAT
from acredita.registry.acts.proposal import parse_proposal
from acredita.registry.codes import Code
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.ledger_facts.named_documents import MAX_DOCUMENT_BYTES
from acredita.registry.ledger_facts.withheld_list import FORMAT as WITHHELD_FORMAT
from acredita.registry.ledger_facts.withheld_list import WithheldListRefused, parse_withheld

MAX_NUMBER: Final = 2**53 - 1
WITHHELD: Final = "withheld"
_FAILURES: Final = (
    SendingRefused,
    SendingUnavailable,
    SourceUnavailable,
    WithheldListRefused,
    FormatRefused,
    OSError,
)


def put(files: Sequence[Path], node: str, lang: Language, as_json: bool) -> int:
    """Run `acredita documents put`. Each file has an answer of its own; one that fails holds up no other."""
    rows: list[dict[str, object]] = []
    exits = [OK]
    for file in files:
        try:
            sent = _send(file, node)
            rows.append({"file": str(file), "name": sent.name, "new": sent.is_new})
        except _FAILURES as error:
            sentence = str(error.strerror).lower() if isinstance(error, OSError) else str(error)
            rows.append({"file": str(file), "error": sentence})
            exits.append(_exit_of(error))
            typer.echo(f"acredita: {file}: {said(sentence, lang)}", err=True)
        else:
            if not as_json:
                typer.echo(said(_sentence(file, sent), lang))
    if as_json:
        typer.echo(json.dumps({"node": node, "documents": rows}, indent=2, ensure_ascii=False))
    return worst(exits)


def _sentence(file: Path, sent: SentDocument) -> str:
    return f"{file}: sent as {sent.name}" if sent.is_new else f"{file}: the node had {sent.name} already"


def _exit_of(error: Exception) -> int:
    if isinstance(error, SendingRefused):
        return NEGATIVE
    is_unusable = (
        isinstance(error, OSError | FormatRefused | WithheldListRefused)
        or getattr(error, "code", None) is Code.SOURCE_NOT_ALLOWED
    )
    return UNUSABLE if is_unusable else UNKNOWN


def get(name: str, node: str, out: Path, act: Path | None, lang: Language, as_json: bool) -> int:
    """Run `acredita documents get`. Nothing is written unless everything was fetched."""
    check_absent(out)
    digest, number = digest_in(name), read_number(name, MAX_NUMBER)
    if act is not None:
        check_absent(act)
        if digest is not None or number is None:
            raise ArgumentRefused("--act goes with the number of a proposal")
    if digest is not None:
        write_bytes(out, _document(node, digest))
    elif number is not None:
        _get_proposal(node, number, out, act)
    elif name == WITHHELD:
        withheld = fetch_withheld(node)
        if withheld is None:
            raise ActRefused(f"{Code.NOT_FOUND}: {node} withholds no document")
        write_json(out, withheld)
    else:
        raise ArgumentRefused(f"{name}: 64 hex digits, a number or `withheld` expected")
    facts = {"name": name, "file": str(out)} | ({} if act is None else {"act": str(act)})
    files = str(out) if act is None else f"{out}, {act}"
    typer.echo(json.dumps(facts, indent=2) if as_json else said(f"{files}: fetched from {node}", lang))
    return OK


def _get_proposal(node: str, number: int, out: Path, act: Path | None) -> None:
    """Fetch a proposal, and the act that it names where a file for it is given."""
    proposal = fetch_proposal(node, number)
    if proposal is None:
        raise ActRefused(f"{Code.NOT_FOUND}: {node} has no proposal {number}")
    if act is not None:
        write_bytes(act, _document(node, _act_of(proposal, node)))
    write_json(out, proposal)


def _act_of(proposal: object, node: str) -> bytes:
    """Return the SHA-256 of the act that a proposal names. Raises SourceUnavailable for what is no proposal."""
    try:
        return parse_proposal(proposal).act
    except FormatRefused as error:
        raise SourceUnavailable(Code.SOURCE_UNREACHABLE, f"{node}: {error}") from error


def _document(node: str, digest: bytes) -> bytes:
    """Fetch a document. Raises ActRefused where the node has none."""
    content = fetch_document(node, Digest(digest))
    if content is None:
        raise ActRefused(f"{Code.NOT_FOUND}: {node} has no document 0x{digest.hex()}")
    return content


def _send(file: Path, node: str) -> SentDocument:
    content = read_act(file)
    value = _value(content)
    stated = value.get("format") if isinstance(value, dict) else None
    if stated == PROPOSAL_FORMAT:
        return send_proposal(node, parse_proposal(value))
    if stated == WITHHELD_FORMAT:
        return send_withheld(node, parse_withheld(value))
    return send_document(node, content)


def _value(content: bytes) -> object:
    """Return the JSON value of a file; None for another file."""
    try:
        return read_json(content, max_bytes=MAX_DOCUMENT_BYTES)
    except JsonRefused:
        return None
