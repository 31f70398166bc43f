"""Anchoring stays affordable: the dearest batch at 300,000 entries keeps its limit, whatever stands above the issuer."""

from bench.gas_anchor import ACCREDITED_LIMIT, DIRECT_LIMIT, KINDS, ROLES, measure, table


def test_the_limits_at_300_000_entries() -> None:
    rows = measure((300_000,))
    assert len(rows) == len(ROLES) * len(KINDS)
    for row in rows:
        assert row.gas <= (ACCREDITED_LIMIT if row.accreditors else DIRECT_LIMIT), row


def test_the_table_has_a_row_for_each_size_and_kind() -> None:
    rows = measure((10, 1_000))
    assert len(table(rows).splitlines()) == 2 + 2 * len(KINDS)
