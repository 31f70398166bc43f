"""`acredita issue`: a cohort file becomes signed credentials, queued for the log and anchored."""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import typer
from acredita.anchoring.types import Digest, to_hex
from acredita.cli.bodies.opened_node import open_configured_node
from acredita.cli.exit_codes import NEGATIVE, OK, ActRefused, ArgumentRefused
from acredita.node.issuance.judgement import Judgement, RowOutcome, RowReport
from acredita.node.issuance.process_limits import MAX_PROCESSES, WORTH_PROCESSES
from acredita.node.issuance.signing_pool import SigningPool
from acredita.node.publication.trust_folder import read_json_file, write_json
from acredita.node.runtime.anchor_now import anchor_now
from acredita.node.runtime.preflight import approval_fault, dry_run
from acredita.node.runtime.tenant import Tenant
from acredita.registry.credentials.cohort_file import CohortFile, CohortRefused, Rows
from acredita.registry.programmes.programme import Programme, ProgrammeRefused, parse_programme
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


def issue(
    cohort: Path,
    profile: str,
    programme: Path,
    config: Path,
    out: Path | None,
    latin1: bool,
    only_check: bool,
    reissue: str | None,
    processes: int,
    wait: bool,
    as_json: bool,
) -> int:
    """Run `acredita issue`."""
    if reissue is not None and not reissue.strip():
        raise ArgumentRefused("--reissue: a label expected, such as 2026-logo; the same label issues nothing twice")
    version, rows = _programme(programme), _rows(cohort, latin1)
    with open_configured_node(config) as node:
        tenant = node.tenant(profile)
        fault = approval_fault(node, tenant, version)
        if fault is not None:
            raise ActRefused(f"{fault.code}: {fault.detail or 'the programme cannot be issued now'}")
        try:
            if only_check:
                reports = list(dry_run(tenant, version, rows))
            else:
                reports = _issue_rows(tenant, version, rows, reissue, processes)
        except CohortRefused as error:
            raise ArgumentRefused(f"{cohort}: {error.code}: {error}") from error
        anchoring = None if only_check else anchor_now(node, tenant, wait)
        if out is not None:
            _write(tenant, (report.digest for report in reports if report.digest is not None), out)
    _print(reports, anchoring.sentence if anchoring else None, as_json)
    refused = any(report.outcome is RowOutcome.REFUSED for report in reports) or (
        anchoring is not None and anchoring.refused
    )
    return NEGATIVE if refused else OK


def _rows(path: Path, latin1: bool) -> Rows:
    rows = CohortFile(path, path.suffix == ".jsonl", "latin-1" if latin1 else "utf-8")
    # What is no file on a disk, standard input for one, can be read once only.
    return rows if path.is_file() else iter(rows)


def _issue_rows(tenant: Tenant, programme: Programme, rows: Rows, label: str | None, processes: int) -> list[RowReport]:
    chosen = processes or min(len(os.sched_getaffinity(0)), MAX_PROCESSES)
    pool = SigningPool(programme, chosen, least_rows=0 if processes else WORTH_PROCESSES)
    with pool, _Bar() as bar:
        reports = list(
            bar.passed(tenant.institution.issue(programme, rows, label=label, pool=pool, on_judged=bar.judged))
        )
    if processes > 1 and pool.one_process_because is not None:
        typer.echo(f"acredita: one process signed: {pool.one_process_because}", err=True)
    return reports


class _Bar(Progress):
    """A progress bar of a cohort, on a terminal's standard error and nowhere else."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        console = Console(stderr=True)
        super().__init__(*columns, console=console, transient=True, disable=not sys.stderr.isatty())
        self._task = self.add_task("revisando", total=None)

    def judged(self, judgement: Judgement) -> None:
        self.update(self._task, description="firmando", total=judgement.rows)

    def passed(self, reports: Iterable[RowReport]) -> Iterator[RowReport]:
        for report in reports:
            self.advance(self._task)
            yield report


def _programme(path: Path) -> Programme:
    try:
        return parse_programme(read_json_file(path))
    except ProgrammeRefused as error:
        lines = "".join(f"\n  {problem}" for problem in error.faults)
        raise ActRefused(f"{path}: the programme is refused:{lines}") from error


def _write(tenant: Tenant, digests: Iterable[Digest], out: Path) -> None:
    for digest in digests:
        path = out / "credentials" / f"{digest.hex()}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(tenant.institution.credential(digest))
        receipt = tenant.institution.receipt(digest)
        if receipt is not None:
            write_json(out / "receipts" / f"{digest.hex()}.json", receipt.to_document())


def _print(reports: list[RowReport], anchoring: str | None, as_json: bool) -> None:
    counts = Counter(report.outcome.value for report in reports)
    if as_json:
        document = {"counts": dict(counts), "anchoring": anchoring, "rows": [_row(report) for report in reports]}
        typer.echo(json.dumps(document, indent=2))
        return
    for report in reports:
        if report.outcome is RowOutcome.REFUSED:
            where = f" {report.column}" if report.column else ""
            typer.echo(f"row {report.row}{where}: {report.code}: expected {report.expected}")
    summary = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    if anchoring is None:
        summary = f"nothing was issued; of the rows: {summary}"
    typer.echo(summary + (f"; {anchoring}" if anchoring else ""))


def _row(report: RowReport) -> dict[str, object]:
    return {
        "row": report.row,
        "outcome": report.outcome.value,
        "digest": None if report.digest is None else to_hex(report.digest),
        "code": report.code,
        "column": report.column,
        "expected": report.expected,
    }
