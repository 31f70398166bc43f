"""`acredita issue`: a cohort file becomes signed credentials, queued for the log and anchored."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from acredita.anchoring.types import Digest, to_hex
from acredita.cli.configured import DEFAULT_CONFIG, AsJson, Config, Profile, opened
from acredita.cli.exit_codes import NEGATIVE, OK, Negative, Unusable
from acredita.node.anchor_now import anchor_now
from acredita.node.institution import RowOutcome, RowReport, Rows
from acredita.node.issuing import approval_fault, dry_run
from acredita.node.office import Office
from acredita.node.trust_folder import read_json_file, write_json
from acredita.registry.cohort import CohortRefused, csv_rows, json_rows
from acredita.registry.programmes import Programme, ProgrammeRefused, parse_programme


def register(app: typer.Typer) -> None:
    app.command("issue")(issue)


def issue(
    cohort: Annotated[Path, typer.Argument(help="CSV or JSON lines with the columns of docs/credentials.md.")],
    profile: Profile,
    programme: Annotated[Path, typer.Option(help="Programme document (JSON).")],
    config: Config = DEFAULT_CONFIG,
    out: Annotated[
        Path | None, typer.Option(help="Folder for credentials/<digest>.json and receipts/<digest>.json.")
    ] = None,
    latin1: Annotated[bool, typer.Option("--latin-1", help="The file is ISO 8859-1; convert it.")] = False,
    only_check: Annotated[bool, typer.Option("--dry-run", help="Judge every row and issue nothing.")] = False,
    reissue: Annotated[bool, typer.Option(help="Issue rows again that were issued before.")] = False,
    wait: Annotated[bool, typer.Option("--anchor/--no-anchor", help="Anchor now, or leave it to the node.")] = True,
    as_json: AsJson = False,
) -> int:
    """Issue a cohort. Exit 0 when every row is issued or was before, 1 when any row is refused."""
    version = _programme(programme)
    with opened(config) as node, cohort.open("rb") as file:
        office = node.office(profile)
        fault = approval_fault(node, office, version)
        if fault is not None:
            raise Negative(f"{fault.code}: {fault.detail or 'the programme cannot be issued now'}")
        rows = json_rows(file) if cohort.suffix == ".jsonl" else csv_rows(file, "latin-1" if latin1 else "utf-8")
        try:
            found = _reports(office, version, rows, only_check, reissue)
            reports = sorted(found, key=lambda report: report.row)
        except CohortRefused as error:
            raise Unusable(f"{cohort}: {error.code}: {error}") from error
        told = None if only_check else anchor_now(node, office, wait)
        digests = [report.digest for report in reports if report.digest is not None]
        if out is not None:
            _write(office, digests, out)
    _print(reports, told.sentence if told else None, as_json)
    refused = any(report.outcome is RowOutcome.REFUSED for report in reports) or (told is not None and told.refused)
    return NEGATIVE if refused else OK


def _programme(path: Path) -> Programme:
    try:
        return parse_programme(read_json_file(path))
    except ProgrammeRefused as error:
        lines = "".join(f"\n  {problem}" for problem in error.problems)
        raise Negative(f"{path}: the programme is refused:{lines}") from error


def _reports(office: Office, programme: Programme, rows: Rows, only_check: bool, reissue: bool) -> Iterator[RowReport]:
    if only_check:
        return dry_run(office, programme, rows)
    return office.institution.issue(programme, rows, reissue=reissue)


def _write(office: Office, digests: list[Digest], out: Path) -> None:
    for digest in digests:
        path = out / "credentials" / f"{digest.hex()}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(office.institution.credential(digest))
        receipt = office.institution.receipt(digest)
        if receipt is not None:
            write_json(out / "receipts" / f"{digest.hex()}.json", receipt.to_document())


def _print(reports: list[RowReport], told: str | None, as_json: bool) -> None:
    counts = Counter(report.outcome.value for report in reports)
    if as_json:
        document = {"counts": dict(counts), "anchoring": told, "rows": [_row(report) for report in reports]}
        typer.echo(json.dumps(document, indent=2))
        return
    for report in reports:
        if report.outcome is RowOutcome.REFUSED:
            where = f" {report.column}" if report.column else ""
            typer.echo(f"row {report.row}{where}: {report.code}: {report.expected} expected")
    summary = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    typer.echo(summary + (f"; {told}" if told else ""))


def _row(report: RowReport) -> dict[str, object]:
    return {
        "row": report.row,
        "outcome": report.outcome.value,
        "digest": None if report.digest is None else to_hex(report.digest),
        "code": report.code,
        "column": report.column,
        "expected": report.expected,
    }
