"""Names that were given up do not come back, and the check itself can fail."""

from pathlib import Path

import pytest

from tests.house import names

ROOT = Path(__file__).resolve().parents[2]


def test_no_name_that_was_given_up() -> None:
    assert names.given_up_names(ROOT) == []


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("node/desk.py", ""),
        ("node/planted.py", "def open_office() -> None: ...\n"),
        ("node/planted.py", "class NodeShelf: ...\n"),
        ("node/planted.py", "def act(workshop: int) -> None: ...\n"),
        ("node/planted.py", "hired = 1\n"),
        ("node/planted.py", "registry.standing(1)\n"),
        ("contracts/src/Planted.vy", "@external\ndef standing(): pass\n"),
        ("node/planted.py", "from acredita.node import premises as place\n"),
        ("node/planted.py", "act(remedies=1)\n"),
        ("tests/planted.py", "the_standing = 1\n"),
        ("node/planted.py", "try: ...\nexcept OSError as office: ...\n"),
        ("node/planted.py", "from acredita.node.office.rooms import room\n"),
        ("node/planted.py", "match 1:\n    case [*shelves]: ...\n"),
        ("node/planted.py", "match 1:\n    case {**shelves}: ...\n"),
        ("node/planted.py", "match 1:\n    case 1 as desk: ...\n"),
        ("node/http/pages/office.json", ""),
        ("node/http/office/page.html", ""),
        ("docs/premises.md", ""),
        ("tests/fixtures/broken_desk.json", ""),
        ("node/http/pages/page.html", "<p>The desk is closed.</p>\n"),
        ("node/http/pages/page.html", '<p id="open-office"></p>\n'),
        ("node/http/pages/page.js", "const openOffice = 1;\n"),
        ("cli/planted.py", 'help = "Show the standing of each institution."\n'),
    ],
)
def test_a_planted_name_is_found(tmp_path: Path, place: str, source: str) -> None:
    (tmp_path / place).parent.mkdir(parents=True)
    (tmp_path / place).write_text(source)
    assert len(names.given_up_names(tmp_path)) == 1


def test_prose_passes(tmp_path: Path) -> None:
    (tmp_path / "node").mkdir()
    (tmp_path / "node" / "planted.html").write_text("<p>Officers and shelving stay.</p>")
    (tmp_path / "node" / "notes.md").write_text("An office.")
    (tmp_path / "node" / "planted.py").write_text('# an office\ntext = "A desk."\nofficer = 1\n')
    assert names.given_up_names(tmp_path) == []


def test_classes_are_qualified_and_variables_name_their_thing() -> None:
    assert names.unqualified_names(ROOT) == []


@pytest.mark.parametrize(
    "source",
    [
        "class Outcome: ...\n",
        "def act() -> None:\n    found = 1\n",
        "def act() -> None:\n    found: dict[str, int] = {}\n",
        "def act(told: int) -> None: ...\n",
        "made = [1]\n",
        "several = [asked for asked in ()]\n",
    ],
)
def test_a_planted_unqualified_name_is_found(tmp_path: Path, source: str) -> None:
    (tmp_path / "node").mkdir()
    (tmp_path / "node" / "planted.py").write_text(source)
    assert len(names.unqualified_names(tmp_path)) == 1


def test_qualified_names_and_pairs_of_expected_and_found_pass(tmp_path: Path) -> None:
    (tmp_path / "node").mkdir()
    source = (
        "class StepOutcome:\n    expected: str\n    found: str\n\n\ndef act(expected: str, found: str) -> None: ...\n"
    )
    (tmp_path / "node" / "planted.py").write_text(source)
    assert names.unqualified_names(tmp_path) == []
