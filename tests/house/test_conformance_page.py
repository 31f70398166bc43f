"""docs/conformance.md names tests that exist, and fixtures that those tests know."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "conformance.md"
_TEST = re.compile(r"`(tests/[a-z_/]+\.py)::([a-z0-9_]+)`(?: \(([^)]*)\))?")


def named_tests() -> list[tuple[str, str, str]]:
    return sorted(set(_TEST.findall(DOCUMENT.read_text(encoding="utf-8"))))


@pytest.mark.parametrize(("file", "test", "cases"), named_tests())
def test_every_test_named_exists(file: str, test: str, cases: str) -> None:
    source = (ROOT / file).read_text(encoding="utf-8")
    assert f"def {test}(" in source
    for case in re.findall(r"`([a-z0-9_]+)`", cases):
        assert f'"{case}"' in source, case


def test_rows_are_found() -> None:
    assert len(named_tests()) > 30
