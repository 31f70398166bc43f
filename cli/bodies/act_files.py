"""Read the files of acts: a fault in one names the file, the place and the rule."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from acredita.anchoring.types import FormatRefused
from acredita.cli.exit_codes import ArgumentRefused
from acredita.node.publication.trust_folder import FileRefused, read_json_file, write_json
from acredita.registry.acts.act_file import MAX_ACT_BYTES

T = TypeVar("T")


def read_file(path: Path, parse: Callable[[object], T]) -> T:
    """Read a JSON file of ours. Raises FileRefused."""
    try:
        return parse(read_json_file(path))
    except FormatRefused as error:
        raise FileRefused(f"{path}: {error}") from error


def read_act(path: Path) -> bytes:
    """Read an act's file, at most one byte more than it may have. Raises OSError."""
    with path.open("rb") as file:
        return file.read(MAX_ACT_BYTES + 1)


def check_absent(path: Path) -> None:
    """Check before anything is sent that a file to be written does not exist. Raises ArgumentRefused."""
    if path.exists():
        raise ArgumentRefused(f"{path}: exists already, and is not written over")


def write_new(path: Path, document: object) -> None:
    """Write a JSON file that does not exist yet. Raises ArgumentRefused for one that does."""
    check_absent(path)
    write_json(path, document)
