"""Every route that writes asks for a token first, whichever routes there are: they are taken from the application itself."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from acredita.node.demo.environment import BASE
from acredita.node.runtime.signing_profiles import of_institution
from acredita.node.storage.access_tokens import token_id
from acredita.node.storage.rights import Right
from acredita.registry.credentials.status_position import list_url
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from tests.node.http.two_institution_node import Client, TwoInstitutionNode

# Sent by POST because they carry a body, or because looking must change nothing; none writes but the delivery, whose
# address is the token, and what the ledger itself names.
WITHOUT_TOKEN = {
    "/v1/verify",
    "/verificar",
    "/authorization",
    "/credentials/verify",
    "/presentations/verify",
    "/issuers/{profile}/credentials/verify",
    "/issuers/{profile}/presentations/verify",
    "/status/{issuer}/{number}/publish",
    "/entrega/{token}",
    "/v1/documents/{digest}",  # the ledger's records decide
    "/v1/proposals/{number}",
    "/v1/withheld",  # the keys of the trust file have signed it
}
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@pytest.fixture(scope="module")
def api(node: TwoInstitutionNode) -> Iterator[Client]:
    with node.client(profiles=(of_institution("ut", node.tenant),)) as opened:
        yield opened


def all_routes(client: Client) -> Iterator[APIRoute]:
    """Return every route of the application, also those no document lists."""
    waiting: list[Any] = list(client.app.routes)
    while waiting:
        route = waiting.pop()
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):  # a router that was included stays one route of the application
            waiting += route.original_router.routes


def writes(client: Client) -> list[tuple[str, str]]:
    """Return method and path of every route that may change something."""
    return [
        (method, route.path) for route in all_routes(client) for method in sorted((route.methods or set()) & WRITING)
    ]


def rights_of(dependant: Dependant) -> set[Right]:
    """Return the rights that a handler's signature demands."""
    right = getattr(dependant.call, "right", None)
    return ({right} if right is not None else set()).union(*map(rights_of, dependant.dependencies))


def address(node: TwoInstitutionNode, path: str) -> str:
    """Fill a route's path with existing values, so that no request is refused as unknown."""
    values = {"issuer": node.tenant.issuer.hex(), "digest": node.digests[5].hex(), "profile": "ut", "code": "SOME_CODE"}
    return path.format(**values, number=0, token="t", token_id=token_id(node.tokens["issue"]))


def body(node: TwoInstitutionNode) -> bytes:
    """Return a body with every field that any of the routes reads, of the institution whose token is missing."""
    url = list_url(BASE, node.tenant.issuer, 0)
    entry = {"type": "BitstringStatusListEntry", "statusListCredential": url, "statusListIndex": "7"}
    return json.dumps(
        {"credential": {"issuer": node.tenant.institution.did}, "credentialStatus": entry, "action": "revoke"}
    ).encode()


def test_there_are_such_routes_and_the_exceptions_are_among_them(api: Client) -> None:
    paths = {path for _, path in writes(api)}
    assert paths >= WITHOUT_TOKEN
    assert len(paths - WITHOUT_TOKEN) >= 6


def test_every_right_is_demanded_by_a_route(api: Client) -> None:
    assert set().union(*(rights_of(route.dependant) for route in all_routes(api))) == set(Right)


@pytest.mark.parametrize(("bearer", "status"), [(None, 401), ("expired", 401), ("other", 403)])
def test_nothing_is_written_without_a_token_of_that_institution(
    node: TwoInstitutionNode, api: Client, bearer: str | None, status: int
) -> None:
    headers = {} if bearer is None else node.bearer(bearer)
    for method, path in writes(api):
        if path not in WITHOUT_TOKEN and not (bearer == "other" and path == "/v1/credentials"):
            answer = api.request(method, address(node, path), content=body(node), headers=headers)
            assert answer.status_code == status, (path, answer.text)
