"""One world for every test of verification; each test works in a branch of it and leaves no trace."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.registry.world import Standing, standing


@pytest.fixture(scope="session")
def founded() -> Standing:
    return standing()


@pytest.fixture
def place(founded: Standing) -> Iterator[Standing]:
    """The same institution and credentials, to do with as a test likes."""
    with founded.world.branch():
        yield replace(founded)
