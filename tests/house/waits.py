"""Find waits in tests that a busy machine could outlast, and sleeps where a condition could be awaited.

Found are, outside tests/waiting.py: a limit under LEAST_SECONDS, a client whose default limit is shorter, a sleep, a
deadline of a test's own, and a mark that takes pytest's limit down. Numbers are read from literals and from constants of
the same file; a limit that is computed is not seen. An argument behind a True is a limit where it follows `block`.
"""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

LEAST_SECONDS = 60
OUTSIDE = {"waiting.py"}
LIMIT_KEYWORDS = {"timeout", "seconds"}
# Keywords that are limits of `httpx.Timeout` only, whose positional arguments are limits too.
PHASES = {"connect", "read", "write", "pool"}
NO_WAITS = {"timedelta", "datetime.timedelta"}
# Methods whose last positional argument is a limit, and functions.
LIMITED = {
    ".wait", ".join", ".wait_for", ".settimeout", ".setdefaulttimeout", ".alarm", ".create_connection", ".urlopen",
    ".over_http", ".result", ".timeout", ".exception", ".select", ".poll", ".communicate", "open_mirror", "create_connection",
    "over_http", "select", "urlopen", "wait", "wait_for",
}  # fmt: skip
# Methods and functions whose limit is the positional argument of this number.
LIMITED_AT = {".Barrier": 2, "Barrier": 2}
# Methods with a limit behind the argument `block`: `queue.get(True, 5)`, `queue.put(item, True, 5)`, `lock.acquire(True, 5)`.
BLOCKING = {".get", ".put", ".acquire"}
# Clients that wait for seconds unless they are told otherwise, and the position of the argument that tells them.
SHORT_BY_DEFAULT = {
    "RpcLedger.over_http": 1, "httpx.Client": None, "httpx.AsyncClient": None, "httpx.delete": None, "httpx.get": None,
    "httpx.head": None, "httpx.options": None, "httpx.patch": None, "httpx.post": None, "httpx.put": None,
    "httpx.request": None, "httpx.stream": None,
}  # fmt: skip
CLOCKS = {"time.monotonic", "time.monotonic_ns"}


def short_waits(tests: Path, pytest_seconds: float) -> list[str]:
    """Return `file::function: what` for each wait that is too short, in the order of the files."""
    paths = [path for path in sorted(tests.rglob("*.py")) if path.relative_to(tests).as_posix() not in OUTSIDE]
    return [
        f"{path.relative_to(tests).as_posix()}::{where}: {what}"
        for path in paths
        for where, what in _in_file(ast.parse(path.read_text(encoding="utf-8")), pytest_seconds)
    ]


def pytest_seconds(pyproject: Path) -> float:
    """Return the limit of one test, from pyproject.toml."""
    return float(tomllib.loads(pyproject.read_text())["tool"]["pytest"]["ini_options"]["timeout"])


def _in_file(tree: ast.Module, mark_seconds: float) -> Iterator[tuple[str, str]]:
    constants = dict(_constants(tree))
    for where, node in _with_function(tree, "module"):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in CLOCKS:
            yield where, "a deadline of its own"
        if isinstance(node, ast.Call):
            what = _fault(node, constants, mark_seconds)
            if what:
                yield where, what


def _fault(call: ast.Call, constants: dict[str, float], mark_seconds: float) -> str | None:
    name = ast.unparse(call.func)
    if name.endswith("mark.timeout"):
        limit = _number(call.args[0], constants)
        return None if limit is None or limit > mark_seconds else f"{name} takes the limit of a test down"
    if name in ("time.sleep", "sleep") or (name == "asyncio.sleep" and _number(call.args[0], constants) != 0):
        return "a sleep"
    if name in NO_WAITS:
        return None
    limits = [_number(value, constants) for value in _limits(call, name)]
    if any(limit is not None and limit < LEAST_SECONDS for limit in limits):
        return f"{name} waits less than {LEAST_SECONDS} s"
    return f"{name} keeps its default limit" if _is_default(call, name) else None


def _limits(call: ast.Call, name: str) -> Iterator[ast.expr]:
    """Yield the arguments of a call that are limits."""
    called = f".{call.func.attr}" if isinstance(call.func, ast.Attribute) else name
    is_timeout = name.rpartition(".")[2] == "Timeout"
    keywords = LIMIT_KEYWORDS | PHASES if is_timeout else LIMIT_KEYWORDS
    values = [keyword.value for keyword in call.keywords if keyword.arg in keywords]
    if is_timeout:
        values += call.args
    elif called in LIMITED:
        values += call.args[-1:]
    elif called in LIMITED_AT:
        values += call.args[LIMITED_AT[called] :]
    elif called in BLOCKING and len(call.args) > 1 and _is_true(call.args[-2]):
        values += call.args[-1:]
    for value in values:  # httpx takes the four phases as a tuple
        yield from value.elts if isinstance(value, ast.Tuple) else [value]


def _is_true(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is True


def _is_default(call: ast.Call, name: str) -> bool:
    if name not in SHORT_BY_DEFAULT or any(keyword.arg in {"timeout", None} for keyword in call.keywords):
        return False
    position = SHORT_BY_DEFAULT[name]
    return position is None or len(call.args) <= position


def _number(value: ast.expr, constants: dict[str, float]) -> float | None:
    """Return the number that an expression is, if it can be read here."""
    if isinstance(value, ast.Name):
        return constants.get(value.id)
    if isinstance(value, ast.Constant) and isinstance(value.value, int | float) and not isinstance(value.value, bool):
        return float(value.value)
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult):
        left, right = _number(value.left, constants), _number(value.right, constants)
        return None if left is None or right is None else left * right
    return None


def _constants(tree: ast.Module) -> Iterator[tuple[str, float]]:
    for statement in tree.body:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
        value = getattr(statement, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.expr):
            number = _number(value, {})
            if number is not None:
                yield target.id, number


def _with_function(node: ast.AST, where: str) -> Iterator[tuple[str, ast.AST]]:
    for child in ast.iter_child_nodes(node):
        named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        inside = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else where
        yield where, child
        yield from _with_function(child, inside if named else where)
