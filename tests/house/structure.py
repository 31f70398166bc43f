"""What the folders promise: imports go down only, and every folder with Python is packaged.

The functions take the root of a tree, so that a test can plant a fault in a copy and see it found.
"""

import ast
import tomllib
from pathlib import Path

# Each layer may import itself and what it names (docs/architecture.md).
MAY_IMPORT: dict[str, set[str]] = {
    "contracts": set(),
    "anchoring": {"contracts"},
    "registry": {"anchoring", "contracts"},
    "devnet": {"contracts"},
    "node": {"registry", "anchoring", "contracts", "devnet"},
    "cli": {"node", "registry", "anchoring", "contracts", "devnet"},
}


def imported_names(source: str) -> list[str]:
    """Every absolute module name a source imports; relative imports come as `.name`."""
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            dots = "." * node.level
            base = f"{dots}{node.module or ''}"
            names.append(base)
            names += [f"{base}.{alias.name}" for alias in node.names]
    return names


def upward_imports(root: Path) -> list[str]:
    """`file: imported name` for each import that does not go down, or does not go through `acredita`."""
    found: list[str] = []
    for layer, below in MAY_IMPORT.items():
        for path in sorted((root / layer).rglob("*.py")):
            for name in imported_names(path.read_text(encoding="utf-8")):
                parts = name.split(".")
                bare = parts[0] in MAY_IMPORT or name.startswith(".")
                upward = (
                    parts[0] == "acredita"
                    and len(parts) > 1
                    and parts[1] in MAY_IMPORT
                    and parts[1] not in below | {layer}
                )
                if bare or upward:
                    found.append(f"{path.relative_to(root)}: {name}")
    return found


def unlisted_packages(root: Path) -> set[str]:
    """Folders that hold Python but are not in pyproject's package list, and listed ones that do not exist."""
    listed = set(tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    present = {
        "acredita." + ".".join(path.parent.relative_to(root).parts)
        for layer in MAY_IMPORT
        for path in (root / layer).rglob("*.py")
    }
    return listed ^ present
