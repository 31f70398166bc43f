"""Answers with proof: no mutant of a file passes for another answer, and no block below what is known passes for now."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from random import Random
from typing import Any, Final

import pytest
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import BlockHash
from acredita.contracts.bindings import NO_SUBJECT
from acredita.node.ledger.view import SeenInMemory
from acredita.registry.codes import Code
from acredita.registry.evidence.build_bundle import EvidenceUnavailable
from acredita.registry.evidence.proven_answer import ProvenAnswer, proven_answer
from acredita.registry.evidence.registry_proof import (
    MAX_DOCUMENTS,
    MAX_PROOF_BYTES,
    AnswerKind,
    RegistryProof,
    RegistryProofRefused,
    proof_document,
    read_registry_proof,
    write_registry_proof,
)
from acredita.registry.ledger_facts.trusted_chain import NamedBlock
from acredita.registry.verification.case import Moment
from acredita.registry.verification.checked_answer import CheckedAnswer, ProofOutcome, check_answer

from tests.registry.evidence.mutants import Mutant, mutants
from tests.registry.evidence.proven_registry import LOW, Registry, issuer, programme, registry_over, tell_story
from tests.registry.sealed import network_of, sealed_trust, usurped_network_of
from tests.registry.world import ACT, DAY, HOUR, AnchoredWorld, World, seed
from tests.simulators.qbft_endpoint import QbftEndpoint
from tests.simulators.qbft_lies import false_proofs

SEED: Final = 20261130
MUTANTS: Final = 60
MANY_MUTANTS: Final = 600


@pytest.fixture(scope="module")
def storied(shared_anchored: AnchoredWorld) -> Iterator[World]:
    with shared_anchored.world.branch() as world:
        tell_story(world)
        world.chain.mine()
        yield world


@pytest.fixture(params=["a named block", "a sealed block"])
def registry(request: pytest.FixtureRequest, storied: World) -> Registry:
    """Return the registry with its story, for tests that change nothing."""
    return registry_over(storied, sealed=request.param == "a sealed block", mine=False)


def whole_proofs(shared_anchored: AnchoredWorld, registry: Registry) -> list[RegistryProof]:
    """Return answers about an institution's past, a programme's present, and somebody unknown."""
    world = registry.world
    version = world.documents.programme("analitica-ingenieria").digest
    questions = (issuer(LOW.id, world.now - 20 * DAY), programme(shared_anchored.up, version), issuer(bytes(32)))
    return [registry.prove(question) for question in questions]


def now_check(registry: Registry, proof: RegistryProof) -> CheckedAnswer:
    """Check a changed answer as it stands, at the block's time."""
    return check_answer(proof, registry.trust, Moment(registry.world.now))


# --- mutants ---


def reading(registry: Registry, data: bytes) -> tuple[ProofOutcome | None, Any]:
    """Return the outcome for a file's bytes, and what is read of it if it is proven."""
    try:
        read = read_registry_proof(data)
    except RegistryProofRefused:
        return None, None
    checked = now_check(registry, read)
    return checked.outcome, (read.question, checked.answer) if checked.outcome is ProofOutcome.PROVEN else None


def check_mutants(registry: Registry, proof: RegistryProof, changed: Iterable[Mutant]) -> None:
    """Check that no mutant is proven with another reading than the original's."""
    original = reading(registry, write_registry_proof(proof))
    assert original[0] is ProofOutcome.PROVEN
    passing = []
    for mutant in changed:
        data = json.dumps(mutant.document, ensure_ascii=False).encode("utf-8", "surrogatepass")
        outcome, read = reading(registry, data)
        if outcome is ProofOutcome.PROVEN and read != original[1]:
            passing.append((mutant.pointer, mutant.change))
    assert passing == []


def check_drawn_mutants(shared_anchored: AnchoredWorld, registry: Registry, count: int) -> None:
    random = Random(SEED)
    for proof in whole_proofs(shared_anchored, registry):
        check_mutants(registry, proof, islice(mutants(proof_document(proof), random), count))


def test_mutants(shared_anchored: AnchoredWorld, registry: Registry) -> None:
    check_drawn_mutants(shared_anchored, registry, MUTANTS)


@pytest.mark.slow
def test_many_mutants(shared_anchored: AnchoredWorld, registry: Registry) -> None:
    check_drawn_mutants(shared_anchored, registry, MANY_MUTANTS)


def flipped(data: bytes, place: int) -> bytes:
    changed = bytearray(data)
    changed[place] ^= 1
    return bytes(changed)


def byte_changes(proof: RegistryProof) -> Iterator[tuple[str, RegistryProof]]:
    """Change a bit in each part of the bytes: each word of each record, and places all over the header and each node."""
    for place in range(0, len(proof.header), 7):
        yield "header", replace(proof, header=flipped(proof.header, place))
    for number, node in enumerate(proof.nodes):
        for place in range(0, len(node), 97):
            nodes = [*proof.nodes[:number], flipped(node, place), *proof.nodes[number + 1 :]]
            yield f"node {number}", replace(proof, nodes=tuple(sorted(nodes)))
    for subject, records in proof.records.items():
        for number, record in enumerate(records):
            for place in range(0, len(record), 32):
                told = (*records[:number], flipped(record, place), *records[number + 1 :])
                yield f"record {number}", replace(proof, records={**proof.records, subject: told})


def test_every_class_of_bytes(shared_anchored: AnchoredWorld, registry: Registry) -> None:
    """Let a bit of a seal be the one place that says nothing: three of four seals are enough."""
    [proof, *_] = whole_proofs(shared_anchored, registry)
    original = now_check(registry, proof).answer
    assert original is not None
    for place, changed in byte_changes(proof):
        checked = now_check(registry, changed)
        if checked.outcome is ProofOutcome.PROVEN:
            assert (place, checked.answer) == ("header", original)
            assert not registry.trust.is_demo_chain
        elif place != "header":  # another header is no block that is known
            assert checked.outcome is ProofOutcome.REFUSED


def record_changes(proof: RegistryProof, other: RegistryProof) -> dict[str, Mapping[bytes, tuple[bytes, ...]]]:
    key = proof.question.key
    own = proof.records[key]
    [stranger, *_] = other.records.values()
    return {
        "one dropped": {**proof.records, key: own[:-1]},
        "the first dropped": {**proof.records, key: own[1:]},
        "reordered": {**proof.records, key: (own[1], own[0], *own[2:])},
        "one repeated": {**proof.records, key: (*own, own[-1])},
        "one of another": {**proof.records, key: (*own, *stranger[:1])},
        "all of another": {**proof.records, key: stranger},
        "none": {**proof.records, key: ()},
        "a subject dropped": {subject: told for subject, told in proof.records.items() if subject == key},
        "a subject added": {**proof.records, **other.records},
        "no subject": {},
    }


def test_records_dropped_reordered_or_added(shared_anchored: AnchoredWorld, registry: Registry) -> None:
    proof, other = registry.prove(issuer(LOW.id)), registry.prove(issuer(shared_anchored.up.id))
    for name, records in record_changes(proof, other).items():
        for nodes in (proof.nodes, tuple(sorted({*proof.nodes, *other.nodes}))):
            assert now_check(registry, replace(proof, records=records, nodes=nodes)).outcome is ProofOutcome.REFUSED, (
                name
            )


def test_nodes_in_another_order_or_too_many(shared_anchored: AnchoredWorld, registry: Registry) -> None:
    proof, other = registry.prove(issuer(LOW.id)), registry.prove(issuer(shared_anchored.up.id))
    for nodes in (
        proof.nodes[::-1],
        (*proof.nodes, proof.nodes[-1]),
        tuple(sorted({*proof.nodes, *other.nodes})),
        proof.nodes[1:],
        (),
    ):
        assert nodes != proof.nodes
        assert now_check(registry, replace(proof, nodes=nodes)).outcome is ProofOutcome.REFUSED


def test_the_proof_of_another_subject(shared_anchored: AnchoredWorld, registry: Registry) -> None:
    proof, other = registry.prove(issuer(LOW.id)), registry.prove(issuer(shared_anchored.up.id))
    for changed in (
        replace(proof, question=other.question),
        replace(other, question=proof.question),
        replace(other, question=proof.question, answer=proof.answer),
        replace(proof, question=other.question, answer=other.answer),
        replace(proof, records=other.records, nodes=other.nodes),
        replace(proof, question=replace(proof.question, kind=AnswerKind.PROGRAMME, owner=LOW.id)),
    ):
        checked = now_check(registry, changed)
        assert (checked.outcome, checked.answer) == (ProofOutcome.REFUSED, None)


def test_an_answer_that_was_altered_while_its_proof_is_whole(
    shared_anchored: AnchoredWorld, registry: Registry
) -> None:
    for proof in whole_proofs(shared_anchored, registry):
        for mutant in islice(mutants(dict(proof.answer), Random(SEED)), 60):
            if not isinstance(mutant.document, dict):
                continue
            checked = now_check(registry, replace(proof, answer=mutant.document))
            if checked.outcome is ProofOutcome.PROVEN:
                assert mutant.change in ("members reversed", "float")
                continue
            assert (checked.outcome, checked.code) == (ProofOutcome.REFUSED, Code.ANSWER_ALTERED)
    proof = registry.prove(issuer(LOW.id))
    now: Any = proof.answer["now"]
    altered = {**proof.answer, "now": {**now, "state": "active", "recognised": True}}
    assert now_check(registry, replace(proof, answer=altered)).code is Code.ANSWER_ALTERED


def test_a_document_that_no_record_names(registry: Registry) -> None:
    proof = registry.prove(issuer(LOW.id))
    assert len(proof.documents) == 1
    stranger = registry.world.documents.scopes["demo-up"].document
    for documents in ((*proof.documents, stranger), (stranger,), (*proof.documents, *proof.documents), ({"a": 1},)):
        checked = now_check(registry, replace(proof, documents=documents))
        assert (checked.outcome, checked.code) == (ProofOutcome.REFUSED, Code.EVIDENCE_MALFORMED)
    assert now_check(registry, replace(proof, documents=())).code is Code.ANSWER_ALTERED


def test_a_file_that_is_no_proof_is_told_by_place(registry: Registry) -> None:
    document = proof_document(registry.prove(issuer(bytes(32))))
    scopes = [registry.world.documents.scopes["demo-up"].document] * (MAX_DOCUMENTS + 1)
    for changes, place in (
        ({"format": "acredita-registry-proof/2"}, "/format"),
        ({"question": {"kind": "agency", "subject": document["question"]["subject"]}}, "/question/kind"),
        ({"question": {**document["question"], "owner": document["question"]["subject"]}}, "/question/owner"),
        ({"question": {**document["question"], "at": "2026-01-01"}}, "/question/at"),
        ({"answer": []}, "/answer"),
        ({"records": []}, "/records"),
        ({"documents": scopes}, "/documents"),
        ({"header": "0x0"}, "/header"),
        ({"more": 1}, "/more"),
    ):
        with pytest.raises(RegistryProofRefused, match=place) as refused:
            read_registry_proof(json.dumps({**document, **changes}).encode())
        assert refused.value.code is Code.EVIDENCE_MALFORMED
    with pytest.raises(RegistryProofRefused) as refused:
        read_registry_proof(json.dumps(document).encode().ljust(MAX_PROOF_BYTES + 1))
    assert refused.value.code is Code.JSON_TOO_LARGE


# --- the block and the moment ---


@pytest.mark.parametrize("sealed", [False, True])
def test_an_older_state_below_the_pin(anchored: AnchoredWorld, sealed: bool) -> None:
    """Take a true proof from before a suspension, under trust files that name a later block."""
    world = anchored.world
    registry = registry_over(world, sealed=sealed)
    proof, before = registry.prove(issuer(anchored.up.id)), world.ledger.head()
    world.pass_time(HOUR)
    world.decide(world.issuers.suspend(anchored.up.id, ACT))
    head = world.ledger.head()
    newer = [
        (world.trust(), Code.BLOCK_NOT_TRUSTED),
        (world.trust(blocks={before.number: before.hash, head.number: head.hash}), Code.LEDGER_BEHIND),
    ]
    if sealed:
        closing = NamedBlock(head.number, BlockHash(head.hash), head.time)
        newer = [(sealed_trust(world, closing=closing), Code.BLOCK_NOT_TRUSTED)]
    for trust, code in newer:
        checked = check_answer(proof, trust, Moment(world.now))
        assert (checked.outcome, checked.code, checked.answer) == (ProofOutcome.UNKNOWN, code, None)


def test_a_block_that_was_seen_before_is_the_floor(anchored: AnchoredWorld) -> None:
    world, seen = anchored.world, SeenInMemory()
    registry = registry_over(world, sealed=True)
    older = registry.prove(issuer(anchored.up.id))
    world.chain.mine()
    newer = registry.prove(issuer(anchored.up.id))
    moment = Moment(world.now)
    assert check_answer(newer, registry.trust, moment, seen).outcome is ProofOutcome.PROVEN
    checked = check_answer(older, registry.trust, moment, seen)
    assert (checked.outcome, checked.code) == (ProofOutcome.UNKNOWN, Code.LEDGER_BEHIND)
    assert check_answer(newer, registry.trust, moment, seen).outcome is ProofOutcome.PROVEN


def test_seals_of_too_few_validators_prove_nothing(anchored: AnchoredWorld) -> None:
    world = anchored.world
    honest = registry_over(world, sealed=True)
    height = world.chain.head.number
    own = honest.prove(issuer(anchored.up.id))
    world.chain.mine()
    usurped = QbftEndpoint(usurped_network_of(world, height), 0).ledger()
    trust = sealed_trust(world)
    below = Registry(world, usurped, trust).prove(issuer(anchored.up.id))
    assert below.answer["block"] == height, "the newest block that the known validators sealed"
    checked = check_answer(replace(own, header=usurped.head().header), trust, Moment(world.now))
    assert (checked.outcome, checked.code) == (ProofOutcome.UNKNOWN, Code.BLOCK_NOT_TRUSTED)


def test_times(anchored: AnchoredWorld) -> None:
    """Ask for the present long after the block, for a moment after it, and under a trust file that is not in force."""
    world = anchored.world
    registry = registry_over(world, sealed=True)
    proof, now = registry.prove(issuer(anchored.up.id)), world.now
    for moment, code in (
        (Moment(now + 24 * HOUR), None),
        (Moment(now + 24 * HOUR + 1), Code.PROOF_OUTDATED),
        (Moment(now, given=True), None),
        (Moment(now + 1, given=True), Code.PROOF_OUTDATED),
        (Moment(now - 30 * DAY, given=True), None),
        (Moment(now - 61), Code.LEDGER_AHEAD_OF_CLOCK),
        (Moment(registry.trust.expires), Code.TRUST_EXPIRED),
    ):
        checked = check_answer(proof, registry.trust, moment)
        assert (checked.code, checked.outcome is ProofOutcome.PROVEN) == (code, code is None), moment
        assert checked.answer is not None
        assert code is None or checked.outcome is ProofOutcome.UNKNOWN


def test_a_state_that_has_ended_by_the_clock_is_not_the_present(anchored: AnchoredWorld) -> None:
    """Let an accreditation end some hours after the block, and an approval of a programme with it."""
    world = anchored.world
    document = seed("a programme that ends")
    until = world.now + 3 * HOUR
    world.act(world.agency, world.issuers.review(anchored.up.id, True, ACT))
    world.decide(world.issuers.renew(anchored.up.id, until, ACT))
    world.act(anchored.up.control, world.programmes.submit(anchored.up.id, document, NO_SUBJECT))
    world.decide(world.programmes.approve(anchored.up.id, document, until, ACT))
    registry = registry_over(world, sealed=True)
    for question in (issuer(anchored.up.id), programme(anchored.up, document)):
        proof = registry.prove(question)
        for clock, code in ((until - 1, None), (until, Code.PROOF_OUTDATED)):
            checked = check_answer(proof, registry.trust, Moment(clock))
            assert (checked.code, checked.outcome is ProofOutcome.PROVEN) == (code, code is None)


def test_a_given_moment_is_answered_from_any_proof(registry: Registry) -> None:
    """Check what was known of a revoked institution before its revocation, and what is known of that day now."""
    day = registry.world.now - 35 * DAY
    checked = registry.check(registry.prove(issuer(LOW.id)), at=day)
    assert checked.outcome is ProofOutcome.PROVEN
    assert checked.answer is not None
    told = {name: checked.answer[name]["recognised"] for name in ("then", "then_as_known_now", "now")}
    assert told == {"then": True, "then_as_known_now": False, "now": False}
    assert checked.answer["at"] == time_text(day)


# --- who makes it ---


def test_a_ledger_that_proves_nothing_gives_no_answer(anchored: AnchoredWorld) -> None:
    anchored.world.chain.mine()
    network, trust = network_of(anchored.world), sealed_trust(anchored.world)
    refused = 0
    for number in range(20):
        ledger = QbftEndpoint(network, 0).ledger(false_proofs(Random(number), 1.0))
        try:
            proof = Registry(anchored.world, ledger, trust).prove(issuer(anchored.up.id))
        except (EvidenceUnavailable, LedgerUnavailable) as error:
            refused += error.code == Code.LEDGER_INCOMPLETE
        else:
            assert isinstance(proven_answer(proof, trust), ProvenAnswer)
    assert refused > 5


def test_no_block_that_the_trust_file_vouches_for(anchored: AnchoredWorld) -> None:
    world = anchored.world
    head, first = world.ledger.head(), world.ledger.block(1)
    assert first is not None
    other = world.trust(blocks={head.number: BlockHash(bytes(32))})
    above = world.trust(blocks={1: first.hash, 9_999: BlockHash(bytes(32))})
    question = issuer(anchored.up.id)
    for trust, asked in (
        (other, question),
        (above, question),
        (sealed_trust(world), question),
        (world.trust(), issuer(anchored.up.id, world.now + 1)),
    ):
        with pytest.raises(EvidenceUnavailable) as refused:
            Registry(world, world.ledger, trust).prove(asked)
        assert refused.value.code is Code.PROOF_NOT_PINNED


def test_an_end_after_the_year_9999_is_written_as_its_end(anchored: AnchoredWorld) -> None:
    world = anchored.world
    world.act(world.agency, world.issuers.review(anchored.up.id, True, ACT))
    world.decide(world.issuers.renew(anchored.up.id, (1 << 40) - 1, ACT))
    answer = registry_over(world, sealed=False).prove(issuer(anchored.up.id)).answer
    assert "9999-12-31T23:59:59Z" in json.dumps(answer)
