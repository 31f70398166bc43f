"""Completion in real shells: every command and option of the parser is offered, and values by their kind."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from acredita.cli.main import main
from acredita.node.verification.language import Language

from tests.cli.test_language import all_commands
from tests.left_out import Want, leave_out

SHELLS = ("bash", "zsh", "fish")
# zsh's own functions for candidates, in place of its line editor.
ZSH = """
compdef() { :; }
_describe() { print -rl -- "${(@P)@[-1]}"; }
_files() { print -rl -- ${words[CURRENT]}*(N); }
compset() { words[CURRENT]=${words[CURRENT]#*=}; }
compadd() { shift; print -rl -- "$@"; }
source "$1"; shift
words=("$@"); CURRENT=$#; _acredita
"""
BASH = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _acredita; printf '%s\\n' "${COMPREPLY[@]}"
"""
FISH = "source $argv[1]; complete -C (string join ' ' -- $argv[2..])"

Complete = Callable[..., list[str]]


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    name = str(request.param)
    if shutil.which(name) is None:
        leave_out(Want.SHELLS, f"completion in {name}")
    return name


@pytest.fixture
def script(shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["completion", shell, "--lang", "en"]) == 0
    file = tmp_path / f"acredita.{shell}"
    file.write_text(capsys.readouterr().out)
    return file


def output(shell: str, program: str, *arguments: str, cwd: Path) -> str:
    """Run a program of a shell without anybody's settings, and return what it prints."""
    quiet = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    named = [] if shell == "fish" else [shell]
    command = [shell, *quiet, "-c", program, *named, *arguments]
    ran = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=120)
    assert ran.stderr == ""
    return ran.stdout


@pytest.fixture
def complete(shell: str, script: Path) -> Complete:
    """Return what the shell offers for the last of some words, without descriptions."""

    def run(*words: str) -> list[str]:
        program = {"bash": BASH, "zsh": ZSH, "fish": FISH}[shell]
        told = output(shell, program, str(script), "acredita", *words, cwd=script.parent)
        offered = [line.split("\t")[0] for line in told.splitlines()]
        named = [line.split(":")[0] for line in offered] if shell == "zsh" else offered
        return sorted(name for name in named if name and (name.startswith(words[-1]) or "=" in words[-1]))

    return run


def test_every_command_and_option_of_the_parser_is_in_the_tables(shell: str, script: Path) -> None:
    prefix = "__" if shell == "fish" else "_"
    lines: list[str] = []
    expected: dict[str, set[str]] = {}
    for words, command in all_commands(Language.EN):
        line = " ".join(words)
        shown = {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
        expected[f"options {line}"] = {name for name in shown if name.startswith("-")} | {"--help"}
        lines.append(f"echo '> options {line}'; {prefix}acredita_options '{line}'")
        if hasattr(command, "commands"):
            expected[f"commands {line}"] = set(command.commands)
            lines.append(f"echo '> commands {line}'; {prefix}acredita_commands '{line}'")
    source = "source $argv[1]" if shell == "fish" else 'compdef() { :; }; source "$1"'
    offered: dict[str, set[str]] = {}
    for row in output(shell, "\n".join([source, *lines]), str(script), cwd=script.parent).splitlines():
        if row.startswith("> "):
            present = offered.setdefault(row[2:], set())
        else:
            present.add(row.split("\t")[0].split(":")[0])
    assert offered == expected


def test_commands_options_and_values(complete: Complete) -> None:
    assert complete("ve") == ["verify"]
    assert complete("council", "li") == ["list"]
    assert complete("council", "propose", "activ") == ["activate"]
    assert complete("--lang", "en", "council", "li") == ["list"], "the value of an option is no command"
    assert complete("verify", "--la") == ["--lang"]
    assert complete("verify", "--lang", "e") == ["en", "es"]
    assert complete("completion", "") == ["bash", "fish", "zsh"]
    assert complete("verify", "--at", "") == [], "a text is not guessed"


def test_a_value_behind_an_equals_sign(shell: str, complete: Complete) -> None:
    words = ["--lang", "=", "e"] if shell == "bash" else ["--lang=e"]
    assert [name.split("=")[-1] for name in complete("verify", *words)] == ["en", "es"]


def test_files(complete: Complete, script: Path) -> None:
    (script.parent / "mi credencial.json").touch()
    name = "mi"
    assert [each.replace("\\", "") for each in complete("verify", name)] == ["mi credencial.json"]
    assert [each.replace("\\", "") for each in complete("verify", "--trust", name)] == ["mi credencial.json"]
    assert complete("council", "list", name) == []


def test_descriptions_are_in_the_readers_language(capsys: pytest.CaptureFixture[str]) -> None:
    for shell in ("zsh", "fish"):
        for language, own, other in (
            ("es", "El archivo de confianza", "The trust file"),
            ("en", "The trust file", "El "),
        ):
            assert main(["completion", shell, "--lang", language]) == 0
            script = capsys.readouterr().out
            assert (own in script, other in script) == (True, False)


def test_another_shell_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "tcsh", "--lang", "es"]) == 2
    assert "bash" in capsys.readouterr().err
