"""Safe mode: what would be lost, guessed or read otherwise is refused where it stands; the rest has one form."""

import copy
import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from acredita.registry.canonicalisation.canonical import CanonicalFormRefused, canonical_nquads, canonical_nquads_slow
from acredita.registry.canonicalisation.compiled_expansion import CompiledWalkUnavailable, walked_quads
from acredita.registry.canonicalisation.contexts import (
    ACREDITA_V1,
    CREDENTIALS_V1,
    CREDENTIALS_V2,
    OPEN_BADGES_V3,
    bundled_contexts,
)
from hypothesis import given, settings
from hypothesis import strategies as st

Document = dict[str, Any]
DEEP: Document = {}
for _ in range(80):
    DEEP = {"credentialSubject": DEEP}


def credential(**changes: Any) -> Document:
    """Build a small credential, with changes by pointer-like keyword: `credentialSubject={…}` replaces the whole
    value.
    """
    return {
        "@context": [CREDENTIALS_V2, OPEN_BADGES_V3],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": "did:web:ut.example", "type": ["Profile"], "name": "UT"},
        "validFrom": "2026-03-01T00:00:00Z",
        "name": "Una microcredencial",
        "credentialSubject": {"type": ["AchievementSubject"], "achievement": {"type": ["Achievement"], "name": "A"}},
        **changes,
    }


SUBJECT = "AchievementSubject"
REFUSED: dict[str, tuple[Document, str, str]] = {
    "unmapped_key": (credential(nombre="x"), "/nombre", "TERM_UNMAPPED"),
    "unmapped_key_below": (
        credential(credentialSubject={"type": [SUBJECT], "achievement": {"type": ["Achievement"], "colour": "x"}}),
        "/credentialSubject/achievement/colour",
        "TERM_UNMAPPED",
    ),
    "key_of_another_type": (
        credential(credentialSubject={"type": [SUBJECT], "targetName": "x"}),
        "/credentialSubject/targetName",
        "TERM_UNMAPPED",
    ),
    "key_like_a_keyword": (credential(**{"@nombre": "x"}), "/@nombre", "TERM_UNMAPPED"),
    "key_with_a_blank_node": (credential(**{"_:b": "x"}), "/_:b", "TERM_UNMAPPED"),
    "unmapped_type": (credential(type=["VerifiableCredential", "Diploma"]), "/type", "TYPE_UNMAPPED"),
    "relative_id": (credential(id="credential-1"), "/id", "IRI_RELATIVE"),
    "empty_id": (credential(id=""), "/id", "IRI_RELATIVE"),
    "relative_reference": (credential(credentialStatus={"id": "/status/1"}), "/credentialStatus/id", "IRI_RELATIVE"),
    "relative_coerced": (credential(issuer="ut.example"), "/issuer", "IRI_RELATIVE"),
    "relative_in_list": (credential(evidence=["https://a.example", "b"]), "/evidence", "IRI_RELATIVE"),
    "iri_with_space": (credential(id="https://a.example/x y"), "/id", "IRI_INVALID"),
    "iri_with_bracket": (credential(id="https://a.example/>"), "/id", "IRI_INVALID"),
    "iri_with_odd_scheme": (credential(id="foo bar://x"), "/id", "IRI_INVALID"),
    "null": (credential(description=None), "/description", "VALUE_NULL"),
    "null_in_list": (credential(evidence=[None]), "/evidence/0", "VALUE_NULL"),
    "bytes": (credential(description=b"x"), "/description", "VALUE_NULL"),
    "control_character": (credential(name="a\x08b"), "/name", "CONTROL_CHARACTER"),
    "delete_character": (credential(name="a\x7fb"), "/name", "CONTROL_CHARACTER"),
    "lone_surrogate": (credential(name="a\ud800b"), "/name", "CONTROL_CHARACTER"),
    "integer_beyond_2_53": (credential(name=2**53), "/name", "NUMBER_UNSAFE"),
    "double_beyond_2_53": (credential(name=2.0**60), "/name", "NUMBER_UNSAFE"),
    "double_written_with_exponent": (credential(name=1e-7), "/name", "NUMBER_UNSAFE"),
    "double_of_17_digits": (credential(name=0.1 + 0.2), "/name", "NUMBER_UNSAFE"),
    "negative_zero": (credential(name=-0.0), "/name", "NUMBER_UNSAFE"),
    "infinity": (credential(name=math.inf), "/name", "NUMBER_UNSAFE"),
    "nan": (credential(name=math.nan), "/name", "NUMBER_UNSAFE"),
    "unknown_context": (
        credential(**{"@context": [CREDENTIALS_V2, "https://x.example"]}),
        "/@context/1",
        "CONTEXT_UNKNOWN",
    ),
    "one_unknown_context": (credential(**{"@context": "https://x.example"}), "/@context", "CONTEXT_UNKNOWN"),
    "context_as_number": (credential(**{"@context": [CREDENTIALS_V2, 7]}), "/@context/1", "CONTEXT_INVALID"),
    "context_as_null": (credential(**{"@context": [CREDENTIALS_V2, None]}), "/@context/1", "CONTEXT_INVALID"),
    "import_in_context": (
        credential(**{"@context": [CREDENTIALS_V2, {"@import": OPEN_BADGES_V3, "x": "urn:x"}]}),
        "/@context/1",
        "CONTEXT_INVALID",
    ),
    "import_below": (
        credential(
            **{"@context": [CREDENTIALS_V2, {"x": {"@id": "urn:x", "@context": [{"@import": OPEN_BADGES_V3}]}}]}
        ),
        "/@context/1",
        "CONTEXT_INVALID",
    ),
    "protected_term_redefined": (
        credential(**{"@context": [CREDENTIALS_V2, {"name": "https://schema.org/description"}]}),
        "",
        "TERM_REDEFINED",
    ),
    "protected_context_nullified_below": (
        credential(credentialSubject={"@context": {"name": None}, "type": [SUBJECT]}),
        "",
        "TERM_REDEFINED",
    ),
    "index": (
        credential(credentialSubject={"type": [SUBJECT], "@index": "x"}),
        "/credentialSubject/@index",
        "VALUE_UNSIGNED",
    ),
    "index_map": (
        credential(
            **{"@context": [CREDENTIALS_V2, {"notes": {"@id": "urn:notes", "@container": "@index"}}]},
            type=["VerifiableCredential"],
            issuer="did:web:ut.example",
            credentialSubject={"notes": {"uno": "1", "dos": "2"}},
        ),
        "/credentialSubject/notes",
        "VALUE_UNSIGNED",
    ),
    "no_language_tag": (credential(name={"@value": "x", "@language": "no tag"}), "/name/@language", "JSONLD_INVALID"),
    "type_as_object": (credential(issuer={"id": "urn:i", "type": {"Profile": "Profile"}}), "/issuer", "JSONLD_INVALID"),
    "broken_inline_context": (credential(**{"@context": [CREDENTIALS_V2, {"@vocab": None}]}), "", "JSONLD_INVALID"),
    "nothing_signed": ({"@context": [CREDENTIALS_V2], "id": "urn:x"}, "", "NOTHING_SIGNED"),
    "no_context": ({"name": "y"}, "/name", "TERM_UNMAPPED"),
    "too_deep": (credential(credentialSubject=DEEP), "/credentialSubject" * 65, "TOO_DEEP"),
    "too_many_values": (credential(evidence=["https://a.example"] * 10_001), "", "DOCUMENT_TOO_LARGE"),
    "too_many_contexts": (credential(**{"@context": [CREDENTIALS_V2] * 101}), "/@context", "DOCUMENT_TOO_LARGE"),
    "too_many_contexts_below": (
        credential(credentialSubject=[{"@context": [CREDENTIALS_V2] * 10}] * 11),
        "/credentialSubject/9/@context",
        "DOCUMENT_TOO_LARGE",
    ),
    "inline_context_too_deep": (
        credential(**{"@context": [CREDENTIALS_V2, {"x": DEEP}]}),
        "/@context/1",
        "DOCUMENT_TOO_LARGE",
    ),
    "poison": (
        credential(
            **{"@context": [CREDENTIALS_V2, {"knows": {"@id": "urn:knows", "@type": "@id"}}]},
            type=["VerifiableCredential"],
            issuer="did:web:ut.example",
            credentialSubject=[{"id": f"_:n{i}", "knows": [f"_:n{j}" for j in range(10) if i != j]} for i in range(10)],
        ),
        "",
        "GRAPH_TOO_COMPLEX",
    ),
}


@pytest.mark.parametrize("form", [canonical_nquads, canonical_nquads_slow])
@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str, form: Callable[[Document], bytes]) -> None:
    document, pointer, code = REFUSED[name]
    before = copy.deepcopy(document)
    with pytest.raises(CanonicalFormRefused) as caught:
        form(document)
    assert (caught.value.code, caught.value.pointer) == (code, pointer), caught.value
    assert repr(document) == repr(before)


def test_a_refused_import_leaves_the_bundled_contexts_alone() -> None:
    wanted = canonical_nquads_slow(credential())
    for name in ("import_in_context", "import_below", "protected_term_redefined"):
        with pytest.raises(CanonicalFormRefused):
            canonical_nquads(REFUSED[name][0])
    assert canonical_nquads_slow(credential()) == wanted


ACCEPTED: dict[str, Document] = {
    "plain": credential(),
    "v1": {
        "@context": [CREDENTIALS_V1],
        "type": "VerifiableCredential",
        "issuer": "did:web:ut.example",
        "issuanceDate": "2026-03-01T00:00:00Z",
        "credentialSubject": {"id": "did:web:a.example"},
    },
    "line_breaks": credential(name="a\n\tb\r\nc"),
    "every_plane": credential(name="ñ é 中 \u200f ابجد \U0001f600 \U0003134a \U000e0041 \u0085 \u2028"),
    "combining": credential(name="e\u0301", description="\u00e9"),
    "context_order": credential(**{"@context": [CREDENTIALS_V2, ACREDITA_V1, OPEN_BADGES_V3]}),
    "one_type": credential(type="VerifiableCredential", credentialSubject={"id": "did:web:a.example", "name": "x"}),
    "empty_node": credential(credentialSubject={}),
    "empty_list": credential(evidence=[]),
    "shared_ids": credential(issuer={"id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33", "type": "Profile"}),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_both_ways_give_the_same_bytes(name: str) -> None:
    document = ACCEPTED[name]
    walked_quads(document, bundled_contexts())  # not left to the slow path
    assert canonical_nquads(document) == canonical_nquads_slow(document)


SLOW_ONLY: dict[str, Document] = {
    "direction": credential(name={"@value": "شهادة", "@language": "AR", "@direction": "rtl"}),
    "language": credential(name=[{"@value": "Uno", "@language": "es"}, {"@value": "One", "@language": "en"}]),
    "inline_context": credential(
        **{"@context": [CREDENTIALS_V2, OPEN_BADGES_V3, {"colour": "urn:colour"}]}, colour="verde"
    ),
    "absolute_key": credential(**{"https://schema.org/color": "verde"}),
    "keyword_key": {"@context": CREDENTIALS_V2, "@id": "urn:x", "name": "y"},
    "nested_context": credential(credentialSubject={"@context": {"colour": "urn:colour"}, "colour": "verde"}),
    "nested_lists": credential(evidence=[["https://a.example"], "https://b.example"]),
}


@pytest.mark.parametrize("name", SLOW_ONLY)
def test_what_the_walk_does_not_know_goes_the_slow_way(name: str) -> None:
    with pytest.raises(CompiledWalkUnavailable):
        walked_quads(SLOW_ONLY[name], bundled_contexts())
    assert canonical_nquads(SLOW_ONLY[name]) == canonical_nquads_slow(SLOW_ONLY[name])


def test_direction_and_language_are_signed() -> None:
    quads = canonical_nquads(SLOW_ONLY["direction"]).decode()
    assert '"شهادة"^^<https://www.w3.org/ns/i18n#ar_rtl>' in quads
    assert '"Uno"@es' in canonical_nquads(SLOW_ONLY["language"]).decode()


@pytest.mark.parametrize(
    ("value", "term"),
    [
        (42, '"42"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        (42.0, '"42"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        (0.0, '"0"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        (-7, '"-7"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        (2**53 - 1, '"9007199254740991"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        (6.25, '"6.25E0"^^<http://www.w3.org/2001/XMLSchema#double>'),
        (0.1, '"1.0E-1"^^<http://www.w3.org/2001/XMLSchema#double>'),
        (-123.5, '"-1.235E2"^^<http://www.w3.org/2001/XMLSchema#double>'),
        (True, '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
        (False, '"false"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
    ],
)
def test_numbers(value: object, term: str) -> None:
    document = credential(name=value)
    assert f"<https://schema.org/name> {term} .".encode() in canonical_nquads(document)
    assert canonical_nquads(document) == canonical_nquads_slow(document)


def test_a_number_and_its_text_are_one_statement_only_where_they_are_typed_alike() -> None:
    plain = canonical_nquads(credential(name=[42, "42"]))
    assert plain.count(b"<https://schema.org/name>") == 4  # 42 and "42", the issuer's and the achievement's
    subject = {"type": [SUBJECT], "creditsEarned": [42, "42"]}
    assert canonical_nquads(credential(credentialSubject=subject)).count(b"#creditsEarned>") == 1


def test_order_of_keys_and_of_sets_is_not_signed() -> None:
    document = credential(evidence=["https://a.example", "https://b.example"])
    turned = dict(reversed(list(document.items()))) | {"evidence": ["https://b.example", "https://a.example"]}
    assert list(turned) != list(document)
    assert canonical_nquads(turned) == canonical_nquads(document)


def test_demo_credentials_take_the_fast_way(unsigned: Callable[..., Document]) -> None:
    for programme in ("analitica-ingenieria", "diseno-microcredenciales"):
        document = unsigned(programme)
        walked_quads(document, bundled_contexts())
        assert canonical_nquads(document) == canonical_nquads_slow(document)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(st.characters(min_codepoint=0x10000), max_size=20))
def test_any_text_is_signed_or_refused_alike(name: str, description: str) -> None:
    document = credential(name=name, description=description)
    outcomes = []
    for form in (canonical_nquads, canonical_nquads_slow):
        try:
            outcomes.append(form(document).decode())
        except CanonicalFormRefused as error:
            outcomes.append(f"{error.code} {error.pointer}")
    assert outcomes[0] == outcomes[1]
    if not any(ord(c) < 32 or ord(c) == 127 for c in name) and '"' not in name and "\\" not in name:
        assert f"<https://schema.org/name> {json.dumps(name, ensure_ascii=False)} ." in outcomes[0]
