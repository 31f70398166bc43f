"""Check that every command line in a document names commands and options that exist."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer
from acredita.cli.lazy_commands import COMMANDS, loaded
from acredita.cli.main import app

from tests.house.documents import name_of, pages

INLINE = re.compile(r"`(?:\.venv/bin/)?acredita ([^`]+)`")
SHOWN = re.compile(r"^(?:\$ |    )?(?:\.venv/bin/)?acredita ([^#\n]+)", re.MULTILINE)
ROW = re.compile(r"^\| (`.+?) \|", re.MULTILINE)  # docs/cli.md leaves the word acredita out
OPTION = re.compile(r"(?<![\w-])--[a-z0-9][a-z0-9-]*")


def command_lines(text: str, name: str) -> list[str]:
    """Return the command lines of a page, each without the word acredita; `a|b` stands for two commands."""
    found = INLINE.findall(text) + SHOWN.findall(text)
    if name == "docs/cli.md":
        found += [line for row in ROW.findall(text.replace("\\|", "|")) for line in re.findall(r"`([^`]+)`", row)]
        found = [line for line in found if line.split()[0].split("|")[0] in COMMANDS]
    return [" ".join(line.split()) for line in found]


def faults(line: str) -> list[str]:
    """Return what a command line names that does not exist."""
    words = line.split()
    if words[0].startswith("--"):
        return [] if words[0] in _options(typer.main.get_group(app)) else [words[0]]
    found: list[str] = []
    for first in words[0].split("|"):
        if first not in COMMANDS:
            found.append(first)
            continue
        named = _named(loaded(first), words[1:])
        found += [word for word in named if isinstance(word, str)]
        known = {option for one in named if not isinstance(one, str) for option in _options(one)}
        found += [option for option in OPTION.findall(line) if option not in known]
    return found


def _named(command: Any, rest: list[str]) -> list[Any]:
    """Return the commands that a line means; in place of one that does not exist, its word."""
    if not hasattr(command, "commands"):
        return [command]
    if not rest or not re.match(r"[a-z]", rest[0]):
        return [*([command] if command.invoke_without_command else []), *command.commands.values()]
    return [
        one
        for word in rest[0].split("|")
        for one in (_named(command.commands[word], rest[1:]) if word in command.commands else [word])
    ]


def _options(command: Any) -> set[str]:
    return {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)} | {
        "--help"
    }


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_commands_exist(page: Path) -> None:
    lines = command_lines(page.read_text(encoding="utf-8"), name_of(page))
    assert {line: wrong for line in lines if (wrong := faults(line))} == {}


def test_command_lines_are_found_and_faults_in_them() -> None:
    lines = [line for page in pages() for line in command_lines(page.read_text(encoding="utf-8"), name_of(page))]
    assert len(lines) > 60
    text = "`acredita verfy X` `acredita node trial` `acredita node token new --rihgt issue` `acredita --hlp`\n"
    assert [faults(line) for line in command_lines(text, "page.md")] == [["verfy"], ["trial"], ["--rihgt"], ["--hlp"]]
