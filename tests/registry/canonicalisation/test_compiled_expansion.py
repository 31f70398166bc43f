"""The compiled walk against the slow path: seeded mutations of credentials, byte for byte, and bounded tables.

Two oracles: our slow path, and plain pyld with its own canonicalisation, which shares neither our walk nor our RDFC-1.0.
"""

import copy
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from acredita.registry.canonicalisation import compiled_expansion, context_tables, safe_values
from acredita.registry.canonicalisation.canonical import CanonicalFormRefused, canonical_nquads, canonical_nquads_slow
from acredita.registry.canonicalisation.compiled_expansion import CompiledWalkUnavailable, walked_quads
from acredita.registry.canonicalisation.context_tables import MAX_PLANS
from acredita.registry.canonicalisation.contexts import (
    ACREDITA_V1,
    CREDENTIALS_V2,
    OPEN_BADGES_V3,
    ContextSet,
    bundled_contexts,
)
from pyld import jsonld

Document = dict[str, Any]
Build = Callable[..., Document]

PROGRAMMES = ("analitica-ingenieria", "diseno-microcredenciales", "comercio-digital")
TEXTS = (
    "Ñandú", "e\u0301", "\u202eabc", "😀", 'say "x"\\', "a\nb\tc\r", "", " ", "中文", "\u2028", "null", "42",
    "https://a.example/x", "did:web:b.example", "urn:uuid:1", "_:b0", "_:c14n0", "relative", "xsd:date", "a:b", "@id",
    "#frag",
)  # fmt: skip
NUMBERS = (0, 1, -1, 42, 42.0, 6.25, 0.1, 1e20, 2**53 - 1, 2**53, 1e-7, True, False, 0.30000000000000004)
ODD = (
    None,
    [],
    {},
    [[]],
    [{}, {}],
    {"@value": "x"},
    {"@list": ["a", "b"]},
    {"@id": "urn:x"},
    {"id": "urn:x"},
    {"@set": [1]},
)
KEYS = (
    "name", "description", "id", "type", "image", "alignment", "evidence", "result", "allowedValue", "tag", "creator", "url",
    "achievement", "criteria", "narrative", "proofPurpose", "source", "endorsement", "termsOfUse", "related", "hashed",
    "@type", "@id", "@context", "@index", "@included", "@nest", "@reverse", "https://x.example/k", "unknown", "workload",
    "mode",
)  # fmt: skip
TYPES = (
    "Profile", "Achievement", "Alignment", "Evidence", "Result", "ResultDescription", "IdentityObject", "Image", "Address",
    "AchievementSubject", "VerifiableCredential", "DataIntegrityProof", "MicrocredentialAchievement", "Unknown",
    "https://x.example/T", "BitstringStatusListEntry", "VerifiablePresentation",
)  # fmt: skip
CONTEXT_LISTS: tuple[Any, ...] = (
    [CREDENTIALS_V2, ACREDITA_V1, OPEN_BADGES_V3],
    [CREDENTIALS_V2, OPEN_BADGES_V3],
    [CREDENTIALS_V2],
    CREDENTIALS_V2,
    [OPEN_BADGES_V3],
    [CREDENTIALS_V2, OPEN_BADGES_V3, {"unknown": "urn:unknown"}],
    [CREDENTIALS_V2, "https://www.w3.org/ns/credentials/undefined-terms/v2"],
    [],
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every (container, key) below a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        yield value, key
        yield from places(inner)


def mutated(document: Document, generator: random.Random) -> Document:
    """Return the document after one to four structural changes."""
    changed = copy.deepcopy(document)
    for _ in range(generator.randint(1, 4)):
        container, key = generator.choice(list(places(changed)))
        value = container[key]
        other_container, other_key = generator.choice(list(places(changed)))
        match generator.randrange(14):
            case 0:
                del container[key]
            case 1:
                container[key] = [copy.deepcopy(value)] * generator.randint(1, 3)
            case 2:
                container[key] = generator.choice(TEXTS)
            case 3:
                container[key] = generator.choice(NUMBERS)
            case 4:
                container[key] = copy.deepcopy(generator.choice(ODD))
            case 5:
                container[key] = copy.deepcopy(other_container[other_key])
            case 6 if isinstance(value, dict):
                value[generator.choice(KEYS)] = copy.deepcopy(other_container[other_key])
            case 7 if isinstance(value, dict):
                value[generator.choice(KEYS)] = generator.choice((*TEXTS, *NUMBERS))
            case 8 if isinstance(value, dict):
                value["type"] = generator.choices(TYPES, k=generator.randint(1, 3))
            case 9 if isinstance(value, dict):
                value["id"] = generator.choice(["urn:a", "urn:b", "_:x", changed.get("id", "urn:c")])
            case 10 if isinstance(value, dict):
                container[key] = dict(generator.sample(list(value.items()), len(value)))
            case 11 if isinstance(value, list):
                generator.shuffle(value)
            case 12 if isinstance(value, dict) and "id" in value:
                container[key] = generator.choice([value["id"], {"id": value["id"]}])
            case 13 if generator.random() < 0.3:
                changed["@context"] = copy.deepcopy(generator.choice(CONTEXT_LISTS))
    return changed


def by_the_walk(document: Document) -> bytes | None:
    """Return the walk's answer alone, or None where it has none."""
    try:
        walked_quads(document, bundled_contexts())
    except CompiledWalkUnavailable:
        return None
    return canonical_nquads(document)


def by_plain_pyld(document: Document) -> bytes:
    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": bundled_contexts().load}
    text: str = jsonld.normalize(document, options)
    return text.encode()


def compare(documents: Iterator[Document], *, pyld_every: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    for number, document in enumerate(documents):
        try:
            walked = by_the_walk(document)
        except CanonicalFormRefused as error:
            assert error.code == "GRAPH_TOO_COMPLEX"
            counts["too complex"] += 1
            continue
        try:
            slow: bytes | str = canonical_nquads_slow(document)
        except CanonicalFormRefused as error:
            slow = f"{error.code} {error.pointer}"
            counts[error.code] += 1
        if walked is None:
            counts["left to the slow path"] += 1
            continue
        counts["walked"] += 1
        assert walked == slow, document
        if number % pyld_every == 0:
            counts["plain pyld"] += 1
            # pyld takes 42 and "42" of one datatype for two statements and writes the line twice.
            lines = by_plain_pyld(document).splitlines(keepends=True)
            assert b"".join(sorted(set(lines), key=lambda line: line.decode())) == walked, document
    return counts


def mutations(unsigned: Build, count: int, seed: int) -> Iterator[Document]:
    generator = random.Random(seed)
    sources = [unsigned(name) for name in PROGRAMMES]
    for _ in range(count):
        yield mutated(generator.choice(sources), generator)


def learners(unsigned: Build, count: int, seed: int) -> Iterator[Document]:
    generator = random.Random(seed)
    for number in range(count):
        text = "".join(chr(generator.choice((0x41, 0xF1, 0x301, 0x4E2D, 0x1F600)) + number % 7) for _ in range(9))
        yield unsigned(
            generator.choice(PROGRAMMES),
            identifier=text,
            salt=generator.randbytes(16),
            evidence_url=f"https://evidencia.example/{number}" if number % 3 else None,
            did=f"did:web:persona{number}.example" if number % 5 == 0 else None,
        )


def test_mutations_agree(unsigned: Build) -> None:
    counts = compare(mutations(unsigned, 200, seed=20260301), pyld_every=2)
    assert counts["walked"] > 40 and counts["left to the slow path"] > 40, counts
    assert counts["plain pyld"] > 20, counts


def test_learners_agree_and_all_take_the_fast_way(unsigned: Build) -> None:
    counts = compare(learners(unsigned, 200, seed=7), pyld_every=25)
    assert counts["walked"] == 200, counts


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_ten_thousand_mutations_agree(unsigned: Build) -> None:
    counts = compare(mutations(unsigned, 10_000, seed=17), pyld_every=10)
    assert counts["walked"] > 2_000 and counts["left to the slow path"] > 2_000, counts
    print(sorted(counts.items()))


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_ten_thousand_learners_agree(unsigned: Build) -> None:
    counts = compare(learners(unsigned, 10_000, seed=29), pyld_every=100)
    assert counts["walked"] == 10_000, counts


def test_tables_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context_tables, "MAX_PLANS", 50)
    contexts = ContextSet(bundled_contexts().documents)
    types = [name for name in TYPES if name not in ("Unknown", "https://x.example/T", "VerifiablePresentation")]
    generator = random.Random(3)
    for _ in range(200):
        subject = {"type": generator.sample(types, 3), "name": "x"}
        document = {"@context": [CREDENTIALS_V2, OPEN_BADGES_V3, ACREDITA_V1], "type": "VerifiableCredential"}
        document["credentialSubject"] = subject
        try:
            walked_quads(document, contexts)
        except CompiledWalkUnavailable:
            continue
    tables = context_tables._tables[contexts]
    assert tables.count <= 50 < MAX_PLANS


def test_keys_are_bounded_where_plans_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bound the memory for keys: a stranger's document may use every key of every plan."""
    monkeypatch.setattr(context_tables, "MAX_TERMS", 20)
    contexts = ContextSet(bundled_contexts().documents)
    document: Document = {"@context": [CREDENTIALS_V2, OPEN_BADGES_V3], "type": ["VerifiableCredential"], "name": "x"}
    keys = ("name", "description", "image", "criteria", "achievementType", "inLanguage", "fieldOfStudy", "tag")
    kept = []
    for first in ("Achievement", "Profile", "Result", "Evidence", "ResultDescription", "Alignment"):
        for key in keys:
            subject = {"type": [first, "AchievementSubject"], "achievement": {"type": [first], key: "x"}}
            with suppress(CompiledWalkUnavailable):
                walked_quads({**document, "credentialSubject": subject}, contexts)
            kept.append(kept_terms(context_tables._tables[contexts]))
    assert max(kept) <= 20
    assert sum(1 for before, after in pairwise(kept) if after < before) >= 1


def kept_terms(tables: context_tables.Tables) -> int:
    waiting, found = list(tables.roots.values()), 0
    while waiting:
        entry = waiting.pop()
        plans = [*entry.plans.values(), *([entry.reference] if entry.reference else [])]
        for term in (term for plan in plans for term in plan.terms.values()):
            found += 1
            waiting += [term.child] if term.child else []
    return found


def test_tables_go_with_their_contexts() -> None:
    contexts = ContextSet(bundled_contexts().documents)
    before = len(context_tables._tables)
    walked_quads({"@context": CREDENTIALS_V2, "type": "VerifiableCredential"}, contexts)
    assert len(context_tables._tables) == before + 1
    del contexts
    assert len(context_tables._tables) <= before


def test_values_are_counted_as_the_slow_path_counts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    document: Document = {
        "@context": [CREDENTIALS_V2, OPEN_BADGES_V3],
        "type": ["VerifiableCredential"],
        "evidence": ["https://a.example", {"id": "https://b.example"}, {"type": "Evidence", "name": ["x", "y"]}],
        "credentialSubject": {"type": ["ResultDescription"], "allowedValue": ["a", "b"], "resultType": "x"},
        "description": [],
    }
    for limit in range(1, 40):
        monkeypatch.setattr(compiled_expansion, "MAX_VALUES", limit)
        monkeypatch.setattr(safe_values, "MAX_VALUES", limit)
        try:
            walked_quads(document, bundled_contexts())
        except CompiledWalkUnavailable:
            with pytest.raises(CanonicalFormRefused, match="DOCUMENT_TOO_LARGE"):
                canonical_nquads_slow(document)
        else:
            assert canonical_nquads_slow(document)
    assert walked_quads(document, bundled_contexts())


@pytest.mark.parametrize("in_lists", [False, True])
def test_nesting_is_counted_as_the_slow_path_counts_it(in_lists: bool) -> None:
    accepted = 0
    for levels in range(1, 80):
        subject: Any = {"type": "Profile", "name": "x"}
        for level in range(levels):
            subject = {"type": "Profile", "name": str(level), "parentOrg": [subject] if in_lists else subject}
        document = {"@context": [CREDENTIALS_V2, OPEN_BADGES_V3], "type": "VerifiableCredential", "issuer": subject}
        walked = by_the_walk(document)
        accepted += walked is not None
        try:
            slow = canonical_nquads_slow(document)
        except CanonicalFormRefused as error:
            assert error.code == "TOO_DEEP" and walked is None
        else:
            assert walked in (None, slow)
    assert accepted > 20


def test_threads_share_tables_and_caches() -> None:
    contexts = ContextSet(bundled_contexts().documents)
    documents = [
        {"@context": [CREDENTIALS_V2, OPEN_BADGES_V3], "type": kinds, "name": str(number), **extra}
        for number, kinds in enumerate([["VerifiableCredential"], ["VerifiableCredential", "OpenBadgeCredential"]] * 20)
        for extra in ({"issuer": {"type": "Profile", "name": "x"}}, {"name": {"@value": "y", "@language": "es"}})
    ]
    wanted = [canonical_nquads_slow(document) for document in documents]
    with ThreadPoolExecutor(max_workers=4) as pool:
        found = list(pool.map(lambda document: canonical_nquads(document, contexts=contexts), documents))
    assert found == wanted
