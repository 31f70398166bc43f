"""Judge a cohort file before any of it is issued, and report what a run does with each row.

Invariant: no value of a row is kept, only its number, a code and a mark of its batch.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Final

from acredita.anchoring.types import Digest
from acredita.registry.credentials.cohort_file import Importer
from acredita.registry.credentials.cohort_file import RowOutcome as JudgedRow
from acredita.registry.credentials.cohort_rows import RowRefused, Rows

ROWS_PER_TRANSACTION: Final = 128


class RowOutcome(StrEnum):
    """The outcome of one row."""

    ISSUED = "issued"
    KNOWN = "known"  # issued before from the same row, in this or another file
    REFUSED = "refused"
    NEW = "new"  # in a dry run: would be issued


@dataclass(frozen=True, slots=True)
class RowReport:
    """The outcome of one row, without any of its values."""

    row: int
    outcome: RowOutcome
    digest: Digest | None = None
    code: str | None = None
    column: str | None = None
    expected: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The summary of a judged file: how many rows, how many of them refused, and a mark for each batch."""

    rows: int
    refused: int
    marks: tuple[bytes, ...]


def judge(importer: Importer, rows: Rows) -> Judgement:
    """Judge all rows. Raises CohortRefused if the file as a whole cannot be used."""
    count, refused, marks = 0, 0, []
    for batch in batches(importer.judge(rows)):
        count += len(batch)
        refused += sum(isinstance(row, RowRefused) for row in batch)
        marks.append(mark_of(batch))
    return Judgement(count, refused, tuple(marks))


def refusal(row: RowRefused) -> RowReport:
    """Return the report of a refused row."""
    return RowReport(row.row, RowOutcome.REFUSED, None, row.code, row.column, row.expected)


def batches(rows: Iterable[JudgedRow]) -> Iterator[list[JudgedRow]]:
    """Yield the rows in batches of one transaction each."""
    source = iter(rows)
    while batch := list(islice(source, ROWS_PER_TRANSACTION)):
        yield batch


def mark_of(batch: Sequence[JudgedRow]) -> bytes:
    """Return a mark that changes with any value of any row. The values themselves are not kept."""
    return hashlib.sha256("\n".join(map(repr, batch)).encode("utf-8", "surrogatepass")).digest()
