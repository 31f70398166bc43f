"""Check docs/glossary.md: its tables are whole and every module it names exists."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "glossary.md"
HEADER = ["word", "Spanish", "what it names", "in the code", "replaces"]
MODULE = re.compile(r"^`([\w/]+\.(?:py|vy))`$")


def rows() -> list[list[str]]:
    """Return the cells of every line of a table, headers and rules included."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]


def words() -> list[list[str]]:
    return [row for row in rows() if row != HEADER and set(row[0]) != {"-"}]


def test_every_row_has_five_cells_and_names_one_module() -> None:
    assert len(words()) > 40
    assert [row[0] for row in words() if len(row) != len(HEADER) or not MODULE.match(row[3])] == []


def test_every_module_named_exists() -> None:
    named = {row[3].strip("`") for row in words()}
    assert sorted(path for path in named if not (ROOT / path).is_file()) == []


def test_a_word_has_one_row() -> None:
    listed = [row[0] for row in words()]
    assert sorted(word for word in set(listed) if listed.count(word) > 1) == []


def test_every_name_of_the_code_in_a_row_exists() -> None:
    layers = ("anchoring", "contracts", "registry", "devnet", "node", "cli")
    source = "\n".join(path.read_text(encoding="utf-8") for name in layers for path in (ROOT / name).rglob("*.py"))
    known = set(re.findall(r"\w+", source))
    named = {name for row in words() for name in re.findall(r"`(\w+)`", row[2])}
    assert len(named) > 20
    assert sorted(named - known) == []
