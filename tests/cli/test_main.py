"""The command itself: its list of commands, its usage errors, a reader that leaves, and what help must not cost."""

import inspect
import os
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import acredita.cli
import pytest
import typer
from acredita.cli.bodies.command_entries import CommandEntry
from acredita.cli.command_tree import command_tree
from acredita.cli.lazy_commands import COMMANDS, loaded
from acredita.cli.main import main
from acredita.node.verification.language import Language

from tests.cli.heavy_modules import HELP_DOES_WITHOUT, run_and_look

RUN = [sys.executable, "-c", "from acredita.cli.main import run; run()"]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_of_each_command_what_its_module_says(name: str) -> None:
    help_text = inspect.cleandoc(loaded(name).help).split("\n\n")[0]
    assert COMMANDS[name][1] == " ".join(help_text.split())


def test_no_flag_is_offered_with_two_negations() -> None:
    def spellings(command: CommandEntry) -> Iterator[str]:
        for parameter in command.parameters:
            yield from parameter.names
        for below in command.children:
            yield from spellings(below)

    assert [flag for flag in spellings(command_tree(Language.EN)) if flag.startswith("--no-no-")] == []


def test_every_command_of_every_module_is_in_the_list() -> None:
    found: set[str] = set()
    for module in {module for module, _ in COMMANDS.values()} | set(_registering()):
        part = typer.Typer()
        sys.modules[f"acredita.cli.{module}"].register(part)
        found |= set(typer.main.get_group(part).commands)
    assert found == set(COMMANDS)


def _registering() -> Iterator[str]:
    for name in COMMANDS:
        loaded(name)
    for folder in acredita.cli.__path__:
        for _, name, is_package in pkgutil.iter_modules([folder]):
            source = Path(folder) / (f"{name}/__init__.py" if is_package else f"{name}.py")
            if "\ndef register(" in source.read_text(encoding="utf-8"):
                yield name


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["verify", "--xyz"], "No such option: --xyz"),
        (["verifi"], "No such command 'verifi'. Did you mean 'verify'?"),
        (["verify"], "Missing argument"),
        (["demo", "--out", "x", "--learners", "many"], "Invalid value for '--learners'"),
        (["verify", "nothing.json"], "nothing.json: no such file or directory"),
    ],
)
def test_usage_is_one_sentence_and_exit_2(capsys: pytest.CaptureFixture[str], arguments: list[str], told: str) -> None:
    assert main(arguments) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert errors.startswith(f"acredita: {told}")
    assert errors.count("\n") == 1


def test_the_version_is_that_of_the_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert main(["--version"]) == 0
    assert capsys.readouterr() == (f"acredita {project['version']}\n", "")


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    output, errors = capsys.readouterr()
    assert "verify" in output
    assert errors == ""


def test_a_reader_that_leaves_changes_no_exit_code() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run([*RUN, "--help"], stdout=writing, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_a_crash_leaves_no_memory_on_the_disk() -> None:
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_CORE, (4096, 4096)); from acredita.cli import main;"
        "main.main = lambda arguments: print(resource.getrlimit(resource.RLIMIT_CORE)) or 0; main.run()"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout == "(0, 0)\n"


def test_the_database_library_writes_nothing_beside_the_output() -> None:
    """Log nothing of an interruption that comes while a connection is closed: the library adds a traceback."""
    program = (
        "import logging; from acredita.cli.main import main; main(['--version']);"
        "logging.getLogger('sqlalchemy.pool.impl.QueuePool').error('Exception closing connection')"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert (ended.stdout.startswith(b"acredita "), ended.stderr) == (True, b"")


def test_output_that_cannot_be_written_is_told() -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run([*RUN, "--help"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert ended.returncode == 2
    assert ended.stderr.endswith(b"no space left on device\n")
    assert ended.stderr.count(b"\n") == 1


def all_commands() -> Iterator[tuple[list[str], Any]]:
    """Yield every command with its words, groups and their subcommands included."""
    pending = [([name], loaded(name)) for name in COMMANDS]
    while pending:
        words, command = pending.pop(0)
        yield words, command
        pending += [([*words, name], child) for name, child in getattr(command, "commands", {}).items()]


def test_help_is_whole_sentences() -> None:
    for words, command in all_commands():
        texts = [command.help, *(param.help for param in command.params if param.name != "help")]
        assert texts and all(re.fullmatch(r"[A-Z].*[.]", text or "", re.DOTALL) for text in texts), (words, texts)


def test_help_of_no_command_loads_a_heavy_module() -> None:
    lines = [["--help"], *([*words, "--help"] for words, _ in all_commands())]
    for line, found in zip(lines, run_and_look(lines, HELP_DOES_WITHOUT), strict=True):
        assert (line, found) == (line, (0, []))


def test_a_heavy_module_is_seen() -> None:
    ((code, heavy),) = run_and_look([["status", "--config", "nothing.toml"]], HELP_DOES_WITHOUT)
    assert code == 2
    assert {"sqlalchemy", "acredita.contracts"} <= set(heavy)
