"""Check the mechanical part of how docstrings read (CONTRIBUTING.md, "How docstrings read").

A docstring of a function begins with a verb of verbs.txt, in the imperative. A property or a class names a thing instead. No
docstring begins with a free relative, and public functions and classes have a docstring; a method that keeps the promise of
a documented Protocol need not repeat it. The list of verbs grows by review.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

LAYERS = ("contracts", "anchoring", "registry", "devnet", "node", "cli")

FREE_RELATIVES = frozenset(
    [
        "What",
        "Whatever",
        "Who",
        "Whoever",
        "Whom",
        "Whose",
        "Which",
        "Whichever",
        "Where",
        "Wherever",
        "When",
        "Whenever",
        "Whether",
        "Why",
        "How",
        "However",
    ]
)

VERBS = frozenset(Path(__file__).with_name("verbs.txt").read_text(encoding="utf-8").split())

_WORD = re.compile(r"[A-Za-z]+")
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def faults(root: Path) -> list[str]:
    """Return `file: name: fault` for each docstring below `root` that breaks a rule."""
    texts = {
        path.relative_to(root): path.read_text(encoding="utf-8")
        for layer in LAYERS
        for path in sorted((root / layer).rglob("*.py"))
        if "migrations/versions" not in path.as_posix()
    }
    promised = frozenset(name for text in texts.values() for name in _promises(text))
    return [f"{path}: {fault}" for path, text in texts.items() for fault in _of_source(text, promised)]


def faults_of_tests(root: Path) -> list[str]:
    """Return `file: name: fault` for each docstring of a test that begins wrongly; a test need not have one."""
    paths = sorted((root / "tests").rglob("*.py"))
    return [f"{path.relative_to(root)}: {fault}" for path in paths for fault in _first_words(path.read_text("utf-8"))]


@cache
def _first_words(source: str) -> tuple[str, ...]:
    return tuple(fault for fault in _of_source(source, frozenset()) if not fault.endswith("has no docstring"))


@cache
def _promises(source: str) -> frozenset[str]:
    """Return the names of the methods that a Protocol documents: an implementation need not repeat the promise."""
    return frozenset(
        method.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).startswith("Protocol") for base in node.bases)
        for method in node.body
        if isinstance(method, ast.FunctionDef) and ast.get_docstring(method)
    )


def _texts_of_values(module: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield each text that stands behind a constant or a field, with the name that it explains."""
    for parent in ast.walk(module):
        body = getattr(parent, "body", None)
        for value, node in pairwise(body) if isinstance(body, list) else ():
            if isinstance(value, ast.Assign | ast.AnnAssign) and isinstance(node, ast.Expr):
                text = ast.literal_eval(node.value) if isinstance(node.value, ast.Constant) else None
                if isinstance(text, str):
                    yield ast.unparse(value.targets[0] if isinstance(value, ast.Assign) else value.target), text


@cache
def _of_source(source: str, promised: frozenset[str]) -> tuple[str, ...]:
    return tuple(_of_module(ast.parse(source), promised))


def _of_module(module: ast.Module, promised: frozenset[str]) -> Iterator[str]:
    yield from _first_word("module", ast.get_docstring(module), verb=False)
    for name, text in _texts_of_values(module):
        yield from _first_word(name, text, verb=False)
    for name, node, public in _definitions(module, "", True):
        docstring = ast.get_docstring(node)
        is_kept = "." in name and node.name in promised
        if docstring is None and public and not is_kept and not _is_overload(node):
            yield f"{name}: has no docstring"
        yield from _first_word(name, docstring, verb=not isinstance(node, ast.ClassDef) and not _is_property(node))


def _definitions(parent: ast.AST, prefix: str, public: bool) -> Iterator[tuple[str, Definition, bool]]:
    """Yield each function and class with its qualified name; those inside functions are nobody's public name."""
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, Definition):
            name, is_public = f"{prefix}{node.name}", public and not node.name.startswith("_")
            yield name, node, is_public
            yield from _definitions(node, f"{name}.", is_public and isinstance(node, ast.ClassDef))
        else:
            yield from _definitions(node, prefix, public)


def _first_word(name: str, docstring: str | None, *, verb: bool) -> Iterator[str]:
    if docstring is None:
        return
    found = _WORD.match(docstring)
    word = found[0] if found else docstring[:12]
    if word in FREE_RELATIVES:
        yield f"{name}: begins with the free relative {word!r}"
    elif verb and word not in VERBS:
        yield f"{name}: begins with {word!r}, which is no verb of the list"


def _decorators(node: Definition) -> set[str]:
    return {ast.unparse(each.func if isinstance(each, ast.Call) else each) for each in node.decorator_list}


def _is_property(node: Definition) -> bool:
    names = _decorators(node)
    return bool(names & {"property", "cached_property", "functools.cached_property"}) or any(
        name.endswith(".setter") for name in names
    )


def _is_overload(node: Definition) -> bool:
    return bool(_decorators(node) & {"overload", "typing.overload"})


if __name__ == "__main__":  # python tests/house/docstrings.py [FOLDER]: the list, for a room or for all
    import sys

    for line in faults(Path(__file__).resolve().parents[2]):
        if len(sys.argv) == 1 or line.startswith(sys.argv[1]):
            print(line)
