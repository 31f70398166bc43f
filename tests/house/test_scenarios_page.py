"""The table of scenarios names tests that are there, and leaves no code out."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "domain.md"
ROW = re.compile(r"^\| ([AIVR]-\d+) \| (.+?) \| (.+?) \|$", re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
CODES = (
    {f"A-{number}" for number in range(1, 8)}
    | {f"I-{number}" for number in range(1, 11)}
    | {f"V-{number}" for number in range(1, 14) if number != 11}  # V-11: credentials of several members
    | {f"R-{number}" for number in range(1, 7)}
)


@cache
def functions(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def rows() -> list[tuple[str, list[tuple[str, str]]]]:
    return [(code, NAMED.findall(shown)) for code, _, shown in ROW.findall(PAGE.read_text(encoding="utf-8"))]


def test_every_code_stands_once_in_the_table() -> None:
    codes = [code for code, _ in rows()]
    assert len(codes) == len(set(codes))
    assert set(codes) == CODES


def test_every_test_named_is_there() -> None:
    assert all(named for _, named in rows())
    missing = [f"{path}::{name}" for _, named in rows() for path, name in named if name not in functions(path)]
    assert missing == []


def test_reasons_named_in_the_table_are_reached() -> None:
    """Find the situation's reason in the row where one test covers many situations."""
    source = (ROOT / "tests/contracts/test_reasons.py").read_text(encoding="utf-8")
    shared = [
        situation
        for _, situation, shown in ROW.findall(PAGE.read_text(encoding="utf-8"))
        if "test_the_reason_is_reached" in shown
    ]
    assert shared
    for situation in shared:
        (reason,) = re.findall(r"`([a-z]+: [a-z ]+)`", situation)
        assert f'@reaches("{reason}")' in source
