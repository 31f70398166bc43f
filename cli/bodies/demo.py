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
    console = Console(quiet=as_json, highlight=False)
    console.print(
        f"[bold]Acredita[/] · {_say(lang, 'demostración, todo es ficticio', 'demonstration, all fictitious')}\n"
    )
    bar = Progress(TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), console=console)
    with bar:
        task = bar.add_task(_say(lang, "verificando", "verifying"), total=None, visible=False)

        def show(event: DemoEvent) -> None:
            line = Table.grid(padding=(0, 1))
            line.add_row("  [green]•[/]", _say(lang, event.es, event.en))
            bar.console.print(line)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, visible=True)

        record = run_demonstration(out, learners, int(time.time()), show, progress)
    if as_json:
        typer.echo(json.dumps(json.loads((out / "summary.json").read_text(encoding="utf-8")), ensure_ascii=False))
    _close(console, record, out, lang)
    return OK if record.audit is not None and record.audit.clean else NEGATIVE


def _close(console: Console, record: DemoRecord, out: Path, lang: Language) -> None:
    """Print the verdicts, the odd cases, the audit, and commands to try next."""
    console.print()
    for verdict in reversed(Verdict):
        if count := record.verified.get(verdict, 0):
            console.print(f"  {count:6} {in_language(VERDICTS[verdict], lang)}")
    console.print(f"\n  {_say(lang, 'Casos', 'Cases')}:")
    for path, report in sorted(record.files.items()):
        if path.startswith("cases/"):
            console.print(f"    {in_language(VERDICTS[report.verdict], lang):28} {report.code}")
    _audit(console, record, lang)
    first = next(path for path in sorted(record.files) if path.startswith("credentials/"))
    console.print(
        f"\n  {_say(lang, 'Pruebe usted', 'Try it')}:"
        f"\n    acredita verify --trust {out}/trust.json {out}/{first}"
        f"\n    acredita audit replay --trust {out}/trust.json",
        soft_wrap=True,  # a command broken over two lines cannot be copied
    )


def _audit(console: Console, record: DemoRecord, lang: Language) -> None:
    audit = record.audit
    if audit is None:
        return
    entries, checkpoints = sum(log.entries for log in audit.logs), sum(log.checkpoints for log in audit.logs)
    agrees = _say(lang, "coincide con la cadena", "agrees with the chain")
    differs = _say(lang, "NO coincide con la cadena", "DOES NOT agree with the chain")
    console.print(
        f"\n  {_say(lang, 'Auditoría', 'Audit')}: {entries} {_say(lang, 'entradas', 'entries')}, "
        f"{checkpoints} {_say(lang, 'anclajes', 'checkpoints')}, "
        f"{audit.parties} {_say(lang, 'partes', 'parties')}: {agrees if audit.clean else differs}"
    )
    for finding in sorted(audit.findings, key=lambda found: (found.weight, found.code)):
        console.print(f"    {finding.weight}: {finding.code}", markup=False)


def _say(lang: Language, es: str, en: str) -> str:
    return es if lang is Language.ES else en
