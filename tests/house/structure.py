"""Check the structure of the source: imports between layers and rooms, and the list of packages.

Invariants: an import goes to a lower layer, or to a lower line of rooms inside its layer; rooms on one line do not import
each other; each room has its place in the order; no layer imports tests or benchmarks. The functions take the root of a tree,
so that a test can plant a fault in a copy and see it found. Modules are compared by their full path: equal file names in two
rooms are two modules.

Read as imports are import statements, attribute chains (`acredita.node.config`), and texts that are nothing but the name
of a module, as `import_module`, `resources.files` and a table of names take them. A name put together from parts counts as
far as its first computed part.
"""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

# Each layer may import itself and the layers it names (docs/architecture.md).
MAY_IMPORT: dict[str, set[str]] = {
    "contracts": set(),
    "anchoring": {"contracts"},
    "registry": {"anchoring", "contracts"},
    "devnet": {"contracts"},
    "node": {"registry", "anchoring", "contracts", "devnet"},
    "cli": {"node", "registry", "anchoring", "contracts", "devnet"},
}

# Imported by no layer: what is installed has neither.
OUTSIDE_THE_LAYERS = {"tests", "bench"}

# The rooms of a layer, the highest line first. A room is a folder, or a module that lies directly in the layer's folder.
ROOMS: dict[str, list[set[str]]] = {
    "node": [
        {"http", "administration", "network_check"},
        {"recovery", "vc_api", "demo", "audit_report", "archive", "monitor"},
        {"delivery"},
        {"verification", "runtime"},
        {"issuance"},
        {"mirroring"},
        {"publication"},
        {"write_path", "custody"},
        {"ledger"},
        {"index"},
        {"storage", "outbound", "config"},
    ],
    "registry": [
        {"inbox"},
        {"verification"},
        {"audit", "evidence", "acts"},
        {"vcdm", "proofs", "ledger_facts", "credentials"},
        {"canonicalisation", "keys", "programmes"},
        {"json_documents"},
    ],
}
# Imported by every room, and importing none.
BESIDE_ALL: dict[str, set[str]] = {"registry": {"codes"}}
# Above every module that lies directly in the layer's folder.
ABOVE_THE_MODULES: dict[str, set[str]] = {"devnet": {"rpc"}}
# Below the modules that lie directly in the layer's folder, but for those it may import.
BELOW_THE_MODULES: dict[str, dict[str, set[str]]] = {"cli": {"bodies": {"exit_codes", "spanish"}, "spanish": set()}}


_MODULE = re.compile(r"acredita(\.\w+)+")
_IMPORTERS = ("import_module", "__import__")


@cache  # a copied tree differs in one planted file
def imported_names(source: str) -> tuple[str, ...]:
    """Return every absolute module name a source imports; relative imports come as `.name`."""
    nodes = list(ast.walk(ast.parse(source)))
    aliases = {"acredita": "acredita"}
    for node in nodes:
        if isinstance(node, ast.Import):
            aliases |= {alias.asname: alias.name for alias in node.names if alias.asname}
    return tuple(name for node in nodes for name in _names_in(node, aliases))


def _names_in(node: ast.AST, aliases: Mapping[str, str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = f"{'.' * node.level}{node.module or ''}"
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Attribute):
        first, _, rest = ast.unparse(node).partition(".")
        if aliases.get(first, "").partition(".")[0] == "acredita":
            yield f"{aliases[first]}.{rest}"
    elif isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant):
        beginning = str(node.values[0].value).rpartition(".")[0]
        yield from [beginning] if _MODULE.fullmatch(beginning) else []
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _MODULE.fullmatch(node.value):
        yield node.value
    elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(_IMPORTERS):
        yield from (
            word.value for word in node.args[:1] if isinstance(word, ast.Constant) and isinstance(word.value, str)
        )


def upward_imports(root: Path) -> list[str]:
    """Return `file: imported name` for each import that does not go down, or goes elsewhere than through `acredita`: by
    a relative name, by the bare name of a layer, to tests or benchmarks.
    """
    found: list[str] = []
    for layer, below in MAY_IMPORT.items():
        for path in sorted((root / layer).rglob("*.py")):
            for name in imported_names(path.read_text(encoding="utf-8")):
                parts = name.split(".")
                bare = parts[0] in MAY_IMPORT.keys() | OUTSIDE_THE_LAYERS or name.startswith(".")
                upward = (
                    parts[0] == "acredita"
                    and len(parts) > 1
                    and parts[1] in MAY_IMPORT
                    and parts[1] not in below | {layer}
                )
                if bare or upward:
                    found.append(f"{path.relative_to(root)}: {name}")
    return found


def rooms_out_of_order(root: Path) -> list[str]:
    """Return `file: imported name` for each import between rooms that does not go to a lower line."""
    found: list[str] = []
    for layer in MAY_IMPORT:
        for path in sorted((root / layer).rglob("*.py")):
            room = _room(path.relative_to(root / layer).with_suffix("").parts)
            for name in sorted(set(imported_names(path.read_text(encoding="utf-8")))):
                parts = name.split(".")
                if parts[:2] == ["acredita", layer] and not _goes_down(root, layer, room, _room(tuple(parts[2:]))):
                    found.append(f"{path.relative_to(root)}: {name}")
    return found


def rooms_without_a_place(root: Path) -> list[str]:
    """Return every room of a layer that the order does not name, and every room it names that does not exist."""
    present = {f"{layer}/{room}" for layer in MAY_IMPORT for room in _rooms_of(root, layer)}
    named = {f"{layer}/{room}" for layer, lines in ROOMS.items() for line in lines for room in line}
    beside: tuple[Mapping[str, Iterable[str]], ...] = (BESIDE_ALL, ABOVE_THE_MODULES, BELOW_THE_MODULES)
    named |= {f"{layer}/{room}" for table in beside for layer in table for room in table[layer]}
    return sorted(present ^ named)


def _rooms_of(root: Path, layer: str) -> set[str]:
    """Return the rooms to be ordered: folders with Python, and in a layer of rooms also single modules."""
    folders = {path.relative_to(root / layer).parts[0] for path in (root / layer).rglob("*.py")}
    modules = {name for name in folders if name.endswith(".py")}
    single = {Path(name).stem for name in modules} - {"__init__"}
    return (folders - modules) | (single if layer in ROOMS else set())


def _room(parts: tuple[str, ...]) -> str:
    return parts[0] if parts and parts[0] != "__init__" else ""


def _goes_down(root: Path, layer: str, here: str, there: str) -> bool:
    """Decide whether room `here` may import room `there`; names that no module bears are names of the package itself."""
    if here == there or not there or there in BESIDE_ALL.get(layer, set()):
        return True
    below = BELOW_THE_MODULES.get(layer, {})
    if below:
        return here not in below or there in below[here]
    above = ABOVE_THE_MODULES.get(layer, set())
    if above or layer not in ROOMS:
        return there not in above
    lines = {room: number for number, line in enumerate(ROOMS[layer]) for room in line}
    if there not in lines:
        return there not in _rooms_of(root, layer)
    return here in lines and lines[here] < lines[there]


def unlisted_packages(root: Path) -> set[str]:
    """Return folders that hold Python but are not in pyproject's package list, and listed ones that do not exist."""
    listed = set(tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    present = {
        "acredita." + ".".join(path.parent.relative_to(root).parts)
        for layer in MAY_IMPORT
        for path in (root / layer).rglob("*.py")
    }
    return listed ^ present
