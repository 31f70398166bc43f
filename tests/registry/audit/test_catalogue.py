"""The audit finds every fraud and accident of the catalogue, by its codes alone, and none in the honest world."""

import pytest
from acredita.anchoring.ledger import PartialLedgerUnavailable
from acredita.registry.audit.spellings import alike

from tests.registry.audit.catalogue import PAGE, ROWS, Asked, Row, history, page
from tests.registry.verification.cases import anchored_by
from tests.registry.world import AnchoredWorld, party


def test_the_catalogue_has_at_least_101_rows_of_different_names() -> None:
    assert len(ROWS) >= 101
    assert len({(row.kind, row.name) for row in ROWS}) == len(ROWS)


def test_the_honest_world_has_none(anchored: AnchoredWorld) -> None:
    assert Asked(anchored.world).audit().findings == ()
    history(anchored)
    assert Asked(anchored.world).audit().findings == ()
    other = party("centro")
    anchored.world.accredit(other, anchored.world.scope(other))
    anchored_by(anchored.world, other)
    assert Asked(anchored.world).audit().findings == ()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.kind}-{row.name}")
def test_each_is_found_and_nothing_else(anchored: AnchoredWorld, row: Row) -> None:
    asked = row.plant(anchored)
    try:
        audit = asked.audit()
    except PartialLedgerUnavailable as error:
        assert (row.outcome, row.codes) == ("unknown", frozenset({str(error.code)}))
        return
    assert {str(finding.code) for finding in audit.findings} == row.codes
    assert audit.outcome == row.outcome


def test_different_names_do_not_look_alike() -> None:
    assert alike(["did:web:utec.example", "did:web:uteg.example", "did:key:z6Mk0", "did:key:z6MkO"]) == []


@pytest.mark.parametrize("other", ["did:web:UTEC.example", "did:web:utec.example.", "did:web:ut%65c.example"])
def test_spellings_of_one_name_look_alike(other: str) -> None:
    assert alike(["did:web:utec.example", other]) == [tuple(sorted(("did:web:utec.example", other)))]


def test_the_page_is_the_catalogue() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()
