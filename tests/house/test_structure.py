"""The layer order and the package list hold, and the guards themselves can fail."""

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


structure = _load("structure")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for layer in structure.MAY_IMPORT:
        shutil.copytree(ROOT / layer, tmp_path / layer, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_imports_go_down_only() -> None:
    assert structure.upward_imports(ROOT) == []


def test_rooms_import_lower_rooms_only() -> None:
    assert structure.rooms_out_of_order(ROOT) == []


def test_every_room_has_its_place_in_the_order() -> None:
    assert structure.rooms_without_a_place(ROOT) == []


def test_every_folder_with_python_is_packaged() -> None:
    assert structure.unlisted_packages(ROOT) == set()


@pytest.mark.parametrize(
    "line",
    [
        "from acredita.registry.verification.twelve_steps import verify",
        "import acredita.node",
        "from acredita import cli",
        "import registry",
        "from ..registry import verify",
        "import_module('acredita.registry.verification')",
        "importlib.import_module(f'acredita.node.{name}')",
        "__import__('node.http')",
        "import_module('..registry', __package__)",
        "open(resources.files('acredita.node') / 'pages')",
        "table = {'verify': ('acredita.registry.verification', 1)}",
        "acredita.node.http.app.serve()",
        "import acredita as package; package.node.config.load()",
        "import acredita.anchoring as below; print(acredita.node)",
        "from tests.simulators.ledger import Swallowing",
        "import tests",
        "import bench.gas",
    ],
)
def test_a_planted_upward_import_is_found(copy: Path, line: str) -> None:
    (copy / "anchoring" / "planted.py").write_text(f"def late() -> None:\n    {line}\n")
    assert any("planted.py" in found for found in structure.upward_imports(copy))


@pytest.mark.parametrize(
    "line",
    [
        "text = 'acredita.node is the layer above.'",
        "text = f'acredita.anchoring.{name}'",
        "import_module('acredita.contracts.abi')",
        "import acredita; acredita.contracts.abi.encode()",
        "other.acredita.node()",
        "latest = tests.passed",
    ],
)
def test_a_line_that_imports_nothing_upward_passes(copy: Path, line: str) -> None:
    (copy / "anchoring" / "planted.py").write_text(f"def late() -> None:\n    {line}\n")
    assert structure.upward_imports(copy) == []


def test_a_planted_folder_is_found(copy: Path) -> None:
    (copy / "registry" / "planted").mkdir()
    (copy / "registry" / "planted" / "module.py").write_text("")
    assert structure.unlisted_packages(copy) == {"acredita.registry.planted"}


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("node/storage/planted.py", "from acredita.node.http.server import server"),
        ("node/storage/planted.py", "from acredita.node import runtime"),
        ("node/storage/planted.py", "from acredita.node.outbound.fetch import Fetcher"),  # a room on the same line
        ("node/config.py", "from acredita.node.storage.queue import Item"),
        ("registry/keys/planted.py", "from acredita.registry.programmes.elm import ASSESSMENT"),
        ("registry/codes.py", "from acredita.registry.keys.did import parse_did"),
        ("registry/evidence/planted.py", "from acredita.registry.verification.status import Status"),
        ("registry/credentials/planted.py", "from acredita.registry.verification import parse"),
        ("devnet/planted.py", "from acredita.devnet.rpc.errors import RpcError"),
        ("cli/bodies/planted.py", "from acredita.cli.options import Config"),
        ("node/planted_room/module.py", "from acredita.node.config import load"),
        ("node/storage/planted.py", "from acredita.node.planted_room import module"),
        ("node/storage/planted.py", "acredita.node.http.app.serve()"),
        ("node/storage/planted.py", "import acredita.node as ours; ours.http.app.serve()"),
        ("registry/keys/planted.py", "import_module('acredita.registry.programmes.elm')"),
        ("registry/keys/planted.py", "import_module(f'acredita.registry.verification.{name}')"),
    ],
)
def test_a_planted_import_against_the_order_of_rooms_is_found(copy: Path, place: str, line: str) -> None:
    (copy / "node" / "planted_room").mkdir()
    (copy / "node" / "planted_room" / "module.py").write_text("")
    with (copy / place).open("a") as file:
        file.write(f"\n\ndef late() -> None:\n    {line}\n")
    assert any(found.startswith(f"{place}: ") for found in structure.rooms_out_of_order(copy))


def test_a_file_of_the_same_name_in_a_lower_room_is_another_module(copy: Path) -> None:
    line = "from acredita.registry.credentials import status_list\n"
    (copy / "registry" / "audit" / "planted.py").write_text(line)
    assert not any("planted" in found for found in structure.rooms_out_of_order(copy))
    (copy / "registry" / "credentials" / "planted.py").write_text(line.replace("credentials", "audit"))
    assert any("registry/credentials/planted.py" in found for found in structure.rooms_out_of_order(copy))


@pytest.mark.parametrize("place", ["node/planted_room/module.py", "node/planted.py", "devnet/planted_room/module.py"])
def test_a_room_without_a_place_in_the_order_is_found(copy: Path, place: str) -> None:
    (copy / place).parent.mkdir(exist_ok=True)
    (copy / place).write_text("")
    assert len(structure.rooms_without_a_place(copy)) == 1


def test_a_room_that_is_gone_is_found(copy: Path) -> None:
    shutil.rmtree(copy / "registry" / "vcdm")
    assert structure.rooms_without_a_place(copy) == ["registry/vcdm"]


def test_every_room_stands_in_the_architecture_by_its_path() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    packages = {
        path.parent.relative_to(ROOT) for layer in structure.MAY_IMPORT for path in (ROOT / layer).rglob("*.py")
    }
    assert [str(path) for path in sorted(packages) if f"`{path}/`" not in page] == []
