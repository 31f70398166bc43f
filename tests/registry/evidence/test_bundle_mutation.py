"""One signature, one reading: no mutant of an evidence bundle is accepted with other evidence than its original.

*Accepted* is a verdict with exit code 0. Evidence is equal if everything is that a page, a report or a program can read of
the bundle, except the places in `UNAUTHENTICATED`. Those are documented, and no answer uses them.
"""

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from acredita.registry.evidence.bundle import Bundle, EvidenceRefused, read_bundle, write_bundle
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.verification.case import Moment
from acredita.registry.verification.proven_bundle import ProvenBundle, prove_bundle
from acredita.registry.verification.results import Verdict, VerificationReport

from tests.registry.evidence.mutants import Mutant, list_mutants, mutants
from tests.registry.verification.asking import bundle_of
from tests.registry.world import AnchoredWorld

SEED: Final = 20261129
MANY: Final = 10_000
FEW: Final = 200
ACCEPTED: Final = (Verdict.RECOGNISED, Verdict.VALID_WITH_WARNINGS)
EVIDENCE: Final = [{"id": f"https://pruebas.example/{name}", "type": ["Evidence"]} for name in ("a", "b", "c")]

UNAUTHENTICATED: Final[Mapping[str, str]] = {
    "/receipt/block_number": "where a reader of the chain finds the transaction; the checkpoint's word is proven",
    "/receipt/block_hash": "the same",
    "/receipt/transaction": "the same",
}
PAGE: Final = Path(__file__).resolve().parents[3] / "docs" / "evidence.md"


@pytest.fixture(scope="module")
def bundles(shared_anchored: AnchoredWorld) -> Iterator[list[dict[str, Any]]]:
    """Yield bundles of a credential with a percentage and three evidence items, and of one with a rubric, as JSON."""
    world, up = shared_anchored.world, shared_anchored.up
    with world.branch():
        with_evidence = world.sign(up, changes={"evidence": EVIDENCE})
        [receipt] = world.anchor(up, [with_evidence])
        written = [
            write_bundle(bundle_of(world, with_evidence, receipt)),
            write_bundle(bundle_of(world, shared_anchored.credentials[4], shared_anchored.receipts[4])),
        ]
        yield [json.loads(gzip.decompress(packed)) for packed in written]


def evidence_of(bundle: Bundle, proven: ProvenBundle, report: VerificationReport) -> Any:
    parsed, facts, evidence = proven.credential.reading.parsed, proven.facts, proven.evidence
    assert parsed is not None and not isinstance(facts, Missing)
    named = {digest for party in facts.parties.values() for _, digest in party.scopes}
    scopes = {digest: evidence.scopes.get(digest) for digest in named}
    return parsed, proven.credential.digest, bundle.receipt, evidence.programmes, scopes, facts, report


def ask(document: Any, trust: Trust, now: int) -> tuple[Verdict | None, Any]:
    """Return verdict and evidence of a bundle as a file; no verdict where it cannot be read."""
    try:
        packed = gzip.compress(json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass"), mtime=0)
        bundle = read_bundle(packed)
    except EvidenceRefused:
        return None, None
    proven = prove_bundle(bundle, trust)
    report = proven.verify(trust, Moment(now))
    if report.verdict not in ACCEPTED:
        return report.verdict, None
    return report.verdict, evidence_of(bundle, proven, report)


def accepted(original: Any, trust: Trust, now: int, changed: Iterable[Mutant]) -> list[Mutant]:
    """Return the mutants that are accepted with other evidence than the original's."""
    verdict, evidence = ask(original, trust, now)
    assert verdict is Verdict.RECOGNISED
    found = []
    for mutant in changed:
        verdict, other = ask(mutant.document, trust, now)
        if verdict in ACCEPTED and other != evidence:
            found.append(mutant)
    return found


def test_the_page_names_every_place_that_is_not_authenticated() -> None:
    section = PAGE.read_text(encoding="utf-8").split("## Not authenticated")[1].split("\n## ")[0]
    assert {place for place in UNAUTHENTICATED if f"`{place}`" not in section} == set()


def check(shared_anchored: AnchoredWorld, bundles: list[dict[str, Any]], count: int) -> None:
    world, random = shared_anchored.world, Random(SEED)
    trust, now = world.trust(), max(world.clock.now, world.now)
    found = [
        mutant
        for bundle in bundles
        for mutant in accepted(bundle, trust, now, islice(mutants(bundle, random), count // len(bundles)))
    ]
    assert sorted({(m.pointer, m.change) for m in found if m.pointer not in UNAUTHENTICATED}) == []


def test_every_change_of_every_list_of_a_credential(
    shared_anchored: AnchoredWorld, bundles: list[dict[str, Any]]
) -> None:
    world, bundle = shared_anchored.world, bundles[0]
    trust, now = world.trust(), max(world.clock.now, world.now)
    changed = (
        Mutant({**bundle, "credential": mutant.document}, mutant.place, mutant.change)
        for mutant in list_mutants(bundle["credential"], Random(SEED))
    )
    assert [(m.pointer, m.change) for m in accepted(bundle, trust, now, changed)] == []


def test_mutants(shared_anchored: AnchoredWorld, bundles: list[dict[str, Any]]) -> None:
    check(shared_anchored, bundles, FEW)


@pytest.mark.slow
def test_ten_thousand_mutants(shared_anchored: AnchoredWorld, bundles: list[dict[str, Any]]) -> None:
    check(shared_anchored, bundles, MANY)
