"""One demonstration for every reader of it that is not ours."""

from pathlib import Path

import pytest
from acredita.cli.main import main

LEARNERS = 120


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run `acredita demo` and return its folder, which no test changes."""
    out = tmp_path_factory.mktemp("demonstration") / "d"
    assert main(["demo", "--out", str(out), "--learners", str(LEARNERS)]) == 0
    return out
