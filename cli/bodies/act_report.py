"""Show an act before it is signed: what it is in words, what it changes now → then, the hashes that were compared."""

import shutil
import sys
import textwrap
from collections.abc import Sequence

import typer
from acredita.cli.bodies.opened_installation import OpenInstallation
from acredita.contracts.abi import Call
from acredita.contracts.reasons import ContractRefused
from acredita.registry.acts.calldata import DecodedAct, calldata_hash, decoded_act
from acredita.registry.acts.changes import ActChange, changes_of
from acredita.registry.acts.party_names import Names
from acredita.registry.acts.reason_words import REASON_TEXTS
from acredita.registry.acts.shapes import Text
from acredita.registry.acts.words import field_words, label_of

_INDENT = "  "


def show_lines(lines: Sequence[str]) -> None:
    """Print lines for the person before the terminal, apart from the command's answer."""
    print_lines(lines, err=True)


def print_lines(lines: Sequence[str], *, err: bool = False) -> None:
    """Print lines; on a terminal broken between words, so that no hash is cut at its edge."""
    is_terminal = (sys.stderr if err else sys.stdout).isatty()
    width = shutil.get_terminal_size().columns if is_terminal else None
    for line in lines:
        for part in [line] if width is None else broken(line, width):
            typer.echo(part, err=err)


def broken(line: str, width: int) -> list[str]:
    """Break a line between words; what follows is indented. A longer word stays whole."""
    indent = line[: len(line) - len(line.lstrip())] + 2 * _INDENT
    return textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [
        line
    ]


def act_lines(act: DecodedAct, names: Names, language: str) -> list[str]:
    """Return an act's title, and each field with its value."""
    lines = [act.shape.title.said(language)]
    width = max((len(label_of(field.name, language)) for field in act.shape.fields), default=0)
    for name, value in field_words(act, names, language):
        first, *others = value.split("\n")
        lines.append(f"{_INDENT}{label_of(name, language):{width}}  {first}")
        lines += [f"{_INDENT}{'':{width}}  {other}" for other in others]
    return lines


def change_lines(changes: Sequence[ActChange], language: str) -> list[str]:
    """Return what will change, now → then."""
    heading = Text("Will change:", "Cambiará:").said(language)
    return [heading, *(f"{_INDENT}{each.subject}: {each.now} → {each.then}" for each in changes)] if changes else []


def proposed_lines(call: Call, opened: OpenInstallation, names: Names, language: str) -> list[str]:
    """Return what a proposed call does, what it changes, and whether the contracts would accept it now."""
    act = decoded_act(call, opened.name.contracts)
    lines = act_lines(act, names, language) + change_lines(changes_of(act, opened.view(names, language)), language)
    refusal = refused_now(call, opened)
    if refusal is not None:
        would = Text("The contracts would refuse it now", "Los contratos lo rechazarían ahora").said(language)
        lines.append(f"{would}: {refusal.code}: {reason_in(refusal, language)}")
    return [*lines, f"keccak(calldata) 0x{calldata_hash(call).hex()}"]


def refused_now(call: Call, opened: OpenInstallation) -> ContractRefused | None:
    """Return why the contracts would refuse a call of the council now; None where they would accept it."""
    try:
        opened.ledger.simulate(call, opened.trust.contracts.council)  # type: ignore[arg-type] # an address of 20 bytes
    except ContractRefused as refusal:
        return refusal
    return None


def reason_in(refusal: ContractRefused, language: str) -> str:
    """Return a refusal's words in a language; the reason itself where it has none."""
    text = REASON_TEXTS.get(refusal.reason)
    return refusal.reason if text is None else text.said(language)


def proposed_facts(call: Call, opened: OpenInstallation, names: Names, language: str) -> dict[str, object]:
    """Return the same for a program."""
    act = decoded_act(call, opened.name.contracts)
    refusal = refused_now(call, opened)
    return {
        "act": act.shape.name,
        "title": act.shape.title.said(language),
        "fields": dict(field_words(act, names, language)),
        "changes": [
            {"subject": each.subject, "now": each.now, "then": each.then}
            for each in changes_of(act, opened.view(names, language))
        ],
        "calldata_hash": f"0x{calldata_hash(call).hex()}",
        "refused_now": None if refusal is None else refusal.code,
    }
