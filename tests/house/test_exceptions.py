"""Exceptions are named by what their caller does and carry codes in one way, and the guard itself can fail."""

import pickle
from pathlib import Path

import pytest
from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code
from acredita.registry.credentials.cohort_columns import CohortRefused
from acredita.registry.credentials.shapes import ProfileRefused
from acredita.registry.proofs.data_integrity import ProofRefused

from tests.house.exceptions import LAYERS, codes_without_the_base, exception_classes, names_of_no_family

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Make a tree of empty layers with one sound exception and the base."""
    for layer in LAYERS:
        (tmp_path / layer).mkdir()
    (tmp_path / "contracts" / "coded_error.py").write_text(
        "class CodedError(Exception):\n    def __init__(self, code, message):\n        self.code = code\n"
    )
    (tmp_path / "registry" / "sound.py").write_text("class ProofRefused(CodedError[Code]):\n    CODE_IN_TEXT = True\n")
    return tmp_path


def test_every_exception_is_of_a_family() -> None:
    assert len(exception_classes(ROOT)) > 80
    assert names_of_no_family(ROOT) == []


def test_every_code_is_carried_by_the_base() -> None:
    assert codes_without_the_base(ROOT) == []


def test_a_sound_tree_passes(tree: Path) -> None:
    assert set(exception_classes(tree)) == {"CodedError", "ProofRefused"}
    assert names_of_no_family(tree) == codes_without_the_base(tree) == []


@pytest.mark.parametrize(
    "header",
    [
        "Unusable(Exception)",
        "_Unfit(ProofRefused)",
        "Full(sound.ProofRefused)",
        "Late(TimeoutError)",
        "Bad(PyPdfError)",
    ],
)
def test_a_planted_name_is_found(tree: Path, header: str) -> None:
    (tree / "node" / "planted.py").write_text(f"class {header}:\n    pass\n")
    assert names_of_no_family(tree) == [f"node/planted.py: {header.split('(')[0]}"]


@pytest.mark.parametrize(
    "source",
    [
        "class KeyRefused(ValueError):\n    def __init__(self, code, message):\n        self.code = code\n",
        "class KeyRefused(ProofRefused):\n    def __init__(self, pointer, code):\n        self.code = code\n",
        "class KeyRefused(Exception):\n    code = 'KEY_UNKNOWN'\n",
        "class KeyRefused(Exception):\n    code: str\n",
        "class KeyRefused(Exception):\n    @property\n    def code(self):\n        return 'KEY_UNKNOWN'\n",
    ],
)
def test_a_planted_code_beside_the_base_is_found(tree: Path, source: str) -> None:
    (tree / "cli" / "planted.py").write_text(source)
    assert codes_without_the_base(tree) == ["cli/planted.py: KeyRefused"]


def test_the_text_of_a_coded_error() -> None:
    error = CodedError("KEY_UNKNOWN", "no such key")
    assert (error.code, error.message, str(error)) == ("KEY_UNKNOWN", "no such key", "no such key")
    assert str(ProofRefused(Code.PROOF_INVALID, "no")) == "PROOF_INVALID: no"


@pytest.mark.parametrize(
    "error",
    [
        ProofRefused(Code.PROOF_INVALID, "no"),
        ProfileRefused(("credentialSubject", 0), Code.PROFILE_VALUE, "a day that exists"),
        CohortRefused(Code.FILE_EMPTY, "at least one row expected", 3),
    ],
)
def test_a_coded_error_crosses_processes_whole(error: CodedError[Code]) -> None:
    found = pickle.loads(pickle.dumps(error))
    assert (type(found), str(found), vars(found)) == (type(error), str(error), vars(error))
