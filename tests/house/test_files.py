"""Lock files carry no addresses, decisions are numbered, the README's commands exist."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from acredita.registry.codes import markdown

ROOT = Path(__file__).resolve().parents[2]
TARGETS = {"demo", "test", "lint", "types", "dead", "slow", "interop", "bench", "crash"}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_locks_hold_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert not re.search(r"^\s*--(extra-)?index-url|^\s*--find-links", text, re.MULTILINE)
    pinned = re.findall(r"^[A-Za-z0-9_.\[\]-]+==", text, re.MULTILINE)
    assert len(pinned) > 20
    assert text.count("--hash=sha256:") >= len(pinned)


def test_npm_locks_hold_no_addresses() -> None:
    locks = [p for p in ROOT.rglob("package-lock.json") if "node_modules" not in p.parts]
    for lock in (p for p in locks if ".oracles" not in p.parts):
        packages = json.loads(lock.read_text())["packages"]
        assert all("resolved" not in entry for entry in packages.values()), lock


def test_every_dependency_has_its_line() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + [d for extra in project["optional-dependencies"].values() for d in extra]
    documented = (ROOT / "docs" / "dependencies.md").read_text()
    for requirement in wanted:
        name = re.split(r"[<>=\[ ]", requirement)[0]
        assert f"| {name} |" in documented, f"docs/dependencies.md has no line for {name}"


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(p.name[:3]) for p in (ROOT / "docs" / "decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_makefile_has_the_promised_targets() -> None:
    phony = next(line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(".PHONY"))
    assert set(phony.split()[1:]) >= TARGETS


def test_make_targets_named_in_documents_exist() -> None:
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md")]
    named = set(" ".join(re.findall(r"(?:`|\$ )make ((?:[a-z]+ ?)+)", "\n".join(texts))).split())
    assert {"demo", "test"} <= named
    for target in named:
        subprocess.run(["make", "-n", target], cwd=ROOT, check=True, capture_output=True)


def test_the_codes_page_is_the_table() -> None:
    assert (ROOT / "docs" / "codes.md").read_text(encoding="utf-8") == markdown()
