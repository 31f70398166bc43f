"""Find names that the house has given up (docs/glossary.md), in identifiers, file names and public texts.

Ordinary English in comments and documents is free. Found too are
classes with an unqualified name, of which there would soon be two, and variables that do not name the thing they hold.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

# Given up → the glossary's word for what it named.
GIVEN_UP = {
    "office": "tenant",
    "offices": "tenants",
    "premises": "issuance context",
    "workshop": "signing pool",
    "workshops": "signing pools",
    "hired": "worker state",
    "shelf": "document source",
    "shelves": "document sources",
    "desk": "verification queue",
    "desks": "verification queues",
    "standing": "progress",
    "standings": "progress",
    "remedy": "stop",
    "remedies": "stops",
    "endings": "exit for error",
}
FOLDERS = ("contracts", "anchoring", "registry", "devnet", "node", "cli", "tests", "bench")
# A class of this name alone says neither of what nor for whom: it gets a qualified name (`StepOutcome`, `KeyPurpose`).
UNQUALIFIED = frozenset(
    {
        "Anchoring",
        "Counter",
        "Finding",
        "Item",
        "Outcome",
        "Policy",
        "Problem",
        "Proposal",
        "Purpose",
        "Question",
        "Report",
    }
)
# Variables with these names hold a receipt, a query, a signature: they are named for it. Pairs of a parameter or field
# `expected` and another `found` stay.
UNNAMING = frozenset({"asked", "found", "made", "told"})
NOT_OURS = ("tests/interop/", "tests/house/names.py", "tests/house/test_names.py")
# Options, arguments and help of the command line; summaries and answers of the HTTP interface; pages and printed texts.
PUBLIC_TEXTS = ("cli/", "node/http/", "node/delivery/printing/", "node/verification/report.py")

# What a browser or a printer shows: all words count, those of attributes and scripts too.
PAGES = {".html", ".css", ".js", ".svg", ".typ"}
CONTRACT = ".vy"  # every word of it counts, because its identifiers are the ABI

_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_WORD = re.compile(r"[a-z]+")


def given_up_names(root: Path) -> list[str]:
    """Return `file: name` for each identifier, file name or public text below `root` with a word that was given up."""
    sources = [f"{path}: {name}" for path in _sources(root) for name in _names(root, path)]
    return sources + [f"{path}: {name}" for path in _other_files(root) for name in _names_of_other_file(root, path)]


def unqualified_names(root: Path) -> list[str]:
    """Return `file: name` for each class with an unqualified name and each variable that names no thing, tests excepted."""
    return [
        f"{path}: {name}"
        for path in _sources(root)
        if path.parts[0] != "tests"
        for name in sorted(_unqualified((root / path).read_text(encoding="utf-8")))
    ]


@cache
def _unqualified(source: str) -> frozenset[str]:
    tree = ast.parse(source)
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    fields = {id(line.target) for each in classes for line in each.body if isinstance(line, ast.AnnAssign)}
    names = {each.name for each in classes if each.name in UNQUALIFIED}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in UNNAMING:
            names |= {node.id} - ({"found"} if id(node) in fields else set())
        if isinstance(node, ast.arg) and node.arg in UNNAMING - {"found"}:
            names.add(node.arg)
    return frozenset(names)


def _sources(root: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            if not path.relative_to(root).as_posix().startswith(NOT_OURS):
                yield path.relative_to(root)


def _other_files(root: Path) -> Iterator[Path]:
    for folder in (*FOLDERS, "docs"):
        for path in sorted((root / folder).rglob("*")):
            relative = path.relative_to(root)
            ours = path.is_file() and not relative.as_posix().startswith(NOT_OURS)
            if ours and path.suffix not in {".py", ".pyc"} and not any(part.startswith(".") for part in relative.parts):
                yield relative


def _names_of_other_file(root: Path, path: Path) -> Iterator[str]:
    """Yield parts of the path of a file that is not Python, and words of a contract, a page, its style and its script."""
    yield from sorted(part for part in path.parts if _parts(part) & GIVEN_UP.keys())
    if path.suffix in PAGES | {CONTRACT}:
        words = set(_IDENTIFIER.findall((root / path).read_text(encoding="utf-8")))
        yield from sorted(word for word in words if _parts(word) & GIVEN_UP.keys())


def _names(root: Path, path: Path) -> Iterator[str]:
    source = (root / path).read_text(encoding="utf-8")
    identifiers = [*path.with_suffix("").parts, *_identifiers(source)]
    yield from sorted(name for name in identifiers if _parts(name) & GIVEN_UP.keys())
    if path.as_posix().startswith(PUBLIC_TEXTS):
        yield from (text for text in _texts(source) if set(_WORD.findall(text.lower())) & GIVEN_UP.keys())


@cache
def _identifiers(source: str) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.arg) or (isinstance(node, ast.keyword) and node.arg):
            names.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.alias):
            names.update(part for name in (node.name, node.asname) if name for part in name.split("."))
        elif isinstance(node, ast.ImportFrom):
            names.update((node.module or "").split("."))
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
            names.add(node.name or "")
        elif isinstance(node, ast.MatchMapping):
            names.add(node.rest or "")
        elif isinstance(node, ast.Global | ast.Nonlocal):
            names.update(node.names)
    return frozenset(names)


@cache
def _texts(source: str) -> tuple[str, ...]:
    tree = ast.parse(source)
    return tuple(
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _parts(name: str) -> set[str]:
    return {part.lower() for part in _PART.findall(name)}
