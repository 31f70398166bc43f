"""One town for all HTTP tests of a process, and a client of its node."""

from collections.abc import Iterator

import pytest

from tests.node.http.town import Client, Town, found


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = found(tmp_path_factory.mktemp("town"))
    yield made
    made.stage.close()


@pytest.fixture(scope="session")
def client(town: Town) -> Iterator[Client]:
    with town.client() as opened:
        yield opened
