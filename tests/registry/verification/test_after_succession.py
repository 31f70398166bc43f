"""Made-up credentials on a chain whose registries succeed others: each gets an answer, and no answer is milder.

The record of a predecessor is a record about a subject that is neither a party nor a programme version. A credential
may name that subject, as it may name anything.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from acredita.anchoring.types import Address, Digest, IssuerId
from acredita.registry.evidence.build_bundle import EvidenceUnavailable
from acredita.registry.ledger_facts.histories import fold_party, fold_programme
from acredita.registry.verification.results import Verdict, VerificationReport

from tests.registry.audit.test_replay import audit
from tests.registry.verification.asking import ask, ask_offline, bundle_of
from tests.registry.world import ACT, DAY, HOUR, AnchoredWorld, Credential, Party, World, party

PREDECESSOR, STATE_HASH = b"\x0b" * 20, b"\x0c" * 32
SUBJECT = bytes(12) + PREDECESSOR
"""The subject of the record: the predecessor's address, padded."""
MADE_UP = 60


@pytest.fixture
def succeeded(anchored: AnchoredWorld) -> AnchoredWorld:
    """Record a predecessor of both registries."""
    for registry in (anchored.world.issuers, anchored.world.programmes):
        anchored.world.decide(registry.record_predecessor(PREDECESSOR, STATE_HASH, ACT))
    return anchored


def naming(world: World, who: Party, programme: bytes, **changes: Any) -> Credential:
    """Sign a credential whose achievement and entry name this digest as their programme version."""
    plain = world.documents.programme("analitica-ingenieria", None)
    return world.sign(who, replace(plain, digest=Digest(programme)), **changes)


def test_a_credential_that_names_the_predecessor_is_of_an_unknown_programme(succeeded: AnchoredWorld) -> None:
    world = succeeded.world
    credential = naming(world, succeeded.up, SUBJECT)
    not_anchored = ask(world, credential)
    assert not_anchored.verdict is not Verdict.RECOGNISED
    (receipt,) = world.anchor(succeeded.up, [credential])
    reports = [
        ask(world, credential, receipt),
        ask(world, credential),
        ask_offline(world, bundle_of(world, credential, receipt)),
    ]
    for report in reports:
        assert (report.verdict, report.code) == (Verdict.NOT_RECOGNISED, "PROGRAMME_UNKNOWN")
    assert [finding.code for finding in audit(world).findings] == ["PROGRAMME_UNKNOWN"]


def test_the_record_of_a_predecessor_is_neither_party_nor_version(succeeded: AnchoredWorld) -> None:
    observer = succeeded.world.observer()
    known = observer.party(IssuerId(SUBJECT))
    assert known is not None and not known.transitions and not known.keys
    assert not observer.parties(IssuerId(SUBJECT))[IssuerId(SUBJECT)].scopes
    for owner in (IssuerId(SUBJECT), succeeded.up.id):
        assert observer.programme(owner, Digest(SUBJECT)) is None
    assert fold_programme([]) is None
    assert fold_party(IssuerId(SUBJECT), []).transitions == ()


def test_an_honest_credential_stays_recognised(succeeded: AnchoredWorld) -> None:
    world = succeeded.world
    assert ask(world, succeeded.good, succeeded.receipt).verdict is Verdict.RECOGNISED
    offline = ask_offline(world, bundle_of(world, succeeded.good, succeeded.receipt))
    assert offline.verdict is Verdict.RECOGNISED


# --- made-up credentials -----------------------------------------------------------------------------------------


def digests(world: World, up: Party, rng: random.Random) -> list[bytes]:
    """Return what a programme version may be called: subjects and hashes of the registries, and nothing at all."""
    known = world.documents.programme("sostenibilidad-procesos", None).digest
    return [
        SUBJECT,
        STATE_HASH,
        ACT,
        bytes(32),
        b"\xff" * 32,
        up.id,
        known,
        bytes(12) + world.contracts.programme_registry,
        rng.randbytes(32),
    ]


def made_up(succeeded: AnchoredWorld, rng: random.Random) -> Iterator[VerificationReport]:
    """Yield the answers about one made-up credential: with and without a receipt, offline, and as of the past."""
    world = succeeded.world
    who = rng.choice([succeeded.up, succeeded.up, world.parties["ut"], party("stranger")])
    position = rng.choice([0, 7, 131_072 + 3, 2**32 - 2, rng.randrange(2**31)])
    credential = naming(world, who, rng.choice(digests(world, succeeded.up, rng)), position=position)
    if who is succeeded.up and rng.random() < 0.7:
        (receipt,) = world.anchor(who, [credential])
    else:
        receipt = succeeded.receipt
    receipt = rng.choice(
        [
            receipt,
            receipt,
            replace(receipt, issuer=IssuerId(SUBJECT)),
            replace(receipt, contract=Address(PREDECESSOR)),
            replace(receipt, epoch=rng.choice([2, 65_535])),
            replace(receipt, index=rng.choice([0, 1, 2**47])),
            replace(receipt, checkpoint=replace(receipt.checkpoint, number=rng.choice([0, 2, 2**39]))),
            replace(receipt, entry=replace(receipt.entry, programme=Digest(SUBJECT))),
        ]
    )
    yield ask(world, credential, receipt)
    yield ask(world, credential)
    yield ask(world, credential, receipt, at=world.now - rng.choice([0, HOUR, 40 * DAY, 400 * DAY]))
    try:
        bundle = bundle_of(world, credential, receipt)
    except EvidenceUnavailable:
        return
    yield ask_offline(world, bundle)
    parties = {**bundle.parties, IssuerId(SUBJECT): rng.choice([(), bundle.programme_records])}
    yield ask_offline(world, replace(bundle, parties=parties))


@pytest.mark.parametrize("seed", range(4))
def test_every_made_up_credential_gets_an_answer_and_no_approval(succeeded: AnchoredWorld, seed: int) -> None:
    """Answer in every case: an exception would be a verdict that nobody reads."""
    rng = random.Random(seed)
    for _ in range(MADE_UP // 4):
        with succeeded.world.branch():
            for report in made_up(succeeded, rng):
                assert report.verdict in (Verdict.INVALID, Verdict.NOT_RECOGNISED, Verdict.INDETERMINATE)
                assert report.code is not None
