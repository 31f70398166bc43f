"""The vectors of docs/protocol.md: worked out without our code, met by it, and printed in the document as
they stand.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring import entries, merkle, status_bits
from acredita.anchoring.account_signature import sign_consent
from acredita.anchoring.checkpoint import Checkpoint, Head, opening, unpack_head
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.receipts import parse_receipt
from acredita.anchoring.transaction import LocalAccount
from acredita.anchoring.types import Address, Digest, IssuerId, LogId, Root, Word, to_hex
from acredita.contracts.account_consent import ConsentDomain, consent_digest
from acredita.contracts.bindings import EMPTY_HISTORY, AccountPurpose, fold_history, programme_version

from tests.anchoring import plain

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "tests" / "vectors"
NAMES = ("merkle", "entries", "status", "checkpoints", "receipt", "ledger")


def load(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def raw(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


MERKLE, ENTRIES, STATUS, CHECKPOINTS, RECEIPT, LEDGER = map(load, NAMES)
LEAVES = [raw(leaf) for leaf in MERKLE["leaf_hashes"]]


def node_at(level: int, index: int) -> bytes:
    return plain.mth(LEAVES[index << level : index + 1 << level])


@pytest.mark.parametrize("size", range(9))
def test_merkle_roots_of_0_to_8_leaves(size: int) -> None:
    data = [raw(leaf) for leaf in MERKLE["leaves"][:size]]
    expected = raw(MERKLE["roots"][size])
    assert plain.mth([plain.leaf(leaf) for leaf in data]) == expected
    assert merkle.root(merkle.leaf_hash(leaf) for leaf in data) == expected


@pytest.mark.parametrize("case", MERKLE["inclusion"], ids=lambda case: f"{case['index']}-{case['size']}")
def test_merkle_inclusion(case: dict[str, Any]) -> None:
    index, size, path = case["index"], case["size"], [raw(node) for node in case["path"]]
    assert merkle.inclusion_path(index, size, node_at) == path == plain.path(index, LEAVES[:size])
    assert merkle.verify_inclusion(LEAVES[index], index, size, path, raw(MERKLE["roots"][size]))


@pytest.mark.parametrize("case", MERKLE["consistency"], ids=lambda case: f"{case['old']}-{case['new']}")
def test_merkle_consistency(case: dict[str, Any]) -> None:
    old, new, path = case["old"], case["new"], [raw(node) for node in case["path"]]
    assert merkle.consistency_path(old, new, node_at) == path == plain.consistency(old, LEAVES[:new])
    old_root, new_root = raw(MERKLE["roots"][old]), raw(MERKLE["roots"][new])
    assert merkle.verify_consistency(old, new, old_root, new_root, path)


def test_the_log_id() -> None:
    contract, issuer = Address(raw(ENTRIES["contract"])), IssuerId(raw(ENTRIES["issuer"]))
    found = entries.log_id(ENTRIES["chain_id"], contract, issuer, ENTRIES["epoch"])
    parts = ENTRIES["chain_id"].to_bytes(32, "big"), contract, issuer, ENTRIES["epoch"].to_bytes(4, "big")
    assert to_hex(found) == ENTRIES["log_id"]
    assert plain.sha256(b"acredita/log/1", *parts) == found


def test_an_entry_of_each_kind() -> None:
    digest, programme = Digest(raw(ENTRIES["digest"])), Digest(raw(ENTRIES["programme"]))
    position = entries.position_of(ENTRIES["list"], ENTRIES["index"])
    encoded = [entries.opened(LogId(raw(ENTRIES["log_id"]))), entries.issued(digest, programme)]
    encoded += [entries.status_change(kind, position) for kind in EntryKind if kind.changes_status]
    assert position == ENTRIES["position"]
    assert [entry.kind.name.lower() for entry in encoded] == [case["name"] for case in ENTRIES["entries"]]
    for entry, case in zip(encoded, ENTRIES["entries"], strict=True):
        assert to_hex(entries.encode(entry)) == case["entry"]
        assert to_hex(merkle.leaf_hash(raw(case["entry"]))) == case["leaf_hash"]


def test_a_status_root_and_a_proof_under_it() -> None:
    changes = [(change["kind"], change["position"]) for change in STATUS["changes"]]
    bits = status_bits.StatusBits()
    bits.replay(entries.status_change(EntryKind(kind), position) for kind, position in changes)
    proof = STATUS["proof"]
    assert plain.status_root(plain.status_leaves(changes)) == raw(STATUS["status_root"])
    assert (bits.lists, bits.root()) == (STATUS["lists"], raw(STATUS["status_root"]))
    assert status_bits.status_root(STATUS["lists"], Root(raw(STATUS["tree"]))) == bits.root()
    leaf = status_bits.LeafProof(STATUS["lists"], raw(proof["leaf"]), tuple(raw(node) for node in proof["path"]))
    assert bits.prove(proof["position"]) == leaf
    assert status_bits.verify_leaf(bits.root(), proof["position"], leaf) == status_bits.Status(
        revoked=True, suspended=False, replaced=True
    )
    assert to_hex(status_bits.EMPTY_STATUS_ROOT) == STATUS["empty_status_root"]


@pytest.mark.parametrize("case", CHECKPOINTS["checkpoints"], ids=lambda case: case["name"])
def test_checkpoint_words_and_heads(case: dict[str, Any]) -> None:
    checkpoint = Checkpoint(
        kind=case["kind"],
        number=case["number"],
        old_size=case["old_size"],
        size=case["size"],
        root=Root(raw(case["root"])),
        status_root=Root(raw(case["status_root"])),
        time=case["time"],
        previous=Word(raw(case["previous"])),
    )
    assert to_hex(checkpoint.fixed()) == case["fixed"]
    assert to_hex(checkpoint.word()) == case["word"]
    head = Head(case["epoch"], case["number"], case["size"], case["time"])
    assert unpack_head(int(case["head"], 16)) == head


def test_the_openings_of_two_epochs() -> None:
    first, last, second = CHECKPOINTS["checkpoints"]
    ids = [LogId(raw(text)) for text in CHECKPOINTS["log_ids"]]
    assert to_hex(opening(ids[0]).word()) == first["word"]
    later = opening(
        ids[1],
        time=second["time"],
        status_root=Root(raw(last["status_root"])),
        previous=Word(raw(last["word"])),
    )
    assert to_hex(later.word()) == second["word"]


def test_the_receipt() -> None:
    receipt = parse_receipt(RECEIPT)
    assert receipt.to_document() == RECEIPT
    assert receipt.inclusion_fault() is None
    assert to_hex(receipt.checkpoint.word()) == CHECKPOINTS["checkpoints"][1]["word"]
    assert to_hex(receipt.checkpoint.previous) == CHECKPOINTS["checkpoints"][0]["word"]


def test_the_subject_of_a_programme_version() -> None:
    case = LEDGER["programme_version"]
    assert to_hex(programme_version(raw(case["owner"]), raw(case["document"]))) == case["version"]


def test_the_total_of_a_contract() -> None:
    total = EMPTY_HISTORY
    for record, expected in zip(LEDGER["total"]["records"], LEDGER["total"]["totals"], strict=True):
        total = fold_history(total, raw(record))
        assert to_hex(total) == expected


def test_the_consent_of_an_account() -> None:
    case = LEDGER["consent"]
    domain = ConsentDomain(case["chain_id"], raw(case["registry"]))
    fields = (domain, raw(case["subject"]), AccountPurpose.ANCHORING, case["deadline"])
    assert to_hex(consent_digest(*fields)) == case["digest"]
    holder = LocalAccount(raw(case["private_key"]))
    assert to_hex(holder.address) == case["account"]
    assert to_hex(sign_consent(holder, *fields).signature) == case["signature"]


@pytest.mark.parametrize("name", NAMES)
def test_the_document_prints_the_vectors(name: str) -> None:
    printed = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    text = (VECTORS / f"{name}.json").read_text(encoding="utf-8")
    values = set(re.findall(r"0x([0-9a-f]{64,})", text))
    assert values
    missing = [value for value in values if value not in printed]
    assert missing == []
