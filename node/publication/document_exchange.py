"""Send documents and proposals to a node by HTTP, and fetch them from one.

The node is not believed: what it gives out must have the SHA-256 under which it was asked for. A proposal is
compared with the chain by whoever acts on it.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from acredita.anchoring.types import Digest
from acredita.contracts.coded_error import CodedError
from acredita.node.outbound.fetch import SourceUnavailable
from acredita.node.outbound.named_host import fetch_named
from acredita.node.outbound.named_put import HostAnswer, put_named
from acredita.registry.acts.proposal import ActProposal
from acredita.registry.codes import Code
from acredita.registry.json_documents.jcs import JcsRefused, jcs
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.ledger_facts.named_documents import MAX_DOCUMENT_BYTES, media_type
from acredita.registry.ledger_facts.withheld_list import WithheldList

_TAKEN: Final = (200, 201)
_NOT_NOW: Final = (429, 500, 502, 503, 504)


class SendingRefused(CodedError[str]):
    """A document or proposal that the node does not take. `code`: the node's."""

    CODE_IN_TEXT = True


class SendingUnavailable(CodedError[str]):
    """The node could not tell. `code`: the node's, or SOURCE_UNREACHABLE."""

    CODE_IN_TEXT = True


@dataclass(frozen=True, slots=True)
class SentDocument:
    """A document by its SHA-256 in hex, or a proposal by its number. `is_new`: the node did not have it."""

    name: str
    is_new: bool


def document_form(content: bytes) -> bytes:
    """Return the form of a file whose SHA-256 is its name: JSON in JCS form, any other file as it is."""
    try:
        return jcs(read_json(content, max_bytes=MAX_DOCUMENT_BYTES))
    except (JsonRefused, JcsRefused):
        return content


def send_document(node: str, content: bytes) -> SentDocument:
    """Send a document in the form of its name. Raises SendingRefused, SendingUnavailable, SourceUnavailable."""
    form = document_form(content)
    name = hashlib.sha256(form).hexdigest()
    if not 0 < len(form) <= MAX_DOCUMENT_BYTES:
        raise SendingRefused(Code.DOCUMENT_SIZE, f"1 to {MAX_DOCUMENT_BYTES} bytes expected, found {len(form)}")
    answer = put_named(f"{node.rstrip('/')}/v1/documents/{name}", form, media_type(form))
    return SentDocument(name, _is_new(answer))


def send_proposal(node: str, proposal: ActProposal) -> SentDocument:
    """Send a proposal that has its number. Raises SendingRefused, SendingUnavailable, SourceUnavailable."""
    if proposal.number is None:
        raise SendingRefused("PROPOSAL_UNKNOWN", "the proposal has no number of the chain yet")
    url = f"{node.rstrip('/')}/v1/proposals/{proposal.number}"
    return SentDocument(str(proposal.number), _is_new(put_named(url, jcs(proposal.document()), "application/json")))


def send_withheld(node: str, withheld: WithheldList) -> SentDocument:
    """Send a list of withheld documents. Raises SendingRefused, SendingUnavailable, SourceUnavailable."""
    answer = put_named(f"{node.rstrip('/')}/v1/withheld", withheld.content, "application/json")
    return SentDocument(str(withheld.number), _is_new(answer))


def fetch_withheld(node: str) -> object | None:
    """Fetch the list of withheld documents as JSON; None where the node has none. Raises SourceUnavailable."""
    return _fetch_json(f"{node.rstrip('/')}/v1/withheld")


def fetch_document(node: str, digest: Digest) -> bytes | None:
    """Fetch a document; None where the node has none. Raises SourceUnavailable, SendingRefused for other bytes."""
    content = fetch_named(f"{node.rstrip('/')}/v1/documents/{digest.hex()}", most=MAX_DOCUMENT_BYTES)
    if content is not None and hashlib.sha256(content).digest() != digest:
        raise SendingRefused(Code.DOCUMENT_DIGEST_MISMATCH, f"the node gives other bytes as 0x{digest.hex()}")
    return content


def fetch_proposal(node: str, number: int) -> object | None:
    """Fetch a proposal's JSON value; None where the node has none. Raises SourceUnavailable."""
    return _fetch_json(f"{node.rstrip('/')}/v1/proposals/{number}")


def _fetch_json(url: str) -> object | None:
    content = fetch_named(url)
    try:
        return None if content is None else read_json(content)
    except JsonRefused as error:
        raise SourceUnavailable(Code.SOURCE_UNREACHABLE, f"{url}: no JSON") from error


def _is_new(answer: HostAnswer) -> bool:
    """Return whether the node did not have it. Raises SendingRefused, SendingUnavailable."""
    body = _object(answer.body)
    if answer.status in _TAKEN and isinstance(body.get("new"), bool):
        return body["new"] is True
    code, message = body.get("code"), body.get("message")
    if not isinstance(code, str) or not isinstance(message, str) or answer.status in _TAKEN:
        raise SendingUnavailable(Code.SOURCE_UNREACHABLE, f"200 or 201 expected, found {answer.status}")
    raise (SendingUnavailable if answer.status in _NOT_NOW else SendingRefused)(code, message)


def _object(body: bytes) -> dict[str, object]:
    try:
        value = read_json(body)
    except JsonRefused:
        return {}
    return value if isinstance(value, dict) else {}
