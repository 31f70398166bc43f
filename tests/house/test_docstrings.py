"""The mechanical rules of docstrings hold in every room, and the check itself can fail."""

from pathlib import Path

import pytest

from tests.house import docstrings

ROOT = Path(__file__).resolve().parents[2]
ROOMS = sorted(
    {str(path.parent.relative_to(ROOT)) for layer in docstrings.LAYERS for path in (ROOT / layer).rglob("*.py")}
)


@pytest.mark.parametrize("room", ROOMS)
def test_docstrings_follow_the_rules(room: str) -> None:
    assert [fault for fault in docstrings.faults(ROOT) if fault.split(":")[0].rsplit("/", 1)[0] == room] == []


def test_docstrings_of_tests_begin_with_a_verb_or_a_noun() -> None:
    assert docstrings.faults_of_tests(ROOT) == []


def test_a_planted_docstring_of_a_test_is_found(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "planted.py").write_text('def test_planted() -> None:\n    """The end of all."""\n')
    (fault,) = docstrings.faults_of_tests(tmp_path)
    assert "no verb of the list" in fault


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ('"""What a module holds."""\n', "free relative"),
        ('"""Limits."""\n\nLIMIT = 3\n"""How many there may be."""\n', "free relative"),
        ("def planted() -> None:\n    pass\n", "planted: has no docstring"),
        ("class Planted:\n    pass\n", "Planted: has no docstring"),
        (
            'class Planted:\n    """A thing."""\n\n    def act(self) -> None:\n        pass\n',
            "Planted.act: has no docstring",
        ),
        ('def planted() -> None:\n    """Whether it holds."""\n', "free relative"),
        ('def _planted() -> None:\n    """The thing that is planted."""\n', "no verb of the list"),
        ('class Planted:\n    """Who plants."""\n', "free relative"),
    ],
)
def test_a_planted_fault_is_found(tmp_path: Path, source: str, fault: str) -> None:
    (tmp_path / "anchoring").mkdir()
    (tmp_path / "anchoring" / "planted.py").write_text(source)
    found = docstrings.faults(tmp_path)
    assert len(found) == 1 and fault in found[0]


def test_what_follows_the_rules_passes(tmp_path: Path) -> None:
    (tmp_path / "anchoring").mkdir()
    (tmp_path / "anchoring" / "planted.py").write_text(
        '"""Trees of hashes."""\n\n\ndef planted() -> None:\n    """Return nothing."""\n\n\n'
        'class Planted:\n    """A thing."""\n\n    @property\n    def size(self) -> int:\n        """Size in bytes."""\n'
        "        return 0\n\n\ndef _private() -> None:\n    pass\n"
    )
    assert docstrings.faults(tmp_path) == []
