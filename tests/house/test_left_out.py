"""The last line of a run says how many tests were left out, for want of what, and which command runs them."""

import ast
import os
import subprocess
import sys
from pathlib import Path

from tests.left_out import COMMANDS_BY_CAUSE, Want, closing_line

ROOT = Path(__file__).resolve().parents[2]
# Skips that nothing to install would lift.
DO_NOT_APPLY = {
    "house/test_dead_code.py",
    "left_out.py",
    "node/http/test_openapi.py",
    "node/storage/test_database.py",
    "node/write_path/test_takeover.py",
}
PLANTED = """
import pytest
from tests.left_out import Want, leave_out

@pytest.mark.parametrize("number", range(3))
def test_stored(number):
    leave_out(Want.POSTGRESQL, "storage")

def test_published():
    leave_out(Want.VECTORS, "the whole sets")

@pytest.mark.skipif(True, reason="another system")
def test_elsewhere():
    pass

def test_run():
    pass
"""


def test_the_last_line_comes_after_pytests_own(tmp_path: Path) -> None:
    (tmp_path / "test_planted.py").write_text(PLANTED)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "1",
        "-p",
        "tests.conftest",
        "-p",
        "no:schemathesis",
        "-p",
        "no:cacheprovider",
    ]
    ended = subprocess.run(
        [*command, "-c", os.devnull, "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    *_, closing, last = ended.stdout.splitlines()
    assert "1 passed, 5 skipped in" in closing, ended.stdout + ended.stderr
    assert last == (
        "5 tests left out: 3 for want of PostgreSQL (.ci/run installs it and runs them), "
        "1 for want of published vectors (ACREDITA_VECTORS=FOLDER make test runs them), "
        "1 that do not apply to this machine"
    )


def test_nothing_left_out_needs_no_line() -> None:
    assert closing_line([]) == ""


def test_every_cause_has_its_command() -> None:
    assert set(COMMANDS_BY_CAUSE) == set(Want)
    for want, command in COMMANDS_BY_CAUSE.items():
        assert closing_line([f"Skipped: for want of {want}: x"]).endswith(f"1 for want of {want} ({command})")


def test_tests_are_left_out_by_one_function() -> None:
    """Find other ways to skip: their tests would be counted without a command."""
    tests = ROOT / "tests"
    names = {path.relative_to(tests).as_posix(): path.read_text(encoding="utf-8") for path in tests.rglob("*.py")}
    assert {
        name for name, source in names.items() if name != "house/test_left_out.py" and _skips(source)
    } == DO_NOT_APPLY


def _skips(source: str) -> bool:
    calls = {ast.unparse(node.func) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)}
    return bool(calls & {"pytest.skip", "pytest.importorskip", "pytest.mark.skip", "pytest.mark.skipif"})
