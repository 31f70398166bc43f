"""The light client on a QBFT network: which blocks count, the past by a proof of now, quorums, audits and bundles."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from acredita.anchoring import qbft
from acredita.anchoring.ledger import Ledger, LedgerUnavailable, PartialLedgerUnavailable
from acredita.anchoring.quorum import QuorumLedger
from acredita.anchoring.rpc_answers import read_block
from acredita.anchoring.state_proof import header_hash
from acredita.anchoring.types import BlockHash
from acredita.cli.main import main
from acredita.contracts.bindings import Council
from acredita.node.verification import files
from acredita.registry.audit.replay import replay
from acredita.registry.evidence.build_bundle import MAX_UNSEALED
from acredita.registry.evidence.bundle import MAX_HEADERS, write_bundle
from acredita.registry.evidence.proven_ledger import ProofsUnavailable, ProvenLedger
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.observer import Observer, observe
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.ledger_facts.trusted_chain import NamedBlock
from acredita.registry.verification.results import Verdict

from tests.registry.audit.test_replay import lively
from tests.registry.evidence.test_proven_ledger import happenings
from tests.registry.sealed import network_of, sealed_trust, sealed_trust_document
from tests.registry.verification.asking import QUESTIONS, Question, ask, bundle_of
from tests.registry.verification.cases import recorded_as
from tests.registry.world import GENESIS_TIME, HOUR, AnchoredWorld, Credential
from tests.simulators.half_endpoint import Ask, Manner
from tests.simulators.installation import account
from tests.simulators.qbft import VALIDATORS, QbftNetwork, sealed_extra_data, with_extra_data
from tests.simulators.qbft_endpoint import QbftEndpoint, endpoints_of
from tests.simulators.qbft_lies import false_facts, false_proofs

SUCCESSORS = tuple(account(f"later validator {number}") for number in range(4))


@pytest.fixture
def network(anchored: AnchoredWorld) -> Iterator[QbftNetwork]:
    """Return the network over the anchored world, with a block of now at its head."""
    anchored.world.chain.mine()
    yield network_of(anchored.world)


def light(network: QbftNetwork, trust: Trust, *manners: Manner, place: int = 0) -> ProvenLedger:
    return ProvenLedger(QbftEndpoint(network, place).ledger(*manners), trust)


def observed(ledger: Ledger, trust: Trust, anchored: AnchoredWorld) -> Observer:
    observer = observe(ledger, trust, anchored.world.entries_of)
    assert isinstance(observer, Observer), observer
    return observer


# --- which blocks count ---


def test_every_validators_copy_of_the_head_is_vouched_for(anchored: AnchoredWorld, network: QbftNetwork) -> None:
    trust, newest = sealed_trust(anchored.world), anchored.world.chain.head
    for place in range(4):
        head = light(network, trust, place=place).head()
        assert (head.number, head.hash, head.time) == (newest.number, newest.hash, newest.timestamp)


@pytest.mark.parametrize("below", [1, MAX_UNSEALED, MAX_UNSEALED + 1])
def test_below_a_head_that_others_sealed_up_to_64_blocks_are_tried(
    anchored: AnchoredWorld, network: QbftNetwork, below: int
) -> None:
    """Let later validators, whom the trust file does not know yet, seal the newest blocks."""
    known = anchored.world.chain.head
    for _ in range(below):
        anchored.world.chain.mine()
        network.signers[anchored.world.chain.head.hash] = SUCCESSORS
    trust = sealed_trust(anchored.world)
    ledger = light(network, trust)
    if below > MAX_UNSEALED:
        with pytest.raises(ProofsUnavailable, match="BLOCK_NOT_TRUSTED"):
            ledger.head()
        return
    assert ledger.head().number == known.number
    report = ask(anchored.world, anchored.good, anchored.receipt, observer=observed(ledger, trust, anchored))
    assert report.as_of == known.timestamp
    assert report.verdict is Verdict.RECOGNISED


def test_a_block_counts_by_its_own_seals_or_by_those_of_a_block_near_above_it(
    anchored: AnchoredWorld, network: QbftNetwork
) -> None:
    chain = anchored.world.chain
    unsealed = chain.head
    network.signers[unsealed.hash] = SUCCESSORS
    trust = sealed_trust(anchored.world)
    for _ in range(3):
        chain.mine()
        network.signers[chain.head.hash] = SUCCESSORS
    chain.mine()
    ledger = light(network, trust)
    assert ledger.head().number == chain.head.number
    for number in (0, 1, unsealed.number):
        block = ledger.block(number)
        assert block is not None
        assert block.hash == chain.header(number).hash
    assert ledger.block(chain.head.number + 1) is None


def test_a_block_far_below_every_vouched_one_does_not_count(anchored: AnchoredWorld, network: QbftNetwork) -> None:
    chain = anchored.world.chain
    network.signers |= {chain.header(number).hash: SUCCESSORS for number in range(1, chain.head.number + 1)}
    number = chain.head.number
    for _ in range(MAX_HEADERS):
        chain.mine()
        network.signers[chain.head.hash] = SUCCESSORS
    chain.mine()
    ledger = light(network, sealed_trust(anchored.world))
    assert ledger.block(number + 1) is not None
    with pytest.raises(ProofsUnavailable, match="not proven"):
        ledger.block(number)


def test_a_parent_that_is_not_the_one_named_is_no_ancestor(anchored: AnchoredWorld, network: QbftNetwork) -> None:
    chain = anchored.world.chain
    unsealed = chain.head.number
    network.signers[chain.head.hash] = SUCCESSORS
    chain.mine()
    trust = sealed_trust(anchored.world)

    def another(method: str, params: list[Any], ask: Ask) -> dict[str, Any]:
        if method == "eth_getBlockByNumber" and params[0] == hex(unsealed):
            return ask(method, [hex(unsealed - 1), False])
        return ask(method, params)

    with pytest.raises(LedgerUnavailable):
        light(network, trust, another).block(unsealed)


def test_another_genesis_or_another_hash_for_a_header_is_no_answer(
    anchored: AnchoredWorld, network: QbftNetwork
) -> None:
    trust = sealed_trust(anchored.world)
    with pytest.raises(PartialLedgerUnavailable):
        light(network, replace(trust, genesis=BlockHash(bytes(32)))).block(0)

    def keccak_of_the_copy(method: str, params: list[Any], ask: Ask) -> dict[str, Any]:
        answer = ask(method, params)
        if method == "eth_getBlockByNumber" and params[0] == "latest":
            answer["result"]["hash"] = "0x" + header_hash(read_block(answer["result"]).header).hex()
        return answer

    with pytest.raises(PartialLedgerUnavailable, match="QBFT"):
        light(network, trust, keccak_of_the_copy).head()


def test_the_chain_is_that_of_the_vouched_block_whatever_the_endpoint_says(
    anchored: AnchoredWorld, network: QbftNetwork
) -> None:
    def of_another_chain(method: str, params: list[Any], ask: Ask) -> dict[str, Any]:
        return ask(method, params) | ({"result": "0x1"} if method == "eth_chainId" else {})

    trust = sealed_trust(anchored.world)
    observer = observed(light(network, trust, of_another_chain), trust, anchored)
    assert ask(anchored.world, anchored.good, anchored.receipt, observer=observer).verdict is Verdict.RECOGNISED


# --- the past ---


def test_the_past_is_a_proof_of_now_with_records_cut(anchored: AnchoredWorld, network: QbftNetwork) -> None:
    world, trust, before = anchored.world, sealed_trust(anchored.world), anchored.world.now
    world.pass_time(HOUR)
    rows = happenings(anchored)
    world.chain.mine()
    for at in (before, world.now):
        ledger = light(network, trust)
        for credential, _ in rows:
            question = _question(anchored, credential, at)
            observer = files.observe(trust, question.entries_of, ledger, question.moment)
            report = question.answer(observer, trust)
            plain = files.observe(trust, question.entries_of, world.ledger, question.moment)
            assert report.verdict is question.answer(plain, trust).verdict
            assert report.as_of == at
            assert report.block is not None
            assert report.block.hash == world.chain.head.hash


def _question(anchored: AnchoredWorld, credential: Credential, at: int) -> Question:
    ask(anchored.world, credential, at=at)
    return QUESTIONS[0]


def test_before_the_chain_began_there_is_no_past(anchored: AnchoredWorld, network: QbftNetwork) -> None:
    trust = sealed_trust(anchored.world)
    question = _question(anchored, anchored.good, GENESIS_TIME - 1)
    observer = files.observe(trust, question.entries_of, light(network, trust), question.moment)
    assert isinstance(observer, Missing)
    assert observer.code == "LEDGER_MISSING"


# --- quorums, audits, bundles ---


@pytest.mark.parametrize("agree", [1, 2, 3])
def test_a_quorum_of_sealed_endpoints_gives_the_verdicts_of_one(
    anchored: AnchoredWorld, network: QbftNetwork, agree: int
) -> None:
    rows = happenings(anchored)
    for _ in range(3):
        anchored.world.chain.mine()
    trust = sealed_trust(anchored.world)
    network.lags = {1: 1, 3: 2}
    quorum = QuorumLedger([each.ledger() for each in endpoints_of(network)], agree=agree)
    for ledger in (quorum, ProvenLedger(quorum, trust)):
        observer = observed(ledger, trust, anchored)
        verdicts = [ask(anchored.world, credential, observer=observer).verdict for credential, _ in rows]
        assert verdicts == [expected for _, expected in rows]


def test_one_endpoint_that_proves_is_enough_among_others_that_do_not(
    anchored: AnchoredWorld, network: QbftNetwork
) -> None:
    """Let two of three endpoints answer every proof and all code falsely: what the third proves counts."""
    trust = sealed_trust(anchored.world)
    false = (false_proofs(Random(1), 1.0), false_facts(Random(2), 1.0))
    endpoints = [QbftEndpoint(network, place).ledger(*(() if place == 2 else false)) for place in range(3)]
    observer = observed(ProvenLedger(QuorumLedger(endpoints), trust), trust, anchored)
    report = ask(anchored.world, anchored.good, anchored.receipt, observer=observer)
    assert report.verdict is Verdict.RECOGNISED
    alone = observed(ProvenLedger(endpoints[0], trust), trust, anchored)
    report = ask(anchored.world, anchored.good, anchored.receipt, observer=alone)
    assert (report.verdict, report.code) == (Verdict.INDETERMINATE, "LEDGER_INCOMPLETE")


def test_an_audit_by_proof_is_the_audit(anchored: AnchoredWorld, network: QbftNetwork) -> None:
    world = lively(anchored)
    trust = sealed_trust(world)
    ledger = light(network, trust)
    by_proof = replay(ledger, world.contracts, ledger.head(), world.entries_of)
    plain = replay(world.ledger, world.contracts, world.ledger.head(), world.entries_of)
    assert by_proof.clean
    assert replace(by_proof, block=plain.block) == plain


def test_a_proposal_is_read_by_proof_as_it_is_stored(anchored: AnchoredWorld, network: QbftNetwork) -> None:
    world = lively(anchored)
    council, ledger = Council(world.contracts.council), light(network, sealed_trust(world))
    count = world.ledger.read(council.proposal_count())
    assert count > 1
    ledger.head()
    for number in (0, *range(1, count + 1), count + 1):
        assert ledger.read(council.proposal(number)) == world.ledger.read(council.proposal(number)), number


@pytest.mark.parametrize(("option", "code"), [("--proofs", 1), ("--no-proofs", 3)])
def test_another_recorded_trust_file_is_a_negative_audit_only_by_proof(
    anchored: AnchoredWorld,
    network: QbftNetwork,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    option: str,
    code: int,
) -> None:
    recorded_as(anchored.world, 1, bytes([7]) * 32)
    (tmp_path / "trust.json").write_text(json.dumps(sealed_trust_document(anchored.world)))
    trust = ["--trust", str(tmp_path / "trust.json"), "--lang", "en"]
    with QbftEndpoint(network, 0).listening() as url:
        assert main(["audit", "replay", *trust, "--rpc", url, option]) == code
    assert "TRUST_EQUIVOCATION: Two different trust files" in capsys.readouterr().err


def test_a_bundle_under_a_trust_file_of_validators_verifies_offline(
    anchored: AnchoredWorld, network: QbftNetwork, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world, trust = anchored.world, sealed_trust(anchored.world)
    for place in range(4):
        observer = observed(light(network, trust, place=place), trust, anchored)
        bundle = bundle_of(world, anchored.good, anchored.receipt, trust, observer)
        assert bundle.headers == ()
        (tmp_path / f"{place}.acredita").write_bytes(write_bundle(bundle))
    (tmp_path / "trust.json").write_text(json.dumps(sealed_trust_document(world)))
    moment = ["--at", "2026-03-02T02:00:00Z", "--lang", "en"]
    names = [str(tmp_path / f"{place}.acredita") for place in range(4)]
    assert main(["verify", *names, "--trust", str(tmp_path / "trust.json"), *moment]) == 0
    assert capsys.readouterr().out.count("RECOGNISED") == 4
    (tmp_path / "other.json").write_text(json.dumps(sealed_trust_document(world, SUCCESSORS)))
    assert main(["verify", *names, "--trust", str(tmp_path / "other.json"), *moment]) == 3


# --- closed intervals ---


def test_at_or_below_a_named_block_only_its_ancestors_count(anchored: AnchoredWorld, network: QbftNetwork) -> None:
    """Let the validators of a closed interval seal another block below its end: its seals count for nothing."""
    chain = anchored.world.chain
    closing = chain.head
    chain.mine()
    trust = sealed_trust(anchored.world, closing=NamedBlock(closing.number, BlockHash(closing.hash), closing.timestamp))
    ledger = light(network, trust)
    assert ledger.head().number == chain.head.number
    below = ledger.block(closing.number - 3)
    assert below is not None
    assert below.hash == chain.header(closing.number - 3).hash

    def resealed(method: str, params: list[Any], ask: Ask) -> dict[str, Any]:
        answer = ask(method, params)
        if method == "eth_getBlockByNumber" and params[0] == hex(closing.number - 3):
            block = answer["result"] | {"timestamp": hex(int(answer["result"]["timestamp"], 16) + 1)}
            extra = sealed_extra_data(read_block(block).header, VALIDATORS, 0)
            encoded = with_extra_data(read_block(block).header, extra)
            own = {"extraData": "0x" + extra.hex(), "hash": "0x" + qbft.block_hash(encoded).hex()}
            return answer | {"result": block | own}
        return answer

    with pytest.raises(LedgerUnavailable):
        light(network, trust, resealed).block(closing.number - 3)


def test_below_or_before_the_end_of_a_closed_interval_no_head_counts(
    anchored: AnchoredWorld, network: QbftNetwork
) -> None:
    newest = anchored.world.chain.head
    for closing in (
        NamedBlock(newest.number + 1, BlockHash(b"\x0c" * 32), newest.timestamp + 1),
        NamedBlock(newest.number, BlockHash(b"\x0c" * 32), newest.timestamp),
        NamedBlock(newest.number - 1, BlockHash(newest.parent_hash), newest.timestamp),
    ):
        with pytest.raises(ProofsUnavailable):
            light(network, sealed_trust(anchored.world, closing=closing)).head()


def test_the_end_of_a_closed_interval_counts_by_its_name(anchored: AnchoredWorld, network: QbftNetwork) -> None:
    newest = anchored.world.chain.head
    closing = NamedBlock(newest.number, BlockHash(newest.hash), newest.timestamp)
    trust = sealed_trust(anchored.world, SUCCESSORS, closing)
    assert light(network, trust).head().hash == newest.hash
