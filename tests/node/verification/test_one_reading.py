"""A file or a bundle is read once and its proof verified once, whatever the answer needs of it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from acredita.node.publication.trust_folder import TrustFolder
from acredita.node.verification.files import Sources
from acredita.node.verification.report import Answer
from acredita.node.verification.verifier import Verifier
from acredita.registry.evidence.bundle import Bundle, write_bundle
from acredita.registry.evidence.proven_facts import proven_facts
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.verification.case import Moment
from acredita.registry.verification.results import Verdict

from tests.recorded_calls import ONCE, recorded_calls, recorded_work
from tests.registry.verification.asking import bundle_of
from tests.registry.world import AnchoredWorld, build_anchored_world


@pytest.fixture(scope="module")
def shared_anchored() -> Iterator[AnchoredWorld]:
    world = build_anchored_world()
    yield world
    world.world.chain.close()


def answer(shared_anchored: AnchoredWorld, file: Path) -> Answer:
    world = shared_anchored.world
    trust = world.trust(issued=world.now)
    verifier = Verifier(trust, world.observer(), world.document_source)
    sources = Sources(trust, TrustFolder(file.parent), lambda: verifier, is_proven=False)
    return sources.verify(file, None, Moment(world.now), None)


@pytest.mark.parametrize("with_receipt", [True, False], ids=["with its receipt", "without a receipt"])
def test_a_credential_file(shared_anchored: AnchoredWorld, tmp_path: Path, with_receipt: bool) -> None:
    file = tmp_path / "credentials" / "x.json"
    file.parent.mkdir()
    file.write_bytes(shared_anchored.good.data)
    if with_receipt:
        (tmp_path / "receipts").mkdir()
        (tmp_path / "receipts" / "x.json").write_text(json.dumps(shared_anchored.receipt.to_document()))
    with recorded_work() as work_on:
        found = answer(shared_anchored, file)
    assert found.report.verdict is Verdict.RECOGNISED
    assert found.issuer is not None
    assert work_on(shared_anchored.good.document["id"]) == ONCE


def test_a_bundle_file(shared_anchored: AnchoredWorld, tmp_path: Path) -> None:
    file = tmp_path / "x.acredita"
    file.write_bytes(write_bundle(bundle_of(shared_anchored.world, shared_anchored.good, shared_anchored.receipt)))
    with recorded_calls(Bundle.evidence, proven_facts) as calls:
        found = answer(shared_anchored, file)
    assert found.report.verdict is Verdict.RECOGNISED
    assert found.issuer is not None
    assert sorted(call.function for call in calls) == ["evidence", "proven_facts"]
    with recorded_work() as work_on:
        answer(shared_anchored, file)
    assert work_on(shared_anchored.good.document["id"]) == ONCE


def test_a_bundle_without_a_trust_file(shared_anchored: AnchoredWorld, tmp_path: Path) -> None:
    file = tmp_path / "x.acredita"
    file.write_bytes(write_bundle(bundle_of(shared_anchored.world, shared_anchored.good, shared_anchored.receipt)))
    missing = Missing("TRUST_MISSING")
    verifier = Verifier(missing, missing, shared_anchored.world.document_source)
    sources = Sources(missing, TrustFolder(tmp_path), lambda: verifier, is_proven=False)
    with recorded_work() as work_on:
        found = sources.verify(file, None, Moment(shared_anchored.world.now), None)
    assert found.report.verdict is Verdict.INDETERMINATE
    assert work_on(shared_anchored.good.document["id"]) == ONCE
