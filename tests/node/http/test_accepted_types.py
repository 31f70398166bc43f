"""The media type of an answer by the Accept of its request, and status lists under the name that was asked for."""

import json

import pytest
from acredita.node.http.accepted_types import MAX_RANGES, accepted_type
from acredita.node.http.public_files import LIST_TYPES

from tests.node.http.two_institution_node import Client, TwoInstitutionNode

VC, LD, JSON = LIST_TYPES


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("", VC),
        ("*/*", VC),
        ("application/*", VC),
        ("application/vc", VC),
        ("application/json", JSON),
        ("application/ld+json", LD),
        ("application/ld+json, application/json", LD),
        ("application/json, text/plain, */*", JSON),
        ("Application/JSON; charset=utf-8", JSON),
        ("application/vc, application/json", VC),
        ("application/json;q=0.9, application/vc;q=0.5", JSON),
        ("application/json; q=0.1, */*", VC),
        ("application/vc;q=0, */*", LD),
        ('application/ld+json;profile="x";q=0.2,application/json;q=0.3', JSON),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", VC),
        ("text/turtle", VC),
        ("application/json;q=9", JSON),
        (";;;q=,,=", VC),
        ("text/html," * MAX_RANGES + "application/json", VC),
    ],
)
def test_the_type_is_the_one_that_is_preferred(header: str, chosen: str) -> None:
    assert accepted_type(header, LIST_TYPES) == chosen


def test_a_list_has_the_name_that_was_asked_for(node: TwoInstitutionNode, client: Client) -> None:
    url = json.loads(node.credential(node.digests[0]))["credentialStatus"]["statusListCredential"]
    path = url.removeprefix("https://registro.example")
    answers = [client.get(path, headers={"Accept": accept}) for accept in (VC, LD, JSON, "*/*", "text/html")]
    assert [answer.headers["content-type"] for answer in answers] == [VC, LD, JSON, VC, VC]
    assert {answer.headers["vary"] for answer in answers} == {"Accept"}
    assert len({answer.content for answer in answers}) == 1
    as_vc, as_json = answers[0].headers["etag"], answers[2].headers["etag"]
    assert client.get(path, headers={"Accept": JSON, "If-None-Match": as_json}).status_code == 304
    assert client.get(path, headers={"Accept": JSON, "If-None-Match": as_vc}).headers["content-type"] == JSON
