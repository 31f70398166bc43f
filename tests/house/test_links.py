"""Check that documents lead to what exists: relative links, headings, paths and modules of this repository."""

import re
from functools import cache
from pathlib import Path

import pytest

from tests.house.documents import FENCED, ROOT, name_of, pages

TOP_FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name not in (".git", ".venv", ".oracles")}
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
# A path in backticks, with a placeholder or a wildcard where many are meant: `node/storage/queue.py`, `docs/*.md`.
PATH = re.compile(r"`(\.?\w[\w.-]*/[\w./*-]*)(?:::\w+)?`")
FILE = re.compile(r"`([a-z][\w-]*\.(?:py|vy|html|typ))(?:::\w+)?`")  # named without its folder
MODULE = re.compile(r"(?:python -m |from )((?:acredita|bench|tests)\.[a-z_.]+)")


def dead_links(page: Path) -> list[str]:
    """Return the relative links of a page whose file, or whose heading in that file, does not exist."""
    found = []
    for target in LINK.findall(FENCED.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = page if not path else page.parent / path
        if not file.exists() or (anchor and anchor not in anchors(file)):
            found.append(target)
    return found


def anchors(page: Path) -> set[str]:
    """Return the names by which the headings of a page are linked to, as GitHub derives them."""
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in HEADING.findall(text)}


def dead_paths(page: Path) -> list[str]:
    """Return the paths in backticks, and the names of files, that are not in this repository."""
    text = page.read_text(encoding="utf-8")
    paths = {path for path in PATH.findall(text) if path.split("/")[0] in TOP_FOLDERS and not any(ROOT.glob(path))}
    return sorted(paths | (set(FILE.findall(text)) - file_names()))


@cache
def file_names() -> frozenset[str]:
    return frozenset(path.name for folder in TOP_FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file())


def dead_modules(page: Path) -> list[str]:
    """Return the modules of this repository that a page runs or imports and that do not exist."""
    paths = {name: name.removeprefix("acredita.").replace(".", "/") for name in MODULE.findall(page.read_text("utf-8"))}
    return sorted(
        name for name, path in paths.items() if not any((ROOT / (path + end)).exists() for end in ("", ".py"))
    )


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_link_and_path_leads_to_something(page: Path) -> None:
    assert dead_links(page) == []
    assert dead_paths(page) == []
    assert dead_modules(page) == []


def test_links_and_paths_are_found() -> None:
    assert len(pages()) > 25
    assert sum(len(LINK.findall(page.read_text(encoding="utf-8"))) for page in pages()) > 50
    assert sum(len(PATH.findall(page.read_text(encoding="utf-8"))) for page in pages()) > 200


def test_planted_faults_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    links = "[here](#a-title) [gone](gone.md) [no heading](#other)"
    page.write_text(f"# A title\n{links} `node/gone.py` `node/config.py` `was.py`\npython -m bench.gone\n")
    assert dead_links(page) == ["gone.md", "#other"]
    assert dead_paths(page) == ["node/gone.py", "was.py"]
    assert dead_modules(page) == ["bench.gone"]
