"""Building a credential: what it holds, that our profile reads it back, and how a subject is matched."""

import hashlib
import json
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import IssuerId
from acredita.node.demo.documents import DemoDocuments
from acredita.registry.canonicalisation.canonical import canonical_nquads, canonical_nquads_slow
from acredita.registry.credentials.build import (
    AwardRefused,
    corrected_credential,
    last_valid_day,
    match_subject,
    passing_result,
)
from acredita.registry.credentials.days import DEFAULT_ZONE, day_of_end, end_of_day
from acredita.registry.credentials.parse import parse_credential, schema_errors
from acredita.registry.credentials.status_position import entry_at
from acredita.registry.json_documents.jcs import jcs
from acredita.registry.json_documents.strict import read_json
from acredita.registry.programmes.programme import achievement_of, parse_programme

Build = Callable[..., dict[str, Any]]
HOLDER = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"


def test_what_is_built_for_each_programme_is_read_back(demo: DemoDocuments, signed: Build) -> None:
    for programme in demo.programmes:
        document = read_json(jcs(signed(programme)))
        parsed = parse_credential(document)
        assert schema_errors(document) == []
        assert parsed.programme == programme.digest
        assert parsed.issuer == programme.issuer
        assert jcs(parsed.achievement) == jcs(achievement_of(programme))
        assert (parsed.status_index, parsed.position) == (3, 131_075)
        assert parsed.valid_from == parsed.created == 1_772_323_200


def test_every_value_of_a_credential_is_in_what_is_signed(unsigned: Build) -> None:
    document = unsigned(evidence_url="https://ut.example/evidencia/1")
    nquads = canonical_nquads(document).decode()

    def texts(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [text for key, child in value.items() if key != "@context" for text in texts(child)]
        if isinstance(value, list):
            return [text for child in value for text in texts(child)]
        return [value] if isinstance(value, str) else []

    types = {"VerifiableCredential", "OpenBadgeCredential"}
    assert [text for text in texts(document) if text not in types and text not in nquads and "#" + text not in nquads
            and text not in {"Alignment", "Result"}] == []  # fmt: skip
    assert canonical_nquads_slow(document).decode() == nquads


def test_the_identifier_is_only_there_as_a_salted_hash(unsigned: Build) -> None:
    document = unsigned(identifier="  A01234567 ")
    [identity] = document["credentialSubject"]["identifier"]
    # Written out by hand from docs/credentials.md, not with the code under test.
    digest = hashlib.sha256(b"A01234567" + b"AAECAwQFBgcICQoLDA0ODw").hexdigest()
    assert identity == {
        "type": "IdentityObject",
        "hashed": True,
        "identityHash": "sha256$" + digest,
        "identityType": "identifier",
        "salt": "AAECAwQFBgcICQoLDA0ODw",
    }
    assert "A01234567" not in json.dumps(document)


def test_a_subject_is_matched_by_its_identifier_in_any_normal_form(signed: Build) -> None:
    parsed = parse_credential(signed(identifier="Ñandú-1"))
    for same in ("Ñandú-1", " Ñandú-1\t", unicodedata.normalize("NFD", "Ñandú-1")):
        assert match_subject(parsed, same)
    for other in ("Nandu-1", "ñandú-1", "Ñandú-2", "", HOLDER):
        assert not match_subject(parsed, other)


def test_a_subject_with_a_did_has_no_salted_identifier(signed: Build) -> None:
    document = signed(did=HOLDER)
    parsed = parse_credential(document)
    assert "identifier" not in document["credentialSubject"]
    assert parsed.subject_id == HOLDER
    assert match_subject(parsed, f" {HOLDER} ")
    assert not match_subject(parsed, HOLDER + "x")


def test_a_rubric_result_names_its_level(signed: Build) -> None:
    parsed = parse_credential(signed("comunicacion-efectiva", result="Competente"))
    assert (parsed.result.value, parsed.result.place) == ("Competente", 3)


@pytest.mark.parametrize(
    ("programme", "text", "result"),
    [
        ("analitica-ingenieria", "80", "80"),
        ("analitica-ingenieria", "100.000", "100.000"),
        ("analitica-ingenieria", "95,5", "95.5"),
        ("analitica-ingenieria", "80,0", "80.0"),
        ("analitica-ingenieria", "99,999999", "99.999999"),
        ("comunicacion-efectiva", "competente", "Competente"),
        ("comunicacion-efectiva", " DESTACADO ", "Destacado"),
    ],
)
def test_a_passing_result(demo: DemoDocuments, programme: str, text: str, result: str) -> None:
    assert passing_result(demo.programme(programme), text) == result


@pytest.mark.parametrize(
    ("programme", "text", "code"),
    [
        ("analitica-ingenieria", "79.999999", "RESULT_NOT_PASSED"),
        ("analitica-ingenieria", "0", "RESULT_NOT_PASSED"),
        ("analitica-ingenieria", "100.1", "ROW_RESULT_UNKNOWN"),
        ("analitica-ingenieria", "1,000", "RESULT_NOT_PASSED"),
        ("analitica-ingenieria", "95%", "ROW_RESULT_UNKNOWN"),
        ("analitica-ingenieria", "95.5,0", "ROW_RESULT_UNKNOWN"),
        ("analitica-ingenieria", "1e2", "ROW_RESULT_UNKNOWN"),
        ("analitica-ingenieria", "-90", "ROW_RESULT_UNKNOWN"),
        ("analitica-ingenieria", "９９", "ROW_RESULT_UNKNOWN"),
        ("analitica-ingenieria", "NaN", "ROW_RESULT_UNKNOWN"),
        ("analitica-ingenieria", "", "ROW_RESULT_UNKNOWN"),
        ("comunicacion-efectiva", "En desarrollo", "RESULT_NOT_PASSED"),
        ("comunicacion-efectiva", "90", "ROW_RESULT_UNKNOWN"),
    ],
)
def test_a_result_that_is_none_or_does_not_pass(demo: DemoDocuments, programme: str, text: str, code: str) -> None:
    with pytest.raises(AwardRefused) as caught:
        passing_result(demo.programme(programme), text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("duration", "awarded", "until"),
    [
        ("P3Y", date(2026, 3, 1), "2029-03-02T05:59:59Z"),
        ("P1Y", date(2028, 2, 29), "2029-03-01T05:59:59Z"),
        ("P4Y", date(2024, 2, 29), "2028-03-01T05:59:59Z"),
        ("P1M", date(2026, 1, 31), "2026-03-01T05:59:59Z"),
        ("P18M", date(2026, 8, 15), "2028-02-16T05:59:59Z"),
        ("P90D", date(2026, 12, 31), "2027-04-01T05:59:59Z"),
        ("P1Y1M1D", date(2026, 12, 31), "2028-02-02T05:59:59Z"),
    ],
)
def test_the_validity_counts_from_the_award(demo: DemoDocuments, duration: str, awarded: date, until: str) -> None:
    document = dict(demo.programmes[0].document) | {"validity": {"duration": duration}}
    last_day = last_valid_day(parse_programme(document), awarded)
    assert last_day is not None
    end = end_of_day(last_day, DEFAULT_ZONE)
    assert (time_text(end), day_of_end(end)) == (until, last_day)


def test_a_programme_without_end_gives_a_credential_without_end(demo: DemoDocuments, signed: Build) -> None:
    document = dict(demo.programmes[0].document) | {"validity": {"none_because": {"es": "Saber que no caduca"}}}
    credential = signed(parse_programme(document))
    assert "validUntil" not in credential
    assert parse_credential(credential).valid_until is None
    assert credential["credentialSubject"]["achievement"]["noExpiryReason"] == "Saber que no caduca"


@pytest.mark.parametrize("level", ["media superior", "superior", "formación para el trabajo"])
@pytest.mark.parametrize("minimum", [0, 0.5, 60, 79.999999, 100])
def test_whatever_a_programme_may_state_is_in_the_profile(
    demo: DemoDocuments, signed: Build, level: str, minimum: float
) -> None:
    changed = {"level": {"mx": level}, "workload": {"hours": 0.5}, "grading": {"scale": "percent", "minimum": minimum}}
    leaner = dict(demo.programmes[0].document) | changed
    for optional in (
        "prerequisites",
        "supervision",
        "stackability",
        "field_of_study",
        "tags",
        "catalogue",
        "equivalence",
    ):
        del leaner[optional]
    document = signed(parse_programme(leaner), result="100")
    assert parse_credential(document).result.value == "100"
    assert schema_errors(document) == []


def test_a_validity_already_over_is_refused(unsigned: Build) -> None:
    with pytest.raises(AwardRefused) as caught:
        unsigned(awarded=date(2020, 1, 1))
    assert caught.value.code == "ROW_VALIDITY_OVER"


def test_a_correction_changes_result_status_and_start_only(demo: DemoDocuments, signed: Build) -> None:
    programme = demo.programme("analitica-ingenieria")
    place = entry_at("https://ut.example", IssuerId(b"\x5a" * 32), 9)
    old = signed()
    new = corrected_credential(old, programme, result="95", status=place, valid_from=1_772_323_201)
    before, after = parse_credential(old), parse_credential(new, signed=False)
    assert (before.id, before.valid_until, before.identity) == (after.id, after.valid_until, after.identity)
    assert (after.result.value, after.position) == ("95", 9)
    assert after.valid_from > before.valid_from
    assert parse_credential(old) == before


@pytest.mark.parametrize(
    ("result", "valid_from", "code"),
    [("10", 1_772_323_201, "RESULT_NOT_PASSED"), ("95", 4_000_000_000, "ROW_VALIDITY_OVER")],
)
def test_a_correction_that_gives_no_credential(
    demo: DemoDocuments, signed: Build, result: str, valid_from: int, code: str
) -> None:
    place = entry_at("https://ut.example", IssuerId(b"\x5a" * 32), 9)
    with pytest.raises(AwardRefused) as caught:
        corrected_credential(
            signed(), demo.programme("analitica-ingenieria"), result=result, status=place, valid_from=valid_from
        )
    assert caught.value.code == code


def test_a_salt_of_another_length_is_refused(unsigned: Build) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        unsigned(salt=b"short")
