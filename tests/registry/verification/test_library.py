"""The library's one door: every name is there, importing it loads nothing, and the documented program runs installed."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from acredita.registry import verification
from acredita.registry.evidence.bundle import write_bundle
from acredita.registry.ledger_facts.trust_file import TrustRefused, read_trust_file

from tests.registry.verification.asking import bundle_of
from tests.registry.world import DAY, AnchoredWorld
from tests.simulators.installed_wheel import PACKAGES, run

ROOT = Path(__file__).resolve().parents[3]
MAX_LINES = 25


def example() -> str:
    """Return the program on the page."""
    page = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
    [program] = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    return program


def test_every_name_of_the_door_is_there() -> None:
    assert sorted(verification.__all__) == sorted(verification._MODULE_OF)
    for name in verification.__all__:
        assert getattr(verification, name).__module__ == verification._MODULE_OF[name]
    assert set(verification.__all__) <= set(dir(verification))
    with pytest.raises(AttributeError, match="no attribute 'verify_all'"):
        verification.verify_all  # noqa: B018


def test_the_page_names_every_name_of_the_door() -> None:
    page = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
    table = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", page, flags=re.MULTILINE))))
    assert table == set(verification.__all__)


def test_importing_the_door_loads_no_other_module() -> None:
    program = "import sys, acredita.registry.verification; print(*(m for m in sys.modules if 'acredita.' in m))"
    loaded = run(sys.executable, "-c", program, cwd=ROOT).split()
    assert loaded == ["acredita.registry", "acredita.registry.verification"]


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"format": "acredita-trust/1", "format": ""}'])
def test_what_is_no_trust_file_is_refused_by_code(data: bytes) -> None:
    with pytest.raises(TrustRefused) as refused:
        read_trust_file(data)
    assert refused.value.code == "TRUST_MALFORMED"


def test_the_example_is_short() -> None:
    assert len([line for line in example().splitlines() if line]) <= MAX_LINES


@pytest.mark.slow
def test_the_example_runs_installed(installed_python: Path, anchored: AnchoredWorld, tmp_path: Path) -> None:
    world = anchored.world
    (tmp_path / "example.py").write_text(example(), encoding="utf-8")
    (tmp_path / "good.acredita").write_bytes(write_bundle(bundle_of(world, anchored.good, anchored.receipt)))
    (tmp_path / "trust.json").write_text(json.dumps(world.trust_document()), encoding="utf-8")
    at = str(world.now + DAY)
    where = run(installed_python, "-c", "import acredita.registry as r; print(r.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(installed_python.parents[1])
    answer = run(installed_python, "example.py", "good.acredita", "trust.json", at, cwd=tmp_path)
    assert answer.split("\n")[0].strip() == "recognised"
    assert answer.count(": passed") == 11
    assert "12 subject: not_asked" in answer
    refused = subprocess.run(
        [installed_python, "example.py", "trust.json", "trust.json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (refused.returncode, refused.stderr.split(":")[0]) == (1, "EVIDENCE_MALFORMED")


@pytest.mark.slow
def test_the_example_is_typed_installed(installed_python: Path, tmp_path: Path) -> None:
    (tmp_path / "example.py").write_text(example(), encoding="utf-8")
    assert "Success" in run(installed_python, "-m", "mypy", "--strict", "example.py", cwd=tmp_path)
    (tmp_path / "wrong.py").write_text(example().replace("Moment(int(at or time.time()))", "at"), encoding="utf-8")
    wrong = subprocess.run(
        [installed_python, "-m", "mypy", "--strict", "wrong.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert wrong.returncode == 1
    assert "arg-type" in wrong.stdout


@pytest.mark.slow
def test_every_package_is_marked_as_typed(installed_python: Path) -> None:
    program = "import importlib, pathlib, sys\n" + "\n".join(
        f"print((pathlib.Path(importlib.import_module('acredita.{name}').__file__).parent / 'py.typed').is_file())"
        for name in PACKAGES
    )
    assert run(installed_python, "-c", program, cwd=installed_python.parent).split() == ["True"] * len(PACKAGES)
