"""Nothing in the code is unused but the names that pyproject.toml lists with a reason."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

vulture = pytest.importorskip("vulture", reason="an environment of before the dead-code tool: make test installs it")
ROOT = Path(__file__).resolve().parents[2]


def settings() -> Mapping[str, Any]:
    """Return what `make dead` reads from pyproject.toml."""
    found: Mapping[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["vulture"]
    return found


def unused_names(paths: Iterable[Path]) -> set[str]:
    """Return every name that vulture finds unused, the list of names left out of account."""
    found = vulture.Vulture(ignore_decorators=settings()["ignore_decorators"])
    found.scavenge([str(path) for path in paths], exclude=settings()["exclude"])
    return {item.name for item in found.get_unused_code(min_confidence=settings()["min_confidence"])}


def test_unused_names_are_listed() -> None:
    assert sorted(unused_names(ROOT / path for path in settings()["paths"]) - set(settings()["ignore_names"])) == []


def test_listed_names_exist() -> None:
    sources = [file.read_text(encoding="utf-8") for path in settings()["paths"] for file in (ROOT / path).rglob("*.py")]
    words = {word for source in sources for word in re.findall(r"\w+", source)}
    assert sorted(set(settings()["ignore_names"]) - words) == []


@pytest.mark.parametrize(
    "source", ["def planted() -> None:\n    pass\n", "planted = 1\n", "class Kept:\n    planted = 1\n\n\nKept()\n"]
)
def test_a_planted_name_is_found(tmp_path: Path, source: str) -> None:
    (tmp_path / "module.py").write_text(source)
    assert unused_names([tmp_path]) == {"planted"}
