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


def test_every_folder_with_python_is_packaged() -> None:
    assert structure.unlisted_packages(ROOT) == set()


@pytest.mark.parametrize(
    "line",
    [
        "from acredita.registry.verify import verify",
        "import acredita.node",
        "from acredita import cli",
        "import registry",
        "from ..registry import verify",
    ],
)
def test_a_planted_upward_import_is_found(copy: Path, line: str) -> None:
    (copy / "anchoring" / "planted.py").write_text(f"def late() -> None:\n    {line}\n")
    assert any("planted.py" in found for found in structure.upward_imports(copy))


def test_a_planted_folder_is_found(copy: Path) -> None:
    (copy / "registry" / "planted").mkdir()
    (copy / "registry" / "planted" / "module.py").write_text("")
    assert structure.unlisted_packages(copy) == {"acredita.registry.planted"}


def test_every_module_stands_in_the_architecture() -> None:
    named = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    modules = [path for layer in structure.MAY_IMPORT if layer != "cli" for path in (ROOT / layer).glob("*.py")]
    missing = [path.name for path in modules if path.name != "__init__.py" and f"{path.name}`" not in named]
    assert missing == []
