"""Send every request the OpenAPI document allows to every operation, by schemathesis: no answer is a 5xx."""

from typing import Any

import httpx
import pytest
from acredita.node.http.app import create_app
from acredita.node.storage.rights import Right
from hypothesis import HealthCheck, Phase, given, settings

from tests.node.http.test_hostile import PROFILE
from tests.node.http.test_records import advance
from tests.node.http.two_institution_node import Client, TwoInstitutionNode

pytestmark = pytest.mark.slow

EXAMPLES = 40  # requests of each operation
OPERATIONS = 20  # at least


def test_whatever_the_openapi_document_allows(node: TwoInstitutionNode) -> None:
    schemathesis = pytest.importorskip("schemathesis", reason="left out: requests made from the OpenAPI document")
    advance(node)  # without an index at the head nobody is told that a document has no name
    app = create_app(_dependencies_with_profile(node))
    schema = schemathesis.openapi.from_dict(app.openapi())
    headers = {"Authorization": f"Bearer {node.token(Right.ISSUE, Right.REVOKE)}"}
    requests = 0
    with Client(app) as client:
        for operation in schema.get_all_operations():
            requests += _ask(operation.ok(), client, headers)
    assert requests >= EXAMPLES * OPERATIONS // 4


def _dependencies_with_profile(node: TwoInstitutionNode) -> Any:
    with node.client(profiles=(PROFILE,)) as client:
        return client.app.state.node.dependencies


def _ask(operation: Any, client: Client, headers: dict[str, str]) -> int:
    seen = 0

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def run(case: Any) -> None:
        nonlocal seen
        seen += 1
        request = case.as_transport_kwargs(base_url="http://nodo.example")
        request.pop("cookies", None)
        if isinstance(request.get("data"), bytes | str):
            request["content"] = request.pop("data")
        request["headers"] = {**dict(request.get("headers") or {}), **headers}
        answer: httpx.Response = client.request(**request)
        assert answer.status_code < 500, (operation.label, answer.text)

    run()
    return seen
