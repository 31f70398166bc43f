"""Evidence bundles: as good as the ledger they were taken from, and worth nothing once any part is altered."""

import gzip
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import rlp
from acredita.anchoring import qbft
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.ledger import Block
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.state_proof import read_header
from acredita.anchoring.status_bits import BeyondProof, LeafProof
from acredita.anchoring.transaction import LocalAccount
from acredita.anchoring.types import BlockHash, Root, TxHash
from acredita.registry.evidence.build_bundle import EvidenceUnavailable, build_bundle, bundle_block
from acredita.registry.evidence.bundle import (
    MAX_HEADERS,
    MAX_PACKED_BYTES,
    MAX_SCOPES,
    MAX_UNPACKED_BYTES,
    Bundle,
    EvidenceRefused,
    read_bundle,
    write_bundle,
)
from acredita.registry.evidence.credential import read_credential, read_document
from acredita.registry.evidence.proven_facts import proven_facts
from acredita.registry.json_documents.jcs import jcs
from acredita.registry.ledger_facts.log_entries import EntriesAtHand
from acredita.registry.ledger_facts.trust_draft import sign_trust
from acredita.registry.ledger_facts.trust_file import LIFETIME_SECONDS, Trust, parse_trust
from acredita.registry.ledger_facts.trusted_chain import NamedBlock, ValidatorSet, development_chain, qbft_chain
from acredita.registry.verification.results import StepOutcome, Verdict
from eth_hash.auto import keccak

from tests.anchoring.sealing import sealed
from tests.registry.verification import cases
from tests.registry.verification.asking import ask, ask_offline, bundle_of
from tests.registry.world import ACT, DAY, STATUS_ONLY, AnchoredWorld, Credential, World, account, party, signer
from tests.simulators.qbft import with_extra_data

ROOT = Path(__file__).resolve().parents[3]
KIB = 1024


@pytest.fixture(scope="module")
def bundle(shared_anchored: AnchoredWorld) -> Bundle:
    return bundle_of(shared_anchored.world, shared_anchored.good, shared_anchored.receipt)


# --- as good as the ledger -----------------------------------------------------------------------------------------


def test_a_bundle_answers_as_the_ledger_it_was_taken_from(anchored: AnchoredWorld) -> None:
    offline = ask_offline(anchored.world, bundle_of(anchored.world, anchored.good, anchored.receipt))
    online = ask(anchored.world, anchored.good, anchored.receipt)
    assert (offline.verdict, offline.code) == (Verdict.RECOGNISED, None)
    assert [(s.number, s.outcome, s.code) for s in (*offline.steps, *offline.now)] == [
        (s.number, s.outcome, s.code) for s in (*online.steps, *online.now)
    ]
    assert (offline.as_of, offline.anchored_at) == (online.as_of, online.anchored_at)


HAPPENED: dict[str, Callable[[AnchoredWorld], object]] = {
    "revoked": lambda anchored: revoke(anchored),
    "suspended": lambda anchored: anchored.world.anchor(
        anchored.up, changes=[(EntryKind.SUSPENDED, anchored.good.position)]
    ),
    "issuer suspended": lambda anchored: anchored.world.decide(anchored.world.issuers.suspend(anchored.up.id, ACT)),
    "issuer revoked": lambda anchored: anchored.world.decide(anchored.world.issuers.revoke(anchored.up.id, ACT)),
    "fraud": lambda anchored: anchored.world.decide(
        anchored.world.issuers.set_void_from(anchored.up.id, anchored.receipt.checkpoint.time, ACT)
    ),
    "key compromised": lambda anchored: cases.compromise(anchored, anchored.receipt.checkpoint.time),
    "programme withdrawn": lambda anchored: anchored.world.act(
        anchored.up.control, anchored.world.programmes.withdraw(anchored.up.id, anchored.good.programme.digest, ACT)
    ),
    "epoch closed after it": lambda anchored: anchored.world.open_epoch(anchored.up, last_good=1),
    "epoch closed before it": lambda anchored: anchored.world.open_epoch(anchored.up, last_good=0),
}


def revoke(anchored: AnchoredWorld) -> None:
    anchored.world.anchor(anchored.up, changes=[(EntryKind.REVOKED, anchored.good.position)], kind=STATUS_ONLY)


@pytest.mark.parametrize("name", HAPPENED)
def test_whatever_happened_the_bundle_says_so(anchored: AnchoredWorld, name: str) -> None:
    HAPPENED[name](anchored)
    online = ask(anchored.world, anchored.good, anchored.receipt)
    offline = ask_offline(anchored.world, bundle_of(anchored.world, anchored.good, anchored.receipt))
    assert (offline.verdict, offline.code) == (online.verdict, online.code)


def test_a_bundle_shows_that_something_is_not_there(anchored: AnchoredWorld) -> None:
    """Prove that a programme version and a checkpoint do not exist by nodes, not by their absence."""
    unknown = anchored.world.sign(anchored.up, anchored.world.documents.programme("diseno-microcredenciales", "1.1.0"))
    [receipt] = anchored.world.anchor(anchored.up, [unknown])
    report = ask_offline(anchored.world, bundle_of(anchored.world, unknown, receipt))
    assert (report.verdict, report.code) == (Verdict.NOT_RECOGNISED, "PROGRAMME_UNKNOWN")
    beyond = replace(receipt, checkpoint=replace(receipt.checkpoint, number=77))
    report = ask_offline(anchored.world, bundle_of(anchored.world, unknown, beyond))
    assert (report.verdict, report.step(6).code) == (Verdict.INVALID, "ANCHOR_NOT_FOUND")


def test_an_issuer_outside_the_registry_is_shown_to_be_outside(anchored: AnchoredWorld) -> None:
    stranger = party("academy nobody accredited")
    credential = anchored.world.sign(stranger)
    report = ask_offline(
        anchored.world, bundle_of(anchored.world, credential, replace(anchored.receipt, issuer=stranger.id))
    )
    assert (report.verdict, report.code) == (Verdict.NOT_RECOGNISED, "ISSUER_UNKNOWN")
    assert report.step(4).outcome is StepOutcome.PASSED
    assert [(s.number, s.code) for s in report.now][1:] == [(8, "ISSUER_UNKNOWN"), (9, "PROGRAMME_NOT_OF_ISSUER")]


def from_web(world: World) -> tuple[Credential, Any]:
    """Anchor a credential of an accredited did:web issuer."""
    web = party("taller", cases.WEB_DID)
    world.document_source.dids[web.did] = cases.did_document(web)
    world.accredit(web, world.scope(web))
    return cases.anchored_by(world, web)


def test_a_did_web_issuer_brings_its_document_and_needs_none(anchored: AnchoredWorld) -> None:
    bundle = bundle_of(anchored.world, *from_web(anchored.world))
    assert ask_offline(anchored.world, bundle).verdict is Verdict.RECOGNISED
    assert ask_offline(anchored.world, replace(bundle, dids={})).verdict is Verdict.RECOGNISED


def two_deep(world: World) -> tuple[Credential, Any]:
    top, middle, low = party("red"), party("consorcio"), party("centro")
    world.accredit(top, world.scope(top))
    world.decide(world.issuers.set_delegation(top.id, True, ACT))
    world.accredit(middle, world.scope(middle), accreditor=top)
    world.decide(world.issuers.set_delegation(middle.id, True, ACT))
    world.accredit(low, world.scope(low), accreditor=middle)
    return cases.anchored_by(world, low)


def test_accreditors_are_in_the_bundle_and_it_stays_small(anchored: AnchoredWorld) -> None:
    """Check the bounds that docs/evidence.md states."""
    credential, receipt = two_deep(anchored.world)
    bundle = bundle_of(anchored.world, credential, receipt)
    assert len(bundle.parties) == 3
    assert ask_offline(anchored.world, bundle).verdict is Verdict.RECOGNISED
    direct = bundle_of(anchored.world, anchored.good, anchored.receipt)
    assert len(write_bundle(direct)) < 16 * KIB
    assert len(write_bundle(bundle)) < 24 * KIB


# --- validators ------------------------------------------------------------------------------------------------------

VALIDATORS = [account(f"validator {number}") for number in range(4)]


def quorum_trust(world: World, *sets: ValidatorSet) -> Trust:
    """Return the world's trust file, vouching by validator sets."""
    plain = world.trust()
    document = sign_trust(
        number=plain.number,
        issued=plain.issued,
        chain_id=plain.chain_id,
        genesis=plain.genesis,
        contracts=plain.contracts,
        code_hashes=plain.code_hashes,
        chain=qbft_chain(sets, period=2, idle=60),
        signers=[signer("authority"), signer("second signer")],
    )
    return parse_trust(document)


def in_force(
    first: int = 0, last: NamedBlock | None = None, members: Sequence[LocalAccount] = VALIDATORS
) -> ValidatorSet:
    return ValidatorSet(first, last, tuple(member.address for member in members))


def test_a_header_sealed_by_the_validators_in_force_is_a_trusted_block(anchored: AnchoredWorld, bundle: Bundle) -> None:
    world, trust = anchored.world, quorum_trust(anchored.world, in_force())
    for count, verdict in ((4, Verdict.RECOGNISED), (3, Verdict.RECOGNISED), (2, Verdict.INDETERMINATE)):
        header = sealed(bundle.header, VALIDATORS[:count], validators=VALIDATORS)
        report = ask_offline(world, replace(bundle, header=header), trust=trust)
        assert report.verdict is verdict
    assert report.code == "BLOCK_NOT_TRUSTED"
    assert ask_offline(world, bundle, trust=trust).code == "BLOCK_NOT_TRUSTED"  # no seals, no vouching
    plain = replace(bundle, header=with_extra_data(bundle.header, b""))  # of another kind of chain
    assert ask_offline(world, plain, trust=trust).code == "STATE_PROOF_INVALID"


def test_seals_of_others_or_one_seal_three_times_do_not_vouch(anchored: AnchoredWorld, bundle: Bundle) -> None:
    world, trust = anchored.world, quorum_trust(anchored.world, in_force())
    strangers = [account(f"stranger {number}") for number in range(4)]
    for signers in ([VALIDATORS[0]] * 3, strangers, [*VALIDATORS[:2], *strangers]):
        header = sealed(bundle.header, signers, validators=signers)
        assert ask_offline(world, replace(bundle, header=header), trust=trust).code == "BLOCK_NOT_TRUSTED"


def test_the_open_set_counts_and_no_other(anchored: AnchoredWorld, bundle: Bundle) -> None:
    world, own = anchored.world, read_header(bundle.header)
    gone = [account(f"gone {number}") for number in range(4)]
    closing = NamedBlock(own.number - 1, BlockHash(b"\x0c" * 32), own.time - 1)
    now = replace(bundle, header=sealed(bundle.header, VALIDATORS))
    changed = quorum_trust(world, in_force(0, closing, gone), in_force(own.number))
    assert ask_offline(world, now, trust=changed).verdict is Verdict.RECOGNISED
    before = replace(bundle, header=sealed(bundle.header, gone))
    assert ask_offline(world, before, trust=changed).code == "BLOCK_NOT_TRUSTED"
    for unknown in (
        quorum_trust(world, in_force(0, closing)),
        quorum_trust(world, in_force(own.number + 1)),
        quorum_trust(world, in_force(0, replace(closing, time=own.time), gone), in_force(own.number)),
    ):
        assert ask_offline(world, now, trust=unknown).code == "VALIDATORS_UNKNOWN"


@pytest.mark.parametrize("above", [0, 1, 1_000])
def test_at_or_below_a_named_block_no_seal_counts(anchored: AnchoredWorld, bundle: Bundle, above: int) -> None:
    """Let every validator of the closed interval and of the open set seal a block that the trust file leaves behind."""
    world, own = anchored.world, read_header(bundle.header)
    closing = NamedBlock(own.number + above, BlockHash(b"\x0c" * 32), own.time + 1 + above)
    for sealing in (
        quorum_trust(world, in_force(0, closing), in_force(closing.number + 1)),
        quorum_trust(world, in_force(0, closing)),
    ):
        forged = replace(bundle, header=sealed(bundle.header, VALIDATORS))
        assert ask_offline(world, forged, trust=sealing).code == "BLOCK_NOT_TRUSTED"


def test_the_last_block_of_a_closed_interval_and_its_ancestors_count(anchored: AnchoredWorld, bundle: Bundle) -> None:
    world, own = anchored.world, sealed(bundle.header, VALIDATORS[:1])
    fields = rlp.decode(bundle.header)
    number = read_header(bundle.header).number
    child = sealed(
        rlp.encode([qbft.block_hash(own), *fields[1:8], (number + 1).to_bytes(2, "big").lstrip(b"\0"), *fields[9:]]), []
    )
    for last, headers in ((own, ()), (child, (child,))):
        header = read_header(last)
        closing = NamedBlock(header.number, qbft.block_hash(last), header.time)
        trust = quorum_trust(world, in_force(0, closing))
        assert (
            ask_offline(world, replace(bundle, header=own, headers=headers), trust=trust).verdict is Verdict.RECOGNISED
        )
        other = quorum_trust(world, in_force(0, replace(closing, hash=BlockHash(bytes(32)))))
        assert ask_offline(world, replace(bundle, header=own, headers=headers), trust=other).code == "BLOCK_NOT_TRUSTED"


def test_another_state_under_the_same_seals_is_not_trusted(anchored: AnchoredWorld, bundle: Bundle) -> None:
    world, trust = anchored.world, quorum_trust(anchored.world, in_force())
    fields = rlp.decode(sealed(bundle.header, VALIDATORS))
    forged = rlp.encode([*fields[:3], bytes(32), *fields[4:]])
    assert ask_offline(world, replace(bundle, header=forged), trust=trust).code == "BLOCK_NOT_TRUSTED"


def test_an_ancestor_of_a_sealed_header_counts_by_its_qbft_hash(anchored: AnchoredWorld, bundle: Bundle) -> None:
    """Name the parent by the hash that leaves seals and round out; the ancestor's own seals may be any."""
    world, trust = anchored.world, quorum_trust(anchored.world, in_force())
    own = sealed(bundle.header, VALIDATORS[:1], round_number=3)
    fields = rlp.decode(bundle.header)
    number = (int.from_bytes(fields[8], "big") + 1).to_bytes(2, "big").lstrip(b"\0")
    child = sealed(rlp.encode([qbft.block_hash(own), *fields[1:8], number, *fields[9:]]), VALIDATORS)
    linked = replace(bundle, header=own, headers=(child,))
    assert ask_offline(world, linked, trust=trust).verdict is Verdict.RECOGNISED
    orphan = sealed(rlp.encode([keccak(own), *fields[1:8], number, *fields[9:]]), VALIDATORS)
    assert ask_offline(world, replace(linked, headers=(orphan,)), trust=trust).code == "BLOCK_NOT_TRUSTED"


def test_a_block_without_enough_seals_is_not_shown(anchored: AnchoredWorld) -> None:
    for trust, code in (
        (quorum_trust(anchored.world, in_force()), "BLOCK_NOT_TRUSTED"),
        (quorum_trust(anchored.world, in_force(1_000_000)), "VALIDATORS_UNKNOWN"),
    ):
        with pytest.raises(EvidenceUnavailable) as refused:
            bundle_block(anchored.world.ledger, trust)
        assert refused.value.code == code


def test_a_sealed_block_is_shown_by_itself(anchored: AnchoredWorld) -> None:
    """Use a ledger whose head carries seals, as an endpoint of a QBFT network gives it."""
    world, trust = anchored.world, quorum_trust(anchored.world, in_force())
    head = world.ledger.head()
    sealed_head = replace(head, header=sealed(head.header, VALIDATORS[1:]))
    ledger = SealedHead(world.ledger._provider)
    ledger.sealed = sealed_head
    assert bundle_block(ledger, trust) == sealed_head
    bundle = build(anchored, observer=replace(world.observer(), block=sealed_head), trust=trust)
    assert bundle.headers == ()
    assert ask_offline(world, bundle, trust=trust).verdict is Verdict.RECOGNISED


class SealedHead(RpcLedger):
    sealed: Block

    def head(self) -> Block:
        return self.sealed


# --- blocks ----------------------------------------------------------------------------------------------------------


def test_an_ancestor_of_a_trusted_block_counts_by_the_headers_between(anchored: AnchoredWorld) -> None:
    world, observer = anchored.world, anchored.world.observer()
    for _ in range(3):
        world.chain.mine()
    trust = world.trust()
    bundle = build(anchored, observer=observer, trust=trust)
    assert len(bundle.headers) == 3
    assert ask_offline(world, bundle, trust=trust).verdict is Verdict.RECOGNISED
    for broken in (bundle.headers[1:], bundle.headers[:-1], bundle.headers[::-1], ()):
        report = ask_offline(world, replace(bundle, headers=broken), trust=trust)
        assert (report.verdict, report.code) == (Verdict.INDETERMINATE, "BLOCK_NOT_TRUSTED")


def build(anchored: AnchoredWorld, **changes: Any) -> Bundle:
    world = anchored.world
    arguments = {
        "observer": world.observer(),
        "trust": world.trust(),
        "credential": read_credential(anchored.good.data),
    }
    return build_bundle(
        **(arguments | changes),
        receipt=anchored.receipt,
        programme=anchored.good.programme,
        scopes=world.document_source.scopes.values(),
        dids={},
    )


def test_a_descendant_of_a_trusted_block_does_not_count(anchored: AnchoredWorld) -> None:
    """Refuse blocks on top of the trusted one: anybody can make them on a chain without seals."""
    trust = anchored.world.trust()
    anchored.world.chain.mine()
    bundle = build(anchored)
    report = ask_offline(anchored.world, bundle, trust=trust)
    assert (report.verdict, report.code) == (Verdict.INDETERMINATE, "BLOCK_NOT_TRUSTED")
    with pytest.raises(EvidenceUnavailable) as refused:
        build(anchored, trust=trust)
    assert refused.value.code == "BLOCK_NOT_TRUSTED"


def test_the_block_to_show_is_the_newest_the_trust_file_names(anchored: AnchoredWorld) -> None:
    world, trust = anchored.world, anchored.world.trust()
    number = world.chain.head.number
    for _ in range(2):
        world.chain.mine()
    assert bundle_block(world.ledger, trust).number == number
    foreign = replace(trust, chain=development_chain({1: BlockHash(bytes(32)), number + 99: BlockHash(bytes(32))}))
    with pytest.raises(EvidenceUnavailable) as refused:
        bundle_block(world.ledger, foreign)
    assert refused.value.code == "BLOCK_NOT_TRUSTED"


def test_a_trusted_block_out_of_reach_is_refused(anchored: AnchoredWorld) -> None:
    observer = anchored.world.observer()
    beyond = development_chain({observer.block.number + MAX_HEADERS + 1: BlockHash(bytes(32))})
    trust = replace(anchored.world.trust(), chain=beyond)
    with pytest.raises(EvidenceUnavailable) as refused:
        build(anchored, observer=observer, trust=trust)
    assert refused.value.code == "BLOCK_NOT_TRUSTED"


def test_what_was_anchored_after_the_block_shown_cannot_be_told(anchored: AnchoredWorld) -> None:
    world, observer, trust = anchored.world, anchored.world.observer(), anchored.world.trust()
    late = world.sign(anchored.up)
    [receipt] = world.anchor(anchored.up, [late])
    with pytest.raises(EvidenceUnavailable) as refused:
        build_bundle(observer, trust, read_credential(late.data), receipt, programme=late.programme, scopes=(), dids={})
    assert refused.value.code == "ANCHORED_LATER"
    early = replace(build(anchored, observer=observer, trust=trust), credential=late.document, receipt=receipt)
    assert ask_offline(world, early, trust=trust).step(6).code in ("ANCHORED_LATER", "STATE_PROOF_INVALID")


# --- what cannot be built --------------------------------------------------------------------------------------------


def test_half_a_bundle_is_not_made(anchored: AnchoredWorld) -> None:
    blind = replace(anchored.world.observer(), entries_of=lambda issuer: EntriesAtHand())
    with pytest.raises(EvidenceUnavailable) as refused:
        build(anchored, observer=blind)
    assert refused.value.code == "LOG_MISSING"
    with pytest.raises(EvidenceUnavailable) as refused:
        build(anchored, credential=read_credential(b"{}"))
    assert refused.value.code == "NOT_A_CREDENTIAL"


# --- tampering ---------------------------------------------------------------------------------------------------------


def edited(document: object, old: str, new: str) -> Any:
    text = json.dumps(document, ensure_ascii=False)
    assert old in text
    return json.loads(text.replace(old, new, 1))


def flipped(data: bytes, at: int = -1) -> bytes:
    at %= len(data)
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def with_records(made: Bundle, change: Callable[[tuple[bytes, ...]], tuple[bytes, ...]]) -> Bundle:
    return replace(made, parties={subject: change(records) for subject, records in made.parties.items()})


def other_leaf(made: Bundle) -> Bundle:
    proof = made.status
    assert isinstance(proof, BeyondProof)
    return replace(made, status=LeafProof(1, b"S" + bytes(104), ()))


INDETERMINATE, INVALID = Verdict.INDETERMINATE, Verdict.INVALID
TAMPERED: dict[str, tuple[Callable[[Bundle], Bundle], Verdict, str]] = {
    "credential: one accent": (
        lambda b: replace(b, credential=edited(b.credential, "Analítica", "Analitica")),
        INVALID,
        "PROOF_INVALID",
    ),
    "credential: none": (lambda b: replace(b, credential={}), Verdict.INDETERMINATE, "NOT_A_CREDENTIAL"),
    "receipt: inclusion": (
        lambda b: replace(b, receipt=replace(b.receipt, inclusion=b.receipt.inclusion[1:])),
        INVALID,
        "MERKLE_PROOF_INVALID",
    ),
    "receipt: index": (
        lambda b: replace(b, receipt=replace(b.receipt, index=0)),
        INVALID,
        "CHECKPOINT_NOT_FIRST",
    ),
    "receipt: root": (
        lambda b: replace(
            b, receipt=replace(b.receipt, checkpoint=replace(b.receipt.checkpoint, root=Root(bytes(32))))
        ),
        INVALID,
        "ANCHOR_NOT_FOUND",
    ),
    "receipt: chain": (lambda b: replace(b, receipt=replace(b.receipt, chain_id=1)), INVALID, "WRONG_CHAIN"),
    "latest: status root": (
        lambda b: replace(b, latest=(*b.latest[:2], bytes(32), b.latest[3])),
        INDETERMINATE,
        "STATUS_PROOF_INVALID",
    ),
    "status: another leaf": (other_leaf, INDETERMINATE, "STATUS_PROOF_INVALID"),
    "status: another tree": (
        lambda b: replace(b, status=BeyondProof(0, Root(bytes(32)))),
        INDETERMINATE,
        "STATUS_PROOF_INVALID",
    ),
    "programme: edited": (
        lambda b: replace(b, programme=edited(b.programme, "1.0.0", "1.0.1")),
        INDETERMINATE,
        "DOCUMENT_MISSING",
    ),
    "programme: none": (lambda b: replace(b, programme=None), INDETERMINATE, "DOCUMENT_MISSING"),
    "programme: no document": (lambda b: replace(b, programme=["x"]), INDETERMINATE, "DOCUMENT_MISSING"),
    "scopes: widened": (
        lambda b: replace(b, scopes=tuple(edited(s, '"levels": [', '"levels": ["otro", ') for s in b.scopes)),
        INDETERMINATE,
        "DOCUMENT_MISSING",
    ),
    "scopes: none": (lambda b: replace(b, scopes=()), INDETERMINATE, "DOCUMENT_MISSING"),
    "parties: last record left out": (
        lambda b: with_records(b, lambda r: r[:-1]),
        INDETERMINATE,
        "HISTORY_MISMATCH",
    ),
    "parties: a record twice": (lambda b: with_records(b, lambda r: (*r, r[-1])), INDETERMINATE, "HISTORY_MISMATCH"),
    "parties: another order": (lambda b: with_records(b, lambda r: r[::-1]), INDETERMINATE, "HISTORY_MISMATCH"),
    "parties: a record edited": (
        lambda b: with_records(b, lambda r: (flipped(r[0]), *r[1:])),
        INDETERMINATE,
        "HISTORY_MISMATCH",
    ),
    "parties: no records": (lambda b: with_records(b, lambda r: ()), INDETERMINATE, "HISTORY_MISMATCH"),
    "parties: nobody": (lambda b: replace(b, parties={}), INDETERMINATE, "EVIDENCE_INCOMPLETE"),
    "programme records: none": (lambda b: replace(b, programme_records=()), INDETERMINATE, "HISTORY_MISMATCH"),
    "programme records: edited": (
        lambda b: replace(b, programme_records=(*b.programme_records[:-1], flipped(b.programme_records[-1]))),
        INDETERMINATE,
        "HISTORY_MISMATCH",
    ),
    "header: time": (lambda b: replace(b, header=flipped(b.header)), INDETERMINATE, "BLOCK_NOT_TRUSTED"),
    "header: no RLP": (lambda b: replace(b, header=b"\xf9"), INDETERMINATE, "STATE_PROOF_INVALID"),
    "headers: one too many": (lambda b: replace(b, headers=(b.header,)), INDETERMINATE, "BLOCK_NOT_TRUSTED"),
    "nodes: none": (lambda b: replace(b, nodes=()), INDETERMINATE, "STATE_PROOF_INVALID"),
    "nodes: all edited": (
        lambda b: replace(b, nodes=tuple(map(flipped, b.nodes))),
        INDETERMINATE,
        "STATE_PROOF_INVALID",
    ),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_each_altered_part_is_seen(shared_anchored: AnchoredWorld, bundle: Bundle, name: str) -> None:
    alter, verdict, code = TAMPERED[name]
    report = ask_offline(shared_anchored.world, alter(bundle))
    assert (report.verdict, report.code) == (verdict, code)


def test_every_node_is_needed_and_more_do_no_harm(shared_anchored: AnchoredWorld, bundle: Bundle) -> None:
    trust = shared_anchored.world.trust()
    for position in range(len(bundle.nodes)):
        fewer = replace(bundle, nodes=bundle.nodes[:position] + bundle.nodes[position + 1 :])
        report = ask_offline(shared_anchored.world, fewer, trust=trust)
        assert (report.verdict, report.code) == (Verdict.INDETERMINATE, "STATE_PROOF_INVALID")
    more = replace(bundle, nodes=(b"\x80", *bundle.nodes[::-1], bundle.nodes[0]))
    assert ask_offline(shared_anchored.world, more, trust=trust).verdict is Verdict.RECOGNISED


SAID_ONLY = ("block_number", "block_hash", "transaction")  # of a receipt: where to look, not what is proven


def test_no_single_altered_character_goes_unseen(shared_anchored: AnchoredWorld, bundle: Bundle) -> None:
    """Alter two hundred seeded places of the unpacked file, each to another character of its own kind."""
    plain, trust, chance = gzip.decompress(write_bundle(bundle)), shared_anchored.world.trust(), Random(7)
    document = json.loads(plain)
    ignored = [json.dumps(document["receipt"][name]).strip('"').encode() for name in SAID_ONLY]
    seen = 0
    while seen < 200:
        at = chance.randrange(len(plain))
        character = plain[at : at + 1]
        if not character.isalnum() or any(abs(plain.find(text) + 33 - at) < 40 for text in ignored):
            continue
        other = b"1" if character != b"1" else b"2"
        report = verdict_on(plain[:at] + other + plain[at + 1 :], shared_anchored.world, trust)
        assert report is not Verdict.RECOGNISED, plain[at - 40 : at + 40]
        seen += 1


def verdict_on(plain: bytes, world: World, trust: Trust) -> Verdict | None:
    try:
        return ask_offline(world, read_bundle(gzip.compress(plain, mtime=0)), trust=trust).verdict
    except EvidenceRefused as refused:
        assert refused.code == "EVIDENCE_MALFORMED"
        return None


def test_a_bundle_does_not_serve_another_credential(anchored: AnchoredWorld) -> None:
    mine, yours = (bundle_of(anchored.world, anchored.credentials[n], anchored.receipts[n]) for n in (0, 1))
    mixed = replace(mine, credential=yours.credential)
    report = ask_offline(anchored.world, mixed)
    assert (report.verdict, report.code) == (Verdict.INDETERMINATE, "RECEIPT_MISSING")
    assert [note.code for note in report.notes] == ["RECEIPT_IGNORED"]


def test_another_contracts_code_is_not_asked_what_it_stores(shared_anchored: AnchoredWorld, bundle: Bundle) -> None:
    trust = shared_anchored.world.trust()
    for name in ("issuer_registry", "programme_registry", "credential_log"):
        pinned = replace(trust, code_hashes={**trust.code_hashes, name: bytes(32)})
        assert ask_offline(shared_anchored.world, bundle, trust=pinned).code == "CODE_CHANGED"


def test_the_proven_position_is_the_only_one_told(shared_anchored: AnchoredWorld, bundle: Bundle) -> None:
    parsed = read_document(bundle.credential).parsed
    assert parsed is not None
    facts = proven_facts(bundle, parsed, shared_anchored.world.trust())
    with pytest.raises(RuntimeError, match="proves position"):
        facts.log.bits(parsed.position + 1)  # type: ignore[union-attr]


# --- the file ------------------------------------------------------------------------------------------------------------


def test_a_bundle_is_read_as_it_was_written_and_written_as_it_was_read(bundle: Bundle) -> None:
    data = write_bundle(bundle)
    assert read_bundle(data) == bundle
    assert write_bundle(read_bundle(data)) == data
    assert data[4:8] == bytes(4)  # RFC 1952 2.3.1: modification time
    plain = gzip.decompress(data)
    assert plain == jcs(json.loads(plain))


def refused(data: bytes) -> str:
    with pytest.raises(EvidenceRefused) as refusal:
        read_bundle(data)
    return refusal.value.code


def test_a_bomb_is_stopped_at_the_limit() -> None:
    bomb = gzip.compress(bytes(60 * MAX_UNPACKED_BYTES), mtime=0)
    assert len(bomb) <= MAX_PACKED_BYTES
    tracemalloc.start()
    try:
        assert refused(bomb) == "EVIDENCE_TOO_LARGE"
        assert tracemalloc.get_traced_memory()[1] < 4 * MAX_UNPACKED_BYTES
    finally:
        tracemalloc.stop()


def test_a_file_over_the_packed_limit_is_not_unpacked() -> None:
    assert refused(Random(1).randbytes(MAX_PACKED_BYTES + 1)) == "EVIDENCE_TOO_LARGE"


@pytest.mark.parametrize(
    "name", ["empty", "no gzip", "cut", "something after it", "a second member", "not UTF-8", "[]"]
)
def test_what_is_no_bundle_is_refused(bundle: Bundle, name: str) -> None:
    data = write_bundle(bundle)
    files = {
        "empty": b"",
        "no gzip": b"{}",
        "cut": data[:-9],
        "something after it": data + b"\0",
        "a second member": data + data,
        "not UTF-8": gzip.compress(b'"\xff"'),
        "[]": gzip.compress(b"[]"),
    }
    assert refused(files[name]) == "EVIDENCE_MALFORMED"


MEMBERS: dict[str, Callable[[dict[str, Any]], object]] = {
    "format": lambda document: document | {"format": "acredita-evidence/2"},
    "a key missing": lambda document: {key: value for key, value in document.items() if key != "nodes"},
    "a key nobody knows": lambda document: document | {"note": "x"},
    "receipt": lambda document: document | {"receipt": {}},
    "latest": lambda document: document | {"latest": document["latest"][:3]},
    "latest, short": lambda document: document | {"latest": ["0x00"] * 4},
    "status": lambda document: document | {"status": []},
    "status, both": lambda document: document | {"status": {"lists": 0, "tree": "0x", "leaf": "0x", "path": []}},
    "status, a long path": lambda document: (
        document | {"status": {"lists": 1, "leaf": "0x" + "00" * 105, "path": ["0x" + "00" * 32] * 25}}
    ),
    "status, lists": lambda document: document | {"status": {"lists": True, "tree": "0x" + "00" * 32}},
    "scopes": lambda document: document | {"scopes": {}},
    "dids": lambda document: document | {"dids": []},
    "parties": lambda document: document | {"parties": []},
    "parties, subject": lambda document: document | {"parties": {"0x00": []}},
    "parties, too many": lambda document: document | {"parties": {f"0x{n:064x}": [] for n in range(65)}},
    "records, upper case": lambda document: document | {"programme_records": ["0xAB"]},
    "records, odd": lambda document: document | {"programme_records": ["0xa"]},
    "records, long": lambda document: document | {"programme_records": ["0x" + "00" * 321]},
    "header": lambda document: document | {"header": 7},
    "headers, too many": lambda document: document | {"headers": ["0x"] * 257},
    "nodes, too many": lambda document: document | {"nodes": ["0x"] * 1025},
    "nodes, long": lambda document: document | {"nodes": ["0x" + "00" * 1025]},
}


@pytest.mark.parametrize("name", MEMBERS)
def test_a_member_out_of_form_is_refused(bundle: Bundle, name: str) -> None:
    document = json.loads(gzip.decompress(write_bundle(bundle)))
    assert refused(gzip.compress(json.dumps(MEMBERS[name](document)).encode())) == "EVIDENCE_MALFORMED"


def test_a_bundle_beyond_the_limits_is_not_written(bundle: Bundle) -> None:
    noise = Random(3).randbytes(2 * MAX_PACKED_BYTES).hex()
    for scope in ({"name": noise}, {"name": "x" * MAX_UNPACKED_BYTES}):
        with pytest.raises(EvidenceRefused) as refusal:
            write_bundle(replace(bundle, scopes=(scope,)))
        assert refusal.value.code == "EVIDENCE_TOO_LARGE"
    with pytest.raises(EvidenceRefused) as refusal:
        write_bundle(replace(bundle, scopes=({"number": 2**60},)))
    assert refusal.value.code == "EVIDENCE_MALFORMED"


def test_what_no_reader_would_take_is_not_written(bundle: Bundle) -> None:
    """Refuse it when it is written, not when it is needed: an issuer that amended its scope a hundred times."""
    for beyond in ({"scopes": bundle.scopes * (MAX_SCOPES + 1)}, {"headers": (b"\x01",) * (MAX_HEADERS + 1)}):
        with pytest.raises(EvidenceRefused) as refusal:
            write_bundle(replace(bundle, **beyond))
        assert refusal.value.code == "EVIDENCE_TOO_LARGE"


def test_when_it_was_anchored_is_the_checkpoints_word_not_the_receipts_block_number(anchored: AnchoredWorld) -> None:
    """Decide by the checkpoint: nothing vouches for the receipt's block and transaction, which only say where to look."""
    elsewhere = replace(
        anchored.receipt, block_number=10**6, block_hash=BlockHash(bytes(32)), transaction=TxHash(bytes(32))
    )
    bundle = bundle_of(anchored.world, anchored.good, elsewhere)
    assert ask_offline(anchored.world, bundle).verdict is Verdict.RECOGNISED


OFFLINE = """
import json, sys
from pathlib import Path

def no_socket(event, arguments):
    if event.startswith("socket."):
        raise RuntimeError(f"the cable is out: {event}")

sys.addaudithook(no_socket)
from acredita.registry.evidence.bundle import read_bundle
from acredita.registry.verification.proven_bundle import verify_bundle
from acredita.registry.ledger_facts.trust_file import parse_trust
from acredita.registry.verification.case import Moment

bundle, trust, at = sys.argv[1:]
pinned = parse_trust(json.loads(Path(trust).read_text()))
found = verify_bundle(read_bundle(Path(bundle).read_bytes()), pinned, Moment(int(at)))
print(found.verdict, found.code, found.as_of)
"""


def test_a_fresh_process_with_the_cable_out_needs_two_files(
    shared_anchored: AnchoredWorld, bundle: Bundle, tmp_path: Path
) -> None:
    world, trust = shared_anchored.world, shared_anchored.world.trust()
    document = sign_trust(
        number=trust.number,
        issued=trust.expires - LIFETIME_SECONDS,
        chain_id=trust.chain_id,
        genesis=trust.genesis,
        contracts=trust.contracts,
        code_hashes=trust.code_hashes,
        chain=trust.chain,
        signers=[signer("authority")],
    )
    (tmp_path / "trust.json").write_text(json.dumps(document))
    (tmp_path / "good.acredita").write_bytes(write_bundle(bundle))
    run = subprocess.run(
        [sys.executable, "-c", OFFLINE, tmp_path / "good.acredita", tmp_path / "trust.json", str(world.now + DAY)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert run.stderr == ""
    assert run.stdout.split() == ["recognised", "None", str(world.now)]


def test_records_are_plain_events(bundle: Bundle) -> None:
    """Compare records in a bundle with the answers of eth_getLogs: topic 0, the subject, the data."""
    for subject, records in bundle.parties.items():
        assert all(record[32:64] == subject and len(record) % 32 == 0 for record in records)
