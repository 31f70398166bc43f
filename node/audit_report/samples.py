"""Read what an auditor adds to a replay: when credentials were signed, and how far the index of a node is.

Neither is believed for the audit's answer. A credential counts only in the latency of anchors, and only where the ledger
has the checkpoint of its receipt.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from acredita.anchoring.receipts import parse_receipt
from acredita.anchoring.types import FormatRefused
from acredita.node.outbound.fetch import SourceUnavailable
from acredita.node.outbound.named_host import fetch_named
from acredita.node.publication.trust_folder import FileRefused, read_json_file
from acredita.registry.audit.activity import SignedAndAnchored
from acredita.registry.audit.report import NodeIndex
from acredita.registry.json_documents.strict import JsonRefused, read_json

MAX_CREDENTIALS: Final = 100_000
"""Files of one folder that are read for the latency."""


def signed_and_anchored(folder: Path) -> Iterator[SignedAndAnchored]:
    """Yield signing time and anchor of each credential of a folder whose receipt is in ../receipts/.

    Files that are no credential, or have no receipt, are left out.
    """
    for file in sorted(folder.glob("*.json"))[:MAX_CREDENTIALS]:
        beside = folder.resolve().parent / "receipts" / file.name
        if not beside.is_file():
            continue
        try:
            receipt, signed = parse_receipt(read_json_file(beside)), _signed(read_json_file(file))
        except (FileRefused, FormatRefused):
            continue
        if signed is not None:
            checkpoint = receipt.checkpoint
            yield SignedAndAnchored(receipt.issuer, receipt.epoch, checkpoint.number, signed, checkpoint.time)


def _signed(credential: object) -> int | None:
    """Return the time of a credential's proof in Unix seconds, where it states one."""
    proof = credential.get("proof") if isinstance(credential, dict) else None
    created = proof.get("created") if isinstance(proof, dict) else None
    if not isinstance(created, str):
        return None
    try:
        moment = datetime.fromisoformat(created)
        return None if moment.tzinfo is None else int(moment.timestamp())
    except (ValueError, OverflowError):
        return None


def index_of(node: str, head: int) -> NodeIndex | None:
    """Ask a node how far its index is; None where it does not answer. `head`: the block up to which was audited."""
    try:
        body = fetch_named(f"{node.rstrip('/')}/readyz")
        answer = None if body is None else read_json(body, with_nulls=True)
    except (SourceUnavailable, JsonRefused):
        return None
    index = answer.get("index") if isinstance(answer, dict) else None
    block = index.get("block") if isinstance(index, dict) else None
    return NodeIndex(node, block, max(0, head - block)) if isinstance(block, int) else None
