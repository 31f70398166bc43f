"""Check docs/architecture.md: its rooms stand in the order that the guard holds, its states are those of the write path."""

import ast
import re
from pathlib import Path

import pytest
from acredita.node.storage.queue import ItemState
from acredita.node.storage.stored_checkpoints import CheckpointState

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
ROOM = re.compile(r"^\| (\d+) \| `(\w+)/(\w+)(?:/|\.py)` \|", re.MULTILINE)
DIAGRAM = re.compile(r"^```\n(Queue item\n.*?)^```$", re.MULTILINE | re.DOTALL)


def rooms_of(source: Path) -> dict[str, list[set[str]]]:
    """Return the table ROOMS of the guard without importing it: each layer's lines, the highest first."""
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == "ROOMS":
            assert node.value is not None
            rooms: dict[str, list[set[str]]] = ast.literal_eval(node.value)
            return rooms
    raise AssertionError("no table ROOMS")


def test_rooms_stand_in_the_order_of_the_guard() -> None:
    shown: dict[str, list[set[str]]] = {}
    for line, layer, room in ROOM.findall(PAGE):
        lines = shown.setdefault(layer, [])
        assert int(line) in (len(lines), len(lines) + 1), f"{layer}/{room}"
        if int(line) > len(lines):
            lines.append(set())
        lines[-1].add(room)
    assert shown == rooms_of(Path(__file__).with_name("structure.py"))


@pytest.mark.parametrize(("title", "states"), [("Queue item", ItemState), ("Checkpoint", CheckpointState)])
def test_every_state_is_in_its_diagram(title: str, states: type) -> None:
    (diagram,) = DIAGRAM.findall(PAGE)
    (part,) = (part for part in re.split(r"\n(?=\w)", diagram) if part.startswith(title))
    known = {value for name, value in vars(states).items() if not name.startswith("_") and isinstance(value, str)}
    shown = set(re.findall(r"[a-z_]+(?= +->| --\w)|(?<=> )[a-z_]+", part))
    assert shown - {"any"} == known
