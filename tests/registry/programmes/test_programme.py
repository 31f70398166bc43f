"""Programme and scope documents: what is taken, what is refused and under which code."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from acredita.node.demo.documents import IN_REVIEW, DemoDocuments, institutions, routes
from acredita.registry.json_documents.jcs import jcs
from acredita.registry.programmes.achievement import achievement_id, programme_digest
from acredita.registry.programmes.programme import ProgrammeRefused, achievement_of, parse_programme
from acredita.registry.programmes.scope import ScopeRefused, in_scope, parse_scope

FIXTURES = Path(__file__).parents[1] / "fixtures" / "programmes"
DIDS = {party.key: f"did:web:{party.domain}" for party in institutions()}


def changed(document: Any, path: str, value: object = None) -> Any:
    """Copy the document with the value at a pointer replaced, or removed where no value is given."""
    copied = copy.deepcopy(document)
    *parents, last = path.strip("/").split("/")
    target = copied
    for part in parents:
        target = target[int(part)] if isinstance(target, list) else target[part]
    key: Any = int(last) if isinstance(target, list) else last
    if value is None:
        del target[key]
    else:
        target[key] = value
    return copied


def refusals(document: object) -> list[tuple[str, str]]:
    with pytest.raises(ProgrammeRefused) as caught:
        parse_programme(document)
    return [(problem.pointer, problem.code) for problem in caught.value.faults]


def test_every_demo_programme_is_taken_and_in_its_issuers_scope(demo: DemoDocuments) -> None:
    assert len({programme.id for programme in demo.programmes}) == 8
    assert len(demo.programmes) == 9
    scopes = {scope.did: scope for scope in demo.scopes.values()}
    assert [in_scope(programme, scopes[programme.issuer]) for programme in demo.programmes] == [None] * 9
    assert IN_REVIEW in {programme.id for programme in demo.programmes}


def test_routes_name_programmes_that_exist(demo: DemoDocuments) -> None:
    known = {programme.id for programme in demo.programmes}
    assert len(routes()) == 2
    for route in routes():
        assert set(route["requires"]) <= known
        for identifier in route["requires"]:
            assert route["id"] in demo.programme(identifier).document["stackability"]["part_of"]


def test_versions_of_one_programme_have_different_digests(demo: DemoDocuments) -> None:
    old = demo.programme("diseno-microcredenciales", "1.0.0")
    new = demo.programme("diseno-microcredenciales")
    assert (old.version, new.version) == ("1.0.0", "1.1.0")
    assert old.digest != new.digest
    assert len({programme.digest for programme in demo.programmes}) == 9


@pytest.mark.parametrize(
    "element",
    ["title", "country", "region", "issuer", "learning_outcomes", "workload", "level", "assessment", "sector",
     "participation", "quality_assurance", "assessment_criteria", "validity", "grading", "description"],
)  # fmt: skip
def test_a_missing_element_is_named_by_its_pointer(demo: DemoDocuments, element: str) -> None:
    document = changed(demo.programmes[0].document, f"/{element}")
    assert refusals(document) == [(f"/{element}", "PROGRAMME_MISSING_ELEMENT")]


def test_every_missing_element_is_named_at_once() -> None:
    found = refusals({"format": "acredita-programme/1"})
    assert {code for _, code in found} == {"PROGRAMME_MISSING_ELEMENT"}
    assert len(found) == 18


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("/nota", "x", "PROGRAMME_UNKNOWN_KEY"),
        ("/workload/semanas", 4, "PROGRAMME_UNKNOWN_KEY"),
        ("/workload/hours", 0, "PROGRAMME_MALFORMED"),
        ("/workload/hours", "100", "PROGRAMME_MALFORMED"),
        ("/learning_outcomes", [], "PROGRAMME_MALFORMED"),
        ("/title", {"en": "No Spanish"}, "PROGRAMME_MISSING_ELEMENT"),
        ("/title/es", "dos\nlíneas", "PROGRAMME_MALFORMED"),
        ("/id", "relativo", "PROGRAMME_MALFORMED"),
        ("/id", "urn:mc-demo:prog:x\n", "PROGRAMME_MALFORMED"),
        ("/id", "urn:mc-demo:prog:x#y", "PROGRAMME_MALFORMED"),
        ("/level/mx", "doctorado en magia", "PROGRAMME_MALFORMED"),
        ("/level/eqf", 9, "PROGRAMME_MALFORMED"),
        ("/validity", {}, "PROGRAMME_MALFORMED"),
        ("/validity", {"duration": "P"}, "PROGRAMME_MALFORMED"),
        ("/validity", {"duration": "P1Y", "none_because": {"es": "x"}}, "PROGRAMME_MALFORMED"),
        ("/achievement_type", "Certificate", "PROGRAMME_MALFORMED"),
        ("/participation/type", "online", "PROGRAMME_TERM_MISMATCH"),
        ("/assessment/0/type", "observation", "PROGRAMME_TERM_MISMATCH"),
        ("/grading", {"scale": "percent", "minimum": "80"}, "PROGRAMME_MINIMUM_NOT_IN_SCALE"),
        ("/grading", {"scale": "percent", "minimum": 80.1234567}, "PROGRAMME_MINIMUM_NOT_IN_SCALE"),
        ("/grading", {"scale": "percent", "minimum": 1e-7}, "PROGRAMME_MINIMUM_NOT_IN_SCALE"),
        ("/grading", {"scale": ["A", "B"], "minimum": "C"}, "PROGRAMME_MINIMUM_NOT_IN_SCALE"),
        ("/grading", {"scale": ["Alto", "alto"], "minimum": "alto"}, "PROGRAMME_DUPLICATE"),
        ("/equivalence", {"education_level": "superior"}, "PROGRAMME_MISSING_ELEMENT"),
    ],
)  # fmt: skip
def test_a_broken_rule_has_its_code(demo: DemoDocuments, path: str, value: object, code: str) -> None:
    document = changed(demo.programme("comunicacion-efectiva").document, path, value)
    assert {found for _, found in refusals(document)} == {code}


def test_two_outcomes_with_one_id_are_refused(demo: DemoDocuments) -> None:
    document = demo.programmes[0].document
    twice = document | {"learning_outcomes": [document["learning_outcomes"][0]] * 2}  # type: ignore[operator]
    assert refusals(twice) == [("/learning_outcomes", "PROGRAMME_DUPLICATE")]


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.json")), ids=lambda path: path.stem)
def test_refused_fixture_gets_the_code_it_is_named_for(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    code, _, where = path.stem.partition("--")
    assert refusals(document) == [(f"/{where}", code.upper())]


@pytest.mark.parametrize("document", [None, 3, "x", [], [1], True])
def test_what_is_no_object_is_refused(document: object) -> None:
    assert refusals(document) == [("", "PROGRAMME_MALFORMED")]


def test_scope_refusals_in_order(demo: DemoDocuments) -> None:
    programme = demo.programme("analitica-ingenieria")
    base = dict(demo.scopes["demo-up"].document)
    narrowed = {
        "SCOPE_LEVEL_MISMATCH": base | {"levels": ["media superior"]},
        "SCOPE_SECTOR_MISMATCH": base | {"sectors": ["educación"]},
        "SCOPE_PROGRAMME_MISMATCH": base | {"programmes": ["urn:mc-demo:prog:otro"]},
    }
    assert {code: in_scope(programme, parse_scope(doc)) for code, doc in narrowed.items()} == {
        code: code for code in narrowed
    }
    assert in_scope(programme, parse_scope(base | {"programmes": []})) is None


def test_a_bachillerato_may_not_offer_a_higher_level(demo: DemoDocuments) -> None:
    assert in_scope(demo.programme("analitica-ingenieria"), demo.scopes["demo-bt"]) == "SCOPE_LEVEL_MISMATCH"


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("/levels", None, "SCOPE_MISSING_ELEMENT"),
        ("/levels", [], "SCOPE_MALFORMED"),
        ("/nivel", "superior", "SCOPE_UNKNOWN_KEY"),
        ("/did", "demo-ut", "SCOPE_MALFORMED"),
    ],
)
def test_a_broken_scope_is_refused(demo: DemoDocuments, path: str, value: object, code: str) -> None:
    with pytest.raises(ScopeRefused) as caught:
        parse_scope(changed(demo.scopes["demo-ut"].document, path, value))
    assert [problem.code for problem in caught.value.faults] == [code]


def test_the_achievement_is_built_from_the_document_alone(demo: DemoDocuments) -> None:
    for programme in demo.programmes:
        again = parse_programme(json.loads(jcs(programme.document)))
        assert again.digest == programme.digest
        assert jcs(achievement_of(again)) == jcs(achievement_of(programme))


def test_the_achievement_id_names_the_version_and_nothing_else_does(demo: DemoDocuments) -> None:
    programme = demo.programmes[0]
    name = achievement_id(programme.digest)
    assert programme_digest(name) == programme.digest
    assert achievement_of(programme)["id"] == name
    # 32 bytes leave four unused bits in the last character: only one spelling is the name.
    other = name[:-1] + chr(ord(name[-1]) + 1)
    for wrong in (
        other,
        name + "=",
        name[:-1],
        name + "A",
        name.replace("ni:///", "ni://host/"),
        "urn:uuid:1",
        name + "\n",
    ):
        assert programme_digest(wrong) is None


def test_every_element_of_the_recommendation_is_placed(demo: DemoDocuments) -> None:
    programme = demo.programme("ind40-fundamentos")
    achievement = achievement_of(programme)
    document = programme.document
    kinds = [alignment["targetType"] for alignment in achievement["alignment"]]
    assert achievement["name"] == document["title"]["es"]
    assert sorted(kinds) == ["ext:EQF"] + ["ext:LearningOutcome"] * 3 + ["ext:NivelMX"]
    assert achievement["workload"] == {"hours": 100, "ects": 4, "creditsMx": 6.25}
    assert achievement["creditsAvailable"] == 4
    assert achievement["assessmentType"] == sorted({term["uri"] for term in document["assessment"]})
    assert achievement["participationForm"] == document["participation"]["uri"]
    assert {item["agent"] for item in achievement["qualityAssurance"]} == {DIDS["demo-agencia"], DIDS["demo-autoridad"]}
    assert achievement["criteria"] == {"narrative": document["assessment_criteria"]["es"]}
    assert achievement["validityPeriod"] == "P3Y"
    assert achievement["entryRequirement"] == document["prerequisites"]["es"]
    assert achievement["supervisionVerification"] == document["supervision"]
    assert achievement["stackability"] == {"mode": "stackable", "partOf": document["stackability"]["part_of"]}
    [result] = achievement["resultDescription"]
    assert [level["name"] for level in result["rubricCriterionLevel"]] == document["grading"]["scale"]
    assert result["requiredLevel"].endswith("#nivel-3")
