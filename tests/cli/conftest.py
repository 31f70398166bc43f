"""Worlds that several tests of commands read or copy: a node with an accredited institution, and a demonstration."""

from pathlib import Path

import pytest
from acredita.cli.main import main

from tests.simulators import one_operator

LEARNERS = 60


@pytest.fixture(scope="session")
def accredited_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a node of one operator with an accredited institution and an approved programme; tests copy its folder."""
    folder = tmp_path_factory.mktemp("accredited")
    config = one_operator.make_node(folder)
    one_operator.accredit(config, *one_operator.write_documents(folder, one_operator.did_of(config)))
    return folder


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run `acredita demo` and return its folder, which no test changes."""
    folder = tmp_path_factory.mktemp("demonstration") / "d"
    assert main(["demo", "--out", str(folder), "--learners", str(LEARNERS), "--lang", "en"]) == 0
    return folder
