"""Evidence bundles, `acredita-evidence/1`: all evidence of one verification in one small file (`*.acredita`).

A bundle is gzip (mtime 0) of the JCS form of one JSON object, at most 64 KiB packed and 1 MiB unpacked. The reader
stops at either limit. A bundle holds the credential and its receipt, one leaf of the status tree, and the documents. It
also holds the plain records of every party and of the programme, and the trie nodes that prove the contracts' storage
at one block. Nothing in it is believed: `proven_facts` checks it against a block the trust file vouches for. Keys:
docs/evidence.md. Reading proves nothing, opens no socket and uses no clock.
"""

import gzip
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from acredita.anchoring.receipts import Receipt, parse_receipt
from acredita.anchoring.state_proof import MAX_HEADER_BYTES, MAX_NODE_BYTES, MAX_NODES
from acredita.anchoring.status_bits import LEAF_BYTES, BeyondProof, LeafProof, StatusProof
from acredita.anchoring.types import HASH_BYTES, FormatRefused, IssuerId, Root, from_hex, to_hex
from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code
from acredita.registry.evidence.credential import Evidence
from acredita.registry.json_documents.jcs import JcsRefused, jcs
from acredita.registry.json_documents.members import count_of, data_of, list_of, object_of
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.programmes.programme import Programme, ProgrammeRefused, parse_programme
from acredita.registry.programmes.scope import Scope, ScopeRefused, parse_scope

FORMAT: Final = "acredita-evidence/1"
MAX_PACKED_BYTES: Final = 64 * 1024
MAX_UNPACKED_BYTES: Final = 1024 * 1024
MAX_HEADERS: Final = 256  # blocks between the bundle's and the one the trust file names
MAX_PARTIES: Final = 64  # every party that was ever above one issuer
MAX_RECORDS: Final = 4096
MAX_RECORD_BYTES: Final = 320  # topic 0, subject and eight words
MAX_SCOPES: Final = 64
MAX_STATUS_PATH: Final = 24  # nine hashes below a list, at most fifteen above

_CHECKPOINT_PARTS: Final = 4
_GZIP_WBITS: Final = 16 + zlib.MAX_WBITS


class EvidenceRefused(CodedError[Code]):
    """Bytes that are no readable bundle; `code` is stable."""


@dataclass(frozen=True)
class Bundle:
    """A bundle as read. `latest`: fixed, root, status root and previous word of the newest checkpoint at the block.

    `parties`: subject → records (topic 0 ‖ subject ‖ data), oldest first, of the issuer and of each party that was ever above
    it. An unknown subject has no records. `programme_records` likewise. `headers`: from the block after the bundle's to one
    the trust file names; empty if that is the bundle's own.
    """

    credential: object
    receipt: Receipt
    latest: tuple[bytes, ...]
    status: StatusProof
    programme: object | None
    scopes: tuple[object, ...]
    dids: Mapping[str, object]
    parties: Mapping[IssuerId, tuple[bytes, ...]]
    programme_records: tuple[bytes, ...]
    header: bytes
    headers: tuple[bytes, ...]
    nodes: tuple[bytes, ...]

    def evidence(self) -> Evidence:
        """Parse the evidence that needs no ledger. Documents that do not parse are left out."""
        programme = _programme(self.programme)
        scopes = [_scope(document) for document in self.scopes]
        return Evidence(
            receipt=self.receipt,
            programmes={} if programme is None else {programme.digest: programme},
            scopes={scope.digest: scope for scope in scopes if scope is not None},
            dids=self.dids,
        )


def write_bundle(bundle: Bundle) -> bytes:
    """Write the file's bytes, the same for the same bundle. Raises EvidenceRefused beyond a limit."""
    try:
        plain = jcs(_document(bundle))
    except JcsRefused as error:
        raise EvidenceRefused(Code.EVIDENCE_MALFORMED, str(error)) from error
    packed = gzip.compress(plain, mtime=0)
    if len(plain) > MAX_UNPACKED_BYTES or len(packed) > MAX_PACKED_BYTES:
        raise EvidenceRefused(Code.EVIDENCE_TOO_LARGE, f"{len(plain)} bytes, {len(packed)} packed")
    _parse_written(plain)
    return packed


def _parse_written(plain: bytes) -> None:
    """Refuse a bundle with more scopes, parties or records than a reader accepts."""
    try:
        _parse(read_json(plain, max_bytes=MAX_UNPACKED_BYTES))
    except (JsonRefused, FormatRefused) as error:
        raise EvidenceRefused(Code.EVIDENCE_TOO_LARGE, f"beyond what a reader takes: {error}") from error


def read_bundle(data: bytes) -> Bundle:
    """Read the bundle in a file's bytes, no further than the limits. Raises EvidenceRefused."""
    try:
        return _parse(read_json(_unpack(data), max_bytes=MAX_UNPACKED_BYTES))
    except (JsonRefused, FormatRefused) as error:
        raise EvidenceRefused(Code.EVIDENCE_MALFORMED, str(error)) from error


def _unpack(data: bytes) -> bytes:
    if len(data) > MAX_PACKED_BYTES:
        raise EvidenceRefused(Code.EVIDENCE_TOO_LARGE, f"at most {MAX_PACKED_BYTES} bytes expected, {len(data)} found")
    inflater = zlib.decompressobj(wbits=_GZIP_WBITS)
    try:
        plain = inflater.decompress(data, MAX_UNPACKED_BYTES + 1)
    except zlib.error as error:
        raise EvidenceRefused(Code.EVIDENCE_MALFORMED, "gzip expected") from error
    if len(plain) > MAX_UNPACKED_BYTES:
        raise EvidenceRefused(Code.EVIDENCE_TOO_LARGE, f"unpacks to more than {MAX_UNPACKED_BYTES} bytes")
    if not inflater.eof or inflater.unused_data:
        raise EvidenceRefused(Code.EVIDENCE_MALFORMED, "one whole gzip member expected")
    return plain


# --- JSON out ---


def _document(bundle: Bundle) -> dict[str, Any]:
    document: dict[str, Any] = {
        "format": FORMAT,
        "credential": bundle.credential,
        "receipt": bundle.receipt.to_document(),
        "latest": _hexes(bundle.latest),
        "status": _status_document(bundle.status),
        "scopes": list(bundle.scopes),
        "dids": dict(bundle.dids),
        "parties": {to_hex(subject): _hexes(records) for subject, records in bundle.parties.items()},
        "programme_records": _hexes(bundle.programme_records),
        "header": to_hex(bundle.header),
        "headers": _hexes(bundle.headers),
        "nodes": _hexes(bundle.nodes),
    }
    return document if bundle.programme is None else document | {"programme": bundle.programme}


def _status_document(proof: StatusProof) -> dict[str, Any]:
    if isinstance(proof, BeyondProof):
        return {"lists": proof.lists, "tree": to_hex(proof.tree)}
    return {"lists": proof.lists, "leaf": to_hex(proof.leaf), "path": _hexes(proof.path)}


def _hexes(values: tuple[bytes, ...]) -> list[str]:
    return [to_hex(value) for value in values]


# --- JSON in ---

_REQUIRED = frozenset(
    {
        "format",
        "credential",
        "receipt",
        "latest",
        "status",
        "scopes",
        "dids",
        "parties",
        "programme_records",
        "header",
        "headers",
        "nodes",
    }
)


def _parse(document: object) -> Bundle:
    body = object_of(document, "", _REQUIRED, frozenset({"programme"}))
    if body["format"] != FORMAT:
        raise FormatRefused("/format", f'"{FORMAT}" expected')
    return Bundle(
        credential=body["credential"],
        receipt=parse_receipt(body["receipt"]),
        latest=_latest(body["latest"]),
        status=_status(body["status"]),
        programme=body.get("programme"),
        scopes=tuple(list_of(body["scopes"], "/scopes", MAX_SCOPES)),
        dids=_mapping(body["dids"], "/dids"),
        parties=_parties(body["parties"]),
        programme_records=_datas(body["programme_records"], "/programme_records", MAX_RECORDS, MAX_RECORD_BYTES),
        header=data_of(body["header"], "/header", MAX_HEADER_BYTES),
        headers=_datas(body["headers"], "/headers", MAX_HEADERS, MAX_HEADER_BYTES),
        nodes=_datas(body["nodes"], "/nodes", MAX_NODES, MAX_NODE_BYTES),
    )


def _latest(value: object) -> tuple[bytes, ...]:
    parts = _datas(value, "/latest", _CHECKPOINT_PARTS, HASH_BYTES)
    if len(parts) != _CHECKPOINT_PARTS or any(len(part) != HASH_BYTES for part in parts):
        raise FormatRefused("/latest", "fixed, root, status root and previous word expected, 32 bytes each")
    return parts


def _status(value: object) -> StatusProof:
    if isinstance(value, dict) and "tree" in value:
        beyond = object_of(value, "/status", frozenset({"lists", "tree"}))
        tree = from_hex(beyond["tree"], HASH_BYTES, "/status/tree")
        return BeyondProof(count_of(beyond["lists"], "/status/lists"), Root(tree))
    leaf = object_of(value, "/status", frozenset({"lists", "leaf", "path"}))
    path = list_of(leaf["path"], "/status/path", MAX_STATUS_PATH)
    return LeafProof(
        count_of(leaf["lists"], "/status/lists"),
        from_hex(leaf["leaf"], LEAF_BYTES, "/status/leaf"),
        tuple(from_hex(node, HASH_BYTES, f"/status/path/{place}") for place, node in enumerate(path)),
    )


def _parties(value: object) -> dict[IssuerId, tuple[bytes, ...]]:
    records_of = _mapping(value, "/parties")
    if len(records_of) > MAX_PARTIES:
        raise FormatRefused("/parties", f"at most {MAX_PARTIES} parties expected")
    return {
        IssuerId(from_hex(subject, HASH_BYTES, f"/parties/{subject}")): _datas(
            records, f"/parties/{subject}", MAX_RECORDS, MAX_RECORD_BYTES
        )
        for subject, records in records_of.items()
    }


def _mapping(value: object, where: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise FormatRefused(where, "an object expected")
    return value


def _datas(value: object, where: str, items: int, most: int) -> tuple[bytes, ...]:
    return tuple(data_of(item, f"{where}/{place}", most) for place, item in enumerate(list_of(value, where, items)))


def _programme(document: object | None) -> Programme | None:
    try:
        return None if document is None else parse_programme(document)
    except ProgrammeRefused:
        return None


def _scope(document: object) -> Scope | None:
    try:
        return parse_scope(document)
    except ScopeRefused:
        return None
