"""Check the names and the base of the exception classes.

Invariants: the last word of an exception's name is Refused, Unavailable or Error, and says what the caller does; an exception
that carries a code derives from CodedError, and only CodedError stores the code. The functions take the root of a tree, so
that a test can plant a fault and see it found.
"""

import ast
import builtins
from collections.abc import Iterator
from pathlib import Path

LAYERS = ("contracts", "anchoring", "registry", "devnet", "node", "cli")
FAMILIES = ("Refused", "Unavailable", "Error")
CODED = "CodedError"

_BUILTIN = {
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
}


def exception_classes(root: Path) -> dict[str, list[tuple[Path, ast.ClassDef]]]:
    """Return every exception class of the layers by name, with its file."""
    classes = list(_classes(root))
    found: dict[str, list[tuple[Path, ast.ClassDef]]] = {}
    known, before = set(_BUILTIN), 0
    while len(known) != before:
        before = len(known)
        known |= {node.name for _, node in classes if any(_is_exception(base, known) for base in _bases(node))}
    for path, node in classes:
        if any(_is_exception(base, known) for base in _bases(node)):
            found.setdefault(node.name, []).append((path, node))
    return found


def names_of_no_family(root: Path) -> list[str]:
    """Return `file: class` for each exception whose name ends in none of the three words."""
    return sorted(
        f"{path}: {name}"
        for name, places in exception_classes(root).items()
        for path, _ in places
        if not name.endswith(FAMILIES)
    )


def codes_without_the_base(root: Path) -> list[str]:
    """Return `file: class` for each exception that carries a code without CodedError, or stores the code by itself."""
    classes = exception_classes(root)
    coded, before = {CODED}, 0
    while len(coded) != before:
        before = len(coded)
        coded |= {name for name, places in classes.items() for _, node in places if set(_bases(node)) & coded}
    return sorted(
        f"{path}: {name}"
        for name, places in classes.items()
        for path, node in places
        if name != CODED and (_stores_code(node) or (_mentions_code(node) and name not in coded))
    )


def _classes(root: Path) -> Iterator[tuple[Path, ast.ClassDef]]:
    for layer in LAYERS:
        for path in sorted((root / layer).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    yield path.relative_to(root), node


def _bases(node: ast.ClassDef) -> list[str]:
    """Return the last names of the bases: `rdfc.A[B]` is `A`."""
    plain = (base.value if isinstance(base, ast.Subscript) else base for base in node.bases)
    return [ast.unparse(base).rsplit(".", 1)[-1] for base in plain]


def _is_exception(base: str, known: set[str]) -> bool:
    return base in known or base.endswith(("Error", "Exception"))


def _stores_code(node: ast.ClassDef) -> bool:
    return any(
        isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store) and part.attr == "code"
        for part in ast.walk(node)
    )


def _mentions_code(node: ast.ClassDef) -> bool:
    """Decide whether a class has a code: as an argument, as a property or as a value of the class."""
    arguments = {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}
    names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    methods = {part.name for part in ast.walk(node) if isinstance(part, ast.FunctionDef)}
    return "code" in arguments | names | methods
