"""Report a run of `acredita issue`: a table row → digest → file, the refused rows, and what is left to do.

The table is written beside the files as `<cohort>.rows.csv`. It holds no value of a row, so it may stay where the files
do.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import typer
from acredita.anchoring.types import Digest, to_hex
from acredita.cli.spanish.sentences import said
from acredita.node.issuance.institution import Institution
from acredita.node.issuance.judgement import RowOutcome, RowReport
from acredita.node.publication.trust_folder import write_json
from acredita.node.storage.private_files import write_private
from acredita.node.verification.language import Language, in_language

PRINTED_ROWS: Final = 200  # of the table, on the screen; the file and --json have them all
_COLUMNS: Final = ("row", "outcome", "digest", "file", "receipt", "code", "column")
_OUTCOMES: Final = {
    RowOutcome.ISSUED: ("expedidas", "issued"),
    RowOutcome.KNOWN: ("ya expedidas", "known"),
    RowOutcome.REFUSED: ("rechazadas", "refused"),
    RowOutcome.NEW: ("nuevas", "new"),
}


@dataclass
class CohortReport:
    """The rows of a run. `anchoring`: what became of the queue, None for a dry run. `refused`: the chain said no."""

    rows: list[RowReport]
    anchoring: str | None = None
    refused: bool = False
    table: Path | None = None
    files: dict[Digest, Path] = field(default_factory=dict)
    receipts: dict[Digest, Path] = field(default_factory=dict)
    _without_receipt: frozenset[Digest] = frozenset()

    @property
    def digests(self) -> list[Digest]:
        """The credentials of the rows, once each."""
        return list(dict.fromkeys(row.digest for row in self.rows if row.digest is not None))

    @property
    def negative(self) -> bool:
        """True if a row was refused, or the chain refused an entry."""
        return self.refused or any(row.outcome is RowOutcome.REFUSED for row in self.rows)

    def see_receipts(self, missing: Collection[Digest]) -> None:
        """Take note of the credentials that have no receipt."""
        self._without_receipt = frozenset(missing)

    def table_bytes(self) -> bytes:
        """Build the table as CSV."""
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(_COLUMNS)
        writer.writerows(["" if cell is None else cell for cell in self._cells(row)] for row in self.rows)
        return text.getvalue().encode()

    def print(self, lang: Language, as_json: bool) -> None:
        """Print the report for people, or as one JSON object."""
        if as_json:
            typer.echo(json.dumps(self._document(), indent=2))
            return
        with_digest = [row for row in self.rows if row.digest is not None]
        for row in with_digest[:PRINTED_ROWS]:
            typer.echo(self._table_line(row, lang))
        if len(with_digest) > PRINTED_ROWS:
            typer.echo(self._more(len(with_digest) - PRINTED_ROWS, lang))
        for row in self.rows:
            if row.outcome is RowOutcome.REFUSED:
                typer.echo(_refusal_line(row, lang))
        for line in self._closing(lang):
            typer.echo(line)

    def _cells(self, row: RowReport) -> tuple[object, ...]:
        digest, file, receipt = row.digest, None, None
        if digest is not None:
            file, receipt = self.files.get(digest), self.receipts.get(digest)
        return (
            row.row,
            row.outcome.value,
            None if digest is None else to_hex(digest),
            file,
            receipt,
            row.code,
            row.column,
        )

    def _table_line(self, row: RowReport, lang: Language) -> str:
        assert row.digest is not None
        file = self.files.get(row.digest)
        word = in_language(("fila", "row"), lang)
        return f"{word} {row.row} → {to_hex(row.digest)}" + (f" → {file}" if file else "")

    def _more(self, rows: int, lang: Language) -> str:
        place = str(self.table) if self.table else in_language(("con --out o --json", "with --out or --json"), lang)
        return in_language((f"… y {rows} filas más: {place}", f"… and {rows} more rows: {place}"), lang)

    def _closing(self, lang: Language) -> list[str]:
        counts = Counter(row.outcome for row in self.rows)
        summary = ", ".join(f"{count} {in_language(_OUTCOMES[each], lang)}" for each, count in sorted(counts.items()))
        if self.anchoring is None:
            nothing = ("no se expidió nada; de las filas", "nothing was issued; of the rows")
            return [f"{in_language(nothing, lang)}: {summary}"]
        lines = [f"{summary}; {said(self.anchoring, lang)}"]
        if self.table is not None:
            lines.append(in_language((f"la tabla de filas: {self.table}", f"the table of rows: {self.table}"), lang))
        if self._without_receipt:
            lines.append(in_language(_left_over(len(self._without_receipt), len(self.digests)), lang))
        return lines

    def _document(self) -> dict[str, object]:
        return {
            "counts": dict(Counter(row.outcome.value for row in self.rows)),
            "anchoring": self.anchoring,
            "without_receipt": len(self._without_receipt),
            "table": None if self.table is None else str(self.table),
            "rows": [self._row(row) for row in self.rows],
        }

    def _row(self, row: RowReport) -> dict[str, object]:
        names = ("row", "outcome", "digest", "file", "receipt", "code", "column")
        cells = dict(zip(names, self._cells(row), strict=True))
        return {name: str(cell) if isinstance(cell, Path) else cell for name, cell in cells.items()} | {
            "expected": row.expected
        }


def write_files(report: CohortReport, institution: Institution, out: Path, cohort: Path) -> None:
    """Write each credential, each receipt that exists, and the table of rows."""
    for digest in report.digests:
        report.files[digest] = out / "credentials" / f"{digest.hex()}.json"
        write_private(report.files[digest], institution.credential(digest))
        receipt = institution.receipt(digest)
        if receipt is not None:
            report.receipts[digest] = out / "receipts" / f"{digest.hex()}.json"
            write_json(report.receipts[digest], receipt.to_document())
    report.table = out / f"{cohort.stem}.rows.csv"
    write_private(report.table, report.table_bytes())


def _refusal_line(row: RowReport, lang: Language) -> str:
    where = f" {row.column}" if row.column else ""
    expected = said(row.expected or "", lang)
    line = (
        f"fila {row.row}{where}: {row.code}: se espera {expected}",
        f"row {row.row}{where}: {row.code}: expected {expected}",
    )
    return in_language(line, lang)


def _left_over(missing: int, credentials: int) -> tuple[str, str]:
    return (
        f"{missing} de {credentials} credenciales aún no tienen comprobante de anclaje. Están firmadas y guardadas. Cuando "
        "el nodo las ancle (acredita node run, o este comando otra vez), este mismo comando escribe sus comprobantes. "
        "acredita status muestra la cola",
        f"{missing} of {credentials} credentials have no anchor receipt yet. They are signed and stored; once the node has "
        "anchored them (acredita node run, or this same command again), this same command writes their receipts. "
        "acredita status shows the queue",
    )
