"""Check the docstrings of packages: each is the map of its room, and the write path's has the diagrams of its states."""

import ast
import re
from pathlib import Path

import pytest

from tests.house.documents import ROOT

LAYERS = ("anchoring", "contracts", "registry", "devnet", "node", "cli")
NEEDS_NO_MAP = {
    "migrations",
    "bodies",
}  # a schema version is found by its number, a body by the name of its command's module
NAMED = re.compile(r"^`(\w+)`  ", re.MULTILINE)
DIAGRAM = re.compile(r"^Queue item\n.*?(?=^```$|\Z)", re.MULTILINE | re.DOTALL)


def packages() -> list[Path]:
    """Return the folders with Python, except those whose files are found without a map."""
    found = {path.parent for layer in LAYERS for path in (ROOT / layer).rglob("*.py")}
    return sorted(path for path in found if not NEEDS_NO_MAP & set(path.parts))


def docstring(package: Path) -> str:
    return ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8"))) or ""


@pytest.mark.parametrize("package", packages(), ids=lambda package: str(package.relative_to(ROOT)))
def test_a_package_names_its_modules(package: Path) -> None:
    modules = {path.stem for path in package.glob("*.py")} - {"__init__"}
    assert set(NAMED.findall(docstring(package))) == modules


def test_the_write_path_shows_the_states_of_the_architecture_page() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    (shown,), (written,) = DIAGRAM.findall(page), DIAGRAM.findall(docstring(ROOT / "node" / "write_path"))
    assert written.strip() == shown.strip()
