"""One reading: what the profile takes, the reshapings it refuses, and that no refusal repeats a value."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from acredita.registry.canonicalisation.contexts import bundled_contexts
from acredita.registry.credentials.build import match_subject
from acredita.registry.credentials.parse import ProfileRefused, parse_credential, schema_errors
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.keys.did import did_key_of_method
from acredita.registry.proofs.data_integrity import verify_proof
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld

FIXTURES = Path(__file__).parents[1] / "fixtures"
RESHAPED = sorted((FIXTURES / "reshaped").glob("*.json"))
CONTRADICTIONS = sorted((FIXTURES / "contradictions").glob("*.json"))
REFUSED = sorted((FIXTURES / "profile").glob("*.json"))
CANARY = "CANARIO-Ñandú-7f3a"

Build = Callable[..., dict[str, Any]]
Place = tuple[str | int, ...]


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def code_of_file(path: Path) -> str:
    """Return the code of both halves of step 1, reading and profile, for a file."""
    try:
        parse_credential(read_json(path.read_bytes()))
    except (JsonRefused, ProfileRefused) as error:
        return error.code
    return "ACCEPTED"


@pytest.fixture
def accepted() -> Any:
    return load(FIXTURES / "accepted.json")


def refusal(document: object) -> ProfileRefused | None:
    try:
        parse_credential(document)
    except ProfileRefused as error:
        return error
    return None


def schema_faults(document: object) -> list[str]:
    """Return the faults of the schema alone: parser and schema must take the same shapes."""
    return [text for text in schema_errors(document) if ": SCHEMA_" in text]


def places(value: object, path: Place = ()) -> Iterator[Place]:
    """Yield every place of a document, the document itself first."""
    yield path
    if isinstance(value, dict):
        for key, child in value.items():
            yield from places(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from places(child, (*path, index))


def at(document: Any, path: Place) -> Any:
    for part in path:
        document = document[part]
    return document


def put(document: Any, path: Place, value: object) -> Any:
    changed = copy.deepcopy(document)
    at(changed, path[:-1])[path[-1]] = value
    return changed


def plain_canonical_form(document: dict[str, Any]) -> str:
    """Compute the canonical form of any JSON-LD library: pyld alone, with only our context files."""
    unsecured = {key: value for key, value in document.items() if key != "proof"}
    options = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "documentLoader": bundled_contexts().load,
    }
    return str(jsonld.normalize(unsecured, options))


def test_the_accepted_fixture_is_read_signed_and_valid(accepted: Any) -> None:
    parsed = parse_credential(accepted)
    assert schema_errors(accepted) == []
    check = verify_proof(accepted, did_key_of_method)
    assert check.verification_method.startswith(parsed.issuer + "#")
    assert match_subject(parsed, "Persona Ficticia 05")
    assert (parsed.result.value, parsed.result.place) == ("Competente", 3)
    assert (parsed.status_index, parsed.position) == (3, 131_075)
    assert parsed.evidence == ("https://up.example/evidencia/5",)
    assert (parsed.awarded, parsed.valid_from, parsed.created) == (1_771_545_600, 1_772_323_200, 1_772_323_200)


@pytest.mark.parametrize("path", RESHAPED, ids=lambda path: path.stem)
def test_a_reshaping_that_keeps_the_signature_is_refused(accepted: Any, path: Path) -> None:
    document = load(path)
    # The point of the fixture: to every JSON-LD library this is the signed document, and its proof holds.
    assert plain_canonical_form(document) == plain_canonical_form(accepted)
    assert document["proof"] == accepted["proof"]
    assert code_of_file(path) == path.stem.partition("--")[0].upper()
    assert refusal(document) is not None


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_what_is_outside_the_profile_has_the_code_it_is_named_for(path: Path) -> None:
    assert code_of_file(path) == path.stem.partition("--")[0].upper()


@pytest.mark.parametrize("path", CONTRADICTIONS, ids=lambda path: path.stem)
def test_values_that_contradict_each_other_are_step_two(path: Path) -> None:
    document = load(path)
    assert refusal(document) is None
    [text] = schema_errors(document)
    assert text.split(": ")[1] == path.stem.partition("--")[0].upper()


def test_there_are_at_least_twelve_reshapings() -> None:
    assert len(RESHAPED) >= 12


@pytest.mark.parametrize("document", [None, True, 0, "x", [], {}, {"credentialSubject": None}, [[[]]]])
def test_anything_else_is_refused_with_a_code(document: object) -> None:
    error = refusal(document)
    assert error is not None
    assert error.code in {"NOT_A_CREDENTIAL", "CONTEXT_NOT_ALLOWED"}


def test_only_the_optional_keys_may_be_left_out(accepted: Any) -> None:
    optional = {"validUntil", "evidence", "tag", "fieldOfStudy", "creditsAvailable", "validityPeriod", "entryRequirement",
                "supervisionVerification", "stackability", "legalRecognition", "targetCode", "targetDescription", "ects",
                "creditsMx"}  # fmt: skip
    for path in places(accepted):
        if path and isinstance(path[-1], str):
            document = copy.deepcopy(accepted)
            del at(document, path[:-1])[path[-1]]
            error = refusal(document)
            if path[-1] not in optional or error is not None:
                assert error is not None, path
            else:
                assert schema_faults(document) == [], path


def test_a_key_more_anywhere_is_refused_by_parser_and_schema(accepted: Any) -> None:
    for path in places(accepted):
        if isinstance(at(accepted, path), dict):
            document = copy.deepcopy(accepted)
            at(document, path)["nota"] = "x"
            error = refusal(document)
            assert error is not None
            assert error.code == "PROFILE_UNKNOWN_KEY", path
            # Inside a result description the schema can only say that neither of its two forms fits.
            where = "/".join(str(part) for part in path)
            code = "SCHEMA_VALUE" if "resultDescription/" in where else "SCHEMA_UNKNOWN_KEY"
            assert [text.split(": ")[1] for text in schema_errors(document)] == [code], path


@pytest.mark.parametrize("value", [None, True, 1, 1.5, "", "x", [], {}, [["x"]], {"id": "urn:x:1"}, {"@value": "x"}])
def test_another_kind_of_value_anywhere_is_refused(accepted: Any, value: object) -> None:
    # `x` and 1 are values like any other where the profile asks for any text or any number.
    for path in places(accepted):
        if (
            path
            and type(at(accepted, path)) is not type(value)
            and not (
                isinstance(value, int | float) and isinstance(at(accepted, path), int | float) and value is not True
            )
        ):
            assert refusal(put(accepted, path, value)) is not None, path


def test_a_wrapped_value_anywhere_is_refused(accepted: Any) -> None:
    for path in places(accepted):
        if path:
            assert refusal(put(accepted, path, [at(accepted, path)])) is not None, path


def test_a_line_end_after_any_text_is_refused_by_parser_and_schema(accepted: Any) -> None:
    for path in places(accepted):
        if path and isinstance(at(accepted, path), str):
            document = put(accepted, path, at(accepted, path) + "\n")
            assert refusal(document) is not None, path
            assert schema_errors(document) != [], path


def test_no_refusal_repeats_a_value(accepted: Any) -> None:
    for path in places(accepted):
        for value in (CANARY, [CANARY], {CANARY: CANARY}, {"@id": CANARY}, CANARY + "\n"):
            document = put(accepted, path, value) if path else value
            error = refusal(document)
            said = [] if error is None else [str(error), repr(error), error.expected, error.pointer]
            assert not any(CANARY in text for text in said), path
    for path in [place for place in places(accepted) if place][::7]:
        texts = schema_errors(put(accepted, path, {CANARY: CANARY})) + schema_errors(put(accepted, path, CANARY))
        assert not any(CANARY in text for text in texts), path


def test_a_jcs_proof_repeats_the_contexts_and_an_rdfc_proof_does_not(signed: Build) -> None:
    document = signed(cryptosuite="eddsa-jcs-2022")
    assert document["proof"]["@context"] == document["@context"]
    assert parse_credential(document).cryptosuite == "eddsa-jcs-2022"
    shorter = put(document, ("proof", "@context"), document["@context"][:2])
    assert refusal(shorter) is not None
    rdfc = signed()
    rdfc["proof"] = rdfc["proof"] | {"@context": rdfc["@context"]}
    error = refusal(rdfc)
    assert error is not None
    assert error.code == "PROFILE_UNKNOWN_KEY"


def test_an_unsigned_credential_is_read_only_when_asked(unsigned: Build, signed: Build) -> None:
    parsed = parse_credential(unsigned(), signed=False)
    assert (parsed.created, parsed.verification_method, parsed.cryptosuite) == (None, None, None)
    with pytest.raises(ProfileRefused) as caught:
        parse_credential(signed(), signed=False)
    assert caught.value.code == "PROFILE_UNKNOWN_KEY"


def test_open_badges_terms_alone_need_no_context_of_ours(unsigned: Build) -> None:
    document = unsigned()
    achievement = document["credentialSubject"]["achievement"]
    document["@context"] = document["@context"][:2]
    with pytest.raises(ProfileRefused):
        parse_credential(document, signed=False)
    for key in ("assessmentType", "participationForm", "qualityAssurance", "workload", "sector", "validityPeriod",
                "entryRequirement", "supervisionVerification", "stackability", "legalRecognition"):  # fmt: skip
        del achievement[key]
    achievement["type"] = ["Achievement"]
    assert parse_credential(document, signed=False).achievement == achievement


def test_schema_faults_are_all_named(accepted: Any) -> None:
    document = copy.deepcopy(accepted)
    del document["issuer"]["name"]
    document["issuer"]["email"] = "x"
    document["validFrom"] = "ayer"
    found = [text.split(":")[:2] for text in schema_errors(document)]
    assert found == [
        ["/issuer", " SCHEMA_UNKNOWN_KEY"],
        ["/issuer/name", " SCHEMA_MISSING"],
        ["/validFrom", " SCHEMA_VALUE"],
    ]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda child: st.lists(child, max_size=3) | st.dictionaries(st.text(max_size=8), child, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(data=st.data())
def test_whatever_stands_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    document = json.loads((FIXTURES / "accepted.json").read_text(encoding="utf-8"))
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from([place for place in places(document) if place]))
        document = put(document, path, data.draw(JSON_VALUES))
    if refusal(document) is None:
        assert schema_faults(document) == []
