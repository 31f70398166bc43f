"""Issue a cohort: rows become credentials that are stored and queued batch by batch.

The rows are read twice. The first reading judges them all and keeps only a mark of each batch. The second reading issues a
batch only if its mark is the same: a file that breaks in the middle, or is changed meanwhile, issues nothing of the rows
that were not judged.

Invariants: a batch is one transaction; rows issued before are reported and left alone; positions that another writer has
drawn since are drawn again; nothing is stored that was signed with a key no longer in force. A run that was killed is
started again with the same file and continues.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from acredita.anchoring.entries import POSITIONS_PER_LIST
from acredita.anchoring.types import Digest, IssuerId, to_hex
from acredita.node.issuance.context import InstitutionRefused, IssuanceContext
from acredita.node.issuance.judgement import (
    Judgement,
    RowOutcome,
    RowReport,
    batches,
    judge,
    mark_of,
    refusal,
)
from acredita.node.issuance.sign_credential import (
    CredentialOrder,
    CredentialSigner,
    SchemaBrokenError,
    SignedCredential,
)
from acredita.node.issuance.signing_pool import SigningJob, SigningPool, WorkerLostError
from acredita.node.issuance.status_positions import StatusPositions, begin_lists, newest_list
from acredita.node.storage import cohort_batches, queue
from acredita.node.storage.cohort_batches import AGAIN, LABEL_CHARACTERS, NewCredential
from acredita.node.storage.trail import Action
from acredita.registry.codes import Code
from acredita.registry.credentials.cohort_columns import CohortRefused
from acredita.registry.credentials.cohort_file import Importer, RowAccepted
from acredita.registry.credentials.cohort_file import RowOutcome as JudgedRow
from acredita.registry.credentials.cohort_rows import RowRefused, Rows
from acredita.registry.credentials.days import today_in
from acredita.registry.programmes.programme import Programme
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

DRAWS: Final = 5  # two writers may draw the same positions; the database says so and they are drawn again
COUNT_EVERY: Final = 16  # batches; the backlog is counted again then, because the count reads every waiting row


@dataclass
class _Batch:
    """A batch of rows: reports of those that are settled, and the rows that are being signed."""

    reports: list[RowReport]
    fresh: dict[int, RowAccepted] = field(default_factory=dict)
    signer: CredentialSigner | None = None
    job: SigningJob | None = None
    status_positions: tuple[int, ...] = ()


@dataclass
class CohortRun:
    """One run over a judged file. `label`: rows issued before are issued again, once under it; None leaves them alone."""

    context: IssuanceContext
    pool: SigningPool
    label: str | None = None
    _labels: list[str] = field(default_factory=list)
    _positions: StatusPositions | None = None
    _under_way: deque[_Batch] = field(default_factory=deque)
    _backlog: int = 0
    _quota_checks: int = 0

    def reports(self, importer: Importer, rows: Rows, judgement: Judgement) -> Iterator[RowReport]:
        """Issue the judged rows. Yield their reports in the order of the rows."""
        with self.context.database.read() as connection:
            self._labels = cohort_batches.labels(connection, self.context.issuer)
        expected = list(judgement.marks[::-1])
        for batch in batches(importer.judge(rows)):
            if not expected or mark_of(batch) != expected.pop():
                raise _changed()
            self._under_way.append(self._begin(batch))
            if len(self._under_way) > self.pool.ahead:
                yield from self._finish(self._under_way.popleft())
        while self._under_way:
            yield from self._finish(self._under_way.popleft())
        if expected:
            raise _changed()

    # --- before a batch is signed ---

    def _begin(self, rows: Sequence[JudgedRow]) -> _Batch:
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
        """Draw a status position for each fresh row and submit the rows to the signing pool."""
        assert self._positions is not None
        batch.signer, batch.job, batch.status_positions = None, None, ()
        if not batch.fresh:
            return
        batch.signer = self.context.credential_signer()
        orders = [
            CredentialOrder(
                row=row.row,
                award=row.award,
                status_position=self._positions.draw(),
                identifier=self.context.random(16),
                salt=self.context.random(16),
                valid_from=self.context.clock(),
                thorough=number == 0 or self.context.is_sample(),
            )
            for number, row in enumerate(batch.fresh.values())
        ]
        batch.status_positions = tuple(order.status_position for order in orders)
        batch.job = self.pool.submit(batch.signer, orders)

    def _read_positions(self, connection: Connection) -> StatusPositions:
        context = self.context
        positions = StatusPositions.read(connection, context.issuer, context.base, context.random_below)
        positions.used |= {position for batch in self._under_way for position in batch.status_positions}
        return positions

    def _known(self, connection: Connection, rows: Mapping[int, RowAccepted]) -> dict[int, Digest | None]:
        return known_rows(connection, self.context.issuer, rows, self._keys)

    def _keys(self, row: RowAccepted) -> list[str]:
        return row_keys(row, self.label, self._labels)

    # --- after a batch is signed ---

    def _finish(self, batch: _Batch) -> list[RowReport]:
        """Store the signed credentials. Rows whose credential cannot be stored are signed again."""
        for _ in range(DRAWS):
            if batch.job is None:
                return sorted(batch.reports, key=lambda report: report.row)
            if batch.signer is not None and not self._still_signs(batch.signer):
                self._order(batch)
                continue
            results = _results(batch)
            try:
                with self.context.database.write() as connection:
                    stored, lost = self._store(connection, batch, results)
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

    def _still_signs(self, signer: CredentialSigner) -> bool:
        return self.context.credential_signer().verification_method == signer.verification_method

    def _store(
        self, connection: Connection, batch: _Batch, results: dict[int, SignedCredential | RowRefused]
    ) -> tuple[list[RowReport], list[int]]:
        """Return reports of the rows that are settled now, and the rows whose position another writer has drawn."""
        known = self._known(connection, batch.fresh)
        reports = [RowReport(row, RowOutcome.KNOWN, known[row], Code.IDEMPOTENT) for row in known]
        rest = [result for row, result in results.items() if row not in known]
        reports += [refusal(result) for result in rest if isinstance(result, RowRefused)]
        signed = [result for result in rest if isinstance(result, SignedCredential)]
        lost = self._drawn_by_others(connection, signed)
        kept = [credential for credential in signed if credential.status_position not in lost]
        self._check_quota(connection, len(kept))
        self._store_signed(connection, batch, kept)
        reports += [RowReport(credential.row, RowOutcome.ISSUED, credential.digest) for credential in kept]
        return reports, [credential.row for credential in signed if credential.status_position in lost]

    def _store_signed(self, connection: Connection, batch: _Batch, signed: Sequence[SignedCredential]) -> None:
        """Seal, store and queue credentials, and record the act."""
        context, programme = self.context, self.pool.programme.digest
        new = [
            NewCredential(
                self._keys(batch.fresh[credential.row])[0],
                credential.status_position,
                context.vault.seal(credential.digest, programme, credential.content),
            )
            for credential in signed
        ]
        begin_lists(connection, context.issuer, context.base, (credential.status_position for credential in signed))
        cohort_batches.store(connection, context.issuer, new, now=context.clock())
        if signed:
            context.record(connection, Action.ISSUED, count=len(signed), programme=to_hex(programme))
        self._backlog += len(signed)

    def _drawn_by_others(self, connection: Connection, signed: Sequence[SignedCredential]) -> set[int]:
        issuer, positions = self.context.issuer, [credential.status_position for credential in signed]
        # Another writer may have begun a later list: no position before it is drawn any more.
        least = newest_list(connection, issuer) * POSITIONS_PER_LIST
        drawn = cohort_batches.drawn_among(connection, issuer, positions)
        return drawn | {position for position in positions if position < least}

    def _check_quota(self, connection: Connection, rows: int) -> None:
        if self._quota_checks % COUNT_EVERY == 0:
            self._backlog = queue.backlog(connection, self.context.issuer).issued
        self._quota_checks += 1
        if rows and self._backlog + rows > self.context.max_queued:
            raise InstitutionRefused(
                Code.QUOTA_EXCEEDED,
                f"{self._backlog} credentials wait for their anchor; at most {self.context.max_queued} may",
            )


def issue_cohort(
    context: IssuanceContext,
    pool: SigningPool,
    rows: Rows,
    label: str | None,
    on_judged: Callable[[Judgement], None] = lambda judgement: None,
) -> Iterator[RowReport]:
    """Judge a cohort, then issue it. `on_judged` is called with the judgement before anything is issued."""
    if iter(rows) is rows:  # it can be read once only
        rows = tuple(rows)
    importer = importer_of(context, pool.programme)
    judgement = judge(importer, rows)
    on_judged(judgement)
    pool.expect(judgement.rows - judgement.refused)
    try:
        yield from CohortRun(context, pool, label).reports(importer, rows, judgement)
    except WorkerLostError as error:
        raise InstitutionRefused(Code.WORKER_LOST, str(error)) from error
    except SchemaBrokenError as error:
        raise InstitutionRefused(Code.SCHEMA_INVALID, str(error)) from error


def preview_cohort(
    context: IssuanceContext, programme: Programme, rows: Rows, label: str | None = None
) -> Iterator[RowReport]:
    """Report for each row what `issue_cohort` would answer: new, known or refused. Nothing is signed or stored."""
    with context.database.read() as connection:
        labels = cohort_batches.labels(connection, context.issuer)
        for batch in batches(importer_of(context, programme).judge(rows)):
            accepted = {row.row: row for row in batch if isinstance(row, RowAccepted)}
            known = known_rows(connection, context.issuer, accepted, lambda row: row_keys(row, label, labels))
            for row in batch:
                if isinstance(row, RowRefused):
                    yield refusal(row)
                elif row.row in known:
                    yield RowReport(row.row, RowOutcome.KNOWN, known[row.row], Code.IDEMPOTENT)
                else:
                    yield RowReport(row.row, RowOutcome.NEW)


def importer_of(context: IssuanceContext, programme: Programme) -> Importer:
    """Return the importer of an institution's cohorts as of now."""
    return Importer(programme, context.mac, today_in(context.zone, context.clock()), context.zone)


def known_rows(
    connection: Connection,
    issuer: IssuerId,
    rows: Mapping[int, RowAccepted],
    keys_of: Callable[[RowAccepted], list[str]],
) -> dict[int, Digest | None]:
    """Return row → digest of the rows that were issued before under one of their keys."""
    keys = {key: row.row for row in rows.values() for key in keys_of(row)}
    issued = cohort_batches.issued_under(connection, issuer, keys)
    # With its digest, so that a run that was cut short before it wrote its files can be repeated.
    return {keys[key]: digest for key, digest in sorted(issued.items(), key=lambda pair: keys[pair[0]])}


def row_keys(row: RowAccepted, label: str | None, labels: Sequence[str]) -> list[str]:
    """Return the key a row is queued under first, then those under which it may have been issued again."""
    digest = hashlib.sha256(row.key).hexdigest()
    if label is not None:
        return [f"{AGAIN}{label_key(label)}:{digest}"]
    return [f"issue:{digest}", *(f"{AGAIN}{known}:{digest}" for known in labels)]


def label_key(label: str) -> str:
    """Return the form of a label that the keys of rows issued again hold."""
    return hashlib.sha256(label.encode()).hexdigest()[:LABEL_CHARACTERS]


def _results(batch: _Batch) -> dict[int, SignedCredential | RowRefused]:
    assert batch.job is not None
    return {result.row: result for result in batch.job()}


def _changed() -> CohortRefused:
    return CohortRefused(Code.FILE_CHANGED, "the file is no longer the one that was judged; run it again")
