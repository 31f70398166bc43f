"""Fixtures of the HTTP tests: one two-institution node for all tests of a process, and a client of it."""

from collections.abc import Iterator

import pytest

from tests.node.http.two_institution_node import Client, TwoInstitutionNode, open_two_institution_node


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoInstitutionNode]:
    opened = open_two_institution_node(tmp_path_factory.mktemp("node"))
    yield opened
    opened.demo.close()


@pytest.fixture(scope="session")
def client(node: TwoInstitutionNode) -> Iterator[Client]:
    with node.client() as opened:
        yield opened
