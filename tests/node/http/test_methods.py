"""HEAD answers where GET does, a preflight where a page may read, and no redirect repeats the Host header."""

import re

import pytest
from acredita.node.http.app import _readable_from_pages

from tests.node.http.test_write_routes import all_routes
from tests.node.http.two_institution_node import Client, TwoInstitutionNode

STRANGER = {"Host": "stranger.example"}
CHANGING = {"date", "content-length"}  # metrics count the requests themselves
READABLE = [route.path for route in _readable_from_pages() if "GET" in route.methods]


def address(node: TwoInstitutionNode, route: str) -> str:
    """Fill a route's path with existing values where one of them fits."""
    issuer, digest = node.tenant.issuer.hex(), node.digests[5].hex()
    values = {"issuer": issuer, "number": 0, "epoch": 1, "did": node.tenant.institution.did, "name": "manifest.json"}
    values |= {"contract": "issuer_registry", "subject": issuer}
    path = route.replace("{path:path}", "0/000" if "/tile/" in route else "ut").replace("{did:path}", "{did}")
    others = dict.fromkeys(re.findall(r"{(\w+)}", path), "0")  # parameters of routes to come
    named = {"digest": digest, "profile": "ut", "token": "t", "token_id": "0" * 16, "code": "SOME_CODE"}
    return path.format(**{**others, **named, **values})


def test_head_answers_where_get_does(node: TwoInstitutionNode, client: Client) -> None:
    paths = {route.path for route in all_routes(client) if "GET" in (route.methods or set())}
    assert len(paths) > 25
    statuses = set()
    for path in sorted(paths | {"/openapi.json", "/nothing-of-that-name"}):
        for headers in ({}, node.bearer("issue")):
            got = client.get(address(node, path), headers=headers)
            head = client.request("HEAD", address(node, path), headers=headers)
            assert head.status_code == got.status_code, path
            assert head.content == b""
            assert {**head.headers}.keys() == {**got.headers}.keys(), path
            different = {name for name in got.headers if head.headers[name] != got.headers[name]}
            assert different <= CHANGING, path
            statuses.add(got.status_code)
    assert {200, 401, 404} <= statuses


def test_head_is_counted_as_head(client: Client) -> None:
    client.request("HEAD", "/healthz")
    assert 'method="HEAD",route="/healthz"' in client.get("/metrics").text


def test_head_changes_nothing_where_only_post_is_known(client: Client) -> None:
    assert client.request("HEAD", "/v1/verify").status_code == 405


@pytest.mark.parametrize("path", READABLE)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_preflight_answers_where_a_page_may_read(
    node: TwoInstitutionNode, client: Client, path: str, method: str
) -> None:
    asked = {"Origin": "https://page.example", "Access-Control-Request-Method": method}
    answer = client.request("OPTIONS", address(node, path), headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert method in answer.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in answer.headers
    assert client.get(address(node, path)).headers["access-control-allow-origin"] == "*"


def test_a_page_reads_that_nothing_is_there(client: Client) -> None:
    answer = client.get("/v1/documents/" + "00" * 32, headers={"Origin": "https://page.example"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (404, "*")


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/v1/verify", "POST"),
        ("/v1/verify", "GET"),
        ("/v1/tokens", "GET"),
        ("/metrics", "GET"),
        ("/entrega/t", "GET"),
        ("/v1/issuers", "POST"),
        ("/v1/issuers", "DELETE"),
        ("/nothing", "GET"),
    ],
)
def test_no_preflight_answers_elsewhere(client: Client, path: str, method: str) -> None:
    asked = {"Origin": "https://page.example", "Access-Control-Request-Method": method}
    answer = client.request("OPTIONS", path, headers=asked)
    assert answer.status_code in (404, 405)
    assert "access-control-allow-origin" not in answer.headers


def test_no_answer_elsewhere_may_be_read_by_a_page(node: TwoInstitutionNode, client: Client) -> None:
    for route in all_routes(client):
        if "GET" in (route.methods or set()) and route.path not in READABLE:
            answer = client.get(address(node, route.path), headers={"Origin": "https://page.example"})
            assert "access-control-allow-origin" not in answer.headers, route.path


def test_no_redirect_repeats_the_host(node: TwoInstitutionNode, client: Client) -> None:
    """Ask for every address with and without a slash at its end, as a proxy passes on the Host header of a stranger."""
    redirects = 0
    for route in all_routes(client):
        for method in sorted(route.methods or set()):
            path = address(node, route.path)
            for spelling in {path, path + "/", path.rstrip("/") or "/", "/" + path, path + "//"}:
                if method == "POST" and spelling == path:
                    continue  # the route itself, which other tests call
                answer = client.request(method, spelling, headers=STRANGER)
                redirects += answer.is_redirect
                assert "stranger" not in answer.headers.get("location", ""), (method, spelling)
                assert not answer.headers.get("location", "/").startswith("//")
                assert answer.status_code != 201
    assert redirects


def test_no_answer_names_a_strangers_host(node: TwoInstitutionNode, client: Client) -> None:
    for route in all_routes(client):
        if "GET" in (route.methods or set()):
            answer = client.get(address(node, route.path), headers=STRANGER)
            assert b"stranger.example" not in answer.content, route.path
            assert not any("stranger.example" in value for value in answer.headers.values()), route.path
