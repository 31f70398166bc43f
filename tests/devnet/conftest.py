"""The chains a test of behaviour runs on: ours always, the real Anvil where the oracles are installed."""

from collections.abc import Iterator

import pytest

from tests.devnet.client import Client, anvil, embedded


@pytest.fixture(params=["embedded", pytest.param("anvil", marks=pytest.mark.interop)])
def chain(request: pytest.FixtureRequest) -> Iterator[Client]:
    with embedded() if request.param == "embedded" else anvil() as client:
        yield client
