"""The budget of counted operations: one count on both paths, linear in the document, independent of what is cached.

Nothing here measures time. `calls` counts what Python really does, so that a count which misses work would be found.
"""

import random
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from acredita.node.demo.documents import DemoDocuments
from acredita.registry.canonicalisation.budget import (
    FORM_BYTES,
    MAX_OPERATIONS,
    PER_TYPE,
    PER_VALUE,
    OperationBudget,
    request_budget,
    separate_budget,
)
from acredita.registry.canonicalisation.canonical import CanonicalFormRefused, canonical_nquads, canonical_nquads_slow
from acredita.registry.canonicalisation.compiled_expansion import CompiledWalkUnavailable, walked_quads
from acredita.registry.canonicalisation.contexts import CREDENTIALS_V2, OPEN_BADGES_V3, bundled_contexts
from acredita.registry.keys.multikey import parse_multikey
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.proofs.data_integrity import ProofCheckUnavailable, ProofOptions, add_proof, verify_proof
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Document = dict[str, Any]
Shape = Callable[[int], Document]


def credential(contexts: list[Any] | None = None, **members: Any) -> Document:
    return {
        "@context": contexts or [CREDENTIALS_V2],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:a",
        "credentialSubject": {"id": "did:example:b"},
        **members,
    }


def own(term: object = "urn:x:x", **more: object) -> list[Any]:
    return [CREDENTIALS_V2, {"x": term, **more}]


SHAPES: Final[Mapping[str, Shape]] = {
    "equal blank nodes": lambda n: credential(own(), x=[{} for _ in range(n)]),
    "equal typed nodes": lambda n: credential(evidence=[{"type": "VerifiableCredential"} for _ in range(n)]),
    "named nodes": lambda n: credential(evidence=[{"id": f"urn:x:{at}", "type": "JsonSchema"} for at in range(n)]),
    "texts": lambda n: credential(own(), x=[f"a{at}" for at in range(n)]),
    "equal texts": lambda n: credential(own(), x=["a"] * n),
    "a list": lambda n: credential(own({"@id": "urn:x:x", "@container": "@list"}), x=[f"a{at}" for at in range(n)]),
    "a language map": lambda n: credential(
        own({"@id": "urn:x:x", "@container": "@language"}), x={f"a-x{at}": "v" for at in range(n)}
    ),
    "a large context": lambda n: credential(own(**{f"t{at}": f"urn:t:{at}" for at in range(n)}), x="a"),
    "keys": lambda n: credential(
        own(**{f"t{at}": f"urn:t:{at}" for at in range(n)}), **{f"t{at}": 1 for at in range(n)}
    ),
    "graphs": lambda n: credential(
        own({"@id": "urn:x:x", "@container": "@graph"}), x=[{"id": f"urn:g:{at}"} for at in range(n)]
    ),
    "chains of equal nodes": lambda n: credential(own(), x=[{"x": {"x": {}}} for _ in range(n)]),
}


def operations(document: Document, form: Callable[..., bytes] = canonical_nquads) -> int:
    """Return the operations counted for a document."""
    budget = OperationBudget()
    form(document, budget=budget)
    return budget.spent


def calls(act: Callable[[], object]) -> int:
    """Return how many calls Python makes, of functions in Python and in C."""
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("form", [canonical_nquads, canonical_nquads_slow])
def test_counts_and_calls_grow_with_the_document_and_no_faster(form: Callable[..., bytes], name: str) -> None:
    small, middle, large = (SHAPES[name](n) for n in (100, 200, 400))
    form(large)  # contexts are read and plans compiled once
    counted = [operations(document, form) for document in (small, middle, large)]
    assert counted[2] - counted[1] <= 2.1 * (counted[1] - counted[0])
    made = [calls(lambda document=document: form(document)) for document in (small, middle, large)]  # type: ignore[misc]
    assert made[2] - made[1] <= 2.3 * (made[1] - made[0])
    assert made[2] < 12 * counted[2], "a call that is not counted for"


def test_both_paths_count_the_same(demo: DemoDocuments, unsigned: Callable[..., Document]) -> None:
    for programme in demo.programmes:
        document = unsigned(programme)
        walked_quads(document, bundled_contexts())  # not left to the slow path
        assert operations(document) == operations(document, canonical_nquads_slow)


def test_both_paths_count_mutants_the_same(unsigned: Callable[..., Document]) -> None:
    chance, compared = random.Random(7), 0
    for _ in range(200):
        document = unsigned()
        place = document["credentialSubject"]["achievement"]
        key = chance.choice(list(place))
        place[key] = chance.choice([place[key], [place[key]] if not isinstance(place[key], list) else place[key] * 2])
        place["type"] = chance.sample(["Achievement", "MicrocredentialAchievement"], chance.randint(1, 2))
        try:
            walked_quads(document, bundled_contexts())
        except CompiledWalkUnavailable:
            continue
        compared += 1
        assert operations(document) == operations(document, canonical_nquads_slow)
    assert compared > 50


def test_a_count_is_the_same_the_second_time() -> None:
    for shape in SHAPES.values():
        assert operations(shape(50)) == operations(shape(50))


def test_a_count_is_what_the_protocol_says() -> None:
    document = credential()
    quads = canonical_nquads(document).count(b"\n")
    values = 1 + 3 + 1 + 1  # the document, its members without @context, the type in its list, the subject's id
    assert (
        operations(document)
        == PER_VALUE * values + PER_TYPE * 1 + quads + len(canonical_nquads(document)) // FORM_BYTES
    )


def test_four_thousand_equal_blank_nodes_are_within_the_budget() -> None:
    assert operations(SHAPES["equal blank nodes"](4_000)) < MAX_OPERATIONS // 5


@pytest.mark.parametrize("form", [canonical_nquads, canonical_nquads_slow])
def test_a_document_beyond_the_budget_is_refused(form: Callable[..., bytes]) -> None:
    document = SHAPES["named nodes"](100)
    needed = operations(document, form)
    assert form(document, budget=OperationBudget(needed))
    with pytest.raises(CanonicalFormRefused) as refused:
        form(document, budget=OperationBudget(needed - 1))
    assert refused.value.code == "WORK_LIMIT"


def test_a_long_term_in_thousands_of_statements_is_refused() -> None:
    repeated = credential(own(), id="urn:x:" + "y" * 10_000, x=[f"a{at}" for at in range(2_000)])
    with pytest.raises(CanonicalFormRefused) as refused:
        canonical_nquads(repeated)
    assert refused.value.code == "DOCUMENT_TOO_LARGE"
    with pytest.raises(CanonicalFormRefused) as refused:
        canonical_nquads(credential(own("urn:x:" + "p" * 2_041), x="a"))
    assert refused.value.code == "DOCUMENT_TOO_LARGE"
    assert canonical_nquads(credential(own("urn:x:" + "p" * 2_040), x="a"))


def test_a_scoped_context_that_is_entered_again_and_again_counts() -> None:
    """Enter a large context of one's own from many different places."""
    types = {
        f"T{at}": {"@id": f"urn:T:{at}", "@context": {f"t{term}": f"urn:t:{term}" for term in range(200)}}
        for at in range(8)
    }
    chance = random.Random(3)
    nodes = [{"type": chance.sample(list(types), 4)} for _ in range(100)]
    document = credential(own(**types), x=nodes)
    alike = credential(own(**types), x=[{"type": list(types)[:4]}] * 100)
    assert operations(document) > operations(alike) + 100_000


# --- one budget for a request ---


KEY: Final = PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x05" * 32))


def test_the_documents_of_a_request_share_a_budget() -> None:
    document = SHAPES["named nodes"](1_000)
    with request_budget() as budget:
        canonical_nquads(document)
        one = budget.spent
        with request_budget():  # within a request there is no other
            canonical_nquads(document)
        assert budget.spent == 2 * one
        with separate_budget():
            canonical_nquads(document)
        assert budget.spent == 2 * one
        with pytest.raises(CanonicalFormRefused):
            for _ in range(MAX_OPERATIONS // one):
                canonical_nquads(document)


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_a_proof_that_would_cost_too_much_could_not_be_checked(unsigned: Callable[..., Document], suite: str) -> None:
    options = ProofOptions(suite, "did:web:x.example#key", datetime(2026, 3, 1, tzinfo=UTC))
    signed = add_proof(unsigned(), options, KEY)
    spent = set()
    for _ in range(2):  # the second time the hash of the options is known
        with separate_budget() as budget:
            verify_proof(signed, lambda _: parse_multikey(KEY.multikey))
            spent.add(budget.spent)
    assert len(spent) == 1
    with separate_budget() as budget:
        budget.spend(MAX_OPERATIONS - max(spent) + 1)
        with pytest.raises(ProofCheckUnavailable) as unavailable:
            verify_proof(signed, lambda _: parse_multikey(KEY.multikey))
    assert unavailable.value.code == "WORK_LIMIT"


def test_an_open_badge_takes_a_small_part_of_the_budget(unsigned: Callable[..., Document]) -> None:
    document = unsigned()
    assert document["@context"][1] == OPEN_BADGES_V3
    assert operations(document) < MAX_OPERATIONS // 50
