"""`acredita demo`: the main job from the first block to the audit, on an embedded chain that is thrown away."""

import json
import time
from pathlib import Path

import typer
from acredita.cli.exit_codes import NEGATIVE, OK, ArgumentRefused
from acredita.node.demo.environment import DemoEvent
from acredita.node.demo.learner_counts import MAX_LEARNERS, MIN_LEARNERS
from acredita.node.demo.record import DemoRecord
from acredita.node.demo.run import run_demonstration
from acredita.node.verification.language import Language, in_language
from acredita.node.verification.report import VERDICTS
from acredita.registry.verification.results import Verdict
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table


def demo(out: Path, learners: int, lang: Language, as_json: bool) -> int:
    """Run `acredita demo`."""
    if not MIN_LEARNERS <= learners <= MAX_LEARNERS:
        raise ArgumentRefused(f"--learners {learners}: from {MIN_LEARNERS} to {MAX_LEARNERS} expected")
    console = Console(quiet=as_json, highlight=False, emoji=False)
    console.print(
        f"[bold]Acredita[/] · {in_language(('demostración, todo es ficticio', 'demonstration, all fictitious'), lang)}\n"
    )
    bar = Progress(TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), console=console)
    with bar:
        task = bar.add_task(in_language(("verificando", "verifying"), lang), total=None, visible=False)

        def show(event: DemoEvent) -> None:
            line = Table.grid(padding=(0, 1))
            line.add_row("  [green]•[/]", in_language((event.es, event.en), lang))
            bar.console.print(line)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, visible=True)

        record = run_demonstration(out, learners, int(time.time()), show, progress)
    if as_json:
        typer.echo(json.dumps(json.loads((out / "summary.json").read_text(encoding="utf-8")), ensure_ascii=False))
    _print_closing(console, record, out, lang)
    return OK if record.audit is not None and record.audit.clean else NEGATIVE


def _print_closing(console: Console, record: DemoRecord, out: Path, lang: Language) -> None:
    """Print the verdicts, the odd cases, the audit, and commands to try next."""
    console.print()
    for verdict in reversed(Verdict):
        if count := record.verified.get(verdict, 0):
            console.print(f"  {count:6} {in_language(VERDICTS[verdict], lang)}")
    console.print(f"\n  {in_language(('Casos', 'Cases'), lang)}:")
    for path, report in sorted(record.files.items()):
        if path.startswith("cases/"):
            console.print(f"    {in_language(VERDICTS[report.verdict], lang):28} {report.code}")
    _print_audit(console, record, lang)
    first = next(path for path in sorted(record.files) if path.startswith("credentials/"))
    console.print(
        f"\n  {in_language(('Pruebe usted', 'Try it'), lang)}:"
        f"\n    acredita verify --trust {out}/trust.json {out}/{first}"
        f"\n    acredita audit replay --trust {out}/trust.json",
        soft_wrap=True,  # a command broken over two lines cannot be copied
    )


def _print_audit(console: Console, record: DemoRecord, lang: Language) -> None:
    audit = record.audit
    if audit is None:
        return
    entries, checkpoints = sum(log.entries for log in audit.logs), sum(log.checkpoints for log in audit.logs)
    agrees = in_language(("coincide con la cadena", "agrees with the chain"), lang)
    differs = in_language(("NO coincide con la cadena", "DOES NOT agree with the chain"), lang)
    console.print(
        f"\n  {in_language(('Auditoría', 'Audit'), lang)}: {entries} {in_language(('entradas', 'entries'), lang)}, "
        f"{checkpoints} {in_language(('anclajes', 'checkpoints'), lang)}, "
        f"{audit.parties} {in_language(('partes', 'parties'), lang)}: {agrees if audit.clean else differs}"
    )
    for finding in sorted(audit.findings, key=lambda finding: (finding.weight, finding.code)):
        console.print(f"    {finding.weight}: {finding.code}", markup=False)
