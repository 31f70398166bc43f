"""`acredita issue`: a cohort file becomes signed credentials, queued for the log and anchored."""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import typer
from acredita.cli.bodies.issue_report import CohortReport, write_files
from acredita.cli.bodies.opened_node import open_configured_node
from acredita.cli.exit_codes import NEGATIVE, OK, UNKNOWN, ActRefused, ArgumentRefused, worst
from acredita.cli.spanish.sentences import said
from acredita.node.issuance.context import InstitutionRefused
from acredita.node.issuance.judgement import Judgement, RowReport
from acredita.node.issuance.process_limits import MAX_PROCESSES, WORTH_PROCESSES
from acredita.node.issuance.signing_pool import SigningPool
from acredita.node.publication.trust_folder import read_json_file
from acredita.node.runtime.anchor_now import anchor_now
from acredita.node.runtime.preflight import UNTOLD, approval_fault
from acredita.node.runtime.tenant import Tenant
from acredita.node.storage.receipts import without_receipt
from acredita.node.verification.language import Language, in_language
from acredita.registry.credentials.cohort_columns import CohortRefused
from acredita.registry.credentials.cohort_rows import WINDOWS, CohortFile, Rows
from acredita.registry.programmes.programme import Programme, ProgrammeRefused, parse_programme
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

_JSON_LINES = (".jsonl", ".ndjson")
_GO_ON = "what was issued stays issued, run the same command again"


def issue(
    cohort: Path,
    profile: str,
    programme: Path,
    config: Path,
    out: Path | None,
    windows: bool,
    only_check: bool,
    reissue: str | None,
    processes: int,
    wait: bool,
    lang: Language,
    as_json: bool,
) -> int:
    """Run `acredita issue`."""
    if reissue is not None and not reissue.strip():
        raise ArgumentRefused("--reissue: a label expected, such as 2026-logo; the same label issues nothing twice")
    version, rows = _programme(programme), _rows(cohort, windows)
    with open_configured_node(config) as node:
        tenant = node.tenant(profile)
        fault = approval_fault(node, tenant, version)
        is_unknown = fault is not None and fault.code in UNTOLD
        if fault is not None and not is_unknown:
            raise ActRefused(f"{fault.code}: {fault.detail or 'the programme cannot be issued now'}")
        try:
            if only_check:
                report = CohortReport(list(tenant.institution.preview(version, rows, label=reissue)))
            else:
                reports = _issue_rows(tenant, version, rows, reissue, processes, lang)
                anchoring = anchor_now(node, tenant, wait)
                report = CohortReport(reports, anchoring.sentence, anchoring.refused)
                is_unknown = is_unknown or anchoring.is_unknown
        except CohortRefused as error:
            raise ArgumentRefused(f"{cohort}: {error.code}: {error}") from error
        except InstitutionRefused as error:
            raise ActRefused(f"{error.code}: {error}; {_GO_ON}") from error
        except KeyboardInterrupt as error:
            raise ArgumentRefused(f"interrupted; {_GO_ON}") from error
        report.see_receipts(without_receipt(tenant.database, tenant.issuer, report.digests))
        if out is not None:
            _write(report, tenant, out, cohort)
    report.print(lang, as_json)
    if fault is not None:
        typer.echo(f"acredita: {said(f'{fault.code}: {fault.detail}', lang)}", err=True)
    return worst([NEGATIVE if report.negative else OK, UNKNOWN if is_unknown else OK])


def _rows(path: Path, windows: bool) -> Rows:
    rows = CohortFile(path, path.suffix.lower() in _JSON_LINES, WINDOWS if windows else "utf-8")
    # What is no file on a disk, standard input for one, can be read once only.
    return rows if path.is_file() else iter(rows)


def _issue_rows(
    tenant: Tenant, programme: Programme, rows: Rows, label: str | None, processes: int, lang: Language
) -> list[RowReport]:
    chosen = processes or min(len(os.sched_getaffinity(0)), MAX_PROCESSES)
    pool = SigningPool(programme, chosen, least_rows=0 if processes else WORTH_PROCESSES)
    with pool, _Bar(lang) as bar:
        reports = list(
            bar.passed(tenant.institution.issue(programme, rows, label=label, pool=pool, on_judged=bar.judged))
        )
    if processes > 1 and pool.one_process_because is not None:
        typer.echo(f"acredita: {said(f'one process signed: {pool.one_process_because}', lang)}", err=True)
    return reports


class _Bar(Progress):
    """A progress bar of a cohort, on a terminal's standard error and nowhere else."""

    def __init__(self, lang: Language) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        console = Console(stderr=True, emoji=False)
        super().__init__(*columns, console=console, transient=True, disable=not sys.stderr.isatty())
        self._signing = in_language(("firmando", "signing"), lang)
        self._task = self.add_task(in_language(("revisando", "checking"), lang), total=None)

    def judged(self, judgement: Judgement) -> None:
        self.update(self._task, description=self._signing, total=judgement.rows)

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


def _write(report: CohortReport, tenant: Tenant, out: Path, cohort: Path) -> None:
    try:
        write_files(report, tenant.institution, out, cohort)
    except OSError as error:
        reason = f"{error.filename or out}: {(error.strerror or 'cannot be used').lower()}"
        raise ArgumentRefused(
            f"{reason}; the credentials are issued and kept in the node, run the same command again for their files"
        ) from error
