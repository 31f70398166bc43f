"""One run over a cohort: rows become credentials, stored and queued batch by batch, whoever makes them.

The rows are gone through twice. First they are judged to the end, and of each batch only a mark is kept; then they are
read again, and a batch is made only if its mark is the same: a file that breaks in the middle, or is changed meanwhile,
issues nothing of what was not judged. A batch is one transaction: rows issued before are named and left alone, positions
that somebody else has drawn since are drawn again, and nothing is stored that was signed with a key no longer in force. A
run that is killed is run again with the same file, and goes on where it was.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from typing import Final

from acredita.anchoring.entries import POSITIONS_PER_LIST
from acredita.anchoring.types import Digest, to_hex
from acredita.node.issuance.context import InstitutionRefused, IssuanceContext
from acredita.node.issuance.sign_credential import Made, Maker, Order, SchemaBrokenError
from acredita.node.issuance.signing_pool import Job, WorkerLostError, Workshop
from acredita.node.issuance.status_positions import Positions, newest_list
from acredita.node.storage import cohort_batches, queue
from acredita.node.storage.cohort_batches import AGAIN, LABEL_CHARACTERS, NewCredential
from acredita.node.storage.trail import Action
from acredita.registry.codes import Code
from acredita.registry.credentials.cohort_file import CohortRefused, Importer, RowAccepted, RowRefused, Rows
from acredita.registry.credentials.cohort_file import RowOutcome as Judged
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

ROWS_PER_TRANSACTION: Final = 128
DRAWS: Final = 5  # two writers may draw the same positions; the database says so and they are drawn again
COUNT_EVERY: Final = 16  # batches; what waits is counted again then, because the count reads every waiting row


class RowOutcome(StrEnum):
    ISSUED = "issued"
    KNOWN = "known"  # issued before from the same row, in this or another file
    REFUSED = "refused"
    ACCEPTED = "accepted"  # in a dry run: would be issued, unless it was before


@dataclass(frozen=True, slots=True)
class RowReport:
    """What became of one row; never a value of it."""

    row: int
    outcome: RowOutcome
    digest: Digest | None = None
    code: Code | None = None
    column: str | None = None
    expected: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is kept of a judged file: how many rows, how many of them refused, and a mark for each batch."""

    rows: int
    refused: int
    marks: tuple[bytes, ...]


def judge(importer: Importer, rows: Rows) -> Judgement:
    """Read to the end. Raises CohortRefused where the file as a whole cannot be used."""
    count, refused, marks = 0, 0, []
    for batch in _batches(importer.judge(rows)):
        count += len(batch)
        refused += sum(isinstance(row, RowRefused) for row in batch)
        marks.append(_mark(batch))
    return Judgement(count, refused, tuple(marks))


def refusal(row: RowRefused) -> RowReport:
    return RowReport(row.row, RowOutcome.REFUSED, None, row.code, row.column, row.expected)


@dataclass
class _Batch:
    """Rows on their way: refused ones, those issued before, and those that are being made."""

    reports: list[RowReport]
    fresh: dict[int, RowAccepted] = field(default_factory=dict)
    maker: Maker | None = None
    job: Job | None = None
    places: tuple[int, ...] = ()


@dataclass
class CohortRun:
    """`label`: issue rows again that were issued before, each once under this label; None leaves them alone."""

    context: IssuanceContext
    workshop: Workshop
    label: str | None = None
    _labels: list[str] = field(default_factory=list)
    _positions: Positions | None = None
    _flying: deque[_Batch] = field(default_factory=deque)
    _waiting: int = 0
    _counted: int = 0

    def reports(self, importer: Importer, rows: Rows, judged: Judgement) -> Iterator[RowReport]:
        """Issue what was judged; reports in the order of the rows."""
        with self.context.database.read() as connection:
            self._labels = cohort_batches.labels(connection, self.context.issuer)
        expected = list(judged.marks[::-1])
        for batch in _batches(importer.judge(rows)):
            if not expected or _mark(batch) != expected.pop():
                raise _changed()
            self._flying.append(self._begin(batch))
            if len(self._flying) > self.workshop.ahead:
                yield from self._finish(self._flying.popleft())
        while self._flying:
            yield from self._finish(self._flying.popleft())
        if expected:
            raise _changed()

    # --- before a batch is made ---

    def _begin(self, rows: Sequence[Judged]) -> _Batch:
        batch = _Batch([refusal(row) for row in rows if isinstance(row, RowRefused)])
        accepted = {row.row: row for row in rows if isinstance(row, RowAccepted)}
        with self.context.database.read() as connection:
            known = self._known(connection, accepted)
            if self._positions is None:
                self._positions = self._read_positions(connection)
        batch.reports += [RowReport(row, RowOutcome.KNOWN, known[row], Code.IDEMPOTENT) for row in known]
        batch.fresh = {row: accepted[row] for row in accepted if row not in known}
        self._order(batch)
        return batch

    def _order(self, batch: _Batch) -> None:
        """Draw what is to be drawn, and have the fresh rows made."""
        assert self._positions is not None
        batch.maker, batch.job, batch.places = None, None, ()
        if not batch.fresh:
            return
        batch.maker = self.context.maker()
        orders = [
            Order(
                row=row.row,
                award=row.award,
                place=self._positions.draw(),
                identifier=self.context.random(16),
                salt=self.context.random(16),
                valid_from=self.context.clock(),
                thorough=number == 0 or self.context.is_sample(),
            )
            for number, row in enumerate(batch.fresh.values())
        ]
        batch.places = tuple(order.place for order in orders)
        batch.job = self.workshop.submit(batch.maker, orders)

    def _read_positions(self, connection: Connection) -> Positions:
        found = Positions.read(connection, self.context.issuer, self.context.random_below)
        found.used |= {place for batch in self._flying for place in batch.places}
        return found

    def _known(self, connection: Connection, rows: dict[int, RowAccepted]) -> dict[int, Digest | None]:
        """Which rows were issued before, under the key this run asks for, and as what."""
        keys = {key: row.row for row in rows.values() for key in self._keys(row)}
        found = cohort_batches.issued_under(connection, self.context.issuer, keys)
        # Named, so that a run that was cut short before it wrote its files can be repeated.
        return {keys[key]: digest for key, digest in sorted(found.items(), key=lambda pair: keys[pair[0]])}

    def _keys(self, row: RowAccepted) -> list[str]:
        """The key a row is queued under first, then those under which it may have been issued again."""
        digest = hashlib.sha256(row.key).hexdigest()
        if self.label is not None:
            return [f"{AGAIN}{label_key(self.label)}:{digest}"]
        return [f"issue:{digest}", *(f"{AGAIN}{label}:{digest}" for label in self._labels)]

    # --- when it is made ---

    def _finish(self, batch: _Batch) -> list[RowReport]:
        """Store what was made; what cannot be stored as it was made is made again."""
        for _ in range(DRAWS):
            if batch.job is None:
                return sorted(batch.reports, key=lambda report: report.row)
            if batch.maker is not None and not self._still_signs(batch.maker):
                self._order(batch)
                continue
            made = _made(batch)
            try:
                with self.context.database.write() as connection:
                    stored, lost = self._store(connection, batch, made)
            except IntegrityError:
                continue  # another writer has the same rows or positions and was first; look again
            batch.reports += stored
            batch.fresh = {row: batch.fresh[row] for row in lost}
            if lost:
                self._positions = None
                with self.context.database.read() as connection:
                    self._positions = self._read_positions(connection)
            self._order(batch)
        if batch.job is None:
            return sorted(batch.reports, key=lambda report: report.row)
        raise InstitutionRefused(Code.POSITIONS_CONTENDED, "other writers keep drawing the same status positions")

    def _still_signs(self, maker: Maker) -> bool:
        return self.context.maker().verification_method == maker.verification_method

    def _store(
        self, connection: Connection, batch: _Batch, made: dict[int, Made | RowRefused]
    ) -> tuple[list[RowReport], list[int]]:
        """Reports of the rows that are settled now, and the rows whose position was lost to somebody else."""
        known = self._known(connection, batch.fresh)
        reports = [RowReport(row, RowOutcome.KNOWN, known[row], Code.IDEMPOTENT) for row in known]
        rest = {row: found for row, found in made.items() if row not in known}
        reports += [refusal(found) for found in rest.values() if isinstance(found, RowRefused)]
        whole = [found for found in rest.values() if isinstance(found, Made)]
        gone = self._drawn_by_others(connection, whole)
        kept = [found for found in whole if found.place not in gone]
        self._check_quota(connection, len(kept))
        programme = self.workshop.programme.digest
        new = [
            NewCredential(
                self._keys(batch.fresh[found.row])[0],
                found.place,
                self.context.vault.seal(found.digest, programme, found.content),
            )
            for found in kept
        ]
        cohort_batches.store(connection, self.context.issuer, new, now=self.context.clock())
        if kept:
            self.context.record(connection, Action.ISSUED, count=len(kept), programme=to_hex(programme))
        self._waiting += len(kept)
        reports += [RowReport(found.row, RowOutcome.ISSUED, found.digest) for found in kept]
        return reports, [found.row for found in whole if found.place in gone]

    def _drawn_by_others(self, connection: Connection, made: Sequence[Made]) -> set[int]:
        issuer = self.context.issuer
        least = (
            newest_list(connection, issuer) * POSITIONS_PER_LIST
        )  # a later list was begun: nothing before it is drawn
        drawn = cohort_batches.drawn_among(connection, issuer, [found.place for found in made])
        return drawn | {found.place for found in made if found.place < least}

    def _check_quota(self, connection: Connection, rows: int) -> None:
        if self._counted % COUNT_EVERY == 0:
            self._waiting = queue.backlog(connection, self.context.issuer).issued
        self._counted += 1
        if rows and self._waiting + rows > self.context.max_queued:
            raise InstitutionRefused(
                Code.QUOTA_EXCEEDED,
                f"{self._waiting} credentials wait for their anchor; at most {self.context.max_queued} may",
            )


def issue_cohort(
    context: IssuanceContext,
    workshop: Workshop,
    rows: Rows,
    label: str | None,
    told: Callable[[Judgement], None] = lambda judgement: None,
) -> Iterator[RowReport]:
    """Judge a cohort, then issue it. `told` hears the judgement before anything is issued."""
    if iter(rows) is rows:  # it can be read once only
        rows = tuple(rows)
    today = datetime.fromtimestamp(context.clock(), UTC).date()
    importer = Importer(workshop.programme, context.mac, today)
    judged = judge(importer, rows)
    told(judged)
    workshop.expect(judged.rows - judged.refused)
    try:
        yield from CohortRun(context, workshop, label).reports(importer, rows, judged)
    except WorkerLostError as error:
        raise InstitutionRefused(Code.WORKER_LOST, str(error)) from error
    except SchemaBrokenError as error:
        raise InstitutionRefused(Code.SCHEMA_INVALID, str(error)) from error


def label_key(label: str) -> str:
    """What the keys of rows issued again hold of their label."""
    return hashlib.sha256(label.encode()).hexdigest()[:LABEL_CHARACTERS]


def _made(batch: _Batch) -> dict[int, Made | RowRefused]:
    assert batch.job is not None
    return {found.row: found for found in batch.job()}


def _batches(rows: Iterable[Judged]) -> Iterator[list[Judged]]:
    source = iter(rows)
    while batch := list(islice(source, ROWS_PER_TRANSACTION)):
        yield batch


def _mark(batch: Sequence[Judged]) -> bytes:
    """Changes with any value of any row; the values themselves are not kept."""
    return hashlib.sha256("\n".join(map(repr, batch)).encode("utf-8", "surrogatepass")).digest()


def _changed() -> CohortRefused:
    return CohortRefused(Code.FILE_CHANGED, "the file is no longer the one that was judged; run it again")
