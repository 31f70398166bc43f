"""`acredita completion bash|zsh|fish`: a script by which a shell completes commands, options and their values.

The script holds the tree of commands as text, so the shell answers at once and starts no program. It is made anew after an
update. Each shell finds the command that the line has come to, by the words that are no options and no values of options.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import typer
from acredita.cli.bodies.command_entries import CommandEntry, ParameterEntry, Shell, ValueKind, every_command

_FILE: Final = "@file"
_TEXT: Final = "@text"

_BASH: Final = r"""
_acredita() {
    local cur=${COMP_WORDS[COMP_CWORD]} at='' value='' word line i
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word == '=' ]]; then continue; fi
        if [[ -n $value ]]; then value=''; continue; fi
        if [[ $word == -* ]]; then value=$(_acredita_value "$at $word"); continue; fi
        if _acredita_is_command "${at:+$at }$word"; then at=${at:+$at }$word; fi
    done
    if [[ $cur == '=' ]]; then cur=''; fi
    if [[ -z $value && $cur != -* ]] && _acredita_takes_files "$at"; then value='@file'; fi
    if [[ -z $value && $cur == -* ]]; then value=$(_acredita_options "$at"); fi
    if [[ -z $value ]]; then value=$(_acredita_commands "$at"); fi
    COMPREPLY=()
    case $value in
        @text) ;;
        @file)
            compopt -o filenames 2>/dev/null
            while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$cur") ;;
        *) while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -W "$value" -- "$cur") ;;
    esac
}
complete -F _acredita acredita
"""

_ZSH: Final = r"""
_acredita() {
    local cur=$words[CURRENT] at='' value='' word i
    local -a rows
    for ((i = 2; i < CURRENT; i++)); do
        word=$words[i]
        if [[ -n $value ]]; then value=''; continue; fi
        if [[ $word == -*=* ]]; then continue; fi
        if [[ $word == -* ]]; then value=$(_acredita_value "$at $word"); continue; fi
        if _acredita_is_command "${at:+$at }$word"; then at=${at:+$at }$word; fi
    done
    if [[ -z $value && $cur == -*=* ]]; then
        value=$(_acredita_value "$at ${cur%%=*}")
        compset -P '*='
    fi
    if [[ -z $value && $cur == -* ]]; then
        rows=("${(@f)$(_acredita_options "$at")}")
        _describe -o option rows
    elif [[ $value == '@file' ]] || { [[ -z $value ]] && _acredita_takes_files "$at" }; then
        _files
    elif [[ -z $value ]]; then
        rows=("${(@f)$(_acredita_commands "$at")}")
        _describe command rows
    elif [[ $value != '@text' ]]; then
        compadd -- ${=value}
    fi
}
if [[ $funcstack[1] == _acredita ]]; then _acredita "$@"; else compdef _acredita acredita; fi
"""

_FISH: Final = r"""
function __acredita_candidates
    set -l at ''
    set -l value ''
    set -l words (commandline -opc)
    for word in $words[2..]
        if test -n "$value"
            set value ''
        else if string match -q -- '-*=*' $word
            continue
        else if string match -q -- '-*' $word
            set value (__acredita_value "$at $word")
        else if __acredita_is_command (string trim -- "$at $word")
            set at (string trim -- "$at $word")
        end
    end
    set -l cur (commandline -ct)
    if test -z "$value"; and string match -q -- '-*=*' $cur
        set -l parts (string split -m 1 -- '=' $cur)
        set value (__acredita_value "$at $parts[1]")
        if not string match -q -- '@*' "$value"
            printf '%s\n' $parts[1]=(string split ' ' -- $value)
        end
    else if test -z "$value"; and string match -q -- '-*' $cur
        __acredita_options "$at"
    else if test "$value" = '@file'; or begin; test -z "$value"; and __acredita_takes_files "$at"; end
        __fish_complete_path $cur
    else if test -z "$value"
        __acredita_commands "$at"
    else if test "$value" != '@text'
        string split ' ' -- $value
    end
end
complete -c acredita -f -a '(__acredita_candidates)'
"""


def complete(shell: Shell, root: CommandEntry) -> None:
    """Run `acredita completion`. `root`: the tree of commands."""
    typer.echo(SCRIPTS[shell](root), nl=False)


# --- what all three know ---


def _commands(entry: CommandEntry) -> list[tuple[str, str]]:
    return [(child.words[-1], _first_sentence(child.help)) for child in entry.children]


def _options(entry: CommandEntry) -> list[tuple[str, str]]:
    return [(name, _first_sentence(option.help)) for option in entry.options for name in option.names]


def _first_sentence(text: str) -> str:
    paragraph = text.split("\n\n")[0]
    return paragraph.split(". ")[0].rstrip(".")


def _values(root: CommandEntry) -> dict[str, list[str]]:
    """Map what is completed after an option to the lines that lead there: `council list --lang`."""
    lines: dict[str, list[str]] = {}
    for entry in every_command(root):
        for option in entry.options:
            if option.kind is not ValueKind.FLAG:
                lines.setdefault(_value(option), []).extend(f"{entry.line} {name}" for name in option.names)
    return lines


def _value(option: ParameterEntry) -> str:
    if option.kind is ValueKind.CHOICE:
        return " ".join(option.choices)
    return _FILE if option.kind is ValueKind.FILE else _TEXT


def _argument_choices(root: CommandEntry) -> dict[str, list[tuple[str, str]]]:
    """Map the line of a command to the values of its first argument, where that is one of a few."""
    return {
        entry.line: [(choice, "") for choice in entry.arguments[0].choices]
        for entry in every_command(root)
        if entry.arguments and entry.arguments[0].choices
    }


def _tables(root: CommandEntry) -> Mapping[str, Mapping[str, list[tuple[str, str]]]]:
    """Return the rows to choose from by the line of the command: below it, and its options."""
    entries = list(every_command(root))
    below = {entry.line: _commands(entry) for entry in entries if entry.children} | _argument_choices(root)
    return {"commands": below, "options": {entry.line: _options(entry) for entry in entries}}


def _lines_with_files(root: CommandEntry) -> list[str]:
    commands = (entry for entry in every_command(root) if not entry.children)
    return [entry.line for entry in commands if any(each.kind is ValueKind.FILE for each in entry.arguments)]


# --- bash and zsh ---


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _shell_script(shell: str, root: CommandEntry, row: Callable[[str, str], str], ending: str) -> str:
    parts = [_heading(shell), _shell_test("_acredita_is_command", _lines(root))]
    parts.append(_shell_test("_acredita_takes_files", _lines_with_files(root)))
    cases = {value: _either(lines) for value, lines in _values(root).items()}
    parts.append(_shell_print("_acredita_value", {lines: [value] for value, lines in cases.items()}))
    for name, table in _tables(root).items():
        rows = {_quoted(line): [row(*each) for each in listed] for line, listed in table.items()}
        parts.append(_shell_print(f"_acredita_{name}", rows))
    return "\n".join(parts) + ending


def _lines(root: CommandEntry) -> list[str]:
    return [entry.line for entry in every_command(root) if entry.words]


def _either(lines: Iterable[str]) -> str:
    return "|".join(map(_quoted, lines))


def _shell_test(name: str, lines: Iterable[str]) -> str:
    return f"{name}() {{\n    case $1 in\n        {_either(lines)}) return 0 ;;\n    esac\n    return 1\n}}"


def _shell_print(name: str, rows: Mapping[str, Iterable[str]]) -> str:
    cases = [f"        {case}) printf '%s\\n' {' '.join(map(_quoted, texts))} ;;" for case, texts in rows.items()]
    return "\n".join([f"{name}() {{", "    case $1 in", *cases, "    esac", "}"])


def _heading(shell: str) -> str:
    first = "#compdef acredita\n" if shell == Shell.ZSH else ""
    return f"{first}# Completion of acredita for {shell}, as `acredita completion {shell}` writes it."


def bash_script(root: CommandEntry) -> str:
    """Return the script for bash, 3.2 and later."""
    return _shell_script(Shell.BASH, root, lambda name, _: name, _BASH)


def zsh_script(root: CommandEntry) -> str:
    """Return the script for zsh, with descriptions."""
    return _shell_script(Shell.ZSH, root, _described, _ZSH)


def _described(name: str, text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace(":", "\\:")
    return f"{name}:{escaped}" if text else name


# --- fish ---


def fish_script(root: CommandEntry) -> str:
    """Return the script for fish, with descriptions."""
    parts = [_heading(Shell.FISH), _fish_test("__acredita_is_command", _lines(root))]
    parts.append(_fish_test("__acredita_takes_files", _lines_with_files(root)))
    values = {" ".join(map(_fish_quoted, lines)): [value] for value, lines in _values(root).items()}
    parts.append(_fish_print("__acredita_value", values))
    for name, table in _tables(root).items():
        rows = {_fish_quoted(line): ["\t".join(each) for each in listed] for line, listed in table.items()}
        parts.append(_fish_print(f"__acredita_{name}", rows))
    return "\n".join(parts) + _FISH


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _fish_test(name: str, lines: Iterable[str]) -> str:
    cases = " ".join(map(_fish_quoted, lines))
    return f'function {name}\n    switch "$argv[1]"\n        case {cases}\n            return 0\n    end\n    return 1\nend'


def _fish_print(name: str, rows: Mapping[str, Iterable[str]]) -> str:
    cases = [
        f"        case {case}\n            printf '%s\\n' {' '.join(map(_fish_quoted, texts))}"
        for case, texts in rows.items()
    ]
    return "\n".join([f"function {name}", '    switch "$argv[1]"', *cases, "    end", "end"])


SCRIPTS: Final[Mapping[Shell, Callable[[CommandEntry], str]]] = {
    Shell.BASH: bash_script,
    Shell.ZSH: zsh_script,
    Shell.FISH: fish_script,
}
"""The script of each shell."""
