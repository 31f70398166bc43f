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
from acredita.registry.verification.results import Verdict
from acredita.registry.verification.verify import Moment

from tests.recorded_calls import ONCE, recorded_calls, recorded_work
from tests.registry.verification.asking import bundle_of
from tests.registry.world import Standing, standing


@pytest.fixture(scope="module")
def founded() -> Iterator[Standing]:
    made = standing()
    yield made
    made.world.chain.close()


def answer(founded: Standing, file: Path) -> Answer:
    world = founded.world
    trust = world.trust()
    sources = Sources(trust, TrustFolder(file.parent), Verifier(trust, world.observer(), world.shelf))
    return sources.verify(file, None, Moment(world.now), None)


@pytest.mark.parametrize("anchored", [True, False], ids=["with its receipt", "without a receipt"])
def test_a_credential_file(founded: Standing, tmp_path: Path, anchored: bool) -> None:
    file = tmp_path / "credentials" / "x.json"
    file.parent.mkdir()
    file.write_bytes(founded.good.data)
    if anchored:
        (tmp_path / "receipts").mkdir()
        (tmp_path / "receipts" / "x.json").write_text(json.dumps(founded.receipt.to_document()))
    with recorded_work() as work_on:
        found = answer(founded, file)
    assert (found.report.verdict is Verdict.RECOGNISED) is anchored
    assert found.issuer is not None
    assert work_on(founded.good.document["id"]) == ONCE


def test_a_bundle_file(founded: Standing, tmp_path: Path) -> None:
    file = tmp_path / "x.acredita"
    file.write_bytes(write_bundle(bundle_of(founded.world, founded.good, founded.receipt)))
    with recorded_calls(Bundle.evidence, proven_facts) as calls:
        found = answer(founded, file)
    assert found.report.verdict is Verdict.RECOGNISED
    assert found.issuer is not None
    assert sorted(call.function for call in calls) == ["evidence", "proven_facts"]
    with recorded_work() as work_on:
        answer(founded, file)
    assert work_on(founded.good.document["id"]) == ONCE


def test_a_bundle_without_a_trust_file(founded: Standing, tmp_path: Path) -> None:
    file = tmp_path / "x.acredita"
    file.write_bytes(write_bundle(bundle_of(founded.world, founded.good, founded.receipt)))
    missing = Missing("TRUST_MISSING")
    sources = Sources(missing, TrustFolder(tmp_path), Verifier(missing, missing, founded.world.shelf))
    with recorded_work() as work_on:
        found = sources.verify(file, None, Moment(founded.world.now), None)
    assert found.report.verdict is Verdict.INDETERMINATE
    assert work_on(founded.good.document["id"]) == ONCE
